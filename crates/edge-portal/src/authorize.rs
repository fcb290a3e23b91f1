//! `/authorize` in the browser: asks the person, and takes the answer to the program on the person's own machine.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::{StatusCode, Uri};
use model::fault::Fault;
use signin::authorize::{self, Agreed, AuthorizeRequest, Refusal};
use signin::consents;

use crate::message::{Frame, fault, render, stale_form};
use crate::portal::Portal;
use crate::posted::Posted;
use crate::visitor::Visitor;
use crate::{application_sign_in, form, headers, message, reason, sign_in};

/// Who asks to act for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asking {
    /// A program that registered itself.
    Program,
    /// One that calls itself what the AWS CLI does.
    AwsCli,
    /// An application that an administrator registered, and that is told who somebody is.
    Application,
}

impl Asking {
    /// What a program that registered itself is, by its name.
    pub(crate) fn named(client_name: &str) -> Self {
        if reason::is_aws_cli(client_name) { Self::AwsCli } else { Self::Program }
    }
}

/// Asks whether a program may act for a person.
#[derive(Template)]
#[template(path = "consent.html")]
pub(crate) struct ConsentPage<'a> {
    pub(crate) frame: Frame,
    pub(crate) client_name: &'a str,
    pub(crate) asking: Asking,
    pub(crate) user_code: Option<&'a str>,
    pub(crate) asked_from: Option<&'a str>,
    /// Whether that is not where the person is.
    pub(crate) elsewhere: bool,
    pub(crate) asked_at: Option<String>,
    pub(crate) sends_to: Option<&'a str>,
    pub(crate) scopes: &'a [String],
    pub(crate) who: &'a str,
    pub(crate) action: &'a str,
    pub(crate) can_remember: bool,
    pub(crate) csrf: String,
}

/// Reads the request again on each step: what a form says of it is never believed.
fn open(portal: &Portal, visitor: &Visitor, raw: &str) -> Result<AuthorizeRequest, Box<Response>> {
    let pairs = form::pairs(raw.as_bytes()).unwrap_or_default();
    authorize::open(&portal.store, &visitor.cx, &portal.signin, &pairs).map_err(|refusal| match refusal {
        Refusal::Page(refused) => Box::new(fault(portal, visitor, &refused)),
        Refusal::Redirect(to) => Box::new(headers::redirect(&to, portal.is_secure())),
    })
}

pub(crate) async fn show(
    State(portal): State<Portal>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Response {
    let visitor = visitor.doing("AuthorizeClient");
    let raw = query.unwrap_or_default();
    let pairs = form::pairs(raw.as_bytes()).unwrap_or_default();
    if applications::application_codes::is_applications(&pairs) {
        let again = without_prompt(&raw);
        return application_sign_in::show(&portal, &visitor, (&pairs, &again)).await;
    }
    let request = match open(&portal, &visitor, &raw) {
        Ok(request) => request,
        Err(refused) => return *refused,
    };
    let Some(session) = &visitor.session else {
        return sign_in::first(&portal, &without_prompt(&raw));
    };
    if request.sign_in_again {
        return sign_in::again(&portal, &without_prompt(&raw));
    }
    match consents::covers(&portal.store, &visitor.cx, session, &request) {
        Ok(true) => {
            let agreed = (&request, Agreed::Before);
            let answer =
                authorize::approve(&portal.store, &visitor.cx, &portal.signin, session, agreed).await;
            return answered(&portal, &visitor, &request, answer);
        }
        Ok(false) => {}
        Err(refused) => return fault(&portal, &visitor, &refused),
    }
    visitor.saw(&portal, "ViewAuthorizeClient");
    let action = format!("/authorize?{raw}");
    let origin = origin(&request.redirect_uri);
    let page = ConsentPage {
        frame: Frame::new(&portal, &visitor),
        client_name: &request.client_name,
        asking: Asking::named(&request.client_name),
        user_code: None,
        asked_from: None,
        elsewhere: false,
        asked_at: None,
        sends_to: Some(origin.as_deref().unwrap_or(&request.redirect_uri)),
        scopes: &request.scopes,
        who: &session.user_name,
        action: &action,
        can_remember: true,
        csrf: visitor.csrf(&portal),
    };
    render(&portal, &visitor, StatusCode::OK, &page, origin.as_deref())
}

/// The address of the question without `prompt`, to come back to when that is done.
fn without_prompt(raw: &str) -> String {
    let is_prompt = |pair: &&str| {
        let pair = form::pairs(pair.as_bytes()).unwrap_or_default();
        pair.first().is_some_and(|(name, _)| name == "prompt")
    };
    let kept: Vec<&str> = raw.split('&').filter(|pair| !is_prompt(pair)).collect();
    format!("/authorize?{}", kept.join("&"))
}

/// Scheme, host and port of a redirect URI, as a source of a content security policy: browsers apply `form-action` to what a form's
/// answer redirects to as well. None for an IPv6 address, which such a source cannot name (CSP 3 §2.3.1, `host-char`).
pub(crate) fn origin(uri: &str) -> Option<String> {
    let uri: Uri = uri.parse().ok()?;
    let (scheme, authority) = (uri.scheme_str()?, uri.authority()?.as_str());
    let plain =
        authority.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b':' | b'-'));
    plain.then(|| format!("{scheme}://{authority}"))
}

pub(crate) async fn submit(State(portal): State<Portal>, sent: Posted) -> Response {
    let Posted { visitor, headers, query: raw, body } = sent;
    let visitor = visitor.doing("AuthorizeClient");
    let Some(session) = visitor.session.clone() else {
        return sign_in::first(&portal, &without_prompt(&raw));
    };
    let Some(pairs) = form::pairs(&body).filter(|pairs| visitor.sent(&portal, pairs, &headers)) else {
        return stale_form(&portal, &visitor);
    };
    let request = match open(&portal, &visitor, &raw) {
        Ok(request) => request,
        Err(refused) => return *refused,
    };
    if request.sign_in_again {
        return sign_in::again(&portal, &without_prompt(&raw));
    }
    let answer = match form::field(&pairs, "decision") {
        Some("approve") => {
            let for_good = form::field(&pairs, "remember") == Some("yes");
            let agreed = (&request, if for_good { Agreed::ForGood } else { Agreed::Once });
            authorize::approve(&portal.store, &visitor.cx, &portal.signin, &session, agreed).await
        }
        _ => authorize::deny(&portal.store, &visitor.cx, &portal.signin, &session, &request).await,
    };
    answered(&portal, &visitor, &request, answer)
}

/// Takes an answer to the program that asked.
fn answered(
    portal: &Portal,
    visitor: &Visitor,
    request: &AuthorizeRequest,
    answer: Result<String, Fault>,
) -> Response {
    match answer {
        Ok(to) if origin(&request.redirect_uri).is_none() => message::go_on(portal, visitor, &to),
        Ok(to) => headers::redirect(&to, portal.is_secure()),
        Err(refused) => fault(portal, visitor, &refused),
    }
}
