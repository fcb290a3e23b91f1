// The console's overview, settings and audit trail in Chromium: by keyboard, without scripts, with too few rights, by two administrators at once; and
// what becomes of a form whose sender loses the session, the proof or the role in the middle of it.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import assert from "node:assert/strict";
import { crc32, deflateSync } from "node:zlib";
import { authenticator } from "./factors.mjs";
import { cache, root, signIn } from "./rig.mjs";

const HOSTILE = "<img src=x onerror=alert(1)>";
const PLAIN = { javaScriptEnabled: false };

export async function play({ test, base, endpoint, made, call, portico, user, shot, isAccessible }) {
  const admin = made.administrator;
  const enter = async (page, place = "/console", name = admin.userName, password = admin.password) => {
    await page.goto(base + place);
    await signIn(page, name, ...(password ? [password] : []));
    await page.waitForURL(base + place);
  };
  const sessions = async () => (await portico("GetSessionSettings", {})).SessionSettings;
  const policy = async () => (await portico("GetPasswordPolicy", {})).PasswordPolicy;
  // Chromium's form of a number is what is typed.
  const minutes = async (page, count) => {
    await page.fill("#session", String(count));
    await page.selectOption("[name=session-unit]", "minutes");
  };

  await test("the overview says what needs attention and what comes first", {}, async (page) => {
    await enter(page);
    await isAccessible(page);
    await shot(page, "console-overview");
    assert.match(await page.locator("main").innerText(), /sign in with the password alone/);
    assert.match(await page.locator("#latest").innerText(), /Latest changes/);
    await page.click("text=Open the setting");
    await page.waitForURL(base + "/console/settings/factors");
  });

  await test("settings are changed by keyboard, and the trail shows by whom and what was asked", {}, async (page) => {
    await enter(page, "/console/settings");
    await isAccessible(page);
    await shot(page, "console-settings");
    await page.locator('a[href="/console/settings/sessions"]').focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(base + "/console/settings/sessions");
    await isAccessible(page);
    await shot(page, "console-settings-sessions");
    await page.locator("#session").focus();
    await page.keyboard.press("Control+A");
    await page.keyboard.type("10");
    await page.keyboard.press("Enter");
    await page.waitForURL(base + "/console/settings?done=saved");
    assert.match(await page.locator("[role=status]").innerText(), /Saved/);
    assert.equal((await sessions()).SessionMinutes, 600);
    await page.goto(base + "/console/trail?event=PutSessionSettings");
    await isAccessible(page);
    await page.locator("tbody th a").first().focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/console\/trail\/[0-9a-f-]+$/);
    const said = await page.locator("main").innerText();
    assert.match(said, new RegExp(`${admin.userName}`));
    assert.match(said, /sessionSettings.sessionMinutes\s*600/);
    assert.match(said, /PorticoAdministrator/);
    await isAccessible(page);
    await shot(page, "console-trail-record");
  });

  await test("the command beside a form does what the form does", {}, async (page) => {
    const home = mkdtempSync(path.join(os.tmpdir(), "portico-settings-"));
    const env = {
      PATH: `${path.join(cache, "aws-cli")}:/usr/bin:/bin`, HOME: home, AWS_ENDPOINT_URL: endpoint, AWS_REGION: made.region, AWS_PAGER: "",
      AWS_ACCESS_KEY_ID: made.accessKeyId, AWS_SECRET_ACCESS_KEY: made.secretAccessKey,
    };
    const shell = (command) => execFileSync("sh", ["-c", command], { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
    shell(`aws configure add-model --service-model 'file://${path.join(root, "api/portico.json")}'`);
    await enter(page, "/console/settings/passwords");
    await page.fill("#length", "11");
    const before = await page.locator("form.card + .does pre").textContent();
    assert.match(before, /put-password-policy/);
    shell(before.replace('"MinimumLength":8', '"MinimumLength":12'));
    assert.equal((await policy()).MinimumLength, 12);
    for (const place of ["sessions", "factors", "instance", "portal"]) {
      await page.goto(`${base}/console/settings/${place}`);
      for (const command of await page.locator("form.card + .does pre").allTextContents()) shell(command);
    }
    rmSync(home, { recursive: true, force: true });
  });

  await test("everything of settings and the trail works without scripts", PLAIN, async (page) => {
    await enter(page, "/console/settings/passwords");
    await page.fill("#length", "14");
    await page.uncheck("[name=breached]");
    await page.click("main form.card button[type=submit]");
    assert.equal(page.url(), base + "/console/settings?done=saved");
    assert.deepEqual([(await policy()).MinimumLength, (await policy()).RefuseBreached], [14, false]);
    await page.goto(base + "/console/settings/instance");
    await page.fill("#name", "acme");
    await page.click("form:has(#name) button");
    assert.match(await page.locator("[role=status]").innerText(), /Saved/);
    await page.goto(base + "/console/settings/instance");
    assert.equal(await page.inputValue("#name"), "acme");
    await page.fill("#key", "Owner");
    await page.fill("#value", "Platform team");
    await page.click("form:has(#key) button");
    assert.match(await page.locator("tbody").innerText(), /Owner\s+Platform team/);
    await page.fill("#key", "bad#key");
    await page.fill("#value", HOSTILE);
    await page.click("form:has(#key) button");
    assert.ok((await page.locator("[role=alert]").innerText()).length > 10);
    assert.deepEqual([await page.inputValue("#key"), await page.inputValue("#value")], ["bad#key", HOSTILE]);
    await page.click('[aria-label="Remove Owner"]');
    await page.waitForURL(/done=saved/);
    assert.equal(await page.locator('[aria-label="Remove Owner"]').count(), 0);
    await page.goto(base + "/console/trail");
    await page.selectOption("#by", "event");
    await page.fill("#value", "UpdateInstance");
    await page.click("main form.card button[type=submit]");
    await page.waitForURL(/value=UpdateInstance/);
    assert.equal(await page.locator("tbody tr").count(), 2);
    await page.click("text=Last hour");
    await page.waitForURL(/from=2/);
    assert.equal(await page.locator("tbody tr").count(), 2);
    await page.fill("#value", "");
    await page.click("main form.card button[type=submit]");
    assert.match(await page.locator("#value-fault").innerText(), /Say which/);
    await portico("PutPasswordPolicy", { PasswordPolicy: {} });
  });

  await test("the trail is paged, and looks at one thing at a time", {}, async (page) => {
    for (let index = 0; index < 60; index++) await portico("GetSessionSettings", {});
    await enter(page, "/console/trail?by=reads");
    await page.waitForTimeout(1_200);
    await page.reload();
    assert.equal(await page.locator("tbody tr").count(), 50);
    const first = await page.locator("tbody th a").first().getAttribute("href");
    await page.click(".pages >> text=Older");
    assert.ok(await page.locator("tbody tr").count() > 10);
    assert.equal(await page.locator(`a[href="${first}"]`).count(), 0);
    await isAccessible(page);
    await page.click(".pages >> text=Newest");
    await page.fill("#value", HOSTILE);
    await page.click("main form.card button[type=submit]");
    assert.match(await page.locator("#value-fault").innerText(), /onerror/);
    assert.equal(await page.inputValue("#value"), HOSTILE);
    await isAccessible(page);
    await page.goto(base + "/console/trail?by=person&value=nobody-at-all");
    assert.match(await page.locator(".empty").innerText(), /Nothing like this/);
    await page.goto(base + "/console/trail/00000000-0000-4000-8000-000000000000");
    assert.match(await page.locator("h1").innerText(), /No such record/);
    await isAccessible(page);
  });

  const picture = () => {
    // 16 by 16 pixels of one colour, as any PNG.
    const chunk = (kind, data) => {
      const length = Buffer.alloc(4), sum = Buffer.alloc(4), named = Buffer.concat([Buffer.from(kind), data]);
      length.writeUInt32BE(data.length);
      sum.writeUInt32BE(crc32(named));
      return Buffer.concat([length, named, sum]);
    };
    const head = Buffer.from([0, 0, 0, 16, 0, 0, 0, 16, 8, 0, 0, 0, 0]);
    return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk("IHDR", head), chunk("IDAT", deflateSync(Buffer.alloc(16 * 17))), chunk("IEND", Buffer.alloc(0))]);
  };
  const brand = async () => (await portico("GetPortalSettings", {})).PortalSettings;

  await test("the portal gets a name, a colour and a picture, and keeps the picture when the rest changes", {}, async (page) => {
    await portico("PutPortalSettings", { PortalSettings: {} });
    await enter(page, "/console/settings/portal");
    await isAccessible(page);
    await page.fill("#name", "Globex");
    await page.fill("#color", "#ffff00");
    await page.click("main form.card button[type=submit]");
    await page.waitForSelector("[role=alert]");
    assert.equal(await page.inputValue("#name"), "Globex");
    await isAccessible(page);
    await page.fill("#color", "#1d5c83");
    await page.fill("#help", HOSTILE);
    await page.setInputFiles("input[type=file]", { name: "logo.png", mimeType: "image/png", buffer: picture() });
    await page.waitForFunction(() => document.getElementById("logo-data").value !== "");
    await page.click("main form.card button[type=submit]");
    await page.waitForURL(/done=saved/);
    assert.deepEqual([(await brand()).Name, (await brand()).Logo], ["Globex", picture().toString("base64")]);
    assert.match(await page.title(), /Globex/);
    assert.equal(await page.locator("main img").count(), 0);
  });

  await test("the portal's settings work without scripts", PLAIN, async (page) => {
    await enter(page, "/console/settings/portal");
    assert.equal(await page.inputValue("#help"), HOSTILE);
    await page.fill("#help", "Call 4711.");
    await page.click("main form.card button[type=submit]");
    await page.waitForURL(/done=saved/);
    assert.deepEqual([(await brand()).HelpText, (await brand()).Logo], ["Call 4711.", picture().toString("base64")]);
    await page.goto(base + "/console/settings/portal");
    await page.check("[name=logo][value=new]");
    await page.fill("#logo-data", Buffer.from("<svg/>").toString("base64"));
    await page.click("main form.card button[type=submit]");
    assert.ok((await page.locator("[role=alert]").innerText()).length > 10);
    await page.check("[name=logo][value=none]");
    await page.fill("#logo-data", "");
    await page.click("main form.card button[type=submit]");
    await page.waitForURL(/done=saved/);
    assert.equal((await brand()).Logo, undefined);
    await portico("PutPortalSettings", { PortalSettings: {} });
  });

  await test("what strangers write into the trail is text", {}, async (page) => {
    const agent = { "content-type": "application/json", "user-agent": HOSTILE };
    await fetch(endpoint + "/client/register", { method: "POST", headers: agent, body: JSON.stringify({ clientName: HOSTILE, clientType: "public" }) });
    await enter(page, "/console/trail?event=RegisterClient");
    await page.waitForTimeout(1_200);
    await page.reload();
    await page.locator("tbody th a").first().click();
    const said = await page.locator("main").innerText();
    assert.ok(said.split(HOSTILE).length > 2, said);
    assert.equal(await page.locator("main img").count(), 0);
  });

  await test("of two administrators the second is told what the first has changed", {}, async (page, context) => {
    await enter(page, "/console/settings/sessions");
    const other = await context.newPage();
    await other.goto(base + "/console/settings/sessions");
    await minutes(other, 300);
    await other.click("main form.card button[type=submit]");
    await other.waitForURL(/done=saved/);
    await minutes(page, 90);
    await page.click("main form.card button[type=submit]");
    await page.waitForSelector("text=Somebody else has changed this");
    assert.match(await page.locator(".notice.warn dl").innerText(), /^Stay signed in for\s+5 hours$/);
    assert.equal(await page.inputValue("#session"), "90");
    assert.equal((await sessions()).SessionMinutes, 300, "nothing was saved");
    await isAccessible(page);
    await shot(page, "console-overtaken");
    await page.click("main form.card button[type=submit]");
    await page.waitForURL(/done=saved/);
    assert.equal((await sessions()).SessionMinutes, 90);
  });

  await test("a policy that nobody could come in under must be forced", {}, async (page) => {
    await enter(page, "/console/settings/factors");
    await isAccessible(page);
    await shot(page, "console-settings-factors");
    assert.equal(await page.locator("[name=force]").count(), 0);
    await page.check("[name=prompt][value=ALWAYS_ON]");
    await page.check("[name=without][value=BLOCK]");
    await page.click("main form.card button[type=submit]");
    await page.waitForSelector("text=Nobody could come in");
    assert.ok(await page.isChecked("[name=without][value=BLOCK]"), "what was chosen is still there");
    assert.equal((await portico("GetMfaDeviceManagementForDirectory", {})).MfaDeviceManagement.WithoutDevice, "ALLOW");
    await isAccessible(page);
    await shot(page, "console-forced");
    await page.check("[name=force]");
    await page.click("main form.card button[type=submit]");
    await page.waitForURL(/done=saved/);
    assert.equal((await portico("GetMfaDeviceManagementForDirectory", {})).MfaDeviceManagement.WithoutDevice, "BLOCK");
    await portico("PutMfaDeviceManagementForDirectory", { MfaDeviceManagement: {}, Force: true });
  });

  for (const [how, options] of [["with scripts", {}], ["without scripts", PLAIN]]) {
    await test(`a session that ends in the middle of a form loses nothing (${how})`, options, async (page, context) => {
      await enter(page, "/console/settings/sessions");
      await minutes(page, 120);
      const { Sessions } = await portico("ListSessions", { UserId: user(admin.userName) });
      await portico("BatchDeleteSession", { SessionIds: Sessions.map((one) => one.SessionId) });
      await page.click("main form.card button[type=submit]");
      assert.match(await page.locator("h1").innerText(), /Not sent yet/);
      assert.match(await page.locator(".held").innerText(), /session\s+120\s+session-unit\s+minutes/);
      if (options !== PLAIN) {
        await isAccessible(page);
        await shot(page, "console-held-signed-out");
      }
      const [tab] = await Promise.all([context.waitForEvent("page"), page.click("text=Sign in in a new tab")]);
      await signIn(tab, admin.userName, admin.password);
      await tab.waitForURL(base + "/console");
      await page.click("main form.card button[type=submit]");
      if (/Not sent yet/.test(await page.locator("h1").innerText())) await page.click("main form.card button[type=submit]");
      assert.equal(page.url(), base + "/console/settings?done=saved");
      assert.equal((await sessions()).SessionMinutes, 120);
      await portico("PutSessionSettings", { SessionSettings: {} });
    });

    await test(`a page of an earlier session is shown again before it acts (${how})`, options, async (page, context) => {
      await enter(page, "/console/settings/sessions");
      await minutes(page, 180);
      const tab = await context.newPage();
      await tab.goto(base + "/console");
      await tab.click("header button");
      await tab.goto(base + "/console");
      await signIn(tab, admin.userName, admin.password);
      await tab.waitForURL(base + "/console");
      await page.click("main form.card button[type=submit]");
      assert.match(await page.locator(".lead").innerText(), /from before you signed in again/);
      assert.equal((await sessions()).SessionMinutes, 480);
      await page.click("main form.card button[type=submit]");
      assert.equal(page.url(), base + "/console/settings?done=saved");
      assert.equal((await sessions()).SessionMinutes, 180);
      await portico("PutSessionSettings", { SessionSettings: {} });
    });
  }

  await test("forms of another site and forms that nobody opened do nothing", {}, async (page, context) => {
    await enter(page, "/console/settings/sessions");
    const before = await sessions();
    const csrf = await page.locator("main form.card input[name=csrf]").inputValue();
    const send = (form, headers) => context.request.post(base + "/console/settings/sessions", { form, headers, maxRedirects: 0 });
    const typed = { session: "15", "session-unit": "minutes", access: "15", "access-unit": "minutes" };
    for (const [form, headers] of [
      [typed, {}],
      [{ ...typed, csrf: "x".repeat(43) }, {}],
      [{ ...typed, csrf }, { origin: "https://evil.example" }],
      [{ ...typed, csrf }, { "sec-fetch-site": "cross-site" }],
    ]) {
      const answer = await send(form, headers);
      assert.equal(answer.status(), 403, JSON.stringify(headers));
      assert.doesNotMatch(await answer.text(), /name="session" value="15"/, "a stranger's form is not offered for sending");
    }
    assert.deepEqual(await sessions(), before);
  });

  // Somebody with a role that only looks.
  const sso = (operation, input) => call("sso", `SWBExternalService.${operation}`, { InstanceArn: made.instanceArn, ...input });
  const { PermissionSet } = await sso("CreatePermissionSet", { Name: "Looker", Description: "Looks" });
  const allowed = { Effect: "Allow", Action: ["sso:Describe*", "sso:List*", "sso:Get*", "portico:Get*", "portico:List*", "identitystore:List*", "organizations:List*", "cloudtrail:LookupEvents"], Resource: "*" };
  await sso("PutInlinePolicyToPermissionSet", { PermissionSetArn: PermissionSet.PermissionSetArn, InlinePolicy: JSON.stringify({ Version: "2012-10-17", Statement: [allowed] }) });
  const grant = { TargetId: made.managementAccountId, TargetType: "AWS_ACCOUNT", PermissionSetArn: PermissionSet.PermissionSetArn, PrincipalType: "USER", PrincipalId: user("rita") };
  await sso("CreateAccountAssignment", grant);

  await test("who may only look sees everything, and is told clearly what they may not do", {}, async (page) => {
    await enter(page, "/console", "rita", null);
    assert.match(await page.locator(".role").innerText(), /Looker/);
    for (const place of ["/console/settings", "/console/trail", "/console/settings/sessions"]) {
      const answer = await page.goto(base + place);
      assert.equal(answer.status(), 200, place);
    }
    await minutes(page, 60);
    await page.click("main form.card button[type=submit]");
    await page.waitForSelector("[role=alert]");
    assert.match(await page.locator("main").innerText(), /You act as Looker/);
    await isAccessible(page);
    await shot(page, "console-refused");
    assert.equal((await sessions()).SessionMinutes, 480);
  });

  await test("who has to prove themselves first finds the form as it was", {}, async (page, context) => {
    await authenticator(context, page);
    await enter(page, "/console/settings", "rita", null);
    // Another browser of the same person, who has no device yet.
    const elsewhere = await context.browser().newContext();
    const old = await elsewhere.newPage();
    await enter(old, "/console/settings/sessions", "rita", null);
    await minutes(old, 60);
    await page.goto(base + "/security/add");
    await page.click("text=Register a passkey");
    await page.waitForURL(/done=device/);
    await old.click("main form.card button[type=submit]");
    await old.waitForSelector("h1");
    assert.match(await old.locator(".lead").innerText(), /prove first that it is you/);
    assert.match(await old.locator(".held").innerText(), /session\s+60/);
    const [tab] = await Promise.all([elsewhere.waitForEvent("page"), old.click("text=Prove that it is you in a new tab")]);
    await tab.waitForLoadState();
    assert.match(tab.url(), /\/signin\/next/, "the second factor is asked for");
    await isAccessible(old);
    await shot(old, "console-held-prove");
    await elsewhere.close();
    const { MfaDevices } = await portico("ListMfaDevicesForUser", { UserId: user("rita") });
    for (const device of MfaDevices) await portico("DeleteMfaDeviceForUser", { UserId: user("rita"), DeviceId: device.DeviceId });
  });

  await test("who loses the role in the middle of a form is told, and nothing is done", {}, async (page) => {
    await enter(page, "/console/settings/sessions", "rita", null);
    await minutes(page, 60);
    await sso("DeleteAccountAssignment", grant);
    await page.waitForTimeout(500);
    await page.click("main form.card button[type=submit]");
    await page.waitForSelector("h1");
    assert.match(await page.locator(".lead").innerText(), /no longer have a role/);
    await isAccessible(page);
    await shot(page, "console-role-lost");
    assert.equal((await sessions()).SessionMinutes, 480);
    await page.click("main form.card button[type=submit]");
    assert.match(await page.locator(".held").innerText(), /session\s+60/, "it waits for as long as there is no role");
    await sso("CreateAccountAssignment", grant);
    await page.click("main form.card button[type=submit]");
    await page.waitForSelector("text=You act as Looker");
    assert.equal(await page.inputValue("#session"), "60", "who may only look keeps what was typed too");
    assert.equal((await sessions()).SessionMinutes, 480);
  });
}
