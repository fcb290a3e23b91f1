//! CreateOAuth2Token. Anybody may call it; what they prove is in the body and in the `DPoP` header. Here those who know of tokens and those who know
//! of roles meet: first what was brought is judged, then the role, then what was brought is used up with the call's record.

use accounts::login_credentials::LoginCredentials;
use jsontext::Json;
use model::caller::Caller;
use model::cx::Cx;
use model::fault::Fault;
use model::secret::Secret;
use serde_json::json;
use signin::console_logins::{self, TokenRequest};
use wire::generated::signin::shapes::{
    AccessToken, CreateOAuth2TokenRequest, CreateOAuth2TokenResponse, CreateOAuth2TokenResponseBody,
};

use crate::app::App;

/// What of the input CloudTrail records of it, in its spelling.
pub(crate) fn parameters(shown: &Json) -> Json {
    let client = shown.value()["tokenInput"]["clientId"].take();
    if client.is_null() { Json::default() } else { json!({ "client_id": client }).into() }
}

pub(crate) async fn create(
    app: App,
    cx: Cx,
    input: CreateOAuth2TokenRequest,
) -> Result<CreateOAuth2TokenResponse, Fault> {
    let given = input.token_input;
    let request = TokenRequest {
        client_id: given.client_id,
        grant_type: given.grant_type,
        code: given.code.map(Secret::new),
        redirect_uri: given.redirect_uri,
        code_verifier: given.code_verifier.map(Secret::new),
        refresh_token: given.refresh_token.map(Secret::new),
        proof: input.dpop.map(Secret::new),
    };
    let asked = console_logins::check(&app.store, &cx, &app.signin, request).await?;
    let person = cx.clone().with_caller(Caller::portal_user(asked.user.clone()));
    let LoginCredentials { minted, subject, used } =
        app.known().grants.issue_for_login(&app.store, &person, &asked.chosen, asked.client)?;
    let issued = console_logins::settle(&app.store, &cx, &app.signin, asked, &subject).await?;
    let made = minted.release(&cx)?;
    used.note(&app.store, &cx).await;
    let lives = made.expires_at.since(cx.now).as_secs();
    Ok(CreateOAuth2TokenResponse {
        token_output: CreateOAuth2TokenResponseBody {
            access_token: AccessToken {
                access_key_id: made.access_key_id,
                secret_access_key: made.secret_access_key.expose().to_owned(),
                session_token: made.session_token.expose().to_owned(),
            },
            token_type: "aws_sigv4".to_owned(),
            expires_in: i64::try_from(lives).unwrap_or(i64::MAX),
            refresh_token: issued.refresh_token.expose().to_owned(),
            id_token: issued.id_token.map(|token| token.expose().to_owned()),
        },
    })
}
