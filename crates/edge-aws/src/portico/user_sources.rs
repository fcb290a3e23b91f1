//! LinkUsersToSource, UnlinkUsersFromSource, ListLinkedUsers, DescribeUserSources.

use directory::user_sources::{self, Change, Described, Failure};
use model::cx::Cx;
use model::directory::user::UserId;
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use wire::generated::portico::shapes::{
    AttributeChange, DescribeUserSourcesRequest, DescribeUserSourcesResponse, LinkUsersToSourceRequest,
    LinkUsersToSourceResponse, LinkedUser, ListLinkedUsersRequest, ListLinkedUsersResponse, OwnedAttribute,
    SourceFailure, UnlinkUsersFromSourceRequest, UnlinkUsersFromSourceResponse, UserSource,
};

use crate::app::App;
use crate::identitystore::ids;
use crate::portico::owners::source;

fn users(ids: &[String]) -> Result<Vec<UserId>, Fault> {
    ids.iter().map(|id| UserId::from_reference(id)).collect()
}

pub(crate) fn failures(all: Vec<Failure>) -> Vec<SourceFailure> {
    all.into_iter()
        .map(|failure| SourceFailure { user_id: failure.user_id.into(), reason: failure.reason })
        .collect()
}

pub(crate) fn changes(all: Vec<Change>) -> Vec<AttributeChange> {
    let change = |change: Change| AttributeChange {
        user_id: change.user_id.into(),
        attribute_path: change.path,
        before: change.before.map(|value| value.to_string()),
        after: change.after.map(|value| value.to_string()),
    };
    all.into_iter().map(change).collect()
}

pub(crate) async fn link(
    app: App,
    cx: Cx,
    input: LinkUsersToSourceRequest,
) -> Result<LinkUsersToSourceResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let to = source(input.tenant_id, input.configuration_id, None)?;
    let failed = user_sources::link(&app.store, &cx, (&at, &to), users(&input.user_ids)?).await?;
    Ok(LinkUsersToSourceResponse { failures: failures(failed) })
}

pub(crate) async fn unlink(
    app: App,
    cx: Cx,
    input: UnlinkUsersFromSourceRequest,
) -> Result<UnlinkUsersFromSourceResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let from = source(input.tenant_id, input.configuration_id, None)?;
    let how = (users(&input.user_ids)?, input.dry_run.unwrap_or(false));
    let outcome = user_sources::unlink(&app.store, &cx, (&at, &from), how).await?;
    Ok(UnlinkUsersFromSourceResponse {
        failures: failures(outcome.failures),
        changes: changes(outcome.changes),
    })
}

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListLinkedUsersRequest,
) -> Result<ListLinkedUsersResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let of = source(input.tenant_id, input.configuration_id, None)?;
    let scope = PageScope::new("ListLinkedUsers", &[at.id().as_str(), of.as_str()]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = user_sources::list(&app.store, &cx, (&at, &of), &page)?;
    let next_token = found.next.as_deref().map(|key| scope.encode(key));
    let user = |user: store::directory::user_sources::LinkedUser| LinkedUser {
        user_id: user.names.id.into(),
        user_name: user.names.user_name,
        display_name: user.names.display_name,
        user_status: user.names.status.as_str().to_owned(),
        is_owned: user.is_owned,
        since: ids::seconds(user.linked_at),
    };
    Ok(ListLinkedUsersResponse { linked_users: found.items.into_iter().map(user).collect(), next_token })
}

fn shape(said: &Described) -> UserSource {
    let named = said.source.as_ref();
    UserSource {
        here: named.is_none().then_some(true),
        tenant_id: named.and_then(|named| named.tenant.clone()).map(Into::into),
        configuration_id: named.and_then(|named| named.idp.clone()).map(Into::into),
        directory_id: named.and_then(|named| named.directory.clone()).map(Into::into),
        name: named.and_then(|named| named.name.clone()),
        is_owner: said.is_owner,
        since: ids::seconds(said.since),
    }
}

pub(crate) async fn describe(
    app: App,
    cx: Cx,
    input: DescribeUserSourcesRequest,
) -> Result<DescribeUserSourcesResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let user = UserId::from_reference(&input.user_id)?;
    let (sources, attributes) = user_sources::describe(&app.store, &cx, &at, &user)?;
    let sources: Vec<UserSource> = sources.iter().map(shape).collect();
    let attributes = attributes.into_iter().filter_map(|one| {
        Some(OwnedAttribute {
            attribute_path: one.path,
            owner: sources.get(one.owner)?.clone(),
            kept_aside: one.kept_aside.into_iter().filter_map(|at| sources.get(at).cloned()).collect(),
        })
    });
    let attributes = attributes.collect();
    Ok(DescribeUserSourcesResponse { sources, attributes })
}
