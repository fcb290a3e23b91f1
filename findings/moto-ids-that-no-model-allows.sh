#!/usr/bin/env bash
# moto: the ARN of a permission set is that of something in an instance, and a session lasts an integer. AWS's own models allow neither.
#
# One would guess: a stand-in's answers fit the models that the client beside it carries, so that code that was tested on it meets ARNs of the same make at AWS:
# arn:aws:sso:::permissionSet/ssoins-…/ps-… (Service Authorization Reference, "Actions, resources, and condition keys for AWS IAM Identity Center").
# What happens: moto 5.2.5 calls permission sets arn:aws:sso:::instance/ssoins-…/ps-…, answers 3600 as the SessionDuration of one that was made without it, where
# AWS has PT1H, and names identity stores by letters beyond f. botocore 1.44.8 does not hold answers against its model, so nobody hears of it.
# Why it matters here: code that looks at the kind of an ARN, a policy with `arn:aws:sso:::permissionSet/*`, and a parser of ISO 8601 durations pass their tests and
# fail at AWS, or the other way round. Whoever compares a server with moto takes these three out first.
#
# Seen with moto 5.2.5 and botocore 1.44.8 (PyPI). Exits 0 while it is so, 1 when it changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv python
python/bin/pip install --quiet moto==5.2.5 boto3==1.44.8 botocore==1.44.8
cat >ask.py <<'PY'
import os
import re

import boto3
import moto

os.environ |= {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "example", "AWS_DEFAULT_REGION": "us-east-1"}
with moto.mock_aws():
    admin = boto3.client("sso-admin")
    instance = admin.list_instances()["Instances"][0]
    made = admin.create_permission_set(Name="Reader", InstanceArn=instance["InstanceArn"])["PermissionSet"]
model = admin.meta.service_model
for name, value, kind in [
    ("InstanceArn", instance["InstanceArn"], "InstanceArn"),
    ("IdentityStoreId", instance["IdentityStoreId"], "Id"),
    ("PermissionSetArn", made["PermissionSetArn"], "PermissionSetArn"),
    ("SessionDuration", made["SessionDuration"], "Duration"),
]:
    # Of identity stores the model of another service says more.
    shape = boto3.client("identitystore").meta.service_model.shape_for(name) if name == "IdentityStoreId" else model.shape_for(kind)
    fits = isinstance(value, str) and re.fullmatch(shape.metadata["pattern"], value) is not None
    shown = re.sub(r"(ins-|ps-|d-)\w+", r"\1…", f"{value}")
    print(f"{name} is {'an integer, ' if isinstance(value, int) else ''}{shown}: {'as the model has it' if fits else 'not as the model has it'}")
PY
python/bin/python -W ignore ask.py | tee seen
diff seen - <<'TEXT'
InstanceArn is arn:aws:sso:::instance/ssoins-…: as the model has it
IdentityStoreId is d-…: not as the model has it
PermissionSetArn is arn:aws:sso:::instance/ssoins-…/ps-…: not as the model has it
SessionDuration is an integer, 3600: not as the model has it
TEXT
echo "still so"
