"""portico: what AWS's console does and no API of AWS's."""
import time

import provider
from rows import Row, organizations

PAGE = {"NextToken": "pages.py follows tokens"}


def person(**more):
    return lambda w: {"IdentityStoreId": w.store, "UserId": w.user(), **{path: make(w) for path, make in more.items()}}


def store(**more):
    return lambda w: {"IdentityStoreId": w.store, **{path: make(w) for path, make in more.items()}}


def invitation(w):
    user, invitation = w.invitation()
    return {"IdentityStoreId": w.store, "UserId": user, "InvitationId": invitation}

def nested(w):
    """A group within another, where the mode has such."""
    at = {"IdentityStoreId": w.store, "GroupId": w.group(), "MemberGroupId": w.group()}
    if w.mode != "strict":
        w.call("portico", "AddMemberGroup", **at)
    return at


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


def no_external_idp(w):
    """A store without an identity provider: strict mode has one."""
    for one in w.call("portico", "ListExternalIdPConfigurationsForDirectory", IdentityStoreId=w.store)["Configurations"]:
        w.call("portico", "DeleteExternalIdPConfigurationForDirectory", IdentityStoreId=w.store, ConfigurationId=one["ConfigurationId"])
    return {"IdentityStoreId": w.store}


def entity(w):
    return f"https://{w.name('idp')}.example/saml"


def by_text(w):
    """What connects a SAML provider, by dotted path."""
    return {"Configuration.Name": "Acme", "Configuration.Saml.MetadataXml": provider.metadata(entity(w)), "Configuration.Domains": ["acme.example"]}


def by_url(w):
    """The same by an address, as one value."""
    url = w.once("provider", provider.Provider).say("/metadata", provider.metadata(entity(w), *provider.CERTIFICATES[:2]))
    return {"Name": "Acme", "Saml": {"MetadataUrl": url}, "Domains": ["acme.example"]}


def external_idp(w):
    """A provider whose metadata is at an address, with two certificates."""
    at = no_external_idp(w)
    made = w.call("portico", "CreateExternalIdPConfigurationForDirectory", **at, Configuration=by_url(w))
    return {**at, "ConfigurationId": made["ConfigurationId"]}


def another_external_idp(w, at):
    """One beside those that are there."""
    configuration = {"Name": "Acme", "Saml": {"MetadataXml": provider.metadata(entity(w))}, "AnyDomain": True}
    return w.call("portico", "CreateExternalIdPConfigurationForDirectory", **at, Configuration=configuration)["ConfigurationId"]


def everything(w):
    """All that may be decided of a provider; AWS has less, and so has strict mode."""
    settings = {"AllowSha1": w.mode != "strict", "Subject": "USER_NAME", "TrustMfa": w.mode != "strict", "SessionTags": [], "Arrivals": {"Create": False, "Update": False}}
    if w.mode != "strict":
        settings["SessionTags"] = [{"Key": "team", "From": "department"}]
        settings["Arrivals"] = {"Create": True, "Update": True, "Attributes": [{"Attribute": "displayName", "From": "name"}], "GroupsFrom": "groups",
                                "Groups": [{"Value": "engineers", "GroupId": w.group()}]}
    return {f"Configuration.{'Saml.' if name == 'AllowSha1' else ''}{name}": value for name, value in settings.items()}


def everything_new(w):
    name = entity(w)
    return {**everything(w), "Configuration.Saml.MetadataXml": provider.metadata(name), "Configuration.Saml.EntityId": name}


def everything_known(w):
    """The same of the one provider that there is."""
    known = w.call("portico", "ListExternalIdPConfigurationsForDirectory", IdentityStoreId=w.store)["Configurations"][0]["Issuer"]
    return {**everything(w), "Configuration.Saml.MetadataXml": provider.metadata(known), "Configuration.Saml.EntityId": known}


def changed_external_idp(w):
    at = external_idp(w)
    return {**at, "Configuration.Name": "Acme", "Configuration.Saml.SignRequests": False, "Configuration.Domains": ["acme.example"]}


def openid(w):
    """A provider that speaks OpenID Connect, where the mode has such."""
    at = no_external_idp(w)
    if w.mode == "strict":
        return {**at, "Configuration": by_url(w)}
    issuer = w.once("provider", provider.Provider).speak_openid()
    return {**at, "ClientSecret": "a secret of the provider", "Configuration": {
        "Name": "Acme", "Oidc": {"Issuer": issuer, "ClientId": "portico", "ClientAuthentication": "CLIENT_SECRET_POST", "Scopes": ["email"]},
        "AnyDomain": True, "Subject": "EXTERNAL_ID", "SubjectFrom": "oid"}}


def certificate(w):
    at = external_idp(w)
    return {**at, "CertificateId": w.call("portico", "ListExternalIdPCertificates", **at)["Certificates"][0]["CertificateId"]}


def linked(w):
    at = {**external_idp(w), "UserId": w.user()}
    w.call("portico", "LinkUserToExternalIdP", **at, Subject=w.name("subject"))
    return at


#: What a provider by text leaves out.
OTHERS = {"ClientSecret": "belongs to Oidc: see variants", "Configuration.Oidc": "one of Saml and Oidc: see variants",
          "Configuration.Saml.MetadataUrl": "one of MetadataXml and MetadataUrl: see variants", "Configuration.SubjectFrom": "strict mode has none: see variants"}


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


ONE_SOURCE = {"ConfigurationId": "exactly one of TenantId and ConfigurationId: see variants"}

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
    "CreateProvisioningTenant": Row(no_tenant, lambda w: {"MaySetPasswords": w.mode != "strict"}),
    "UpdateProvisioningTenant": Row(tenant, lambda w: {"Name": "another", "MaySetPasswords": w.mode != "strict"}),
    "ListProvisioningTenants": Row(store(), without=PAGE),
    "DeleteProvisioningTenant": Row(tenant),
    "CreateBearerToken": Row(tenant, lambda w: {"ValidityDays": 1}),
    "ListBearerTokens": Row(tenant, without=PAGE),
    "DeleteBearerToken": Row(bearer_token),
    "DescribeOwner": Row(person(), without={"GroupId": "exactly one of UserId and GroupId: see variants"}, variants=(lambda w: {"IdentityStoreId": w.store, "GroupId": w.group()},)),
    "TakeOwnership": Row(lambda w: {"IdentityStoreId": w.store, "UserIds": [w.user()]}, lambda w: {"TenantId": tenant(w)["TenantId"], "GroupIds": [w.group()]}),
    "ListOwned": Row(lambda w: {**tenant(w), "Kind": "USER"}, without={**PAGE, **ONE_SOURCE}, variants=(lambda w: {**external_idp(w), "Kind": "GROUP"},)),
    "ListExpiringCredentials": Row(store(), lambda w: {"Days": 365}, without=PAGE),
    "GetExpiryNotices": Row(store()),
    "PutExpiryNotices": Row(lambda w: {"IdentityStoreId": w.store, "ExpiryNotices": {"UserIds": [w.user()]}}),
    "GetOwnedCounts": Row(tenant, without=ONE_SOURCE, variants=(external_idp,)),
    "CreateExternalIdPConfigurationForDirectory": Row(lambda w: {**no_external_idp(w), **by_text(w)}, everything_new, without=OTHERS, variants=(openid, lambda w: {
        **no_external_idp(w), "Configuration": by_url(w)})),
    "DescribeExternalIdPConfigurationForDirectory": Row(external_idp),
    "UpdateExternalIdPConfigurationForDirectory": Row(changed_external_idp, everything_known, without=OTHERS),
    "EnableExternalIdPConfigurationForDirectory": Row(external_idp),
    "DisableExternalIdPConfigurationForDirectory": Row(external_idp),
    "DeleteExternalIdPConfigurationForDirectory": Row(external_idp),
    "ListExternalIdPConfigurationsForDirectory": Row(store(), without=PAGE),
    "RefreshExternalIdPMetadata": Row(external_idp),
    "GetAWSSPConfigurationForDirectory": Row(external_idp),
    "ImportExternalIdPCertificate": Row(lambda w: {**external_idp(w), "Certificate": provider.pem(provider.CERTIFICATES[2])}),
    "ListExternalIdPCertificates": Row(external_idp),
    "DeleteExternalIdPCertificate": Row(certificate),
    "LinkUserToExternalIdP": Row(lambda w: {**external_idp(w), "UserId": w.user()}),
    "UnlinkUserFromExternalIdP": Row(linked),
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
    "AddMemberGroup": Row(store(GroupId=lambda w: w.group(), MemberGroupId=lambda w: w.group()), ends={"strict": "ValidationException"}),
    "RemoveMemberGroup": Row(nested, ends={"strict": "ResourceNotFoundException"}),
    "ListGroupsInGroup": Row(store(GroupId=lambda w: nested(w)["GroupId"]), without=PAGE),
    "ListGroupsForGroup": Row(store(GroupId=lambda w: nested(w)["MemberGroupId"]), without=PAGE),
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
