// The console's rooms of assignments, access and accounts: each act by keyboard or without scripts, the commands that it shows, names that try to be
// markup, roles that may not, a server that goes away.
import assert from "node:assert/strict";
import { axe, signIn } from "./rig.mjs";

const MARKUP = "<img src=x onerror=alert(1)>", PASSWORD = "correct horse battery staple";

export async function play({ test, base, call, made }) {
  const instance = { InstanceArn: made.instanceArn }, directory = { IdentityStoreId: made.identityStoreId };
  const portico = (operation, input) => call("portico", `Portico.${operation}`, { ...instance, ...input });
  const id = async (userName) => (await call("identitystore", "AWSIdentityStore.GetUserId", { ...directory, AlternateIdentifier: { UniqueAttribute: { AttributePath: "userName", AttributeValue: userName } } })).UserId;
  const [jane, mallory] = [await id("jane"), await id("mallory")];
  const { PermissionSets: sets } = await portico("ListPermissionSetsWithDetails", {});
  const power = sets.find((set) => set.Name === "PowerUser").PermissionSetArn;
  const short = power.split("/").pop(), PROD = "222233334444", HOSTILE = "333344445555";
  const { GroupId: team } = await call("identitystore", "AWSIdentityStore.CreateGroup", { ...directory, DisplayName: MARKUP });
  await call("identitystore", "AWSIdentityStore.CreateGroupMembership", { ...directory, GroupId: team, MemberId: { UserId: jane } });
  const signInAt = async (page, where) => {
    await page.goto(base + where);
    await signIn(page, made.administrator.userName, made.administrator.password);
    await page.waitForURL(base + where);
  };

  await test("access is assigned step by step by keyboard, previewed, and its progress seen", {}, async (page) => {
    await signInAt(page, "/console/assignments/new");
    await axe(page);
    const tick = async (text) => { await page.locator("label.choice", { hasText: text }).first().locator("input").focus(); await page.keyboard.press("Space"); };
    const press = async (name) => { await page.getByRole("button", { name }).first().focus(); const before = page.url(); await page.keyboard.press("Enter"); await page.waitForURL((url) => url.href !== before); };
    await tick(MARKUP);
    await press("Next: Permission sets");
    await tick("PowerUser");
    await press("Next: Accounts");
    await tick("payments-prod");
    await tick(HOSTILE);
    await axe(page);
    await press("Preview");
    assert.match(page.url(), /\/console\/assignments\/preview\?/);
    const text = await page.locator("main").innerText();
    assert.match(text, /2 are new/);
    assert.ok(text.includes(MARKUP), "a name is text");
    await axe(page);
    assert.deepEqual((await portico("ListEffectiveAccess", { GroupId: team })).EffectiveAccess, [], "a preview changes nothing");
    await press("Make 2 assignments");
    await page.waitForURL(/\/batches\/[0-9a-f-]{36}$/);
    await page.waitForSelector("text=Done: all 2 assignments.");
    await axe(page);
    assert.equal((await portico("ListEffectiveAccess", { GroupId: team })).EffectiveAccess.length, 2);
    await page.goBack();
    assert.match(page.url(), /\/preview\?/, "Back asks nobody to send a form again");
    assert.match(await page.locator("main").innerText(), /2 exist already/);
  });

  await test("without scripts assignments are taken away, after a preview", { javaScriptEnabled: false }, async (page) => {
    await signInAt(page, `/console/assignments?group=${team}`);
    for (const box of await page.locator("td.pick input").all()) await box.check();
    await page.click("text=Remove the chosen ones");
    assert.match(await page.locator("main").innerText(), /2 are removed/);
    await page.click("text=Remove 2 assignments");
    await page.waitForURL(/\/batches\//);
    assert.match(await page.locator("main").innerText(), /Done: all 2 assignments/);
    assert.deepEqual((await portico("ListEffectiveAccess", { GroupId: team })).EffectiveAccess, []);
  });

  await test("a preview that is no longer true is not sent", {}, async (page) => {
    const where = `/console/assignments/preview?group=${team}&set=${short}&account=${PROD}`;
    await signInAt(page, where);
    assert.match(await page.locator("main").innerText(), /1 is new/);
    const row = { TargetId: PROD, PermissionSetArn: power, PrincipalType: "GROUP", PrincipalId: team };
    await portico("BatchCreateAccountAssignments", { Assignments: [row] });
    await page.click("text=Make 1 assignment");
    await page.waitForSelector("text=Somebody changed something meanwhile");
    assert.match(await page.locator("main").innerText(), /1 exists already/);
    await axe(page);
  });

  await test("too many at once, and nothing chosen, are said before anything is sent", {}, async (page) => {
    await signInAt(page, "/console/assignments/preview");
    assert.match(await page.locator("[role=alert]").innerText(), /Nothing is chosen yet/);
    const many = Array.from({ length: 1_001 }, (_, at) => `account=${String(100_000_000_000 + at)}`).join("&");
    await page.goto(`${base}/console/assignments/preview?user=${jane}&set=${short}&${many}`);
    assert.match(await page.locator("[role=alert]").innerText(), /1,?001 assignments, and one batch takes 1,?000/);
  });

  await test("what failed is shown with its reason and can be tried again", {}, async (page) => {
    const absent = { TargetId: PROD, PermissionSetArn: power, PrincipalType: "USER", PrincipalId: mallory };
    const { RequestId } = await portico("BatchDeleteAccountAssignments", { Assignments: [absent] });
    await signInAt(page, `/console/assignments/batches/${RequestId}`);
    await page.waitForSelector("text=1 failed");
    await axe(page);
    await page.click("text=Try 1 again");
    await page.waitForURL((url) => /\/batches\//.test(url) && !url.href.includes(RequestId));
    await page.waitForSelector("text=1 failed");
  });

  await test("a server that is gone while a page polls is said calmly, and the page goes on", { expected: /ERR_FAILED/ }, async (page) => {
    const { RequestId } = await portico("BatchCreateAccountAssignments", { Assignments: [{ TargetId: PROD, PermissionSetArn: power, PrincipalType: "USER", PrincipalId: jane }] });
    const where = `/console/assignments/batches/${RequestId}`;
    let polls = 0;
    await page.route(`**${where}`, async (route) => {
      const answer = await route.fetch();
      if (polls++ === 0) return route.fulfill({ response: answer, body: (await answer.text()).replace('<div id="live" data-follow>', '<div id="live" data-follow data-poll>') });
      return polls <= 3 ? route.abort() : route.fulfill({ response: answer });
    });
    await page.goto(base + where);
    await signIn(page, made.administrator.userName, made.administrator.password);
    polls = 0;
    await page.goto(base + where);
    await page.waitForSelector("[data-calm]:visible", { timeout: 60_000 });
    await page.waitForSelector("#live:not([data-poll])", { timeout: 60_000 });
    assert.match(await page.locator("main").innerText(), /Done/);
  });

  await test("who reaches what is drawn, followed by keyboard, and told as a table", {}, async (page) => {
    await signInAt(page, `/console/access?user=${jane}`);
    const text = await page.locator("main").innerText();
    assert.match(text, /What Jane Doe can reach/);
    assert.ok(text.includes(MARKUP));
    await axe(page);
    await page.locator("svg a", { hasText: "PowerUser" }).focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(/set=ps-/);
    await axe(page);
    await page.locator("svg a", { hasText: "payments-prod" }).focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(/account=222233334444/);
    assert.match(await page.locator("table").innerText(), /Jane Doe/);
    await page.goto(`${base}/console/access?user=${jane}&at=2001-01-01T00:00`);
    assert.match(await page.locator("[role=alert]").innerText(), /not known|nicht bekannt/);
    assert.equal(await page.inputValue("#at"), "2001-01-01T00:00", "what was typed stays");
    await axe(page);
  });

  await test("a spreadsheet takes no name for a formula", {}, async (page) => {
    const evil = await call("identitystore", "AWSIdentityStore.CreateUser", { ...directory, UserName: "=cmd|'/C'!A0", DisplayName: "=HYPERLINK(\"http://evil\")", Name: { GivenName: "A", FamilyName: "B" } });
    await portico("BatchCreateAccountAssignments", { Assignments: [{ TargetId: HOSTILE, PermissionSetArn: power, PrincipalType: "USER", PrincipalId: evil.UserId }] });
    await signInAt(page, `/console/access?account=${HOSTILE}`);
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("text=Download as CSV")]);
    const stream = await download.createReadStream();
    let text = "";
    for await (const part of stream) text += part;
    assert.match(text, /"'=cmd/);
    assert.match(text, /"'=HYPERLINK\(""http/);
    assert.doesNotMatch(text, /(^|,)"?[=+@-]/m);
  });

  await test("units are made, renamed, filled and emptied without scripts, and deleted by their name", { javaScriptEnabled: false }, async (page) => {
    await signInAt(page, "/console/accounts");
    await page.click("text=Create a unit");
    await page.fill("#name", MARKUP);
    await page.click("main form.card button[type=submit]");
    await page.waitForURL(/unit=ou-/);
    const unit = new URL(page.url()).searchParams.get("unit");
    assert.ok((await page.locator("h1").innerText()).includes(MARKUP));
    await page.click("text=Rename");
    await page.fill("#name", "Workloads");
    await page.click("main form.card button[type=submit]");
    await page.waitForURL(/done=saved/);
    await page.goto(base + "/console/accounts");
    await page.locator(`td.pick input[value="${PROD}"]`).check();
    await page.click("text=Move the chosen ones");
    await page.click("main .units a:has-text('Workloads')");
    await page.click("text=Move 1 account here");
    await page.waitForURL(new RegExp(`unit=${unit}&done=saved`));
    assert.match(await page.locator("main").innerText(), /payments-prod/);
    await page.goto(`${base}/console/accounts/units/${unit}/delete`);
    assert.match(await page.locator("main").innerText(), /Only an empty unit can be deleted[\s\S]*payments-prod/);
    await page.goto(`${base}/console/accounts/move?account=${PROD}`);
    await page.click("text=Move 1 account here");
    await page.waitForURL(/done=saved/);
    await page.goto(`${base}/console/accounts/units/${unit}/delete`);
    await page.fill("#confirmed", "workloads");
    await page.click("main form.card button[type=submit]");
    assert.match(await page.locator("#confirmed-fault").innerText(), /That is not the name/);
    await page.fill("#confirmed", "Workloads");
    await page.click("main form.card button[type=submit]");
    await page.waitForURL(/done=deleted/);
  });

  await test("two who change one tag: the second is told, and nothing is overwritten", {}, async (page) => {
    const where = `/console/accounts/${HOSTILE}`;
    await signInAt(page, where);
    assert.ok((await page.locator("h1").innerText()).includes(MARKUP));
    await axe(page);
    await call("organizations", "AWSOrganizationsV20161128.TagResource", { ResourceId: HOSTILE, Tags: [{ Key: "owner", Value: "other" }] });
    await page.fill("#key", "owner");
    await page.fill("#value", "mine");
    await page.click("text=Save the tag");
    assert.match(await page.locator("#tag-fault").innerText(), /Somebody set the tag owner to “other” meanwhile/);
    assert.equal(await page.inputValue("#value"), "mine", "what was typed stays");
    await axe(page);
    await page.click("text=Save the tag");
    await page.waitForURL(/done=saved/);
  });

  await test("an account is created, and its state seen", {}, async (page) => {
    await signInAt(page, "/console/accounts/new");
    await axe(page);
    await page.fill("#name", "sandbox");
    await page.fill("#email", "aws+payments@acme.example");
    await page.click("main form.card button[type=submit]");
    await page.waitForSelector("#live, #fault");
    if (await page.locator("#live").count()) await page.waitForSelector("text=The account was not created.");
    await page.goto(base + "/console/accounts/new");
    await page.fill("#name", "sandbox");
    await page.fill("#email", "aws+sandbox@acme.example");
    const command = await page.locator("details.does pre").textContent();
    assert.match(command, /^aws organizations create-account/);
    await page.click("main form.card button[type=submit]");
    await page.waitForURL(/\/creations\//);
    await page.waitForSelector("text=Created: account");
    await axe(page);
  });

  await test("who may only read is refused with a clear page, and nothing is done", {}, async (page) => {
    const made2 = await call("sso", "SWBExternalService.CreatePermissionSet", { ...instance, Name: "Onlooker" });
    const arn = made2.PermissionSet.PermissionSetArn;
    const statement = { Effect: "Allow", Action: ["portico:List*", "portico:Get*", "portico:Preview*", "sso:List*", "identitystore:List*", "identitystore:Describe*", "organizations:List*", "organizations:Describe*"], Resource: "*" };
    await call("sso", "SWBExternalService.PutInlinePolicyToPermissionSet", { ...instance, PermissionSetArn: arn, InlinePolicy: JSON.stringify({ Version: "2012-10-17", Statement: statement }) });
    const olga = await id("olga");
    await portico("BatchCreateAccountAssignments", { Assignments: [{ TargetId: made.managementAccountId, PermissionSetArn: arn, PrincipalType: "USER", PrincipalId: olga }] });
    const where = `/console/assignments/preview?user=${olga}&set=${short}&account=${PROD}`;
    await page.goto(base + where);
    await signIn(page, "olga", PASSWORD);
    await page.waitForURL(base + where);
    await page.click("text=Make 1 assignment");
    await page.waitForSelector("main [role=alert]");
    assert.match(await page.locator("main").innerText(), /You act as Onlooker/);
    await axe(page);
    const held = (await portico("ListEffectiveAccess", { UserId: olga })).EffectiveAccess;
    assert.equal(held.length, 1);
  });
}
