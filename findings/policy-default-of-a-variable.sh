#!/usr/bin/env bash
# IAM policies: a variable with a default value. A linter takes it for a resource that no action has.
#
# One would guess: a tool that knows policy variables knows `${aws:PrincipalTag/team, 'everyone'}` too: the value that stands in when the key is not in the
# request (IAM User Guide, "IAM policy elements: Variables and tags", specifying default values).
# What happens: parliament 1.6.4 says RESOURCE_MISMATCH of an S3 object's ARN with a default in it, and nothing of the same ARN without.
# Why it matters here: permission sets for people with attributes are written so. Portico decides with the default; a check before it may refuse the policy.
#
# Seen with parliament 1.6.4 (PyPI). Exits 0 while it is so, 1 when it changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv python
python/bin/pip install --quiet parliament==1.6.4 "setuptools<81"
cat >ask.py <<'PY'
import json
import warnings

warnings.simplefilter("ignore")
from parliament import analyze_policy_string

for variable in ("${aws:PrincipalTag/team}", "${aws:PrincipalTag/team, 'everyone'}"):
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::example/{variable}/*"}
    found = analyze_policy_string(json.dumps({"Version": "2012-10-17", "Statement": [statement]})).findings
    print(f"{variable}: {' '.join(finding.issue for finding in found) or 'no findings'}")
PY
python/bin/python ask.py | tee seen
diff seen - <<'TEXT'
${aws:PrincipalTag/team}: no findings
${aws:PrincipalTag/team, 'everyone'}: RESOURCE_MISMATCH
TEXT
echo "still so"
