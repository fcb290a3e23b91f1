//! The sign-in page and signing out.

use std::time::Duration;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use model::event::{EventHead, Outcome};
use model::fault::{Fault, FaultKind};
use model::limits::KNOWN_BROWSER;
use model::secret::Secret;
use model::signin::directory_answer::DirectoryAnswer;
use signin::flows::{FLOW, Progress};
use signin::passkey_sign_in::{self, PasskeySignIn};
use signin::sign_in::{self, Begun, Brought, PasswordSignIn};
use signin::webauthn::{self, Challenge};
use sources::directory_sign_ins;
use tokio::time::Instant;

use crate::message::{Ended, FORGED, Frame, fault, render, stale_form};
use crate::portal::Portal;
use crate::posted::Posted;
use crate::providers::Offered;
use crate::visitor::{Visitor, cookie, cookie_name, set_cookie};
use crate::words::language::Language;
use crate::words::sentence::Sentence;
use crate::{form, headers, message, providers, reason, return_to, saml_logouts};

/// How long it takes to be told to wait, whatever was looked up for that: no hash hides the difference between a name that is somebody's and one
/// that is nobody's.
const TOLD_TO_WAIT: Duration = Duration::from_millis(50);

/// How long a browser holds the mark of a session that has ended.
const ENDED_SESSION: Duration = Duration::from_hours(24);

#[derive(Template)]
#[template(path = "signin.html")]
struct SignInPage<'a> {
    frame: Frame,
    notice: Option<&'a str>,
    /// Why somebody is here.
    why: Option<Sentence>,
    csrf: String,
    return_to: &'a str,
    user_name: &'a str,
    passkey: Option<Challenge>,
    /// Whether a link to choose another password is mailed to who asks.
    forgot: bool,
    /// Whether the name is asked for first: where it leads may depend on it.
    name_first: bool,
    /// The identity providers that are offered.
    providers: Vec<Offered>,
}

/// Sends a visitor who is not signed in to the sign-in page, to come back afterwards.
pub fn first(portal: &Portal, back_to: &str) -> Response {
    headers::redirect(&return_to::after("/signin", back_to), portal.is_secure())
}

/// Sends a person who is signed in to the sign-in page all the same, to come back in a new session.
pub(crate) fn again(portal: &Portal, back_to: &str) -> Response {
    headers::redirect(&return_to::after("/signin?again=1", back_to), portal.is_secure())
}

pub(crate) async fn show(
    State(portal): State<Portal>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Response {
    let visitor = visitor.doing("Authenticate");
    let pairs = form::pairs(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let back = return_to::safe(form::field(&pairs, "return_to").unwrap_or_default());
    // Whoever has chosen a password comes with their name.
    let named = form::field(&pairs, "user_name").unwrap_or_default();
    if let Some(session) = &visitor.session {
        if form::field(&pairs, "again").is_none() {
            return headers::redirect(back, portal.is_secure());
        }
        if !named.is_empty() {
            return page(&portal, &visitor, StatusCode::OK, None, (back, named));
        }
        let notice = visitor.language.say("sign-in-asked-again").to_string();
        return page(&portal, &visitor, StatusCode::OK, Some(&notice), (back, &session.user_name));
    }
    // A form that cannot work is not shown: whoever has no session has asked the store nothing so far.
    if let Err(away) = portal.store.read(|rx| Ok(store::instances::instances::find(rx, &portal.instance.id)?))
    {
        return fault(&portal, &visitor, &away);
    }
    page(&portal, &visitor, StatusCode::OK, None, (back, named))
}

fn page(
    portal: &Portal,
    visitor: &Visitor,
    status: StatusCode,
    notice: Option<&str>,
    (back, user_name): (&str, &str),
) -> Response {
    let asked =
        webauthn::ask_anybody(portal.store.keyring(), &visitor.cx, &portal.signin, visitor.bound_to());
    let (providers, by_name) = match providers::offered(portal, back) {
        Ok(offered) => offered,
        Err(away) => return fault(portal, visitor, &away),
    };
    let page = SignInPage {
        frame: Frame::new(portal, visitor),
        notice,
        why: reason::why(portal, visitor, back).filter(|_| visitor.session.is_none()),
        csrf: visitor.csrf(portal),
        return_to: back,
        user_name,
        passkey: asked.ok(),
        forgot: portal.signin.mails,
        name_first: by_name && user_name.is_empty(),
        providers,
    };
    visitor.remember(portal, render(portal, visitor, status, &page, None))
}

pub(crate) async fn submit(State(portal): State<Portal>, sent: Posted) -> Response {
    let begun = Instant::now();
    let Posted { visitor, headers, body, .. } = sent;
    let visitor = visitor.doing("Authenticate");
    let Some(pairs) = form::pairs(&body) else { return stale_form(&portal, &visitor) };
    let back = return_to::safe(form::field(&pairs, "return_to").unwrap_or_default()).to_owned();
    let user_name = form::field(&pairs, "username").unwrap_or_default().trim().to_owned();
    if !visitor.sent(&portal, &pairs, &headers) {
        return stale(&portal, &visitor, (&back, &user_name));
    }
    if form::field(&pairs, "password").unwrap_or_default().is_empty() && !user_name.is_empty() {
        return by_name(&portal, &visitor, (&back, &user_name));
    }
    let attempt = PasswordSignIn {
        user_name: user_name.clone(),
        password: Secret::new(form::field(&pairs, "password").unwrap_or_default()),
        brought: brought(&portal, &visitor, &headers),
    };
    match signed_in(&portal, &visitor, attempt).await {
        Ok(progress) => go_on(&portal, progress, &back),
        Err(refused) => {
            if matches!(refused.kind(), FaultKind::Throttled(_)) {
                tokio::time::sleep_until(begun + TOLD_TO_WAIT).await;
            }
            refuse(&portal, &visitor, &refused, (&back, &user_name))
        }
    }
}

/// Signs somebody in, or as far as it goes; where a directory has their password, by what it says.
async fn signed_in(portal: &Portal, visitor: &Visitor, attempt: PasswordSignIn) -> Result<Progress, Fault> {
    let (store, cx, password) = (&portal.store, &visitor.cx, attempt.password.clone());
    let mut asking = match sign_in::begin(store, cx, &portal.signin, &portal.hasher, attempt).await? {
        Begun::Here(progress) => return Ok(progress),
        Begun::There(asking) => asking,
    };
    let asked = asking.asked().clone();
    let (worked, answer) = tokio::join!(
        asking.work(&password),
        directory_sign_ins::ask(store, cx, &portal.outbound, (&asked, &password))
    );
    worked?;
    asking.answered(store, cx, answer?).await
}

/// Signs somebody in with a passkey alone, if the directory that they are of lets them.
async fn signed_in_with_passkey(
    portal: &Portal,
    visitor: &Visitor,
    attempt: PasskeySignIn,
) -> Result<Progress, Fault> {
    let (store, cx) = (&portal.store, &visitor.cx);
    let standing = match passkey_sign_in::asks(store, cx, &attempt)? {
        Some(asked) => directory_sign_ins::ask_standing(store, cx, &portal.outbound, &asked).await?,
        None => DirectoryAnswer::Welcome,
    };
    passkey_sign_in::by_passkey_of(store, cx, &portal.signin, (attempt, standing)).await
}

/// Somebody gave their name alone: on to the provider of its domain, or to the password.
fn by_name(portal: &Portal, visitor: &Visitor, (back, user_name): (&str, &str)) -> Response {
    match providers::routed(portal, user_name, back) {
        // Without a redirect: browsers hold a form's whole way against what its page may send to.
        Ok(Some(there)) => message::go_on(portal, visitor, &there),
        Ok(None) => page(portal, visitor, StatusCode::OK, None, (back, user_name)),
        Err(away) => fault(portal, visitor, &away),
    }
}

/// The page again, for a form that did not come from it or came too late.
fn stale(portal: &Portal, visitor: &Visitor, kept: (&str, &str)) -> Response {
    let notice = |language: Language| language.say("sign-in-stale").to_string();
    visitor.was_refused(portal, FORGED, &notice(Language::English));
    page(portal, visitor, StatusCode::FORBIDDEN, Some(&notice(visitor.language)), kept)
}

/// What the browser brings along to a sign-in.
pub(crate) fn brought(portal: &Portal, visitor: &Visitor, headers: &HeaderMap) -> Brought {
    let held = |base: &str| cookie(headers, &cookie_name(portal, base)).map(str::to_owned);
    Brought {
        device: held("portico_device"),
        remembered: held("portico_browser").map(Secret::new),
        session: visitor.session.as_ref().map(|session| session.user.session_id.clone()),
    }
}

/// After a step of a sign-in: to where the person was going, or to the next step.
pub(crate) fn go_on(portal: &Portal, progress: Progress, back: &str) -> Response {
    let signed_in = match progress {
        Progress::More(flow) => {
            let next = return_to::after("/signin/next", back);
            let mut response = headers::redirect(&next, portal.is_secure());
            set_cookie(portal, &mut response, "portico_flow", flow.expose(), Some(FLOW.as_secs()));
            return response;
        }
        Progress::SignedIn(signed_in) => signed_in,
    };
    let mut response = headers::redirect(return_to::safe(back), portal.is_secure());
    let known = Some(KNOWN_BROWSER.as_secs());
    if let Some(token) = &signed_in.token {
        let session = &signed_in.session;
        let seconds = session.expires_at.since(session.created_at).as_secs();
        // Longer than the session, so that its end can be told from a first visit.
        set_cookie(portal, &mut response, "portico", token.expose(), Some(seconds + ENDED_SESSION.as_secs()));
        set_cookie(portal, &mut response, "portico_form", "", Some(0));
    }
    for (base, value) in [("portico_device", &signed_in.device), ("portico_browser", &signed_in.remembered)] {
        if let Some(value) = value {
            set_cookie(portal, &mut response, base, value.expose(), known);
        }
    }
    set_cookie(portal, &mut response, "portico_flow", "", Some(0));
    response
}

/// Signs in with a passkey alone.
pub(crate) async fn by_passkey(State(portal): State<Portal>, sent: Posted) -> Response {
    let Posted { visitor, headers, body, .. } = sent;
    let visitor = visitor.doing("Authenticate");
    let Some(pairs) = form::pairs(&body) else { return stale_form(&portal, &visitor) };
    let back = return_to::safe(form::field(&pairs, "return_to").unwrap_or_default()).to_owned();
    if !visitor.sent(&portal, &pairs, &headers) {
        return stale(&portal, &visitor, (&back, ""));
    }
    let attempt = PasskeySignIn {
        state: Secret::new(form::field(&pairs, "state").unwrap_or_default()),
        answer: form::field(&pairs, "answer").unwrap_or_default().to_owned(),
        bound_to: visitor.bound_to().to_owned(),
        brought: brought(&portal, &visitor, &headers),
    };
    match signed_in_with_passkey(&portal, &visitor, attempt).await {
        Ok(progress) => go_on(&portal, progress, &back),
        Err(refused) => refuse(&portal, &visitor, &refused, (&back, "")),
    }
}

fn refuse(portal: &Portal, visitor: &Visitor, refused: &Fault, kept: (&str, &str)) -> Response {
    let status = match refused.kind() {
        FaultKind::Unauthorized => StatusCode::UNAUTHORIZED,
        FaultKind::Forbidden => StatusCode::FORBIDDEN,
        FaultKind::Throttled(_) => {
            told_to_wait(portal, visitor, refused);
            StatusCode::TOO_MANY_REQUESTS
        }
        _ => return fault(portal, visitor, refused),
    };
    let why = visitor.language.told(refused);
    headers::retry_after(page(portal, visitor, status, Some(&why), kept), refused.kind())
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
    let participants = match signin::sessions::sign_out(&portal.store, &visitor.cx).await {
        Ok(participants) => participants,
        Err(refused) => return fault(&portal, &visitor, &refused),
    };
    let external = visitor.session.take().and_then(|session| session.external);
    let onward = external.and_then(|external| providers::onward(&portal, &visitor, &external));
    let mut response =
        saml_logouts::sign_out_onward(&portal, &visitor, (participants, Ended::Here), onward).await;
    set_cookie(&portal, &mut response, "portico", "", Some(0));
    response
}
