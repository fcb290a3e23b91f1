//! People who are signed in prove themselves again before they change what guards them.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::StatusCode;
use model::event::EventHead;
use model::fault::FaultKind;
use model::secret::Secret;
use signin::flows::{self, Progress};

use crate::message::{Frame, fault, render, stale_form};
use crate::portal::Portal;
use crate::posted::Posted;
use crate::visitor::Visitor;
use crate::{form, headers, providers, return_to, sign_in};

#[derive(Template)]
#[template(path = "verify.html")]
struct VerifyPage<'a> {
    frame: Frame,
    notice: Option<&'a str>,
    csrf: String,
    return_to: &'a str,
    user_name: &'a str,
}

/// Sends somebody who is signed in to prove themselves again, and back.
pub fn first(portal: &Portal, back: &str) -> Response {
    headers::redirect(&return_to::after("/signin/verify", back), portal.is_secure())
}

/// `/signin/verify`: leads to the second factor of who has one, and asks everybody else for the password.
pub(crate) async fn show(
    State(portal): State<Portal>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Response {
    let visitor = visitor.doing("Authenticate");
    let pairs = form::pairs(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let back = return_to::safe(form::field(&pairs, "return_to").unwrap_or_default()).to_owned();
    let Some(session) = &visitor.session else { return sign_in::first(&portal, &back) };
    match flows::begin_again(&portal.store, &visitor.cx, &portal.signin, session).await {
        Ok(Some(flow)) => sign_in::go_on(&portal, Progress::More(flow), &back),
        Ok(None) => match providers::again(&portal, &visitor, &back) {
            Ok(Some(there)) => headers::redirect(&there, portal.is_secure()),
            Ok(None) => ask_password(&portal, &visitor, (StatusCode::OK, &back, None)),
            Err(refused) => fault(&portal, &visitor, &refused),
        },
        Err(refused) => fault(&portal, &visitor, &refused),
    }
}

fn ask_password(
    portal: &Portal,
    visitor: &Visitor,
    (status, back, notice): (StatusCode, &str, Option<&str>),
) -> Response {
    let user_name = visitor.session.as_ref().map_or("", |session| session.user_name.as_str());
    let page = VerifyPage {
        frame: Frame::new(portal, visitor),
        notice,
        csrf: visitor.csrf(portal),
        return_to: back,
        user_name,
    };
    render(portal, visitor, status, &page, None)
}

/// The password is given again.
pub(crate) async fn submit(State(portal): State<Portal>, sent: Posted) -> Response {
    let Posted { visitor, headers, body, .. } = sent;
    let visitor = visitor.doing("Authenticate");
    let Some(session) = visitor.session.clone() else { return sign_in::first(&portal, "/security") };
    let Some(pairs) = form::pairs(&body).filter(|pairs| visitor.sent(&portal, pairs, &headers)) else {
        return stale_form(&portal, &visitor);
    };
    let back = return_to::safe(form::field(&pairs, "return_to").unwrap_or_default()).to_owned();
    let password = Secret::new(form::field(&pairs, "password").unwrap_or_default());
    let event = EventHead::of_service("signin.amazonaws.com", "CredentialVerification");
    let cx = visitor.cx.with_event(event);
    match signin::passwords::verify_own(&portal.store, &cx, &portal.hasher, &session, &password).await {
        Ok(()) => headers::redirect(&back, portal.is_secure()),
        Err(refused) => match refused.kind() {
            FaultKind::Internal | FaultKind::Unavailable => fault(&portal, &visitor, &refused),
            kind => {
                let why = visitor.language.told(&refused);
                let page = ask_password(&portal, &visitor, (StatusCode::BAD_REQUEST, &back, Some(&why)));
                headers::retry_after(page, kind)
            }
        },
    }
}
