"""sts. The role is the one that CreateAccount makes in each new account; it trusts the management account."""
import json

import wire
from rows import Row, iam

POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})


def role(w):
    return w.once("member role", lambda: f"arn:aws:iam::{w.account()}:role/OrganizationAccountAccessRole")


def session(w):
    return {"RoleArn": role(w), "RoleSessionName": "walk"}


def refused(w):
    """What the refusal of a user who may do nothing says to who may decode it."""
    def make():
        made = w.call("iam", "CreateAccessKey", UserName=iam.user(w))["AccessKey"]
        keys = wire.keys_of({"accessKeyId": made["AccessKeyId"], "secretAccessKey": made["SecretAccessKey"]})
        return w.send("iam", "ListUsers", {}, keys).message.rpartition(" ")[2]
    return w.once("refusal", make)


ROWS = {
    "GetCallerIdentity": Row(),
    "AssumeRole": Row(
        session,
        lambda w: {"RoleSessionName": "w" * 64, "DurationSeconds": 3_600, "Policy": POLICY, "PolicyArns": [{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}]},
        without={
            "Tags": "the trust policies of the roles that there are do not allow sts:TagSession", "TransitiveTagKeys": "keys of Tags",
            "SourceIdentity": "the trust policies of the roles that there are do not allow sts:SetSourceIdentity"},
        refused={name: name for name in ("SerialNumber", "TokenCode", "ProvidedContexts")}),
    "GetSessionToken": Row(
        lambda w: {}, lambda w: {"DurationSeconds": 129_600},
        refused={name: name for name in ("SerialNumber", "TokenCode", "MinimumSessionTokenSize")}),
    "GetAccessKeyInfo": Row(lambda w: {"AccessKeyId": w.keys.access_key}),
    "DecodeAuthorizationMessage": Row(lambda w: {"EncodedMessage": refused(w)}),
    # No operation or page hands out an assertion of the instance.
    "AssumeRoleWithSAML": Row(
        lambda w: {"RoleArn": role(w), "PrincipalArn": f"arn:aws:iam::{w.owner}:saml-provider/walk", "SAMLAssertion": "YWJjZA=="},
        lambda w: {"DurationSeconds": 3_600, "Policy": POLICY, "PolicyArns": []}, ends="InvalidIdentityToken"),
    # A provider of the walk's would have to be asked for its keys; tests/clients/web_identity.py has one that answers.
    "AssumeRoleWithWebIdentity": Row(
        lambda w: {**session(w), "WebIdentityToken": "none"}, lambda w: {"RoleSessionName": "w" * 64, "DurationSeconds": 3_600, "Policy": POLICY, "PolicyArns": []},
        refused={"ProviderId": "ProviderId"}, ends="InvalidIdentityToken"),
}
