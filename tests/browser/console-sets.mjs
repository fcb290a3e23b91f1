// Permission sets and the policy editor in Chromium: each act by keyboard or without JavaScript, what is wrong shown where it stands, two administrators at
// once, names that try to be markup, somebody who may only read, and the shown commands run by the real AWS CLI.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import assert from "node:assert/strict";
import { cache, caller, signIn } from "./rig.mjs";

const PASSWORD = "correct horse battery staple";
const MARKUP = "<img src=x onerror=alert(4)>";
const ROOM = "/console/permission-sets";
const GOOD = JSON.stringify({ Version: "2012-10-17", Statement: [
  { Sid: "Read", Effect: "Allow", Action: ["s3:Get*", "s3:List*"], Resource: ["arn:aws:s3:::app-*"], Condition: { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } } },
  { Effect: "Deny", Action: "s3:DeleteBucket", Resource: "*" },
] }, null, 2);

export async function play({ test, base, endpoint, made, shot }) {
  const call = caller(endpoint, made), instance = { InstanceArn: made.instanceArn };
  const admin = (operation, input = {}) => call("sso", `SWBExternalService.${operation}`, { ...instance, ...input });
  const directory = (operation, input) => call("identitystore", `AWSIdentityStore.${operation}`, { IdentityStoreId: made.identityStoreId, ...input });
  const enter = async (page, where = ROOM, name = made.administrator.userName, password = made.administrator.password) => {
    await page.goto(base + where);
    await signIn(page, name, password);
    await page.waitForURL(base + where);
  };
  const main = (page) => page.locator("main").innerText();
  const press = (page, text) => page.click(`main button:text-is("${text}")`);
  const tab = (page, text) => page.click(`nav.tabs a:text-is("${text}")`);
  const created = async (name, more = {}) => (await admin("CreatePermissionSet", { Name: name, ...more })).PermissionSet.PermissionSetArn;
  const place = (arn) => `${ROOM}/${arn.split("/").pop()}`;
  const settled = async (statusOf, id) => {
    for (let tries = 0; tries < 100; tries++) {
      if ((await statusOf(id)) !== "IN_PROGRESS") return;
      await new Promise((done) => { setTimeout(done, 100); });
    }
    assert.fail("it never settled");
  };
  const assign = async (arn, user, account) => {
    const asked = await admin("CreateAccountAssignment", { TargetType: "AWS_ACCOUNT", TargetId: account, PermissionSetArn: arn, PrincipalType: "USER", PrincipalId: user });
    await settled(async (id) => (await admin("DescribeAccountAssignmentCreationStatus", { AccountAssignmentCreationRequestId: id })).AccountAssignmentCreationStatus.Status, asked.AccountAssignmentCreationStatus.RequestId);
  };
  const userId = async (name) => (await directory("ListUsers", { Filters: [{ AttributePath: "UserName", AttributeValue: name }] })).Users[0].UserId;

  await test("a predefined permission set is made by keyboard alone", {}, async (page) => {
    await enter(page);
    await shot(page, "console-sets");
    await page.locator("text=New permission set").first().focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(base + ROOM + "/new");
    await shot(page, "console-sets-new");
    await page.focus('input[name="ready"]:checked');
    for (let steps = 0; steps < 8; steps++) await page.keyboard.press("ArrowDown");
    await page.focus("#description");
    await page.keyboard.type("For auditors");
    await page.keyboard.press("Enter");
    await page.waitForURL(/done=created/);
    assert.match(await main(page), /SecurityAudit[^]*For auditors[^]*1 hour/);
    await shot(page, "console-set");
  });

  await test("a permission set is searched, changed, tagged and deleted without scripts", { javaScriptEnabled: false }, async (page) => {
    await created("Searched", { Description: "One of many" });
    await enter(page);
    await page.fill('input[name="q"]', "SEARCHE");
    await page.click('form[role="search"] button');
    assert.equal(await page.locator("tbody tr").count(), 1);
    await page.click("tbody a");
    await page.click("text=Edit");
    await page.fill("#description", "Another");
    await page.selectOption("#session", "PT4H");
    await page.fill("#relay", "not fit: <>");
    await press(page, "Save");
    assert.match(await page.locator("#relay-fault").innerText(), /relayState/i);
    assert.equal(await page.inputValue("#description"), "Another", "nothing typed is lost");
    await page.fill("#relay", "https://console.aws.amazon.com/s3");
    await press(page, "Save");
    await page.waitForURL(/done=saved/);
    assert.match(await main(page), /Another[^]*4 hours[^]*console.aws.amazon.com/);
    await tab(page, "Tags");
    await page.fill("#key", "team");
    await page.fill("#value", "red");
    await press(page, "Save");
    await page.waitForURL(/done=saved/);
    assert.match(await page.locator("tbody").innerText(), /team\s+red/);
    await press(page, "Remove");
    await page.waitForURL(/done=deleted/);
    assert.match(await main(page), /No tags yet/);
    await tab(page, "Overview");
    await page.click("text=Delete");
    await page.fill("#confirm", "searched");
    await press(page, "Delete");
    assert.match(await page.locator("#confirm-fault").innerText(), /Nothing was deleted/);
    await page.fill("#confirm", "Searched");
    await press(page, "Delete");
    await page.waitForURL(base + ROOM + "?done=deleted");
    await page.goto(base + ROOM + "?q=Searched");
    assert.match(await main(page), /No permission set has/);
  });

  await test("policies are found, attached and detached, and a boundary is set, without scripts", { javaScriptEnabled: false }, async (page) => {
    const arn = await created("Attached");
    await enter(page, place(arn) + "/policies");
    await page.fill('input[name="q"]', "viewonly");
    await page.click('form[role="search"] button');
    await page.click('button[aria-label="Attach ViewOnlyAccess"]');
    await page.waitForURL(/done=saved/);
    await page.fill("#customer", "ours and theirs");
    await page.fill("#path", "/team/");
    await page.click('form:has(#customer) button[type="submit"]');
    assert.match(await page.locator("#customer-fault").innerText(), /ours and theirs/);
    await page.fill("#customer", "ours");
    await page.click('form:has(#customer) button[type="submit"]');
    await page.waitForURL(/done=saved/);
    await page.fill("#boundary", "arn:aws:iam::aws:policy/PowerUserAccess");
    await press(page, "Set the boundary");
    await page.waitForURL(/done=saved/);
    const attached = await admin("ListManagedPoliciesInPermissionSet", { PermissionSetArn: arn });
    assert.deepEqual(attached.AttachedManagedPolicies.map((policy) => policy.Name), ["ViewOnlyAccess"]);
    const ours = await admin("ListCustomerManagedPolicyReferencesInPermissionSet", { PermissionSetArn: arn });
    assert.deepEqual(ours.CustomerManagedPolicyReferences, [{ Name: "ours", Path: "/team/" }]);
    for (const name of ["ViewOnlyAccess", "ours"]) {
      await page.click(`button[aria-label="Detach ${name}"]`);
      await page.waitForURL(/done=deleted/);
      await page.goto(base + place(arn) + "/policies");
    }
    await press(page, "Remove the boundary");
    await page.waitForURL(/done=deleted/);
    assert.match(await main(page), /No policy is attached/);
  });

  await test("without scripts the editor shows what is wrong in its line, and says what is right", { javaScriptEnabled: false }, async (page) => {
    const arn = await created("Plain");
    await enter(page, place(arn) + "/inline");
    await page.fill("#policy", GOOD.replace('"s3:List*"', '"s3"'));
    await press(page, "Check");
    assert.match(await page.locator("#policy-fault").innerText(), /Statement 1: action "s3" must be[^]*Line 9, column 9/);
    assert.equal(await page.locator(".excerpt mark").innerText(), '"s3"');
    assert.equal(await page.locator("#policy").getAttribute("aria-invalid"), "true");
    await press(page, "Save");
    assert.match(await page.locator("#policy-fault").innerText(), /Line 9, column 9/, "saving says the same");
    assert.equal((await admin("GetInlinePolicyForPermissionSet", { PermissionSetArn: arn })).InlinePolicy, "", "and saves nothing");
    await page.fill("#policy", GOOD);
    await press(page, "Check");
    assert.match(await main(page), /Nothing is wrong with it[^]*Allows actions that begin with “Get” and actions that begin with “List” of S3 on S3 buckets whose names begin with “app-”[^]*10\.0\.0\.0\/8[^]*Denies DeleteBucket of S3 on everything/);
    await press(page, "Save");
    await page.waitForURL(/done=saved/);
    assert.equal((await admin("GetInlinePolicyForPermissionSet", { PermissionSetArn: arn })).InlinePolicy, GOOD, "to the letter");
    await press(page, "Remove the inline policy");
    await page.waitForURL(/done=deleted/);
    assert.equal((await admin("GetInlinePolicyForPermissionSet", { PermissionSetArn: arn })).InlinePolicy, "");
  });

  await test("with scripts the editor says it while one types, and leads to what is wrong", { expected: /status of 4\d\d|ERR_FAILED/ }, async (page) => {
    const arn = await created("Live");
    await enter(page, place(arn) + "/inline");
    await page.fill("#policy", GOOD);
    await page.waitForSelector("text=Denies DeleteBucket");
    await page.waitForSelector("text=Nothing is wrong with it.");
    await shot(page, "console-set-editor");
    await page.fill("#policy", GOOD.replace('"Deny"', '"deny"'));
    await page.waitForSelector("text=Effect must be Allow or Deny");
    await shot(page, "console-set-editor-wrong");
    await page.click("button:has-text('Line')");
    assert.equal(await page.evaluate(() => { const text = document.activeElement; return text.value.slice(text.selectionStart, text.selectionEnd); }), '"Effect": "deny"');
    await page.focus("main button:text-is('Check')");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".excerpt mark");
    assert.equal(await page.evaluate(() => { const text = document.activeElement; return text.value.slice(text.selectionStart, text.selectionEnd); }), '"Effect": "deny"', "the cursor is there");
    await page.route("**/permission-sets/check", (route) => route.abort());
    await page.fill("#policy", GOOD);
    await page.waitForSelector("text=The server does not answer just now");
    assert.equal(await page.locator("[data-statements] li").count(), 0, "what was said of another text is gone");
    await page.unroute("**/permission-sets/check");
    await page.focus("#policy");
    await page.keyboard.type(" ");
    await page.waitForSelector("text=Denies DeleteBucket");
  });

  await test("of two administrators the later learns what the earlier did", {}, async (page, context) => {
    const arn = await created("Shared", { Description: "First" });
    await enter(page, place(arn) + "/edit");
    const other = await context.newPage();
    await other.goto(base + place(arn) + "/edit");
    await other.fill("#description", "Theirs");
    await press(other, "Save");
    await other.waitForURL(/done=saved/);
    await page.fill("#description", "Mine");
    await press(page, "Save");
    assert.match(await main(page), /Somebody else changed this[^]*Theirs/);
    assert.equal(await page.inputValue("#description"), "Mine");
    assert.equal((await admin("DescribePermissionSet", { PermissionSetArn: arn })).PermissionSet.Description, "Theirs");
    await shot(page, "console-set-meanwhile");
    await press(page, "Save");
    await page.waitForURL(/done=saved/);
    assert.equal((await admin("DescribePermissionSet", { PermissionSetArn: arn })).PermissionSet.Description, "Mine");
    await page.goto(base + place(arn) + "/inline");
    await admin("PutInlinePolicyToPermissionSet", { PermissionSetArn: arn, InlinePolicy: GOOD });
    await press(page, "Save");
    assert.match(await main(page), /Somebody else saved another policy[^]*DeleteBucket/);
    assert.equal((await admin("GetInlinePolicyForPermissionSet", { PermissionSetArn: arn })).InlinePolicy, GOOD);
  });

  await test("what changed is provisioned everywhere, and the page follows it", {}, async (page) => {
    const arn = await created("Rolled");
    await assign(arn, await userId("jane"), "222233334444");
    await admin("AttachManagedPolicyToPermissionSet", { PermissionSetArn: arn, ManagedPolicyArn: "arn:aws:iam::aws:policy/ReadOnlyAccess" });
    await enter(page, place(arn));
    assert.match(await main(page), /do not hold the latest/);
    await page.click("text=See which");
    await shot(page, "console-set-accounts");
    await press(page, "Provision everywhere");
    await page.waitForSelector("text=Provisioned.");
    assert.match(await main(page), /Every account that has it holds the latest[^]*222233334444/);
    await tab(page, "Overview");
    await page.click("text=Delete");
    assert.match(await main(page), /cannot be deleted while an account has it[^]*jane is assigned in account 222233334444/);
    assert.equal(await page.locator("#confirm").count(), 0);
    await shot(page, "console-set-held");
  });

  await test("a question is answered with the statement that decides", {}, async (page) => {
    const arn = await created("Asked");
    await admin("PutInlinePolicyToPermissionSet", { PermissionSetArn: arn, InlinePolicy: GOOD });
    await assign(arn, await userId("jane"), "222233334444");
    await enter(page, place(arn) + "/ask");
    const ask = async (action, resource, ip) => {
      await page.fill("#person", "jane");
      await page.fill("#account", "222233334444");
      await page.fill("#action", action);
      await page.fill("#resource", resource);
      await page.fill("#ip", ip);
      await press(page, "Ask");
      await page.waitForSelector(".verdict");
      return main(page);
    };
    assert.match(await ask("s3:GetObject", "arn:aws:s3:::app-1/x", "10.1.2.3"), /Yes[^]*is allowed[^]*Statement Read of /);
    await shot(page, "console-set-ask");
    assert.match(await ask("s3:GetObject", "arn:aws:s3:::app-1/x", "192.0.2.1"), /No[^]*nothing speaks of it/);
    assert.match(await ask("s3:DeleteBucket", "arn:aws:s3:::app-1", "10.1.2.3"), /No[^]*forbidden[^]*Statement 2 of /);
    await page.fill("#person", "nobody-of-that-name");
    await press(page, "Ask");
    await page.waitForSelector("#person-fault");
  });

  await test("stored texts are text, never markup", {}, async (page) => {
    const arn = await created("Hostile", { Description: MARKUP, Tags: [{ Key: "k", Value: "v" }] });
    const policy = JSON.stringify({ Version: "2012-10-17", Statement: { Effect: "Allow", Action: "s3:*", Resource: `arn:aws:s3:::a/${MARKUP}*`, Condition: { StringEquals: { "t:k": `</textarea>${MARKUP}` } } } });
    await admin("PutInlinePolicyToPermissionSet", { PermissionSetArn: arn, InlinePolicy: policy });
    await enter(page, `${ROOM}?q=Hostile`);
    for (const where of ["", "/edit", "/policies", "/inline", "/accounts", "/tags", "/ask", "/delete"]) {
      await page.goto(base + place(arn) + where);
      assert.equal(await page.locator("main img, main script").count(), 0, where);
    }
    await page.goto(base + place(arn) + "/inline");
    await page.focus("#policy");
    await page.keyboard.type(" ");
    await page.waitForSelector("text=Nothing is wrong with it.");
    assert.equal(await page.locator("main img").count(), 0);
    assert.match(await page.locator("[data-statements]").innerText(), /<img src=x onerror=alert\(4\)>/);
  });

  await test("who may only read sees everything and is told why nothing is changed", {}, async (page) => {
    const reader = await created("Reader");
    await admin("AttachManagedPolicyToPermissionSet", { PermissionSetArn: reader, ManagedPolicyArn: "arn:aws:iam::aws:policy/AWSSSOReadOnly" });
    await admin("PutInlinePolicyToPermissionSet", { PermissionSetArn: reader, InlinePolicy: JSON.stringify({ Version: "2012-10-17", Statement: { Effect: "Allow", Action: ["portico:List*", "sso:Get*", "sso:List*", "sso:Describe*"], Resource: "*" } }) });
    await assign(reader, await userId("jane"), made.managementAccountId);
    const arn = await created("Looked");
    await enter(page, place(arn) + "/edit", "jane", PASSWORD);
    await page.fill("#description", "Changed");
    await press(page, "Save");
    assert.match(await main(page), /Reader/);
    assert.match(await page.locator("[role=alert]").first().innerText(), /UpdatePermissionSet|not authorized|may not/i);
    assert.equal(await page.inputValue("#description"), "Changed");
    assert.equal((await admin("DescribePermissionSet", { PermissionSetArn: arn })).PermissionSet.Description, undefined);
  });

  await test("in German, and the shown command does what it says", { locale: "de-DE" }, async (page) => {
    await enter(page, ROOM + "/new");
    assert.match(await main(page), /Neuer Berechtigungssatz/);
    await page.goto(`${base}${ROOM}/new?name=FromCommand&description=${encodeURIComponent("It's $HOME")}&session=PT2H`);
    const command = await page.locator(".does pre").first().textContent();
    const home = mkdtempSync(path.join(os.tmpdir(), "portico-sets-"));
    execFileSync("sh", ["-c", command], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], env: {
      PATH: `${path.join(cache, "aws-cli")}:/usr/bin:/bin`, HOME: home, AWS_ENDPOINT_URL: endpoint, AWS_REGION: made.region, AWS_PAGER: "",
      AWS_ACCESS_KEY_ID: made.accessKeyId, AWS_SECRET_ACCESS_KEY: made.secretAccessKey,
    } });
    rmSync(home, { recursive: true, force: true });
    await page.goto(`${base}${ROOM}?q=FromCommand`);
    assert.match(await main(page), /FromCommand[^]*It's \$HOME[^]*2 Stunden/);
    await page.click("tbody a");
    await tab(page, "Inline-Richtlinie");
    await page.fill("#policy", GOOD);
    await page.waitForSelector("text=Verbietet in S3 DeleteBucket für alles.");
    await shot(page, "console-set-editor-german");
  });
}
