"""sts. The role is the one that CreateAccount makes in each new account; it trusts the management account."""
import json

from rows import Row

POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})


def role(w):
    return w.once("member role", lambda: f"arn:aws:iam::{w.account()}:role/OrganizationAccountAccessRole")


def session(w):
    return {"RoleArn": role(w), "RoleSessionName": "walk"}


ROWS = {
    "GetCallerIdentity": Row(),
    "AssumeRole": Row(
        session,
        lambda w: {"RoleSessionName": "w" * 64, "DurationSeconds": 3_600, "Policy": POLICY, "PolicyArns": [{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}]},
        without={"Tags": "the trust policies of the roles that there are do not allow sts:TagSession"},
        refused={name: name for name in ("SerialNumber", "TokenCode", "SourceIdentity", "TransitiveTagKeys", "ProvidedContexts")}),
    # No operation or page hands out an assertion of the instance.
    "AssumeRoleWithSAML": Row(
        lambda w: {"RoleArn": role(w), "PrincipalArn": f"arn:aws:iam::{w.owner}:saml-provider/walk", "SAMLAssertion": "YWJjZA=="},
        lambda w: {"DurationSeconds": 3_600, "Policy": POLICY, "PolicyArns": []}, ends="InvalidIdentityToken"),
}
