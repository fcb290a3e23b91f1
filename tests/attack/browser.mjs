// Attacks on people at their browsers: Debian's Chromium, driven by playwright-core.
//
//   node tests/attack/browser.mjs PORTICO_BINARY
//
// `register.md` says what each is. Prints 'ok   NAME' or 'FAIL NAME' for each, and 'N passed, M failed'.
import http from "node:http";
import assert from "node:assert/strict";
import { caller, crawl, launch, signIn, start, suite } from "../browser/rig.mjs";

const { base, endpoint, made, stop } = await start(process.argv[2], "tests/attack/people.yaml");
const browser = await launch();
const { test, counts } = suite(browser);

// Another site, in a browser's eyes, whose pages hold what `pages` says.
const pages = new Map();
const elsewhere = http.createServer((request, response) => {
  response.setHeader("content-type", "text/html");
  response.end(pages.get(new URL(request.url, "http://x").pathname) ?? "");
});
await new Promise((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
const evil = `http://127.0.0.1:${elsewhere.address().port}`;

const call = caller(endpoint, made);

async function oidc(where, body) {
  const answer = await fetch(base + where, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  const json = await answer.json();
  assert.equal(answer.status, 200, JSON.stringify(json));
  return json;
}

// Markup that runs in any of the places that text can stand in: between tags, in an attribute of either kind of quotes, in a title, in a block.
const runs = (field) => `${field}"'><svg/onload=window.ran="${field}"></title></pre></style><img/src=x/onerror=window.ran="${field}"><script>window.ran="${field}"</script>`;
// The same without blanks, quotes or too many characters, for fields that admit little.
const short = (field) => `${field}<svg/onload=window.ran=1>`;

// Puts markup into every member that holds free text, of everything that is stored.
async function plant() {
  const instance = made.instanceArn, store = made.identityStoreId;
  const everyField = {
    UserName: `u'"><svg/onload=window.ran=1>`, DisplayName: runs("displayName"), NickName: runs("nick"), Title: runs("title"), UserType: runs("type"), ProfileUrl: `javascript:window.ran=1//${runs("url")}`,
    PreferredLanguage: short("language"), Locale: short("locale"), Timezone: short("zone"),
    Name: { GivenName: runs("given"), FamilyName: runs("family"), MiddleName: runs("middle"), Formatted: runs("formatted"), HonorificPrefix: runs("prefix"), HonorificSuffix: runs("suffix") },
    Emails: [{ Value: `"<svg/onload=window.ran=1>"@x.example`, Type: short("mail"), Primary: true }],
    PhoneNumbers: [{ Value: short("phone"), Type: short("type"), Primary: true }],
    Addresses: [{ StreetAddress: runs("street"), Locality: runs("place"), Region: runs("region"), PostalCode: short("code"), Country: short("country"), Formatted: runs("whole"), Type: short("type"), Primary: true }],
  };
  await call("identitystore", "AWSIdentityStore.CreateUser", { IdentityStoreId: store, ...everyField });
  const user = (await call("identitystore", "AWSIdentityStore.GetUserId", { IdentityStoreId: store, AlternateIdentifier: { UniqueAttribute: { AttributePath: "userName", AttributeValue: "mallory" } } })).UserId;
  const operations = Object.entries({ displayName: everyField.DisplayName, nickName: everyField.NickName, title: everyField.Title, "name.givenName": everyField.Name.GivenName, "name.familyName": everyField.Name.FamilyName });
  await call("identitystore", "AWSIdentityStore.UpdateUser", { IdentityStoreId: store, UserId: user, Operations: operations.map(([AttributePath, AttributeValue]) => ({ AttributePath, AttributeValue })) });
  const group = (await call("identitystore", "AWSIdentityStore.CreateGroup", { IdentityStoreId: store, DisplayName: runs("group"), Description: runs("groupDescription") })).GroupId;
  await call("identitystore", "AWSIdentityStore.CreateGroupMembership", { IdentityStoreId: store, GroupId: group, MemberId: { UserId: user } });
  await call("sso", "SWBExternalService.TagResource", { InstanceArn: instance, ResourceArn: instance, Tags: [{ Key: "key", Value: "a=b@c" }] });
  await call("sso", "SWBExternalService.UpdateInstance", { InstanceArn: instance, Name: "instance=+,.@-_" });
  const set = (await call("sso", "SWBExternalService.CreatePermissionSet", { InstanceArn: instance, Name: "set=+,.@-_", Description: runs("description"), RelayState: "https://example.org/?a=%3Cscript%3E" })).PermissionSet.PermissionSetArn;
  await call("sso", "SWBExternalService.CreateAccountAssignment", { InstanceArn: instance, TargetId: "333344445555", TargetType: "AWS_ACCOUNT", PermissionSetArn: set, PrincipalType: "GROUP", PrincipalId: group });
  return { user, group, set: set.split("/").pop() };
}

const planted = await plant();

// What the page holds that our templates do not.
async function nothingRan(page, what) {
  await page.waitForTimeout(60);
  const found = await page.evaluate(() => ({
    ran: window.ran,
    foreign: [...document.querySelectorAll("script:not([src]), iframe, object, embed, main img, svg[onload], main style, base, [onload], [onerror], [onfocus], [autofocus][onfocus], a[href^='javascript' i], form[action^='javascript' i]")].map((element) => element.outerHTML.slice(0, 200)),
    text: [document.body.textContent, ...[...document.querySelectorAll("input, textarea")].map((field) => field.value)].join("\n"),
    type: document.contentType,
  }));
  assert.equal(found.ran, undefined, `${what}: a script ran`);
  assert.deepEqual(found.foreign, [], what);
  return found;
}

// Without the page's policy, so that what escaping misses does run, and with it, so that it would be stopped.
for (const bypassCSP of [true, false]) {
  await test(`no stored or given text runs as a script (${bypassCSP ? "policy off" : "policy on"})`, { bypassCSP, expected: /status of (4|5)\d\d/ }, async (page) => {
    const open = async (where) => { await page.goto(base + where); return nothingRan(page, where); };
    const text = encodeURIComponent(runs("asked"));

    await open(`/signin?return_to=${text}`);
    await signIn(page, runs("typed"), "wrong");
    await nothingRan(page, "a name that is nobody's, shown again");
    assert.ok((await page.locator("#username").inputValue()).startsWith('typed"'), "the name is shown again as it was typed");
    await signIn(page, "mallory");
    await page.waitForURL(base + "/start");
    // The assignment is made a moment after it was asked for.
    await page.waitForFunction(() => document.querySelectorAll(".account").length > 0 || location.reload(), null, { polling: 250, timeout: 10_000 });
    const accounts = await nothingRan(page, "/start");
    for (const shown of ['displayName"', 'description"', "<script>", "acc\"'><svg/onload="]) assert.ok(accounts.text.includes(shown), `${shown} is shown as text`);
    const links = await page.locator('.roles a[href^="/start/keys"]').evaluateAll((all) => all.map((link) => link.getAttribute("href")));
    assert.ok(links.length >= 2);
    for (const link of links) {
      await open(link);
      await page.click('main form button[type="submit"]');
      const keys = await nothingRan(page, `the keys of ${link}`);
      assert.match(keys.text, /AWS_SESSION_TOKEN/);
    }
    await open(`/start?q=${text}`);
    await open(`/start/keys?account=${text}&role=${text}`);
    await open(`/${text}`);
    await open(`/device?user_code=${text}`);
    await page.goto(base + "/device");
    await page.evaluate(() => document.querySelector("#user_code").removeAttribute("maxlength"));
    await page.fill("#user_code", runs("typed"));
    await page.click('main button[type="submit"]');
    await nothingRan(page, "a code that is nobody's, shown again");
    await open("/start/config");
    await open(`/start/config?template=${text}&sessions=${text}`);
    assert.match(await page.evaluate(async () => (await fetch("/start/config.txt")).headers.get("content-type")), /^text\/plain/);
    await open(`/start/search?q=${text}`);

    const scopes = ["sso:account:access", "<svg/onload=window.ran=1>"];
    const redirect = "http://127.0.0.1:9/'onfocus=window.ran=1'autofocus='";
    const client = await oidc("/client/register", { clientName: runs("client"), clientType: "public", scopes, redirectUris: [redirect], grantTypes: ["authorization_code", "urn:ietf:params:oauth:grant-type:device_code"] });
    const started = await oidc("/device_authorization", { clientId: client.clientId, clientSecret: client.clientSecret, startUrl: made.startUrl });
    const consent = await open(new URL(started.verificationUriComplete).pathname + new URL(started.verificationUriComplete).search);
    assert.ok(consent.text.includes('client"') && consent.text.includes("<svg/onload=window.ran=1>"), "the client is shown as text");
    const asked = { response_type: "code", client_id: client.clientId, redirect_uri: redirect, state: runs("state"), code_challenge_method: "S256", code_challenge: "a".repeat(43) };
    const authorize = (changes) => "/authorize?" + new URLSearchParams({ ...asked, ...changes });
    await open(authorize({}));
    for (const name of Object.keys(asked)) {
      if (name === "state" || name === "client_id" || name === "redirect_uri") await open(authorize({ [name]: runs(name), ...(name === "state" ? {} : { state: "s" }) }));
    }
    // APIs, opened as pages.
    for (const where of [`/federation/credentials?role_name=${text}&account_id=${text}`, `/assignment/accounts?next_token=${text}`]) await open(where);
  });

  await test(`no stored text runs as a script in the console (${bypassCSP ? "policy off" : "policy on"})`, { bypassCSP }, async (page) => {
    await page.goto(base + "/console");
    await signIn(page, made.administrator.userName, made.administrator.password);
    await page.waitForURL(base + "/console");
    let shown = "";
    const kinds = await crawl(page, base, async (where) => { shown += (await nothingRan(page, where)).text; });
    const own = ["people/USER", "people/USER/edit", "people/USER/groups", "people/USER/sign-in", "people/USER/delete", "groups/GROUP", "groups/GROUP/edit", "groups/GROUP/delete", "permission-sets/SET", "accounts/333344445555"];
    for (const place of own) {
      const where = `/console/${place.replace("USER", planted.user).replace("GROUP", planted.group).replace("SET", planted.set)}`;
      assert.equal((await page.goto(base + where)).status(), 200, where);
      shown += (await nothingRan(page, where)).text;
    }
    assert.ok(kinds > 40, `${kinds} kinds of pages were looked at`);
    for (const text of ['displayName"', 'nick"', 'group"', 'groupDescription"', 'description"', "<script>", "acc\"'><svg/onload="]) assert.ok(shown.includes(text), `${text} is shown as text`);
  });
}

/** The text of the page's frame, whether or not it shows what it was told to. */
async function framed(page) {
  const inside = page.frames().find((frame) => frame !== page.mainFrame());
  return (await inside?.evaluate(() => document.body?.innerText ?? "").catch(() => "")) ?? "";
}

await test("no page can be shown inside another's", { expected: /frame|Refused|ERR_BLOCKED|status of/i }, async (page) => {
  await page.goto(base + "/start");
  await signIn(page);
  await page.waitForURL(base + "/start");
  pages.set("/mine", "<p>a page that may be framed");
  pages.set("/frame", `<iframe id=f src="${evil}/mine"></iframe>`);
  await page.goto(evil + "/frame", { waitUntil: "load" });
  assert.equal(await framed(page), "a page that may be framed", "the test sees what a frame shows");
  for (const where of ["/start", "/signin", "/device?user_code=BBBB-BBBB", "/start/keys?account=222233334444&role=PowerUser", "/nowhere", "/start/config"]) {
    pages.set("/frame", `<iframe id=f src="${base}${where}"></iframe>`);
    // Its "load" comes when the frame has been answered, or refused.
    await page.goto(evil + "/frame", { waitUntil: "load" });
    assert.doesNotMatch(await framed(page), /Portico|accounts|Authorize|sso-session/, where);
  }
});

await test("a form on another site signs nobody out or in, approves nothing and shows no keys", {}, async (page, context) => {
  await page.goto(base + "/start");
  await signIn(page);
  await page.waitForURL(base + "/start");
  const session = (await context.cookies()).find((cookie) => cookie.name === "portico").value;
  const client = await oidc("/client/register", { clientName: "tool", clientType: "public", scopes: ["sso:account:access"] });
  const keys = { clientId: client.clientId, clientSecret: client.clientSecret };
  const started = await oidc("/device_authorization", { ...keys, startUrl: made.startUrl });
  const forms = {
    "/signout": {}, "/start/credentials": { account: "222233334444", role: "PowerUser" }, "/device": { user_code: started.userCode, decision: "approve" },
    "/signin": { username: "mallory", password: "correct horse battery staple", return_to: "/start" },
  };
  for (const [where, fields] of Object.entries(forms)) {
    for (const csrf of [undefined, "", "x", "a".repeat(43)]) {
      const inputs = Object.entries({ ...fields, ...(csrf === undefined ? {} : { csrf }) }).map(([name, value]) => `<input name="${name}" value="${value}">`).join("");
      pages.set("/form", `<form method=post action="${base}${where}">${inputs}</form><script>document.forms[0].submit()</script>`);
      await page.goto(evil + "/form");
      await page.waitForURL(new RegExp(base.replaceAll(".", "\\.") + "/"));
      assert.doesNotMatch(await page.locator("body").innerText(), /AWS_SECRET|You are signed out|Access allowed/, where);
    }
  }
  await page.goto(base + "/start");
  assert.equal(page.url(), base + "/start", "still signed in");
  assert.equal((await context.cookies()).find((cookie) => cookie.name === "portico").value, session, "in the same session");
  const answer = await fetch(base + "/token", { method: "POST", body: JSON.stringify({ ...keys, grantType: "urn:ietf:params:oauth:grant-type:device_code", deviceCode: started.deviceCode }) });
  assert.equal((await answer.json()).error, "authorization_pending");
});

await test("scripts of another site can read no answer and send no call", { expected: /CORS|status of|ERR_FAILED/i }, async (page) => {
  await page.goto(base + "/start");
  await signIn(page);
  await page.waitForURL(base + "/start");
  pages.set("/read", "");
  await page.goto(evil + "/read");
  for (const where of ["/start", "/start/config", "/token", "/client/register", "/assignment/accounts", "/"]) {
    for (const method of ["GET", "POST"]) {
      const read = await page.evaluate(async ([url, method]) => {
        try {
          const answer = await fetch(url, { method, credentials: "include", headers: { "content-type": "application/json", "x-amz-sso_bearer_token": "x" }, ...(method === "POST" ? { body: "{}" } : {}) });
          return await answer.text();
        } catch { return null; }
      }, [base + where, method]);
      assert.equal(read, null, `${method} ${where}`);
    }
  }
});

await test("scripts cannot read the session, and nothing secret stands in an address", {}, async (page, context) => {
  const addresses = [];
  page.on("request", (request) => addresses.push(request.url() + " " + (request.headers().referer ?? "")));
  await page.goto(base + "/start/keys?account=222233334444&role=PowerUser");
  await signIn(page);
  await page.click("text=Show access keys");
  const shown = await page.locator("pre").first().innerText();
  const secrets = [...shown.matchAll(/AWS_(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)="([^"]{20,})"/g)].map((match) => match[1]);
  assert.equal(secrets.length, 3);
  assert.equal(await page.evaluate(() => document.cookie), "");
  // What a browser keeps is one word: how its person signed in the last time.
  assert.deepEqual(await page.evaluate(() => [{ ...localStorage }, { ...sessionStorage }]), [{ "portico-way": "password" }, {}]);
  for (const secret of [...secrets, ...(await context.cookies()).map((cookie) => cookie.value)]) {
    assert.ok(!addresses.some((address) => address.includes(secret) || address.includes(encodeURIComponent(secret))), "a secret in an address");
  }
});

await test("after signing out going back shows nothing", {}, async (page) => {
  await page.goto(base + "/start/keys?account=222233334444&role=PowerUser");
  await signIn(page);
  await page.click("text=Show access keys");
  await page.click("text=Sign out");
  await page.goBack().catch(() => {});
  await page.goBack().catch(() => {});
  assert.doesNotMatch(await page.locator("body").innerText(), /AWS_SECRET|payments-prod/);
});

await browser.close();
elsewhere.close();
stop();
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exit(counts.failed === 0 ? 0 : 1);
