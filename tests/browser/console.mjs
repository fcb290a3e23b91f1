// Every page of the console that links lead to: it can be read and worked by everybody, fits a phone, and the commands that it shows do what they say
// with the real AWS CLI.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import assert from "node:assert/strict";
import { axe, cache, crawl, root, signIn } from "./rig.mjs";

export async function play({ test, base, endpoint, made, call, portico }) {
  const home = mkdtempSync(path.join(os.tmpdir(), "portico-console-"));
  const environment = {
    PATH: `${path.join(cache, "aws-cli")}:/usr/bin:/bin`, HOME: home, AWS_ENDPOINT_URL: endpoint, AWS_REGION: made.region, AWS_PAGER: "",
    AWS_ACCESS_KEY_ID: made.accessKeyId, AWS_SECRET_ACCESS_KEY: made.secretAccessKey,
  };
  const shell = (command) => execFileSync("sh", ["-c", command], { env: environment, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  shell(`aws configure add-model --service-model 'file://${path.join(root, "api/portico.json")}'`);
  const commands = new Set();

  // One of what the parts before this one have made in worlds of their own.
  const instance = { InstanceArn: made.instanceArn };
  const { ApplicationArn } = await call("sso", "SWBExternalService.CreateApplication", { ...instance, ApplicationProviderArn: "arn:aws:sso::aws:applicationProvider/custom-saml", Name: "Wiki" });
  await portico("PutApplicationSamlConfiguration", { IdentityStoreId: undefined, ApplicationArn, SamlConfiguration: { Audience: "urn:wiki", AssertionConsumerServices: [{ Url: "https://wiki.acme.example/acs" }] } });
  const OidcJwtConfiguration = { IssuerUrl: "https://login.acme.example", ClaimAttributePath: "email", IdentityStoreAttributePath: "emails.value", JwksRetrievalOption: "OPEN_ID_DISCOVERY" };
  await call("sso", "SWBExternalService.CreateTrustedTokenIssuer", { ...instance, Name: "acme", TrustedTokenIssuerType: "OIDC_JWT", TrustedTokenIssuerConfiguration: { OidcJwtConfiguration } });
  await portico("CreateDirectory", { Configuration: { Name: "Forest", Schema: "OPENLDAP", Servers: ["ldaps://ldap.acme.example"], BindDn: "cn=portico", UserBases: ["dc=acme"] }, BindPassword: "reads" });

  await test("every page of the console is for everybody", {}, async (page) => {
    await page.goto(base + "/console");
    await signIn(page, made.administrator.userName, made.administrator.password);
    await page.waitForURL(base + "/console");
    const kinds = await crawl(page, base, async (where) => {
      await axe(page);
      for (const text of await page.locator(".commands pre").allTextContents()) commands.add(text);
      await page.setViewportSize({ width: 360, height: 740 });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(wide <= 0, `${where} is ${wide} px too wide for a phone`);
      await page.setViewportSize({ width: 1000, height: 760 });
    });
    console.log(`     ${kinds} kinds of pages, ${commands.size} commands`);
  });

  await test("the commands that the console shows are ones that the AWS CLI takes", {}, async () => {
    assert.ok(commands.size > 0);
    for (const command of commands) {
      try {
        shell(command);
      } catch (error) {
        // What a permission set has not, is not found: by the page, which asks for it, as by the CLI.
        if (!/ResourceNotFoundException/.test(error.stderr)) assert.fail(`${command}\n${error.stderr}`);
      }
    }
  });
  rmSync(home, { recursive: true, force: true });
}
