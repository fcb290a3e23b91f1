#!/usr/bin/env bash
# SigV4: a GET with an ARN in its query, typed as URLs allow it, with colons and a slash. Four signers of six sign something that no server computes.
#
# One would guess: whatever signs a URL makes the canonical query of it as AWS says ("Create a signed AWS API request": each name and value URI-encoded, all but
# letters, digits and -._~), so that `?RoleArn=arn:aws:iam::111122223333:role/Reader` and the same with %3A and %2F have one signature. RFC 3986 (3.4) lets
# both be sent.
# What happens: SigV4Auth of botocore 1.44.8, aws-requests-auth 0.4.3, requests-auth-aws-sigv4 0.7 and httpx-aws-auth 4.2.0 sign the query as it stands, and their
# signatures hold only when it was typed with escapes. requests-aws4auth 1.4.0 and aws4 1.13.2 encode it anew, and both hold.
# Why it matters here: ARNs are what calls to STS and IAM are about, and the refusal, SignatureDoesNotMatch, sends people to look at their keys. AWS refuses them so
# (curl 8.2.1 did the same, and its issue 11794 tells of AWS's answer), and so does Portico. Whoever builds such an address escapes parameters before they are signed.
#
# Seen with botocore 1.44.8, aws-requests-auth 0.4.3, requests-auth-aws-sigv4 0.7, httpx-aws-auth 4.2.0 with httpx 0.28.1, requests-aws4auth 1.4.0 with requests 2.34.2
# (PyPI), aws4 1.13.2 (npm). Exits 0 while it is so, 1 when it changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-package-lock aws4@1.13.2
python3 -m venv python
# requests-auth-aws-sigv4 takes the keys itself, without boto3.
python/bin/pip install --quiet botocore==1.44.8 aws-requests-auth==0.4.3 requests-auth-aws-sigv4==0.7 httpx-aws-auth==4.2.0 httpx==0.28.1 requests-aws4auth==1.4.0 requests==2.34.2
cat >ask.mjs <<'JS'
import http from "node:http";
import aws4 from "aws4";

const [origin, path] = [process.argv[2], process.argv[3]];
const { host, hostname, port } = new URL(origin);
const signed = aws4.sign({ host, path, service: "sts", region: "us-east-1", headers: { Host: host } }, { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "example" });
http.get({ hostname, port, path, headers: signed.headers }, (answer) => answer.pipe(process.stdout));
JS
cat >ask.py <<'PY'
import hashlib
import hmac
import http.server
import subprocess
import threading
import urllib.parse

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import httpx
import requests
from aws_requests_auth.aws_auth import AWSRequestsAuth
from httpx_aws_auth import AwsCredentials, AwsSigV4Auth
from requests_auth_aws_sigv4 import AWSSigV4
from requests_aws4auth import AWS4Auth

KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "example"


def holds(target, headers):
    """Whether a GET is signed as AWS has it: the query decoded, encoded anew, sorted."""
    path, _, query = target.partition("?")
    claim = dict(part.strip().split("=", 1) for part in headers["authorization"].split(" ", 1)[1].split(","))
    scope = claim["Credential"].split("/")[1:]
    encoded = lambda text: urllib.parse.quote(urllib.parse.unquote(text), safe="-_.~")
    pairs = sorted((encoded(name), encoded(value)) for name, _, value in (pair.partition("=") for pair in query.split("&")))
    named = "".join(f"{name}:{' '.join(headers[name].split())}\n" for name in claim["SignedHeaders"].split(";"))
    canonical = "\n".join(["GET", path, "&".join(map("=".join, pairs)), named, claim["SignedHeaders"], hashlib.sha256(b"").hexdigest()])
    key = ("AWS4" + SECRET).encode()
    for part in scope:
        key = hmac.digest(key, part.encode(), "sha256")
    text = "\n".join(["AWS4-HMAC-SHA256", headers["x-amz-date"], "/".join(scope), hashlib.sha256(canonical.encode()).hexdigest()])
    return hmac.new(key, text.encode(), "sha256").hexdigest() == claim["Signature"]


class Verifying(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b"holds" if holds(self.path, {name.lower(): value for name, value in self.headers.items()}) else b"does not hold"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class BySigV4Auth(requests.auth.AuthBase):
    """botocore's signer for a request of the library requests, as many programs have it."""

    def __call__(self, request):
        signed = botocore.awsrequest.AWSRequest(request.method, request.url, data=request.body)
        botocore.auth.SigV4Auth(botocore.credentials.Credentials(KEY, SECRET), "sts", "us-east-1").add_auth(signed)
        request.headers.update(dict(signed.headers))
        return request


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Verifying)
threading.Thread(target=server.serve_forever, daemon=True).start()
host = f"127.0.0.1:{server.server_port}"
by_requests = {
    "botocore's SigV4Auth": BySigV4Auth(),
    "aws-requests-auth": AWSRequestsAuth(aws_access_key=KEY, aws_secret_access_key=SECRET, aws_host=host, aws_region="us-east-1", aws_service="sts"),
    "requests-auth-aws-sigv4": AWSSigV4("sts", region="us-east-1", aws_access_key_id=KEY, aws_secret_access_key=SECRET),
    "requests-aws4auth": AWS4Auth(KEY, SECRET, "us-east-1", "sts"),
}
httpx_auth = AwsSigV4Auth(credentials=AwsCredentials(access_key=KEY, secret_key=SECRET), service="sts", region="us-east-1")
call = "/?Action=AssumeRole&RoleArn="
for what, path in [("typed with escapes", f"{call}arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2FReader"), ("typed as it is", f"{call}arn:aws:iam::111122223333:role/Reader")]:
    for signer, auth in by_requests.items():
        print(f"{signer}, {what}: {requests.get(f'http://{host}{path}', auth=auth).text}")
    print(f"httpx-aws-auth, {what}: {httpx.get(f'http://{host}{path}', auth=httpx_auth).text}")
    print(f"aws4, {what}:", subprocess.run(["node", "ask.mjs", f"http://{host}", path], capture_output=True, text=True, check=True).stdout)
PY
python/bin/python -W ignore ask.py | tee seen
diff seen - <<'TEXT'
botocore's SigV4Auth, typed with escapes: holds
aws-requests-auth, typed with escapes: holds
requests-auth-aws-sigv4, typed with escapes: holds
requests-aws4auth, typed with escapes: holds
httpx-aws-auth, typed with escapes: holds
aws4, typed with escapes: holds
botocore's SigV4Auth, typed as it is: does not hold
aws-requests-auth, typed as it is: does not hold
requests-auth-aws-sigv4, typed as it is: does not hold
requests-aws4auth, typed as it is: holds
httpx-aws-auth, typed as it is: does not hold
aws4, typed as it is: holds
TEXT
echo "still so"
