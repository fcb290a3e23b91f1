//! What is published of the ID tokens that applications get (CreateTokenWithIAM): who makes them, and the keys by which anybody can tell that. Without cookies,
//! and for everybody.

use applications::token_keys::{self, TokenIssuer};
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, header};
use model::fault::Fault;
use model::instances::instance::InstanceId;
use serde_json::Value;

use crate::message;
use crate::portal::Portal;
use crate::visitor::Visitor;

/// How long others may keep what is published: keys are there before they sign anything that is used, and long after.
const KEEP: HeaderValue = HeaderValue::from_static("public, max-age=300");

fn shown(portal: &Portal, visitor: &Visitor, found: Result<Option<Value>, Fault>) -> Response {
    match found {
        Ok(Some(document)) => {
            let kind = HeaderValue::from_static("application/json");
            let head = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, KEEP)];
            (head, document.to_string()).into_response()
        }
        Ok(None) => message::no_page(portal, visitor),
        Err(refused) => message::fault(portal, visitor, &refused),
    }
}

/// `GET /identity-center/{instance}/.well-known/openid-configuration`
pub(crate) async fn metadata(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path(instance): Path<String>,
) -> Response {
    let ours = TokenIssuer { base_url: portal.signin.portal_base_url.clone() };
    let found = match InstanceId::parse(instance) {
        Ok(instance) => token_keys::metadata(&portal.store, &ours, &instance),
        Err(_) => Ok(None),
    };
    shown(&portal, &visitor, found)
}

/// `GET /identity-center/{instance}/keys`
pub(crate) async fn keys(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path(instance): Path<String>,
) -> Response {
    let found = match InstanceId::parse(instance) {
        Ok(instance) => token_keys::key_set(&portal.store, &instance),
        Err(_) => Ok(None),
    };
    shown(&portal, &visitor, found)
}
