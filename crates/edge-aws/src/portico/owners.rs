//! DescribeOwner, TakeOwnership, ListOwned, GetOwnedCounts.

use directory::owners::{self, HandOver, Owned};
use directory::ownership::Named;
use directory::source_id::SourceId;
use model::cx::Cx;
use model::directory::group::GroupId;
use model::directory::user::UserId;
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use model::sources::directory::DirectoryId;
use model::sources::external_idp::ExternalIdpId;
use model::sources::provisioning_tenant::TenantId;
use store::directory::rosters::{GroupNames, UserNames};
use wire::generated::portico::shapes::{
    self, DescribeOwnerRequest, DescribeOwnerResponse, GetOwnedCountsRequest, GetOwnedCountsResponse,
    ListOwnedRequest, ListOwnedResponse, Owner, OwnershipFailure, TakeOwnershipRequest,
    TakeOwnershipResponse,
};

use crate::app::App;
use crate::identitystore::ids;
use crate::portico::summaries::count;

fn user(id: &str) -> Result<Owned, Fault> {
    UserId::from_reference(id).map(Owned::User)
}

fn group(id: &str) -> Result<Owned, Fault> {
    GroupId::from_reference(id).map(Owned::Group)
}

fn shape(said: Named) -> Owner {
    Owner {
        source: said.owner.source,
        tenant_id: said.tenant.map(Into::into),
        configuration_id: said.idp.map(Into::into),
        directory_id: said.directory.map(Into::into),
        name: said.name,
        since: ids::seconds(said.owner.since),
        deleted_at: said.deleted_at.map(ids::seconds),
        disabled_here_at: said.owner.disabled_here_at.map(ids::seconds),
    }
}

fn failure(failure: owners::Failure) -> OwnershipFailure {
    let (user_id, group_id) = match failure.of {
        Owned::User(id) => (Some(id.into()), None),
        Owned::Group(id) => (None, Some(id.into())),
    };
    OwnershipFailure { user_id, group_id, reason: failure.reason }
}

pub(crate) async fn describe(
    app: App,
    cx: Cx,
    input: DescribeOwnerRequest,
) -> Result<DescribeOwnerResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let of = match (&input.user_id, &input.group_id) {
        (Some(id), None) => user(id)?,
        (None, Some(id)) => group(id)?,
        _ => return Err(Fault::validation("Exactly one of UserId and GroupId must be given")),
    };
    Ok(DescribeOwnerResponse { owner: owners::describe(&app.store, &cx, &at, &of)?.map(shape) })
}

pub(crate) async fn take(
    app: App,
    cx: Cx,
    input: TakeOwnershipRequest,
) -> Result<TakeOwnershipResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let users = input.user_ids.unwrap_or_default();
    let groups = input.group_ids.unwrap_or_default();
    let of = users.iter().map(|id| user(id)).chain(groups.iter().map(|id| group(id)));
    let to = match (input.tenant_id, input.directory_id) {
        (None, None) => None,
        (tenant, directory) => Some(source(tenant, None, directory)?),
    };
    let hand_over = HandOver { of: of.collect::<Result<_, _>>()?, to };
    let failures = owners::take(&app.store, &cx, &at, hand_over).await?;
    Ok(TakeOwnershipResponse { failures: failures.into_iter().map(failure).collect() })
}

pub(crate) fn source(
    tenant: Option<String>,
    configuration: Option<String>,
    directory: Option<String>,
) -> Result<SourceId, Fault> {
    match (tenant, configuration, directory) {
        (Some(id), None, None) => TenantId::parse(id).map(SourceId::Tenant),
        (None, Some(id), None) => ExternalIdpId::parse(id).map(SourceId::Idp),
        (None, None, Some(id)) => DirectoryId::parse(id).map(SourceId::Directory),
        _ => Err(Fault::validation("Exactly one of TenantId, ConfigurationId and DirectoryId must be given")),
    }
}

fn owned_user((owner, user): (model::directory::owner::Owner, UserNames)) -> shapes::Owned {
    shapes::Owned {
        user_id: Some(user.id.into()),
        group_id: None,
        user_name: Some(user.user_name),
        display_name: user.display_name,
        user_status: Some(user.status.as_str().to_owned()),
        since: ids::seconds(owner.since),
        disabled_here_at: owner.disabled_here_at.map(ids::seconds),
    }
}

fn owned_group((owner, group): (model::directory::owner::Owner, GroupNames)) -> shapes::Owned {
    shapes::Owned {
        user_id: None,
        group_id: Some(group.id.into()),
        user_name: None,
        display_name: group.display_name,
        user_status: None,
        since: ids::seconds(owner.since),
        disabled_here_at: None,
    }
}

pub(crate) async fn list(app: App, cx: Cx, input: ListOwnedRequest) -> Result<ListOwnedResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let of = source(input.tenant_id, input.configuration_id, input.directory_id)?;
    let scope = PageScope::new("ListOwned", &[at.id().as_str(), of.as_str(), &input.kind]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let (owned, next) = if input.kind == "GROUP" {
        let found = owners::groups_of(&app.store, &cx, (&at, &of), &page)?;
        (found.items.into_iter().map(owned_group).collect(), found.next)
    } else {
        let found = owners::users_of(&app.store, &cx, (&at, &of), &page)?;
        (found.items.into_iter().map(owned_user).collect(), found.next)
    };
    Ok(ListOwnedResponse { next_token: next.as_deref().map(|key| scope.encode(key)), owned })
}

pub(crate) async fn counts(
    app: App,
    cx: Cx,
    input: GetOwnedCountsRequest,
) -> Result<GetOwnedCountsResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let of = source(input.tenant_id, input.configuration_id, input.directory_id)?;
    let found = owners::counts(&app.store, &cx, (&at, &of))?;
    Ok(GetOwnedCountsResponse { users: count(found.users), groups: count(found.groups) })
}
