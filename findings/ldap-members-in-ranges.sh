#!/usr/bin/env bash
# LDAP: a group whose members come in ranges has, for one client, none. Another fetches all of them without being told.
#
# One would guess: a client that asks for `member` of a large group of Active Directory gets the members, the first of them, or an error.
# What happens: the server answers with the attribute `member;range=0-1499` (MS-ADTS 3.1.1.3.1.3.3) in place of `member`. ldapts 8.2.0 hands out
# `member` as an empty list and the values beside it under the longer name; ldap3 2.9.1 asks on, range by range, and hands out
# `member` with all of them.
# Why it matters here: what reads groups by the plain name takes the largest groups of a forest for empty ones and, if it acts on that,
# takes everybody's access away. A reader must look for options after the name, and a fake that tests it must send ranges.
#
# Seen with ldapts 8.2.0 and ldapjs 3.0.7, as the server (npm), ldap3 2.9.1 (PyPI). Ranges of two stand for those of 1,500. Exits 0 while it is so,
# 1 when it changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-package-lock ldapts@8.2.0 ldapjs@3.0.7 2>/dev/null
python3 -m venv python
python/bin/pip install --quiet ldap3==2.9.1
cat >ask.py <<'PY'
import sys

import ldap3

server = ldap3.Server(sys.argv[1], get_info=ldap3.NONE)
connection = ldap3.Connection(server, "cn=reader,dc=example", "example", auto_bind=True)
connection.search("cn=staff,dc=example", "(objectClass=*)", ldap3.BASE, attributes=["cn", "member"])
print(f"ldap3, member: {len(connection.response[0]['attributes']['member'])} values")
PY
cat >ask.mjs <<'JS'
import { spawn } from "node:child_process";
import ldapjs from "ldapjs";
import { Client } from "ldapts";

const members = ["a", "b", "c", "d", "e"].map((name) => `cn=${name},dc=example`);
const server = ldapjs.createServer();
server.bind("cn=reader,dc=example", (request, response, next) => {
  response.end();
  return next();
});
server.search("dc=example", (request, response, next) => {
  // As Active Directory: from where it was asked for, two at a time, the last range with a star.
  const from = Number(/range=(\d+)-/.exec(request.attributes.join(" "))?.[1] ?? 0);
  const last = from + 2 >= members.length ? "*" : from + 1;
  response.attributes = [];
  response.send({ dn: "cn=staff,dc=example", attributes: { cn: "staff", [`member;range=${from}-${last}`]: members.slice(from, from + 2) } });
  response.end();
  return next();
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const url = `ldap://127.0.0.1:${server.address().port}`;
const client = new Client({ url });
await client.bind("cn=reader,dc=example", "example");
const { searchEntries } = await client.search("cn=staff,dc=example", { scope: "base", attributes: ["cn", "member"] });
for (const [name, values] of Object.entries(searchEntries[0])) {
  if (name.startsWith("member")) console.log(`ldapts, ${name}: ${values.length} values`);
}
await client.unbind();
await new Promise((ended) => spawn("python/bin/python", ["ask.py", url], { stdio: "inherit" }).on("exit", ended));
process.exit();
JS
node ask.mjs 2>/dev/null | LC_ALL=C sort | tee seen
diff seen - <<'TEXT'
ldap3, member: 5 values
ldapts, member: 0 values
ldapts, member;range=0-1: 2 values
TEXT
echo "still so"
