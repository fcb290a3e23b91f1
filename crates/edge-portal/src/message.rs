//! The frame of every page, and the page that only says something: an error, or that something is done.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use model::fault::{Fault, FaultKind};

use crate::portal::Portal;
use crate::visitor::Visitor;
use crate::{assets, headers};

/// Who is named in the head of a page.
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) csrf: String,
}

/// What surrounds every page.
pub(crate) struct Frame {
    pub(crate) css: &'static str,
    pub(crate) js: &'static str,
    pub(crate) person: Option<Person>,
}

impl Frame {
    /// The frame for a visitor.
    pub(crate) fn new(portal: &Portal, visitor: &Visitor) -> Self {
        let person = visitor
            .session
            .as_ref()
            .map(|session| Person { name: session.display_name.clone(), csrf: visitor.csrf(portal) });
        Self { css: assets::css(), js: assets::js(), person }
    }
}

#[derive(Template)]
#[template(path = "message.html")]
struct Message<'a> {
    frame: Frame,
    heading: &'a str,
    text: &'a str,
    request_id: Option<&'a str>,
    link: &'a str,
    link_text: &'a str,
}

/// Renders a page.
pub(crate) fn render(
    portal: &Portal,
    status: StatusCode,
    template: &impl Template,
    form_target: Option<&str>,
) -> Response {
    match template.render() {
        Ok(html) => headers::page(status, html, portal.is_secure(), form_target),
        Err(error) => {
            tracing::error!(%error, "a page was not rendered");
            headers::page(
                StatusCode::INTERNAL_SERVER_ERROR,
                "An internal error occurred.".to_owned(),
                portal.is_secure(),
                None,
            )
        }
    }
}

/// Says that something is done.
pub(crate) fn done(portal: &Portal, visitor: &Visitor, heading: &str, text: &str) -> Response {
    let frame = Frame::new(portal, visitor);
    let page = Message {
        frame,
        heading,
        text,
        request_id: None,
        link: "/start",
        link_text: "To the AWS access portal",
    };
    render(portal, StatusCode::OK, &page, None)
}

/// Says what went wrong and what to do next.
pub(crate) fn fault(portal: &Portal, visitor: &Visitor, fault: &Fault) -> Response {
    let (status, heading) = match fault.kind() {
        FaultKind::Unauthorized => (StatusCode::UNAUTHORIZED, "Please sign in again"),
        FaultKind::AccessDenied | FaultKind::Forbidden => (StatusCode::FORBIDDEN, "No access"),
        FaultKind::NotFound(_) => (StatusCode::NOT_FOUND, "Not found"),
        FaultKind::Throttled(_) => (StatusCode::TOO_MANY_REQUESTS, "Please wait a moment"),
        FaultKind::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "Please try again in a moment"),
        FaultKind::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong here"),
        _ => (StatusCode::BAD_REQUEST, "That did not work"),
    };
    let request_id = &*visitor.cx.request_id;
    match fault.kind() {
        FaultKind::Internal => tracing::error!(request_id, context = fault.context(), "internal fault"),
        FaultKind::Unavailable => tracing::warn!(request_id, context = fault.context(), "unavailable"),
        _ => tracing::debug!(request_id, %fault, "refused"),
    }
    let page = Message {
        frame: Frame::new(portal, visitor),
        heading,
        text: fault.message(),
        request_id: Some(request_id),
        link: "/start",
        link_text: "To the AWS access portal",
    };
    render(portal, status, &page, None)
}

/// Says that a form did not come from one of our pages, or came too late.
pub(crate) fn stale_form(portal: &Portal, visitor: &Visitor) -> Response {
    let text = "This page was open for too long, or was not opened here. Go back, load it again and repeat what you did.";
    fault(portal, visitor, &Fault::new(FaultKind::Forbidden, text))
}
