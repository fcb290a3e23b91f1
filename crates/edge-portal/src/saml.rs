//! What SAML providers send here, by the browsers of their people: answers and sign-outs; and what they fetch. Their forms come from another site, so that
//! nothing here reads or sets a cookie.

use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderValue;
use axum::response::{IntoResponse as _, Response};
use http::{StatusCode, header};
use model::fault::Fault;
use model::sources::external_idp::ExternalIdpId;
use sources::external_logouts::{self, Came};
use sources::{our_side, saml_sign_ins};

use crate::external::{leave, refuse};
use crate::form::encoded;
use crate::message;
use crate::portal::Portal;
use crate::posted::Posted;
use crate::visitor::Visitor;
use crate::{form, headers, return_to};

/// Bytes of a provider's form at most: an answer of the most that is read, as base64, with every third letter escaped.
pub(crate) const FORM_MAX: usize = 1_048_576;
/// Bytes of a logout token's form at most.
pub(crate) const TOKEN_MAX: usize = 65_536;

/// `POST /platform/saml/acs/{id}`: an answer. The browser fetches what it comes to from a page of ours, with its cookies.
pub(crate) async fn answer(State(portal): State<Portal>, Path(id): Path<String>, sent: Posted) -> Response {
    let visitor = sent.visitor.doing_of("signin.amazonaws.com", "ExternalIdPDirectoryLogin");
    let pairs = form::pairs_within(&sent.body, FORM_MAX).unwrap_or_default();
    let response = form::field(&pairs, "SAMLResponse").unwrap_or_default();
    let Ok(id) = ExternalIdpId::parse(id) else { return message::no_page(&portal, &visitor) };
    let received =
        saml_sign_ins::receive(&portal.store, &visitor.cx, (&portal.our_side(), &id), response).await;
    let query = match received {
        Ok(ticket) => {
            let relayed = form::field(&pairs, "RelayState").map_or("/start", return_to::safe);
            format!("ticket={}&return_to={}", encoded(ticket.expose()), encoded(relayed))
        }
        Err(refused) => {
            let sealed = refused.told.and_then(|told| told.seal(&portal.store, &visitor.cx).ok());
            let shown = refuse(&portal, &visitor, &refused.fault);
            let Some(sealed) = sealed else { return shown };
            format!("refused={sealed}")
        }
    };
    headers::redirect(&format!("/signin/external/finish?{query}"), portal.is_secure())
}

/// `GET /platform/saml/metadata/{id}`: who we are to a provider.
pub(crate) async fn metadata(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    let found =
        ExternalIdpId::parse(id).and_then(|id| our_side::metadata(&portal.store, &portal.our_side(), &id));
    match found {
        Ok(Some(document)) => {
            let kind = HeaderValue::from_static("application/samlmetadata+xml");
            ([(header::CONTENT_TYPE, kind)], document).into_response()
        }
        Ok(None) => message::no_page(&portal, &visitor),
        Err(refused) => message::fault(&portal, &visitor, &refused),
    }
}

/// `GET /platform/saml/slo/{id}`: somebody signs out at a provider.
pub(crate) async fn sign_out(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    signed_out(&portal, visitor, (&id, Came::Query(&query))).await
}

/// The same in a form.
pub(crate) async fn sign_out_by_form(
    State(portal): State<Portal>,
    Path(id): Path<String>,
    sent: Posted,
) -> Response {
    let pairs = form::pairs_within(&sent.body, FORM_MAX).unwrap_or_default();
    let message = form::field(&pairs, "SAMLRequest").unwrap_or_default();
    let came = Came::Form(message, form::field(&pairs, "RelayState"));
    signed_out(&portal, sent.visitor, (&id, came)).await
}

async fn signed_out(portal: &Portal, visitor: Visitor, (id, came): (&str, Came<'_>)) -> Response {
    let visitor = visitor.doing("Logout");
    let Ok(id) = ExternalIdpId::parse(id) else { return message::no_page(portal, &visitor) };
    let ours = portal.our_side();
    match external_logouts::by_saml(&portal.store, &visitor.cx, (&ours, &id), came).await {
        Ok(go_to) => leave(portal, &visitor, &go_to),
        Err(refused) => message::fault(portal, &visitor, &refused),
    }
}

/// `POST /signin/external/logout/{id}`: an OpenID provider tells that somebody signed out there (Back-Channel Logout 2.5, 2.8).
pub(crate) async fn told_of_sign_out(
    State(portal): State<Portal>,
    Path(id): Path<String>,
    sent: Posted,
) -> Response {
    let visitor = sent.visitor.doing("Logout");
    let pairs = form::pairs_within(&sent.body, TOKEN_MAX).unwrap_or_default();
    let token = form::field(&pairs, "logout_token").unwrap_or_default();
    let ended = match ExternalIdpId::parse(id) {
        Ok(id) => {
            external_logouts::by_token(&portal.store, &visitor.cx, (&portal.outbound, &id), token).await
        }
        Err(refused) => Err(refused),
    };
    match ended {
        Ok(()) => StatusCode::OK.into_response(),
        Err(refused) => told_why(&portal, &visitor, &refused),
    }
}

/// A refusal in the words of the protocol.
fn told_why(portal: &Portal, visitor: &Visitor, refused: &Fault) -> Response {
    use model::fault::FaultKind;
    message::record(portal, visitor, refused);
    let status = match refused.kind() {
        FaultKind::Internal | FaultKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_REQUEST,
    };
    let body = serde_json::json!({ "error": "invalid_request", "error_description": refused.message() });
    let kind = HeaderValue::from_static("application/json");
    (status, [(header::CONTENT_TYPE, kind)], body.to_string()).into_response()
}
