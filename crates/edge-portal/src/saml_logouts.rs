//! Signing out of applications and of here, whichever comes first: an application asks, or hears of it from us, by the browsers of its people.

use applications::saml_logouts::{self, GoTo};
use applications::saml_questions::Came;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use model::applications::application::ApplicationId;
use model::applications::saml_participant::SamlParticipant;
use model::secret::Secret;

use crate::application::{FORM_MAX, ours, send};
use crate::message::{self, Ended, fault};
use crate::portal::Portal;
use crate::posted::Posted;
use crate::visitor::{Visitor, cookie, cookie_name, set_cookie};
use crate::{form, headers};

/// The page at which a sign-out goes on.
pub(crate) const ONWARD: &str = "/saml/onward";
/// The cookie of a session that has ended, and how long it tells whose sign-out goes on.
const ENDED: &str = "portico_ended";
const ENDED_SECONDS: u64 = 600;

/// `GET /saml/logout/{id}`: somebody signs out at an application, or has been signed out there.
pub(crate) async fn sign_out(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    signed_out(&portal, visitor, &id, Came::Query(&query.unwrap_or_default())).await
}

/// The same in a form.
pub(crate) async fn sign_out_by_form(
    State(portal): State<Portal>,
    Path(id): Path<String>,
    sent: Posted,
) -> Response {
    let pairs = form::pairs_within(&sent.body, FORM_MAX).unwrap_or_default();
    let message = form::field(&pairs, "SAMLRequest").or_else(|| form::field(&pairs, "SAMLResponse"));
    let came = Came::Form(message.unwrap_or_default(), form::field(&pairs, "RelayState"));
    signed_out(&portal, sent.visitor, &id, came).await
}

async fn signed_out(portal: &Portal, visitor: Visitor, id: &str, came: Came<'_>) -> Response {
    let mut visitor = visitor.doing("Logout");
    let Ok(id) = ApplicationId::parse(id) else { return message::no_page(portal, &visitor) };
    match saml_logouts::receive(&portal.store, &visitor.cx, (&ours(portal), &id), came).await {
        Ok(go_to) => {
            visitor.session = None;
            gone(portal, &visitor, (go_to, Ended::Here))
        }
        Err(refused) => fault(portal, &visitor, &refused),
    }
}

/// `GET /saml/onward`: a sign-out that an application asked for, or was told of, goes on in a browser of ours: what other sites send comes without its cookies.
pub(crate) async fn onward(
    State(portal): State<Portal>,
    visitor: Visitor,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let mut visitor = visitor.doing("Logout");
    let pairs = form::pairs(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let mark = form::field(&pairs, "m").unwrap_or_default();
    let tokens = ["portico", ENDED].map(|base| cookie(&headers, &cookie_name(&portal, base)));
    let tokens: Vec<Secret> = tokens.into_iter().flatten().map(Secret::new).collect();
    let ours = ours(&portal);
    let resumed = saml_logouts::resume(&portal.store, &visitor.cx, &ours, (mark, &tokens));
    match resumed.await {
        Ok(go_to) => {
            visitor.session = None;
            gone(&portal, &visitor, (go_to, Ended::Here))
        }
        Err(refused) => fault(&portal, &visitor, &refused),
    }
}

/// Somebody has signed out here: on to the applications that they went to, and `then` to where they are signed in besides.
pub(crate) async fn sign_out_onward(
    portal: &Portal,
    visitor: &Visitor,
    (participants, ended): (Vec<SamlParticipant>, Ended),
    then: Option<(String, String)>,
) -> Response {
    let ours = ours(portal);
    let is_told = !participants.is_empty();
    let token = visitor.bound_to();
    let begun = saml_logouts::begin(&portal.store, &visitor.cx, &ours, (participants, token, then.clone()));
    let go_to = begun.await.unwrap_or_else(|fault| {
        tracing::warn!(%fault, context = fault.context(), "nobody can be led to sign out of their applications");
        GoTo::Nowhere(then)
    });
    let mut response = gone(portal, visitor, (go_to, ended));
    if is_told {
        // It opens nothing any more, and tells on the way back whose sign-out this is.
        set_cookie(portal, &mut response, ENDED, token, Some(ENDED_SECONDS));
    }
    response
}

fn gone(portal: &Portal, visitor: &Visitor, (go_to, ended): (GoTo, Ended)) -> Response {
    match go_to {
        // Without a redirect: browsers hold a form's whole way against what its page may send to.
        GoTo::Address(there) => message::go_on(portal, visitor, &there),
        GoTo::Onward(mark) => headers::redirect(&format!("{ONWARD}?m={mark}"), portal.is_secure()),
        GoTo::Form { action, fields } => {
            let text = visitor.language.say("application-sign-out-text");
            send(portal, visitor, (&action, &fields), text)
        }
        GoTo::Nowhere(Some((there, provider))) => {
            message::signed_out_here(portal, visitor, (&there, &provider))
        }
        GoTo::Nowhere(None) => message::signed_out(portal, visitor, ended),
    }
}
