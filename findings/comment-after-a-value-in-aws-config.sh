#!/usr/bin/env bash
# ~/.aws/config: a comment behind a value is a comment to the JavaScript SDK and part of the value to botocore.
#
# One would guess: what follows a space and # or ; is a comment, wherever it begins. AWS's own cases for readers of this file say so (smithy-rs, aws-config,
# test-data/profile-parser-tests.json): only where no space stands before it, it belongs to the value.
# What happens: @smithy/shared-ini-file-loader 4.7.2 (the AWS SDK for JavaScript) reads them so. botocore 1.44.8 (and with it boto3 and the AWS CLI) takes
# comments on lines of their own alone: the Region becomes "eu-central-1 # ours" and is refused as no Region, and the role's name and the endpoint's address have
# a tail.
# Why it matters here: a profile that a colleague has annotated works in one program and not in the next, with words about a Region or a role that is not there. A text that
# a portal shows for pasting keeps its comments on lines of their own.
#
# Seen with @smithy/shared-ini-file-loader 4.7.2 (npm), botocore 1.44.8 (PyPI). Nothing is sent. Exits 0 while it is so, 1 when it changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-package-lock @smithy/shared-ini-file-loader@4.7.2
python3 -m venv python
python/bin/pip install --quiet botocore==1.44.8
cat >config <<'INI'
[profile example]
# a line of its own
region = eu-central-1 # ours
sso_role_name = Reader ; for auditors
sso_start_url = https://d-9067000000.awsapps.com/start#/
endpoint_url = https://sso.example.com # behind the proxy
INI
cat >read.mjs <<'JS'
import { loadSharedConfigFiles } from "@smithy/shared-ini-file-loader";

const { configFile } = await loadSharedConfigFiles({ configFilepath: "config", filepath: "none" });
for (const [name, value] of Object.entries(configFile.example)) console.log(`JavaScript: ${name} is "${value}"`);
JS
cat >read.py <<'PY'
import botocore.exceptions
import botocore.session

session = botocore.session.Session(profile="example")
for name, value in session.get_scoped_config().items():
    print(f'botocore: {name} is "{value}"')
try:
    session.create_client("sso", aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="example")
    print("botocore: makes a client")
except botocore.exceptions.InvalidRegionError as error:
    print(f"botocore: {error}")
PY
{
  node read.mjs 2>/dev/null
  AWS_CONFIG_FILE=config AWS_SHARED_CREDENTIALS_FILE=none python/bin/python read.py
} | tee seen
diff seen - <<'TEXT'
JavaScript: region is "eu-central-1"
JavaScript: sso_role_name is "Reader"
JavaScript: sso_start_url is "https://d-9067000000.awsapps.com/start#/"
JavaScript: endpoint_url is "https://sso.example.com"
botocore: region is "eu-central-1 # ours"
botocore: sso_role_name is "Reader ; for auditors"
botocore: sso_start_url is "https://d-9067000000.awsapps.com/start#/"
botocore: endpoint_url is "https://sso.example.com # behind the proxy"
botocore: Provided region_name 'eu-central-1 # ours' doesn't match a supported format.
TEXT
echo "still so"
