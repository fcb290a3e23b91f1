// The rooms of people, groups and service users in Chromium: each act by keyboard or without JavaScript, what is refused, what two administrators do at
// once, names that try to be markup, and the shown commands run by the real AWS CLI.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import assert from "node:assert/strict";
import { cache, caller, root, signIn } from "./rig.mjs";

const PASSWORD = "nine slow evenings in June";
const MARKUP = "<img src=x onerror=alert(3)>";

export async function play({ test, base, endpoint, made, shot, isAccessible }) {
  const call = caller(endpoint, made), store = { IdentityStoreId: made.identityStoreId }, instance = { InstanceArn: made.instanceArn };
  const directory = (operation, input) => call("identitystore", `AWSIdentityStore.${operation}`, { ...store, ...input });
  const enter = async (page, where = "/console/people", name = made.administrator.userName, password = made.administrator.password) => {
    await page.goto(base + where);
    await signIn(page, name, password);
    await page.waitForURL(base + where);
  };
  const main = (page) => page.locator("main").innerText();
  const press = (page, text) => page.click(`main button:text-is("${text}")`);
  const filled = async (page, fields) => { for (const [name, value] of Object.entries(fields)) await page.fill(`[name="${name}"]`, value); };
  const somebody = async (name, more = {}) => (await directory("CreateUser", { UserName: name, DisplayName: name, Name: { GivenName: "Some", FamilyName: "Body" }, ...more })).UserId;

  await test("somebody new is added and invited by keyboard alone, and comes in by the link", {}, async (page, context) => {
    await enter(page);
    await isAccessible(page);
    await page.locator("text=Add a person").first().focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(base + "/console/people/new");
    await shot(page, "console-person-new");
    await page.focus("#user_name");
    for (const text of ["wilma", "Wilma Stone", "Wilma", "Stone"]) {
      await page.keyboard.type(text);
      await page.keyboard.press("Tab");
    }
    await page.keyboard.press("Enter");
    await page.waitForSelector("text=It works once and is shown this once");
    await shot(page, "console-person-invited");
    const link = (await page.locator("pre.carried").innerText()).trim();
    const own = await context.browser().newContext();
    const theirs = await own.newPage();
    await theirs.goto(link);
    for (const field of await theirs.locator('input[type="password"]').all()) await field.fill(PASSWORD);
    await theirs.click('main button[type="submit"]');
    await theirs.goto(base + "/start");
    await signIn(theirs, "wilma", PASSWORD);
    await theirs.waitForURL(base + "/start");
    await page.click("text=Sign-in");
    assert.match(await main(page), /No link is open/);
    assert.equal(await page.locator("td.act").count(), 1, "one session");
    await press(page, "End");
    await page.waitForSelector("text=Ended.");
    await theirs.goto(base + "/start");
    assert.match(theirs.url(), /\/signin/);
    await own.close();
  });

  await test("whom a source owns its page says whose they are, offers no change that would be refused, and takes them over", { javaScriptEnabled: false }, async (page) => {
    const tenant = await call("portico", "Portico.CreateProvisioningTenant", { ...store, Name: "Entra ID" });
    const brought = await somebody("brought", { Name: { GivenName: "Brought", FamilyName: "Along" } });
    const { GroupId } = await directory("CreateGroup", { DisplayName: "Brought along" });
    await call("portico", "Portico.TakeOwnership", { ...store, TenantId: tenant.TenantId, UserIds: [brought], GroupIds: [GroupId] });
    const changes = () => page.locator('.head a:text-is("Edit"), .head a:text-is("Delete")').count();
    await enter(page, `/console/groups/${GroupId}`);
    assert.match(await main(page), /Entra ID owns this entry: change it there/);
    assert.equal(await changes(), 0);
    assert.equal(await page.locator("main button:text-is('Add'), main button:text-is('Remove')").count(), 0, "who is in it is the source's to say");
    await shot(page, "console-group-owned");
    await page.goto(`${base}/console/people/${brought}`);
    assert.match(await main(page), /Entra ID owns this entry: change it there/);
    assert.equal(await changes(), 0);
    await shot(page, "console-person-owned");
    await isAccessible(page);
    await page.click("text=To Entra ID");
    await page.waitForURL(`${base}/console/provisioning-tenants/${tenant.TenantId}`);
    // A form whose address somebody kept says whose they are instead of being refused.
    for (const form of [`people/${brought}/edit`, `people/${brought}/delete`, `groups/${GroupId}/edit`, `groups/${GroupId}/delete`]) {
      await page.goto(`${base}/console/${form}`);
      await page.waitForURL(/console\/owners\?/);
    }
    await page.goto(`${base}/console/people/${brought}`);
    await page.click("text=Take over …");
    assert.match(await main(page), /Who owns brought\?[^]*Entra ID does[^]*changed and deleted here from now on/);
    await isAccessible(page);
    await shot(page, "console-owner");
    await press(page, "Take over");
    await page.waitForURL(`${base}/console/people/${brought}?done=saved`);
    assert.equal(await changes(), 2);
    assert.equal((await call("portico", "Portico.DescribeOwner", { ...store, UserId: brought })).Owner, undefined);
    await page.click('main dd a:text-is("change")');
    assert.match(await main(page), /Nobody does/);
    await press(page, "Hand over to Entra ID");
    await page.waitForURL(/done=saved/);
    assert.equal((await call("portico", "Portico.DescribeOwner", { ...store, UserId: brought })).Owner.TenantId, tenant.TenantId);
    await press(page, "Disable");
    await page.waitForSelector("text=Enable");
    await call("portico", "Portico.DeleteProvisioningTenant", { ...store, TenantId: tenant.TenantId });
    await page.goto(`${base}/console/people/${brought}`);
    assert.doesNotMatch(await main(page), /owns this entry/);
  });

  await test("a provider is connected by SCIM, tells whom it owns, hands over several at once, and goes without taking anybody along", { javaScriptEnabled: false }, async (page) => {
    await enter(page, "/console/identity-providers");
    await isAccessible(page);
    await page.click("text=Connect by SCIM");
    await isAccessible(page);
    await page.fill("[name=name]", "Okta " + MARKUP);
    await press(page, "Connect");
    await page.waitForURL(/provisioning-tenants\/[0-9a-f-]{39}\?done=created/);
    const at = new URL(page.url()).pathname;
    await page.fill("[name=days]", "5000");
    await page.fill("[name=token_name]", "first");
    await press(page, "Make a token");
    assert.match(await main(page), /less than or equal to 3650/);
    assert.equal(await page.inputValue("[name=token_name]"), "first", "what was typed stays");
    await page.fill("[name=days]", "20");
    await press(page, "Make a token");
    const token = (await page.locator(".once pre").innerText()).trim();
    assert.match(await main(page), /shown this once[^]*first[^]*Expires soon/i);
    await isAccessible(page);
    await shot(page, "console-tenant");
    await page.goto(base + at);
    assert.ok(!(await page.content()).includes(token), "the token is shown once");
    const scim = (await page.locator('[aria-labelledby="told-scim"]').innerText()).trim();
    for (let number = 0; number < 60; number++) {
      const answer = await fetch(`${scim}/Users`, { method: "POST", headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/scim+json" }, body: JSON.stringify({
        schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: `okta${number}@okta.example`, displayName: `Okta ${number}`, name: { givenName: "O", familyName: "K" }, active: true }) });
      assert.equal(answer.status, 201);
    }
    await page.reload();
    await page.click('main a:text-is("60 people")');
    await isAccessible(page);
    await shot(page, "console-owned");
    await page.emulateMedia({ colorScheme: "dark" });
    await page.setViewportSize({ width: 360, height: 800 });
    for (const place of [page.url(), base + at, base + at + "/delete", base + "/console/identity-providers"]) {
      await page.goto(place);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 360), `${place}: nothing sticks out`);
      await shot(page, `console-owned-phone-${new URL(place).pathname.split("/").pop().slice(0, 8)}`);
    }
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize({ width: 1000, height: 760 });
    await page.goto(`${base}${at}/owned?kind=user`);
    assert.equal(await page.locator("tbody tr").count(), 50);
    await page.click("text=Next page");
    assert.equal(await page.locator("tbody tr").count(), 10);
    await page.click("text=Choose all on this page");
    assert.equal(await page.locator("tbody input:checked").count(), 10);
    await page.locator("tbody input").first().uncheck();
    await press(page, "Take over or hand over");
    assert.match(await main(page), /Who owns these 9\?/);
    await isAccessible(page);
    await shot(page, "console-owned-chosen");
    await press(page, "Take over");
    await page.waitForURL(/owned\?kind=user&done=saved/);
    assert.match(await main(page), /51 people/);
    // Chosen without anybody, the list comes back.
    await press(page, "Take over or hand over");
    await page.waitForURL(/\/owned$/);

    await page.goto(base + at);
    await page.click('td.act a:text-is("Delete")');
    await isAccessible(page);
    await page.fill("[name=confirmed]", "second");
    await press(page, "Delete for good");
    assert.match(await main(page), /This is not first/);
    await page.fill("[name=confirmed]", "first");
    await press(page, "Delete for good");
    await page.waitForURL(base + at + "?done=deleted");
    assert.equal((await fetch(`${scim}/Users`, { headers: { Authorization: `Bearer ${token}` } })).status, 401);

    await page.click('.head a:text-is("Delete")');
    assert.match(await main(page), /Nobody is deleted, and nobody loses access: 51 people and 0 groups/);
    await isAccessible(page);
    await shot(page, "console-tenant-delete");
    await page.fill("[name=confirmed]", "Okta " + MARKUP);
    await press(page, "Delete for good");
    await page.waitForURL(/identity-providers\?done=deleted/);
    const { Users } = await call("portico", "Portico.SearchUsers", { ...store, Query: "okta", MaxResults: 100 });
    assert.equal(Users.length, 60);
    for (const { UserId } of Users) await directory("DeleteUser", { UserId });
  });

  await test("a person is changed, disabled, enabled, unlocked, helped and deleted without scripts", { javaScriptEnabled: false }, async (page) => {
    const id = await somebody("fred", { Emails: [{ Value: "fred@acme.example", Type: "home", Primary: true }] });
    await enter(page, `/console/people/${id}`);
    await page.click("text=Edit");
    await page.click('summary:text-is("Work")');
    await filled(page, { display_name: "Fred Flint", title: "Digger", department: "Quarry", email: "" });
    await press(page, "Save");
    await page.waitForURL(/done=saved/);
    assert.match(await main(page), /Fred Flint[^]*Digger[^]*Quarry/);
    const { Emails, Title, Extensions } = await directory("DescribeUser", { UserId: id, Extensions: ["aws:identitystore:enterprise"] });
    assert.deepEqual([Emails, Title, Extensions["aws:identitystore:enterprise"]], [undefined, "Digger", { department: "Quarry" }]);
    await press(page, "Disable");
    await page.waitForURL(/done=saved/);
    assert.equal((await directory("DescribeUser", { UserId: id })).UserStatus, "DISABLED");
    await press(page, "Enable");
    await page.waitForURL(/done=saved/);
    assert.equal((await directory("DescribeUser", { UserId: id })).UserStatus, "ENABLED");
    await page.click("nav.tabs >> text=Sign-in");
    await press(page, "Create one-time password");
    assert.match(await main(page), /It is shown this once/);
    assert.ok((await page.locator(".once pre").innerText()).trim().length >= 12);
    for (const act of ["Require a new password", "Unlock"]) {
      await press(page, act);
      await page.waitForURL(/done=saved/);
    }
    await page.fill("#hours", "2");
    await press(page, "Create invitation");
    assert.match(await page.locator(".once pre").innerText(), /\/invitation\?token=/);
    await press(page, "Revoke");
    await page.waitForURL(/done=deleted/);
    assert.match(await main(page), /No link is open/);
    await press(page, "Create one-time code");
    assert.match(await main(page), /in the place of their second factor/);
    await press(page, "End all sessions");
    await page.waitForURL(/done=ended/);
    await page.goto(`${base}/console/people/${id}/delete`);
    await page.fill("#confirmed", "barney");
    await press(page, "Delete for good");
    assert.match(await main(page), /Nothing was deleted/);
    await page.fill("#confirmed", "fred");
    await press(page, "Delete for good");
    await page.waitForURL(base + "/console/people?done=deleted");
    await assert.rejects(directory("DescribeUser", { UserId: id }), /ResourceNotFoundException/);
  });

  await test("what is refused is said beside its field, and nothing typed is lost", {}, async (page) => {
    await enter(page, "/console/people/new");
    await filled(page, { user_name: "jane", display_name: "Another Jane", given_name: "Jane", family_name: "Too" });
    await press(page, "Add");
    await page.waitForSelector("#user_name[aria-invalid=true]");
    assert.match(await page.locator("#user_name-fault").innerText(), /Duplicate UserName/);
    assert.equal(await page.locator("#display_name").inputValue(), "Another Jane");
    assert.match(await page.locator(".does pre").first().textContent(), /--user-name jane/);
    await isAccessible(page);
    await shot(page, "console-person-refused");
  });

  await test("of two administrators at one person the second is told, and nothing is overwritten unseen", {}, async (page, context) => {
    const id = await somebody("pebbles", { Title: "Baby" });
    await enter(page, `/console/people/${id}/edit`);
    const other = await context.newPage();
    await other.goto(`${base}/console/people/${id}/edit`);
    await other.fill("#title", "Pupil");
    await press(other, "Save");
    await other.waitForURL(/done=saved/);
    await filled(page, { title: "Student", nick_name: "Peb" });
    await press(page, "Save");
    await page.waitForSelector("text=Nothing was saved");
    await isAccessible(page);
    await shot(page, "console-person-meanwhile");
    assert.match(await main(page), /Somebody changed this meanwhile to: Pupil/);
    assert.equal((await directory("DescribeUser", { UserId: id })).Title, "Pupil");
    assert.equal(await page.locator("#title").inputValue(), "Student");
    await press(page, "Save");
    await page.waitForURL(/done=saved/);
    const { Title, NickName } = await directory("DescribeUser", { UserId: id });
    assert.deepEqual([Title, NickName], ["Student", "Peb"]);
  });

  for (const javaScriptEnabled of [true, false]) {
    const name = javaScriptEnabled ? "quarry" : "quarry-plain";
    await test(`a group is made, filled, renamed and deleted (scripts: ${javaScriptEnabled})`, { javaScriptEnabled }, async (page) => {
      await enter(page, "/console/groups");
      await page.click("text=Add a group");
      await filled(page, { display_name: name, description: MARKUP });
      await press(page, "Add");
      await page.waitForURL(/done=created/);
      assert.match(await main(page), /Nobody is in this group/);
      assert.equal(await page.locator("main img").count(), 0);
      await page.fill('main input[type="search"]', "mallory");
      await page.keyboard.press("Enter");
      await page.waitForURL(/q=mallory/);
      await page.locator('main .choices button').first().focus();
      await page.keyboard.press("Enter");
      await page.waitForURL(/done=saved/);
      assert.match(await main(page), /mallory/);
      assert.equal(await page.locator("main script").count(), 0);
      if (javaScriptEnabled) await isAccessible(page);
      await shot(page, `console-${name}`);
      await page.click("main table a");
      await page.click("nav.tabs >> text=Groups");
      assert.match(await main(page), new RegExp(name));
      await press(page, "Remove");
      await page.waitForURL(/done=saved/);
      assert.match(await main(page), /They are in no group/);
      await page.fill('main input[type="search"]', name);
      await page.keyboard.press("Enter");
      await page.waitForURL(/q=/);
      await page.click("main .choices button");
      await page.waitForURL(/done=saved/);
      await page.click(`main table a:text-is("${name}")`);
      const here = page.url();
      await directory("CreateGroup", { DisplayName: `${name} drivers` });
      await page.click("nav.tabs >> text=Groups");
      assert.match(await main(page), /No group is in this group/);
      await page.fill('main input[type="search"]', `${name} drivers`);
      await page.keyboard.press("Enter");
      await page.waitForURL(/q=/);
      await page.locator("main .choices button").first().focus();
      await page.keyboard.press("Enter");
      await page.waitForURL(/groups\?done=saved/);
      assert.match(await main(page), /drivers\s+Member/);
      if (javaScriptEnabled) await isAccessible(page);
      await shot(page, `console-${name}-groups`);
      await page.click(`main table a:text-is("${name} drivers")`);
      await page.click("nav.tabs >> text=Groups");
      assert.match(await main(page), new RegExp(`Groups that this group is in[^]*${name}\\s+Member`));
      await page.fill('main input[type="search"]', name);
      await page.keyboard.press("Enter");
      await page.waitForURL(/q=/);
      await page.click(`main .choices button[aria-label$="${name}"]`);
      assert.match(await main(page), /never within itself/);
      await page.goto(here.replace(/\?.*/, "") + "/groups");
      await press(page, "Remove");
      await page.waitForURL(/groups\?done=saved/);
      assert.match(await main(page), /No group is in this group/);
      await page.click("nav.tabs >> text=Members");
      await page.click("text=Edit");
      await page.fill("#display_name", `${name} of Bedrock`);
      await press(page, "Save");
      await page.waitForURL(/done=saved/);
      await page.click(".head >> text=Delete");
      assert.match(await main(page), /one membership/);
      await page.fill("#confirmed", `${name} of Bedrock`);
      await press(page, "Delete for good");
      await page.waitForURL(base + "/console/groups?done=deleted");
    });
  }

  await test("a service user gets policies and a key, which opens what it may until it is disabled", { javaScriptEnabled: false }, async (page) => {
    await enter(page, "/console/service-users");
    await page.click("text=Add a service user");
    await filled(page, { user_name: "no such name!", description: MARKUP });
    await press(page, "Add");
    assert.equal(await page.locator("#user_name").inputValue(), "no such name!");
    assert.ok(await page.locator("#user_name-fault").count() === 1);
    await page.fill("#user_name", "robot");
    await press(page, "Add");
    await page.waitForURL(/done=created/);
    assert.equal(await page.locator("main img").count(), 0);
    await page.fill("#managed_policy", "arn:aws:iam::aws:policy/NoSuchPolicy");
    await press(page, "Attach");
    assert.match(await page.locator("[role=alert]").first().innerText(), /NoSuchPolicy/);
    await page.fill("#managed_policy", "arn:aws:iam::aws:policy/AWSSSOReadOnly");
    await press(page, "Attach");
    await page.waitForURL(/done=saved/);
    await page.fill("#inline_policy", "{ not json");
    await press(page, "Save");
    assert.equal(await page.locator("#inline_policy").inputValue(), "{ not json");
    assert.ok(await page.locator("#inline_policy-fault").count() === 1, await main(page));
    await page.fill("#inline_policy", JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "identitystore:ListUsers", Resource: "*" }] }));
    await press(page, "Save");
    await page.waitForURL(/done=saved/);
    await press(page, "Make an access key");
    await shot(page, "console-service-user-key");
    const [accessKeyId, secretAccessKey] = (await page.locator(".once pre").allInnerTexts()).map((text) => text.trim());
    const asRobot = caller(endpoint, { ...made, accessKeyId, secretAccessKey });
    assert.ok((await asRobot("identitystore", "AWSIdentityStore.ListUsers", store)).Users.length > 0);
    await page.reload();
    await page.goto(base + "/console/service-users/user/robot");
    assert.equal((await main(page)).includes(secretAccessKey), false, "shown once");
    await page.click(`main a:has-text("${accessKeyId}")`);
    await press(page, "Disable");
    await page.waitForURL(/done=saved/);
    await assert.rejects(asRobot("identitystore", "AWSIdentityStore.ListUsers", store));
    await page.click("main table a");
    await page.fill("#confirmed", accessKeyId);
    await press(page, "Delete for good");
    await page.waitForURL(/done=deleted/);
    await page.locator("main table button").first().click();
    await page.waitForURL(/done=saved/);
    assert.match(await main(page), /No policy of AWS’s is attached/);
    await page.click(".head >> text=Delete");
    await page.fill("#confirmed", "robot");
    await press(page, "Delete for good");
    await page.waitForURL(base + "/console/service-users?done=deleted");
  });

  await test("the last key of the root is disabled only by who says that there is another way in", {}, async (page) => {
    await enter(page, "/console/service-users/root");
    await isAccessible(page);
    await shot(page, "console-root-keys");
    await page.click(`main a:has-text("${made.accessKeyId}")`);
    await isAccessible(page);
    await press(page, "Disable");
    await page.waitForSelector("main [role=alert]");
    assert.match(await main(page), /last active key/);
    assert.ok(await call("identitystore", "AWSIdentityStore.ListUsers", store));
  });

  await test("who may only read is told so on each act, and sees the rest", {}, async (page) => {
    const { PermissionSet } = await call("sso", "SWBExternalService.CreatePermissionSet", { ...instance, Name: "LooksAtPeople" });
    const set = { ...instance, PermissionSetArn: PermissionSet.PermissionSetArn };
    const policy = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: ["identitystore:Describe*", "identitystore:List*", "portico:ListGroupsForUser", "portico:ListMembersInGroup"], Resource: "*" }] };
    await call("sso", "SWBExternalService.PutInlinePolicyToPermissionSet", { ...set, InlinePolicy: JSON.stringify(policy) });
    const reader = (await directory("ListUsers", { Filters: [{ AttributePath: "UserName", AttributeValue: "lena" }] })).Users[0].UserId;
    const created = (await call("sso", "SWBExternalService.CreateAccountAssignment", { ...set, TargetId: made.managementAccountId, TargetType: "AWS_ACCOUNT", PrincipalType: "USER", PrincipalId: reader })).AccountAssignmentCreationStatus;
    assert.ok(created.RequestId);
    const id = await somebody("betty");
    await enter(page, `/console/people/${id}`, "ursula", "correct horse battery staple").catch(() => {});
    assert.match(await main(page), /role in the management account/i, "who has no role there has no console");
    await page.click("header button");
    await enter(page, `/console/people/${id}`, "lena", "correct horse battery staple");
    await press(page, "Disable");
    await page.waitForSelector("main [role=alert]");
    assert.match(await main(page), /You act as LooksAtPeople/);
    await isAccessible(page);
    assert.equal((await directory("DescribeUser", { UserId: id })).UserStatus, "ENABLED");
    await page.goto(`${base}/console/people/${id}/sign-in`);
    assert.equal(await page.locator(".notice.bad").count(), 3, "invitations, factors and sessions say why they are not shown");
    await page.goto(base + "/console/people/new");
    await filled(page, { user_name: "dino", display_name: "Dino", given_name: "D", family_name: "Ino" });
    await press(page, "Add");
    await page.waitForSelector("main [role=alert]");
    assert.equal(await page.locator("#user_name").inputValue(), "dino", "what was typed is kept");
    await shot(page, "console-reader-refused");
    for (const room of ["people", "groups", "service-users"]) {
      await page.goto(`${base}/console/${room}`);
      assert.match(await main(page), /You act as LooksAtPeople/, room);
    }
  });

  await test("people are found by how a name begins, by status, and in the order of either name", { javaScriptEnabled: false }, async (page) => {
    for (let at = 0; at < 60; at++) await somebody(`finder${String(at).padStart(2, "0")}`, { DisplayName: `Zed ${String(99 - at)}` });
    await enter(page);
    await page.fill('input[name="q"]', "FINDER");
    await page.keyboard.press("Enter");
    await page.waitForURL(/q=FINDER/);
    const rows = () => page.locator("tbody th").allInnerTexts();
    assert.equal((await rows()).length, 50);
    await page.click("text=Next page");
    assert.deepEqual((await rows()).map((text) => text.trim()), [...Array(10).keys()].map((at) => `finder${50 + at}`));
    await page.click("text=First page");
    await page.selectOption("select[name=status]", "disabled");
    await press(page, "Search");
    assert.match(await main(page), /Nobody matches/);
    await page.click("text=Show everybody");
    await page.click("thead a");
    await page.waitForURL(/sort=display-name/);
    const names = (await page.locator("tbody td:nth-child(2)").allInnerTexts()).map((name) => name.toLowerCase());
    assert.deepEqual(names, [...names].sort(), "by display name");
    await shot(page, "console-people");
  });

  await test("names that try to be markup are text in every room", {}, async (page) => {
    const id = await somebody("wicked", { DisplayName: MARKUP, NickName: MARKUP, Title: `"><script>alert(4)</script>`, Name: { GivenName: MARKUP, FamilyName: MARKUP } });
    await enter(page);
    for (const where of ["", `/${id}`, `/${id}/edit`, `/${id}/groups`, `/${id}/sign-in`, `/${id}/delete`, `?q=${encodeURIComponent(MARKUP)}`]) {
      await page.goto(`${base}/console/people${where}`);
      assert.equal(await page.locator("main img, main script").count(), 0, where);
    }
    await page.goto(base + "/console/people/00000000-0000-4000-8000-000000000000");
    assert.equal(await page.locator("main [role=alert]").count(), 1);
  });

  await test("the shown command does the same with the real AWS CLI", {}, async (page) => {
    const id = await somebody("slate");
    await enter(page, `/console/people/${id}`);
    await page.click('summary:text-is("Do this with the AWS CLI")');
    const command = await page.locator(".does pre").textContent();
    const home = mkdtempSync(path.join(os.tmpdir(), "portico-people-"));
    const env = { PATH: `${path.join(cache, "aws-cli")}:/usr/bin:/bin`, HOME: home, AWS_ENDPOINT_URL: endpoint, AWS_REGION: made.region, AWS_PAGER: "", AWS_ACCESS_KEY_ID: made.accessKeyId, AWS_SECRET_ACCESS_KEY: made.secretAccessKey };
    try {
      const shell = (text) => execFileSync("sh", ["-c", text], { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
      shell(`aws configure add-model --service-model 'file://${path.join(root, "api/portico.json")}'`);
      shell(command);
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
    assert.match(command, /^aws portico disable-user/);
    assert.equal((await directory("DescribeUser", { UserId: id })).UserStatus, "DISABLED");
  });
}
