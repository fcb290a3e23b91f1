#!/usr/bin/env bash
# SCIM: a primary address is added to somebody who has one. Two libraries leave two primaries, a server makes the old one an ordinary one.
#
# One would guess: RFC 7644 (3.5.2) says that what sets "primary" to true of one value makes the service set it to false of all others, so that nobody
# ever has two.
# What happens: scimmy 1.3.5 and scim-patch 0.8.3 keep both as primary. scim2-server 0.8.3 does as the RFC says.
# Why it matters here: what a server of one's own sends on, or takes over from another directory, can have two primary addresses, and
# whatever is unique by the primary address must choose. A client cannot rely on the server to clear the old one.
#
# Seen with scimmy 1.3.5 and scim-patch 0.8.3 (npm), scim2-server 0.8.3 with scim2-models 0.12.3 (PyPI). Exits 0 while it is so, 1 when it changed.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-package-lock scimmy@1.3.5 scim-patch@0.8.3
cat >libraries.mjs <<'JS'
import SCIMMY from "scimmy";
import patching from "scim-patch";

const Operations = () => [{ op: "add", path: "emails", value: [{ value: "new@example.com", type: "work", primary: true }] }];
const person = () => ({
  schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], id: "1", userName: "jane", meta: {},
  emails: [{ value: "old@example.com", type: "home", primary: true }],
});
const primary = ({ emails }) => emails.filter((email) => email.primary).map((email) => email.value).join(" ");

const message = new SCIMMY.Messages.PatchOp({ schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations: Operations() });
console.log(`scimmy: ${primary(await message.apply(new SCIMMY.Schemas.User(person())))}`);
console.log(`scim-patch: ${primary(patching.scimPatch(person(), Operations()))}`);
JS
python3 -m venv python
python/bin/pip install --quiet scim2-server==0.8.3 scim2-models==0.12.3
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
python/bin/scim2-server --hostname 127.0.0.1 --port "$port" --bearer-token example >server.log 2>&1 &
server=$!
cat >ask.py <<'PY'
import json
import sys
import time
import urllib.request


def call(method, path, body=None):
    headers = {"Authorization": "Bearer example", "Content-Type": "application/scim+json"}
    url = f"http://127.0.0.1:{sys.argv[1]}/v2{path}"
    request = urllib.request.Request(url, json.dumps(body).encode() if body else None, headers, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read() or b"{}")


for _ in range(100):
    try:
        call("GET", "/ServiceProviderConfig")
        break
    except OSError:
        time.sleep(0.1)
old = {"value": "old@example.com", "type": "home", "primary": True}
new = {"value": "new@example.com", "type": "work", "primary": True}
person = "/Users/" + call("POST", "/Users", {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "jane", "emails": [old]})["id"]
change = {"op": "add", "path": "emails", "value": [new]}
call("PATCH", person, {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [change]})
print("scim2-server:", *(email["value"] for email in call("GET", person)["emails"] if email.get("primary")))
PY
{
  node libraries.mjs
  python/bin/python ask.py "$port"
} | tee seen
diff seen - <<'TEXT'
scimmy: old@example.com new@example.com
scim-patch: old@example.com new@example.com
scim2-server: new@example.com
TEXT
echo "still so"
