"""portico: what AWS's console does and no API of AWS's."""
import time

from rows import Row, organizations

PAGE = {"NextToken": "pages.py follows tokens"}


def person(**more):
    return lambda w: {"IdentityStoreId": w.store, "UserId": w.user(), **{path: make(w) for path, make in more.items()}}


def store(**more):
    return lambda w: {"IdentityStoreId": w.store, **{path: make(w) for path, make in more.items()}}


def invitation(w):
    user, invitation = w.invitation()
    return {"IdentityStoreId": w.store, "UserId": user, "InvitationId": invitation}
def tenant(w):
    """A provisioning tenant that takes the place of the one before: strict mode has one."""
    for one in w.call("portico", "ListProvisioningTenants", IdentityStoreId=w.store)["ProvisioningTenants"]:
        w.call("portico", "DeleteProvisioningTenant", IdentityStoreId=w.store, TenantId=one["TenantId"])
    return {"IdentityStoreId": w.store, "TenantId": w.call("portico", "CreateProvisioningTenant", IdentityStoreId=w.store)["TenantId"]}


def bearer_token(w):
    at = tenant(w)
    return {**at, "TokenId": w.call("portico", "CreateBearerToken", **at)["BearerToken"]["TokenId"]}


def no_tenant(w):
    for one in w.call("portico", "ListProvisioningTenants", IdentityStoreId=w.store)["ProvisioningTenants"]:
        w.call("portico", "DeleteProvisioningTenant", IdentityStoreId=w.store, TenantId=one["TenantId"])
    return {"IdentityStoreId": w.store}


def batched(make):
    """One assignment as a row of a batch."""
    return lambda w: {"InstanceArn": w.instance, **{f"Assignments.{name}": value for name, value in make(w).items() if name != "TargetType"}}


def batch(w):
    ask = {name: value for name, value in w.ask().items() if name != "TargetType"}
    made = w.call("portico", "BatchCreateAccountAssignments", InstanceArn=w.instance, Assignments=[ask])
    w.settle()
    return {"InstanceArn": w.instance, "RequestId": made["RequestId"]}


#: Whose access: one of these, so that the greatest input leaves the others out.
ONE_OF = {name: "exactly one of UserId, GroupId, AccountId and PermissionSetArn" for name in ("GroupId", "AccountId", "PermissionSetArn")}


def access(**of):
    return lambda w: {"InstanceArn": w.instance, **{name: make(w) for name, make in of.items()}}


def now(w):
    # By the millisecond: botocore writes a moment by the microsecond, and a float has more.
    return {"At": int(time.time() * 1000) / 1000}


def password(w):
    return {"Password": f"{w.name('A long sentence')} {w.name()}"}


#: A picture of 16 by 16 pixels.
LOGO = "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAYAAAAf8/9hAAAAGUlEQVR42mM4IWfznxLMMGrAqAGjBgwXAwDrXiEfKeEgNQAAAABJRU5ErkJggg=="
DEVICE = {"DeviceId": "12121212-1212-4212-8212-121212121212"}
GONE = "ResourceNotFoundException"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sso:ListInstances","Resource":"*"}]}'


def robot(**more):
    """A service user, made with what `more` says."""
    def make(w):
        name = w.name("robot")
        w.call("portico", "CreateServiceUser", InstanceArn=w.instance, UserName=name)
        for operation, value in more.items():
            w.call("portico", operation, InstanceArn=w.instance, UserName=name, **value)
        return {"InstanceArn": w.instance, "UserName": name}
    return make


def key(w):
    made = w.call("portico", "CreateAccessKey", **robot()(w))
    return {"InstanceArn": w.instance, "AccessKeyId": made["AccessKeyId"]}


ROWS = {
    "CreateServiceUser": Row(lambda w: {"InstanceArn": w.instance, "UserName": w.name("robot")}),
    "DescribeServiceUser": Row(robot()),
    "ListServiceUsers": Row(lambda w: {"InstanceArn": w.instance}, without=PAGE),
    "DeleteServiceUser": Row(robot()),
    "AttachManagedPolicyToServiceUser": Row(lambda w: {**robot()(w), "ManagedPolicyArn": READ_ONLY}),
    "DetachManagedPolicyFromServiceUser": Row(lambda w: {**robot(AttachManagedPolicyToServiceUser={"ManagedPolicyArn": READ_ONLY})(w), "ManagedPolicyArn": READ_ONLY}),
    "PutInlinePolicyToServiceUser": Row(lambda w: {**robot()(w), "InlinePolicy": POLICY}),
    "DeleteInlinePolicyFromServiceUser": Row(robot(PutInlinePolicyToServiceUser={"InlinePolicy": POLICY})),
    "CreateAccessKey": Row(robot()),
    "ListAccessKeys": Row(robot()),
    "UpdateAccessKey": Row(lambda w: {**key(w), "Status": "INACTIVE"}),
    "DeleteAccessKey": Row(key),
    "EnableUser": Row(person()),
    "DisableUser": Row(person()),
    "UnlockUser": Row(person()),
    "UpdatePassword": Row(person(), password),
    "GetPasswordPolicy": Row(store()),
    "PutPasswordPolicy": Row(store(), lambda w: {"PasswordPolicy.MinimumLength": 8, "PasswordPolicy.RememberedPasswords": 3, "PasswordPolicy.RefuseBreached": True,
                                                 "PasswordPolicy.RequireCharacterClasses": True}),
    "RequirePasswordChange": Row(lambda w: {"IdentityStoreId": w.store, "UserId": w.user_named("jane")}),
    "ListMfaDevicesForUser": Row(person()),
    # Devices are registered by people in browsers: tests/browser/factors.mjs.
    "UpdateMfaDeviceForUser": Row(lambda w: {**person()(w), **DEVICE, "DeviceName": "Phone"}, ends=GONE),
    "DeleteMfaDeviceForUser": Row(lambda w: {**person()(w), **DEVICE}, ends=GONE),
    "CreateMfaBypassForUser": Row(person()),
    "GetMfaDeviceManagementForDirectory": Row(store()),
    "PutMfaDeviceManagementForDirectory": Row(store(), lambda w: {"MfaDeviceManagement.WithoutDevice": "ALLOW", "MfaDeviceManagement.AllowedMfaTypes": ["WEBAUTHN", "TOTP"],
                                                                  "MfaDeviceManagement.PeopleManageDevices": True}),
    "GetSessionSettings": Row(store()),
    "PutSessionSettings": Row(store(), lambda w: {"SessionSettings.SessionMinutes": 480, "SessionSettings.AccessTokenMinutes": 480}),
    "GetPortalSettings": Row(store()),
    "PutPortalSettings": Row(store(), lambda w: {"PortalSettings.Name": "Acme", "PortalSettings.AccentColor": "#a01040", "PortalSettings.AccentColorDark": "#ff9db8",
                                                 "PortalSettings.HelpText": "Call 4711", "PortalSettings.HelpLink": "https://help.acme.example", "PortalSettings.Logo": LOGO}),
    "ListSessions": Row(store(), lambda w: {"UserId": w.user()}, without=PAGE),
    "SearchUsers": Row(store(), lambda w: {"Query": "a" * 200}, without={**PAGE, "SortBy": "has no meaning with Query: see variants"},
                       variants=(lambda w: {"IdentityStoreId": w.store, "SortBy": "DISPLAY_NAME", "UserStatus": "ENABLED"},)),
    "SearchGroups": Row(store(), lambda w: {"Query": "a" * 200}, without=PAGE),
    "SearchAccounts": Row(lambda w: {"InstanceArn": w.instance}, lambda w: {"Query": "a" * 200, "OrganizationalUnitId": organizations.unit(w)}, without=PAGE),
    "CreateInvitation": Row(person(), lambda w: {"ValidityHours": 1}),
    "ListInvitations": Row(store(), lambda w: {"UserId": w.user()}, without=PAGE),
    "DeleteInvitation": Row(invitation),
    "CreateProvisioningTenant": Row(no_tenant),
    "ListProvisioningTenants": Row(store(), without=PAGE),
    "DeleteProvisioningTenant": Row(tenant),
    "CreateBearerToken": Row(tenant, lambda w: {"ValidityDays": 1}),
    "ListBearerTokens": Row(tenant, without=PAGE),
    "DeleteBearerToken": Row(bearer_token),
    "DescribeOwner": Row(person(), without={"GroupId": "exactly one of UserId and GroupId: see variants"}, variants=(lambda w: {"IdentityStoreId": w.store, "GroupId": w.group()},)),
    "TakeOwnership": Row(lambda w: {"IdentityStoreId": w.store, "UserIds": [w.user()]}, lambda w: {"TenantId": tenant(w)["TenantId"], "GroupIds": [w.group()]}),
    "BatchCreateAccountAssignments": Row(batched(lambda w: w.ask())),
    "BatchDeleteAccountAssignments": Row(batched(lambda w: w.assigned())),
    "DescribeBatch": Row(batch),
    "PreviewAccountAssignments": Row(batched(lambda w: w.ask())),
    "ListAssignments": Row(access(AccountId=lambda w: w.owner), without={**PAGE, "PermissionSetArn": "exactly one of AccountId and PermissionSetArn"}, variants=(
        access(PermissionSetArn=lambda w: w.permission_set()),)),
    "GetNames": Row(access(), lambda w: {"UserIds": [w.user()], "GroupIds": [w.group()], "AccountIds": [w.owner], "PermissionSetArns": [w.permission_set()]}),
    "ListAccountsWithRoles": Row(access(UserId=lambda w: w.user()), without=PAGE),
    "ListPermissionSetsWithDetails": Row(access(), lambda w: {"NameContains": "e"}, without=PAGE),
    "ListUsersWithGroups": Row(store(), without=PAGE),
    "ListGroupsWithMembers": Row(store(), without=PAGE),
    "ListMembersInGroup": Row(store(GroupId=lambda w: w.group()), without=PAGE),
    "ListGroupsForUser": Row(person(), without=PAGE),
    "ListUnusedAccess": Row(access(), lambda w: {"UnusedAccessAge": 400}, without=PAGE),
    "GetInstanceSummary": Row(access(), lambda w: {"UnusedAccessAge": 1}),
    "DescribeUserSignIn": Row(person()),
    "ListUsersWithoutMfaDevice": Row(store(), without=PAGE),
    "ListEffectiveAccess": Row(access(UserId=lambda w: w.user()), now, without={**PAGE, **ONE_OF, "IncludeLastAccessed": "has no meaning with At: see variants"}, variants=(
        lambda w: {**access(UserId=lambda w: w.user())(w), "IncludeLastAccessed": True},
        access(GroupId=lambda w: w.group()), access(AccountId=lambda w: w.owner), access(PermissionSetArn=lambda w: w.permission_set()))),
    "SimulateAccess": Row(access(UserId=lambda w: w.user(), AccountId=lambda w: w.owner, PermissionSetArn=lambda w: w.permission_set(), ActionNames=lambda w: ["sso:ListInstances"]), lambda w: {
        "ResourceArns": ["*"], **now(w), "ContextEntries": [{"ContextKeyName": "aws:SourceIp", "ContextKeyValues": ["192.0.2.7"]}]}),
    "BatchDeleteSession": Row(person(), lambda w: {"SessionIds": ["not-there"]}),
}
