//! CreateOpenIDConnectProvider and what is said of one afterwards.

use accounts::oidc_providers::{self, NewOidcProvider};
use model::cx::Cx;
use model::fault::Fault;
use model::instances::tag::Tags;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use policy::require::Action;
use wire::generated::iam::shapes::{
    AddClientIDToOpenIDConnectProviderRequest, CreateOpenIDConnectProviderRequest,
    CreateOpenIDConnectProviderResponse, DeleteOpenIDConnectProviderRequest, GetOpenIDConnectProviderRequest,
    GetOpenIDConnectProviderResponse, ListOpenIDConnectProviderTagsRequest,
    ListOpenIDConnectProviderTagsResponse, ListOpenIDConnectProvidersRequest,
    ListOpenIDConnectProvidersResponse, OpenIDConnectProviderListEntry,
    RemoveClientIDFromOpenIDConnectProviderRequest, Tag, TagOpenIDConnectProviderRequest,
    UntagOpenIDConnectProviderRequest, UpdateOpenIDConnectProviderThumbprintRequest,
};
use wire::operation::Nothing;

use crate::app::App;
use crate::iam::words::{date, given, limit, tags};

fn shown(of: Tags) -> Option<Vec<Tag>> {
    (!of.is_empty()).then(|| tags(of))
}

pub(crate) async fn create(
    app: App,
    cx: Cx,
    input: CreateOpenIDConnectProviderRequest,
) -> Result<CreateOpenIDConnectProviderResponse, Fault> {
    // The tokens of an application's people are trusted token issuers' here, as at AWS without these two.
    for (name, is_given) in [
        ("ContextProvider", input.context_provider.is_some()),
        ("IdentityCenterInstanceArn", input.identity_center_instance_arn.is_some()),
    ] {
        if is_given {
            return Err(Fault::validation(format!(
                "{name} is not supported by this server: leave it out, and make a trusted token issuer (sso-admin CreateTrustedTokenIssuer) for tokens of people"
            )));
        }
    }
    let new = NewOidcProvider {
        url: input.url,
        client_ids: input.client_id_list.unwrap_or_default(),
        thumbprints: input.thumbprint_list.unwrap_or_default(),
        tags: given(input.tags.unwrap_or_default()),
    };
    let (provider, tags) = oidc_providers::create(&app.store, &cx, new).await?;
    Ok(CreateOpenIDConnectProviderResponse {
        open_id_connect_provider_arn: Some(provider.arn()),
        tags: shown(tags),
    })
}

pub(crate) async fn get(
    app: App,
    cx: Cx,
    input: GetOpenIDConnectProviderRequest,
) -> Result<GetOpenIDConnectProviderResponse, Fault> {
    let ask = Action("iam:GetOpenIDConnectProvider");
    let (provider, tags) = oidc_providers::get(&app.store, &cx, ask, &input.open_id_connect_provider_arn)?;
    Ok(GetOpenIDConnectProviderResponse {
        // Without its scheme, as AWS shows it.
        url: Some(provider.name().to_owned()),
        client_id_list: Some(provider.client_ids),
        thumbprint_list: Some(provider.thumbprints),
        create_date: Some(date(provider.created_at)),
        tags: shown(tags),
        ..GetOpenIDConnectProviderResponse::default()
    })
}

pub(crate) async fn list(
    app: App,
    cx: Cx,
    _input: ListOpenIDConnectProvidersRequest,
) -> Result<ListOpenIDConnectProvidersResponse, Fault> {
    let all = oidc_providers::list(&app.store, &cx)?;
    let entry = |arn| OpenIDConnectProviderListEntry { arn: Some(arn), ..Default::default() };
    Ok(ListOpenIDConnectProvidersResponse {
        open_id_connect_provider_list: Some(all.iter().map(|provider| entry(provider.arn())).collect()),
    })
}

pub(crate) async fn delete(
    app: App,
    cx: Cx,
    input: DeleteOpenIDConnectProviderRequest,
) -> Result<Nothing, Fault> {
    oidc_providers::delete(&app.store, &cx, &input.open_id_connect_provider_arn).await?;
    Ok(Nothing {})
}

pub(crate) async fn add_client_id(
    app: App,
    cx: Cx,
    input: AddClientIDToOpenIDConnectProviderRequest,
) -> Result<Nothing, Fault> {
    let arn = &input.open_id_connect_provider_arn;
    oidc_providers::add_client_id(&app.store, &cx, arn, input.client_id).await?;
    Ok(Nothing {})
}

pub(crate) async fn remove_client_id(
    app: App,
    cx: Cx,
    input: RemoveClientIDFromOpenIDConnectProviderRequest,
) -> Result<Nothing, Fault> {
    let arn = &input.open_id_connect_provider_arn;
    oidc_providers::remove_client_id(&app.store, &cx, arn, input.client_id).await?;
    Ok(Nothing {})
}

pub(crate) async fn set_thumbprints(
    app: App,
    cx: Cx,
    input: UpdateOpenIDConnectProviderThumbprintRequest,
) -> Result<Nothing, Fault> {
    let arn = &input.open_id_connect_provider_arn;
    oidc_providers::set_thumbprints(&app.store, &cx, arn, input.thumbprint_list).await?;
    Ok(Nothing {})
}

pub(crate) async fn tag(app: App, cx: Cx, input: TagOpenIDConnectProviderRequest) -> Result<Nothing, Fault> {
    let arn = &input.open_id_connect_provider_arn;
    oidc_providers::tag(&app.store, &cx, arn, given(input.tags)).await?;
    Ok(Nothing {})
}

pub(crate) async fn untag(
    app: App,
    cx: Cx,
    input: UntagOpenIDConnectProviderRequest,
) -> Result<Nothing, Fault> {
    let arn = &input.open_id_connect_provider_arn;
    oidc_providers::untag(&app.store, &cx, arn, input.tag_keys).await?;
    Ok(Nothing {})
}

pub(crate) async fn list_tags(
    app: App,
    cx: Cx,
    input: ListOpenIDConnectProviderTagsRequest,
) -> Result<ListOpenIDConnectProviderTagsResponse, Fault> {
    let arn = &input.open_id_connect_provider_arn;
    let scope = PageScope::new("ListOpenIDConnectProviderTags", &[arn]);
    let page = scope.request(limit(input.max_items), input.marker.as_deref(), PAGE_DEFAULT)?;
    let (_, of) = oidc_providers::get(&app.store, &cx, Action("iam:ListOpenIDConnectProviderTags"), arn)?;
    let found = page.page_of(tags(of), |tag| tag.key.clone());
    let marker = found.next.as_deref().map(|key| scope.encode(key));
    Ok(ListOpenIDConnectProviderTagsResponse {
        tags: found.items,
        is_truncated: Some(marker.is_some()),
        marker,
    })
}
