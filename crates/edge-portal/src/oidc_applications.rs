//! Where people come from and go to by applications that speak OpenID Connect: they ask for a sign-in or a sign-out by the browsers of their people. A question stays in the
//! address of its page until its person is signed in; what an application posts comes without cookies, and is led there. What programs ask is `oidc_programs`'s.

use applications::oidc_addresses::OidcAddresses;
use applications::oidc_pushed;
use applications::oidc_sign_ons::{self, Answer, Next, Question, Refusal};
use applications::oidc_sign_outs::{self, SignOut};
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use model::applications::application::ApplicationId;
use model::fault::{Fault, OAuthError};

use crate::message::{self, Ended, fault};
use crate::portal::Portal;
use crate::posted::Posted;
use crate::visitor::{Visitor, set_cookie};
use crate::{form, headers, providers, saml_logouts, sign_in, verify};

/// Bytes of a question at most: it must fit behind the address of the sign-in page.
const QUESTION_MAX: usize = 3_500;
/// What the trail calls a sign-in at an application.
const EVENT: &str = "Federate";

pub(crate) fn ours(portal: &Portal) -> OidcAddresses {
    OidcAddresses { base_url: portal.signin.portal_base_url.clone(), page_host: portal.signin.page_host() }
}

/// The address of a question without what is done, to come back to then.
fn without_prompt(path: &str, raw: &str) -> String {
    let is_done = |pair: &&str| {
        let pair = form::pairs(pair.as_bytes()).unwrap_or_default();
        pair.first().is_some_and(|(name, _)| name == "prompt" || name == "max_age")
    };
    let kept: Vec<&str> = raw.split('&').filter(|pair| !is_done(pair)).collect();
    format!("{path}?{}", kept.join("&"))
}

/// `GET /oauth2/{id}/authorize`
pub(crate) async fn authorize(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let visitor = visitor.doing(EVENT);
    let raw = query.unwrap_or_default();
    let Ok(id) = ApplicationId::parse(id) else { return message::no_page(&portal, &visitor) };
    if raw.len() > QUESTION_MAX {
        return fault(&portal, &visitor, &too_long(raw.len()));
    }
    let (ours, pairs) = (ours(&portal), form::pairs(raw.as_bytes()).unwrap_or_default());
    let question = match oidc_pushed::open(&portal.store, &visitor.cx, (&ours, &id), &pairs).await {
        Ok(question) => question,
        Err(Refusal::Page(refused)) => return fault(&portal, &visitor, &refused),
        Err(Refusal::Redirect(answer)) => return turned_away(&portal, &visitor, &answer),
    };
    let next =
        oidc_sign_ons::answer(&portal.store, &visitor.cx, (&ours, &question), visitor.session.as_ref());
    match next.await {
        Ok(Next::Go(to)) => headers::redirect(to.expose(), portal.is_secure()),
        Ok(Next::Refused(answer)) => turned_away(&portal, &visitor, &answer),
        Ok(first) => led_first(&portal, &visitor, (&question, &raw), &first).await,
        Err(refused) => fault(&portal, &visitor, &refused),
    }
}

/// Leads to what comes before the answer, and from there back to the question.
async fn led_first(
    portal: &Portal,
    visitor: &Visitor,
    (question, raw): (&Question, &str),
    first: &Next,
) -> Response {
    let path = format!("/oauth2/{}/authorize", question.application.id);
    let back = match oidc_pushed::again(&portal.store, &visitor.cx, question).await {
        Ok(Some(query)) => format!("{path}{query}"),
        Ok(None) => without_prompt(&path, raw),
        Err(refused) => return fault(portal, visitor, &refused),
    };
    match first {
        Next::SignInAgain => sign_in::again(portal, &back),
        Next::ProveAgain => verify::first(portal, &back),
        _ => sign_in::first(portal, &back),
    }
}

fn too_long(length: usize) -> Fault {
    let message = format!("The question has {length} characters, {QUESTION_MAX} at most");
    Fault::oauth(OAuthError::InvalidRequest, message)
}

/// Takes a refusal to the application.
fn turned_away(portal: &Portal, visitor: &Visitor, answer: &Answer) -> Response {
    visitor.was_refused(portal, answer.error, &answer.description);
    headers::redirect(&answer.to, portal.is_secure())
}

/// `POST /oauth2/{id}/authorize` (OpenID Connect Core §3.1.2.1) and `POST /oauth2/{id}/logout`: a form of another site comes without the cookie of a session. What it holds is asked
/// again by the address of the page.
pub(crate) async fn led_on(State(portal): State<Portal>, Path(id): Path<String>, sent: Posted) -> Response {
    asked_again(&portal, &sent, (&id, "authorize"))
}

/// The same of a sign-out.
pub(crate) async fn led_out(State(portal): State<Portal>, Path(id): Path<String>, sent: Posted) -> Response {
    asked_again(&portal, &sent, (&id, "logout"))
}

fn asked_again(portal: &Portal, sent: &Posted, (id, what): (&str, &str)) -> Response {
    let (visitor, text) = (&sent.visitor, std::str::from_utf8(&sent.body).unwrap_or_default());
    let is_form = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
    match ApplicationId::parse(id) {
        Ok(id) if is_form => headers::redirect(&format!("/oauth2/{id}/{what}?{text}"), portal.is_secure()),
        _ => message::no_page(portal, visitor),
    }
}

/// `GET /oauth2/{id}/logout`: somebody signs out at an application.
pub(crate) async fn sign_out(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let mut visitor = visitor.doing("Logout");
    let Ok(id) = ApplicationId::parse(id) else { return message::no_page(&portal, &visitor) };
    let pairs = form::pairs(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let asked = (pairs.as_slice(), visitor.session.as_ref());
    let asked = match oidc_sign_outs::open(&portal.store, &visitor.cx, (&ours(&portal), &id), asked) {
        Ok(asked) => asked,
        Err(refused) => return fault(&portal, &visitor, &refused),
    };
    if !asked.ends {
        return gone(&portal, &visitor, asked.then);
    }
    match end(&portal, &mut visitor, asked).await {
        Ok(mut response) => {
            set_cookie(&portal, &mut response, "portico", "", Some(0));
            response
        }
        Err(refused) => fault(&portal, &visitor, &refused),
    }
}

/// Ends the browser's session, and leads to whoever must hear of it, and then to where the application wants its person.
async fn end(portal: &Portal, visitor: &mut Visitor, asked: SignOut) -> Result<Response, Fault> {
    let participants = signin::sessions::sign_out(&portal.store, &visitor.cx).await?;
    let external = visitor.session.take().and_then(|session| session.external);
    if participants.is_empty() && asked.then.is_some() {
        return Ok(gone(portal, visitor, asked.then));
    }
    let name = asked.application.name;
    let onward = asked.then.map(|there| (there, name));
    let onward = onward.or_else(|| providers::onward(portal, visitor, &external?));
    Ok(saml_logouts::sign_out_onward(portal, visitor, (participants, Ended::Here), onward).await)
}

fn gone(portal: &Portal, visitor: &Visitor, then: Option<String>) -> Response {
    match then {
        Some(there) => headers::redirect(&there, portal.is_secure()),
        None => message::signed_out(portal, visitor, Ended::Here),
    }
}
