//! The way to an application, as far as every page of it goes: where it begins, what was asked, and the form that leads there. Knows no session.

use applications::addresses::Addresses;
use applications::saml_questions::Question;
use askama::Template;
use axum::response::Response;
use http::StatusCode;
use model::applications::application::Switch;
use model::fault::Fault;

use crate::form;
use crate::message::{Frame, render};
use crate::portal::Portal;
use crate::visitor::Visitor;
use crate::words::sentence::Sentence;

/// Bytes of an application's form at most: a message of the most that is read, as base64, with every third letter escaped.
pub(crate) const FORM_MAX: usize = 1_048_576;
/// The page that answers what was asked.
pub(crate) const CONTINUE: &str = "/saml/continue";
/// The page that shows what an application would be told.
pub(crate) const TEST: &str = "/start/application/test";
/// The page that leads to an application.
pub(crate) const START: &str = "/start/application";

/// What we are to applications.
pub(crate) fn ours(portal: &Portal) -> Addresses {
    Addresses { base_url: portal.signin.portal_base_url.clone() }
}

/// What was asked, as an address brings it back.
pub(crate) fn opened(portal: &Portal, visitor: &Visitor, query: &str) -> Result<Question, Fault> {
    let pairs = form::pairs(query.as_bytes()).unwrap_or_default();
    Question::open(&portal.store, &visitor.cx, form::field(&pairs, "q").unwrap_or_default())
}

/// The name of the application that somebody who goes on to this page is on their way to, because it asked: the id alone tells a stranger no name.
pub(crate) fn application_of(
    portal: &Portal,
    visitor: &Visitor,
    (path, query): (&str, &str),
) -> Option<String> {
    if path != CONTINUE {
        return None;
    }
    let id = opened(portal, visitor, query).ok()?.application_id();
    let found = portal.store.read(|rx| Ok(store::applications::applications::find(rx, &id)?));
    let found = found.ok().flatten().filter(|application| application.status == Switch::Enabled);
    found.map(|application| application.name)
}

#[derive(Template)]
#[template(path = "application.html")]
struct Leaving<'a> {
    frame: Frame,
    text: Sentence,
    action: &'a str,
    fields: &'a [(&'static str, String)],
}

/// A form that is on its way elsewhere. Browsers hold a form's whole way against what its page may send to, and where an application leads on from
/// its own address is its own affair: any site by the same scheme, or a safer one. The page holds nothing but this form.
pub(crate) fn send(
    portal: &Portal,
    visitor: &Visitor,
    (action, fields): (&str, &[(&'static str, String)]),
    text: Sentence,
) -> Response {
    let page = Leaving { frame: Frame::new(portal, visitor), text, action, fields };
    let schemes = if action.starts_with("http://") { "https: http:" } else { "https:" };
    render(portal, visitor, StatusCode::OK, &page, Some(schemes))
}
