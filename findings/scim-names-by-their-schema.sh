#!/usr/bin/env bash
# SCIM PATCH: names written out by their schema. One library refuses them, another puts an extension where nobody looks.
#
# One would guess: a path that begins with the schema's URN (RFC 7644, 3.10) names the same attribute as the short one, and an extension given as an object in a
# value without a path (3.5.2.1) changes that extension.
# What happens: scimmy 1.3.5 refuses the long name of a core attribute with invalidPath and takes the extension; scim-patch 0.8.3 takes the long name, and cuts the
# extension's URN at the last dot: the person's department stays, and a new attribute "…:enterprise:2.0" has a "User" inside.
# Why it matters here: no single spelling of a change works everywhere; to a server that is not known, core attributes go by short names and extensions
# by a path. A server must take all of them.
#
# Seen with scimmy 1.3.5 and scim-patch 0.8.3 (npm). Exits 0 while it is so, 1 when it changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-package-lock scimmy@1.3.5 scim-patch@0.8.3
cat >libraries.mjs <<'JS'
import SCIMMY from "scimmy";
import patching from "scim-patch";

const [core, enterprise] = ["core:2.0:User", "extension:enterprise:2.0:User"].map((name) => `urn:ietf:params:scim:schemas:${name}`);
SCIMMY.Schemas.User.definition.extend(SCIMMY.Schemas.EnterpriseUser.definition);
const person = () => ({
  schemas: [core, enterprise], id: "1", userName: "jane", displayName: "old", meta: {}, [enterprise]: { department: "old" },
});
const shown = (changed) => `displayName ${changed.displayName}, department ${changed[enterprise].department}`;
const changes = {
  "short name": { op: "replace", path: "displayName", value: "new" },
  "name by its schema": { op: "replace", path: `${core}:displayName`, value: "new" },
  "extension by a path": { op: "replace", path: `${enterprise}:department`, value: "new" },
  "extension without a path": { op: "replace", value: { [enterprise]: { department: "new" } } },
};
for (const [what, change] of Object.entries(changes)) {
  try {
    const message = new SCIMMY.Messages.PatchOp({ schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations: [structuredClone(change)] });
    console.log(`scimmy, ${what}: ${shown(await message.apply(new SCIMMY.Schemas.User(person())))}`);
  } catch (error) {
    console.log(`scimmy, ${what}: ${error.scimType}`);
  }
  const changed = patching.scimPatch(person(), [structuredClone(change)]);
  const added = Object.keys(changed).filter((name) => !(name in person()));
  console.log(`scim-patch, ${what}: ${shown(changed)}${added.map((name) => `, and ${name}`)}`);
}
JS
node libraries.mjs | tee seen
diff seen - <<'TEXT'
scimmy, short name: displayName new, department old
scim-patch, short name: displayName new, department old
scimmy, name by its schema: invalidPath
scim-patch, name by its schema: displayName new, department old
scimmy, extension by a path: displayName old, department new
scim-patch, extension by a path: displayName old, department new
scimmy, extension without a path: displayName old, department new
scim-patch, extension without a path: displayName old, department old, and urn:ietf:params:scim:schemas:extension:enterprise:2.0
TEXT
echo "still so"
