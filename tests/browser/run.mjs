// The pages in a real browser: Debian's Chromium, driven by playwright-core.
//
//   node tests/browser/run.mjs PORTICO_BINARY SCREENSHOT_DIRECTORY
//
// Starts a server of its own, plays what people do, takes a screenshot of each page, prints 'N passed, N failed'.
import { mkdirSync } from "node:fs";
import http from "node:http";
import path from "node:path";
import assert from "node:assert/strict";
import { play as everyPage } from "./console.mjs";
import { play as brand } from "./brand.mjs";
import { play as consolePeople } from "./console-people.mjs";
import { play as permissionSets } from "./console-sets.mjs";
import { play as consoleAccess } from "./console-access.mjs";
import { play as factors } from "./factors.mjs";
import { play as signing } from "./signing_in.mjs";
import { play as welcome } from "./welcome.mjs";
import { play as languages } from "./languages.mjs";
import { play as consoleSettings } from "./console-settings.mjs";
import { play as portal } from "./portal.mjs";
import { axe, caller, launch, signIn, start, suite } from "./rig.mjs";

const [binary, screenshots] = process.argv.slice(2);
mkdirSync(screenshots, { recursive: true });
const { base, endpoint, made, stop } = await start(binary, "tests/browser/people.yaml");
const browser = await launch();
const PASSWORD = "correct horse battery staple";
const { test, counts } = suite(browser, (page, count) => page.screenshot({ path: path.join(screenshots, `failed-${count}.png`), fullPage: true }));

// A picture of a page, about which axe-core is asked too.
async function shot(page, name) {
  await page.screenshot({ path: path.join(screenshots, `${name}.png`), fullPage: true });
  await axe(page);
}

// What the AWS CLI opens with `aws login`.
function login(client = "same-device", more = "") {
  const to = client === "same-device" ? "http://127.0.0.1:49152/oauth/callback" : endpoint + "/v1/sessions/confirmation";
  const asked = { response_type: "code", client_id: `arn:aws:signin:::devtools/${client}`, state: "s", code_challenge_method: "SHA-256", scope: "openid", redirect_uri: to, code_challenge: "a".repeat(43) };
  return `/v1/authorize?${new URLSearchParams(asked)}${more}`;
}

async function oidc(where, body) {
  const answer = await fetch(base + where, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  return answer.json();
}

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

// What a person who cannot see the page depends on, and what our own contract says of every form.
async function isAccessible(page) {
  const faults = await page.evaluate(() => {
    const found = [];
    const named = (element) => element.labels?.length || element.getAttribute("aria-label") || element.textContent.trim();
    if (!document.documentElement.lang) found.push("no language");
    if (document.querySelectorAll("h1").length !== 1) found.push("not one h1");
    if (document.querySelectorAll("main, header, footer").length !== 3) found.push("landmarks");
    for (const field of document.querySelectorAll("input:not([type=hidden]), button, a")) if (!named(field)) found.push("no name: " + field.outerHTML);
    for (const form of document.forms) {
      const submits = [...form.elements].filter((field) => field.type === "submit").length;
      // The stars of a list belong to one form; a list of nothing has none.
      if (form.id !== "mark" && submits !== 1) found.push("not one submit button: " + form.action);
      if (form.method === "post" && !form.querySelector("input[type=hidden][name=csrf]")) found.push("no CSRF token: " + form.action);
    }
    const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
    if (new Set(ids).size !== ids.length) found.push("ids twice");
    for (const element of document.querySelectorAll("[aria-describedby]")) for (const id of element.getAttribute("aria-describedby").split(" ")) if (!document.getElementById(id)) found.push("describes nothing: " + id);
    // Chromium's driver leaves empty style attributes behind.
    for (const element of document.querySelectorAll("[style]:not([style='']), style, script:not([src]), [onclick], [onload]")) found.push("inline: " + element.outerHTML);
    // What a finger meets (WCAG 2.2, 2.5.5): 44 px, but for links within a sentence. A box to tick is met by its label.
    for (const element of document.querySelectorAll("a:not(.skip), button, summary, select, input:not([type=hidden])")) {
      const target = ["checkbox", "radio"].includes(element.type) ? element.closest("label") ?? element : element;
      const box = target.getBoundingClientRect();
      if (target.getClientRects().length === 0 || (box.height >= 43.9 && box.width >= 43.9)) continue;
      const around = (element.closest("p, dd, li, h1, h2, label, span.small") ?? element).textContent.trim();
      const isWithinSentence = (element.matches("a") || element.matches("button.link")) && around !== element.textContent.trim();
      if (!isWithinSentence) found.push(`${Math.round(box.width)} by ${Math.round(box.height)} px: ${element.outerHTML.slice(0, 120)}`);
    }
    // Contrast of text (WCAG 2.2, 1.4.3).
    const light = (colour) => { const [r, g, b] = colour.match(/[\d.]+/g).slice(0, 3).map((part) => { const x = part / 255; return x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
    const behind = (element) => { for (let at = element; at; at = at.parentElement) { const colour = getComputedStyle(at).backgroundColor; if (!/, 0\)$/.test(colour) && colour !== "transparent") return colour; } return "rgb(255, 255, 255)"; };
    for (const element of document.querySelectorAll("body *")) {
      // What a closed part hides keeps the colours of the theme in which it was last seen.
      if (!element.checkVisibility()) continue;
      if (![...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())) continue;
      const [a, b] = [light(getComputedStyle(element).color), light(behind(element))].sort((x, y) => y - x);
      if ((a + 0.05) / (b + 0.05) < 4.5) found.push("faint: " + element.outerHTML.slice(0, 120));
    }
    return found;
  });
  assert.deepEqual(faults, [], page.url());
  await axe(page);
}

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

await languages({ test, base, made, oidc, login, shot, isAccessible });
await portal({ test, binary, shot, isAccessible });

const call = caller(endpoint, made);
const people = (await call("identitystore", "AWSIdentityStore.ListUsers", { IdentityStoreId: made.identityStoreId })).Users;
const user = (name) => people.find((person) => person.UserName === name).UserId;
const portico = (operation, input) => call("portico", `Portico.${operation}`, { IdentityStoreId: made.identityStoreId, ...input });
await brand({ test, base, shot, portico });
await signing({ test, base, endpoint, made, oidc, login, shot, isAccessible, portico, user });
await welcome({ test, base, endpoint, made, shot });
await consoleSettings({ test, base, endpoint, made, call, portico, user, shot, isAccessible });
await permissionSets({ test, base, endpoint, made, shot });
await factors({ test, base, shot, isAccessible, user, portico });
await consoleAccess({ test, base, call, made });
await consolePeople({ test, base, endpoint, made, shot, isAccessible });
await everyPage({ test, base, endpoint, made });

await browser.close();
stop();
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exit(counts.failed === 0 ? 0 : 1);
