#!/usr/bin/env bash
# moto: IAM has a role Reader and a role reader, each with a tag Team and a tag team. At AWS the second of each cannot be.
#
# One would guess: a stand-in for IAM knows that names of users, groups and roles are unique without regard to case (IAM API, CreateUser, CreateGroup, CreateRole) and that
# a second tag whose key differs in case alone takes the first one's place (IAM User Guide, "Tags for AWS Identity and Access Management resources").
# What happens: moto 5.2.5 makes both roles, both users and both groups. It refuses the two tags in one call, since their keys are the same, and keeps both when they come
# in two calls.
# Why it matters here: code that makes a role when a list of names does not have it passes its tests and meets EntityAlreadyExists, at AWS and here. A tag that was to
# replace one stands beside it, and a policy that looks at aws:PrincipalTag, whose keys have no case either, has two to choose from.
#
# Seen with moto 5.2.5 and boto3 1.44.8 (PyPI). Exits 0 while it is so, 1 when it changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv python
python/bin/pip install --quiet moto==5.2.5 boto3==1.44.8
cat >ask.py <<'PY'
import json
import os

import boto3
import moto

os.environ |= {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "example", "AWS_DEFAULT_REGION": "us-east-1"}
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "sts:AssumeRole"}]})
with moto.mock_aws():
    iam = boto3.client("iam")
    for name in ("Reader", "reader"):
        iam.create_user(UserName=name)
        iam.create_group(GroupName=name)
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
    blue, red = {"Key": "Team", "Value": "blue"}, {"Key": "team", "Value": "red"}
    try:
        iam.tag_role(RoleName="Reader", Tags=[blue, red])
    except iam.exceptions.InvalidInputException as error:
        print("both tags in one call:", error.response["Error"]["Message"])
    iam.tag_role(RoleName="Reader", Tags=[blue])
    iam.tag_role(RoleName="Reader", Tags=[red])
    print("users:", *sorted(user["UserName"] for user in iam.list_users()["Users"]))
    print("groups:", *sorted(group["GroupName"] for group in iam.list_groups()["Groups"]))
    print("roles:", *sorted(role["RoleName"] for role in iam.list_roles()["Roles"]))
    print("both tags in two calls:", *sorted(f"{tag['Key']}={tag['Value']}" for tag in iam.list_role_tags(RoleName="Reader")["Tags"]))
    try:
        iam.get_role(RoleName="READER")
    except iam.exceptions.NoSuchEntityException as error:
        print("READER:", error.response["Error"]["Code"])
PY
python/bin/python -W ignore ask.py | tee seen
diff seen - <<'TEXT'
both tags in one call: Duplicate tag keys found. Please note that Tag keys are case insensitive.
users: Reader reader
groups: Reader reader
roles: Reader reader
both tags in two calls: Team=blue team=red
READER: NoSuchEntity
TEXT
echo "still so"
