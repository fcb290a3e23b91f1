//! CreateBearerToken, ListBearerTokens, DeleteBearerToken.

use model::cx::Cx;
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use model::sources::provisioning_tenant::{BearerToken, BearerTokenId, TenantId};
use sources::tokens::{self, NewToken};
use wire::generated::portico::shapes::{
    self, CreateBearerTokenRequest, CreateBearerTokenResponse, DeleteBearerTokenRequest,
    DeleteBearerTokenResponse, ListBearerTokensRequest, ListBearerTokensResponse,
};

use crate::app::App;
use crate::identitystore::ids;

pub(crate) async fn create(
    app: App,
    cx: Cx,
    input: CreateBearerTokenRequest,
) -> Result<CreateBearerTokenResponse, Fault> {
    let (at, tenant) = (ids::identity_store(&input.identity_store_id)?, TenantId::parse(input.tenant_id)?);
    let validity_days = input.validity_days.and_then(|days| u32::try_from(days).ok());
    let new = NewToken { name: input.name, validity_days };
    let made = tokens::create(&app.store, &cx, (&at, &tenant), new).await?;
    Ok(CreateBearerTokenResponse {
        bearer_token: shapes::BearerToken {
            token_id: made.token.id.into(),
            token: made.secret.expose().to_owned(),
            expires_at: ids::seconds(made.token.expires_at),
        },
    })
}

fn shape(token: BearerToken) -> shapes::BearerTokenMetadata {
    shapes::BearerTokenMetadata {
        token_id: token.id.into(),
        name: token.name,
        created_at: ids::seconds(token.created_at),
        created_by: token.created_by,
        expires_at: ids::seconds(token.expires_at),
        last_used_at: token.last_used_at.map(ids::seconds),
    }
}

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListBearerTokensRequest,
) -> Result<ListBearerTokensResponse, Fault> {
    let (at, tenant) = (ids::identity_store(&input.identity_store_id)?, TenantId::parse(input.tenant_id)?);
    let scope = PageScope::new("ListBearerTokens", &[at.id().as_str(), tenant.as_str()]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = tokens::list(&app.store, &cx, (&at, &tenant), &page)?;
    Ok(ListBearerTokensResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        bearer_tokens: found.items.into_iter().map(shape).collect(),
    })
}

pub(crate) async fn delete(
    app: App,
    cx: Cx,
    input: DeleteBearerTokenRequest,
) -> Result<DeleteBearerTokenResponse, Fault> {
    let (at, tenant) = (ids::identity_store(&input.identity_store_id)?, TenantId::parse(input.tenant_id)?);
    let id = BearerTokenId::parse(input.token_id)?;
    tokens::delete(&app.store, &cx, (&at, &tenant), &id).await?;
    Ok(DeleteBearerTokenResponse {})
}
