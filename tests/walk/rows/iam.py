"""iam: the roles in the caller's own account, of which init made one."""
from rows import Row
from rows.sso_admin import MANAGED

PAGE = {"Marker": "pages.py follows tokens"}


def role(w):
    return w.once("role", lambda: next(found["RoleName"] for found in w.call("iam", "ListRoles")["Roles"] if found["RoleName"].startswith("AWSReservedSSO_PorticoAdministrator")))


def inline(w):
    """A role with an inline policy: that of a permission set in the management account."""
    def make():
        import json
        arn = w.permission_set()
        policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sso:ListInstances", "Resource": "*"}]})
        w.admin("PutInlinePolicyToPermissionSet", PermissionSetArn=arn, InlinePolicy=policy)
        w.assigned(PermissionSetArn=arn, TargetId=w.owner)
        name = w.admin("DescribePermissionSet", PermissionSetArn=arn)["PermissionSet"]["Name"]
        found = next(found["RoleName"] for found in w.call("iam", "ListRoles")["Roles"] if found["RoleName"].startswith(f"AWSReservedSSO_{name}_"))
        return found, w.call("iam", "ListRolePolicies", RoleName=found)["PolicyNames"][0]
    return w.once("inline", make)


ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"

ROWS = {
    "GetPolicy": Row(lambda w: {"PolicyArn": ADMINISTRATOR}, lambda w: {"PolicyArn": max(MANAGED, key=len)}),
    "GetPolicyVersion": Row(lambda w: {"PolicyArn": ADMINISTRATOR, "VersionId": "v1"}),
    "ListPolicies": Row(lambda w: {}, lambda w: {"PolicyUsageFilter": "PermissionsPolicy"},
                        refused={"OnlyAttached": "OnlyAttached"}, without=PAGE),
    "GetRole": Row(lambda w: {"RoleName": role(w)}),
    "ListRoles": Row(without=PAGE),
    "ListAttachedRolePolicies": Row(lambda w: {"RoleName": role(w)}, without=PAGE),
    "ListRolePolicies": Row(lambda w: {"RoleName": role(w)}, without=PAGE),
    "GetRolePolicy": Row(lambda w: {"RoleName": inline(w)[0], "PolicyName": inline(w)[1]}),
}
