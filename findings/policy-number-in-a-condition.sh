#!/usr/bin/env bash
# IAM policies: a number as a condition's value. A linter cannot read it.
#
# One would guess: `{"NumericLessThan": {"aws:MultiFactorAuthAge": 3600}}` is what a policy with a number looks like: IAM's grammar of policies has
# texts, numbers and booleans as values of conditions. A linter of policies takes it, or has something to say of it.
# What happens: parliament 1.6.4 raises a TypeError, where it takes the same with "3600". Booleans it takes: `{"Bool": {"aws:SecureTransport": true}}`.
# Why it matters here: the policies of permission sets come through such checks in pipelines. What Portico stores is what was written, not a text in place of
# the number, so one that was accepted here can still stop a pipeline there; quotation marks around the number help.
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

for name, condition in {
    "number": {"NumericLessThan": {"aws:MultiFactorAuthAge": 3600}},
    "text": {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}},
    "boolean": {"Bool": {"aws:SecureTransport": True}},
}.items():
    statement = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::example", "Condition": condition}
    try:
        found = analyze_policy_string(json.dumps({"Version": "2012-10-17", "Statement": [statement]})).findings
        print(f"{name}: {len(found)} findings")
    except TypeError:
        print(f"{name}: TypeError")
PY
python/bin/python ask.py | tee seen
diff seen - <<'TEXT'
number: TypeError
text: 0 findings
boolean: 0 findings
TEXT
echo "still so"
