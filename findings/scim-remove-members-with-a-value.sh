#!/usr/bin/env bash
# SCIM: "remove", path "members", and a value that names one member. Two libraries remove that one, a server refuses.
#
# One would guess: RFC 7644, section 3.5.2.2, knows no value for "remove", so that all implementations treat a remove of "members" alike,
# whether they empty the group or refuse.
# What happens: scimmy 1.3.5 and scim-patch 0.8.3 remove the member named and keep the others; scim2-server 0.8.3 answers 400 with
# scimType invalidValue.
# Why it matters here: identity providers have sent this form for years. A server that follows the letter either empties groups (the value
# ignored) or breaks those providers; a client that is written against one of these fails against another.
#
# Seen with scimmy 1.3.5 and scim-patch 0.8.3 (npm), scim2-server 0.8.3 (PyPI). Exits 0 while it is so, 1 when it changed.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-package-lock scimmy@1.3.5 scim-patch@0.8.3
cat >libraries.mjs <<'JS'
import SCIMMY from "scimmy";
import patching from "scim-patch";

const operations = [{ op: "remove", path: "members", value: [{ value: "first" }] }];
const left = (group) => group.members.map((member) => member.value).join(" ");
const members = () => [{ value: "first" }, { value: "second" }];

const message = new SCIMMY.Messages.PatchOp({ schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations: operations });
const group = new SCIMMY.Schemas.Group({ id: "1", displayName: "example", members: members() });
console.log(`scimmy keeps: ${left(await message.apply(group))}`);

const plain = { schemas: [], id: "1", displayName: "example", members: members(), meta: {} };
console.log(`scim-patch keeps: ${left(patching.scimPatch(plain, operations))}`);
JS
python3 -m venv python
python/bin/pip install --quiet scim2-server==0.8.3
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
python/bin/scim2-server --hostname 127.0.0.1 --port "$port" --bearer-token example >server.log 2>&1 &
server=$!
cat >ask.py <<'PY'
import json
import sys
import time
import urllib.error
import urllib.request

base = f"http://127.0.0.1:{sys.argv[1]}/v2"


def call(method, path, body=None):
    headers = {"Authorization": "Bearer example", "Content-Type": "application/scim+json"}
    request = urllib.request.Request(base + path, json.dumps(body).encode() if body else None, headers, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.loads(answer.read() or b"{}")
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


for _ in range(100):
    try:
        call("GET", "/ServiceProviderConfig")
        break
    except OSError:
        time.sleep(0.1)
people = [
    call("POST", "/Users", {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name})[1]["id"]
    for name in ("first", "second")
]
group = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
    "displayName": "example",
    "members": [{"value": person} for person in people],
}
made = call("POST", "/Groups", group)[1]
status, answer = call(
    "PATCH",
    f"/Groups/{made['id']}",
    {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "remove", "path": "members", "value": [{"value": people[0]}]}],
    },
)
print(f"scim2-server: {status} {answer.get('scimType')}")
PY
{
  node libraries.mjs
  python/bin/python ask.py "$port"
} | tee seen
diff seen - <<'TEXT'
scimmy keeps: second
scim-patch keeps: second
scim2-server: 400 invalidValue
TEXT
echo "still so"
