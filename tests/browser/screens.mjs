// Pictures of the pages, from a company of a real size: each in both themes, on a desktop and on a phone.
//
//   node tests/browser/screens.mjs PORTICO_BINARY OUTPUT_DIRECTORY [NAME…]
//
// With names it makes only those. `cargo xtask screens` calls it.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import assert from "node:assert/strict";
import { caller, launch, root, signIn, start } from "./rig.mjs";

const [binary, output, ...wanted] = process.argv.slice(2);
mkdirSync(output, { recursive: true });
const scratch = mkdtempSync(path.join(os.tmpdir(), "portico-screens-"));
const seed = path.join(scratch, "globex.json");
writeFileSync(seed, execFileSync(path.join(root, "examples/globex.py"), { maxBuffer: 1 << 26 }));
const { base, endpoint, made, stop } = await start(binary, seed);
const browser = await launch();
const call = caller(endpoint, made);
const directory = { IdentityStoreId: made.identityStoreId }, instance = { InstanceArn: made.instanceArn };
const ADA = "ada.okafor", PASSWORD = "correct horse battery staple";

// Something has to have happened.
const set = (await call("sso", "SWBExternalService.ListPermissionSets", { ...instance, MaxResults: 1 })).PermissionSets[0];
const { UserId: ada } = await call("identitystore", "AWSIdentityStore.GetUserId", { ...directory, AlternateIdentifier: { UniqueAttribute: { AttributePath: "userName", AttributeValue: ADA } } });
const group = (await call("identitystore", "AWSIdentityStore.ListGroups", { ...directory, MaxResults: 1 })).Groups[0].GroupId;
const { AccountId: account, RoleList } = { AccountId: "", RoleList: [], ...(await call("portico", "Portico.ListAccountsWithRoles", { ...instance, UserId: ada, MaxResults: 1 })).Accounts[0] };

// An identity provider that nobody has to run: its metadata is a text.
const keys = execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "365", "-subj", "/CN=idp.globex.example", "-keyout", path.join(scratch, "idp.key")], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
const entity = "https://idp.globex.example/saml";
const MetadataXml = `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${entity}"><md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${keys.replace(/-----[A-Z ]+-----|\s/g, "")}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor><md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="${entity}/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>`;
const { ConfigurationId: provider } = await call("portico", "Portico.CreateExternalIdPConfigurationForDirectory", { ...directory, Configuration: { Name: "Globex Entra ID", Saml: { MetadataXml }, Domains: ["globex.example"], Subject: "USER_NAME", Hidden: true } });

// A tenant that owns some of the people, with two tokens.
const { TenantId: tenant } = await call("portico", "Portico.CreateProvisioningTenant", { ...directory, Name: "Globex Workday" });
for (const [Name, ValidityDays] of [["autumn", 20], ["spring", 365]]) await call("portico", "Portico.CreateBearerToken", { ...directory, TenantId: tenant, Name, ValidityDays });
const { Users: some } = await call("portico", "Portico.SearchUsers", { ...directory, Query: "ada", MaxResults: 30 });
const owned = some.map((user) => user.UserId).filter((id) => id !== ada);
await call("portico", "Portico.TakeOwnership", { ...directory, TenantId: tenant, UserIds: owned, GroupIds: [group] });

// name: who signs in, where, and what is done before the picture is taken.
const pages = {
  "sign-in": { at: "/signin" },
  "portal": { as: ADA, at: "/start" },
  "portal-search": { as: ADA, at: "/start?q=payments+prod" },
  "access-keys": { as: ADA, at: `/start/keys?account=${account}&role=${encodeURIComponent("AdministratorAccess")}` },
  "config": { as: ADA, at: "/start/config" },
  "security": { as: ADA, at: "/security" },
  "device": { as: ADA, at: "/device" },
  "console-overview": { as: "admin", at: "/console" },
  "console-identity-provider": { as: "admin", at: `/console/identity-providers/${provider}` },
  "console-provisioning-tenant": { as: "admin", at: `/console/provisioning-tenants/${tenant}` },
  "console-owned": { as: "admin", at: `/console/provisioning-tenants/${tenant}/owned` },
  "console-people": { as: "admin", at: "/console/people" },
  "console-person": { as: "admin", at: `/console/people/${ada}` },
  "console-groups": { as: "admin", at: "/console/groups" },
  "console-group": { as: "admin", at: `/console/groups/${group}` },
  "console-group-groups": { as: "admin", at: `/console/groups/${group}/groups` },
  "console-accounts": { as: "admin", at: "/console/accounts" },
  "console-account": { as: "admin", at: `/console/accounts/${account}` },
  "console-permission-sets": { as: "admin", at: "/console/permission-sets" },
  "console-assignments": { as: "admin", at: "/console/assignments" },
  "console-access": { as: "admin", at: `/console/access?user=${ada}` },
  "console-trail": { as: "admin", at: "/console/trail" },
  "console-settings": { as: "admin", at: "/console/settings" },
};
const looks = [["desktop", { width: 1280, height: 800 }], ["phone", { width: 390, height: 844 }]];
let failed = 0;
for (const colorScheme of ["light", "dark"]) {
  for (const [size, viewport] of looks) {
    const contexts = {};
    for (const [name, { as, at, before }] of Object.entries(pages)) {
      if (wanted.length > 0 && !wanted.includes(name)) continue;
      let context = contexts[as ?? ""];
      if (!context) {
        context = contexts[as ?? ""] = await browser.newContext({ viewport, colorScheme, locale: "en-GB", timezoneId: "Europe/Berlin" });
        if (as) {
          const page = await context.newPage();
          await page.goto(base + "/start");
          await signIn(page, as, as === "admin" ? made.administrator.password : PASSWORD);
          await page.waitForURL(base + "/start");
          await page.close();
        }
      }
      const page = await context.newPage();
      const answer = await page.goto(base + at);
      try {
        assert.equal(answer.status(), 200, `${at} answers ${answer.status()}`);
        if (before) await before(page);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok(wide <= 0, `${at} is ${wide} px too wide`);
        await page.screenshot({ path: path.join(output, `${name}-${size}-${colorScheme}.png`) });
      } catch (error) {
        failed++;
        console.log(`FAIL ${name} ${size} ${colorScheme}: ${error.message}`);
      }
      await page.close();
    }
    for (const context of Object.values(contexts)) await context.close();
  }
}
await browser.close();
stop();
rmSync(scratch, { recursive: true, force: true });
console.log(failed === 0 ? "every picture is made" : `${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
