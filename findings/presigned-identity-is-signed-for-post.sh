#!/usr/bin/env bash
# botocore: a presigned URL of sts GetCallerIdentity is signed for POST. Whoever opens it, sends GET and is refused.
#
# One would guess: generate_presigned_url makes a URL that can be opened, which is what a URL is for and what it does for S3's GetObject.
# What happens: botocore 1.44.8 signs for the method of the operation's model, which is POST for every operation of a Query service. The URL
# shows nothing of it. HttpMethod="GET" signs for GET; so do the tools that show their identity in this way.
# Why it matters here: a server that verifies such a URL has to take both methods, with the parameters in the URL and no body; when it refuses a signature, the
# method is the first thing to look at.
#
# Seen with botocore 1.44.8 (PyPI). Nothing is sent. Exits 0 while it is so, 1 when it changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv python
python/bin/pip install --quiet botocore==1.44.8
cat >ask.py <<'PY'
import hashlib
import hmac
import urllib.parse

import botocore.session

SECRET = "example"
client = botocore.session.get_session().create_client(
    "sts", region_name="us-east-1", aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key=SECRET
)


def signature(method, url):
    """Signature Version 4 of a URL without a body, from its description."""
    parts = urllib.parse.urlsplit(url)
    query = dict(urllib.parse.parse_qsl(parts.query))
    del query["X-Amz-Signature"]
    quoted = lambda text: urllib.parse.quote(text, safe="-_.~")
    line = "&".join(sorted(f"{quoted(name)}={quoted(value)}" for name, value in query.items()))
    canonical = "\n".join([method, "/", line, f"host:{parts.netloc}", "", "host", hashlib.sha256(b"").hexdigest()])
    scope = query["X-Amz-Credential"].split("/", 1)[1]
    text = "\n".join(["AWS4-HMAC-SHA256", query["X-Amz-Date"], scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = f"AWS4{SECRET}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.new(key, text.encode(), "sha256").hexdigest()


for what, how in {"no method": {}, "HttpMethod GET": {"HttpMethod": "GET"}}.items():
    url = client.generate_presigned_url("get_caller_identity", **how)
    given = urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)["X-Amz-Signature"][0]
    print(f"{what}: signed for", *(method for method in ("GET", "POST") if signature(method, url) == given))
PY
python/bin/python ask.py | tee seen
diff seen - <<'TEXT'
no method: signed for POST
HttpMethod GET: signed for GET
TEXT
echo "still so"
