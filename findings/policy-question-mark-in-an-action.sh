#!/usr/bin/env bash
# IAM policies: `?` in an action. The libraries that expand wildcards expand `*` only, and give the pattern back as if it were the name of an action.
#
# One would guess: `s3:Get?bject` is expanded as `s3:Get*bject` is: both wildcards stand in actions (IAM JSON policy elements: Action).
# What happens: policyuniverse 1.5.1.20231109 and policy_sentry 0.15.2 give `s3:get?bject` and `s3:Get?bject` back, one action that does not exist; the
# star they expand to s3:GetObject.
# Why it matters here: who is asked which actions a permission set allows must match patterns, not look names up in such an expansion: an action that is allowed
# by `?` is missing from it. Portico's words for a statement say the pattern, and its decisions match it.
#
# Seen with policyuniverse 1.5.1.20231109 and policy_sentry 0.15.2 (PyPI). Exits 0 while it is so, 1 when it changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv python
python/bin/pip install --quiet policyuniverse==1.5.1.20231109 policy-sentry==0.15.2 "setuptools<81"
cat >ask.py <<'PY'
import warnings

warnings.simplefilter("ignore")
from policy_sentry.analysis.expand import determine_actions_to_expand
from policyuniverse.expander_minimizer import get_actions_from_statement

for pattern in ("s3:Get*bject", "s3:Get?bject"):
    actions = get_actions_from_statement({"Effect": "Allow", "Action": pattern, "Resource": "*"})
    print(f"policyuniverse: {pattern} is {' '.join(sorted(actions))}")
    print(f"policy_sentry: {pattern} is {' '.join(sorted(determine_actions_to_expand([pattern])))}")
PY
python/bin/python ask.py | tee seen
diff seen - <<'TEXT'
policyuniverse: s3:Get*bject is s3:getobject
policy_sentry: s3:Get*bject is s3:GetObject
policyuniverse: s3:Get?bject is s3:get?bject
policy_sentry: s3:Get?bject is s3:Get?bject
TEXT
echo "still so"
