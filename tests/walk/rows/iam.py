"""iam: the roles in the caller's own account, those that init made and its own, and managed policies."""
import json

from rows import Row
from rows.sso_admin import MANAGED

PAGE = {"Marker": "pages.py follows tokens"}
DOCUMENT = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]})
PATH = "/walk/"
#: As many as a role or a policy may have.
TAGS = [{"Key": f"{number:02}" + "é" * 126, "Value": "v" * 256} for number in range(50)]
SIGNIN = {"MaxSigninSessionDuration": "MaxSigninSessionDuration"}


def role(w):
    return w.once("role", lambda: next(found["RoleName"] for found in w.call("iam", "ListRoles")["Roles"] if found["RoleName"].startswith("AWSReservedSSO_PorticoAdministrator")))


def inline(w):
    """A role with an inline policy: that of a permission set in the management account."""
    def make():
        arn = w.permission_set()
        policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sso:ListInstances", "Resource": "*"}]})
        w.admin("PutInlinePolicyToPermissionSet", PermissionSetArn=arn, InlinePolicy=policy)
        w.assigned(PermissionSetArn=arn, TargetId=w.owner)
        name = w.admin("DescribePermissionSet", PermissionSetArn=arn)["PermissionSet"]["Name"]
        found = next(found["RoleName"] for found in w.call("iam", "ListRoles")["Roles"] if found["RoleName"].startswith(f"AWSReservedSSO_{name}_"))
        return found, w.call("iam", "ListRolePolicies", RoleName=found)["PolicyNames"][0]
    return w.once("inline", make)


def policy(w):
    """A policy of the account's own, new."""
    return w.call("iam", "CreatePolicy", PolicyName=w.name("policy"), PolicyDocument=DOCUMENT)["Policy"]["Arn"]


def version(w):
    """A version of a new policy that does not count."""
    arn = policy(w)
    return {"PolicyArn": arn, "VersionId": w.call("iam", "CreatePolicyVersion", PolicyArn=arn, PolicyDocument=DOCUMENT)["PolicyVersion"]["VersionId"]}


def own_role(w):
    """A role of the account's own, new."""
    name = w.name("role")
    w.call("iam", "CreateRole", RoleName=name, AssumeRolePolicyDocument=TRUST)
    return name


def kept_role(w):
    return w.once("own role", lambda: own_role(w))


def kept_policy(w):
    return w.once("own policy", lambda: policy(w))


def attached(w):
    """A new role that has a policy attached."""
    name = own_role(w)
    w.call("iam", "AttachRolePolicy", RoleName=name, PolicyArn=kept_policy(w))
    return {"RoleName": name, "PolicyArn": kept_policy(w)}


def bound(w):
    name = own_role(w)
    w.call("iam", "PutRolePermissionsBoundary", RoleName=name, PermissionsBoundary=kept_policy(w))
    return {"RoleName": name}


def with_inline(w):
    name = own_role(w)
    w.call("iam", "PutRolePolicy", RoleName=name, PolicyName="walk", PolicyDocument=DOCUMENT)
    return {"RoleName": name, "PolicyName": "walk"}


def user(w):
    """A user, new."""
    return w.call("iam", "CreateUser", UserName=w.name("worker"))["User"]["UserName"]


def kept_user(w):
    return w.once("iam user", lambda: user(w))


def group(w):
    """A group, new."""
    return w.call("iam", "CreateGroup", GroupName=w.name("crew"))["Group"]["GroupName"]


def kept_group(w):
    return w.once("iam group", lambda: group(w))


def key(w):
    """A key of a new user."""
    name = user(w)
    return {"UserName": name, "AccessKeyId": w.call("iam", "CreateAccessKey", UserName=name)["AccessKey"]["AccessKeyId"]}


def kept_key(w):
    return w.once("iam key", lambda: key(w))


def of(kind, make, w, attach=False, inline=False):
    """A new user or group that has a policy attached, or one of its own."""
    at = {f"{kind}Name": make(w)}
    if attach:
        at["PolicyArn"] = kept_policy(w)
        w.call("iam", f"Attach{kind}Policy", **at)
    if inline:
        at["PolicyName"] = "walk"
        w.call("iam", f"Put{kind}Policy", **at, PolicyDocument=DOCUMENT)
    return at


def bound_user(w):
    name = user(w)
    w.call("iam", "PutUserPermissionsBoundary", UserName=name, PermissionsBoundary=kept_policy(w))
    return {"UserName": name}


def member(w):
    at = {"GroupName": group(w), "UserName": user(w)}
    w.call("iam", "AddUserToGroup", **at)
    return at


def principal(w):
    return w.once("iam principal", lambda: {"PolicySourceArn": w.call("iam", "CreateUser", UserName=w.name("asked"))["User"]["Arn"]})


#: What is asked of policies.
ACTIONS = [f"s3:{verb}Object{what}" for verb in ("Delete", "Get", "Put") for what in ("", "Acl", "Tagging", "Version")]
ENTRIES = [{"ContextKeyName": "aws:username", "ContextKeyValues": ["walk"], "ContextKeyType": "string"}, {"ContextKeyName": "aws:TagKeys", "ContextKeyValues": ["a", "b"], "ContextKeyType": "stringList"}]
#: Members of simulations that are refused.
UNASKED = {name: name for name in ("ResourcePolicy", "ResourceOwner", "CallerArn", "ResourceHandlingOption")}
THUMBPRINT = "0123456789abcdef0123456789abcdef01234567"


def provider(w):
    """An OpenID Connect provider, new."""
    made = w.call("iam", "CreateOpenIDConnectProvider", Url=f"https://{w.name('tokens')}.example.com/walk", ClientIDList=["walk"], ThumbprintList=[THUMBPRINT])
    return {"OpenIDConnectProviderArn": made["OpenIDConnectProviderArn"]}


def kept_provider(w):
    return w.once("oidc provider", lambda: provider(w))


#: Members by which AWS has a provider speak for people of an identity center.
PROPAGATION = {name: name for name in ("ContextProvider", "IdentityCenterInstanceArn")}
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"

ROWS = {
    "GetPolicy": Row(lambda w: {"PolicyArn": ADMINISTRATOR}, lambda w: {"PolicyArn": max(MANAGED, key=len)}, variants=(lambda w: {"PolicyArn": kept_policy(w)},)),
    "GetPolicyVersion": Row(lambda w: {"PolicyArn": ADMINISTRATOR, "VersionId": "v1"}, variants=(lambda w: {"PolicyArn": kept_policy(w), "VersionId": "v1"},)),
    "ListPolicies": Row(lambda w: {}, lambda w: {"PolicyUsageFilter": "PermissionsPolicy"}, without=PAGE),
    "CreatePolicy": Row(lambda w: {"PolicyName": w.name("policy"), "PolicyDocument": DOCUMENT}, lambda w: {"Path": PATH, "Tags": TAGS}),
    "DeletePolicy": Row(lambda w: {"PolicyArn": policy(w)}),
    "ListEntitiesForPolicy": Row(lambda w: {"PolicyArn": attached(w)["PolicyArn"]}, without=PAGE),
    "TagPolicy": Row(lambda w: {"PolicyArn": policy(w)}, lambda w: {"Tags": TAGS}),
    "UntagPolicy": Row(lambda w: {"PolicyArn": kept_policy(w)}),
    "ListPolicyTags": Row(lambda w: {"PolicyArn": kept_policy(w)}, without=PAGE),
    "ListPolicyVersions": Row(lambda w: {"PolicyArn": kept_policy(w)}, without=PAGE),
    "CreatePolicyVersion": Row(lambda w: {"PolicyArn": policy(w), "PolicyDocument": DOCUMENT}),
    "DeletePolicyVersion": Row(version),
    "SetDefaultPolicyVersion": Row(version),
    "GetRole": Row(lambda w: {"RoleName": role(w)}),
    "ListRoles": Row(without=PAGE),
    "CreateRole": Row(
        lambda w: {"RoleName": w.name("role"), "AssumeRolePolicyDocument": TRUST},
        lambda w: {"Path": PATH, "PermissionsBoundary": kept_policy(w), "Tags": TAGS, "MaxSessionDuration": 43_200, "MaxSigninSessionDuration": 43_200}, refused=SIGNIN),
    "DeleteRole": Row(lambda w: {"RoleName": own_role(w)}),
    "UpdateRole": Row(
        lambda w: {"RoleName": kept_role(w)}, lambda w: {"MaxSigninSessionDuration": 43_200, "ResetMaxSigninSessionDuration": True},
        refused={**SIGNIN, "ResetMaxSigninSessionDuration": "ResetMaxSigninSessionDuration"}),
    "UpdateRoleDescription": Row(lambda w: {"RoleName": kept_role(w)}),
    "UpdateAssumeRolePolicy": Row(lambda w: {"RoleName": kept_role(w), "PolicyDocument": TRUST}),
    "PutRolePermissionsBoundary": Row(lambda w: {"RoleName": kept_role(w), "PermissionsBoundary": kept_policy(w)}),
    "DeleteRolePermissionsBoundary": Row(bound),
    "TagRole": Row(lambda w: {"RoleName": own_role(w)}, lambda w: {"Tags": TAGS}),
    "UntagRole": Row(lambda w: {"RoleName": kept_role(w)}),
    "ListRoleTags": Row(lambda w: {"RoleName": kept_role(w)}, without=PAGE),
    "ListInstanceProfilesForRole": Row(lambda w: {"RoleName": kept_role(w)}, without=PAGE),
    "ListAttachedRolePolicies": Row(lambda w: {"RoleName": role(w)}, without=PAGE),
    "AttachRolePolicy": Row(lambda w: {"RoleName": kept_role(w), "PolicyArn": kept_policy(w)}),
    "DetachRolePolicy": Row(attached),
    "ListRolePolicies": Row(lambda w: {"RoleName": role(w)}, without=PAGE),
    "GetRolePolicy": Row(lambda w: {"RoleName": inline(w)[0], "PolicyName": inline(w)[1]}),
    "PutRolePolicy": Row(lambda w: {"RoleName": kept_role(w), "PolicyName": "walk", "PolicyDocument": DOCUMENT}),
    "DeleteRolePolicy": Row(with_inline),
    "CreateUser": Row(lambda w: {"UserName": w.name("worker")}, lambda w: {"Path": PATH, "PermissionsBoundary": kept_policy(w), "Tags": TAGS}),
    "GetUser": Row(lambda w: {"UserName": kept_user(w)}),
    "ListUsers": Row(without=PAGE),
    "UpdateUser": Row(lambda w: {"UserName": user(w)}, lambda w: {"NewPath": PATH, "NewUserName": w.name("worker")}),
    "DeleteUser": Row(lambda w: {"UserName": user(w)}),
    "TagUser": Row(lambda w: {"UserName": user(w)}, lambda w: {"Tags": TAGS}),
    "UntagUser": Row(lambda w: {"UserName": kept_user(w)}),
    "ListUserTags": Row(lambda w: {"UserName": kept_user(w)}, without=PAGE),
    "PutUserPermissionsBoundary": Row(lambda w: {"UserName": kept_user(w), "PermissionsBoundary": kept_policy(w)}),
    "DeleteUserPermissionsBoundary": Row(bound_user),
    "ListGroupsForUser": Row(lambda w: {"UserName": member(w)["UserName"]}, without=PAGE),
    "ListAttachedUserPolicies": Row(lambda w: {"UserName": kept_user(w)}, without=PAGE),
    "AttachUserPolicy": Row(lambda w: {"UserName": kept_user(w), "PolicyArn": kept_policy(w)}),
    "DetachUserPolicy": Row(lambda w: of("User", user, w, attach=True)),
    "ListUserPolicies": Row(lambda w: {"UserName": kept_user(w)}, without=PAGE),
    "GetUserPolicy": Row(lambda w: w.once("inline of a user", lambda: of("User", user, w, inline=True))),
    "PutUserPolicy": Row(lambda w: {"UserName": kept_user(w), "PolicyName": "walk", "PolicyDocument": DOCUMENT}),
    "DeleteUserPolicy": Row(lambda w: of("User", user, w, inline=True)),
    "CreateAccessKey": Row(lambda w: {"UserName": user(w)}),
    "ListAccessKeys": Row(lambda w: {"UserName": kept_key(w)["UserName"]}, without=PAGE),
    "UpdateAccessKey": Row(lambda w: {**kept_key(w), "Status": "Inactive"}, lambda w: {"Status": "Inactive"}),
    "DeleteAccessKey": Row(key),
    "GetAccessKeyLastUsed": Row(lambda w: {"AccessKeyId": kept_key(w)["AccessKeyId"]}),
    "CreateGroup": Row(lambda w: {"GroupName": w.name("crew")}, lambda w: {"Path": PATH}),
    "GetGroup": Row(lambda w: {"GroupName": member(w)["GroupName"]}, without=PAGE),
    "ListGroups": Row(without=PAGE),
    "UpdateGroup": Row(lambda w: {"GroupName": group(w)}, lambda w: {"NewPath": PATH, "NewGroupName": w.name("crew")}),
    "DeleteGroup": Row(lambda w: {"GroupName": group(w)}),
    "AddUserToGroup": Row(lambda w: {"GroupName": group(w), "UserName": user(w)}),
    "RemoveUserFromGroup": Row(member),
    "ListAttachedGroupPolicies": Row(lambda w: {"GroupName": kept_group(w)}, without=PAGE),
    "AttachGroupPolicy": Row(lambda w: {"GroupName": kept_group(w), "PolicyArn": kept_policy(w)}),
    "DetachGroupPolicy": Row(lambda w: of("Group", group, w, attach=True)),
    "ListGroupPolicies": Row(lambda w: {"GroupName": kept_group(w)}, without=PAGE),
    "GetGroupPolicy": Row(lambda w: w.once("inline of a group", lambda: of("Group", group, w, inline=True))),
    "PutGroupPolicy": Row(lambda w: {"GroupName": kept_group(w), "PolicyName": "walk", "PolicyDocument": DOCUMENT}),
    "DeleteGroupPolicy": Row(lambda w: of("Group", group, w, inline=True)),
    "SimulatePrincipalPolicy": Row(
        lambda w: {**principal(w), "ActionNames": ["s3:GetObject"]}, lambda w: {"ActionNames": ACTIONS, "PolicyInputList": [DOCUMENT], "PermissionsBoundaryPolicyInputList": [DOCUMENT], "ContextEntries": ENTRIES},
        without=PAGE, refused={**UNASKED, "PolicyExclusionList": "PolicyExclusionList"}),
    "SimulateCustomPolicy": Row(
        lambda w: {"PolicyInputList": [DOCUMENT], "ActionNames": ["s3:GetObject"]}, lambda w: {"ActionNames": ACTIONS, "PermissionsBoundaryPolicyInputList": [DOCUMENT], "ContextEntries": ENTRIES},
        without=PAGE, refused={**UNASKED, "OrderedOrganizationPolicyInputList": "OrderedOrganizationPolicyInputList"}),
    "GetContextKeysForPrincipalPolicy": Row(principal, lambda w: {"PolicyInputList": [DOCUMENT]}),
    "GetContextKeysForCustomPolicy": Row(lambda w: {"PolicyInputList": [DOCUMENT]}),
    "CreateOpenIDConnectProvider": Row(
        lambda w: {"Url": f"https://{w.name('tokens')}.example.com/walk"}, lambda w: {"ClientIDList": [f"{number:03}" for number in range(100)], "ThumbprintList": [THUMBPRINT], "Tags": TAGS},
        refused=PROPAGATION),
    "GetOpenIDConnectProvider": Row(kept_provider),
    "ListOpenIDConnectProviders": Row(),
    "DeleteOpenIDConnectProvider": Row(provider),
    "AddClientIDToOpenIDConnectProvider": Row(kept_provider),
    "RemoveClientIDFromOpenIDConnectProvider": Row(kept_provider),
    "UpdateOpenIDConnectProviderThumbprint": Row(lambda w: {**kept_provider(w), "ThumbprintList": [THUMBPRINT]}, lambda w: {"ThumbprintList": [f"{number:040}" for number in range(5)]}),
    "TagOpenIDConnectProvider": Row(provider, lambda w: {"Tags": TAGS}),
    "UntagOpenIDConnectProvider": Row(kept_provider),
    "ListOpenIDConnectProviderTags": Row(kept_provider, without=PAGE),
}
