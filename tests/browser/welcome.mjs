// A person's whole life with the official AWS CLI and Chromium: welcomed by `aws portico`, a password and a passkey of their own, the shell signed in
// with the passkey, disabled, and refused at the very next call.
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import assert from "node:assert/strict";
import { authenticator } from "./factors.mjs";
import { cache, root, signIn } from "./rig.mjs";

// The CLI listens for one answer; Chromium also asks it for an icon.
const GONE = /status of 4\d\d|ERR_(CONNECTION_(REFUSED|RESET)|EMPTY_RESPONSE)/;
const PASSWORD = "nine slow evenings in June";

// The CLI in a home of its own.
function shell(endpoint, made) {
  const home = mkdtempSync(path.join(os.tmpdir(), "portico-welcome-")), aws = path.join(cache, "aws-cli/aws");
  const plain = { HOME: home, PATH: "/usr/bin:/bin", AWS_REGION: "us-east-1", AWS_ENDPOINT_URL: endpoint, AWS_PAGER: "", AWS_EC2_METADATA_DISABLED: "true" };
  const root = { ...plain, AWS_ACCESS_KEY_ID: made.accessKeyId, AWS_SECRET_ACCESS_KEY: made.secretAccessKey };
  const run = (env) => (...args) => execFileSync(aws, args, { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  const told = (...args) => { const said = run(root)(...args, "--output", "json"); return said ? JSON.parse(said) : {}; };
  return { home, aws, plain, administrator: told, person: run(plain), raw: run(root), remove: () => rmSync(home, { recursive: true, force: true }) };
}

// `aws sso login`: the page that it prints is opened by `open`, and it ends well.
async function login({ aws, plain }, profile, open) {
  const cli = spawn(aws, ["sso", "login", "--no-browser", "--profile", profile], { env: { ...plain, PYTHONUNBUFFERED: "1" } });
  let printed = "", opened;
  const ended = new Promise((resolve) => cli.on("close", resolve));
  for (const stream of [cli.stdout, cli.stderr]) stream.on("data", (text) => {
    printed += text;
    const url = printed.match(/https?:\S+\/authorize\?\S+/)?.[0];
    if (url && !opened) opened = open(url);
  });
  const status = await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 60_000, "too late"))]);
  cli.kill();
  await opened;
  assert.equal(status, 0, printed);
}

export async function play({ test, base, endpoint, made, shot }) {
  await test("a person is welcomed, makes a passkey, signs the CLI in with it, is disabled and refused", { expected: GONE }, async (page, context) => {
    const cli = shell(endpoint, made);
    try {
      cli.raw("configure", "add-model", "--service-model", `file://${root}/api/portico.json`);
      const store = ["--identity-store-id", made.identityStoreId], instance = ["--instance-arn", made.instanceArn];
      const { UserId } = cli.administrator("identitystore", "create-user", ...store, "--user-name", "maya", "--display-name", "Maya Lind", "--name", "GivenName=Maya,FamilyName=Lind");
      const sets = cli.administrator("sso-admin", "list-permission-sets", ...instance).PermissionSets;
      const asked = cli.administrator("sso-admin", "create-account-assignment", ...instance, "--target-type", "AWS_ACCOUNT", "--target-id", made.managementAccountId,
        "--principal-type", "USER", "--principal-id", UserId, "--permission-set-arn", sets[0]).AccountAssignmentCreationStatus.RequestId;
      const reached = cli.administrator("sso-admin", "describe-permission-set", ...instance, "--permission-set-arn", sets[0]).PermissionSet.Name;
      cli.administrator("sso-admin", "describe-account-assignment-creation-status", ...instance, "--account-assignment-creation-request-id", asked);
      const who = [...store, "--user-id", UserId];
      const invitation = cli.administrator("portico", "create-invitation", ...who);

      await authenticator(context, page);
      await page.goto(invitation.Url);
      await shot(page, "welcome");
      for (const field of await page.locator('input[type="password"]').all()) await field.fill(PASSWORD);
      await page.click('main button[type="submit"]');
      await page.goto(base + "/start");
      await signIn(page, "maya", PASSWORD);
      await page.waitForURL(base + "/start");
      await page.goto(base + "/security/add");
      await page.click("text=Register a passkey");
      await page.waitForURL(base + "/security?done=device");
      await page.click("header button");

      mkdirSync(path.join(cli.home, ".aws"), { recursive: true });
      writeFileSync(path.join(cli.home, ".aws/config"), `[sso-session corp]\nsso_start_url = ${made.startUrl}\nsso_region = us-east-1\nsso_registration_scopes = sso:account:access\n
[profile maya]\nsso_session = corp\nsso_account_id = ${made.managementAccountId}\nsso_role_name = ${reached}\n`);
      await login(cli, "maya", async (url) => {
        await page.goto(url);
        await page.click("text=Sign in with a passkey");
        await page.waitForSelector("text=Allow access");
        await page.click("text=Allow access");
        await page.waitForURL(/127\.0\.0\.1.*code=/);
      });
      const call = () => cli.person("sts", "get-caller-identity", "--profile", "maya");
      assert.match(call(), new RegExp(`assumed-role/AWSReservedSSO_${reached}_`));
      cli.administrator("portico", "disable-user", ...who);
      assert.throws(call, /InvalidClientTokenId|ExpiredToken|Session token not found|Unauthorized/);
      await page.goto(base + "/start");
      assert.match(page.url(), /\/signin/, "the browser is signed out as well");
    } finally {
      cli.remove();
    }
  });
}
