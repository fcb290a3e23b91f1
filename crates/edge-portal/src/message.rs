//! The frame of every page, and the page that only says something: an error and what to do next, or that something is done.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use model::fault::{Fault, FaultKind};

use crate::portal::Portal;
use crate::visitor::Visitor;
use crate::{assets, headers};

/// What the trail calls a form that none of our pages sent.
pub(crate) const FORGED: &str = "ForbiddenException";

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
    /// What to do next.
    next: &'a str,
    bad: bool,
    request_id: Option<&'a str>,
    /// Where the browser goes by itself.
    refresh: Option<&'a str>,
    link: &'a str,
    link_text: &'a str,
}

impl<'a> Message<'a> {
    fn new(portal: &Portal, visitor: &Visitor, heading: &'a str, text: &'a str) -> Self {
        Self {
            frame: Frame::new(portal, visitor),
            heading,
            text,
            next: "",
            bad: false,
            request_id: None,
            refresh: None,
            link: "/start",
            link_text: "Go to your accounts",
        }
    }
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
    render(portal, StatusCode::OK, &Message::new(portal, visitor, heading, text), None)
}

/// Says that a person is signed out.
pub(crate) fn signed_out(portal: &Portal, visitor: &Visitor) -> Response {
    let text = "Your session has ended, and with it everything that programs got through it.";
    let page = Message {
        next: "Role credentials that were already issued stay good until they expire.",
        link_text: "Sign in again",
        ..Message::new(portal, visitor, "You are signed out", text)
    };
    render(portal, StatusCode::OK, &page, None)
}

/// Says that a link opens nothing.
pub(crate) fn void_link(portal: &Portal, visitor: &Visitor, why: &str) -> Response {
    let forgot = portal.signin.mails;
    let page = Message {
        next: "If you have no password yet, ask your administrator for another link.",
        bad: true,
        link: if forgot { "/forgot" } else { "/signin" },
        link_text: if forgot { "I forgot my password" } else { "Go to the sign-in page" },
        ..Message::new(portal, visitor, "This link works no more", why)
    };
    render(portal, StatusCode::NOT_FOUND, &page, None)
}

/// Says that a person's password is another one now, and leads to the sign-in page.
pub(crate) fn password_chosen(portal: &Portal, visitor: &Visitor, sign_in: &str) -> Response {
    let text = "Your password is set, and whatever was open with the one before has ended.";
    let page = Message {
        link: sign_in,
        link_text: "Sign in",
        ..Message::new(portal, visitor, "You have a new password", text)
    };
    render(portal, StatusCode::OK, &page, None)
}

/// Says what happens to whoever asked for a letter, whoever they are.
pub(crate) fn letter_asked(portal: &Portal, visitor: &Visitor) -> Response {
    let text = "If there is such a person, with a password and with an address in the directory, a letter is on its way to that address.";
    let page = Message {
        next: "The link in it works for an hour. There are only a few letters in an hour, so look into the folder for unwanted mail before you ask again.",
        link: "/signin",
        link_text: "Back to the sign-in page",
        ..Message::new(portal, visitor, "Look into your mail", text)
    };
    render(portal, StatusCode::OK, &page, None)
}

/// Sends the browser on without a redirect.
pub(crate) fn go_on(portal: &Portal, visitor: &Visitor, to: &str) -> Response {
    let text = "Your answer goes to the program on your machine.";
    let page = Message {
        refresh: Some(to),
        link: to,
        link_text: "Continue",
        ..Message::new(portal, visitor, "Thank you", text)
    };
    render(portal, StatusCode::OK, &page, None)
}

/// What the trail calls a refusal, in the words of the portal's API.
const fn code(kind: &FaultKind) -> &'static str {
    match kind {
        FaultKind::Unauthorized => "UnauthorizedException",
        FaultKind::AccessDenied | FaultKind::Forbidden => "ForbiddenException",
        FaultKind::NotFound(_) => "ResourceNotFoundException",
        FaultKind::Throttled(_) => "TooManyRequestsException",
        FaultKind::Unavailable => "ServiceUnavailableException",
        FaultKind::Internal => "InternalServerException",
        _ => "InvalidRequestException",
    }
}

/// Leaves a trace of a refusal.
pub(crate) fn record(portal: &Portal, visitor: &Visitor, fault: &Fault) {
    visitor.was_refused(portal, code(fault.kind()), fault.message());
}

/// The status, the heading and what to do next.
fn words(kind: &FaultKind) -> (StatusCode, &'static str, &'static str) {
    match kind {
        FaultKind::Unauthorized => (
            StatusCode::UNAUTHORIZED,
            "Please sign in again",
            "Go on to the sign-in page and repeat what you did.",
        ),
        FaultKind::AccessDenied | FaultKind::Forbidden => (
            StatusCode::FORBIDDEN,
            "No access",
            "If you think that you should have it, ask your administrator and give them the number below.",
        ),
        FaultKind::NotFound(_) => (StatusCode::NOT_FOUND, "Not found", ""),
        FaultKind::Throttled(_) => (StatusCode::TOO_MANY_REQUESTS, "Please wait a moment", "Then try again."),
        FaultKind::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "Please try again in a moment", ""),
        FaultKind::Internal => (
            StatusCode::INTERNAL_SERVER_ERROR,
            "Something went wrong here",
            "It is not your fault. Try again; if it stays, give your administrator the number below.",
        ),
        _ => (StatusCode::BAD_REQUEST, "That did not work", ""),
    }
}

/// Says what went wrong and what to do next.
pub(crate) fn fault(portal: &Portal, visitor: &Visitor, fault: &Fault) -> Response {
    record(portal, visitor, fault);
    let (status, heading, next) = words(fault.kind());
    let request_id = &*visitor.cx.request_id;
    match fault.kind() {
        FaultKind::Internal => tracing::error!(request_id, context = fault.context(), "internal fault"),
        FaultKind::Unavailable => tracing::warn!(request_id, context = fault.context(), "unavailable"),
        _ => tracing::debug!(request_id, %fault, "refused"),
    }
    let page = Message {
        next,
        bad: true,
        request_id: Some(request_id),
        ..Message::new(portal, visitor, heading, fault.message())
    };
    headers::retry_after(render(portal, status, &page, None), fault.kind())
}

/// Says that a form did not come from one of our pages, or came too late.
pub(crate) fn stale_form(portal: &Portal, visitor: &Visitor) -> Response {
    let text = "This page was open for too long, or was not opened here. Nothing was changed.";
    visitor.was_refused(portal, FORGED, text);
    let page = Message {
        next: "Go back, load the page again and repeat what you did.",
        bad: true,
        request_id: Some(&visitor.cx.request_id),
        ..Message::new(portal, visitor, "Please load the page again", text)
    };
    render(portal, StatusCode::FORBIDDEN, &page, None)
}

/// Says that there is no such page.
pub(crate) fn no_page(portal: &Portal, visitor: &Visitor) -> Response {
    let page = Message {
        next: "Check the address, or begin at your accounts.",
        bad: true,
        ..Message::new(portal, visitor, "There is no such page", "The address leads nowhere.")
    };
    render(portal, StatusCode::NOT_FOUND, &page, None)
}
