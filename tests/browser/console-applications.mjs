// The console's rooms of applications and directories: an administrator lets people into SimpleSAMLphp, gives a program what it needs for OpenID Connect, and
// reads OpenLDAP. Everything that is typed here is what an administrator would type.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import assert from "node:assert/strict";
import { peer } from "../peers/peer.mjs";
import { plain, world } from "./external.mjs";
import { root, signIn } from "./rig.mjs";

const ROOM = "/console/applications";
const PHONE = { width: 360, height: 740 };

export async function play({ test, binary, shot, isAccessible }) {
  const here = await world(binary);
  const { base, made } = here;
  const enter = async (page, where) => {
    await page.goto(base + where);
    await signIn(page, made.administrator.userName, made.administrator.password);
    await page.waitForURL(base + where);
  };
  // It can be read and worked by everybody, also on a phone.
  const looks = async (page, name) => {
    await isAccessible(page);
    await shot(page, name);
    const size = page.viewportSize();
    await page.setViewportSize(PHONE);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth), `${page.url()} is too wide for a phone`);
    await page.setViewportSize(size);
  };
  const tab = (page, name) => page.locator("nav.tabs").getByRole("link", { name, exact: true }).click();
  const press = (page, name) => page.locator("main").getByRole("button", { name, exact: true }).click();
  const value = (page, id) => page.locator(`pre[aria-labelledby=${id}]`).innerText();

  await test("an administrator lets people into an application that speaks SAML", {}, async (page, context) => {
    const app = await peer("simplesaml-sp", {});
    await enter(page, ROOM);
    assert.match(await plain(page), /There is no application yet/);
    await page.getByRole("link", { name: "Add an application" }).click();
    await page.fill("main [type=search]", "saml 2.0 application");
    await press(page, "Search");
    await looks(page, "applications-catalog");
    await page.locator(".apps a").first().click();
    await page.fill("[name=name]", "Wiki");
    await page.fill("[name=description]", "What everybody should know");
    await press(page, "Add");
    await page.waitForURL(/\/settings/);
    await page.fill("[name=metadata]", "<nothing/>");
    await press(page, "Take over");
    assert.match(await plain(page), /MetadataXml is not metadata of a SAML 2\.0 service provider/);
    assert.equal((await page.inputValue("[name=metadata]")).trim(), "<nothing/>", "what was typed stays");
    await page.fill("[name=metadata]", await (await fetch(app.told.metadata)).text());
    await press(page, "Take over");
    await page.waitForURL(/done=saved/);
    assert.ok((await page.inputValue("[name=consumers]")).startsWith(app.told.base), "its own address");
    await page.selectOption("[name=subject_format]", "TRANSIENT");
    await page.fill("[name=subject_value]", "");
    await page.fill("[name=attributes]", "uid = wiki-${user:nobody}");
    await press(page, "Save");
    assert.match(await page.locator("#attributes-fault").innerText(), /user:nobody/);
    await page.fill("[name=attributes]", "uid = wiki-${user:subject}");
    await looks(page, "applications-saml-settings");
    await press(page, "Save");
    await page.waitForURL(/done=saved/);
    await looks(page, "applications-saml");
    const ours = await (await fetch(await value(page, "told-metadata"))).text();
    await app.set({ identity_provider: ours });

    await tab(page, "Who may use it");
    await page.fill("main [type=search]", "jane");
    await press(page, "Search");
    await press(page, "Assign it to Jane Doe");
    await page.waitForURL(/done=saved/);
    await looks(page, "applications-assignments");
    const visitor = await (await context.browser().newContext()).newPage();
    await visitor.goto(app.told.sign_in);
    await signIn(visitor);
    await visitor.waitForURL((url) => url.href.startsWith(app.told.base));
    assert.match(await visitor.locator("body").innerText(), /wiki-jane/);

    // The next certificate is made ahead, and signs when it is told to.
    await tab(page, "Certificates");
    await press(page, "Make another certificate");
    await page.waitForURL(/done=created/);
    assert.equal(await page.locator("tbody tr").count(), 2);
    await looks(page, "applications-certificates");
    const next = (await page.locator("tbody tr").nth(1).locator("code").innerText()).replace("…", "");
    await press(page, `Let it sign: the certificate ${next}…`);
    await page.waitForURL(/done=saved/);
    assert.match(await page.locator("tbody tr").first().innerText(), new RegExp(`${next}.*signs`));
    assert.equal(await page.getByRole("button", { name: `Delete the certificate ${next}` }).count(), 0, "the one that signs stays");

    // Disabled, nobody comes in; deleted, it asks for its name first.
    await tab(page, "Overview");
    await press(page, "Disable");
    await page.waitForURL(/done=saved/);
    await visitor.context().clearCookies();
    await visitor.goto(app.told.sign_in);
    assert.ok(visitor.url().startsWith(base), visitor.url());
    assert.equal(await visitor.locator("input[autocomplete=username]").count(), 0, "nobody is even asked who they are");
    await page.getByRole("link", { name: "Delete", exact: true }).click();
    assert.match(await plain(page), /One person or group is assigned to it/);
    await page.fill("[name=confirmed]", "wiki");
    await press(page, "Delete for good");
    assert.match(await plain(page), /This is not Wiki/);
    await looks(page, "applications-delete");
    await page.fill("[name=confirmed]", "Wiki");
    await press(page, "Delete for good");
    await page.waitForURL(`${base}${ROOM}?done=deleted`);
    assert.doesNotMatch(await plain(page), /Wiki/);
    await visitor.context().close();
    await app.stop();
  });

  await test("an application of the catalog gets a secret, which is shown once, and an issuer is trusted", { javaScriptEnabled: false }, async (page) => {
    await enter(page, `${ROOM}/new?q=grafana`);
    await page.locator(".apps a").first().click();
    await page.fill("[name=v-host]", "grafana.acme.example/evil");
    await press(page, "Add");
    assert.match(await page.locator("#v-host-fault").innerText(), /host is not the name of a host/);
    await page.fill("[name=v-host]", "grafana.acme.example");
    await press(page, "Add");
    assert.match(await plain(page), /This is what the catalog knows/);
    assert.equal((await page.inputValue("[name=redirect_uris]")).trim(), "https://grafana.acme.example/login/generic_oauth");
    await press(page, "Save");
    await page.waitForURL(/done=saved/);
    const discovered = await (await fetch(await value(page, "told-discovery"))).json();
    assert.equal(discovered.issuer, await value(page, "told-issuer"));
    await tab(page, "Secrets");
    await page.fill("[name=secret_name]", "first");
    await press(page, "Make a secret");
    const secret = await page.locator(".once pre").innerText();
    const token = { method: "POST", headers: { authorization: `Basic ${btoa(`${encodeURIComponent(await client(page))}:${secret}`)}` }, body: new URLSearchParams({ grant_type: "authorization_code", code: "x", redirect_uri: "https://grafana.acme.example/login/generic_oauth" }) };
    assert.equal((await (await fetch(discovered.token_endpoint, token)).json()).error, "invalid_grant", "the secret is right, the code is not");
    await tab(page, "Secrets");
    assert.equal(await page.locator(".once").count(), 0, "shown once");
    await page.getByRole("link", { name: "Delete the secret first?" }).click();
    await page.fill("[name=confirmed]", "first");
    await press(page, "Delete for good");
    await page.waitForURL(/done=deleted/);
    assert.equal((await (await fetch(discovered.token_endpoint, token)).json()).error, "invalid_client");

    await page.goto(`${base}/console/token-issuers/new`);
    await page.fill("[name=name]", "acme");
    await page.fill("[name=url]", "https://login.acme.example/.well-known/openid-configuration");
    await press(page, "Trust it");
    assert.match(await page.locator("#url-fault").innerText(), /well-known/);
    await page.fill("[name=url]", "https://login.acme.example");
    await press(page, "Trust it");
    await page.waitForURL(/done=created/);
    await page.getByRole("link", { name: "acme", exact: true }).click();
    await page.selectOption("[name=attribute]", "userName");
    await press(page, "Save");
    await page.waitForURL(/done=saved/);
    assert.equal(await page.inputValue("[name=attribute]"), "userName");
  });
  // What the overview of the application says that it is called.
  async function client(page) {
    await tab(page, "Overview");
    return value(page, "told-client");
  }

  await test("an administrator reads OpenLDAP: tried, looked at in a dry run, let begin, taken away", {}, async (page) => {
    const scratch = mkdtempSync(path.join(os.tmpdir(), "portico-slapd-"));
    const printed = execFileSync(path.join(root, "scripts/slapd-scratch"), [scratch, "--owner", String(process.pid), "--people", "6", "--groups", "2"], { encoding: "utf8", timeout: 60_000 });
    const slapd = Object.fromEntries(printed.trim().split("\n").map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
    try {
      await enter(page, "/console/identity-providers");
      await page.getByRole("link", { name: "Connect a directory" }).click();
      await page.fill("[name=name]", "Forest");
      await page.selectOption("[name=schema]", "OPENLDAP");
      await page.fill("[name=servers]", slapd.LDAPS);
      await page.fill("[name=ca_certificates]", readFileSync(slapd.AUTHORITY, "utf8"));
      await page.fill("[name=bind_dn]", slapd.ACCOUNT);
      await page.fill("[name=password_bind]", "wrong");
      await page.fill("[name=user_bases]", `ou=people,${slapd.BASE}`);
      await page.fill("[name=group_bases]", `ou=groups,${slapd.BASE}`);
      await press(page, "Connect");
      await page.waitForURL(/directories\/[0-9a-f-]{36}/);
      const place = new URL(page.url()).pathname;
      await press(page, "Try the connection");
      assert.match(await plain(page), /It cannot be read as it is/);
      assert.match(await page.locator("tr:has-text('Sign in as the account')").innerText(), /failed/);
      await looks(page, "directories-trial");
      await page.getByRole("link", { name: "Edit", exact: true }).click();
      assert.equal(await page.inputValue("[name=servers]"), slapd.LDAPS);
      await page.fill("[name=password_bind]", "reads");
      await looks(page, "directories-edit");
      await press(page, "Save");
      await page.waitForURL(/done=saved/);
      await press(page, "Try the connection");
      assert.match(await plain(page), /It can be read/);

      await page.goto(base + place);
      await press(page, "Dry run");
      await page.waitForURL(/\/runs\//);
      // The page follows the run: its list grows before the run is over.
      await page.waitForSelector("#live:not([data-poll])", { timeout: 60_000 });
      await page.waitForSelector("#changes");
      assert.match(await plain(page), /Nothing was changed/);
      assert.match(await page.locator("main").innerText(), /u1[^]*created/);
      await looks(page, "directories-run");
      assert.ok(!(await here.users()).includes("u1"), "nobody has come of it");
      await page.goto(base + place);
      await press(page, "Let it begin");
      await page.waitForURL(/done=saved/);
      // The row of that run alone says when it is over: the dry run's, below it, is done already, and before the run begins there is none. A page of before
      // shows what was there before.
      const full = page.locator("#runs ~ .list tr", { hasText: "Full run" });
      for (let tries = 0; !/Done/.test((await full.allInnerTexts()).at(-1) ?? ""); tries++) {
        assert.ok(tries < 300, "the first run does not end");
        await page.waitForTimeout(200);
        await page.goto(base + place);
      }
      await page.goto(base + place);
      assert.ok((await here.users()).includes("u6"), "everybody has come");
      await looks(page, "directories-directory");
      await page.getByRole("link", { name: /6 people/ }).click();
      await page.getByRole("link", { name: "u1", exact: true }).click();
      assert.match(await plain(page), /Forest owns this entry/);
      await page.getByRole("link", { name: "To Forest" }).click();
      await page.waitForURL(base + place);
      await press(page, "Pause");
      await page.waitForURL(/done=saved/);
      await page.getByRole("link", { name: "Delete", exact: true }).click();
      assert.match(await plain(page), /6 people and 3 groups stay/);
      await page.fill("[name=confirmed]", "Forest");
      await press(page, "Delete for good");
      await page.waitForURL(/done=deleted/);
      assert.ok((await here.users()).includes("u1"), "whom it brought stays");
    } finally {
      process.kill(Number(slapd.PID));
      rmSync(scratch, { recursive: true, force: true });
    }
  });

  here.stop();
}
