//! DescribeOwner, TakeOwnership.

use directory::owners::{self, HandOver, Owned};
use directory::ownership::Named;
use model::cx::Cx;
use model::directory::group::GroupId;
use model::directory::user::UserId;
use model::fault::Fault;
use model::sources::provisioning_tenant::TenantId;
use wire::generated::portico::shapes::{
    DescribeOwnerRequest, DescribeOwnerResponse, Owner, OwnershipFailure, TakeOwnershipRequest,
    TakeOwnershipResponse,
};

use crate::app::App;
use crate::identitystore::ids;

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
    let hand_over =
        HandOver { of: of.collect::<Result<_, _>>()?, to: input.tenant_id.map(TenantId::parse).transpose()? };
    let failures = owners::take(&app.store, &cx, &at, hand_over).await?;
    Ok(TakeOwnershipResponse { failures: failures.into_iter().map(failure).collect() })
}
