#!/usr/bin/env bash
# AWS SDK for JavaScript: a profile named in code is signed in with, but its `services` section is not: the token goes to Amazon's host.
#
# One would guess: fromSSO({ profile: "example" }) and AWS_PROFILE=example are two ways to say the same.
# What happens: with AWS_PROFILE the endpoint of the profile's `services` section is called; with the profile named in code alone the same
# file is read for account, role and session, and the call goes to portal.sso.us-east-1.amazonaws.com.
# Why it matters here: whoever runs the service behind that endpoint must tell people to use AWS_PROFILE or AWS_ENDPOINT_URL_SSO; a ready profile
# is not enough.
#
# Seen with @aws-sdk/credential-providers 3.1175.0 (npm). Nothing is sent: the requests end in a handler that notes their host. Exits 0 while
# it is so, 1 when it changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-package-lock @aws-sdk/credential-providers@3.1175.0
mkdir -p home/.aws/sso/cache
cat >home/.aws/config <<'INI'
[profile example]
sso_session = example
sso_account_id = 111122223333
sso_role_name = Reader
services = example

[sso-session example]
sso_start_url = https://d-1234567890.awsapps.com/start
sso_region = us-east-1

[services example]
sso =
  endpoint_url = http://127.0.0.1:9
INI
cat >home/.aws/sso/cache/"$(printf example | sha1sum | cut -d' ' -f1)".json <<'JSON'
{"accessToken": "example", "expiresAt": "2100-01-01T00:00:00Z", "region": "us-east-1", "startUrl": "https://d-1234567890.awsapps.com/start"}
JSON
cat >ask.mjs <<'JS'
import { fromSSO } from "@aws-sdk/credential-providers";

let host;
const requestHandler = {
  handle: async (request) => {
    host = request.hostname;
    throw Object.assign(new Error("noted"), { $retryable: undefined });
  },
};
const named = process.argv[2] === "in code" ? { profile: "example" } : {};
await fromSSO({ ...named, clientConfig: { requestHandler, maxAttempts: 1 } })().catch(() => {});
console.log(`${process.argv[2]}: ${host}`);
JS
{
  env -u AWS_PROFILE HOME="$work/home" node ask.mjs "in code" 2>/dev/null
  HOME="$work/home" AWS_PROFILE=example node ask.mjs "AWS_PROFILE" 2>/dev/null
} | tee seen
diff seen - <<'TEXT'
in code: portal.sso.us-east-1.amazonaws.com
AWS_PROFILE: 127.0.0.1
TEXT
echo "still so"
