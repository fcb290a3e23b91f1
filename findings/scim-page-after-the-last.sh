#!/usr/bin/env bash
# SCIM: the page after the last one is empty, says one server. Another library hands out the first page again.
#
# One would guess: with five people, `startIndex=6` finds nobody: startIndex is the number of the first result to hand out, and itemsPerPage says how many were handed
# out (RFC 7644, 3.4.2.4). Whoever reads page by page may stop at the first empty one.
# What happens: scimmy 1.3.5, handed everybody by its program, gives the first two again at `startIndex=6`, and at any number above, and says `"startIndex": 6` beside
# them. On the last page, which has one person, itemsPerPage is 2. scim2-server 0.8.3 does as the RFC says.
# Why it matters here: a client that reads on until nothing comes never ends, and one that adds up itemsPerPage counts people who are not there. totalResults is
# what to stop by, and ids are what to count by, in both. Portico's last page says how many it has, and the one after it is empty.
#
# Seen with scimmy 1.3.5 (npm), scim2-server 0.8.3 with scim2-models 0.12.3 (PyPI). Exits 0 while it is so, 1 when it changed.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-package-lock scimmy@1.3.5
cat >ask.mjs <<'JS'
import SCIMMY from "scimmy";

const people = ["ann", "bob", "eve", "jan", "tom"].map((userName, at) => ({ id: `${at + 1}`, userName }));
SCIMMY.Resources.declare(SCIMMY.Resources.User).egress(() => people).ingress(() => {}).degress(() => {});
for (const startIndex of [1, 3, 5, 6, 7]) {
  const { itemsPerPage, totalResults, Resources, ...page } = await new SCIMMY.Resources.User({ startIndex, count: 2 }).read();
  const found = Resources.map(({ userName }) => userName).join(" ") || "nobody";
  console.log(`scimmy, startIndex=${startIndex}&count=2: ${found} (startIndex ${page.startIndex}, itemsPerPage ${itemsPerPage}, totalResults ${totalResults})`);
}
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

base = f"http://127.0.0.1:{sys.argv[1]}/v2"


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
for name in ["ann", "bob", "eve", "jan", "tom"]:
    call("POST", "/Users", {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name})
for start in [1, 3, 5, 6, 7]:
    page = call("GET", f"/Users?startIndex={start}&count=2&sortBy=userName")
    found = " ".join(person["userName"] for person in page["Resources"]) or "nobody"
    print(f"scim2-server, startIndex={start}&count=2: {found} (startIndex {page['startIndex']}, itemsPerPage {page['itemsPerPage']}, totalResults {page['totalResults']})")
PY
{
  node ask.mjs
  python/bin/python ask.py "$port"
} | tee seen
diff seen - <<'TEXT'
scimmy, startIndex=1&count=2: ann bob (startIndex 1, itemsPerPage 2, totalResults 5)
scimmy, startIndex=3&count=2: eve jan (startIndex 3, itemsPerPage 2, totalResults 5)
scimmy, startIndex=5&count=2: tom (startIndex 5, itemsPerPage 2, totalResults 5)
scimmy, startIndex=6&count=2: ann bob (startIndex 6, itemsPerPage 2, totalResults 5)
scimmy, startIndex=7&count=2: ann bob (startIndex 7, itemsPerPage 2, totalResults 5)
scim2-server, startIndex=1&count=2: ann bob (startIndex 1, itemsPerPage 2, totalResults 5)
scim2-server, startIndex=3&count=2: eve jan (startIndex 3, itemsPerPage 2, totalResults 5)
scim2-server, startIndex=5&count=2: tom (startIndex 5, itemsPerPage 1, totalResults 5)
scim2-server, startIndex=6&count=2: nobody (startIndex 6, itemsPerPage 0, totalResults 5)
scim2-server, startIndex=7&count=2: nobody (startIndex 7, itemsPerPage 0, totalResults 5)
TEXT
echo "still so"
