#!/usr/bin/env bash
# SCIM: a filter with `or` and `and`. One parser binds `or` as tightly as `and`, from left to right, and finds other people.
#
# One would guess: `a or b and c` means `a or (b and c)`, as RFC 7644 (3.4.2.2) says and as everywhere else.
# What happens: scim2-filter-parser 0.7.0 makes `(a or b) and c` of it, so that a person whom `a` names is not found unless `c` holds too. scim2-parse-filter
# 0.2.10 and scim2-server 0.8.3 find them.
# Why it matters here: a client that means what it writes must set brackets where the standard needs none; a server that is compared
# with another one by unbracketed filters can be right and differ.
#
# Seen with scim2-filter-parser 0.7.0 and scim2-models 0.12.3 with scim2-server 0.8.3 (PyPI), scim2-parse-filter 0.2.10 (npm). Exits 0 while it is so, 1 when it
# changed.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
filter='userName eq "ann" or userName eq "bob" and active eq true'
npm install --silent --no-save --no-package-lock scim2-parse-filter@0.2.10
cat >ask.mjs <<'JS'
import { filter, parse } from "scim2-parse-filter";

const people = [{ userName: "ann", active: false }, { userName: "bob", active: true }];
console.log(`scim2-parse-filter: ${people.filter(filter(parse(process.argv[2]))).map(({ userName }) => userName).join(" ")}`);
JS
python3 -m venv python
python/bin/pip install --quiet scim2-filter-parser==0.7.0 scim2-server==0.8.3 scim2-models==0.12.3
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
python/bin/scim2-server --hostname 127.0.0.1 --port "$port" --bearer-token example >server.log 2>&1 &
server=$!
cat >ask.py <<'PY'
import json
import sqlite3
import sys
import time
import urllib.parse
import urllib.request

from scim2_filter_parser.queries import SQLQuery

text, base = sys.argv[1], f"http://127.0.0.1:{sys.argv[2]}/v2"
query = SQLQuery(text, "people", {("userName", None, None): "name", ("active", None, None): "active"})
database = sqlite3.connect(":memory:")
database.execute("CREATE TABLE people (name TEXT, active TEXT)")
database.executemany("INSERT INTO people VALUES (?, ?)", [("ann", "FALSE"), ("bob", "TRUE")])
where = query.where_sql.format(**{name: f":{name}" for name in query.params_dict})
print("scim2-filter-parser:", *(name for (name,) in database.execute(f"SELECT name FROM people WHERE {where} ORDER BY name", query.params_dict)))


def call(method, path, body=None):
    headers = {"Authorization": "Bearer example", "Content-Type": "application/scim+json"}
    request = urllib.request.Request(base + path, json.dumps(body).encode() if body else None, headers, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


for _ in range(100):
    try:
        call("GET", "/ServiceProviderConfig")
        break
    except OSError:
        time.sleep(0.1)
for name, active in [("ann", False), ("bob", True)]:
    call("POST", "/Users", {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name, "active": active})
found = call("GET", "/Users?filter=" + urllib.parse.quote(text))["Resources"]
print("scim2-server:", *sorted(person["userName"] for person in found))
PY
{
  node ask.mjs "$filter"
  python/bin/python ask.py "$filter" "$port"
} | tee seen
diff seen - <<'TEXT'
scim2-parse-filter: ann bob
scim2-filter-parser: bob
scim2-server: ann bob
TEXT
echo "still so"
