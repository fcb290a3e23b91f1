//! What the page's script asks while somebody types: what is wrong with the policy, or what it says. It changes nothing and calls no operation, so
//! that nobody must prove themselves for it; saving asks everything again.

use axum::body::Bytes;
use axum::extract::{FromRequest as _, Request, State};
use axum::response::{IntoResponse as _, Response};
use edge_portal::form;
use http::{StatusCode, header};

use crate::administrator::Administrator;
use crate::desk::Desk;
use crate::fields::Fields;
use crate::sets::source::{examine, typed};

/// Answers a script of ours.
pub(crate) async fn check(State(desk): State<Desk>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    if !form::is_surely_ours(&parts.headers, desk.portal.signin.portal_base_url.as_str()) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let body = match Bytes::from_request(Request::from_parts(parts.clone(), body), &desk).await {
        Ok(body) => body,
        Err(refused) => return refused.into_response(),
    };
    let Ok(admin) = Administrator::of(&mut parts, &desk, "/console/permission-sets").await else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    let Some(fields) = Fields::read(&body) else { return StatusCode::PAYLOAD_TOO_LARGE.into_response() };
    let language = admin.visitor.language;
    let examined = examine(language, &typed(fields.whole("policy")));
    match serde_json::to_vec(&examined.answer(language)) {
        Ok(answer) => ([(header::CONTENT_TYPE, "application/json")], answer).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
