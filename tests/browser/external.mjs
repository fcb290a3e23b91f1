// Signing in by identity providers that nobody here wrote, in a browser: SimpleSAMLphp, pysaml2 and oidc-provider (tests/peers), from their pages to the
// AWS CLI's credentials, and everything in between that must not be enough.
import assert from "node:assert/strict";
import { peer } from "../peers/peer.mjs";
import { cli } from "./aws.mjs";
import { caller, start } from "./rig.mjs";

export const COST_CENTER = "https://aws.amazon.com/SAML/Attributes/AccessControl:CostCenter";
const ASKS = "Allow the AWS CLI on this computer to use your access?";
// The CLI stops to listen once it was answered, and oidc-provider's page asks for a font of another site.
const THERE = { expected: /status of 4\d\d|ERR_CONNECTION_REFUSED|ERR_NAME_NOT_RESOLVED/ };
const OLAF = { email: "olaf@open.example", name: "Olaf Open", groups: ["tagged"], cost_center: "4711" };
export const attributes = (name, more = {}) => ({ uid: [name], mail: [`${name}@acme.example`], displayName: [`${name} Äcme`], groups: [], ...more });

// A server whose people come from three providers, and what the tests do with it.
export async function world(binary) {
  // Its pages are on one site and the providers on another, as they are in life: cookies tell `localhost` from 127.0.0.1.
  const server = await start(binary, "tests/browser/people.yaml", { publicHost: "localhost", flags: ["--outbound-allow", "127.0.0.1"] });
  const call = caller(server.endpoint, server.made), { made, base } = server;
  const store = { IdentityStoreId: made.identityStoreId }, instance = { InstanceArn: made.instanceArn };
  const directory = (operation, input) => call("identitystore", `AWSIdentityStore.${operation}`, { ...store, ...input });
  const admin = (operation, input) => call("sso", `SWBExternalService.${operation}`, { ...instance, ...input });
  const portico = (operation, input) => call("portico", `Portico.${operation}`, { ...store, ...input });
  const user = async (UserName) => (await directory("CreateUser", { UserName, DisplayName: UserName, Name: { GivenName: UserName, FamilyName: "Example" } })).UserId;
  const group = async (DisplayName) => (await directory("CreateGroup", { DisplayName })).GroupId;
  const members = async (GroupId) => {
    const all = (await directory("ListGroupMemberships", { GroupId })).GroupMemberships;
    return Promise.all(all.map(async ({ MemberId }) => (await directory("DescribeUser", { UserId: MemberId.UserId })).UserName));
  };
  const users = async () => (await directory("ListUsers", {})).Users.map(({ UserName }) => UserName);
  // A role in the management account for this group: its policy asks for a session tag.
  const role = async (Name, GroupId) => {
    const policy = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "sso:ListPermissionSets", Resource: "*", Condition: { StringEquals: { "aws:PrincipalTag/CostCenter": "4711" } } }] };
    const { PermissionSetArn } = (await admin("CreatePermissionSet", { Name })).PermissionSet;
    await admin("PutInlinePolicyToPermissionSet", { PermissionSetArn, InlinePolicy: JSON.stringify(policy) });
    await admin("CreateAccountAssignment", { PermissionSetArn, PrincipalType: "GROUP", PrincipalId: GroupId, TargetType: "AWS_ACCOUNT", TargetId: made.managementAccountId });
  };
  const connect = async (Configuration, more = {}) => {
    const { ConfigurationId } = await portico("CreateExternalIdPConfigurationForDirectory", { Configuration, ...more });
    const ours = await portico("GetAWSSPConfigurationForDirectory", { ConfigurationId });
    const set = (changed) => portico("UpdateExternalIdPConfigurationForDirectory", { ConfigurationId, Configuration: { ...Configuration, ...changed } });
    return { ConfigurationId, ours, set, enable: () => portico("EnableExternalIdPConfigurationForDirectory", { ConfigurationId }), refresh: () => portico("RefreshExternalIdPMetadata", { ConfigurationId }) };
  };
  return { ...server, base, call, sso: admin, directory, portico, user, group, members, users, role, connect };
}

export const metadata = async ({ ours }) => (await fetch(ours.Saml.MetadataUrl)).text();
export const plain = (page) => page.locator("main").innerText();

// What SimpleSAMLphp, or oidc-provider, asks of somebody.
export async function atSimpleSaml(page, name, password = "right") {
  await page.fill("#username", name);
  await page.fill("#password", password);
  await page.locator("#submit_button, button[type=submit]").first().click();
}
async function atOidc(page, name) {
  await page.fill("input[name=login]", name);
  await page.fill("input[name=password]", "any");
  await page.click("button[type=submit]");
  await page.click("button[type=submit]");
}

export async function play({ test, binary, shot, isAccessible }) {
  const here = await world(binary);
  const { base, made } = here;
  const offices = { tagged: await here.group("tagged"), dev: await here.group("dev"), ops: await here.group("ops") };
  await here.role("Tagged", offices.tagged);
  for (const name of ["wanda", "tom", "dora"]) {
    const UserId = await here.user(`${name}@acme.example`);
    await here.directory("CreateGroupMembership", { GroupId: offices.tagged, MemberId: { UserId } });
    if (name === "dora") await here.portico("DisableUser", { UserId });
  }

  const saml = await peer("simplesaml", { people: [
    { name: "wanda", password: "right", attributes: attributes("wanda", { [COST_CENTER]: ["4711"] }) },
    { name: "tom", password: "right", attributes: attributes("tom", { [COST_CENTER]: ["9999"] }) },
    { name: "dora", password: "right", attributes: attributes("dora") },
    { name: "nobody", password: "right", attributes: attributes("nobody") },
    { name: "admin", password: "right", attributes: { uid: ["admin"], mail: ["jane"] } },
  ] });
  const corp = await here.connect({ Name: "Acme Directory", Saml: { MetadataUrl: saml.told.metadata, SignRequests: true }, Domains: ["acme.example"], Subject: "USER_NAME" });
  await saml.set({ service_providers: [{ metadata: await metadata(corp) }] });

  // The second SAML provider answers at once, for whom it is told.
  const partner = await peer("pysaml", {});
  const newcomers = { Create: true, Update: true, Attributes: [{ Attribute: "displayName", From: "displayName" }, { Attribute: "emails.value", From: "mail" }], GroupsFrom: "groups", Groups: [{ Value: "developers", GroupId: offices.dev }, { Value: "operators", GroupId: offices.ops }] };
  const partnerSaml = { MetadataUrl: partner.told.metadata, SignRequests: true };
  const partners = await here.connect({ Name: "Partner", Saml: partnerSaml, Domains: ["partner.example"], Subject: "USER_NAME", Arrivals: newcomers });
  const partnerPerson = (name, groups = []) => ({ name, attributes: { ...attributes(name, { groups }), mail: [`${name}@partner.example`] } });
  await partner.set({ service_providers: [await metadata(partners)], people: [partnerPerson("nina", ["developers", "unheard of"])], answers_for: "nina" });

  const openid = await peer("oidc", {});
  const oidc = await here.connect({
    Name: "OpenID", Oidc: { Issuer: openid.told.issuer, ClientId: "portico", ClientAuthentication: "CLIENT_SECRET_BASIC", Scopes: ["profile", "email", "groups"] }, Domains: ["open.example"], Subject: "EXTERNAL_ID",
    Arrivals: { ...newcomers, Attributes: [{ Attribute: "userName", From: "email" }, { Attribute: "displayName", From: "name" }], Groups: [{ Value: "tagged", GroupId: offices.tagged }] }, SessionTags: [{ Key: "CostCenter", From: "cost_center" }],
  }, { ClientSecret: "a secret that is long enough" });
  const client = { client_id: "portico", client_secret: "a secret that is long enough", redirect_uris: [oidc.ours.Oidc.RedirectUri], backchannel_logout_uri: oidc.ours.Oidc.BackChannelLogoutUri, backchannel_logout_session_required: true };
  const connected = Date.now();
  await openid.set({ clients: [client], id_token_claims: true, people: { olaf: OLAF } });

  const aws = cli(base, made.startUrl, [["tagged", made.managementAccountId, "Tagged"]]);
  const signInWith = (page, name) => page.click(`text=Sign in with ${name}`);
  // Signs the CLI in by a provider, from the page that the CLI opens.
  const cliBy = (page, provider, there) => aws.login("tagged", async (address) => {
    await page.goto(address);
    await signInWith(page, provider);
    await there();
    await page.waitForURL((url) => url.href.startsWith(base));
    assert.equal(await page.locator("h1").innerText(), ASKS);
    await page.click("button[name=decision][value=approve]");
    await page.waitForURL((url) => url.hostname === "127.0.0.1" && url.pathname === "/oauth/callback");
  });
  const whoami = async () => {
    const { code, out, err } = await aws.run("sts get-caller-identity --profile tagged --output json");
    return code === 0 ? JSON.parse(out).Arn : err;
  };

  await test("a provider that is not enabled is not offered", {}, async (page) => {
    await page.goto(base + "/start");
    assert.doesNotMatch(await plain(page), /Sign in with (Acme|Partner|OpenID)/);
    await page.goto(`${base}/signin/external?idp=${corp.ConfigurationId}&return_to=%2Fstart`);
    assert.ok(page.url().startsWith(base), page.url());
    await isAccessible(page);
  });
  for (const provider of [corp, partners, oidc]) await provider.enable();

  for (const [name, options] of [["wide", {}], ["phone", { viewport: { width: 360, height: 740 }, colorScheme: "dark" }]]) {
    await test(`the sign-in page offers the providers, and asks for the name first (${name})`, options, async (page) => {
      await page.goto(base + "/start");
      assert.deepEqual(await page.locator("main a.button").allInnerTexts(), ["Acme Directory", "OpenID", "Partner"].map((provider) => `Sign in with ${provider}`));
      assert.equal(await page.locator("#password").count(), 0);
      await isAccessible(page);
      await shot(page, `external-signin-${name}`);
      await page.fill("#username", "wanda@acme.example");
      await page.keyboard.press("Enter");
      await page.waitForURL((url) => url.href.startsWith(saml.told.base));
      await page.goto(base + "/start");
      await page.fill("#username", "jane");
      await page.keyboard.press("Enter");
      await page.waitForSelector("#password");
      await isAccessible(page);
      await page.fill("#password", "correct horse battery staple");
      await page.keyboard.press("Enter");
      await page.waitForURL(base + "/start");
    });
  }

  await test("SimpleSAMLphp signs somebody in, the AWS CLI gets credentials, and what SimpleSAMLphp says of them decides", THERE, async (page) => {
    await cliBy(page, "Acme Directory", () => atSimpleSaml(page, "wanda"));
    assert.match(await whoami(), new RegExp(`^arn:aws:sts::${made.managementAccountId}:assumed-role/AWSReservedSSO_Tagged_\\w+/wanda@acme\\.example$`));
    const listed = await aws.run(`sso-admin list-permission-sets --instance-arn ${made.instanceArn} --profile tagged`);
    assert.equal(listed.code, 0, listed.err);
    await page.goto(base + "/start");
    await page.waitForURL(base + "/start");
    await shot(page, "external-portal");
  });

  await test("a session tag of another value opens nothing", THERE, async (page) => {
    aws.forget();
    await cliBy(page, "Acme Directory", () => atSimpleSaml(page, "tom"));
    assert.match(await whoami(), /\/tom@acme\.example$/);
    const refused = await aws.run(`sso-admin list-permission-sets --instance-arn ${made.instanceArn} --profile tagged`);
    assert.match(refused.err, /AccessDenied/);
  });

  await test("SimpleSAMLphp 1.19 encrypts with AES-CBC, which counts where an administrator lets it", { expected: /status of 4\d\d/ }, async (page) => {
    const document = await metadata(corp), settings = { "assertion.encryption": true };
    await saml.set({ service_providers: [{ metadata: document, settings }] });
    const comes = async () => {
      await page.context().clearCookies();
      await page.goto(base + "/start");
      await signInWith(page, "Acme Directory");
      await atSimpleSaml(page, "wanda");
      await page.waitForURL((url) => url.href.startsWith(base) && !url.pathname.startsWith("/platform"));
      return page.url() === base + "/start";
    };
    assert.ok(!(await comes()), "nobody allowed it");
    const allowed = { MetadataUrl: saml.told.metadata, SignRequests: true, AllowAesCbc: true };
    await corp.set({ Saml: allowed });
    assert.ok(await comes(), await plain(page));
    // Signed within alone: whoever altered what is encrypted would learn from our answers what it says.
    await saml.set({ service_providers: [{ metadata: document, settings: { ...settings, "saml20.sign.response": false } }] });
    assert.ok(!(await comes()), "not signed around it");
    await corp.set({});
    await saml.set({ service_providers: [{ metadata: document }] });
    assert.ok(await comes(), await plain(page));
  });

  await test("who is disabled, not here, or not of the provider's domains hears one and the same sentence", {}, async (page) => {
    const told = [];
    for (const name of ["dora", "nobody", "admin"]) {
      await page.context().clearCookies();
      await page.goto(base + "/start");
      await signInWith(page, "Acme Directory");
      await atSimpleSaml(page, name);
      await page.waitForURL((url) => url.href.startsWith(base));
      told.push((await plain(page)).replace(/\s*Request \S+$/, ""));
      await page.goto(base + "/start");
      assert.match(page.url(), /\/signin/);
    }
    assert.equal(new Set(told).size, 1, told.join("\n"));
    assert.match(told[0], /Signing in with Acme Directory did not work/);
    assert.doesNotMatch(told[0], /dora|nobody|jane|disabled/);
  });

  await test("the page of a sign-in that did not work can be used by everybody", { viewport: { width: 360, height: 740 } }, async (page) => {
    await page.goto(base + "/start");
    await signInWith(page, "Acme Directory");
    await atSimpleSaml(page, "nobody");
    await page.waitForURL((url) => url.href.startsWith(base));
    await isAccessible(page);
    await shot(page, "external-failed");
  });

  await test("somebody new is made with what the partner says, and leaves a group when it says so no more", {}, async (page) => {
    await page.goto(base + "/start");
    await signInWith(page, "Partner");
    await page.waitForURL(base + "/start");
    assert.ok((await here.users()).includes("nina@partner.example"));
    assert.deepEqual([await here.members(offices.dev), await here.members(offices.ops)], [["nina@partner.example"], []]);
    await partner.set({ people: [partnerPerson("nina", ["operators"])] });
    await page.context().clearCookies();
    await page.goto(base + "/start");
    await signInWith(page, "Partner");
    await page.waitForURL(base + "/start");
    assert.deepEqual([await here.members(offices.dev), await here.members(offices.ops)], [[], ["nina@partner.example"]]);
  });

  // Somebody signs in by pysaml2, which answers as `answer` says; whether they are in.
  async function comes(page, answer = {}) {
    await partner.set({ answer });
    await page.context().clearCookies();
    await page.goto(base + "/start");
    await signInWith(page, "Partner");
    await page.waitForURL((url) => url.href.startsWith(base) && !/^\/(platform|signin\/external$)/.test(url.pathname));
    return page.url() === base + "/start";
  }
  await test("a provider that takes requests in forms alone is sent one, signed so that pysaml2 believes it", { viewport: { width: 360, height: 740 } }, async (page) => {
    const document = await (await fetch(partner.told.metadata)).text();
    const byForm = document.replace(/<[^>]*SingleSignOnService [^>]*HTTP-Redirect[^>]*>/, "");
    assert.ok(byForm.length < document.length && /SingleSignOnService [^>]*HTTP-POST/.test(byForm), document);
    await partners.set({ Saml: { MetadataXml: byForm, SignRequests: true } });
    await page.goto(base + "/start");
    await signInWith(page, "Partner");
    assert.equal(await page.locator("h1").innerText(), "One more step");
    await shot(page, "external-by-form");
    await page.click("main button[type=submit]");
    await page.waitForURL(base + "/start");
    await partners.set({});
  });

  // The form with which pysaml2 answers, caught on its way; `send` posts it from another page.
  async function caught(page) {
    let body;
    await page.route("**/platform/saml/acs/**", (route) => { body = route.request().postData(); return route.abort(); });
    await page.goto(base + "/start");
    await signInWith(page, "Partner");
    while (!body) await page.waitForTimeout(20);
    await page.unroute("**/platform/saml/acs/**");
    return Object.fromEntries(new URLSearchParams(body));
  }
  async function send(page, fields) {
    await page.goto(`${partner.told.base}/elsewhere`);
    await page.evaluate(([action, fields]) => {
      const form = Object.assign(document.createElement("form"), { method: "post", action });
      for (const [name, value] of Object.entries(fields)) form.append(Object.assign(document.createElement("input"), { name, value }));
      document.body.append(form);
      form.submit();
    }, [partners.ours.Saml.AcsUrl, fields]);
    await page.waitForURL((url) => url.href.startsWith(base));
  }
  const isOut = async (page) => {
    await page.goto(base + "/start");
    assert.match(page.url(), /\/signin/);
  };

  await test("an answer that is taken to another browser signs nobody in there, and once it was used nobody anywhere", { expected: /status of 4\d\d|ERR_FAILED/ }, async (page, context) => {
    const fields = await caught(page);
    const other = await (await context.browser().newContext()).newPage();
    await send(other, fields);
    assert.match(await plain(other), /did not work|took too long/);
    await isAccessible(other);
    await isOut(other);
    await other.context().close();
    // The browser that asked has lost nothing by it but this answer.
    await send(page, fields);
    await isOut(page);
    const again = await caught(page);
    await send(page, again);
    await page.waitForURL(base + "/start");
    await page.context().clearCookies();
    await send(page, again);
    assert.match(await plain(page), /Signing in with Partner did not work/);
    await isOut(page);
  });

  await test("what a provider signs with a key of its own kind and encrypts counts, and what is signed weakly or by another does not", { expected: /status of 4\d\d/ }, async (page) => {
    const RSA_SHA1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1", SHA1 = "http://www.w3.org/2000/09/xmldsig#sha1";
    const GCM = "http://www.w3.org/2009/xmlenc11#aes256-gcm", CBC = "http://www.w3.org/2001/04/xmlenc#aes128-cbc";
    const good = [{}, { signs: ["response"] }, { signs: ["response", "assertion"] }, { encrypts: GCM }, { encrypts: GCM, signs: ["assertion", "response"] }, { encrypts: GCM, signs: ["response"] }];
    for (const answer of good) assert.ok(await comes(page, answer), JSON.stringify(answer) + await plain(page));
    const amiss = [
      { signs: [] }, { signed_by: "stranger" }, { signature: RSA_SHA1, digest: SHA1 }, { encrypts: CBC }, { encrypts: CBC, signs: ["assertion", "response"] }, { encrypts: GCM, signs: [] }, { audience: "urn:other" }, { recipient: "https://other.test/" },
      { destination: "https://other.test/" }, { issuer: "urn:other" }, { in_response_to: "_other" }, { not_before: "2999-01-01T00:00:00Z" }, { not_on_or_after: "2000-01-01T00:00:00Z" },
      { session_not_on_or_after: "2000-01-01T00:00:00Z" }, { name_id: "wanda@acme.example" }, { name_id: "jane" }, { status: "urn:oasis:names:tc:SAML:2.0:status:AuthnFailed" },
    ];
    for (const answer of amiss) assert.ok(!(await comes(page, answer)), JSON.stringify(answer));
    await partners.set({ Saml: { ...partnerSaml, AllowSha1: true } });
    assert.ok(await comes(page, { signature: RSA_SHA1, digest: SHA1 }), "SHA-1, allowed");
    await partners.set({ Saml: { ...partnerSaml, AllowAesCbc: true } });
    for (const signs of [["response"], ["assertion", "response"]]) assert.ok(await comes(page, { encrypts: CBC, signs }), "AES-CBC, allowed");
    for (const signs of [["assertion"], []]) assert.ok(!(await comes(page, { encrypts: CBC, signs })), "AES-CBC that anybody could have altered");
    await partners.set({});
    await partner.set({ key: "ec", answer: {} });
    assert.ok(!(await comes(page)), "a key that was not told");
    await partners.refresh();
    assert.ok(await comes(page), "ECDSA");
  });

  await test("who proves themselves again has signed in at the provider again, not only once", { expected: /status of 4\d\d/ }, async (page) => {
    const again = `${base}/signin/external?idp=${partners.ConfigurationId}&return_to=%2Fsecurity&again=1`;
    assert.ok(await comes(page));
    await partner.set({ answer: { authn_instant: new Date(Date.now() - 3_600_000).toISOString().replace(/\.\d+/, "") } });
    await page.goto(again);
    await page.waitForURL((url) => url.href.startsWith(base) && !url.pathname.startsWith("/platform"));
    assert.match(await plain(page), /Signing in with Partner did not work/);
    await partner.set({ answer: {} });
    await page.goto(again);
    await page.waitForURL(base + "/security");
    await page.context().clearCookies();
    await page.goto(base + "/start");
    await signInWith(page, "Acme Directory");
    await atSimpleSaml(page, "wanda");
    await page.waitForURL(base + "/start");
    // By a form, as whatever is to be proved again begins: what a page's forms may lead to holds for all of its way.
    await page.goto(base + "/security");
    await page.evaluate(() => {
      const form = Object.assign(document.createElement("form"), { action: "/signin/verify" });
      form.append(Object.assign(document.createElement("input"), { name: "return_to", value: "/security" }));
      document.body.append(form);
      form.submit();
    });
    await atSimpleSaml(page, "wanda");
    await page.waitForURL(base + "/security");
  });

  const unasked = `${partner.told.sign_in}?to=${encodeURIComponent(partners.ours.Saml.EntityId)}&RelayState=%2Fsecurity`;
  await test("a sign-in that begins at the provider is refused, and where it is allowed it is asked about", {}, async (page) => {
    await partner.set({ answer: {} });
    await page.goto(unasked);
    await page.waitForURL((url) => url.href.startsWith(base));
    assert.match(await plain(page), /did not work/);
    await isOut(page);
    await partners.set({ Saml: { ...partnerSaml, AllowUnsolicited: true } });
    await page.goto(unasked);
    await page.waitForURL((url) => url.pathname === "/signin/external/finish");
    assert.match(await plain(page), /Partner says that you are nina@partner\.example/);
    await isAccessible(page);
    await shot(page, "external-unasked");
    await isOut(page);
    await page.goto(unasked);
    await page.click("button:has-text('Go on as nina@partner.example')");
    await page.waitForURL(base + "/security");
  });

  await test("without scripts somebody signs in by SimpleSAMLphp", { javaScriptEnabled: false }, async (page) => {
    await page.goto(base + "/start");
    await signInWith(page, "Acme Directory");
    await atSimpleSaml(page, "wanda");
    await page.click("noscript button");
    await page.waitForURL(base + "/start");
    await shot(page, "external-no-scripts");
  });

  await test("SimpleSAMLphp changes its key, and people sign in on", {}, async (page) => {
    await saml.set({ announces: 2 });
    await corp.refresh();
    await saml.set({ signs_with: 2, announces: null });
    await page.goto(base + "/start");
    await signInWith(page, "Acme Directory");
    await atSimpleSaml(page, "wanda");
    await page.waitForURL(base + "/start");
    await corp.refresh();
    await page.context().clearCookies();
    await page.goto(base + "/start");
    await signInWith(page, "Acme Directory");
    await atSimpleSaml(page, "wanda");
    await page.waitForURL(base + "/start");
  });

  await test("who signs out at SimpleSAMLphp is signed out here, and it hears so", {}, async (page) => {
    await page.goto(base + "/start");
    await signInWith(page, "Acme Directory");
    await atSimpleSaml(page, "wanda");
    await page.waitForURL(base + "/start");
    await page.goto(`${saml.told.base}/saml2/idp/SingleLogoutService.php?ReturnTo=${encodeURIComponent(saml.told.base + "/")}`);
    await page.waitForURL((url) => url.href.startsWith(saml.told.base));
    await isOut(page);
  });

  await test("who signs out here is told of their provider, and led there", THERE, async (page) => {
    const leave = async (provider) => {
      await page.goto(base + "/start");
      await page.click("header button");
      assert.match(await plain(page), new RegExp(`still signed in at ${provider}`));
      await isAccessible(page);
      await shot(page, `external-signed-out-${provider.slice(0, 4)}`);
      await page.click(`text=Sign out of ${provider} too`);
    };
    await page.goto(base + "/start");
    await signInWith(page, "Acme Directory");
    await atSimpleSaml(page, "wanda");
    await page.waitForURL(base + "/start");
    await leave("Acme Directory");
    await page.waitForURL((url) => url.href.startsWith(base));
    await page.goto(base + "/start");
    await signInWith(page, "Acme Directory");
    await page.waitForSelector("#password");
    await openid.set({ people: { olaf: OLAF } });
    await page.goto(base + "/start");
    await signInWith(page, "OpenID");
    await atOidc(page, "olaf");
    await page.waitForURL(base + "/start");
    await leave("OpenID");
    await page.click("button[name=logout]");
    await page.waitForURL((url) => url.pathname === "/session/end/success");
    await page.goto(base + "/start");
    await signInWith(page, "OpenID");
    await page.waitForSelector("input[name=login]");
  });

  await test("oidc-provider makes somebody, the AWS CLI gets credentials, and a sign-out there cuts the next ones", THERE, async (page) => {
    aws.forget();
    await cliBy(page, "OpenID", () => atOidc(page, "olaf"));
    assert.match(await whoami(), /\/olaf@open\.example$/);
    const listed = await aws.run(`sso-admin list-permission-sets --instance-arn ${made.instanceArn} --profile tagged`);
    assert.equal(listed.code, 0, listed.err);
    assert.deepEqual((await here.members(offices.tagged)).filter((name) => name.startsWith("olaf")), ["olaf@open.example"]);
    await page.goto(`${openid.told.base}/session/end`);
    await page.click("button[name=logout]");
    await page.waitForURL((url) => url.pathname === "/session/end/success");
    aws.forget();
    assert.match(await whoami(), /UnauthorizedException|expired|invalid/i);
    await isOut(page);
  });

  await test("somebody of a name that is another's is not let in by an OpenID provider, and who says no there comes back", THERE, async (page) => {
    await here.user("taken@open.example");
    await openid.set({ people: { thief: { email: "taken@open.example", name: "Thief" } } });
    await page.goto(base + "/start");
    await signInWith(page, "OpenID");
    await atOidc(page, "thief");
    await page.waitForURL((url) => url.href.startsWith(base));
    assert.match(await plain(page), /Signing in with OpenID did not work/);
    await isOut(page);
    await page.context().clearCookies();
    await page.goto(base + "/start");
    await signInWith(page, "OpenID");
    await page.click("text=Cancel");
    await page.waitForURL((url) => url.href.startsWith(base));
    assert.match(await plain(page), /Signing in with OpenID did not work/);
    await isAccessible(page);
  });

  await test("oidc-provider changes its key between two sign-ins", THERE, async (page) => {
    await openid.set({ keys: ["two", "one"] });
    // Its keys are not asked for twice in a minute.
    await page.waitForTimeout(Math.max(0, connected + 61_000 - Date.now()));
    await page.goto(base + "/start");
    await signInWith(page, "OpenID");
    await atOidc(page, "olaf");
    await page.waitForURL(base + "/start");
  });

  await Promise.all([saml.stop(), partner.stop(), openid.stop()]);
  aws.remove();
  here.stop();
}
