#!/usr/bin/env bash
# One [sso-session] twice in ~/.aws/config: an error for every command of botocore, nothing for the JavaScript SDK.
#
# One would guess: a configuration file with the same section twice, word for word, means what it means with the section once; at the
# least, all AWS clients agree.
# What happens: botocore 1.44.8 (and with it boto3 and the AWS CLI) refuses the whole file with ConfigParseError, whichever profile is
# asked for. @smithy/shared-ini-file-loader 4.7.2 (the AWS SDK for JavaScript) reads it, and where the two sections differ, the later line wins.
# Why it matters here: a portal that shows one ready profile for each role, each with the session that it needs, breaks every command
# of whoever pastes two of them. So a text for one role must carry nothing that a second text repeats as a section.
#
# Seen with botocore 1.44.8 (PyPI) and @smithy/shared-ini-file-loader 4.7.2 (npm). Exits 0 while it is so, 1 when it changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >config <<'INI'
[profile one]
sso_session = example
sso_account_id = 111122223333
sso_role_name = Reader

[sso-session example]
sso_start_url = https://d-1234567890.awsapps.com/start
sso_region = us-east-1

[profile two]
sso_session = example
sso_account_id = 111122223333
sso_role_name = Writer

[sso-session example]
sso_start_url = https://d-1234567890.awsapps.com/start
sso_region = us-east-1
INI

python3 -m venv python
python/bin/pip install --quiet botocore==1.44.8
npm install --silent --no-save --no-package-lock --prefix node @smithy/shared-ini-file-loader@4.7.2

cat >botocore_reads.py <<'PY'
import botocore.configloader
import botocore.exceptions

try:
    botocore.configloader.load_config("config")
    print("botocore: read")
except botocore.exceptions.ConfigParseError:
    print("botocore: ConfigParseError")
PY
cat >node/reads.mjs <<'JS'
import { loadSsoSessionData, loadSharedConfigFiles } from "@smithy/shared-ini-file-loader";
const sessions = await loadSsoSessionData({ configFilepath: "config" });
const { configFile } = await loadSharedConfigFiles({ configFilepath: "config", filepath: "none" });
console.log(`JavaScript: ${Object.keys(sessions).length} session, ${Object.keys(configFile).filter((name) => /^(one|two)$/.test(name)).length} profiles`);
JS
{
  python/bin/python botocore_reads.py
  node node/reads.mjs
} | tee seen
diff seen - <<'TEXT'
botocore: ConfigParseError
JavaScript: 1 session, 2 profiles
TEXT
echo "still so"
