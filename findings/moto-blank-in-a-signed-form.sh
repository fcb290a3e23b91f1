#!/usr/bin/env bash
# moto, deciding by policies: a signed form in which a blank is written %20 has a wrong signature. Written + it is right.
#
# One would guess: a form's signature is over its bytes (Signature Version 4: the hash of the payload), so that the client writes a blank as it likes: %20, as the SDK for
# Rust does, or +, as botocore does.
# What happens: moto 5.2.5, told to decide by policies, takes the form apart, writes it anew with + and signs that. A call without a blank is answered, the same call with
# one is refused with SignatureDoesNotMatch. Without deciding it looks at no signature and answers both.
# Why it matters here: what asks IAM of an account sends metadata of SAML, full of blanks, by the SDK for Rust. A test that moto decides about fails there alone, and
# looks like a wrong key; Portico's own test leaves those two calls undecided.
#
# Seen with moto 5.2.5 and botocore 1.44.8 (PyPI). Exits 0 while it is so, 1 when it changed.
set -euo pipefail
work=$(mktemp -d)
trap 'kill "${server:-0}" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
python3 -m venv python
python/bin/pip install --quiet 'moto[server]==5.2.5' boto3==1.44.8 botocore==1.44.8
port=$(python/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
python/bin/moto_server -H 127.0.0.1 -p "$port" >server.log 2>&1 &
server=$!
cat >ask.py <<'PY'
import json
import sys
import time
import urllib.error
import urllib.request

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

BASE = f"http://127.0.0.1:{sys.argv[1]}"
for _ in range(200):
    try:
        urllib.request.urlopen(BASE + "/moto-api/").close()
        break
    except OSError:
        time.sleep(0.1)
iam = boto3.client("iam", endpoint_url=BASE, region_name="us-east-1", aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="example")
iam.create_user(UserName="maker")
allowed = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}]}
iam.put_user_policy(UserName="maker", PolicyName="all", PolicyDocument=json.dumps(allowed))
key = iam.create_access_key(UserName="maker")["AccessKey"]
keys = Credentials(key["AccessKeyId"], key["SecretAccessKey"])


def ask(about, metadata):
    """CreateSAMLProvider, signed over these very bytes."""
    body = f"Action=CreateSAMLProvider&Version=2010-05-08&Name={about}&SAMLMetadataDocument={'x' * 1000}{metadata}"
    request = AWSRequest("POST", BASE + "/", {"Content-Type": "application/x-www-form-urlencoded"}, body)
    SigV4Auth(keys, "iam", "us-east-1").add_auth(request)
    try:
        urllib.request.urlopen(urllib.request.Request(BASE + "/", body.encode(), dict(request.headers))).close()
        return "answered"
    except urllib.error.HTTPError as error:
        text = error.read().decode()
        return "SignatureDoesNotMatch" if "SignatureDoesNotMatch" in text else f"{error.code} {text[:200]}"


def three(mode):
    for about, metadata in (("none", "ab"), ("plus", "a+b"), ("percent", "a%20b")):
        print(f"{mode}, blank {about}: {ask(f'{mode}-{about}', metadata)}")


three("undecided")
urllib.request.urlopen(urllib.request.Request(BASE + "/moto-api/reset-auth", b"0", {"Content-Type": "text/plain"})).close()
three("decided")
PY
python/bin/python -W ignore ask.py "$port" | tee seen
diff seen - <<'TEXT'
undecided, blank none: answered
undecided, blank plus: answered
undecided, blank percent: answered
decided, blank none: answered
decided, blank plus: answered
decided, blank percent: SignatureDoesNotMatch
TEXT
echo "still so"
