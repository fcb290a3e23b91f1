// What the tests in Chromium share: a server of their own, the browser, one line for each test. Knows nothing of what a test shows.
import { spawn, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import net from "node:net";
import { createHash, createHmac } from "node:crypto";
import os from "node:os";
import path from "node:path";
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

export const cache = process.env.PORTICO_CACHE ?? path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), ".cache"), "portico-tests");
const { chromium } = await import(path.join(cache, "browser/node_modules/playwright-core/index.mjs"));
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

// A fresh instance, seeded, on a free port; `publicHost` is what others are told that it is reached at.
export async function start(binary, seed, { publicHost = "127.0.0.1", flags = [] } = {}) {
  const home = mkdtempSync(path.join(os.tmpdir(), "portico-browser-"));
  const port = await new Promise((resolve) => {
    const probe = net.createServer().listen(0, "127.0.0.1", () => { const { port } = probe.address(); probe.close(() => resolve(port)); });
  });
  // Pages are on the name, programs call the address: cookies know no port.
  const endpoint = `http://127.0.0.1:${port}`, base = `http://localhost:${port}`;
  const data = path.join(home, "data");
  const made = JSON.parse(execFileSync(binary, ["init", "--data-dir", data, "--seed", path.resolve(root, seed), "--public-url", `http://${publicHost}:${port}`, "--output", "json"]));
  const server = spawn(binary, ["serve", "--data-dir", data, "--listen", `127.0.0.1:${port}`, ...flags], { stdio: "ignore" });
  for (let tries = 0; ; tries++) {
    if (await fetch(endpoint + "/readyz").then((answer) => answer.ok, () => false)) break;
    assert.ok(tries < 200, "the server did not start");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const stop = () => { server.kill("SIGKILL"); rmSync(home, { recursive: true, force: true }); };
  return { base, endpoint, made, data, stop };
}

// Calls of the JSON services, signed with the root key (Signature Version 4).
export function caller(endpoint, made) {
  const hmac = (key, text) => createHmac("sha256", key).update(text).digest();
  const hash = (text) => createHash("sha256").update(text).digest("hex");
  return async (service, target, input) => {
    const body = JSON.stringify(input), time = new Date().toISOString().replace(/[-:]|\.\d+/g, ""), scope = `${time.slice(0, 8)}/us-east-1/${service}/aws4_request`;
    const headers = { "content-type": "application/x-amz-json-1.1", host: new URL(endpoint).host, "x-amz-date": time, "x-amz-target": target };
    const names = Object.keys(headers).sort(), signed = names.join(";");
    const request = ["POST", "/", "", ...names.map((name) => `${name}:${headers[name]}`), "", signed, hash(body)].join("\n");
    const key = scope.split("/").reduce((key, part) => hmac(key, part), "AWS4" + made.secretAccessKey);
    const signature = hmac(key, ["AWS4-HMAC-SHA256", time, scope, hash(request)].join("\n")).toString("hex");
    const authorization = `AWS4-HMAC-SHA256 Credential=${made.accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`;
    const answer = await fetch(endpoint, { method: "POST", headers: { ...headers, authorization }, body });
    const said = await answer.json();
    assert.ok(answer.ok, `${target}: ${JSON.stringify(said)}`);
    return said;
  };
}

// What axe-core has against the page, in both themes, as wide as it is and on a phone: every rule of WCAG 2.0 to 2.2 on levels A and AA, and what
// axe-core calls best practice. The theme changes colours only. A page that is as it was when it was last asked about is not asked again, and one
// without scripts cannot be: its twin with scripts is.
const AXE = readFileSync(path.join(cache, "browser/node_modules/axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"];
const seen = new WeakMap(), mute = new WeakSet();
export async function axe(page) {
  if (mute.has(page)) return;
  const now = page.url() + await page.evaluate(() => document.documentElement.outerHTML);
  if (seen.get(page) === now) return;
  seen.set(page, now);
  const size = page.viewportSize();
  const scheme = await page.evaluate(() => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"));
  const found = [];
  const ask = async (colorScheme, viewport, rules) => {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.setViewportSize(viewport);
    if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(`${AXE};0`);
    const { violations, passes } = await page.evaluate((runOnly) => axe.run(document, { runOnly }), rules);
    assert.ok(passes.length > 0, "axe-core looked at nothing");
    for (const { id, nodes } of violations) for (const node of nodes) found.push(`${id} (${colorScheme}, ${viewport.width} px): ${node.html.slice(0, 160)} · ${node.failureSummary.replace(/\s+/g, " ")}`);
  };
  const phone = { width: 360, height: 740 }, all = { type: "tag", values: TAGS }, colours = { type: "rule", values: ["color-contrast"] };
  await ask("light", size, all);
  await ask("dark", size, colours);
  await ask("dark", phone, all);
  await ask("light", phone, colours);
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: null });
  await page.setViewportSize(size);
  // Colours fade from one theme to the other.
  await page.waitForTimeout(200);
  assert.deepEqual(found, [], `axe-core, ${page.url()}`);
}

// Pages of the same kind are looked at once: what tells them apart is an id.
const kind = (url) => url.pathname.replace(/\/(?:[0-9]{12}|[0-9a-f]{8,}[0-9a-f-]*|(?:ssoins|apl|tti|ps|r|ou|o|AKIA|AIDA)[A-Za-z0-9-]{6,})(?=\/|$)/g, "/ID") + [...url.searchParams.keys()].sort().filter((key) => key !== "done").map((key) => `?${key}`).join("");
const PAGES_MAX = 120;

/** Goes to one page of each kind that links of the console lead to, and has `look` look at each; says how many there were. */
export async function crawl(page, base, look) {
  const waiting = [new URL(base + "/console")], seen = new Set([kind(waiting[0])]);
  while (waiting.length > 0) {
    const url = waiting.shift();
    const answer = await page.goto(url.href);
    assert.equal(answer.status(), 200, url.href);
    await look(url.href);
    const links = await page.evaluate(() => [...document.querySelectorAll("main a[href]:not([download])")].map((link) => new URL(link.getAttribute("href"), document.baseURI).href));
    for (const link of links.map((href) => new URL(href))) {
      link.hash = "";
      if (link.origin !== base || !/^\/console(\/|$)/.test(link.pathname) || seen.has(kind(link)) || link.pathname.endsWith(".csv")) continue;
      seen.add(kind(link));
      assert.ok(seen.size <= PAGES_MAX, `more than ${PAGES_MAX} kinds of pages: ${[...seen].join(" ")}`);
      waiting.push(link);
    }
  }
  return seen.size;
}

export const launch = () => chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

// Tests, each in a context of its own; the browser must have nothing to complain about but what `expected` matches. `failed(page, count)` may
// keep what was seen.
export function suite(browser, failed = async () => {}) {
  const counts = { passed: 0, failed: 0 };
  async function test(name, { expected = /status of 4\d\d/, ...options }, body) {
    const context = await browser.newContext({ viewport: { width: 1000, height: 760 }, ...options });
    const page = await context.newPage();
    if (options.javaScriptEnabled === false) mute.add(page);
    const complaints = [];
    page.on("console", (message) => { if (message.type() === "error" && !expected.test(message.text())) complaints.push(message.text()); });
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("dialog", (dialog) => { complaints.push("a dialog opened: " + dialog.message()); dialog.dismiss(); });
    try {
      await body(page, context);
      assert.deepEqual(complaints, [], "the browser complained");
      counts.passed++;
      console.log(`ok   ${name}`);
    } catch (error) {
      counts.failed++;
      console.log(`FAIL ${name}\n${error.stack}`);
      await failed(page, counts.failed).catch(() => {});
    }
    await context.close();
  }
  return { test, counts };
}

export async function signIn(page, user = "jane", password = "correct horse battery staple") {
  await page.fill('input[autocomplete="username"]', user);
  await page.fill('input[autocomplete="current-password"]', password);
  await page.click('form:has(input[autocomplete="username"]) button[type="submit"]');
}
