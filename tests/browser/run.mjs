// The pages in a real browser: Debian's Chromium, driven by playwright-core.
//
//   node tests/browser/run.mjs PORTICO_BINARY SCREENSHOT_DIRECTORY [PART…]
//
// Starts a server of its own, plays what people do, takes a screenshot of each page, prints 'N passed, N failed'. A part is
// what one file of this folder plays, named as the file is; without parts all are played.
import { mkdirSync } from "node:fs";
import path from "node:path";
import assert from "node:assert/strict";
import { axe, caller, launch, start, suite } from "./rig.mjs";

// In this order: what is made in one is not there in those before.
const PARTS = [
  "pages", "languages", "portal", "brand", "signing_in", "external", "applications", "console-providers", "console-applications", "welcome", "console-settings", "console-sets", "factors", "console-access", "console-people", "console-attention", "console",
];
const [binary, screenshots, ...wanted] = process.argv.slice(2);
const unknown = wanted.filter((part) => !PARTS.includes(part));
assert.deepEqual(unknown, [], `parts are ${PARTS.join(", ")}`);
mkdirSync(screenshots, { recursive: true });
const { base, endpoint, made, data, stop } = await start(binary, "tests/browser/people.yaml");
const browser = await launch();
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

// What a person who cannot see the page depends on, and what our own contract says of every form.
async function isAccessible(page) {
  // A colour on its way to another is none that anybody reads.
  await page.evaluate(() => Promise.allSettled(document.getAnimations().map((animation) => animation.finished)));
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

const call = caller(endpoint, made);
const people = (await call("identitystore", "AWSIdentityStore.ListUsers", { IdentityStoreId: made.identityStoreId })).Users;
const user = (name) => people.find((person) => person.UserName === name).UserId;
const portico = (operation, input) => call("portico", `Portico.${operation}`, { IdentityStoreId: made.identityStoreId, ...input });

const world = { test, binary, data, base, endpoint, made, oidc, login, shot, isAccessible, call, portico, user };
for (const part of PARTS) {
  if (wanted.length > 0 && !wanted.includes(part)) continue;
  const begun = Date.now();
  const { play } = await import(`./${part}.mjs`);
  await play(world);
  console.log(`     ${part}: ${Math.round((Date.now() - begun) / 1000)} s`);
}

await browser.close();
stop();
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exit(counts.failed === 0 ? 0 : 1);
