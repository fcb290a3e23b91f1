// Starts the identity providers of this folder from Node; peer.py says how they are spoken to.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { once } from "node:events";
import assert from "node:assert/strict";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const cache = process.env.PORTICO_CACHE ?? path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), ".cache"), "portico-tests");
const PROGRAMS = {
  simplesaml: [path.join(cache, "venv/bin/python"), path.join(here, "simplesaml.py")],
  "simplesaml-sp": [path.join(cache, "venv/bin/python"), path.join(here, "simplesaml_sp.py")],
  pysaml: [path.join(cache, "venv/bin/python"), path.join(here, "pysaml.py")],
  oidc: [process.execPath, path.join(here, "oidc.mjs")],
};

// Resolves to a running provider: `told` is what it answered to its settings, `set` changes some of them, `stop` ends it.
export async function peer(name, settings) {
  const [program, ...rest] = PROGRAMS[name];
  const child = spawn(program, rest, { stdio: ["pipe", "pipe", "pipe"] });
  let complaints = "";
  child.stderr.on("data", (text) => { complaints = (complaints + text).slice(-4000); });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const set = async (changed) => {
    child.stdin.write(JSON.stringify(changed) + "\n");
    const { value, done } = await lines.next();
    const told = done ? { error: "it ended" } : JSON.parse(value);
    assert.ok(!told.error, `${name}: ${told.error}\n${complaints}`);
    return told;
  };
  const stop = async () => { if (child.exitCode === null) { child.stdin.end(); await once(child, "exit"); } };
  return { told: await set(settings), set, stop };
}
