// The AWS CLI in a home of its own, whose `aws sso login` somebody else's browser answers.
import { spawn } from "node:child_process";
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import assert from "node:assert/strict";
import os from "node:os";
import path from "node:path";
import { cache } from "./rig.mjs";

const AWS = path.join(cache, "aws-cli/aws");
const SERVICES = ["sso", "sso_oidc", "sso-oidc", "sso_admin", "identitystore", "sts"];

// `profiles` is [[name, account, role]]; `run` resolves to { code, out, err }.
export function cli(endpoint, startUrl, profiles) {
  const home = mkdtempSync(path.join(os.tmpdir(), "portico-aws-"));
  mkdirSync(path.join(home, ".aws"));
  const endpoints = SERVICES.map((service) => `${service} =\n  endpoint_url = ${endpoint}`).join("\n");
  const config = [`[sso-session corp]\nsso_start_url = ${startUrl}\nsso_region = us-east-1\nsso_registration_scopes = sso:account:access`, `[services self]\n${endpoints}`];
  for (const [name, account, role] of profiles) config.push(`[profile ${name}]\nsso_session = corp\nsso_account_id = ${account}\nsso_role_name = ${role}\nregion = us-east-1\nservices = self`);
  writeFileSync(path.join(home, ".aws/config"), config.join("\n\n") + "\n");
  const env = { HOME: home, PATH: process.env.PATH, AWS_PAGER: "", AWS_EC2_METADATA_DISABLED: "true", PYTHONUNBUFFERED: "1" };

  async function run(words, heard = () => {}) {
    const child = spawn(AWS, words.split(" "), { env, stdio: ["ignore", "pipe", "pipe"], timeout: 120_000 });
    let out = "", err = "";
    child.stdout.on("data", (text) => { out += text; heard(out, child); });
    child.stderr.on("data", (text) => { err += text; });
    const [code] = await once(child, "close");
    return { code, out, err };
  }
  // `aws sso login`; `answer` is given the address that the CLI prints, and what it does there the CLI waits for.
  async function login(profile, answer) {
    let answered;
    const done = await run(`sso login --no-browser --profile ${profile}`, (out, child) => {
      const address = out.match(/http\S+\/authorize\?\S+/)?.[0];
      if (!address || answered || !out.includes("\n", out.indexOf(address))) return;
      answered = answer(address);
      // It would wait for an answer that does not come.
      answered.catch(() => child.kill());
    });
    await answered;
    assert.equal(done.code, 0, done.out + done.err);
  }
  // What it kept of credentials is forgotten: the next call asks for new ones.
  const forget = () => rmSync(path.join(home, ".aws/cli"), { recursive: true, force: true });
  return { run, login, forget, remove: () => rmSync(home, { recursive: true, force: true }) };
}
