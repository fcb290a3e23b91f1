//! RegisterClient, StartDeviceAuthorization and CreateToken. Anybody may call them; what they prove is in the body.

use model::cx::Cx;
use model::fault::Fault;
use model::secret::Secret;
use signin::clients::NewClient;
use signin::tokens::TokenRequest;
use wire::generated::sso_oidc::shapes::{
    CreateTokenRequest, CreateTokenResponse, RegisterClientRequest, RegisterClientResponse,
    StartDeviceAuthorizationRequest, StartDeviceAuthorizationResponse,
};

use crate::app::App;

pub(crate) async fn register_client(
    app: App,
    cx: Cx,
    input: RegisterClientRequest,
) -> Result<RegisterClientResponse, Fault> {
    let new = NewClient {
        name: input.client_name,
        client_type: input.client_type,
        scopes: input.scopes.unwrap_or_default(),
        grant_types: input.grant_types.unwrap_or_default(),
        redirect_uris: input.redirect_uris.unwrap_or_default(),
        issuer_url: input.issuer_url,
        entitled_application_arn: input.entitled_application_arn,
    };
    let registered = signin::clients::register(&app.store, &cx, &app.signin, new).await?;
    Ok(RegisterClientResponse {
        client_id: Some(registered.client.id.into()),
        client_secret: Some(registered.secret.expose().to_owned()),
        client_id_issued_at: Some(registered.client.created_at.seconds()),
        client_secret_expires_at: Some(registered.client.expires_at.seconds()),
        authorization_endpoint: Some(registered.authorization_endpoint),
        token_endpoint: Some(registered.token_endpoint),
    })
}

pub(crate) async fn start_device_authorization(
    app: App,
    cx: Cx,
    input: StartDeviceAuthorizationRequest,
) -> Result<StartDeviceAuthorizationResponse, Fault> {
    let client = (input.client_id, Secret::new(input.client_secret));
    let started = signin::device::start(&app.store, &cx, &app.signin, client, &input.start_url).await?;
    Ok(StartDeviceAuthorizationResponse {
        device_code: Some(started.device_code.expose().to_owned()),
        user_code: Some(started.user_code),
        verification_uri: Some(started.verification_uri),
        verification_uri_complete: Some(started.verification_uri_complete),
        expires_in: Some(started.expires_in),
        interval: Some(started.interval),
    })
}

/// The model's `scope` has no effect, as at AWS.
pub(crate) async fn create(
    app: App,
    cx: Cx,
    input: CreateTokenRequest,
) -> Result<CreateTokenResponse, Fault> {
    let request = TokenRequest {
        client_id: input.client_id,
        client_secret: Secret::new(input.client_secret),
        grant_type: input.grant_type,
        device_code: input.device_code.map(Secret::new),
        code: input.code.map(Secret::new),
        redirect_uri: input.redirect_uri,
        code_verifier: input.code_verifier.map(Secret::new),
        refresh_token: input.refresh_token.map(Secret::new),
    };
    let issued = signin::tokens::create(&app.store, &cx, request).await?;
    Ok(CreateTokenResponse {
        access_token: Some(issued.access_token.expose().to_owned()),
        token_type: Some("Bearer".to_owned()),
        expires_in: Some(issued.expires_in),
        refresh_token: issued.refresh_token.map(|token| token.expose().to_owned()),
        id_token: None,
    })
}
