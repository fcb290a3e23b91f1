//! CreateExternalIdPConfigurationForDirectory and what follows it, RefreshExternalIdPMetadata, GetAWSSPConfigurationForDirectory.

use model::cx::Cx;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use model::sources::external_idp::{ExternalIdp, ExternalIdpId, ExternalIdpStatus};
use saml::metadata::Endpoint;
use sources::external_idps::{self, Described};
use sources::our_side::{self, OurSide, Presented};
use sources::told::Told;
use wire::generated::portico::shapes::{
    CreateExternalIdPConfigurationForDirectoryRequest, CreateExternalIdPConfigurationForDirectoryResponse,
    DeleteExternalIdPConfigurationForDirectoryRequest, DeleteExternalIdPConfigurationForDirectoryResponse,
    DescribeExternalIdPConfigurationForDirectoryRequest,
    DescribeExternalIdPConfigurationForDirectoryResponse, DisableExternalIdPConfigurationForDirectoryRequest,
    DisableExternalIdPConfigurationForDirectoryResponse, EnableExternalIdPConfigurationForDirectoryRequest,
    EnableExternalIdPConfigurationForDirectoryResponse, ExternalIdPConfigurationSummary,
    GetAWSSPConfigurationForDirectoryRequest, GetAWSSPConfigurationForDirectoryResponse,
    ListExternalIdPConfigurationsForDirectoryRequest, ListExternalIdPConfigurationsForDirectoryResponse,
    OidcMetadata, OidcSPConfiguration, RefreshExternalIdPMetadataRequest, RefreshExternalIdPMetadataResponse,
    SamlEndpoint, SamlMetadata, SamlSPConfiguration, UpdateExternalIdPConfigurationForDirectoryRequest,
    UpdateExternalIdPConfigurationForDirectoryResponse,
};

use crate::app::App;
use crate::identitystore::ids;
use crate::portico::external_idp_configurations::{given, shown};

fn ours(app: &App) -> OurSide {
    OurSide { base_url: app.signin.portal_base_url.clone() }
}

/// The provider that a call is about.
fn named(store: &str, configuration: String) -> Result<(IdentityStoreRef, ExternalIdpId), Fault> {
    Ok((ids::identity_store(store)?, ExternalIdpId::parse(configuration)?))
}

pub(crate) async fn create(
    app: App,
    cx: Cx,
    input: CreateExternalIdPConfigurationForDirectoryRequest,
) -> Result<CreateExternalIdPConfigurationForDirectoryResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let new = given(input.configuration, input.client_secret)?;
    let idp = external_idps::create(&app.store, &cx, (&ours(&app), &app.outbound), (&at, new)).await?;
    Ok(CreateExternalIdPConfigurationForDirectoryResponse { configuration_id: idp.id.into() })
}

fn endpoint(endpoint: Endpoint) -> SamlEndpoint {
    SamlEndpoint { binding: endpoint.binding, location: endpoint.location }
}

fn told(told: Told) -> (Option<SamlMetadata>, Option<OidcMetadata>) {
    match told {
        Told::Saml(said) => {
            let saml = SamlMetadata {
                single_sign_on_services: said.single_sign_on.into_iter().map(endpoint).collect(),
                single_logout_services: said.single_logout.into_iter().map(endpoint).collect(),
                wants_signed_requests: said.wants_signed_requests,
            };
            (Some(saml), None)
        }
        Told::Oidc(said) => {
            let oidc = OidcMetadata {
                authorization_endpoint: said.authorization_endpoint,
                token_endpoint: said.token_endpoint,
                jwks_uri: said.jwks_uri,
                userinfo_endpoint: said.userinfo_endpoint,
                end_session_endpoint: said.end_session_endpoint,
            };
            (None, Some(oidc))
        }
    }
}

pub(crate) async fn describe(
    app: App,
    cx: Cx,
    input: DescribeExternalIdPConfigurationForDirectoryRequest,
) -> Result<DescribeExternalIdPConfigurationForDirectoryResponse, Fault> {
    let (at, id) = named(&input.identity_store_id, input.configuration_id)?;
    let Described { idp, has_secret, told: said } = external_idps::describe(&app.store, &cx, &at, &id)?;
    let (saml_metadata, oidc_metadata) = told(said);
    Ok(DescribeExternalIdPConfigurationForDirectoryResponse {
        configuration_id: id.into(),
        status: idp.status.as_str().to_owned(),
        issuer: idp.issuer.clone(),
        has_client_secret: has_secret,
        saml_metadata,
        oidc_metadata,
        fetched_at: ids::seconds(idp.fetched_at),
        fetch_error: idp.fetch_error.clone(),
        created_at: ids::seconds(idp.created_at),
        created_by: idp.created_by.clone(),
        updated_at: ids::seconds(idp.updated_at),
        updated_by: idp.updated_by.clone(),
        configuration: shown(idp),
    })
}

pub(crate) async fn update(
    app: App,
    cx: Cx,
    input: UpdateExternalIdPConfigurationForDirectoryRequest,
) -> Result<UpdateExternalIdPConfigurationForDirectoryResponse, Fault> {
    let (at, id) = named(&input.identity_store_id, input.configuration_id)?;
    let new = given(input.configuration, input.client_secret)?;
    external_idps::update(&app.store, &cx, &app.outbound, (&at, &id, new)).await?;
    Ok(UpdateExternalIdPConfigurationForDirectoryResponse {})
}

pub(crate) async fn enable(
    app: App,
    cx: Cx,
    input: EnableExternalIdPConfigurationForDirectoryRequest,
) -> Result<EnableExternalIdPConfigurationForDirectoryResponse, Fault> {
    let (at, id) = named(&input.identity_store_id, input.configuration_id)?;
    external_idps::set_status(&app.store, &cx, (&at, &id), ExternalIdpStatus::Enabled).await?;
    Ok(EnableExternalIdPConfigurationForDirectoryResponse {})
}

pub(crate) async fn disable(
    app: App,
    cx: Cx,
    input: DisableExternalIdPConfigurationForDirectoryRequest,
) -> Result<DisableExternalIdPConfigurationForDirectoryResponse, Fault> {
    let (at, id) = named(&input.identity_store_id, input.configuration_id)?;
    external_idps::set_status(&app.store, &cx, (&at, &id), ExternalIdpStatus::Disabled).await?;
    Ok(DisableExternalIdPConfigurationForDirectoryResponse {})
}

pub(crate) async fn delete(
    app: App,
    cx: Cx,
    input: DeleteExternalIdPConfigurationForDirectoryRequest,
) -> Result<DeleteExternalIdPConfigurationForDirectoryResponse, Fault> {
    let (at, id) = named(&input.identity_store_id, input.configuration_id)?;
    external_idps::delete(&app.store, &cx, &at, &id).await?;
    Ok(DeleteExternalIdPConfigurationForDirectoryResponse {})
}

fn summary(idp: ExternalIdp) -> ExternalIdPConfigurationSummary {
    ExternalIdPConfigurationSummary {
        configuration_id: idp.id.into(),
        name: idp.settings.name,
        protocol: idp.settings.protocol.as_str().to_owned(),
        status: idp.status.as_str().to_owned(),
        issuer: idp.issuer,
        domains: idp.settings.domains,
        fetched_at: ids::seconds(idp.fetched_at),
        fetch_error: idp.fetch_error,
    }
}

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListExternalIdPConfigurationsForDirectoryRequest,
) -> Result<ListExternalIdPConfigurationsForDirectoryResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let scope = PageScope::new("ListExternalIdPConfigurationsForDirectory", &[at.id().as_str()]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = external_idps::list(&app.store, &cx, &at, &page)?;
    Ok(ListExternalIdPConfigurationsForDirectoryResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        configurations: found.items.into_iter().map(summary).collect(),
    })
}

pub(crate) async fn refresh(
    app: App,
    cx: Cx,
    input: RefreshExternalIdPMetadataRequest,
) -> Result<RefreshExternalIdPMetadataResponse, Fault> {
    let (at, id) = named(&input.identity_store_id, input.configuration_id)?;
    let idp = external_idps::refresh(&app.store, &cx, &app.outbound, (&at, &id)).await?;
    Ok(RefreshExternalIdPMetadataResponse { fetched_at: ids::seconds(idp.fetched_at) })
}

pub(crate) async fn present(
    app: App,
    cx: Cx,
    input: GetAWSSPConfigurationForDirectoryRequest,
) -> Result<GetAWSSPConfigurationForDirectoryResponse, Fault> {
    let (at, id) = named(&input.identity_store_id, input.configuration_id)?;
    let (saml, oidc) = match our_side::present(&app.store, &cx, &ours(&app), (&at, &id))? {
        Presented::Saml { entity_id, acs_url, slo_url, metadata_url, name_id_format } => {
            let name_id_format = name_id_format.map(str::to_owned);
            (Some(SamlSPConfiguration { entity_id, acs_url, slo_url, metadata_url, name_id_format }), None)
        }
        Presented::Oidc { redirect_uri, backchannel_logout_uri: back_channel_logout_uri } => {
            (None, Some(OidcSPConfiguration { redirect_uri, back_channel_logout_uri }))
        }
    };
    Ok(GetAWSSPConfigurationForDirectoryResponse { saml, oidc })
}
