// What everybody meets: the sign-in page, the portal, keys, devices, programs; by keyboard, without scripts, in the dark.
import http from "node:http";
import assert from "node:assert/strict";
import { axe, signIn } from "./rig.mjs";

const PASSWORD = "correct horse battery staple";

export async function play({ test, base, endpoint, made, oidc, login, shot, isAccessible }) {
  await test("a visitor is led to the sign-in page and back", {}, async (page) => {
    await page.goto(base + "/start?q=prod");
    assert.match(page.url(), /\/signin\?return_to=/);
    await shot(page, "sign-in");
    await signIn(page);
    await page.waitForURL(base + "/start?q=prod");
    assert.equal(await page.locator(".account").count(), 1);
  });

  await test("a wrong password and an unknown person are told the same", {}, async (page) => {
    await page.goto(base + "/start");
    await signIn(page, "jane", "wrong");
    const wrong = await page.locator("[role=alert]").innerText();
    await shot(page, "wrong-password");
    await signIn(page, "nobody-of-that-name", "wrong");
    assert.equal(await page.locator("[role=alert]").innerText(), wrong);
    assert.equal(await page.locator('input[autocomplete="current-password"]').inputValue(), "");
  });

  await test("by keyboard alone", {}, async (page) => {
    await page.goto(base + "/start");
    await page.waitForFunction(() => document.activeElement.id === "username");
    await page.keyboard.type("jane");
    await page.keyboard.press("Tab");
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press("Enter");
    await page.waitForURL(base + "/start");
    await page.locator(".roles a").first().focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/start\/keys/);
  });

  await test("axe-core sees a button without a name, faint words and two landmarks of one name", {}, async (page) => {
    const spoil = (how) => page.evaluate(how);
    for (const [what, how] of [
      [/button-name/, () => document.querySelector("main").append(document.createElement("button"))],
      [/color-contrast \(dark, 360 px\)/, () => document.querySelector(".lead").style.setProperty("color", "#777777")],
      [/landmark-no-duplicate-main/, () => document.querySelector("footer").before(document.createElement("main"))],
    ]) {
      await page.goto(base + "/signin");
      await spoil(how);
      await assert.rejects(axe(page), what);
    }
  });

  for (const colorScheme of ["light", "dark"]) {
    await test(`every page can be read, heard and worked by keys (${colorScheme})`, { colorScheme }, async (page) => {
      await page.goto(base + "/signin");
      await isAccessible(page);
      await signIn(page, "jane", "wrong");
      await isAccessible(page);
      await signIn(page);
      await page.waitForURL(base + "/start");
      await isAccessible(page);
      for (const where of ["/start?q=nothing-like-it", "/device", "/device?user_code=BBBB-BBBB", "/start/keys?account=222233334444&role=PowerUser", "/start/keys?account=222233334444&role=Other", "/nowhere", "/authorize?client_id=x", login(), login("cross-device"), login("same-device", "&q=nothing-like-it"), "/v1/authorize?client_id=x"]) {
        await page.goto(base + where);
        await isAccessible(page);
        await shot(page, `${colorScheme}-${where.replace(/[^a-z]+/g, "-").slice(1, 40)}`);
      }
      await page.goto(base + "/start/keys?account=222233334444&role=PowerUser");
      for (const summary of await page.locator("summary").all()) await summary.click();
      await isAccessible(page);
      await shot(page, `${colorScheme}-profile-open`);
      await page.click("text=Show access keys");
      await isAccessible(page);
      await shot(page, `${colorScheme}-keys`);
      await page.goto(base + "/start");
      await page.keyboard.press("Tab");
      assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the content");
      await shot(page, `${colorScheme}-skip`);
    });
  }

  await test("aws login is answered by keyboard alone, after a search", {}, async (page) => {
    let answered;
    const program = http.createServer((request, response) => { answered = answered ?? request.url; response.end("done"); });
    await new Promise((ready) => program.listen(0, "127.0.0.1", ready));
    try {
      await page.goto(base + login().replace("49152", program.address().port));
      await signIn(page);
      await page.waitForURL(/\/v1\/authorize/);
      await shot(page, "aws-login");
      await page.locator("input[type=search]").focus();
      await page.keyboard.type("poweruser");
      await page.keyboard.press("Enter");
      await page.waitForURL(/q=poweruser/);
      await page.locator("input[type=radio]").first().focus();
      await page.keyboard.press("Space");
      await page.locator("button[value=approve]").focus();
      await page.keyboard.press("Enter");
      await page.waitForURL(/oauth\/callback/);
      assert.match(answered, /\?code=[^&]+&state=s&iss=/);
    } finally {
      program.close();
    }
  });

  await test("without scripts a code is shown for aws login on another machine", { javaScriptEnabled: false }, async (page) => {
    await page.goto(base + login("cross-device"));
    await signIn(page);
    assert.equal(await page.locator("input[type=radio]:checked").count(), 1, "the only role is chosen already");
    await page.click("button[value=approve]");
    const carried = Buffer.from((await page.locator("pre.carried").innerText()).trim(), "base64").toString();
    assert.match(carried, /^code=[\w-]{43}&state=s$/);
    await shot(page, "aws-login-remote");
  });

  await test("the copy button copies what the block holds", { permissions: ["clipboard-read", "clipboard-write"] }, async (page) => {
    await page.goto(base + "/start/keys?account=222233334444&role=PowerUser");
    await signIn(page);
    await page.click(".copy");
    await page.waitForSelector("text=Copied");
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.match(copied, /^(aws configure set --(sso-session|services|profile) \S+ \S+ \S+\n){12}$/);
    assert.equal(copied, await page.locator("pre").first().textContent());
  });

  await test("somebody without access is told what to do", {}, async (page) => {
    await page.goto(base + "/start");
    await signIn(page, "newcomer");
    await page.waitForURL(base + "/start");
    await isAccessible(page);
    await shot(page, "no-accounts");
    assert.match(await page.locator("main").innerText(), /Ask your administrator/);
  });

  await test("without scripts: accounts, keys, search, signing out", { javaScriptEnabled: false }, async (page) => {
    await page.goto(base + "/start");
    await signIn(page);
    await shot(page, "accounts");
    await page.fill('input[type="search"]', "nothing like it");
    await page.click("form.search button");
    assert.match(await page.locator("main").innerText(), /Nothing matches/);
    await page.goto(base + "/start/keys?account=222233334444&role=PowerUser");
    await shot(page, "profile");
    await page.click("text=Show access keys");
    await shot(page, "keys");
    assert.match(await page.locator("main").innerText(), /export AWS_ACCESS_KEY_ID="ASIA/);
    await page.click("text=Sign out");
    await shot(page, "signed-out");
    await page.goto(base + "/start");
    assert.match(page.url(), /\/signin/);
  });

  await test("on a phone, in the dark, nothing overflows", { viewport: { width: 360, height: 740 }, colorScheme: "dark" }, async (page) => {
    await page.goto(base + "/start");
    await shot(page, "phone-sign-in");
    await signIn(page);
    await shot(page, "phone-accounts");
    await page.goto(base + "/start/keys?account=222233334444&role=PowerUser");
    await shot(page, "phone-profile");
    for (const summary of await page.locator("summary").all()) await summary.click();
    await shot(page, "phone-profile-open");
    const wider = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    assert.equal(wider, false, "the page is wider than the phone");
  });

  await test("a device is authorized after its code was compared", {}, async (page) => {
    const client = await oidc("/client/register", { clientName: "<b>tool</b>", clientType: "public", scopes: ["sso:account:access"] });
    const keys = { clientId: client.clientId, clientSecret: client.clientSecret };
    const started = await oidc("/device_authorization", { ...keys, startUrl: made.startUrl });
    await page.goto(started.verificationUri);
    await signIn(page);
    await shot(page, "device");
    await page.fill('input[autocomplete="one-time-code"]', "BBBB-BBBB");
    await page.click('main button[type="submit"]');
    await shot(page, "device-wrong-code");
    await page.fill('input[autocomplete="one-time-code"]', started.userCode.toLowerCase().replace("-", " "));
    await page.click('main button[type="submit"]');
    await shot(page, "consent-device");
    assert.match(await page.locator("main").innerText(), /<b>tool<\/b>/, "a client's name is text, never markup");
    assert.ok((await page.locator("main").innerText()).includes(started.userCode));
    await page.click('button[name="decision"][value="approve"]');
    await shot(page, "device-allowed");
    const issued = await oidc("/token", { ...keys, grantType: "urn:ietf:params:oauth:grant-type:device_code", deviceCode: started.deviceCode });
    assert.ok(issued.accessToken, JSON.stringify(issued));
  });

  const callback = (host) => test(`a code reaches the program on the person's own machine at ${host}`, {}, async (page) => {
    const listener = http.createServer((request, response) => { response.end("got it"); listener.emit("code", request.url, request.headers.cookie); });
    await new Promise((resolve) => listener.listen(0, host, resolve));
    const name = host.includes(":") ? `[${host}]` : host;
    const redirect = `http://${name}:${listener.address().port}/oauth/callback`;
    const client = await oidc("/client/register", {
      clientName: "botocore-client-corp", clientType: "public", grantTypes: ["authorization_code", "refresh_token"],
      redirectUris: [`http://${name}/oauth/callback`], issuerUrl: made.startUrl, scopes: ["sso:account:access"],
    });
    const arrived = new Promise((resolve) => listener.once("code", (...got) => resolve(got)));
    const query = new URLSearchParams({ response_type: "code", client_id: client.clientId, redirect_uri: redirect, state: "s", code_challenge_method: "S256", code_challenge: "a".repeat(43), scopes: "sso:account:access" });
    await page.goto(`${endpoint}/authorize?${query}`);
    assert.ok(page.url().startsWith(base + "/signin"), page.url());
    await signIn(page);
    await shot(page, "consent-authorize");
    await isAccessible(page);
    await page.click('button[name="decision"][value="approve"]');
    const [url, cookies] = await arrived;
    assert.match(url, /^\/oauth\/callback\?code=[^&]+&state=s/);
    assert.equal(cookies, undefined, "cookies know no port: the program must not be on the host name of the pages");
    listener.close();
  });

  await test("a device that was denied gets nothing", {}, async (page) => {
    const client = await oidc("/client/register", { clientName: "tool", clientType: "public", scopes: ["sso:account:access"] });
    const keys = { clientId: client.clientId, clientSecret: client.clientSecret };
    const started = await oidc("/device_authorization", { ...keys, startUrl: made.startUrl });
    await page.goto(started.verificationUriComplete);
    await signIn(page);
    await isAccessible(page);
    await page.click("button:text-is('Deny')");
    await shot(page, "device-denied");
    await isAccessible(page);
    const refused = await oidc("/token", { ...keys, grantType: "urn:ietf:params:oauth:grant-type:device_code", deviceCode: started.deviceCode });
    assert.equal(refused.error, "access_denied");
  });

  for (const host of ["127.0.0.1", "::1"]) {
    await callback(host);
  }

  await test("stored names are text, never markup", {}, async (page) => {
    await page.goto(base + "/start");
    await signIn(page, "mallory");
    await page.waitForURL(base + "/start");
    await shot(page, "hostile-names");
    assert.equal(await page.locator("main img, main script").count(), 0);
    assert.match(await page.locator("main").innerText(), /<img src=x onerror=alert\(1\)>/);
    assert.match(await page.locator(".who").innerText(), /<script>alert\(2\)<\/script>/);
  });

  await test("pages cannot be framed, sniffed or cached", {}, async (page) => {
    const answer = await page.goto(base + "/signin");
    const headers = answer.headers();
    assert.match(headers["content-security-policy"], /frame-ancestors 'none'/);
    assert.doesNotMatch(headers["content-security-policy"], /unsafe/);
    assert.equal(headers["x-frame-options"], "DENY");
    assert.equal(headers["cache-control"], "no-store");
    assert.equal(headers["referrer-policy"], "no-referrer");
  });

  await test("a form from elsewhere changes nothing", {}, async (page, context) => {
    await page.goto(base + "/start");
    await signIn(page);
    const cookies = (await context.cookies()).map((cookie) => `${cookie.name}=${cookie.value}`).join("; ");
    const forged = await fetch(base + "/signout", { method: "POST", headers: { cookie: cookies, "content-type": "application/x-www-form-urlencoded", origin: "https://evil.example" }, body: "csrf=x" });
    assert.equal(forged.status, 403);
    await page.goto(base + "/start");
    assert.equal(page.url(), base + "/start", "still signed in");
  });
}
