#!/usr/bin/env bash
# moto, CloudFormation: the inline policy of a role that a stack makes comes back as Python prints a dictionary. The role's trust policy beside it is JSON.
#
# One would guess: whoever makes a role by CloudFormation and by IAM's own calls gets the same from GetRolePolicy: a document in JSON, which boto3 hands out as a
# dictionary.
# What happens: moto 5.2.5 keeps the text of the object in the template: with single quotes, None and True. boto3 cannot read it as JSON and hands out the text, so that
# the same call answers two kinds of things. What decides by policies there finds none in it.
# Why it matters here: the template that Portico prints for an account is held against what it makes. Held as text it would differ, and an account made so refuses every
# call once moto decides by policies: the test makes that role by IAM's calls.
#
# Seen with moto 5.2.5 and boto3 1.44.8 (PyPI). Exits 0 while it is so, 1 when it changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv python
python/bin/pip install --quiet 'moto[cloudformation]==5.2.5' boto3==1.44.8
cat >ask.py <<'PY'
import json
import os

import boto3
import moto

os.environ |= {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "example", "AWS_DEFAULT_REGION": "us-east-1"}
TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "sts:AssumeRole"}]}
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:ListRoles", "Resource": "*"}]}
ROLE = {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "by-stack", "AssumeRolePolicyDocument": TRUST, "Policies": [{"PolicyName": "look", "PolicyDocument": POLICY}]}}
with moto.mock_aws():
    iam = boto3.client("iam")
    iam.create_role(RoleName="by-iam", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.put_role_policy(RoleName="by-iam", PolicyName="look", PolicyDocument=json.dumps(POLICY))
    boto3.client("cloudformation").create_stack(StackName="roles", TemplateBody=json.dumps({"Resources": {"Role": ROLE}}))
    for name in ("by-iam", "by-stack"):
        policy = iam.get_role_policy(RoleName=name, PolicyName="look")["PolicyDocument"]
        trust = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
        print(f"{name}: trust policy {type(trust).__name__}, inline policy {type(policy).__name__} {str(policy)[:25]}")
PY
python/bin/python -W ignore ask.py | tee seen
diff seen - <<'TEXT'
by-iam: trust policy dict, inline policy dict {'Version': '2012-10-17',
by-stack: trust policy dict, inline policy str {'Version': '2012-10-17',
TEXT
echo "still so"
