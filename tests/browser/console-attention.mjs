// What the console says needs attention: how much there is, people without a second factor, access that nobody used; each with what to do about it. And when
// somebody last signed in and last used what they reach.
import { execFileSync } from "node:child_process";
import path from "node:path";
import assert from "node:assert/strict";
import { signIn } from "./rig.mjs";

const PLAIN = { javaScriptEnabled: false }, PASSWORD = "correct horse battery staple";
const DAY = 86_400_000_000;

export async function play({ test, base, made, data, call, user, shot, isAccessible }) {
  const admin = made.administrator, PROD = "222233334444";
  const enter = async (page, place, name = admin.userName, password = admin.password) => {
    await page.goto(base + place);
    await signIn(page, name, password);
    await page.waitForURL(base + place);
  };
  const portico = (operation, input) => call("portico", `Portico.${operation}`, { InstanceArn: made.instanceArn, ...input });
  const { PermissionSets: sets } = await portico("ListPermissionSetsWithDetails", {});
  const power = sets.find((set) => set.Name === "PowerUser").PermissionSetArn;
  // Two ways to the same kind of access: uma has it herself, udo by a group.
  const directory = { IdentityStoreId: made.identityStoreId };
  const { GroupId: idlers } = await call("identitystore", "AWSIdentityStore.CreateGroup", { ...directory, DisplayName: "idlers" });
  await call("identitystore", "AWSIdentityStore.CreateGroupMembership", { ...directory, GroupId: idlers, MemberId: { UserId: user("udo") } });
  const rows = [["USER", user("uma")], ["GROUP", idlers]];
  await portico("BatchCreateAccountAssignments", { Assignments: rows.map(([PrincipalType, PrincipalId]) => ({ PermissionSetArn: power, TargetId: PROD, PrincipalType, PrincipalId })) });
  // Everything happened a hundred days ago: others' commits are noticed within a moment.
  const change = (statements) => execFileSync("python3", ["-c", "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], timeout=30); c.executescript(sys.argv[2])", path.join(data, "portico.db"), statements]);
  const sql = ["schema_migrations SET applied_at", "account_assignments SET created_at", "memberships SET created_at", "access_uses SET used_at"]
    .map((what) => `UPDATE ${what} = ${what.split(" ").pop()} - ${100 * DAY};`).join(" ");
  change(sql);
  await new Promise((resolve) => setTimeout(resolve, 500));

  await test("the overview counts what there is and leads to what needs attention", {}, async (page) => {
    await enter(page, "/console");
    await isAccessible(page);
    await shot(page, "console-overview-counts");
    const counts = page.locator(".counts a");
    assert.equal(await counts.count(), 7);
    assert.match(await counts.nth(0).innerText(), /^\d+\s+Enabled people/);
    const said = await page.locator("main").innerText();
    assert.match(said, /People who can sign in with a password alone: \d+/);
    assert.match(said, /Roles that people did not use for 90 days: \d+/);
    await page.locator("text=Open the list").focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(base + "/console/people/without-mfa-device");
    await isAccessible(page);
    await shot(page, "console-without-mfa-device");
    assert.match(await page.locator("details.commands").textContent(), /list-users-without-mfa-device/);
    const uma = page.locator("tr", { hasText: "uma" });
    assert.match(await uma.innerText(), /Uma Usual\s+Never/);
    await uma.locator("a.button").click();
    await page.waitForURL(`${base}/console/people/${user("uma")}/sign-in`);
  });

  await test("what of identity providers ends soon is said, and somebody is named who gets a letter, without scripts", PLAIN, async (page) => {
    const { TenantId } = await call("portico", "Portico.CreateProvisioningTenant", { ...directory, Name: "Entra ID" });
    await call("portico", "Portico.CreateBearerToken", { ...directory, TenantId, Name: "first", ValidityDays: 9 });
    await enter(page, "/console");
    assert.match(await page.locator("main").innerText(), /Tokens and certificates of identity providers that end within 30 days, or have ended: 1/);
    await page.click("text=Entra ID · first");
    await page.waitForURL(`${base}/console/provisioning-tenants/${TenantId}`);
    await page.goto(base + "/console/settings");
    assert.match(await page.locator("main").innerText(), /Nobody is named, so nobody is told/);
    await page.click('a[href="/console/settings/notices"]');
    assert.match(await page.locator("main").innerText(), /No mail is set up/);
    await isAccessible(page);
    await page.fill("[name=q]", "uma");
    await page.click('form[role="search"] button');
    await page.click('[aria-label="Add Uma Usual"]');
    await page.waitForURL(/done=saved/);
    await isAccessible(page);
    await shot(page, "console-settings-notices");
    const notices = async () => (await call("portico", "Portico.GetExpiryNotices", directory)).ExpiryNotices.UserIds;
    assert.deepEqual(await notices(), [user("uma")]);
    await page.setViewportSize({ width: 360, height: 800 });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 360), "nothing sticks out");
    await page.click('[aria-label="Remove Uma Usual"]');
    await page.waitForURL(/done=saved/);
    assert.deepEqual(await notices(), []);
    await call("portico", "Portico.DeleteProvisioningTenant", { ...directory, TenantId });
    await page.goto(base + "/console");
    assert.doesNotMatch(await page.locator("main").innerText(), /Tokens and certificates/);
  });

  await test("what of applications ends soon is said, and leads to where it is replaced, without scripts", PLAIN, async (page) => {
    const { Instances } = await call("sso", "SWBExternalService.ListInstances", {});
    const { ApplicationArn } = await call("sso", "SWBExternalService.CreateApplication", {
      InstanceArn: Instances[0].InstanceArn, ApplicationProviderArn: "arn:aws:sso::aws:applicationProvider/custom", Name: "Wiki of secrets",
    });
    await call("portico", "Portico.PutApplicationOidcConfiguration", { ApplicationArn, OidcConfiguration: { RedirectUris: ["https://wiki.example/cb"] } });
    await call("portico", "Portico.CreateApplicationClientSecret", { ApplicationArn, Name: "blue", ValidityDays: 9 });
    await enter(page, "/console");
    assert.match(await page.locator("main").innerText(), /Certificates and client secrets of applications that end within 30 days, or have ended: 1/);
    await isAccessible(page);
    await shot(page, "console-attention-applications");
    await page.click("text=Wiki of secrets · blue");
    await page.waitForURL(/\/console\/applications\/\d{12}\/apl-[^/]+\/secrets$/);
    assert.match(await page.locator("main").innerText(), /blue/);
    await call("sso", "SWBExternalService.DeleteApplication", { ApplicationArn });
    await page.goto(base + "/console");
    assert.doesNotMatch(await page.locator("main").innerText(), /client secrets of applications/);
  });

  await test("without scripts unused access is found and taken away after a preview", PLAIN, async (page) => {
    await enter(page, "/console/access/unused");
    const uma = page.locator("tr", { hasText: "Uma Usual" }), udo = page.locator("tr", { hasText: "Udo Idle" });
    assert.match(await uma.innerText(), /PowerUser\s+payments-prod[\s\S]*Assigned directly[\s\S]*Never/);
    assert.match(await udo.innerText(), /idlers[\s\S]*Never/);
    assert.equal(await udo.locator("input").count(), 0, "what a group grants is taken away by the group");
    assert.equal(await udo.locator("a", { hasText: "idlers" }).getAttribute("href"), `/console/groups/${idlers}`);
    await uma.locator("input").check();
    await page.click("text=Remove the chosen ones");
    assert.match(await page.locator("main").innerText(), /1 is removed|1 are removed/);
    await page.goto(base + "/console/access/unused?days=0");
    assert.match(await page.locator("[role=alert]").innerText(), /“0” is no number of days from 1 to 400/);
    await page.fill("#days", "400");
    await page.click("main form.when button");
    assert.match(await page.locator("main").innerText(), /That is not so long ago yet/);
  });

  await test("unused access is readable by everybody, also on a phone and in the dark", {}, async (page) => {
    await enter(page, "/console/access/unused");
    await isAccessible(page);
    await shot(page, "console-unused");
    assert.match(await page.locator("details.commands").textContent(), /list-unused-access/);
    await page.emulateMedia({ colorScheme: "dark" });
    await page.setViewportSize({ width: 360, height: 800 });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 360), "nothing sticks out");
    await shot(page, "console-unused-phone");
    await page.goto(base + "/console");
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 360), "nothing sticks out");
    await shot(page, "console-overview-counts-phone");
  });

  // An account that nobody answers for, and what a look at it would have found.
  const made_account = await call("organizations", "AWSOrganizationsV20161128.CreateAccount", { AccountName: "connected", Email: "connected@acme.example" });
  const of = { CreateAccountRequestId: made_account.CreateAccountStatus.Id };
  let CONNECTED;
  while (!CONNECTED) CONNECTED = (await call("organizations", "AWSOrganizationsV20161128.DescribeCreateAccountStatus", of)).CreateAccountStatus.AccountId;
  const nowhere = "https://nobody.invalid";
  await portico("CreateAccountConnection", { AccountId: CONNECTED, SecretAccessKey: "secret", Configuration: { AccessKeyId: "AKIAEXAMPLE", IamEndpoint: nowhere, StsEndpoint: nowhere } });
  const differs = JSON.stringify([{ path: "/MaxSessionDuration", kind: "NOT_EQUAL", expected: "43200", actual: "3600" }, { path: "/ManagedPolicyArns", kind: "ADD", actual: "arn:aws:iam::aws:policy/AdministratorAccess" }]);
  change([["1", "MODIFIED", differs], ["2", "DELETED", "[]"]].map(([at, kind, differences]) => `INSERT INTO drift_findings (finding_id, account_id, resource_type, resource_arn, permission_set_id,
    kind, differences, status, detection_id, found_by, found_at) VALUES ('aaaaaaaa-0000-4000-8000-00000000000${at}', '${CONNECTED}', 'AWS::IAM::Role',
    'arn:aws:iam::${CONNECTED}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_PowerUser_000000000000000${at}', '${power.split("/").pop()}', '${kind}', '${differences}', 'OPEN', 'none', 'the schedule', 1);`).join(""));
  await new Promise((resolve) => setTimeout(resolve, 500));

  await test("what differs in connected accounts is told, accepted and repaired, without scripts", PLAIN, async (page) => {
    await enter(page, "/console");
    assert.match(await page.locator("main").innerText(), /Differences in connected accounts: 2/);
    await page.click("text=Open the differences");
    await page.waitForURL(/accounts\/drift/);
    const changed = page.locator("section.card", { hasText: "Changed: PowerUser" });
    assert.match(await changed.innerText(), /connected[\s\S]*\/MaxSessionDuration\s+43200\s+3600[\s\S]*–\s+arn:aws:iam::aws:policy\/AdministratorAccess/);
    await changed.locator("button", { hasText: "Accept" }).click();
    await page.waitForURL(/done=saved/);
    assert.match(await changed.innerText(), /Accepted/);
    assert.equal(await changed.locator("button", { hasText: "Accept" }).count(), 0);
    const missing = page.locator("section.card", { hasText: "Missing: PowerUser" });
    await missing.locator("button", { hasText: "Repair" }).click();
    await page.waitForURL(/done=begun/);
    // The worker may have been faster: a role that nobody expects is repaired by forgetting it.
    const left = await missing.allInnerTexts();
    assert.ok(left.every((text) => /Being repaired/.test(text)), left.join());
    assert.equal(await missing.locator("button").count(), 0);
    await page.selectOption("#status", "ACCEPTED");
    await page.click("main form.when button");
    assert.equal(await page.locator("section.card").count(), 1);
    await page.click("text=Look now");
    await page.waitForURL(/done=begun/);
    assert.match(await page.locator("main").innerText(), /Being looked at now/);
    await page.goto(`${base}/console/accounts/drift?account=${PROD}`);
    assert.match(await page.locator("main").innerText(), /is not connected[\s\S]*Nothing is known to differ/);
  });

  await test("what differs is readable by everybody, also on a phone and in the dark", {}, async (page) => {
    await enter(page, `/console/accounts/drift?account=${CONNECTED}`);
    await isAccessible(page);
    await shot(page, "console-drift");
    assert.match(await page.locator("details.commands").textContent(), /list-account-drift-findings/);
    await page.emulateMedia({ colorScheme: "dark" });
    await page.setViewportSize({ width: 360, height: 800 });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 360), "nothing sticks out");
    await shot(page, "console-drift-phone");
  });

  await test("a use is noted, and then access is not unused any more", {}, async (page) => {
    const used = async () => (await portico("ListEffectiveAccess", { UserId: user("uma"), IncludeLastAccessed: true })).EffectiveAccess.filter((row) => row.LastAccessedAt);
    assert.deepEqual(await used(), []);
    const context = await page.context().browser().newContext();
    const uma = await context.newPage();
    await enter(uma, `/start/keys?account=${PROD}&role=PowerUser`, "uma", PASSWORD);
    await uma.locator("main form button[type=submit]").first().click();
    await uma.waitForSelector("text=AWS_SESSION_TOKEN", { state: "attached" });
    await context.close();
    assert.equal((await used()).length, 1);
    await enter(page, "/console/access/unused");
    assert.equal(await page.locator("tr", { hasText: "Uma Usual" }).count(), 0);
    await page.goto(`${base}/console/access?user=${user("uma")}`);
    await isAccessible(page);
    await shot(page, "console-access-last-used");
    assert.match(await page.locator("#reach-table").innerText(), /Last used[\s\S]*PowerUser/);
    assert.equal(await page.locator("#reach-table td time").count(), 1);
    await page.goto(`${base}/console/people/${user("uma")}`);
    await isAccessible(page);
    await shot(page, "console-person-last-signed-in");
    const facts = await page.locator(".facts").innerText();
    assert.match(facts, /Last signed in/);
    assert.match(facts, /Password\s+no second factor/);
  });
}
