// The pages in a browser whose person reads German, on a phone: every page that people meet, what the script says, what is wrong.
import assert from "node:assert/strict";
import { appCode, earlierCode } from "./factors.mjs";
import { signIn } from "./rig.mjs";

const GERMAN = { locale: "de-DE" };
const PHONE = { ...GERMAN, viewport: { width: 360, height: 740 } };
const KEYS = "/start/keys?account=222233334444&role=PowerUser";

export async function play({ test, base, made, oidc, login, shot, isAccessible }) {
  // The page is in German, and whatever it holds is within the screen.
  const isGerman = async (page, heading, name) => {
    assert.equal(await page.evaluate(() => document.documentElement.lang), "de", page.url());
    assert.equal(await page.locator("h1").innerText(), heading);
    assert.equal(await page.locator("footer").innerText(), "AWS access portal, bereitgestellt von Portico");
    await isAccessible(page);
    const wide = await page.evaluate(() => {
      const width = document.documentElement.clientWidth;
      const scrolls = (element) => element && (getComputedStyle(element).overflowX !== "visible" || scrolls(element.parentElement));
      return [...document.querySelectorAll("body *")].filter((element) => !scrolls(element) && element.getClientRects().length > 0 && element.getBoundingClientRect().right > width + 1).map((element) => element.outerHTML.slice(0, 120));
    });
    assert.deepEqual(wide, [], "wider than the screen");
    await shot(page, `german-${name}`);
  };

  for (const [size, options] of [["wide", GERMAN], ["phone", PHONE]]) {
    await test(`every page is in German for who reads German (${size})`, options, async (page) => {
      const open = async (where, heading, name) => { await page.goto(base + where); await isGerman(page, heading, `${size}-${name}`); };
      await open("/signin", "Anmelden", "sign-in");
      await signIn(page, "jane", "wrong");
      assert.equal(await page.locator("[role=alert]").innerText(), "Benutzername oder Passwort ist falsch.");
      await isGerman(page, "Anmelden", `${size}-wrong-password`);
      await signIn(page);
      await page.waitForURL(base + "/start");
      await isGerman(page, "Ihre Konten", `${size}-accounts`);
      assert.match(await page.locator(".lead").innerText(), /^1 Konto\. Öffnen Sie es/);
      await open("/start?q=nothing-like-it", "Ihre Konten", "nothing-found");
      await open(KEYS, "PowerUser in payments-prod", "profile");
      for (const summary of await page.locator("summary").all()) await summary.click();
      await isGerman(page, "PowerUser in payments-prod", `${size}-profile-open`);
      assert.equal(await page.locator(".copy").first().innerText(), "Kopieren");
      await page.locator(".copy").first().click();
      await page.waitForFunction(() => ["Kopiert", "Ausgewählt"].includes(document.querySelector(".copy").textContent));
      await page.click("text=Zugriffsschlüssel zeigen");
      assert.match(await page.locator("[data-until]").innerText(), /^in (1 Stunde|59 Minuten)$/);
      await isGerman(page, "PowerUser in payments-prod", `${size}-keys`);
      await open(KEYS.replace("PowerUser", "Other"), "Kein Zugriff", "no-access");
      await open("/start", "Ihre Konten", "used-lately");
      assert.match(await page.locator("main").innerText(), /Zuletzt verwendet/);
      await open("/start/config", "Ihre AWS-Konfigurationsdatei", "config");
      await open("/start/config?template=x%20y", "Ihre AWS-Konfigurationsdatei", "config-refused");
      await open("/security", "Anmeldung und Geräte", "security");
      assert.match(await page.locator("main").innerText(), /Chrome auf Linux Dieser Browser/);
      await open("/security/add", "Gerät registrieren", "add-device");
      await open("/nowhere", "Diese Seite gibt es nicht", "nowhere");
      await open("/authorize?client_id=x", "Das hat nicht geklappt", "unknown-program");
      await open(login(), "Die AWS CLI auf diesem Computer anmelden?", "aws-login");
      await open(login("cross-device"), "Die AWS CLI auf einem anderen Computer anmelden?", "aws-login-remote");
      await page.click("button[value=approve]");
      await isGerman(page, "Noch ein Schritt in Ihrem Terminal", `${size}-aws-login-code`);
      await page.click("text=Abmelden");
      await isGerman(page, "Sie sind abgemeldet", `${size}-signed-out`);
    });
  }

  await test("a device is authorized in German, whatever the program calls itself", PHONE, async (page) => {
    const client = await oidc("/client/register", { clientName: "<b>tool</b>", clientType: "public", scopes: ["sso:account:access"] });
    const started = await oidc("/device_authorization", { clientId: client.clientId, clientSecret: client.clientSecret, startUrl: made.startUrl });
    await page.goto(started.verificationUri);
    await signIn(page);
    await isGerman(page, "Gerät autorisieren", "device");
    await page.fill("#user_code", "BBBB-BBBB");
    await page.click('main button[type="submit"]');
    assert.match(await page.locator("[role=alert]").innerText(), /^Dieser Code ist nicht bekannt/);
    await page.fill("#user_code", started.userCode);
    await page.click('main button[type="submit"]');
    await isGerman(page, "<b>tool</b> erlauben, Ihren Zugriff zu verwenden?", "consent");
    await page.click('button[value="deny"], input[value="deny"] + button');
    await isGerman(page, "Zugriff abgelehnt", "denied");
  });

  await test("a second factor is registered and asked for in German", PHONE, async (page) => {
    await page.goto(base + "/start");
    await signIn(page, "hanna");
    await page.waitForURL(base + "/start");
    await page.goto(base + "/security/add");
    const secret = await page.locator(".small code").innerText();
    await page.fill("#app-code", "000000");
    await page.click("text=App registrieren");
    assert.equal(await page.locator("[role=alert]").innerText(), "Dieser Code stimmt nicht. Geht die Uhr des Geräts richtig?");
    await page.fill("#app-code", await earlierCode(secret));
    await page.click("text=App registrieren");
    await isGerman(page, "Anmeldung und Geräte", "device-added");
    assert.match(await page.locator("h2", { hasText: "Authenticator-App" }).innerText(), /^Authenticator-App$/);
    await page.click('form[action="/security/recovery"] button');
    await isGerman(page, "Anmeldung und Geräte", "recovery-codes");
    await page.fill("#old-password", "correct horse battery staple");
    await page.fill("#new-password", "short");
    await page.fill("#repeated", "short");
    await page.click("text=Passwort ändern");
    assert.match(await page.locator(".notice.bad").innerText(), /^Das Passwort muss 8 bis 64 Zeichen haben, nicht 5\.$/);
    await page.click("header button");
    await page.goto(base + "/start");
    await signIn(page, "hanna");
    await isGerman(page, "Noch ein Schritt", "factor");
    await page.fill("#totp", "111111");
    await page.click("form:has(#totp) button");
    assert.equal(await page.locator("[role=alert]").innerText(), "Dieser Code stimmt nicht, oder er wurde schon verwendet.");
    await page.fill("#totp", appCode(secret));
    await page.click("form:has(#totp) button");
    assert.equal(page.url(), base + "/start");
  });
}
