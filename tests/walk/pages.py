"""Every list pages stably: while rows come and go between two pages, whatever stood all the time is given exactly once. Tokens that are altered, of another
list or of another filter are refused.
"""
import dataclasses
import itertools
import typing

import fits
import model
import rows
from rows import iam as iam_rows
from rows import organizations as organizations_rows
from rows import portico as portico_rows
from rows import sso_admin as sso_admin_rows
from rows import sso_applications as applications_rows

#: Rows that stand all the time, rows that go, and rows that come while a list is read.
KEPT, GOING, COMING = 5, 4, 4
#: A list that still gives tokens after so many pages does not end.
PAGES_MAX = 2_000
REFUSED = {"sso-admin": "ValidationException", "identitystore": "ValidationException", "organizations": "InvalidInputException", "iam": "ValidationError",
           "cloudtrail": "InvalidNextTokenException", "sso": "InvalidRequestException", "portico": "ValidationException"}
POLICIES = itertools.cycle(sso_admin_rows.MANAGED)
PROD = "222233334444"


@dataclasses.dataclass(frozen=True)
class List:
    """How rows of a list come and go."""

    #: What a row is known by.
    key: typing.Callable
    #: The input that selects a list of its own where there can be one, made once.
    where: typing.Callable = lambda w: {}
    #: Adds a row and says its key. None: the list cannot change.
    insert: typing.Callable | None = None
    #: Takes a row away. None: its rows stay for good.
    delete: typing.Callable | None = None
    #: Another selection of the same list, for which its tokens are no good.
    other: typing.Callable | None = None
    #: The mode whose quota leaves no rows to come and go.
    few_in: str | None = None
    #: The mode in which there is nothing to list the rows of: that it is refused, `ends` of its row holds.
    none_in: str | None = None


def nest(w, group, member):
    """A group within another."""
    both = {"GroupId": group, "MemberGroupId": member}
    w.call("portico", "AddMemberGroup", IdentityStoreId=w.store, **both)
    return both


def accounts(w):
    """Accounts to assign in, made once, each given out in turn."""
    pool = w.once("accounts", lambda: [w.account() for _ in range(KEPT + GOING + COMING)])
    pool.append(pool.pop(0))
    return pool[-1]


def assign(w, **over):
    return w.assigned(**over)


def unassign(w, **ask):
    w.admin("DeleteAccountAssignment", TargetType="AWS_ACCOUNT", **ask)
    w.settle()


def attach_to_unit(w, at):
    """A policy to another unit."""
    unit = organizations_rows.unit(w)
    w.call("organizations", "AttachPolicy", **at, TargetId=unit)
    return unit


def store(w):
    return {"IdentityStoreId": w.store}


def instance(w):
    return {"InstanceArn": w.instance}


def on_set(w):
    return {"InstanceArn": w.instance, "PermissionSetArn": w.permission_set()}


def attach_customer(w, at):
    name = w.name("policy")
    w.admin("AttachCustomerManagedPolicyReferenceToPermissionSet", PermissionSetArn=at["PermissionSetArn"], CustomerManagedPolicyReference={"Name": name, "Path": "/"})
    return name


def attach_managed(w, at):
    arn = next(POLICIES)
    w.admin("AttachManagedPolicyToPermissionSet", PermissionSetArn=at["PermissionSetArn"], ManagedPolicyArn=arn)
    return arn


def tag(w, at):
    key = w.name("tag")
    w.admin("TagResource", ResourceArn=at["ResourceArn"], Tags=[{"Key": key, "Value": "v"}])
    return key


def application(w):
    return applications_rows.application(w)


def on_application(w):
    return {"ApplicationArn": application(w)}


def assign_application(w, arn, user):
    it = {"ApplicationArn": arn, "PrincipalType": "USER", "PrincipalId": user}
    w.call("sso-admin", "CreateApplicationAssignment", **it)
    return it


def unassign_application(w, arn, user):
    w.call("sso-admin", "DeleteApplicationAssignment", ApplicationArn=arn, PrincipalType="USER", PrincipalId=user)


def put_scope(w, at):
    scope = w.name("s").replace("-", "_")
    w.call("sso-admin", "PutApplicationAccessScope", **at, Scope=scope)
    return scope


def creation(w, at):
    made = w.admin("CreateAccountAssignment", **w.ask())["AccountAssignmentCreationStatus"]["RequestId"]
    w.settle()
    return made


def deletion(w, at):
    made = w.admin("DeleteAccountAssignment", **w.assigned())["AccountAssignmentDeletionStatus"]["RequestId"]
    w.settle()
    return made


def provisioning(w, at):
    set_arn = w.once("held", w.assigned)["PermissionSetArn"]
    made = w.admin("ProvisionPermissionSet", PermissionSetArn=set_arn, TargetType="ALL_PROVISIONED_ACCOUNTS")["PermissionSetProvisioningStatus"]["RequestId"]
    w.settle()
    return made


def role_of(w, arn):
    name = w.admin("DescribePermissionSet", PermissionSetArn=arn)["PermissionSet"]["Name"]
    return next(role["RoleName"] for role in w.call("iam", "ListRoles")["Roles"] if role["RoleName"].startswith(f"AWSReservedSSO_{name}_"))


def own_role(w, at):
    ask = w.assigned(TargetId=w.owner)
    name = role_of(w, ask["PermissionSetArn"])
    w.once("own roles", dict)[name] = ask
    return name


def tag_in_iam(w, operation, at):
    key = w.name("tag")
    w.call("iam", operation, **at, Tags=[{"Key": key, "Value": "v"}])
    return key


def attach_to_another(w, at):
    name = iam_rows.own_role(w)
    w.call("iam", "AttachRolePolicy", RoleName=name, PolicyArn=at["PolicyArn"])
    return name


def put_inline_in_iam(w, at):
    name = w.name("inline")
    w.call("iam", "PutRolePolicy", **at, PolicyName=name, PolicyDocument=iam_rows.DOCUMENT)
    return name


def add_to_group(w, group, user):
    at = {"GroupName": group, "UserName": user}
    w.call("iam", "AddUserToGroup", **at)
    return at


def attached_in_iam(kind, make):
    """What is attached to a user or a group: too few to come and go."""
    def some(w):
        at = {f"{kind}Name": make(w)}
        for _ in range(KEPT):
            w.call("iam", f"Attach{kind}Policy", **at, PolicyArn=next(POLICIES))
        return at
    return List(lambda row: row["PolicyArn"], some, other=lambda w, at: {f"{kind}Name": make(w)})


def inline_in_iam(kind, make):
    """The policies of a user's or a group's own."""
    def put(w, at):
        name = w.name("inline")
        w.call("iam", f"Put{kind}Policy", **at, PolicyName=name, PolicyDocument=iam_rows.DOCUMENT)
        return name
    return List(lambda row: row, lambda w: {f"{kind}Name": make(w)}, put,
                lambda w, at, key: w.call("iam", f"Delete{kind}Policy", **at, PolicyName=key), lambda w, at: {f"{kind}Name": make(w)})


def managed_role(w):
    """A role of the management account whose policies are those of a permission set of its own."""
    arn = w.assigned(TargetId=w.owner)["PermissionSetArn"]
    name = role_of(w, arn)
    w.once("sets by role", dict)[name] = arn
    return {"RoleName": name}


def provisioned(w, arn):
    w.admin("ProvisionPermissionSet", PermissionSetArn=arn, TargetType="ALL_PROVISIONED_ACCOUNTS")
    w.settle()


def attach_to_role(w, at):
    arn = w.once("sets by role", dict)[at["RoleName"]]
    attached = attach_managed(w, {"PermissionSetArn": arn})
    provisioned(w, arn)
    return attached


def detach_from_role(w, at, key):
    arn = w.once("sets by role", dict)[at["RoleName"]]
    w.admin("DetachManagedPolicyFromPermissionSet", PermissionSetArn=arn, ManagedPolicyArn=key)
    provisioned(w, arn)


def jane(w):
    return w.once("jane", lambda: w.user_named("jane"))


def with_password(w):
    user = w.user()
    w.call("portico", "UpdatePassword", IdentityStoreId=w.store, UserId=user)
    return user


def set_named(w, at):
    arn = w.permission_set()
    name = w.admin("DescribePermissionSet", PermissionSetArn=arn)["PermissionSet"]["Name"]
    w.once("sets by name", dict)[name] = arn
    w.assigned(PermissionSetArn=arn, PrincipalId=jane(w), TargetId=PROD)
    return name


def portal_set(w):
    return w.once("portal set", w.permission_set)


def status_filter(w, at):
    return {**at, "Filter": {"Status": "SUCCEEDED"}}


def owned(w, at):
    """Somebody whom a tenant owns."""
    user = w.user()
    w.call("portico", "TakeOwnership", IdentityStoreId=w.store, TenantId=at["TenantId"], UserIds=[user])
    return user


def linked(w, at):
    """Somebody of whom a tenant speaks beside the administrators."""
    user = w.user()
    w.call("portico", "LinkUsersToSource", **at, UserIds=[user])
    return user


def expiring_tenant(w):
    """A tenant whose tokens are the only ones; nothing else ends within the days that are asked for."""
    w.expiring = portico_rows.tenant(w)
    return {"IdentityStoreId": w.store, "Days": 28}


def expiring_token(w):
    return w.call("portico", "CreateBearerToken", **w.expiring, ValidityDays=2)["BearerToken"]["TokenId"]


def expired_token(w, at, key):
    w.call("portico", "DeleteBearerToken", **w.expiring, TokenId=key)


LISTS = {
    "portico": {
        "SearchUsers": List(lambda row: row["UserId"], store, lambda w, at: w.user(), lambda w, at, key: w.call("identitystore", "DeleteUser", IdentityStoreId=w.store, UserId=key),
                            lambda w, at: {**at, "UserStatus": "ENABLED"}),
        "SearchGroups": List(lambda row: row["GroupId"], store),
        "SearchAccounts": List(lambda row: row["AccountId"], instance, lambda w, at: w.account(), None, lambda w, at: {**at, "Query": "a"}),
        "SearchApplicationProviders": List(lambda row: row["ApplicationProviderArn"], lambda w: {"FederationProtocol": "OAUTH"}, None, None, lambda w, at: {"Query": "a"}),
        "ListSessions": List(lambda row: row["SessionId"], store),
        "ListUsersWithoutMfaDevice": List(lambda row: row["UserId"], store, lambda w, at: with_password(w), lambda w, at, key: w.directory("DeleteUser", UserId=key)),
        # Nothing is unused before a day has passed: crates/accounts/tests/it/plane/access_uses.rs.
        "ListUnusedAccess": List(lambda row: (row["UserId"], row["AccountId"], row["PermissionSetArn"]), instance),
        "ListProvisioningTenants": List(lambda row: row["TenantId"], store, lambda w, at: w.call("portico", "CreateProvisioningTenant", **at)["TenantId"],
                                        lambda w, at, key: w.call("portico", "DeleteProvisioningTenant", **at, TenantId=key), few_in="strict"),
        "ListBearerTokens": List(lambda row: row["TokenId"], portico_rows.tenant, lambda w, at: w.call("portico", "CreateBearerToken", **at)["BearerToken"]["TokenId"],
                                 lambda w, at, key: w.call("portico", "DeleteBearerToken", **at, TokenId=key), few_in="strict"),
        "ListExpiringCredentials": List(
            lambda row: row["TokenId"], expiring_tenant, lambda w, at: expiring_token(w), expired_token, lambda w, at: {**at, "Days": 29}, few_in="strict"),
        "ListOwned": List(lambda row: row["UserId"], lambda w: {**portico_rows.tenant(w), "Kind": "USER"}, owned,
                          lambda w, at, key: w.call("portico", "TakeOwnership", IdentityStoreId=w.store, UserIds=[key]), lambda w, at: {**at, "Kind": "GROUP"}),
        "ListLinkedUsers": List(lambda row: row["UserId"], portico_rows.tenant, linked,
                                lambda w, at, key: w.call("portico", "UnlinkUsersFromSource", **at, UserIds=[key]), few_in="strict"),
        "ListExternalIdPConfigurationsForDirectory": List(
            lambda row: row["ConfigurationId"], store, portico_rows.another_external_idp,
            lambda w, at, key: w.call("portico", "DeleteExternalIdPConfigurationForDirectory", **at, ConfigurationId=key), few_in="strict"),
        "ListDirectories": List(
            lambda row: row["DirectoryId"], store, lambda w, at: portico_rows.another_directory(w),
            lambda w, at, key: w.call("portico", "DeleteDirectory", **at, DirectoryId=key), few_in="strict"),
        # Runs come one after another, and what one did stays; of a directory that nobody answers for, no run has changes: crates/edge-ldap/tests.
        "ListDirectorySyncs": List(lambda row: row["DirectorySyncId"], portico_rows.directory, none_in="strict"),
        "ListDirectorySyncChanges": List(lambda row: row["ExternalId"], portico_rows.directory_sync, none_in="strict"),
        "ListAccountConnections": List(
            lambda row: row["AccountId"], instance, lambda w, at: portico_rows.another_connection(w, at),
            lambda w, at, key: w.call("portico", "DeleteAccountConnection", **at, AccountId=key)),
        "ListOrganizationConnections": List(
            lambda row: row["OrganizationId"], instance, lambda w, at: portico_rows.another_followed(w, at),
            lambda w, at, key: w.call("portico", "DeleteOrganizationConnection", **at, OrganizationId=key)),
        "ListOrganizationSyncChanges": List(
            lambda row: row["TargetId"], portico_rows.followed, portico_rows.organization_change,
            lambda w, at, key: w.execute(f"DELETE FROM organization_changes WHERE ordinal = {key}")),
        "ListAccountDriftFindings": List(
            lambda row: row["FindingId"], instance, lambda w, at: portico_rows.drift_finding(w)["FindingId"],
            lambda w, at, key: w.execute(f"DELETE FROM drift_findings WHERE finding_id = '{key}'"), lambda w, at: {**at, "Status": "OPEN"}),
        "ListServiceUsers": List(
            lambda row: row["UserName"], instance, lambda w, at: w.call("portico", "CreateServiceUser", **at, UserName=w.name("robot"))["ServiceUser"]["UserName"],
            lambda w, at, key: w.call("portico", "DeleteServiceUser", **at, UserName=key)),
        "ListInvitations": List(lambda row: (row["UserId"], row["InvitationId"]), store, lambda w, at: w.invitation(),
                                lambda w, at, key: w.call("portico", "DeleteInvitation", IdentityStoreId=w.store, UserId=key[0], InvitationId=key[1]),
                                lambda w, at: {**at, "UserId": w.user()}),
        "ListAccountsWithRoles": List(
            lambda row: row["AccountId"], lambda w: {**instance(w), "UserId": w.user()},
            lambda w, at: assign(w, PrincipalId=at["UserId"], PermissionSetArn=portal_set(w), TargetId=accounts(w))["TargetId"],
            lambda w, at, key: unassign(w, PermissionSetArn=portal_set(w), TargetId=key, PrincipalType="USER", PrincipalId=at["UserId"]), lambda w, at: {**at, "UserId": w.user()}),
        "ListPermissionSetsWithDetails": List(
            lambda row: row["PermissionSetArn"], instance, lambda w, at: w.permission_set(), lambda w, at, key: w.admin("DeletePermissionSet", PermissionSetArn=key),
            lambda w, at: {**at, "NameContains": "e"}),
        "ListUsersWithGroups": List(lambda row: row["UserId"], store, lambda w, at: w.user(), lambda w, at, key: w.directory("DeleteUser", UserId=key)),
        "ListGroupsWithMembers": List(lambda row: row["GroupId"], store, lambda w, at: w.group(), lambda w, at, key: w.directory("DeleteGroup", GroupId=key)),
        "ListMembersInGroup": List(
            lambda row: row["MembershipId"], lambda w: {**store(w), "GroupId": w.group()}, lambda w, at: w.membership(group=at["GroupId"]),
            lambda w, at, key: w.directory("DeleteGroupMembership", MembershipId=key), lambda w, at: {**at, "GroupId": w.group()}),
        "ListGroupsForUser": List(
            lambda row: row["MembershipId"], lambda w: {**store(w), "UserId": w.user()}, lambda w, at: w.membership(user=at["UserId"]),
            lambda w, at, key: w.directory("DeleteGroupMembership", MembershipId=key), lambda w, at: {**at, "UserId": w.user()}),
        "ListGroupsInGroup": List(
            lambda row: row["GroupId"], lambda w: {**store(w), "GroupId": w.group()}, lambda w, at: nest(w, at["GroupId"], w.group())["MemberGroupId"],
            lambda w, at, key: w.call("portico", "RemoveMemberGroup", **at, MemberGroupId=key), lambda w, at: {**at, "GroupId": w.group()}, few_in="strict"),
        "ListGroupsForGroup": List(
            lambda row: row["GroupId"], lambda w: {**store(w), "GroupId": w.group()}, lambda w, at: nest(w, w.group(), at["GroupId"])["GroupId"],
            lambda w, at, key: w.call("portico", "RemoveMemberGroup", IdentityStoreId=w.store, GroupId=key, MemberGroupId=at["GroupId"]),
            lambda w, at: {**at, "GroupId": w.group()}, few_in="strict"),
        "ListAssignments": List(
            lambda row: row["TargetId"], lambda w: {**instance(w), "PermissionSetArn": w.permission_set()},
            lambda w, at: assign(w, PermissionSetArn=at["PermissionSetArn"], TargetId=accounts(w), PrincipalId=jane(w))["TargetId"],
            lambda w, at, key: unassign(w, PermissionSetArn=at["PermissionSetArn"], TargetId=key, PrincipalType="USER", PrincipalId=jane(w)),
            lambda w, at: {**at, "PermissionSetArn": w.permission_set()}),
        "ListEffectiveAccess": List(
            lambda row: row["PermissionSetArn"], lambda w: {**instance(w), "UserId": w.user()}, lambda w, at: assign(w, PrincipalId=at["UserId"], TargetId=PROD)["PermissionSetArn"],
            lambda w, at, key: unassign(w, PermissionSetArn=key, TargetId=PROD, PrincipalType="USER", PrincipalId=at["UserId"]), lambda w, at: {**at, "UserId": w.user()}),
    },
    "identitystore": {
        "ListUsers": List(lambda row: row["UserId"], store, lambda w, at: w.user(), lambda w, at, key: w.directory("DeleteUser", UserId=key),
                          lambda w, at: {**at, "Filters": [{"AttributePath": "UserName", "AttributeValue": "jane"}]}),
        "ListGroups": List(lambda row: row["GroupId"], store, lambda w, at: w.group(), lambda w, at, key: w.directory("DeleteGroup", GroupId=key),
                           lambda w, at: {**at, "Filters": [{"AttributePath": "DisplayName", "AttributeValue": "engineers"}]}),
        "ListGroupMemberships": List(
            lambda row: row["MembershipId"], lambda w: {**store(w), "GroupId": w.group()}, lambda w, at: w.membership(group=at["GroupId"]),
            lambda w, at, key: w.directory("DeleteGroupMembership", MembershipId=key), lambda w, at: {**at, "GroupId": w.group()}),
        "ListGroupMembershipsForMember": List(
            lambda row: row["MembershipId"], lambda w: {**store(w), "MemberId": {"UserId": w.user()}}, lambda w, at: w.membership(user=at["MemberId"]["UserId"]),
            lambda w, at, key: w.directory("DeleteGroupMembership", MembershipId=key), lambda w, at: {**at, "MemberId": {"UserId": w.user()}}),
        "ListIdentityStores": List(lambda row: row["IdentityStoreId"]),
    },
    "sso-admin": {
        "ListInstances": List(lambda row: row["InstanceArn"]),
        "ListRegions": List(lambda row: row["RegionName"], instance),
        "ListApplicationProviders": List(lambda row: row["ApplicationProviderArn"]),
        "ListApplications": List(
            lambda row: row["ApplicationArn"], instance, lambda w, at: application(w), lambda w, at, key: w.call("sso-admin", "DeleteApplication", ApplicationArn=key),
            lambda w, at: {**at, "Filter": {"ApplicationAccount": w.owner}}),
        "ListApplicationAssignments": List(
            lambda row: row["PrincipalId"], on_application, lambda w, at: assign_application(w, at["ApplicationArn"], w.user())["PrincipalId"],
            lambda w, at, key: unassign_application(w, at["ApplicationArn"], key), lambda w, at: on_application(w)),
        "ListApplicationAssignmentsForPrincipal": List(
            lambda row: row["ApplicationArn"], lambda w: {**instance(w), "PrincipalId": w.user(), "PrincipalType": "USER"},
            lambda w, at: assign_application(w, application(w), at["PrincipalId"])["ApplicationArn"],
            lambda w, at, key: unassign_application(w, key, at["PrincipalId"]), lambda w, at: {**at, "PrincipalId": w.user()}),
        "ListApplicationAccessScopes": List(
            lambda row: row["Scope"], on_application, put_scope,
            lambda w, at, key: w.call("sso-admin", "DeleteApplicationAccessScope", **at, Scope=key), lambda w, at: on_application(w)),
        # One of each kind at most: all are on the first page.
        "ListApplicationAuthenticationMethods": List(lambda row: row["AuthenticationMethodType"], on_application),
        "ListApplicationGrants": List(lambda row: row["GrantType"], on_application),
        "ListTrustedTokenIssuers": List(
            lambda row: row["TrustedTokenIssuerArn"], instance, lambda w, at: sso_admin_rows.made_issuer(w)["TrustedTokenIssuerArn"],
            lambda w, at, key: w.call("sso-admin", "DeleteTrustedTokenIssuer", TrustedTokenIssuerArn=key), few_in="strict"),
        "ListPermissionSets": List(lambda row: row, instance, lambda w, at: w.permission_set(), lambda w, at, key: w.admin("DeletePermissionSet", PermissionSetArn=key)),
        "ListManagedPoliciesInPermissionSet": List(
            lambda row: row["Arn"], on_set, attach_managed,
            lambda w, at, key: w.admin("DetachManagedPolicyFromPermissionSet", PermissionSetArn=at["PermissionSetArn"], ManagedPolicyArn=key), lambda w, at: on_set(w)),
        "ListCustomerManagedPolicyReferencesInPermissionSet": List(
            lambda row: row["Name"], on_set, attach_customer,
            lambda w, at, key: w.admin("DetachCustomerManagedPolicyReferenceFromPermissionSet", PermissionSetArn=at["PermissionSetArn"],
                                       CustomerManagedPolicyReference={"Name": key, "Path": "/"}),
            lambda w, at: on_set(w)),
        "ListTagsForResource": List(
            lambda row: row["Key"], lambda w: {"InstanceArn": w.instance, "ResourceArn": w.permission_set()}, tag,
            lambda w, at, key: w.admin("UntagResource", ResourceArn=at["ResourceArn"], TagKeys=[key])),
        "ListAccountAssignmentCreationStatus": List(lambda row: row["RequestId"], instance, creation, other=status_filter),
        "ListAccountAssignmentDeletionStatus": List(lambda row: row["RequestId"], instance, deletion, other=status_filter),
        "ListPermissionSetProvisioningStatus": List(lambda row: row["RequestId"], instance, provisioning, other=status_filter),
        "ListAccountAssignments": List(
            lambda row: row["PrincipalId"], lambda w: {**on_set(w), "AccountId": PROD},
            lambda w, at: assign(w, PermissionSetArn=at["PermissionSetArn"], TargetId=PROD)["PrincipalId"],
            lambda w, at, key: unassign(w, PermissionSetArn=at["PermissionSetArn"], TargetId=PROD, PrincipalType="USER", PrincipalId=key),
            lambda w, at: {**at, "AccountId": "333344445555"}),
        "ListAccountAssignmentsForPrincipal": List(
            lambda row: row["PermissionSetArn"], lambda w: {**instance(w), "PrincipalId": w.user(), "PrincipalType": "USER"},
            lambda w, at: assign(w, PrincipalId=at["PrincipalId"], TargetId=PROD)["PermissionSetArn"],
            lambda w, at, key: unassign(w, PermissionSetArn=key, TargetId=PROD, PrincipalType="USER", PrincipalId=at["PrincipalId"]),
            lambda w, at: {**at, "Filter": {"AccountId": PROD}}),
        "ListAccountsForProvisionedPermissionSet": List(
            lambda row: row, on_set, lambda w, at: assign(w, PermissionSetArn=at["PermissionSetArn"], TargetId=accounts(w), PrincipalId=jane(w))["TargetId"],
            lambda w, at, key: unassign(w, PermissionSetArn=at["PermissionSetArn"], TargetId=key, PrincipalType="USER", PrincipalId=jane(w)),
            lambda w, at: {**at, "ProvisioningStatus": "LATEST_PERMISSION_SET_PROVISIONED"}),
        "ListPermissionSetsProvisionedToAccount": List(
            lambda row: row, lambda w: {**instance(w), "AccountId": w.account()},
            lambda w, at: assign(w, TargetId=at["AccountId"], PrincipalId=jane(w))["PermissionSetArn"],
            lambda w, at, key: unassign(w, PermissionSetArn=key, TargetId=at["AccountId"], PrincipalType="USER", PrincipalId=jane(w)),
            lambda w, at: {**at, "ProvisioningStatus": "LATEST_PERMISSION_SET_PROVISIONED"}),
    },
    "sso": {
        "ListAccounts": List(
            lambda row: row["accountId"], lambda w: {"accessToken": w.bearer()},
            lambda w, at: assign(w, PermissionSetArn=portal_set(w), TargetId=accounts(w), PrincipalId=jane(w))["TargetId"],
            lambda w, at, key: unassign(w, PermissionSetArn=portal_set(w), TargetId=key, PrincipalType="USER", PrincipalId=jane(w))),
        "ListAccountRoles": List(
            lambda row: row["roleName"], lambda w: {"accessToken": w.bearer(), "accountId": PROD}, set_named,
            lambda w, at, key: unassign(w, PermissionSetArn=w.once("sets by name", dict)[key], TargetId=PROD, PrincipalType="USER", PrincipalId=jane(w)),
            lambda w, at: {**at, "accountId": "333344445555"}),
    },
    "organizations": {
        "ListAccounts": List(lambda row: row["Id"], insert=lambda w, at: w.account()),
        "ListChildren": List(lambda row: row["Id"], lambda w: {"ParentId": organizations_rows.root(w), "ChildType": "ACCOUNT"}, lambda w, at: w.account()),
        "ListCreateAccountStatus": List(lambda row: row["Id"], insert=lambda w, at: organizations_rows.creation(w), other=lambda w, at: {"States": ["SUCCEEDED"]}),
        "ListParents": List(lambda row: row["Id"], lambda w: {"ChildId": w.owner}),
        "ListRoots": List(lambda row: row["Id"]),
        "ListOrganizationalUnitsForParent": List(
            lambda row: row["Id"], lambda w: {"ParentId": organizations_rows.unit(w)},
            lambda w, at: w.call("organizations", "CreateOrganizationalUnit", ParentId=at["ParentId"], Name=w.name("unit"))["OrganizationalUnit"]["Id"],
            lambda w, at, key: w.call("organizations", "DeleteOrganizationalUnit", OrganizationalUnitId=key),
            lambda w, at: {"ParentId": organizations_rows.root(w)}),
        "ListAccountsForParent": List(lambda row: row["Id"], lambda w: {"ParentId": organizations_rows.root(w)}, lambda w, at: w.account()),
        "ListAWSServiceAccessForOrganization": List(lambda row: row["ServicePrincipal"]),
        "ListDelegatedAdministrators": List(lambda row: row["Id"]),
        "ListDelegatedServicesForAccount": List(lambda row: row["ServicePrincipal"], lambda w: {"AccountId": organizations_rows.delegated(w)}),
        "ListPolicies": List(
            lambda row: row["Id"], lambda w: organizations_rows.FILTER, lambda w, at: organizations_rows.policy(w),
            lambda w, at, key: w.call("organizations", "DeletePolicy", PolicyId=key), lambda w, at: {"Filter": "TAG_POLICY"}),
        # Five at most: no rows come and go.
        "ListPoliciesForTarget": List(lambda row: row["Id"], lambda w: {"TargetId": organizations_rows.attached(w)["TargetId"], **organizations_rows.FILTER}),
        "ListTargetsForPolicy": List(
            lambda row: row["TargetId"], lambda w: {"PolicyId": organizations_rows.attached(w)["PolicyId"]}, attach_to_unit,
            lambda w, at, key: w.call("organizations", "DetachPolicy", **at, TargetId=key), lambda w, at: {"PolicyId": organizations_rows.policy(w)}),
        "ListTagsForResource": List(lambda row: row["Key"], organizations_rows.tagged),
    },
    "iam": {
        "ListRoles": List(lambda row: row["RoleName"], insert=own_role, delete=lambda w, at, key: unassign(w, **{
            name: value for name, value in w.once("own roles", dict)[key].items() if name != "TargetType"}), other=lambda w, at: {"PathPrefix": "/aws-reserved/"}),
        "ListAttachedRolePolicies": List(lambda row: row["PolicyArn"], managed_role, attach_to_role, detach_from_role, lambda w, at: {"RoleName": iam_rows.role(w)}),
        "ListPolicies": List(
            lambda row: row["Arn"], lambda w: {"Scope": "Local"}, lambda w, at: iam_rows.policy(w), lambda w, at, key: w.call("iam", "DeletePolicy", PolicyArn=key),
            lambda w, at: {"PathPrefix": "/root-task/"}),
        "ListPolicyVersions": List(lambda row: row["VersionId"], lambda w: {"PolicyArn": iam_rows.version(w)["PolicyArn"]}, other=lambda w, at: {"PolicyArn": iam_rows.policy(w)}),
        "ListPolicyTags": List(
            lambda row: row["Key"], lambda w: {"PolicyArn": iam_rows.policy(w)}, lambda w, at: tag_in_iam(w, "TagPolicy", at),
            lambda w, at, key: w.call("iam", "UntagPolicy", **at, TagKeys=[key]), lambda w, at: {"PolicyArn": iam_rows.policy(w)}),
        "ListEntitiesForPolicy": List(
            lambda row: row["RoleName"], lambda w: {"PolicyArn": iam_rows.policy(w)}, attach_to_another,
            lambda w, at, key: w.call("iam", "DetachRolePolicy", RoleName=key, PolicyArn=at["PolicyArn"]), lambda w, at: {"PolicyArn": iam_rows.policy(w)}),
        "ListRoleTags": List(
            lambda row: row["Key"], lambda w: {"RoleName": iam_rows.own_role(w)}, lambda w, at: tag_in_iam(w, "TagRole", at),
            lambda w, at, key: w.call("iam", "UntagRole", **at, TagKeys=[key]), lambda w, at: {"RoleName": iam_rows.own_role(w)}),
        "ListInstanceProfilesForRole": List(lambda row: row["InstanceProfileName"], lambda w: {"RoleName": iam_rows.own_role(w)}),
        "ListRolePolicies": List(
            lambda row: row, lambda w: {"RoleName": iam_rows.own_role(w)}, put_inline_in_iam,
            lambda w, at, key: w.call("iam", "DeleteRolePolicy", **at, PolicyName=key), lambda w, at: {"RoleName": iam_rows.role(w)}),
        "ListUsers": List(
            lambda row: row["UserName"], insert=lambda w, at: iam_rows.user(w), delete=lambda w, at, key: w.call("iam", "DeleteUser", UserName=key),
            other=lambda w, at: {"PathPrefix": "/walk/"}),
        "ListUserTags": List(
            lambda row: row["Key"], lambda w: {"UserName": iam_rows.user(w)}, lambda w, at: tag_in_iam(w, "TagUser", at),
            lambda w, at, key: w.call("iam", "UntagUser", **at, TagKeys=[key]), lambda w, at: {"UserName": iam_rows.user(w)}),
        "ListOpenIDConnectProviderTags": List(
            lambda row: row["Key"], iam_rows.provider, lambda w, at: tag_in_iam(w, "TagOpenIDConnectProvider", at),
            lambda w, at, key: w.call("iam", "UntagOpenIDConnectProvider", **at, TagKeys=[key]), lambda w, at: iam_rows.provider(w)),
        # What is asked is what there is to list.
        "SimulatePrincipalPolicy": List(
            lambda row: row["EvalActionName"], lambda w: {**iam_rows.principal(w), "ActionNames": iam_rows.ACTIONS}, other=lambda w, at: {**iam_rows.principal(w), "ActionNames": iam_rows.ACTIONS[1:]}),
        "SimulateCustomPolicy": List(
            lambda row: row["EvalActionName"], lambda w: {"PolicyInputList": [iam_rows.DOCUMENT], "ActionNames": iam_rows.ACTIONS},
            other=lambda w, at: {"PolicyInputList": [iam_rows.DOCUMENT], "ActionNames": iam_rows.ACTIONS[1:]}),
        "ListGroupsForUser": List(
            lambda row: row["GroupName"], lambda w: {"UserName": iam_rows.user(w)}, lambda w, at: add_to_group(w, iam_rows.group(w), at["UserName"])["GroupName"],
            lambda w, at, key: w.call("iam", "RemoveUserFromGroup", **at, GroupName=key), lambda w, at: {"UserName": iam_rows.user(w)}, few_in="strict"),
        "ListAttachedUserPolicies": attached_in_iam("User", iam_rows.user),
        "ListUserPolicies": inline_in_iam("User", iam_rows.user),
        # Two keys are the most.
        "ListAccessKeys": List(lambda row: row["AccessKeyId"], lambda w: {"UserName": iam_rows.key(w)["UserName"]}, other=lambda w, at: {"UserName": iam_rows.user(w)}),
        "ListGroups": List(
            lambda row: row["GroupName"], insert=lambda w, at: iam_rows.group(w), delete=lambda w, at, key: w.call("iam", "DeleteGroup", GroupName=key),
            other=lambda w, at: {"PathPrefix": "/walk/"}),
        "GetGroup": List(
            lambda row: row["UserName"], lambda w: {"GroupName": iam_rows.group(w)}, lambda w, at: add_to_group(w, at["GroupName"], iam_rows.user(w))["UserName"],
            lambda w, at, key: w.call("iam", "RemoveUserFromGroup", **at, UserName=key), lambda w, at: {"GroupName": iam_rows.group(w)}),
        "ListAttachedGroupPolicies": attached_in_iam("Group", iam_rows.group),
        "ListGroupPolicies": inline_in_iam("Group", iam_rows.group),
    },
    "cloudtrail": {
        "LookupEvents": List(
            lambda row: row["EventId"], lambda w: {"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "CreateGroup"}]}, lambda w, at: w.group() and None,
            other=lambda w, at: {"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "CreateUser"}]}),
    },
}


class Pager:
    """One list in one world."""

    def __init__(self, world, report, service, name):
        self.world, self.report, self.service, self.name = world, report, service, name
        self.described = model.service(service)
        self.operation = self.described.operation_model(name)
        self.facts = model.paginators(service)[name]
        self.list = LISTS.get(service, {}).get(name)
        if self.list and self.list.few_in == world.mode:
            self.list = dataclasses.replace(self.list, insert=None, delete=None)

    def check(self, title, wrong, request=None, answer=None):
        self.report.check(self.service, f"{self.name}: {title}", wrong, request, answer)

    def page(self, at, size=None, token=None):
        """Rows and the next token of one page; None for an answer that is none."""
        value = dict(at)
        if size and self.facts.get("limit_key"):
            value[self.facts["limit_key"]] = size
        if token:
            value[self.facts["input_token"]] = token
        answer = self.world.wire.send(self.described, self.operation, value, self.world.keys)
        if answer.status >= 300:
            self.check("a page", "refused", value, answer)
            return [], None
        lists = self.facts["result_key"]
        found = [self.list.key(row) for name in ([lists] if isinstance(lists, str) else lists) for row in answer.parsed.get(name) or []]
        more = self.facts.get("more_results")
        if more and bool(answer.parsed.get(more)) != bool(answer.parsed.get(self.facts["output_token"])):
            self.check("a page", f"{more} does not go with {self.facts['output_token']}", value, answer)
        return found, answer.parsed.get(self.facts["output_token"])

    def all(self, at):
        found, token = self.page(at)
        while token:
            further, token = self.page(at, token=token)
            found += further
        return found

    def run(self):
        if self.list is None:
            self.check("pages", "the list has no row in tests/walk/pages.py")
            return
        at = self.list.where(self.world)
        for _ in range(KEPT if self.list.insert else 0):
            self.list.insert(self.world, at)
        for size in self.sizes():
            self.stable(at, size)
        self.tokens(at)

    def sizes(self):
        """One, two, as many as the model allows, and as many as the server likes."""
        limit = self.facts.get("limit_key")
        high = model.bounds(self.operation.input_shape.members[limit])[1] if limit else None
        return [1, 2, high or 1_000, None] if limit else [None]

    def stable(self, at, size):
        going = [self.list.insert(self.world, at) for _ in range(GOING)] if self.list.delete else []
        kept = set(self.all(at)) - set(going)
        given, token, coming = [], None, 0
        for pages in range(PAGES_MAX):
            found, token = self.page(at, size, token)
            given += found
            if size and len(found) > size:
                self.check(f"pages of {size}", f"a page of {len(found)}")
            if not token:
                break
            # The row that the token names goes first of all, where it may.
            gone = next((key for key in reversed(found) if key in going), going[0] if going else None)
            if gone:
                going.remove(gone)
                self.list.delete(self.world, at, gone)
            if self.list.insert and coming < COMING:
                coming += 1
                self.list.insert(self.world, at)
        wrong = [f"{key} stood all the time and was given {given.count(key)} times" for key in kept if given.count(key) != 1]
        wrong += [f"{key} was given twice" for key in set(given) - kept if given.count(key) > 1]
        if token:
            wrong.append(f"no end after {PAGES_MAX} pages")
        self.check(f"pages of {size or 'the default size'} are stable", wrong, at)

    def tokens(self, at):
        """A token serves its own list and no other."""
        _, token = self.page(at, 1)
        if not token:
            wrong = "gives no token on a page of 1, though rows come" if self.list.insert and self.facts.get("limit_key") else None
            self.check("tokens", wrong or [])
            self.refused("no token of anybody", at, "AAAAAAAAAAAAAAAA")
            return
        middle = len(token) // 2
        letter = "A" if token[middle] != "A" else "B"
        for what, altered in [("altered at its start", ("A" if token[0] != "A" else "B") + token[1:]), ("altered in its middle", token[:middle] + letter + token[middle + 1:]),
                              ("cut short", token[:-4]), ("made longer", token + "AAAA"), ("empty of meaning", "AAAA")]:
            self.refused(f"a token {what}", at, altered)
        if self.list.other:
            self.refused("a token of another selection", self.list.other(self.world, at), token)
        for service, lists in LISTS.items():
            for name in lists:
                kept = self.world.kept.get(("token", service, name))
                if service == self.service and kept and name != self.name:
                    self.refused(f"a token of {name}", at, kept)
        self.world.kept["token", self.service, self.name] = token

    def refused(self, title, at, token):
        value = {**at, self.facts["input_token"]: token}
        answer = self.world.wire.send(self.described, self.operation, value, self.world.keys)
        if answer.status < 300:
            self.check(title, "accepted", value, answer)
            return
        wrong = [] if answer.code == REFUSED[self.service] else [f"expected {REFUSED[self.service]}"]
        self.check(title, wrong + fits.error(self.described, self.operation, answer), value, answer)


def walk(world, report, service, names):
    """Every list that the service has and Portico serves, in a world that is small yet."""
    pages = model.paginators(service) if service not in ("sts", "sso-oidc") else {}
    for name in names:
        known = LISTS.get(service, {}).get(name)
        if known and known.none_in == world.mode:
            continue
        if name in pages:
            report.to_its_end(service, f"pages of {name}", Pager(world, report, service, name).run)
        elif any(member in rows.of(service)[name].without for member in ("NextToken", "nextToken", "Marker")):
            report.check(service, f"{name}: pages", "it takes a token, and botocore knows no pages of it")
