//! GetSessionToken, GetAccessKeyInfo and DecodeAuthorizationMessage: what holders of keys ask about themselves and about those who call.

use accounts::{access_keys, authorization_messages, key_sessions};
use model::cx::Cx;
use model::fault::Fault;
use wire::generated::sts::shapes::{
    DecodeAuthorizationMessageRequest, DecodeAuthorizationMessageResponse, GetAccessKeyInfoRequest,
    GetAccessKeyInfoResponse, GetSessionTokenRequest, GetSessionTokenResponse,
};

use crate::app::App;
use crate::sts::sessions::{credentials, unsupported};

pub(crate) async fn get_session_token(
    app: App,
    cx: Cx,
    input: GetSessionTokenRequest,
) -> Result<GetSessionTokenResponse, Fault> {
    unsupported(&[
        ("SerialNumber", input.serial_number.is_some()),
        ("TokenCode", input.token_code.is_some()),
        ("MinimumSessionTokenSize", input.minimum_session_token_size.is_some()),
    ])?;
    let made = key_sessions::make(&app.store, &cx, input.duration_seconds).await?;
    Ok(GetSessionTokenResponse {
        credentials: Some(credentials(&made)),
        ..GetSessionTokenResponse::default()
    })
}

pub(crate) async fn get_access_key_info(
    app: App,
    cx: Cx,
    input: GetAccessKeyInfoRequest,
) -> Result<GetAccessKeyInfoResponse, Fault> {
    let account = access_keys::account_of(&app.store, &cx, &input.access_key_id)?;
    Ok(GetAccessKeyInfoResponse { account: Some(account.to_string()) })
}

pub(crate) async fn decode_authorization_message(
    app: App,
    cx: Cx,
    input: DecodeAuthorizationMessageRequest,
) -> Result<DecodeAuthorizationMessageResponse, Fault> {
    let message = authorization_messages::decode(&app.store, &cx, &input.encoded_message)?;
    Ok(DecodeAuthorizationMessageResponse { decoded_message: Some(message) })
}
