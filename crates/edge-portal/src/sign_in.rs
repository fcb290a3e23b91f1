//! The sign-in page and signing out.

use std::time::Duration;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::StatusCode;
use model::event::{EventHead, Outcome};
use model::fault::{Fault, FaultKind};
use model::limits::{KNOWN_BROWSER, PORTAL_SESSION};
use model::secret::Secret;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use signin::sign_in::{PasswordSignIn, by_password};
use tokio::time::Instant;

use crate::message::{FORGED, Frame, fault, render, stale_form};
use crate::portal::Portal;
use crate::posted::Posted;
use crate::visitor::{Visitor, cookie, cookie_name, set_cookie};
use crate::{form, headers, message, return_to};

/// How long it takes to be told to wait, whatever was looked up for that: no hash hides the difference between a name that is somebody's and one
/// that is nobody's.
const TOLD_TO_WAIT: Duration = Duration::from_millis(50);

#[derive(Template)]
#[template(path = "signin.html")]
struct SignInPage<'a> {
    frame: Frame,
    notice: Option<&'a str>,
    csrf: String,
    return_to: &'a str,
    user_name: &'a str,
}

/// Sends a visitor who is not signed in to the sign-in page, to come back afterwards.
pub(crate) fn first(portal: &Portal, back_to: &str) -> Response {
    let back = utf8_percent_encode(return_to::safe(back_to), NON_ALPHANUMERIC);
    headers::redirect(&format!("/signin?return_to={back}"), portal.is_secure())
}

/// Sends a person who is signed in to the sign-in page all the same, to come back in a new session.
pub(crate) fn again(portal: &Portal, back_to: &str) -> Response {
    let back = utf8_percent_encode(return_to::safe(back_to), NON_ALPHANUMERIC);
    headers::redirect(&format!("/signin?again=1&return_to={back}"), portal.is_secure())
}

pub(crate) async fn show(
    State(portal): State<Portal>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Response {
    let visitor = visitor.doing("Authenticate");
    let pairs = form::pairs(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let back = return_to::safe(form::field(&pairs, "return_to").unwrap_or_default());
    if let Some(session) = &visitor.session {
        if form::field(&pairs, "again").is_none() {
            return headers::redirect(back, portal.is_secure());
        }
        let notice = "Please sign in again: what you were doing asks for it.";
        return page(&portal, &visitor, StatusCode::OK, Some(notice), (back, &session.user_name));
    }
    // A form that cannot work is not shown: whoever has no session has asked the store nothing so far.
    if let Err(away) = portal.store.read(|rx| Ok(store::instances::instances::find(rx, &portal.instance.id)?))
    {
        return fault(&portal, &visitor, &away);
    }
    page(&portal, &visitor, StatusCode::OK, None, (back, ""))
}

fn page(
    portal: &Portal,
    visitor: &Visitor,
    status: StatusCode,
    notice: Option<&str>,
    (back, user_name): (&str, &str),
) -> Response {
    let page = SignInPage {
        frame: Frame::new(portal, visitor),
        notice,
        csrf: visitor.csrf(portal),
        return_to: back,
        user_name,
    };
    visitor.remember(portal, render(portal, status, &page, None))
}

pub(crate) async fn submit(State(portal): State<Portal>, sent: Posted) -> Response {
    let begun = Instant::now();
    let Posted { visitor, headers, body, .. } = sent;
    let visitor = visitor.doing("Authenticate");
    let Some(pairs) = form::pairs(&body) else { return stale_form(&portal, &visitor) };
    let back = return_to::safe(form::field(&pairs, "return_to").unwrap_or_default()).to_owned();
    let user_name = form::field(&pairs, "username").unwrap_or_default().trim().to_owned();
    if !visitor.sent(&portal, &pairs, &headers) {
        let notice = "This page was open for too long. Please sign in again.";
        visitor.was_refused(&portal, FORGED, notice);
        return page(&portal, &visitor, StatusCode::FORBIDDEN, Some(notice), (&back, &user_name));
    }
    let attempt = PasswordSignIn {
        user_name: user_name.clone(),
        password: Secret::new(form::field(&pairs, "password").unwrap_or_default()),
        device: cookie(&headers, &cookie_name(&portal, "portico_device")).map(str::to_owned),
        brought: visitor.session.as_ref().map(|session| session.user.session_id.clone()),
    };
    match by_password(&portal.store, &visitor.cx, &portal.signin, &portal.hasher, attempt).await {
        Ok(signed_in) => {
            let mut response = headers::redirect(&back, portal.is_secure());
            let seconds = PORTAL_SESSION.as_secs();
            set_cookie(&portal, &mut response, "portico", signed_in.token.expose(), Some(seconds));
            set_cookie(
                &portal,
                &mut response,
                "portico_device",
                signed_in.device.expose(),
                Some(KNOWN_BROWSER.as_secs()),
            );
            set_cookie(&portal, &mut response, "portico_form", "", Some(0));
            response
        }
        Err(refused) => {
            if matches!(refused.kind(), FaultKind::Throttled(_)) {
                tokio::time::sleep_until(begun + TOLD_TO_WAIT).await;
            }
            refuse(&portal, &visitor, &refused, (&back, &user_name))
        }
    }
}

fn refuse(portal: &Portal, visitor: &Visitor, refused: &Fault, kept: (&str, &str)) -> Response {
    let status = match refused.kind() {
        FaultKind::Unauthorized => StatusCode::UNAUTHORIZED,
        FaultKind::Throttled(_) => {
            told_to_wait(portal, visitor, refused);
            StatusCode::TOO_MANY_REQUESTS
        }
        _ => return fault(portal, visitor, refused),
    };
    headers::retry_after(page(portal, visitor, status, Some(refused.message()), kept), refused.kind())
}

/// Leaves a trace of an attempt of which nothing was looked at, as the challenge that it did not pass. Whose name it was is not said: it may be
/// nobody's.
fn told_to_wait(portal: &Portal, visitor: &Visitor, refused: &Fault) {
    let challenge =
        visitor.cx.with_event(EventHead::of_service("signin.amazonaws.com", "CredentialChallenge"));
    challenge.event().add("CredentialType", "PASSWORD");
    challenge.event().detail("CredentialChallenge", "Failure");
    let outcome = Outcome::Failure { code: "TooManyRequestsException", message: refused.message() };
    portal.recorder.tally(&challenge, outcome);
}

pub(crate) async fn sign_out(State(portal): State<Portal>, sent: Posted) -> Response {
    let Posted { visitor, headers, body, .. } = sent;
    let mut visitor = visitor.doing("Logout");
    // Nothing to end. Nor a cookie to take away: a form on another site comes without the cookie of a session that is very much alive.
    if visitor.session.is_none() {
        return headers::redirect("/start", portal.is_secure());
    }
    let pairs = form::pairs(&body).unwrap_or_default();
    if !visitor.sent(&portal, &pairs, &headers) {
        return stale_form(&portal, &visitor);
    }
    if let Err(refused) = signin::sessions::sign_out(&portal.store, &visitor.cx).await {
        return fault(&portal, &visitor, &refused);
    }
    visitor.session = None;
    let mut response = message::signed_out(&portal, &visitor);
    set_cookie(&portal, &mut response, "portico", "", Some(0));
    response
}
