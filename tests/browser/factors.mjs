// Second factors and passkeys in Chromium, with its virtual authenticators: built in and on USB, with and without a check of the person.
import { execFileSync } from "node:child_process";
import assert from "node:assert/strict";
import { signIn } from "./rig.mjs";

const PASSWORD = "correct horse battery staple";

// An authenticator at this page; Chromium answers for it. `verifies`: it knows who touches it.
export async function authenticator(context, page, { transport = "internal", verifies = true } = {}) {
  const devtools = await context.newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", { options: {
    protocol: "ctap2", transport, hasResidentKey: verifies, hasUserVerification: verifies, isUserVerified: verifies, automaticPresenceSimulation: true,
  } });
  return { credentials: async () => (await devtools.send("WebAuthn.getCredentials", { authenticatorId })).credentials };
}

// The code of an app that holds this secret: of oathtool's, which knows nothing of Portico.
export function appCode(secret, step = Math.floor(Date.now() / 30_000)) {
  const now = new Date(step * 30_000).toISOString().replace("T", " ").slice(0, 19) + " UTC";
  return execFileSync("oathtool", ["--totp", "--base32", `--now=${now}`, "-"], { input: secret, encoding: "utf8" }).trim();
}

// The code of the step before, at a moment from which that one is taken for a while yet.
export async function earlierCode(secret) {
  const left = 30_000 - (Date.now() % 30_000);
  if (left < 10_000) await new Promise((next) => setTimeout(next, left + 100));
  return appCode(secret, Math.floor(Date.now() / 30_000) - 1);
}

export async function play({ test, base, shot, isAccessible, portico, user }) {
  const start = async (page, name, password = PASSWORD) => {
    await page.goto(base + "/start");
    await signIn(page, name, password);
  };
  const signOut = async (page) => {
    await page.click("header button");
    await page.waitForSelector("text=You are signed out");
  };

  await test("a person registers a passkey and signs in with it alone, then beside the password", {}, async (page, context) => {
    const device = await authenticator(context, page);
    await start(page, "petra");
    await page.waitForURL(base + "/start");
    await page.goto(base + "/security");
    await isAccessible(page);
    await shot(page, "security-empty");
    await page.click("text=Register a device");
    await page.waitForURL(base + "/security/add");
    await isAccessible(page);
    await shot(page, "add-device");
    await page.fill("#passkey-name", "Laptop");
    await page.click("text=Register a passkey");
    await page.waitForURL(base + "/security?done=device");
    assert.equal(await page.locator("h2", { hasText: "Laptop" }).count(), 1);
    assert.equal((await device.credentials()).length, 1);
    await isAccessible(page);
    await shot(page, "security-with-device");
    await page.click('form[action="/security/recovery"] button');
    await page.waitForSelector("text=Your recovery codes");
    assert.match(await page.locator("figure pre").textContent(), /^([a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}\n){10}$/);
    await isAccessible(page);
    await shot(page, "recovery-codes");
    await signOut(page);
    await page.goto(base + "/start");
    await shot(page, "sign-in-with-passkey");
    await page.click("text=Sign in with a passkey");
    await page.waitForURL(base + "/start");
    await signOut(page);
    await start(page, "petra");
    await page.waitForURL(/\/signin\/next/);
    await isAccessible(page);
    await shot(page, "factor");
    await page.check("input[name=remember]");
    await page.click("text=Use a passkey or security key");
    await page.waitForURL(base + "/start");
    await signOut(page);
    await start(page, "petra");
    await page.waitForURL(base + "/start");
  });

  await test("a key on USB that does not know its person is a second factor and no first", {}, async (page, context) => {
    await authenticator(context, page, { transport: "usb", verifies: false });
    await start(page, "ursula");
    await page.waitForURL(base + "/start");
    await page.goto(base + "/security/add");
    await page.click("text=Register a passkey");
    await page.waitForURL(base + "/security?done=device");
    await signOut(page);
    await page.goto(base + "/start");
    await page.click("text=Sign in with a passkey");
    await page.waitForSelector("text=No passkey was given");
    await signIn(page, "ursula");
    await page.waitForURL(/\/signin\/next/);
    await page.click("text=Use a passkey or security key");
    await page.waitForURL(base + "/start");
    // Whose key was taken away by an administrator needs none.
    const { MfaDevices } = await portico("ListMfaDevicesForUser", { UserId: user("ursula") });
    assert.deepEqual(MfaDevices.map((one) => [one.DeviceType, one.DeviceName]), [["WEBAUTHN", "Passkey"]]);
    await portico("DeleteMfaDeviceForUser", { UserId: user("ursula"), DeviceId: MfaDevices[0].DeviceId });
    await signOut(page);
    await start(page, "ursula");
    await page.waitForURL(base + "/start");
  });

  await test("an app is registered and asked for, without scripts", { javaScriptEnabled: false }, async (page) => {
    await start(page, "tina");
    await page.goto(base + "/security/add");
    assert.equal(await page.locator(".qr svg").count(), 1);
    const secret = await page.locator(".small code").innerText();
    await page.fill("#app-code", "000000");
    await page.click("text=Register the app");
    assert.match(await page.locator("[role=alert]").innerText(), /not right/);
    assert.equal(await page.locator(".small code").innerText(), secret, "the same secret is shown again");
    await page.fill("#app-code", await earlierCode(secret));
    await page.click("text=Register the app");
    assert.match(page.url(), /\/security\?done=device/);
    await page.click("header button");
    await start(page, "tina");
    assert.match(page.url(), /\/signin\/next/);
    await shot(page, "factor-app");
    await page.fill('input[autocomplete="one-time-code"]', "111111");
    await page.click("text=Continue");
    assert.match(await page.locator("[role=alert]").innerText(), /not right/);
    await page.fill('input[autocomplete="one-time-code"]', appCode(secret));
    await page.click('form:has(#totp) button');
    assert.equal(page.url(), base + "/start");
  });

  await test("a one-time password leads to a password of one's own", {}, async (page) => {
    const made = await portico("UpdatePassword", { UserId: user("newcomer") });
    await start(page, "newcomer", made.OneTimePassword);
    await page.waitForURL(/\/signin\/next/);
    await isAccessible(page);
    await shot(page, "new-password");
    await page.fill("#new-password", "short");
    await page.fill("#repeated", "short");
    await page.click("text=Continue");
    assert.match(await page.locator("[role=alert]").innerText(), /8 to 64 characters/);
    await page.fill("#new-password", PASSWORD + " of mine");
    await page.fill("#repeated", PASSWORD + " of mine");
    await page.click("text=Continue");
    await page.waitForURL(base + "/start");
    await page.goto(base + "/security");
    await page.fill("#old-password", PASSWORD + " of mine");
    await page.fill("#new-password", PASSWORD + " of hers");
    await page.fill("#repeated", PASSWORD + " of hers");
    await page.click("text=Change the password");
    await page.waitForURL(base + "/security?done=password");
    await shot(page, "password-changed");
  });

  await test("who must register a device does so as they sign in", { colorScheme: "dark", viewport: { width: 390, height: 800 } }, async (page, context) => {
    await portico("PutMfaDeviceManagementForDirectory", { MfaDeviceManagement: { WithoutDevice: "REGISTER" } });
    try {
      await authenticator(context, page);
      await start(page, "mallory");
      await page.waitForURL(/\/signin\/next/);
      await isAccessible(page);
      await shot(page, "must-register");
      await page.click("text=Register a passkey");
      await page.waitForURL(base + "/start");
    } finally {
      await portico("PutMfaDeviceManagementForDirectory", { MfaDeviceManagement: {} });
    }
  });
}
