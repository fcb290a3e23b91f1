#!/usr/bin/env bash
# SCIM PATCH: "replace" of a name by a new given name. In one library the family name is gone if there is a path, in another if there is none.
#
# One would guess: sub-attributes that a "replace" of a complex attribute does not name are left as they are (RFC 7644, 3.5.2.3), so that `{"givenName": "new"}`
# changes the given name, whether "name" stands in the path or in the value.
# What happens: scimmy 1.3.5 keeps the family name without a path and drops it with the path `name`; with the path `emails[type eq "work"]` the address keeps
# neither type nor display. scim-patch 0.8.3 has it the other way round: kept with a path, dropped without. scim2-models 0.12.3 keeps all.
# Why it matters here: what sends part of a name loses the rest in one of them, whichever form it chose, and is answered as if all were well. `name.givenName`
# as the path is the form that all three understand alike; a server must keep the rest in every form.
#
# Seen with scimmy 1.3.5 and scim-patch 0.8.3 (npm), scim2-models 0.12.3 (PyPI). Exits 0 while it is so, 1 when it changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-package-lock scimmy@1.3.5 scim-patch@0.8.3
python3 -m venv python
python/bin/pip install --quiet scim2-models==0.12.3
cat >given.json <<'JSON'
{
  "person": {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
    "id": "1",
    "userName": "jane",
    "name": { "familyName": "Doe", "givenName": "old" },
    "emails": [{ "value": "old@example.com", "type": "work", "display": "Jane" }],
    "meta": { "resourceType": "User" }
  },
  "changes": {
    "no path": { "op": "replace", "value": { "name": { "givenName": "new" } } },
    "path name": { "op": "replace", "path": "name", "value": { "givenName": "new" } },
    "path name.givenName": { "op": "replace", "path": "name.givenName", "value": "new" },
    "path emails[type eq \"work\"]": { "op": "replace", "path": "emails[type eq \"work\"]", "value": { "value": "new@example.com" } }
  }
}
JSON
cat >libraries.mjs <<'JS'
import fs from "node:fs";
import SCIMMY from "scimmy";
import patching from "scim-patch";

const { person, changes } = JSON.parse(fs.readFileSync("given.json"));
const message = (change) => new SCIMMY.Messages.PatchOp({ schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations: [change] });
const libraries = {
  scimmy: (change) => message(change).apply(new SCIMMY.Schemas.User(structuredClone(person))),
  "scim-patch": (change) => patching.scimPatch(structuredClone(person), [change]),
};
const shown = (object) => {
  const given = Object.keys(object).filter((key) => object[key] !== undefined);
  return given.sort().map((key) => `${key} ${object[key]}`).join(", ");
};
for (const [library, apply] of Object.entries(libraries)) {
  for (const [what, change] of Object.entries(changes)) {
    const changed = await apply(structuredClone(change));
    console.log(`${library}, ${what}: ${shown(what.includes("emails") ? changed.emails[0] : changed.name)}`);
  }
}
JS
cat >library.py <<'PY'
import json

from scim2_models import PatchOp, User

given = json.load(open("given.json"))
for what, change in given["changes"].items():
    person = User.model_validate(given["person"])
    PatchOp[User].model_validate({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [change]}).patch(person)
    changed = person.model_dump()
    changed = changed["emails"][0] if "emails" in what else changed["name"]
    print(f"scim2-models, {what}: {', '.join(f'{key} {changed[key]}' for key in sorted(changed))}")
PY
{
  node libraries.mjs
  python/bin/python library.py
} | tee seen
diff seen - <<'TEXT'
scimmy, no path: familyName Doe, givenName new
scimmy, path name: givenName new
scimmy, path name.givenName: familyName Doe, givenName new
scimmy, path emails[type eq "work"]: value new@example.com
scim-patch, no path: givenName new
scim-patch, path name: familyName Doe, givenName new
scim-patch, path name.givenName: familyName Doe, givenName new
scim-patch, path emails[type eq "work"]: display Jane, type work, value new@example.com
scim2-models, no path: familyName Doe, givenName new
scim2-models, path name: familyName Doe, givenName new
scim2-models, path name.givenName: familyName Doe, givenName new
scim2-models, path emails[type eq "work"]: display Jane, type work, value new@example.com
TEXT
echo "still so"
