#!/usr/bin/env bash
# SCIM: a library reads a person, changes the display name and puts the person back. What its class has no field for is gone, and people with less cannot be read.
#
# One would guess: a client that changes one attribute by PUT sends back what it read, and reads whatever RFC 7643 calls valid: externalId, name and emails
# may be missing, and a name may have an honorificPrefix.
# What happens: scim-client 0.2.3 drops title and phoneNumbers from the PUT, and the server, as RFC 7644 (3.5.1) lets it, removes them. For somebody without
# externalId, without e-mail, without name or with an honorificPrefix it raises TypeError, and so does every list that they are in.
# Why it matters here: a server sees the attributes of its people vanish by a request that is right. Who runs such a client beside
# another source loses what that one wrote; one person more in the directory, and the client's list of everybody fails.
#
# Seen with scim-client 0.2.3, scim2-server 0.8.3 with scim2-models 0.12.3 (PyPI). Exits 0 while it is so, 1 when it changed.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
python3 -m venv python
python/bin/pip install --quiet scim-client==0.2.3 scim2-server==0.8.3 scim2-models==0.12.3
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
python/bin/scim2-server --hostname 127.0.0.1 --port "$port" --bearer-token example >server.log 2>&1 &
server=$!
cat >ask.py <<'PY'
import json
import sys
import time
import urllib.request

from scim_client import SCIMClient

base = f"http://127.0.0.1:{sys.argv[1]}/v2"


def call(method, path, body=None):
    headers = {"Authorization": "Bearer example", "Content-Type": "application/scim+json"}
    request = urllib.request.Request(base + path, json.dumps(body).encode() if body else None, headers, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read() or b"{}")


def attributes(person):
    return " ".join(sorted(person.keys() - {"id", "meta", "schemas"}))


for _ in range(100):
    try:
        call("GET", "/ServiceProviderConfig")
        break
    except OSError:
        time.sleep(0.1)
client = SCIMClient(base, "example")
whole = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "externalId": "1", "active": True, "displayName": "Jane",
    "name": {"givenName": "Jane", "familyName": "Doe"}, "emails": [{"value": "jane@example.com"}], "title": "Head", "phoneNumbers": [{"value": "+49 30 123456"}],
}
made = call("POST", "/Users", {**whole, "userName": "jane"})
print("before:", attributes(made))
jane = client.read_user(made["id"])
jane.display_name = "Jane Doe"
client.update_user(jane)
print("after:", attributes(call("GET", f"/Users/{made['id']}")))
others = {
    "without externalId": {"externalId": None}, "without e-mail": {"emails": None}, "without name": {"name": None},
    "with a prefix": {"name": {"givenName": "Jane", "familyName": "Doe", "honorificPrefix": "Dr."}},
}
for number, (what, more) in enumerate(others.items()):
    body = {**whole, "userName": f"other-{number}", **more}
    other = call("POST", "/Users", {name: value for name, value in body.items() if value is not None})
    try:
        client.read_user(other["id"])
        print(f"{what}: read")
    except TypeError as error:
        print(f"{what}: {error}")
try:
    client.search_users("", start_index=1)
    print("everybody: read")
except TypeError:
    print("everybody: TypeError")
PY
python/bin/python ask.py "$port" | tee seen
diff seen - <<'TEXT'
before: active displayName emails externalId name phoneNumbers title userName
after: active displayName emails externalId name userName
without externalId: User.__init__() missing 1 required keyword-only argument: 'external_id'
without e-mail: User.__init__() missing 1 required keyword-only argument: 'emails'
without name: User.__init__() missing 1 required keyword-only argument: 'name'
with a prefix: UserName.__init__() got an unexpected keyword argument 'honorific_prefix'
everybody: TypeError
TEXT
echo "still so"
