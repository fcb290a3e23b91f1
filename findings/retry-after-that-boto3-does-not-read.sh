#!/usr/bin/env bash
# A server that throttles and says Retry-After is asked again at once by botocore; x-amz-retry-after is what it reads.
#
# One would guess: an HTTP client waits as long as Retry-After (RFC 9110, section 10.2.3) says before it asks a 503 again.
# What happens: botocore 1.44.8 pays no regard to Retry-After: its own back-off decides, a fraction of a second. It waits for
# x-amz-retry-after, which counts milliseconds.
# Why it matters here: a server that wants patience from AWS clients has to send both headers, each in its own unit.
#
# Seen with botocore 1.44.8 (PyPI), in retry mode standard. Exits 0 while it is so, 1 when it changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv python
python/bin/pip install --quiet botocore==1.44.8
cat >ask.py <<'PY'
import http.server
import threading
import time

import botocore.config
import botocore.session


class Throttling(http.server.BaseHTTPRequestHandler):
    """Says 503 to the first call, with the header at hand, and answers the second."""

    header, times = ("", ""), []

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.times.append(time.monotonic())
        first = len(self.times) == 1
        body = b'{"__type":"ServiceUnavailableException"}' if first else b'{"Instances":[]}'
        self.send_response(503 if first else 200)
        if first:
            self.send_header(*self.header)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Throttling)
threading.Thread(target=server.serve_forever, daemon=True).start()
for header in [("Retry-After", "3"), ("x-amz-retry-after", "3000")]:
    Throttling.header, Throttling.times = header, []
    client = botocore.session.get_session().create_client(
        "sso-admin",
        region_name="us-east-1",
        endpoint_url=f"http://127.0.0.1:{server.server_port}",
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
        aws_secret_access_key="example",
        config=botocore.config.Config(retries={"mode": "standard", "max_attempts": 2}),
    )
    client.list_instances()
    waited = Throttling.times[1] - Throttling.times[0]
    print(f"{header[0]}: waited {'three seconds' if waited >= 2.9 else 'less than two seconds' if waited < 2 else waited}")
PY
python/bin/python ask.py | tee seen
diff seen - <<'TEXT'
Retry-After: waited less than two seconds
x-amz-retry-after: waited three seconds
TEXT
echo "still so"
