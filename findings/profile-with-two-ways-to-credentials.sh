#!/usr/bin/env bash
# One profile that knows two ways to credentials, such as old keys and a sign-in: botocore signs in, the JavaScript SDK goes on with the old keys.
#
# One would guess: whichever way counts when a profile names two, it is the same one for all AWS clients that read the file.
# What happens: botocore 1.44.8 (and with it boto3 and the AWS CLI) takes the sign-in before a credential_process, and both before keys, save that keys in
# ~/.aws/credentials come before a process. @aws-sdk/credential-providers 3.1175.0 takes keys before a process, and a process before the sign-in.
# Why it matters here: whoever moves to signing in adds a session to the profiles that there are. The CLI shows the new identity; programs on Node.js use the old keys, which
# no sign-out ends, and fail on the day that somebody deletes them. The old lines have to go when the new ones come.
#
# Seen with botocore 1.44.8 (PyPI), @aws-sdk/credential-providers 3.1175.0 (npm). Exits 0 while it is so, 1 when it changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-package-lock @aws-sdk/credential-providers@3.1175.0
python3 -m venv python
python/bin/pip install --quiet botocore==1.44.8
cat >ask.mjs <<'JS'
import { fromNodeProviderChain } from "@aws-sdk/credential-providers";

console.log((await fromNodeProviderChain()()).accessKeyId);
JS
cat >ask.py <<'PY'
import botocore.session

print(botocore.session.get_session().get_credentials().get_frozen_credentials().access_key)
PY
cat >compare.py <<'PY'
import datetime
import hashlib
import http.server
import json
import os
import pathlib
import subprocess
import threading


class Portal(http.server.BaseHTTPRequestHandler):
    """Hands out credentials to whoever is signed in."""

    def do_GET(self):
        credentials = {"accessKeyId": "of-the-sign-in", "secretAccessKey": "example", "sessionToken": "example", "expiration": 4102444800000}
        body = json.dumps({"roleCredentials": credentials}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Portal)
threading.Thread(target=server.serve_forever, daemon=True).start()
home = pathlib.Path.cwd()
(home / ".aws/sso/cache").mkdir(parents=True)
later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=5)
signed_in = {"startUrl": "https://d-9067000000.awsapps.com/start", "region": "us-east-1", "accessToken": "example", "expiresAt": later.strftime("%Y-%m-%dT%H:%M:%SZ")}
(home / ".aws/sso/cache" / f"{hashlib.sha1(b'corp').hexdigest()}.json").write_text(json.dumps(signed_in))
tool = home / "tool"
tool.write_text("""#!/bin/sh\necho '{"Version": 1, "AccessKeyId": "of-the-process", "SecretAccessKey": "example"}'\n""")
tool.chmod(0o755)
keys = "aws_access_key_id = of-the-profile\naws_secret_access_key = example\n"
process = f"credential_process = {tool}\n"
sign_in = "sso_session = corp\nsso_account_id = 111122223333\nsso_role_name = Reader\n"
session = "[sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://d-9067000000.awsapps.com/start\n"
environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | {
    "HOME": str(home),
    "AWS_CONFIG_FILE": ".aws/config",
    "AWS_SHARED_CREDENTIALS_FILE": ".aws/credentials",
    "AWS_PROFILE": "example",
    "AWS_REGION": "us-east-1",
    "AWS_ENDPOINT_URL_SSO": f"http://127.0.0.1:{server.server_port}",
}
for what, config, credentials in [
    ("sign-in, keys in credentials", sign_in, keys),
    ("sign-in, keys in config", sign_in + keys, ""),
    ("sign-in, process", sign_in + process, ""),
    ("process, keys in credentials", process, keys),
    ("process, keys in config", process + keys, ""),
]:
    (home / ".aws/config").write_text(f"[profile example]\n{config}{session}")
    (home / ".aws/credentials").write_text(f"[example]\n{credentials}" if credentials else "")
    for client, command in [("botocore", ["python/bin/python", "ask.py"]), ("JavaScript", ["node", "ask.mjs"])]:
        print(f"{what}: {client} has those", subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip())
PY
python3 compare.py | tee seen
diff seen - <<'TEXT'
sign-in, keys in credentials: botocore has those of-the-sign-in
sign-in, keys in credentials: JavaScript has those of-the-profile
sign-in, keys in config: botocore has those of-the-sign-in
sign-in, keys in config: JavaScript has those of-the-profile
sign-in, process: botocore has those of-the-sign-in
sign-in, process: JavaScript has those of-the-process
process, keys in credentials: botocore has those of-the-profile
process, keys in credentials: JavaScript has those of-the-profile
process, keys in config: botocore has those of-the-process
process, keys in config: JavaScript has those of-the-profile
TEXT
echo "still so"
