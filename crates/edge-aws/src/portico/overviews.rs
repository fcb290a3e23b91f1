//! ListAccountsWithRoles, ListPermissionSetsWithDetails, ListUsersWithGroups, ListGroupsWithMembers.

use accounts::overviews::{self, Detailed};
use directory::rosters;
use model::accounts::account::Account;
use model::accounts::permission_set::{
    CustomerManagedPolicyReference, PermissionSet, PermissionsBoundary as Boundary,
};
use model::cx::Cx;
use model::directory::user::UserId;
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use store::directory::rosters::{GroupNames, InGroup, Member, UserNames};
use wire::generated::portico::shapes::{
    AccountWithRoles, CustomerManagedPolicy, GroupWithMembers, ListAccountsWithRolesRequest,
    ListAccountsWithRolesResponse, ListGroupsWithMembersRequest, ListGroupsWithMembersResponse,
    ListPermissionSetsWithDetailsRequest, ListPermissionSetsWithDetailsResponse, ListUsersWithGroupsRequest,
    ListUsersWithGroupsResponse, ManagedPolicy, MemberOfGroup, PermissionSetDetail, PermissionsBoundary,
    ResourceTag, RoleOfAccount, UserWithGroups,
};

use crate::app::App;
use crate::identitystore::ids as directory_ids;
use crate::portico::rosters as rosters_of;
use crate::sso_admin::ids;

fn account((account, roles): (Account, Vec<PermissionSet>)) -> AccountWithRoles {
    let role =
        |set: PermissionSet| RoleOfAccount { permission_set_arn: set.arn().to_string(), role_name: set.name };
    AccountWithRoles {
        account_id: account.id.into(),
        account_name: account.name,
        email_address: account.email,
        roles: roles.into_iter().map(role).collect(),
    }
}

pub(crate) async fn accounts_with_roles(
    app: App,
    cx: Cx,
    input: ListAccountsWithRolesRequest,
) -> Result<ListAccountsWithRolesResponse, Fault> {
    let (instance, user) =
        (ids::instance(&cx, &input.instance_arn)?, UserId::from_reference(&input.user_id)?);
    let scope = PageScope::new("ListAccountsWithRoles", &[&input.instance_arn, user.as_str()]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = overviews::accounts_with_roles(&app.store, &cx, (&instance, &user), &page)?;
    Ok(ListAccountsWithRolesResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        accounts: found.items.into_iter().map(account).collect(),
    })
}

fn customer(policy: CustomerManagedPolicyReference) -> CustomerManagedPolicy {
    CustomerManagedPolicy { name: policy.name, path: policy.path }
}

fn detail(one: Detailed) -> PermissionSetDetail {
    let managed = |arn: String| ManagedPolicy { name: policy::managed::name(&arn).to_owned(), arn };
    let boundary = one.boundary.map(|boundary| match boundary {
        Boundary::ManagedPolicyArn(arn) => {
            PermissionsBoundary { managed_policy_arn: Some(arn), customer_managed_policy: None }
        }
        Boundary::CustomerManaged(policy) => {
            PermissionsBoundary { managed_policy_arn: None, customer_managed_policy: Some(customer(policy)) }
        }
    });
    PermissionSetDetail {
        permission_set_arn: one.set.arn().to_string(),
        name: one.set.name,
        description: one.set.description,
        session_duration: one.set.session_duration.as_str().to_owned(),
        relay_state: one.set.relay_state,
        created_date: ids::seconds(one.set.created_at),
        managed_policies: one.managed.into_iter().map(managed).collect(),
        customer_managed_policies: one.customer.into_iter().map(customer).collect(),
        inline_policy: one.inline,
        permissions_boundary: boundary,
        tags: one.tags.into_iter().map(|(key, value)| ResourceTag { key, value }).collect(),
    }
}

pub(crate) async fn permission_sets(
    app: App,
    cx: Cx,
    input: ListPermissionSetsWithDetailsRequest,
) -> Result<ListPermissionSetsWithDetailsResponse, Fault> {
    let instance = ids::instance(&cx, &input.instance_arn)?;
    let part = input.name_contains.as_deref().unwrap_or_default();
    let scope = PageScope::new("ListPermissionSetsWithDetails", &[&input.instance_arn, part]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = overviews::permission_sets(&app.store, &cx, (&instance, part), &page)?;
    Ok(ListPermissionSetsWithDetailsResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        permission_sets: found.items.into_iter().map(detail).collect(),
    })
}

fn user((names, memberships): (UserNames, Vec<InGroup>)) -> UserWithGroups {
    UserWithGroups {
        user_id: names.id.into(),
        user_name: names.user_name,
        display_name: names.display_name,
        user_status: names.status.as_str().to_owned(),
        groups: memberships.into_iter().map(rosters_of::group).collect(),
    }
}

pub(crate) async fn users(
    app: App,
    cx: Cx,
    input: ListUsersWithGroupsRequest,
) -> Result<ListUsersWithGroupsResponse, Fault> {
    let at = directory_ids::identity_store(&input.identity_store_id)?;
    let scope = PageScope::new("ListUsersWithGroups", &[at.id().as_str()]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = rosters::users_with_groups(&app.store, &cx, &at, &page)?;
    Ok(ListUsersWithGroupsResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        users: found.items.into_iter().map(user).collect(),
    })
}

fn group((names, members): (GroupNames, Vec<Member>)) -> GroupWithMembers {
    let member = |one: Member| MemberOfGroup { user_id: one.user_id.into(), membership_id: one.id.into() };
    GroupWithMembers {
        group_id: names.id.into(),
        display_name: names.display_name,
        description: names.description,
        members: members.into_iter().map(member).collect(),
    }
}

pub(crate) async fn groups(
    app: App,
    cx: Cx,
    input: ListGroupsWithMembersRequest,
) -> Result<ListGroupsWithMembersResponse, Fault> {
    let at = directory_ids::identity_store(&input.identity_store_id)?;
    let scope = PageScope::new("ListGroupsWithMembers", &[at.id().as_str()]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = rosters::groups_with_members(&app.store, &cx, &at, &page)?;
    Ok(ListGroupsWithMembersResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        groups: found.items.into_iter().map(group).collect(),
    })
}
