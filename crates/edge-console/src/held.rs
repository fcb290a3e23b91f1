//! A form that cannot be carried out yet, with all that was typed in it: nothing of it is kept here, the page itself holds it until it is sent again.

use askama::Template;
use axum::response::Response;
use edge_portal::message::{Frame, render};
use edge_portal::visitor::Visitor;
use http::StatusCode;

use crate::desk::Desk;
use crate::fields::Fields;

/// Why it waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// The session ended since the page was opened.
    SignedOut,
    /// The page belongs to an earlier session.
    Stale,
    /// The person has proved themselves too long ago for an act like this.
    ProveYourself,
    /// The person has lost every role that they could act as.
    NoRole,
}

#[derive(Template)]
#[template(path = "held.html")]
struct HeldPage<'a> {
    frame: Frame,
    why: Why,
    action: &'a str,
    csrf: String,
    fields: Vec<(&'a str, &'a str)>,
    /// Whether something that is not given back was typed: a password.
    lost: bool,
}

/// The page. `place`: where the form was sent to.
pub(crate) fn page(desk: &Desk, visitor: &Visitor, (place, fields): (&str, &Fields), why: Why) -> Response {
    let is_secret = |name: &str| name.starts_with("password");
    let kept = fields.pairs().iter().filter(|(name, _)| name != "csrf" && !is_secret(name));
    let page = HeldPage {
        frame: Frame::new(&desk.portal, visitor),
        why,
        action: place,
        csrf: visitor.csrf(&desk.portal),
        fields: kept.map(|(name, value)| (name.as_str(), value.as_str())).collect(),
        lost: fields.pairs().iter().any(|(name, _)| is_secret(name)),
    };
    let status = if why == Why::SignedOut { StatusCode::UNAUTHORIZED } else { StatusCode::FORBIDDEN };
    visitor.remember(&desk.portal, render(&desk.portal, visitor, status, &page, None))
}
