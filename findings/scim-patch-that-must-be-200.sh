#!/usr/bin/env bash
# SCIM: two programs that test servers judge the same one. One is content, the other wants what the standard leaves open, and a member who is nobody.
#
# One would guess: a server that one conformance test passes whole has nothing to fear of another, and a failure that cites a section of the RFC is one.
# What happens: scim2-tester 0.5.2 finds no fault in scim2-server 0.8.3. scim-sanity 0.7.4 fails each PATCH that is answered by 204, which RFC 7644 (3.5.2)
# allows in so many words, and cites 3.3, the section on creating. It adds "fake-member-id" to a group and wants 200 for that: what fails a server that
# looks whether a member exists.
# Why it matters here: exit code 1 of such a probe in a pipeline says nothing by itself. Whoever runs it writes down which failures are right, and
# whoever sells a server by it should say by which.
#
# Seen with scim-sanity 0.7.4, scim2-tester 0.5.2, scim2-server 0.8.3 with scim2-models 0.12.3 (PyPI). Exits 0 while it is so, 1 when it changed.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
python3 -m venv python
python/bin/pip install --quiet scim-sanity==0.7.4 'scim2-tester[httpx2]==0.5.2' scim2-server==0.8.3 scim2-models==0.12.3
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
python/bin/scim2-server --hostname 127.0.0.1 --port "$port" --bearer-token example >server.log 2>&1 &
server=$!
cat >ask.py <<'PY'
import socket
import sys
import time

import httpx2
import scim2_tester
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim_sanity.probe.runner import run_probe_api

base = f"http://127.0.0.1:{sys.argv[1]}/v2"
for _ in range(100):
    try:
        socket.create_connection(("127.0.0.1", int(sys.argv[1]))).close()
        break
    except OSError:
        time.sleep(0.1)
with httpx2.Client(base_url=base, headers={"Authorization": "Bearer example"}, timeout=60) as client:
    results = scim2_tester.check_server(SyncSCIMClient(client))
print("scim2-tester:", sum(result.status.name in ("DEVIATION", "ERROR", "CRITICAL") for result in results), "faults")
for result in run_probe_api(base, token="example")["results"]:
    if result["status"] == "fail":
        print(f"scim-sanity: {result['name']}: {result['message']}")
PY
python/bin/python ask.py "$port" | tee seen
diff seen - <<'TEXT'
scim2-tester: 0 faults
scim-sanity: PATCH /Users/{id}: Expected HTTP 200, got 204 (RFC 7644 §3.3); Response body is empty
scim-sanity: PATCH /Groups/{id}: Expected HTTP 200, got 204 (RFC 7644 §3.3); Response body is empty
scim-sanity: PATCH /Groups/{id} add member: Expected 200, got 204
scim-sanity: PATCH /Groups/{id} remove members: Expected 200, got 204
TEXT
echo "still so"
