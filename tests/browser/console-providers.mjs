// The console's room of identity providers: an administrator connects SimpleSAMLphp, sees what would come of it before anybody meets it, lets people in,
// and takes it away.
import assert from "node:assert/strict";
import { peer } from "../peers/peer.mjs";
import { COST_CENTER, atSimpleSaml, attributes, plain, world } from "./external.mjs";
import { signIn } from "./rig.mjs";

const ROOM = "/console/identity-providers";

export async function play({ test, binary, shot, isAccessible }) {
  const here = await world(binary);
  const { base, made } = here;
  const dev = await here.group("developers");
  const saml = await peer("simplesaml", { people: [{ name: "nora", password: "right", attributes: attributes("nora", { groups: ["dev"], [COST_CENTER]: ["4711"] }) }] });
  const enter = async (page, where = ROOM) => {
    await page.goto(base + where);
    await signIn(page, made.administrator.userName, made.administrator.password);
    await page.waitForURL(base + where);
  };
  // A phone shows all of it.
  const fits = async (page) => {
    await page.setViewportSize({ width: 360, height: 740 });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth), `${page.url()} is too wide for a phone`);
    await shot(page, `phone-${new URL(page.url()).pathname.split("/")[1]}`);
    await page.setViewportSize({ width: 1000, height: 760 });
  };
  let room;

  await test("an administrator connects SimpleSAMLphp, and tries it before anybody meets it", {}, async (page) => {
    await enter(page);
    assert.match(await plain(page), /No identity provider is connected yet/);
    await isAccessible(page);
    await page.click("text=Connect by SAML");
    await isAccessible(page);
    await shot(page, "providers-new");
    await page.fill("[name=name]", "Acme Directory");
    await page.fill("[name=metadata_url]", saml.told.metadata);
    await page.check("[name=sign_requests]");
    await page.check("[name=create]");
    await page.fill("[name=attributes]", "displayName = displayName");
    await page.fill("[name=groups_from]", "groups");
    await page.fill("[name=groups]", `dev = ${dev}`);
    // Forgotten: whom it speaks for.
    await page.click("button:text-is('Connect')");
    assert.match(await plain(page), /Domains must name the domains/);
    assert.equal(await page.inputValue("[name=groups]"), `dev = ${dev}`, "what was typed stays");
    await isAccessible(page);
    await page.fill("[name=domains]", "acme.example");
    await page.click("button:text-is('Connect')");
    await page.waitForURL(/identity-providers\/[0-9a-f-]{39}/);
    room = new URL(page.url()).pathname;
    await isAccessible(page);
    await shot(page, "providers-provider");
    await fits(page);

    await saml.set({ service_providers: [{ metadata: await (await fetch(`${base}/platform/saml/metadata/${room.split("/").pop()}`)).text() }] });
    await page.click("form[action$='/try'] button");
    await page.waitForURL((url) => url.href.startsWith(saml.told.base));
    await atSimpleSaml(page, "nora");
    await page.waitForURL((url) => url.href.startsWith(base));
    const said = await plain(page);
    for (const what of [/would create nora@acme\.example/, /4711/, /CostCenter/, /nora Äcme/]) assert.match(said, what);
    await isAccessible(page);
    await shot(page, "providers-trial");
    await fits(page);
    assert.ok(!(await here.users()).includes("nora@acme.example"), "nothing was changed");
    await page.click("text=Back to the console");
    await page.waitForURL(base + room);
    assert.match(await plain(page), /Acme Directory/, "and the administrator is who they were");
  });

  await test("a trial that would be refused says why, to the administrator who tries", {}, async (page) => {
    await enter(page, room);
    await saml.set({ signs_with: 2 });
    await page.click("form[action$='/try'] button");
    await atSimpleSaml(page, "nora");
    await page.waitForURL((url) => url.href.startsWith(base));
    assert.match(await plain(page), /would be refused[^]*no known key made it/);
    await isAccessible(page);
    await shot(page, "providers-trial-refused");
    await saml.set({ signs_with: 1 });
  });

  await test("enabled it is offered, edited it is as it was, and taken away it lets nobody in", {}, async (page, context) => {
    await enter(page, room);
    await page.click("button:text-is('Enable')");
    await page.waitForSelector("button:text-is('Disable')");
    const visitor = await (await context.browser().newContext()).newPage();
    await visitor.goto(base + "/start");
    await visitor.click("text=Sign in with Acme Directory");
    await atSimpleSaml(visitor, "nora");
    await visitor.waitForURL(base + "/start");
    assert.deepEqual(await here.members(dev), ["nora@acme.example"]);
    await page.goto(`${base}${room}/edit`);
    await isAccessible(page);
    await shot(page, "providers-edit");
    assert.deepEqual([await page.inputValue("[name=domains]"), await page.inputValue("[name=groups]"), await page.isChecked("[name=sign_requests]")], ["acme.example", `dev = ${dev}`, true]);
    await page.fill("[name=name]", "Acme & Söhne");
    await page.locator("main form button[type=submit]").last().click();
    await page.waitForURL(new RegExp(room));
    assert.equal(await page.locator("h1").innerText(), "Acme & Söhne");
    await visitor.context().clearCookies();
    await visitor.goto(base + "/start");
    await visitor.click("text=Sign in with Acme & Söhne");
    await visitor.waitForURL((url) => url.href.startsWith(saml.told.base));
    await page.goto(`${base}${ROOM}`);
    await isAccessible(page);
    await shot(page, "providers-list");
    await page.goto(`${base}${room}/delete`);
    await isAccessible(page);
    await shot(page, "providers-delete");
    await page.fill("main form input:not([type=hidden])", "Acme & Söhne");
    await page.locator("main form button.bad").click();
    await page.waitForURL((url) => url.pathname === ROOM);
    await visitor.goto(base + "/start");
    assert.doesNotMatch(await plain(visitor), /Acme/);
    assert.ok((await here.users()).includes("nora@acme.example"), "whoever came by it stays");
    await visitor.context().close();
  });

  await saml.stop();
  here.stop();
}
