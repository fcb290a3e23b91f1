//! PutApplicationOidcConfiguration, GetApplicationOidcConfiguration, RotateApplicationOidcKey. What is left out is as it is by default, and is answered as what that is.

use applications::oidc_addresses::OidcAddresses;
use applications::oidc_applications::{ACCESS_TOKEN_MINUTES, SCOPES};
use applications::{oidc_applications, oidc_keys};
use model::applications::oidc_application::{
    ClaimMapping, ClientAuthentication, FurtherGrant, OidcSettings, SigningAlgorithm,
};
use model::cx::Cx;
use model::fault::Fault;
use wire::generated::portico::shapes::{
    GetApplicationOidcConfigurationRequest, GetApplicationOidcConfigurationResponse, OidcClaimMapping,
    OidcConfiguration, OidcProvider, PutApplicationOidcConfigurationRequest,
    PutApplicationOidcConfigurationResponse, RotateApplicationOidcKeyRequest,
    RotateApplicationOidcKeyResponse,
};

use crate::app::App;
use crate::sso_admin::ids;

fn ours(app: &App) -> OidcAddresses {
    OidcAddresses { base_url: app.signin.portal_base_url.clone(), page_host: app.signin.page_host() }
}

/// What a caller gave. Words are the model's, which are checked already.
fn given(given: OidcConfiguration) -> OidcSettings {
    let authentication = given.client_authentication.as_deref().and_then(ClientAuthentication::parse);
    let algorithm = given.signing_algorithm.as_deref().and_then(SigningAlgorithm::parse);
    let minutes = given.access_token_minutes.and_then(|minutes| u32::try_from(minutes).ok());
    let claims = given.claim_mappings.unwrap_or_default().into_iter();
    let grants = given.further_grants.unwrap_or_default();
    OidcSettings {
        redirect_uris: given.redirect_uris,
        post_logout_redirect_uris: given.post_logout_redirect_uris.unwrap_or_default(),
        authentication: authentication.unwrap_or(ClientAuthentication::Secret),
        key_set: given.key_set,
        require_pkce: given.require_pkce.unwrap_or(true),
        refresh_tokens: given.refresh_tokens.unwrap_or_default(),
        scopes: given.scopes.unwrap_or_else(|| SCOPES.map(str::to_owned).to_vec()),
        claims: claims
            .map(|claim| ClaimMapping { name: claim.name, value: claim.value, scope: claim.scope })
            .collect(),
        signing_algorithm: algorithm.unwrap_or(SigningAlgorithm::Rs256),
        access_token_minutes: minutes.unwrap_or(ACCESS_TOKEN_MINUTES),
        further_grants: grants.iter().filter_map(|grant| FurtherGrant::parse(grant)).collect(),
        require_pushed_requests: given.require_pushed_requests.unwrap_or_default(),
        dpop_bound_tokens: given.dpop_bound_tokens.unwrap_or_default(),
        back_channel_logout_uri: given.back_channel_logout_uri,
    }
}

/// What is answered: what a put takes again.
fn shown(kept: OidcSettings) -> OidcConfiguration {
    let claims = kept.claims.into_iter();
    OidcConfiguration {
        redirect_uris: kept.redirect_uris,
        post_logout_redirect_uris: Some(kept.post_logout_redirect_uris),
        client_authentication: Some(kept.authentication.as_str().to_owned()),
        key_set: kept.key_set,
        require_pkce: Some(kept.require_pkce),
        refresh_tokens: Some(kept.refresh_tokens),
        scopes: Some(kept.scopes),
        claim_mappings: Some(
            claims
                .map(|claim| OidcClaimMapping { name: claim.name, value: claim.value, scope: claim.scope })
                .collect(),
        ),
        signing_algorithm: Some(kept.signing_algorithm.as_str().to_owned()),
        access_token_minutes: Some(i64::from(kept.access_token_minutes)),
        further_grants: Some(kept.further_grants.iter().map(|grant| grant.as_str().to_owned()).collect()),
        require_pushed_requests: Some(kept.require_pushed_requests),
        dpop_bound_tokens: Some(kept.dpop_bound_tokens),
        back_channel_logout_uri: kept.back_channel_logout_uri,
    }
}

pub(crate) async fn put(
    app: App,
    cx: Cx,
    input: PutApplicationOidcConfigurationRequest,
) -> Result<PutApplicationOidcConfigurationResponse, Fault> {
    let arn = ids::application(&input.application_arn)?;
    let settings = given(input.oidc_configuration);
    oidc_applications::put(&app.store, &cx, (&ours(&app), &app.outbound, &arn), settings).await?;
    Ok(PutApplicationOidcConfigurationResponse {})
}

pub(crate) async fn get(
    app: App,
    cx: Cx,
    input: GetApplicationOidcConfigurationRequest,
) -> Result<GetApplicationOidcConfigurationResponse, Fault> {
    let arn = ids::application(&input.application_arn)?;
    let found = oidc_applications::describe(&app.store, &cx, &arn)?;
    let ours = ours(&app);
    Ok(GetApplicationOidcConfigurationResponse {
        oidc_configuration: shown(found.settings),
        oidc_provider: OidcProvider {
            issuer: ours.issuer(&arn.id),
            client_id: arn.id.to_string(),
            discovery_url: ours.discovery(&arn.id),
        },
        updated_at: ids::seconds(found.updated_at),
        updated_by: found.updated_by,
    })
}

pub(crate) async fn rotate(
    app: App,
    cx: Cx,
    input: RotateApplicationOidcKeyRequest,
) -> Result<RotateApplicationOidcKeyResponse, Fault> {
    let arn = ids::application(&input.application_arn)?;
    let made = oidc_keys::rotate(&app.store, &cx, &arn).await?;
    Ok(RotateApplicationOidcKeyResponse { key_id: made.id, signs_from: ids::seconds(made.signs_from) })
}
