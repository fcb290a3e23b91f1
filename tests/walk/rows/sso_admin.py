"""sso-admin. Permission sets have sessions of one to twelve hours; policies are documents that are read."""
import json
import pathlib

import world
from rows import Row, sso_applications

#: The AWS managed policies that there are and that a role can have, by ARN.
FACTS = pathlib.Path(__file__).resolve().parents[3] / "api" / "managed-policies.txt"
MANAGED = ["arn:aws:iam::aws:policy/" + line.split(" ")[0] for line in FACTS.read_text().splitlines() if not line.startswith("aws-service-role/")]
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sso:ListInstances", "Resource": "*"}]})
#: As long as the service reads: 10,240 characters beside white space, and white space up to the model's limit.
LONG_POLICY = POLICY.replace('"*"', f'"arn:aws:sso:::{"a" * (10_240 - len("".join(POLICY.split())) - len("arn:aws:sso:::") + 1)}"').ljust(32_768)
CUSTOMER = {"Name": "Boundary", "Path": "/teams/"}
PAGE = {"NextToken": "pages.py follows tokens"}


def on_set(**more):
    """A permission set of its own, and what `more` makes of the world."""
    return lambda w: {"InstanceArn": w.instance, "PermissionSetArn": w.permission_set(), **{path: make(w) for path, make in more.items()}}


def prepared(operation, **member):
    """A permission set that `operation` has been called on, and the same member again."""
    def needs(w):
        arn = w.permission_set()
        w.admin(operation, PermissionSetArn=arn, **member)
        return {"InstanceArn": w.instance, "PermissionSetArn": arn, **{name: value for name, value in member.items() if operation.startswith("Attach")}}
    return needs


def only_instance(w):
    return {"InstanceArn": w.instance}


def region(name):
    return lambda w: {"InstanceArn": w.instance, "RegionName": name}


def ask(w):
    return {"InstanceArn": w.instance, **w.ask()}


def assigned(w):
    return {"InstanceArn": w.instance, **w.assigned()}


def held(w):
    """A permission set that an account holds, and the account."""
    made = w.once("held", w.assigned)
    return {"InstanceArn": w.instance, "PermissionSetArn": made["PermissionSetArn"], "AccountId": made["TargetId"], "TargetId": made["TargetId"],
            "PrincipalId": made["PrincipalId"], "PrincipalType": "USER"}


def from_held(*names):
    return lambda w: {name: value for name, value in held(w).items() if name in names}


def request(operation, member, status, make, **more):
    """The id of a request that was made and has ended."""
    def needs(w):
        made = w.admin(operation, **make(w), **more)
        w.settle()
        return {"InstanceArn": w.instance, member: made[status]["RequestId"]}
    return needs


def settings(**chosen):
    """UpdateInstance takes one setting at a time, beside the name."""
    return lambda w: {"InstanceArn": w.instance, **chosen}


def tagged(w):
    arn = w.permission_set(Tags=[{"Key": "team", "Value": "x"}])
    return {"InstanceArn": w.instance, "ResourceArn": arn}


def many_tags(w):
    return {"Tags": [{"Key": f"{number:02}" + "é" * 126, "Value": "v" * 256} for number in range(75)]}


def cleared(w):
    """Strict mode has ten issuers at most."""
    for known in w.admin("ListTrustedTokenIssuers")["TrustedTokenIssuers"]:
        w.call("sso-admin", "DeleteTrustedTokenIssuer", TrustedTokenIssuerArn=known["TrustedTokenIssuerArn"])


def issuer(w, **more):
    """The input of an issuer that nobody else is."""
    cleared(w)
    return {"InstanceArn": w.instance, "Name": w.name("issuer"), "TrustedTokenIssuerConfiguration.OidcJwtConfiguration.IssuerUrl": f"https://{w.name('i')}.example",
            "TrustedTokenIssuerConfiguration.OidcJwtConfiguration.IdentityStoreAttributePath": "userName", **more}


def on_issuer(w):
    cleared(w)
    return made_issuer(w)


def made_issuer(w):
    said = {"IssuerUrl": f"https://{w.name('i')}.example", "ClaimAttributePath": "email", "IdentityStoreAttributePath": "emails.value",
            "JwksRetrievalOption": "OPEN_ID_DISCOVERY"}
    made = w.admin("CreateTrustedTokenIssuer", Name=w.name("issuer"), TrustedTokenIssuerType="OIDC_JWT",
                   TrustedTokenIssuerConfiguration={"OidcJwtConfiguration": said})
    return {"TrustedTokenIssuerArn": made["TrustedTokenIssuerArn"]}


TITLE = {"Key": "Title", "Value": {"Source": ["${path:title}"]}}
TITLES = {"InstanceAccessControlAttributeConfiguration.AccessControlAttributes": [TITLE]}


def attributes(are_on, **given):
    """Attributes for access control, switched on or off before."""
    def needs(w):
        try:
            w.admin("DeleteInstanceAccessControlAttributeConfiguration")
        except world.Refused:
            # They were off.
            pass
        if are_on:
            w.admin("CreateInstanceAccessControlAttributeConfiguration", InstanceAccessControlAttributeConfiguration={"AccessControlAttributes": [TITLE]})
        return {"InstanceArn": w.instance, **given}
    return needs


def many_attributes(w):
    path = "${path:enterprise.costCenter}"
    every = [{"Key": f"{number:02}" + "é" * 126, "Value": {"Source": [path]}} for number in range(50)]
    return {"InstanceAccessControlAttributeConfiguration.AccessControlAttributes": every}


SESSION = {"SessionDuration": "PT12H"}
ROWS = {
    # The walk calls as the management account, which has the organization's instance and no other: both are refused once they are well-formed.
    # Another Region follows a PostgreSQL database, and the primary is none that can be removed: tests/clients/regions.py has the rest.
    "AddRegion": Row(region("eu-west-1"), ends="ValidationException"),
    "DescribeRegion": Row(region("us-east-1")),
    "ListRegions": Row(only_instance, without=PAGE),
    "RemoveRegion": Row(region("us-east-1"), ends="ValidationException"),
    "CreateInstance": Row(ends="ValidationException"),
    "DeleteInstance": Row(only_instance, ends="ValidationException"),
    **sso_applications.ROWS,
    "ListInstances": Row(without=PAGE),
    "DescribeInstance": Row(only_instance),
    "UpdateInstance": Row(
        settings(Name="acme"),
        without={"EncryptionConfiguration": "one setting at a time, see variants", "NetworkConfiguration": "the same", "PermissionSetsEnabled": "the same"},
        variants=(settings(EncryptionConfiguration={"KeyType": "AWS_OWNED_KMS_KEY"}), settings(PermissionSetsEnabled=True),
                  settings(NetworkConfiguration={"VpceAccessRequired": False}))),
    "CreateInstanceAccessControlAttributeConfiguration": Row(attributes(False, **TITLES), many_attributes),
    "DescribeInstanceAccessControlAttributeConfiguration": Row(attributes(True)),
    "UpdateInstanceAccessControlAttributeConfiguration": Row(attributes(True, **TITLES), many_attributes),
    "DeleteInstanceAccessControlAttributeConfiguration": Row(attributes(True)),
    "CreatePermissionSet": Row(lambda w: {"InstanceArn": w.instance, "Name": w.name("set")}, lambda w: {**SESSION, **many_tags(w), "Name": w.name("s").ljust(32, "+")}),
    "DescribePermissionSet": Row(on_set()),
    "ListPermissionSets": Row(only_instance, without=PAGE),
    "UpdatePermissionSet": Row(on_set(), lambda w: SESSION),
    "DeletePermissionSet": Row(on_set()),
    "AttachManagedPolicyToPermissionSet": Row(on_set(ManagedPolicyArn=lambda w: READ_ONLY), lambda w: {"ManagedPolicyArn": max(MANAGED, key=len)}),
    "DetachManagedPolicyFromPermissionSet": Row(prepared("AttachManagedPolicyToPermissionSet", ManagedPolicyArn=READ_ONLY)),
    "ListManagedPoliciesInPermissionSet": Row(prepared("PutInlinePolicyToPermissionSet", InlinePolicy=POLICY), without=PAGE),
    "AttachCustomerManagedPolicyReferenceToPermissionSet": Row(on_set()),
    "DetachCustomerManagedPolicyReferenceFromPermissionSet": Row(
        prepared("AttachCustomerManagedPolicyReferenceToPermissionSet", CustomerManagedPolicyReference=CUSTOMER)),
    "ListCustomerManagedPolicyReferencesInPermissionSet": Row(on_set(), without=PAGE),
    "PutInlinePolicyToPermissionSet": Row(on_set(InlinePolicy=lambda w: POLICY), lambda w: {"InlinePolicy": LONG_POLICY}),
    "GetInlinePolicyForPermissionSet": Row(prepared("PutInlinePolicyToPermissionSet", InlinePolicy=POLICY)),
    "DeleteInlinePolicyFromPermissionSet": Row(prepared("PutInlinePolicyToPermissionSet", InlinePolicy=POLICY)),
    "PutPermissionsBoundaryToPermissionSet": Row(
        on_set(**{"PermissionsBoundary.ManagedPolicyArn": lambda w: READ_ONLY}),
        without={"PermissionsBoundary.CustomerManagedPolicyReference": "one or the other, see variants"},
        variants=(lambda w: {"InstanceArn": w.instance, "PermissionSetArn": w.permission_set(), "PermissionsBoundary": {"CustomerManagedPolicyReference": CUSTOMER}},)),
    "GetPermissionsBoundaryForPermissionSet": Row(prepared("PutPermissionsBoundaryToPermissionSet", PermissionsBoundary={"ManagedPolicyArn": READ_ONLY})),
    "DeletePermissionsBoundaryFromPermissionSet": Row(prepared("PutPermissionsBoundaryToPermissionSet", PermissionsBoundary={"ManagedPolicyArn": READ_ONLY})),
    "ProvisionPermissionSet": Row(
        lambda w: {**from_held("InstanceArn", "PermissionSetArn")(w), "TargetType": "ALL_PROVISIONED_ACCOUNTS"},
        lambda w: {"TargetType": "AWS_ACCOUNT", "TargetId": held(w)["AccountId"]}),
    "DescribePermissionSetProvisioningStatus": Row(request(
        "ProvisionPermissionSet", "ProvisionPermissionSetRequestId", "PermissionSetProvisioningStatus", from_held("PermissionSetArn"), TargetType="ALL_PROVISIONED_ACCOUNTS")),
    "ListPermissionSetProvisioningStatus": Row(only_instance, without=PAGE),
    "ListAccountsForProvisionedPermissionSet": Row(from_held("InstanceArn", "PermissionSetArn"), without=PAGE),
    "ListPermissionSetsProvisionedToAccount": Row(from_held("InstanceArn", "AccountId"), without=PAGE),
    "CreateAccountAssignment": Row(ask),
    "DescribeAccountAssignmentCreationStatus": Row(request(
        "CreateAccountAssignment", "AccountAssignmentCreationRequestId", "AccountAssignmentCreationStatus", lambda w: w.ask())),
    "ListAccountAssignmentCreationStatus": Row(only_instance, without=PAGE),
    "DeleteAccountAssignment": Row(assigned),
    "DescribeAccountAssignmentDeletionStatus": Row(request(
        "DeleteAccountAssignment", "AccountAssignmentDeletionRequestId", "AccountAssignmentDeletionStatus", lambda w: w.assigned())),
    "ListAccountAssignmentDeletionStatus": Row(only_instance, without=PAGE),
    "ListAccountAssignments": Row(from_held("InstanceArn", "AccountId", "PermissionSetArn"), without=PAGE),
    "ListAccountAssignmentsForPrincipal": Row(from_held("InstanceArn", "PrincipalId", "PrincipalType"), lambda w: {"Filter.AccountId": held(w)["AccountId"]}, without=PAGE),
    "TagResource": Row(lambda w: {**tagged(w), "Tags": [{"Key": "a", "Value": ""}]},
                       lambda w: {"ResourceArn": w.permission_set(), **many_tags(w)}),
    "UntagResource": Row(lambda w: {**tagged(w), "TagKeys": ["team"]}, lambda w: {"TagKeys": [f"{number:02}" + "é" * 126 for number in range(75)]}),
    "ListTagsForResource": Row(tagged, without=PAGE),
    "CreateTrustedTokenIssuer": Row(issuer, lambda w: {**issuer(w), **many_tags(w)}),
    "DescribeTrustedTokenIssuer": Row(on_issuer),
    "ListTrustedTokenIssuers": Row(only_instance, without=PAGE),
    "UpdateTrustedTokenIssuer": Row(on_issuer, lambda w: {"TrustedTokenIssuerConfiguration.OidcJwtConfiguration.IdentityStoreAttributePath": "emails.value"}),
    "DeleteTrustedTokenIssuer": Row(on_issuer),
}
