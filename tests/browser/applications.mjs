// Applications that speak SAML, in a browser: SimpleSAMLphp (tests/peers) signs people in by Portico, with scripts and without, from its own pages and from the portal.
import assert from "node:assert/strict";
import { peer } from "../peers/peer.mjs";
import { plain, world } from "./external.mjs";

const SAML = "arn:aws:sso::aws:applicationProvider/custom-saml";

export async function play({ test, binary, shot, isAccessible }) {
  const here = await world(binary);
  const app = await peer("simplesaml-sp", {});
  const { ApplicationArn } = await here.sso("CreateApplication", { ApplicationProviderArn: SAML, Name: "Wiki", Description: "What everybody should know" });
  const portico = (operation, input = {}) => here.call("portico", `Portico.${operation}`, { ApplicationArn, ...input });
  await portico("ImportApplicationInstanceServiceProviderMetadata", { MetadataXml: await (await fetch(app.told.metadata)).text() });
  const { SamlConfiguration } = await portico("GetApplicationSamlConfiguration");
  SamlConfiguration.Subject = { Format: "TRANSIENT" };
  SamlConfiguration.AttributeMappings = [{ Name: "uid", Value: "wiki-${user:subject}" }];
  await portico("PutApplicationSamlConfiguration", { SamlConfiguration });
  const { IdentityProvider: ours } = await portico("GetApplicationSamlConfiguration");
  await app.set({ identity_provider: await (await fetch(ours.MetadataUrl)).text() });
  const jane = (await here.directory("ListUsers", {})).Users.find((user) => user.UserName === "jane").UserId;
  await here.call("sso", "SWBExternalService.CreateApplicationAssignment", { ApplicationArn, PrincipalType: "USER", PrincipalId: jane });

  const signsIn = async (page, name = "jane") => {
    await page.fill("input[name=username]", name);
    await page.fill("input[name=password]", "correct horse battery staple");
    await page.click("main button[type=submit]");
  };

  await test("who opens an application signs in here and is back in it, without another click", {}, async (page) => {
    await page.goto(app.told.sign_in);
    assert.match(await plain(page), /Wiki asks you to sign in/);
    await isAccessible(page);
    await signsIn(page);
    await page.waitForURL((url) => url.href.startsWith(app.told.base));
    assert.match(await page.locator("body").innerText(), /wiki-jane/);
  });

  await test("without scripts a button leads on", { javaScriptEnabled: false }, async (page) => {
    await page.goto(app.told.sign_in);
    await signsIn(page);
    assert.match(await plain(page), /Wiki takes you from here/);
    await page.click("main button[type=submit]");
    assert.ok(page.url().startsWith(app.told.base), page.url());
  });

  await test("the portal leads to an application, and shows what it would be told", {}, async (page) => {
    await page.goto(`${here.base}/start`);
    await signsIn(page);
    assert.match(await plain(page), /Applications\s+Wiki\s+What everybody should know/);
    await isAccessible(page);
    await shot(page, "portal-applications");
    await page.goto(ours.TestUrl);
    assert.match(await plain(page), /wiki-jane/);
    await isAccessible(page);
    await shot(page, "application-test");
  });

  await test("who is not assigned is told so and stays here", { expected: /status of 403/ }, async (page) => {
    await page.goto(app.told.sign_in);
    await signsIn(page, "newcomer");
    assert.match(await plain(page), /You may not use Wiki/);
    assert.ok(page.url().startsWith(here.base), page.url());
  });

  await app.stop();
  here.stop();
}
