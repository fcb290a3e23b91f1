//! DescribeIdentityStore, ListIdentityStores, UpdateIdentityStore.

use directory::identity_stores::{self, IdentityStore};
use model::cx::Cx;
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use wire::generated::identitystore::shapes::{
    self, DescribeIdentityStoreRequest, DescribeIdentityStoreResponse, ListIdentityStoresRequest,
    ListIdentityStoresResponse, NetworkConfiguration, UpdateIdentityStoreRequest,
    UpdateIdentityStoreResponse,
};

use crate::app::App;
use crate::identitystore::ids;

fn shape(found: IdentityStore) -> shapes::IdentityStore {
    shapes::IdentityStore { identity_store_arn: found.arn(), identity_store_id: found.id.into() }
}

pub(crate) async fn describe(
    app: App,
    cx: Cx,
    input: DescribeIdentityStoreRequest,
) -> Result<DescribeIdentityStoreResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let found = identity_stores::describe(&app.store, &cx, &at)?;
    Ok(DescribeIdentityStoreResponse {
        identity_store_arn: found.arn(),
        identity_store_id: found.id.into(),
        network_configuration: None,
    })
}

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListIdentityStoresRequest,
) -> Result<ListIdentityStoresResponse, Fault> {
    let scope = PageScope::new("ListIdentityStores", &[]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = identity_stores::list(&app.store, &cx, &page)?;
    Ok(ListIdentityStoresResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        identity_stores: found.items.into_iter().map(shape).collect(),
    })
}

pub(crate) async fn update(
    app: App,
    cx: Cx,
    input: UpdateIdentityStoreRequest,
) -> Result<UpdateIdentityStoreResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let restricted = input.network_configuration.as_ref().is_some_and(restricts);
    let found = identity_stores::update(&app.store, &cx, &at, restricted).await?;
    Ok(UpdateIdentityStoreResponse { identity_store_arn: found.arn(), identity_store_id: found.id.into() })
}

/// Whether a network configuration would keep anybody out.
fn restricts(wanted: &NetworkConfiguration) -> bool {
    wanted.vpce_access_required
        || wanted.api_restrict_source_vpcs.is_some()
        || wanted.api_allow_source_ips.is_some()
        || wanted.scim_allow_source_ips.is_some()
}
