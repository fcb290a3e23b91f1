// Signing in as people meet it: why they are asked, what has ended and where they go on, a password that can be looked at, the way that worked the last
// time, and questions of programs in words for people.
import assert from "node:assert/strict";
import { authenticator } from "./factors.mjs";
import { signIn } from "./rig.mjs";

const KEYS = "/start/keys?account=222233334444&role=PowerUser";

export async function play({ test, base, endpoint, made, oidc, login, shot, isAccessible, portico, user }) {
  const program = (clientName) => oidc("/client/register", {
    clientName, clientType: "public", grantTypes: ["authorization_code", "refresh_token"], redirectUris: ["http://127.0.0.1/oauth/callback"], issuerUrl: made.startUrl, scopes: ["sso:account:access"],
  });
  const asks = ({ clientId }) => `${base}/authorize?${new URLSearchParams({
    response_type: "code", client_id: clientId, redirect_uri: "http://127.0.0.1:49152/oauth/callback", state: "s", code_challenge_method: "S256", code_challenge: "a".repeat(43), scopes: "sso:account:access",
  })}`;

  for (const [name, options] of [["wide", {}], ["phone", { viewport: { width: 360, height: 740 }, colorScheme: "dark" }]]) {
    await test(`the sign-in page says why one is there (${name})`, options, async (page) => {
      const says = async (where, what, shown) => {
        await page.goto(where);
        assert.match(page.url(), /\/signin\?/);
        assert.match(await page.locator(".lead").innerText(), what);
        await isAccessible(page);
        await shot(page, `why-${name}-${shown}`);
      };
      await says(asks(await program("botocore-client-corp")), /^The AWS CLI asks you to sign in\./, "cli");
      await says(asks(await program("<b>tool</b>")), /^A program that calls itself “<b>tool<\/b>” asks/, "program");
      await says(base + login(), /^The AWS CLI asks you to sign in\./, "aws-login");
      await says(base + "/device?user_code=BBBB-BBBB", /^A device waits for you\./, "device");
    });

    await test(`a program's question is in words for people, and no green check is on a refusal (${name})`, options, async (page) => {
      await page.goto(asks(await program("botocore-client-corp")));
      await signIn(page);
      assert.equal(await page.locator("h1").innerText(), "Allow the AWS CLI on this computer to use your access?");
      assert.doesNotMatch(await page.locator("main").innerText(), /botocore|127\.0\.0\.1|sso:account/);
      await isAccessible(page);
      await shot(page, `question-${name}`);
      await page.click("summary");
      assert.match(await page.locator("details").innerText(), /botocore-client-corp[^]*127\.0\.0\.1:49152[^]*sso:account:access/);
      await shot(page, `question-${name}-details`);
      const client = await oidc("/client/register", { clientName: "botocore-client-corp", clientType: "public", scopes: ["sso:account:access"] });
      const started = await oidc("/device_authorization", { clientId: client.clientId, clientSecret: client.clientSecret, startUrl: made.startUrl });
      await page.goto(started.verificationUriComplete);
      assert.equal(await page.locator("h1").innerText(), "Allow the AWS CLI that shows this code to use your access?");
      await shot(page, `question-${name}-device`);
      await page.click("button:text-is('Deny')");
      assert.equal(await page.locator("h1").innerText(), "Access denied");
      assert.equal(await page.locator(".sign.good").count(), 0);
      await isAccessible(page);
      await shot(page, `denied-${name}`);
      await page.goto(base + "/authorize?client_id=x&client_id=y");
      assert.match(await page.locator(".card > p").first().innerText(), /^What was asked for cannot be answered\./);
      await isAccessible(page);
      await shot(page, `technical-${name}`);
    });
  }

  await test("a session that has ended is told from a first visit, and one goes on where one was", {}, async (page) => {
    await page.goto(base + KEYS);
    assert.doesNotMatch(await page.locator("main").innerText(), /ended/, "a first visit");
    await signIn(page);
    await page.waitForURL(base + KEYS);
    await portico("BatchDeleteSession", { UserId: user("jane") });
    await page.goto(base + KEYS);
    assert.equal(await page.locator(".lead").innerText(), "Your session has ended. Sign in again, and you go on to the access keys that you asked for.");
    await isAccessible(page);
    await shot(page, "session-ended");
    await signIn(page);
    await page.waitForURL(base + KEYS);
  });

  await test("a password is looked at by a button, and sent as a password", {}, async (page) => {
    await page.goto(base + "/start");
    await page.fill("#username", "jane");
    await page.fill("#password", "correct horse battery staple");
    const button = page.locator("button.reveal");
    assert.deepEqual([await button.getAttribute("aria-pressed"), await button.getAttribute("aria-label")], ["false", "Show password"]);
    await button.click();
    assert.deepEqual([await button.getAttribute("aria-pressed"), await page.locator("#password").getAttribute("type")], ["true", "text"]);
    await isAccessible(page);
    await shot(page, "password-shown");
    await page.evaluate(() => document.querySelector("form[data-steps]").addEventListener("submit", () => { sessionStorage.setItem("sent-as", document.querySelector("#password").type); }));
    await page.locator("#password").press("Enter");
    await page.waitForURL(base + "/start");
    assert.equal(await page.evaluate(() => sessionStorage.getItem("sent-as")), "password");
  });

  await test("without scripts there is nothing to press in vain", { javaScriptEnabled: false }, async (page) => {
    await page.goto(base + "/start");
    assert.deepEqual([await page.locator(".reveal").count(), await page.locator("#password").isVisible()], [0, true]);
  });

  await test("what this browser's person signed in with the last time is offered first, and nobody else learns it", {}, async (page, context) => {
    await authenticator(context, page);
    const first = () => page.locator("main form button[type=submit]:visible").first().innerText();
    await page.goto(base + "/start");
    assert.equal(await first(), "Next");
    await signIn(page, "paula");
    await page.waitForURL(base + "/start");
    await page.goto(base + "/security/add");
    await page.click("text=Register a passkey");
    await page.waitForURL(base + "/security?done=device");
    await page.click("header button");
    await page.goto(base + "/signin");
    assert.equal(await first(), "Next");
    await page.click("text=Sign in with a passkey");
    await page.waitForURL(base + "/start");
    assert.deepEqual(await page.evaluate(() => Object.entries(localStorage)), [["portico-way", "passkey"]]);
    await page.click("header button");
    await page.goto(base + "/signin");
    assert.equal(await first(), "Sign in with a passkey");
    await page.waitForFunction(() => document.activeElement.textContent === "Sign in with a passkey");
    await isAccessible(page);
    await shot(page, "passkey-first");
    await page.keyboard.press("Enter");
    await page.waitForURL(base + "/start");
  });
}
