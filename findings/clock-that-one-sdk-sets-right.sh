#!/usr/bin/env bash
# A computer's clock is ten minutes slow: the JavaScript SDK calls all the same and says nothing, botocore fails for good. The answer's Date is what helps.
#
# One would guess: all AWS clients fare alike. Either each signature is too old and everybody fails, or everybody mends it, as AWS says of its SDK for .NET (AWS Developer
# Tools Blog, "Clock-skew correction").
# What happens: @aws-sdk/client-sts 3.1177.0 is refused once with SignatureDoesNotMatch, takes the time from the answer's Date, and succeeds. When the answer has no Date
# it fails. botocore 1.44.8 (and with it boto3 and the AWS CLI) asks once and fails, in each of its retry modes.
# Why it matters here: "it works in Node.js and not with the CLI" is a clock that is wrong. Whatever stands between a server and its clients must leave Date on refusals.
#
# Seen with @aws-sdk/client-sts 3.1177.0 (npm), botocore 1.44.8 (PyPI). Exits 0 while it is so, 1 when it changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-package-lock @aws-sdk/client-sts@3.1177.0
python3 -m venv python
python/bin/pip install --quiet botocore==1.44.8
cat >ask.mjs <<'JS'
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";

const credentials = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "example" };
const client = new STSClient({ region: "us-east-1", endpoint: process.argv[2], credentials });
console.log(await client.send(new GetCallerIdentityCommand({})).then(() => "succeeds", ({ name }) => name));
JS
cat >ask.py <<'PY'
import calendar
import email.utils
import http.server
import subprocess
import threading
import time

import botocore.config
import botocore.exceptions
import botocore.session

XMLNS = 'xmlns="https://sts.amazonaws.com/doc/2011-06-15/"'
IDENTITY = f"<GetCallerIdentityResponse {XMLNS}><GetCallerIdentityResult><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
REFUSAL = f"<ErrorResponse {XMLNS}><Error><Type>Sender</Type><Code>SignatureDoesNotMatch</Code><Message>Signature expired</Message></Error></ErrorResponse>"


class TenMinutesAhead(http.server.BaseHTTPRequestHandler):
    """Refuses what was signed more than five minutes before its own time."""

    says_date, times = True, 0

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        type(self).times += 1
        now = time.time() + 600
        good = abs(now - calendar.timegm(time.strptime(self.headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ"))) < 300
        body = (IDENTITY if good else REFUSAL).encode()
        self.send_response_only(200 if good else 403)
        if self.says_date:
            self.send_header("Date", email.utils.formatdate(now, usegmt=True))
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), TenMinutesAhead)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{server.server_port}"


def by_botocore(mode):
    client = botocore.session.get_session().create_client(
        "sts",
        region_name="us-east-1",
        endpoint_url=address,
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
        aws_secret_access_key="example",
        config=botocore.config.Config(retries={"mode": mode}),
    )
    try:
        client.get_caller_identity()
        return "succeeds"
    except botocore.exceptions.ClientError as error:
        return error.response["Error"]["Code"]


def by_javascript(_):
    return subprocess.run(["node", "ask.mjs", address], capture_output=True, text=True, check=True).stdout.strip()


for TenMinutesAhead.says_date in (True, False):
    for client, ask in [("JavaScript", by_javascript), *((f"botocore, mode {mode}", by_botocore) for mode in ("legacy", "standard", "adaptive"))]:
        TenMinutesAhead.times = 0
        said = ask(client.rpartition(" ")[2])
        print(f"{client}, {'with' if TenMinutesAhead.says_date else 'without'} Date: {said} after asking {TenMinutesAhead.times} times")
PY
python/bin/python ask.py | tee seen
diff seen - <<'TEXT'
JavaScript, with Date: succeeds after asking 2 times
botocore, mode legacy, with Date: SignatureDoesNotMatch after asking 1 times
botocore, mode standard, with Date: SignatureDoesNotMatch after asking 1 times
botocore, mode adaptive, with Date: SignatureDoesNotMatch after asking 1 times
JavaScript, without Date: SignatureDoesNotMatch after asking 1 times
botocore, mode legacy, without Date: SignatureDoesNotMatch after asking 1 times
botocore, mode standard, without Date: SignatureDoesNotMatch after asking 1 times
botocore, mode adaptive, without Date: SignatureDoesNotMatch after asking 1 times
TEXT
echo "still so"
