//! CreateTokenWithIAM. Whoever calls has AWS credentials, as callers of no other operation here do.

use applications::application_tokens::{self, application_of};
use applications::token_keys::TokenIssuer;
use applications::token_requests::TokenRequest;
use model::cx::Cx;
use model::fault::Fault;
use model::secret::Secret;
use wire::generated::sso_oidc::shapes::{
    AwsAdditionalDetails, CreateTokenWithIAMRequest, CreateTokenWithIAMResponse,
};

use crate::app::App;

pub(crate) async fn create(
    app: App,
    cx: Cx,
    input: CreateTokenWithIAMRequest,
) -> Result<CreateTokenWithIAMResponse, Fault> {
    let request = TokenRequest {
        application: application_of(&input.client_id)?,
        grant_type: input.grant_type,
        code: input.code.map(Secret::new),
        redirect_uri: input.redirect_uri,
        code_verifier: input.code_verifier.map(Secret::new),
        refresh_token: input.refresh_token.map(Secret::new),
        assertion: input.assertion.map(Secret::new),
        subject_token: input.subject_token.map(Secret::new),
        subject_token_type: input.subject_token_type,
        requested_token_type: input.requested_token_type,
        scopes: input.scope.unwrap_or_default(),
    };
    let ours = TokenIssuer { base_url: app.signin.portal_base_url.clone() };
    let issued = application_tokens::create(&app.store, &cx, (&ours, &app.outbound), request).await?;
    let text = |secret: Option<Secret>| secret.map(|secret| secret.expose().to_owned());
    Ok(CreateTokenWithIAMResponse {
        access_token: Some(issued.access_token.expose().to_owned()),
        token_type: Some("Bearer".to_owned()),
        expires_in: Some(issued.expires_in),
        refresh_token: text(issued.refresh_token),
        id_token: text(issued.id_token),
        issued_token_type: Some(issued.issued_token_type.to_owned()),
        scope: Some(issued.scopes),
        aws_additional_details: issued
            .identity_context
            .map(|context| AwsAdditionalDetails { identity_context: Some(context.expose().to_owned()) }),
    })
}
