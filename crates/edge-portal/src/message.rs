//! The frame of every page, and the page that only says something: an error and what to do next, or that something is done.

use std::sync::Arc;

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use model::fault::{Fault, FaultKind};

use crate::brand::Brand;
use crate::portal::Portal;
use crate::visitor::Visitor;
use crate::words::language::Language;
use crate::words::sentence::Sentence;
use crate::{assets, headers};

/// What the trail calls a form that none of our pages sent.
pub(crate) const FORGED: &str = "ForbiddenException";

/// Who is named in the head of a page.
pub struct Person {
    /// As people call them.
    pub name: String,
    /// The token of the form that signs out.
    pub csrf: String,
}

/// What surrounds every page.
pub struct Frame {
    /// Where the style sheet is.
    pub css: &'static str,
    /// Where the script is.
    pub js: &'static str,
    /// Who is signed in.
    pub person: Option<Person>,
    /// What the page is in.
    pub language: Language,
    /// Where the icon of a portal without a picture is.
    pub icon: &'static str,
    /// Whose portal it is.
    pub brand: Arc<Brand>,
}

impl Frame {
    /// The frame for a visitor.
    pub fn new(portal: &Portal, visitor: &Visitor) -> Self {
        let person = visitor
            .session
            .as_ref()
            .map(|session| Person { name: session.display_name.clone(), csrf: visitor.csrf(portal) });
        Self {
            css: assets::css(),
            js: assets::js(),
            icon: assets::icon(),
            person,
            language: visitor.language,
            brand: visitor.brand.clone(),
        }
    }

    /// The message of this name, in the visitor's language.
    pub const fn say(&self, name: &'static str) -> Sentence {
        self.language.say(name)
    }
}

#[derive(Template)]
#[template(path = "message.html")]
struct Message<'a> {
    frame: Frame,
    heading: Sentence,
    text: String,
    /// What to do next.
    next: Option<Sentence>,
    bad: bool,
    /// Whether it is neither: no green check says that something was refused as it should be.
    still: bool,
    /// What a program did wrong, in the words of its protocol: for whoever mends it.
    detail: Option<&'a str>,
    request_id: Option<&'a str>,
    /// Where the browser goes by itself.
    refresh: Option<&'a str>,
    link: &'a str,
    link_text: Sentence,
}

impl Message<'_> {
    fn new(portal: &Portal, visitor: &Visitor, heading: Sentence, text: impl Into<String>) -> Self {
        Self {
            frame: Frame::new(portal, visitor),
            heading,
            text: text.into(),
            next: None,
            bad: false,
            still: false,
            detail: None,
            request_id: None,
            refresh: None,
            link: "/start",
            link_text: visitor.language.say("accounts-go-to"),
        }
    }
}

/// Renders a page.
pub fn render(
    portal: &Portal,
    visitor: &Visitor,
    status: StatusCode,
    template: &impl Template,
    form_target: Option<&str>,
) -> Response {
    let language = visitor.language;
    match template.render() {
        Ok(html) => headers::page((status, language), html, portal.is_secure(), form_target),
        Err(error) => {
            tracing::error!(%error, "a page was not rendered");
            let failed = (StatusCode::INTERNAL_SERVER_ERROR, language);
            headers::page(failed, language.say("not-rendered").to_string(), portal.is_secure(), None)
        }
    }
}

/// Says that something is done.
pub(crate) fn done(portal: &Portal, visitor: &Visitor, heading: Sentence, text: Sentence) -> Response {
    render(portal, visitor, StatusCode::OK, &Message::new(portal, visitor, heading, text), None)
}

/// Says that a program was refused what it asked for.
pub(crate) fn denied(portal: &Portal, visitor: &Visitor, text: Sentence) -> Response {
    let heading = visitor.language.say("access-denied");
    let page = Message { still: true, ..Message::new(portal, visitor, heading, text) };
    render(portal, visitor, StatusCode::OK, &page, None)
}

/// What ended of a person's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The session that they are in.
    Here,
    /// All of them, and what was handed out in them.
    Everywhere,
}

/// Says that a person is signed out here, and leads to their identity provider, where they are not.
pub(crate) fn signed_out_here(
    portal: &Portal,
    visitor: &Visitor,
    (there, provider): (&str, &str),
) -> Response {
    let say = |name| visitor.language.say(name);
    let page = Message {
        next: Some(say("signed-out-still").with("provider", provider)),
        link: there,
        link_text: say("signed-out-there").with("provider", provider),
        ..Message::new(portal, visitor, say("signed-out"), say("signed-out-text"))
    };
    render(portal, visitor, StatusCode::OK, &page, None)
}

/// Says that a person is signed out.
pub(crate) fn signed_out(portal: &Portal, visitor: &Visitor, ended: Ended) -> Response {
    let say = |name| visitor.language.say(name);
    let (heading, text, next) = match ended {
        Ended::Here => (say("signed-out"), say("signed-out-text"), Some(say("signed-out-next"))),
        Ended::Everywhere => (say("signed-out-everywhere"), say("signed-out-everywhere-text"), None),
    };
    let page =
        Message { next, link_text: say("signed-out-link"), ..Message::new(portal, visitor, heading, text) };
    render(portal, visitor, StatusCode::OK, &page, None)
}

/// Says that a link opens nothing.
pub(crate) fn void_link(portal: &Portal, visitor: &Visitor, why: &Fault) -> Response {
    let forgot = portal.signin.mails;
    let say = |name| visitor.language.say(name);
    let page = Message {
        next: Some(say("void-link-next")),
        bad: true,
        link: if forgot { "/forgot" } else { "/signin" },
        link_text: if forgot { say("sign-in-forgot") } else { say("void-link-sign-in") },
        ..Message::new(portal, visitor, say("void-link"), visitor.language.told(why))
    };
    render(portal, visitor, StatusCode::NOT_FOUND, &page, None)
}

/// Says that an account has no console, and leads to the keys of the role.
pub(crate) fn no_console(portal: &Portal, visitor: &Visitor, (account, keys): (&str, &str)) -> Response {
    let say = |name| visitor.language.say(name);
    let page = Message {
        next: Some(say("no-console-next")),
        still: true,
        link: keys,
        link_text: say("keys"),
        ..Message::new(portal, visitor, say("no-console").with("account", account), say("no-console-text"))
    };
    render(portal, visitor, StatusCode::NOT_FOUND, &page, None)
}

/// Says that a person's password is another one now, and leads to the sign-in page.
pub(crate) fn password_chosen(portal: &Portal, visitor: &Visitor, sign_in: &str) -> Response {
    let say = |name| visitor.language.say(name);
    let page = Message {
        link: sign_in,
        link_text: say("sign-in"),
        ..Message::new(portal, visitor, say("password-chosen"), say("password-chosen-text"))
    };
    render(portal, visitor, StatusCode::OK, &page, None)
}

/// Says what happens to whoever asked for a letter, whoever they are.
pub(crate) fn letter_asked(portal: &Portal, visitor: &Visitor) -> Response {
    let say = |name| visitor.language.say(name);
    let page = Message {
        next: Some(say("letter-asked-next")),
        link: "/signin",
        link_text: say("forgot-back"),
        ..Message::new(portal, visitor, say("letter-asked"), say("letter-asked-text"))
    };
    render(portal, visitor, StatusCode::OK, &page, None)
}

/// Sends the browser on without a redirect.
pub(crate) fn go_on(portal: &Portal, visitor: &Visitor, to: &str) -> Response {
    let say = |name| visitor.language.say(name);
    let page = Message {
        refresh: Some(to),
        link: to,
        link_text: say("continue"),
        ..Message::new(portal, visitor, say("go-on"), say("go-on-text"))
    };
    render(portal, visitor, StatusCode::OK, &page, None)
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
pub fn record(portal: &Portal, visitor: &Visitor, fault: &Fault) {
    visitor.was_refused(portal, code(fault.kind()), fault.message());
}

/// The status, the heading and what to do next.
pub fn words(language: Language, kind: &FaultKind) -> (StatusCode, Sentence, Option<Sentence>) {
    let say = |name| language.say(name);
    match kind {
        FaultKind::Unauthorized => {
            (StatusCode::UNAUTHORIZED, say("fault-unauthorized"), Some(say("fault-unauthorized-next")))
        }
        FaultKind::AccessDenied | FaultKind::Forbidden => {
            (StatusCode::FORBIDDEN, say("fault-forbidden"), Some(say("fault-forbidden-next")))
        }
        FaultKind::NotFound(_) => (StatusCode::NOT_FOUND, say("fault-not-found"), None),
        FaultKind::Throttled(_) => {
            (StatusCode::TOO_MANY_REQUESTS, say("fault-throttled"), Some(say("fault-throttled-next")))
        }
        FaultKind::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, say("fault-unavailable"), None),
        FaultKind::Internal => {
            (StatusCode::INTERNAL_SERVER_ERROR, say("fault-internal"), Some(say("fault-internal-next")))
        }
        _ => (StatusCode::BAD_REQUEST, say("fault-other"), None),
    }
}

/// Says what went wrong and what to do next.
pub fn fault(portal: &Portal, visitor: &Visitor, fault: &Fault) -> Response {
    record(portal, visitor, fault);
    told(portal, visitor, fault)
}

/// The same of what is recorded already.
pub(crate) fn told(portal: &Portal, visitor: &Visitor, fault: &Fault) -> Response {
    told_with(portal, visitor, fault, None)
}

/// The same, with a way to begin again there.
pub(crate) fn told_to_begin_again(
    portal: &Portal,
    visitor: &Visitor,
    fault: &Fault,
    there: &str,
) -> Response {
    told_with(portal, visitor, fault, Some((there, visitor.language.say("external-begin-again"))))
}

fn told_with(
    portal: &Portal,
    visitor: &Visitor,
    fault: &Fault,
    onward: Option<(&str, Sentence)>,
) -> Response {
    let (status, heading, next) = words(visitor.language, fault.kind());
    let request_id = &*visitor.cx.request_id;
    match fault.kind() {
        FaultKind::Internal => tracing::error!(request_id, context = fault.context(), "internal fault"),
        FaultKind::Unavailable => tracing::warn!(request_id, context = fault.context(), "unavailable"),
        _ => tracing::debug!(request_id, %fault, "refused"),
    }
    // What only a protocol has words for stands apart, below a sentence that everybody reads.
    let technical = fault.saying().is_none() && status == StatusCode::BAD_REQUEST;
    let text = if technical {
        visitor.language.say("fault-technical").to_string()
    } else {
        visitor.language.told(fault)
    };
    let whole = Message::new(portal, visitor, heading, text);
    let whole = match onward {
        Some((link, link_text)) => Message { link, link_text, ..whole },
        None => whole,
    };
    let page = Message {
        next,
        bad: true,
        detail: technical.then(|| fault.message()),
        request_id: Some(request_id),
        ..whole
    };
    headers::retry_after(render(portal, visitor, status, &page, None), fault.kind())
}

/// Says that a form did not come from one of our pages, or came too late.
pub fn stale_form(portal: &Portal, visitor: &Visitor) -> Response {
    visitor.was_refused(portal, FORGED, &Language::English.say("stale-form-text").to_string());
    let say = |name| visitor.language.say(name);
    let page = Message {
        next: Some(say("stale-form-next")),
        bad: true,
        request_id: Some(&visitor.cx.request_id),
        ..Message::new(portal, visitor, say("stale-form"), say("stale-form-text"))
    };
    render(portal, visitor, StatusCode::FORBIDDEN, &page, None)
}

/// Says that there is no such page.
pub fn no_page(portal: &Portal, visitor: &Visitor) -> Response {
    let say = |name| visitor.language.say(name);
    let page = Message {
        next: Some(say("no-page-next")),
        bad: true,
        ..Message::new(portal, visitor, say("no-page"), say("no-page-text"))
    };
    render(portal, visitor, StatusCode::NOT_FOUND, &page, None)
}
