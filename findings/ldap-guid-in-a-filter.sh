#!/usr/bin/env bash
# LDAP: somebody is looked up by objectGUID, with the sixteen bytes escaped in the filter. Four libraries ask for other bytes than were written.
#
# One would guess: `\xx` in a filter is the byte xx, whatever the byte (RFC 4515, section 3), so that `(objectGUID=\93\92…)`, the way to find somebody of Active
# Directory again, works in every library that takes filters as text.
# What happens: ldapts 8.2.0 and ldaptor 21.2.0 take xx for a code point and send the UTF-8 of it: two bytes for each from \80 on. ldapjs 3.0.7 sends the escapes
# as they are written, 48 bytes. ldap3 2.9.1 sends the right ones, unless it knows the server's schema (as it does when nobody tells it not to) and the GUID has
# a 5c before two bytes that are hexadecimal digits: then it unescapes twice. A filter that is an object with a buffer is right in ldapts and ldapjs.
# Why it matters here: the search succeeds and finds nobody, and what syncs people takes those for removed. Nearly every GUID has a byte from \80 on, so the first
# three are seen at once; the last strikes one person in some two thousand. A test needs GUIDs of both kinds.
#
# Seen with ldapts 8.2.0 and ldapjs 3.0.7 (npm), ldap3 2.9.1 with pyasn1 0.6.5 and ldaptor 21.2.0 (PyPI). Exits 0 while it is so, 1 when it changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-package-lock ldapts@8.2.0 ldapjs@3.0.7
python3 -m venv python
python/bin/pip install --quiet ldap3==2.9.1 pyasn1==0.6.5 ldaptor==21.2.0 Twisted==26.10.0
cat >search.py <<'PY'
import sys
import warnings

warnings.simplefilter("ignore")
import ldap3
from ldaptor.ldapfilter import parseFilter

library, port, text = sys.argv[1:]
if library == "ldaptor":
    # What its client would send.
    print(bytes(parseFilter(text).toWire()).split(b"objectGUID")[1][2:].hex())
else:
    schema = {"ldap3": ldap3.NONE, "ldap3, schema": ldap3.OFFLINE_AD_2012_R2}[library]
    connection = ldap3.Connection(ldap3.Server("127.0.0.1", int(port), get_info=schema), auto_bind=True)
    connection.search("dc=example", text, attributes=[])
PY
cat >ask.mjs <<'JS'
import { execFile } from "node:child_process";
import net from "node:net";
import { promisify } from "node:util";
import ldapjs from "ldapjs";
import * as ldapts from "ldapts";

// Says yes to a bind and "nothing found" to a search, and keeps the value that was asked for.
let asked;
const server = net.createServer((socket) =>
  socket.on("data", (message) => {
    const [number, kind] = message.subarray(4);
    const at = message.indexOf("objectGUID") + "objectGUID".length;
    if (kind === 0x63) asked = message.subarray(at + 2, at + 2 + message[at + 1]).toString("hex");
    if (kind === 0x60 || kind === 0x63) socket.write(Buffer.from([0x30, 12, 2, 1, number, kind + (kind === 0x60 ? 1 : 2), 7, 10, 1, 0, 4, 0, 4, 0]));
  }),
);
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const { port } = server.address();
const url = `ldap://127.0.0.1:${port}`;
const text = (guid) => `(objectGUID=${guid.replace(/../g, "\\$&")})`;
const value = (guid) => ({ attribute: "objectGUID", value: Buffer.from(guid, "hex") });
const byLdapts = (filter) => new ldapts.Client({ url }).search("dc=example", { filter });
const byLdapjs = (filter) =>
  new Promise((ended) => ldapjs.createClient({ url }).search("dc=example", { filter }, (_, results) => results.on("end", ended)));
const byPython = async (library, filter) => {
  const { stdout } = await promisify(execFile)("python/bin/python", ["search.py", library, port, filter]);
  if (stdout) asked = stdout.trim();
};
const libraries = {
  ldapts: (guid) => byLdapts(text(guid)),
  "ldapts, an object": (guid) => byLdapts(new ldapts.EqualityFilter(value(guid))),
  ldapjs: (guid) => byLdapjs(text(guid)),
  "ldapjs, an object": (guid) => byLdapjs(new ldapjs.EqualityFilter(value(guid))),
  ldaptor: (guid) => byPython("ldaptor", text(guid)),
  ldap3: (guid) => byPython("ldap3", text(guid)),
  "ldap3, schema": (guid) => byPython("ldap3, schema", text(guid)),
};
for (const guid of ["93929190959442418344454647484950", "43424140454441485c34314647484950"]) {
  console.log(guid);
  for (const [library, search] of Object.entries(libraries)) {
    asked = undefined;
    await search(guid);
    console.log(`  ${library}: ${asked === guid ? "the same" : asked}`);
  }
}
process.exit();
JS
node ask.mjs | tee seen
diff seen - <<'TEXT'
93929190959442418344454647484950
  ldapts: c293c292c291c290c295c2944241c28344454647484950
  ldapts, an object: the same
  ldapjs: 5c39335c39325c39315c39305c39355c39345c34325c34315c38335c34345c34355c34365c34375c34385c34395c3530
  ldapjs, an object: the same
  ldaptor: c293c292c291c290c295c2944241c28344454647484950
  ldap3: the same
  ldap3, schema: the same
43424140454441485c34314647484950
  ldapts: the same
  ldapts, an object: the same
  ldapjs: 5c34335c34325c34315c34305c34355c34345c34315c34385c35635c33345c33315c34365c34375c34385c34395c3530
  ldapjs, an object: the same
  ldaptor: the same
  ldap3: the same
  ldap3, schema: 4342414045444148414647484950
TEXT
echo "still so"
