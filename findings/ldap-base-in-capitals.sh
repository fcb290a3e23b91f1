#!/usr/bin/env bash
# LDAP: a server made with ldapjs 3 does not know its own entries when a name comes in capitals, as Active Directory writes it. With ldapjs 2 it did.
#
# One would guess: `DC=example,DC=com` and `dc=example,dc=com` name the same entry, and `(CN=jane)` asks for what `(cn=jane)` does: attribute names have no case
# (RFC 4512, 1.4). A program that serves a directory by this library serves it to clients that write either.
# What happens: ldapjs 3.0.7 answers noSuchObject to a search, and to a bind, whose name is written in capitals, and a filter that it made of the request
# (`request.filter.matches`) finds nothing for `CN`. ldapjs 2.3.3 takes both spellings. The program is the same for both.
# Why it matters here: stand-ins for a directory in tests, and gateways in front of one, are written with this library. Settings copied from Active Directory fail
# against them with words that blame the base, and whoever is connected through such a gateway has to be told to write small letters.
#
# Seen with ldapjs 3.0.7 and 2.3.3, as the server, and ldapts 8.2.0, as the client (npm). Exits 0 while it is so, 1 when it changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-package-lock ldapjs@3.0.7 ldapjs-2@npm:ldapjs@2.3.3 ldapts@8.2.0
cat >ask.mjs <<'JS'
import ldapjs3 from "ldapjs";
import ldapjs2 from "ldapjs-2";
import { Client } from "ldapts";

const jane = { dn: "cn=jane,dc=example,dc=com", attributes: { objectClass: ["person"], cn: ["jane"] } };
const tries = {
  "search of dc=example,dc=com": (client) => client.search("dc=example,dc=com", { filter: "(cn=jane)" }),
  "search of DC=example,DC=com": (client) => client.search("DC=example,DC=com", { filter: "(cn=jane)" }),
  "search by (CN=jane)": (client) => client.search("dc=example,dc=com", { filter: "(CN=jane)" }),
  "bind as cn=jane,dc=example,dc=com": (client) => client.bind("cn=jane,dc=example,dc=com", "a password"),
  "bind as CN=jane,DC=example,DC=com": (client) => client.bind("CN=jane,DC=example,DC=com", "a password"),
};
for (const [library, ldapjs] of [["ldapjs 3", ldapjs3], ["ldapjs 2", ldapjs2]]) {
  const server = ldapjs.createServer();
  server.bind("cn=jane,dc=example,dc=com", (request, response, next) => {
    response.end();
    next();
  });
  server.search("dc=example,dc=com", (request, response, next) => {
    if (request.filter.matches(jane.attributes)) response.send(jane);
    response.end();
    next();
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  for (const [what, attempt] of Object.entries(tries)) {
    const client = new Client({ url: server.url });
    const said = await attempt(client).then((found) => (found ? `${found.searchEntries.length} found` : "bound"), (error) => error.name);
    console.log(`${library}, ${what}: ${said}`);
  }
}
process.exit();
JS
node ask.mjs | tee seen
diff seen - <<'TEXT'
ldapjs 3, search of dc=example,dc=com: 1 found
ldapjs 3, search of DC=example,DC=com: NoSuchObjectError
ldapjs 3, search by (CN=jane): 0 found
ldapjs 3, bind as cn=jane,dc=example,dc=com: bound
ldapjs 3, bind as CN=jane,DC=example,DC=com: NoSuchObjectError
ldapjs 2, search of dc=example,dc=com: 1 found
ldapjs 2, search of DC=example,DC=com: 1 found
ldapjs 2, search by (CN=jane): 1 found
ldapjs 2, bind as cn=jane,dc=example,dc=com: bound
ldapjs 2, bind as CN=jane,DC=example,DC=com: bound
TEXT
echo "still so"
