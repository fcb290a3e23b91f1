//! Who opens a page: the cookies, the session behind them, and the context of the call.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderValue, header};
use model::brief;
use model::caller::Caller;
use model::client_address::client_address;
use model::cx::Cx;
use model::entropy::bytes;
use model::event::{EventHead, Outcome};
use model::fault::Fault;
use model::secret::Secret;
use model::signin::portal_session::PortalSession;

use crate::brand::Brand;
use crate::form;
use crate::portal::Portal;
use crate::words::language::Language;

/// Every cookie that pages set: the session, the mark of a form before there is one, the browser that a person signed in with, a sign-in that is not
/// over, a browser that is not asked for a second factor again, the role at the console, keys on their way to the page that shows them, a session that has ended while its applications are
/// told.
pub(crate) const COOKIES: [&str; 8] = [
    "portico",
    "portico_form",
    "portico_device",
    "portico_flow",
    "portico_browser",
    "portico_role",
    "portico_keys",
    "portico_ended",
];

/// A visitor.
#[derive(Debug)]
pub struct Visitor {
    /// The context of what the visitor does.
    pub cx: Cx,
    /// The session, for whoever has signed in.
    pub session: Option<PortalSession>,
    /// What the visitor reads.
    pub language: Language,
    /// Whose portal it is.
    pub brand: Arc<Brand>,
    /// Whether the browser holds a session that is none any more.
    pub(crate) has_ended: bool,
    /// What the session cookie, or before it the form cookie, holds.
    cookie: String,
    /// A form cookie to set with the answer.
    fresh: bool,
}

/// The name of a cookie: with https one that no other host can set.
pub fn cookie_name(portal: &Portal, base: &str) -> String {
    if portal.is_secure() { format!("__Host-{base}") } else { base.to_owned() }
}

/// The value of a cookie; the first one when a browser sends several.
pub fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(';')).find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

/// Adds a cookie to an answer. `seconds`: how long it lives; the browser's session when absent; zero takes it away.
pub fn set_cookie(portal: &Portal, response: &mut Response, base: &str, value: &str, seconds: Option<u64>) {
    let name = cookie_name(portal, base);
    let secure = if portal.is_secure() { "; Secure" } else { "" };
    let age = seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}");
    if let Ok(value) = HeaderValue::from_str(&text) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// The value of a sign-in that is not over, if the browser holds one.
pub(crate) fn flow(portal: &Portal, headers: &HeaderMap) -> Option<Secret> {
    let held = cookie(headers, &cookie_name(portal, "portico_flow"))?;
    (!held.is_empty()).then(|| Secret::new(held))
}

/// What the cookie of a question to another identity provider begins with; its mark follows.
const QUESTION: &str = "portico_ask_";

/// The question that a browser keeps under this mark.
pub(crate) fn question(portal: &Portal, headers: &HeaderMap, mark: &str) -> Option<Secret> {
    let held = cookie(headers, &cookie_name(portal, &format!("{QUESTION}{mark}")))?;
    (!held.is_empty()).then(|| Secret::new(held))
}

/// Has the browser keep a question for so many seconds; none takes it away.
pub(crate) fn keep_question(
    portal: &Portal,
    response: &mut Response,
    mark: &str,
    kept: Option<(&Secret, u64)>,
) {
    let (value, seconds) = kept.map_or(("", 0), |(value, seconds)| (value.expose(), seconds));
    set_cookie(portal, response, &format!("{QUESTION}{mark}"), value, Some(seconds));
}

fn event(name: &'static str) -> EventHead {
    EventHead::of_service("sso.amazonaws.com", name)
}

impl Visitor {
    /// The visitor of a request, and why nobody can say whether they are signed in, if the store cannot be asked.
    pub(crate) fn new(portal: &Portal, peer: SocketAddr, headers: &HeaderMap) -> (Self, Option<Fault>) {
        let mut cx = Cx::new(&portal.surroundings, Caller::anonymous(), portal.clock.now(), event(""));
        let forwarded = headers.get_all("x-forwarded-for").iter().map(HeaderValue::as_bytes);
        cx.source_ip = client_address(peer.ip(), forwarded, &portal.trusted_proxies).to_string().into();
        let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        cx.user_agent = brief::text(agent, 512).into();
        let token = cookie(headers, &cookie_name(portal, "portico")).filter(|token| !token.is_empty());
        let found = token.map_or(Ok(None), |token| {
            portal.store.read(|rx| signin::sessions::find(rx, &Secret::new(token), cx.now))
        });
        let (session, unknown) = match found {
            Ok(session) => (session, None),
            Err(fault) => (None, Some(fault)),
        };
        let form_cookie =
            cookie(headers, &cookie_name(portal, "portico_form")).filter(|value| value.len() == 43);
        let (cookie, fresh) = match (&session, token, form_cookie) {
            (Some(_), Some(token), _) => (token.to_owned(), false),
            (_, _, Some(value)) => (value.to_owned(), false),
            _ => (URL_SAFE_NO_PAD.encode(bytes::<32>(cx.entropy())), true),
        };
        if let Some(session) = &session {
            cx = cx.with_caller(Caller::portal_user(session.user.clone()));
        }
        let has_ended = token.is_some() && session.is_none() && unknown.is_none();
        let (language, brand) = (Language::of(headers), portal.brand());
        (Self { cx, session, language, brand, has_ended, cookie, fresh }, unknown)
    }

    /// The same visitor at a page whose calls are recorded as `name`.
    #[must_use]
    pub fn doing(self, name: &'static str) -> Self {
        Self { cx: self.seen_as(event(name)), ..self }
    }

    /// [`Self::doing`] something that is an API call at AWS, of this service.
    pub(crate) fn doing_of(self, source: &'static str, name: &'static str) -> Self {
        let head =
            EventHead { source: source.into(), name: name.into(), read_only: true, ..EventHead::default() };
        Self { cx: self.seen_as(head), ..self }
    }

    /// The same as a program whose call this is: whoever is signed in in a browser has no part in it.
    pub(crate) fn of_program(self, source: &'static str, name: &'static str, read_only: bool) -> Self {
        let head = EventHead { read_only, ..EventHead::of_service(source, name) };
        let cx = self.cx.with_event(head).with_caller(Caller::anonymous());
        Self { cx, session: None, ..self }
    }

    fn seen_as(&self, head: EventHead) -> Cx {
        let cx = self.cx.with_event(head);
        if let Some(session) = &self.session {
            cx.event().name_user(&session.user_name);
        }
        cx
    }

    /// Leaves a trace of a page that was shown to somebody who is signed in.
    pub(crate) fn saw(&self, portal: &Portal, name: &'static str) {
        if self.session.is_some() {
            let look = self.seen_as(EventHead { read_only: true, ..event(name) });
            portal.recorder.tally(&look, Outcome::Success);
        }
    }

    /// [`Self::saw`], of this resource.
    pub(crate) fn saw_of(&self, portal: &Portal, name: &'static str, (kind, arn): (&str, String)) {
        if self.session.is_some() {
            let look = self.seen_as(EventHead { read_only: true, ..event(name) });
            look.event().touch(kind, arn);
            portal.recorder.tally(&look, Outcome::Success);
        }
    }

    /// Leaves a trace of a refusal that no change took with it.
    pub fn was_refused(&self, portal: &Portal, code: &str, message: &str) {
        portal.recorder.tally(&self.cx, Outcome::Failure { code, message });
    }

    /// What the forms of this visitor are bound to.
    pub(crate) fn bound_to(&self) -> &str {
        &self.cookie
    }

    /// The token for forms of a page shown to this visitor.
    pub fn csrf(&self, portal: &Portal) -> String {
        form::token(portal.store.keyring(), &self.cookie)
    }

    /// Whether a form was sent by this visitor from one of our pages.
    pub fn sent(&self, portal: &Portal, pairs: &[(String, String)], headers: &HeaderMap) -> bool {
        let origin = portal.signin.portal_base_url.as_str();
        !self.fresh
            && form::is_ours(
                portal.store.keyring(),
                &self.cookie,
                form::field(pairs, "csrf"),
                headers,
                origin,
            )
    }

    /// Sets the form cookie if the visitor has none.
    pub fn remember(&self, portal: &Portal, mut response: Response) -> Response {
        if self.fresh {
            set_cookie(portal, &mut response, "portico_form", &self.cookie, Some(3_600));
        }
        response
    }
}
