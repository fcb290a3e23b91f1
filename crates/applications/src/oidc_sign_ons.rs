//! What an application asks by somebody's browser (OpenID Connect Core §3.1.2, RFC 6749 §4.1 with PKCE, RFC 9700), and the code that it gets. Until the redirect URI is
//! known to be the application's nothing is ever sent there; afterwards every refusal goes there, with our name (RFC 9207). The one gate to a code is
//! `application_access`; it leaves once it and its record are durable.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::applications::application::{Application, ApplicationId};
use model::applications::oidc_application::OidcSettings;
use model::applications::oidc_token::OidcCode;
use model::applications::redirect_uri::RedirectUri;
use model::cx::Cx;
use model::entropy::bytes;
use model::fault::{Fault, FaultKind, OAuthError};
use model::limits::AUTHORIZATION_CODE;
use model::saying::Saying;
use model::secret::Secret;
use model::signin::portal_session::PortalSession;
use model::timestamp::Timestamp;
use store::applications::oidc_codes;
use store::db::Store;
use store::signin::portal_sessions;

use crate::application_access::may_use;
use crate::oidc_addresses::OidcAddresses;
use crate::oidc_gate::usable;
use crate::oidc_keys;

const STATE_BYTES_MAX: usize = 2_048;
const NONCE_BYTES_MAX: usize = 512;
/// Base64url characters of a SHA-256: of a challenge, and of the thumbprint of a key.
const CHALLENGE_CHARACTERS: usize = 43;
/// Parameters that would change what is asked, and that nobody here reads: each with the error that says so.
const NEVER: [(&str, &str); 6] = [
    ("request", "request_not_supported"),
    ("request_uri", "request_uri_not_supported"),
    ("registration", "registration_not_supported"),
    ("claims", "invalid_request"),
    ("resource", "invalid_target"),
    ("authorization_details", "invalid_request"),
];

/// Why there is nothing to ask a person about.
#[derive(Debug, Clone)]
pub enum Refusal {
    /// To be shown as a page. Never redirect: nobody knows who made this request.
    Page(Fault),
    /// To be answered by sending the browser there, and why.
    Redirect(Answer),
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Page(fault)
    }
}

/// Where a browser goes with a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The address, with what it carries.
    pub to: String,
    /// The error.
    pub error: &'static str,
    /// What it means.
    pub description: String,
}

/// A question that may be answered.
#[derive(Debug, Clone)]
pub struct Question {
    /// The application.
    pub application: Application,
    /// Where the answer goes.
    pub redirect_uri: String,
    state: Option<String>,
    nonce: Option<String>,
    scopes: Vec<String>,
    code_challenge: Option<String>,
    /// The thumbprint of the key that its code is bound to (RFC 9449 §10).
    key: Option<String>,
    prompt: Prompt,
    /// How many seconds ago its person may have proved who they are.
    max_age: Option<u64>,
    /// Since when they must have proved it: a question that was pushed had that proved first, and is asked again.
    pub(crate) since: Option<Timestamp>,
    /// Whom the application takes its person to be.
    hint: Option<String>,
    /// What the application pushed, where this is that (RFC 9126).
    pub(crate) pushed: Option<Vec<(String, String)>>,
}

/// What a person must be asked, or must not.
#[derive(Debug, Clone, Copy, Default)]
struct Prompt {
    none: bool,
    login: bool,
    select: bool,
}

/// What comes of a question.
#[derive(Debug, Clone)]
pub enum Next {
    /// The browser takes a code there.
    Go(Secret),
    /// The browser takes a refusal there.
    Refused(Answer),
    /// Its person signs in first.
    SignIn,
    /// They may sign in as somebody else first.
    SignInAgain,
    /// They prove themselves again first.
    ProveAgain,
}

pub(crate) type Wrong = (&'static str, String);

fn invalid(message: impl Into<String>) -> Wrong {
    ("invalid_request", message.into())
}

/// A parameter that may be given once (RFC 6749 §3.1).
pub(crate) fn single<'a>(params: &'a [(String, String)], name: &str) -> Result<Option<&'a str>, String> {
    let mut values = params.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let first = values.next();
    if values.next().is_some() {
        return Err(format!("{name} is given more than once"));
    }
    Ok(first.filter(|value| !value.is_empty()))
}

/// Reads the decoded parameters of a question that came by a browser.
pub fn open(
    store: &Store,
    cx: &Cx,
    at: (&OidcAddresses, &ApplicationId),
    params: &[(String, String)],
) -> Result<Question, Refusal> {
    read(store, cx, at, (params, false))
}

/// Reads those of a question that the application pushed.
pub(crate) fn open_pushed(
    store: &Store,
    cx: &Cx,
    at: (&OidcAddresses, &ApplicationId),
    params: Vec<(String, String)>,
) -> Result<Question, Refusal> {
    let question = read(store, cx, at, (&params, true))?;
    Ok(Question { pushed: Some(params), ..question })
}

fn read(
    store: &Store,
    cx: &Cx,
    (ours, id): (&OidcAddresses, &ApplicationId),
    (params, is_pushed): (&[(String, String)], bool),
) -> Result<Question, Refusal> {
    let page = |message: String| Refusal::Page(Fault::oauth(OAuthError::InvalidRequest, message));
    let (application, settings) = store.read(|rx| usable(rx, cx, id))?;
    if single(params, "client_id").map_err(page)? != Some(id.as_str()) {
        return Err(page(format!("client_id must be {id}: each application has an address of its own")));
    }
    let redirect_uri = single(params, "redirect_uri").map_err(page)?;
    let redirect_uri = redirect_uri.ok_or_else(|| page("redirect_uri is missing".to_owned()))?;
    let here = RedirectUri::parse("redirect_uri", redirect_uri).is_ok_and(|uri| uri.is_on(&ours.page_host));
    if here || !settings.admits(redirect_uri) {
        let message = "redirect_uri is none of the application's RedirectUris";
        return Err(Refusal::Page(Fault::oauth(OAuthError::InvalidRedirectUri, message)));
    }
    let state = single(params, "state").ok().flatten().filter(|state| state.len() <= STATE_BYTES_MAX);
    let read = if settings.require_pushed_requests && !is_pushed {
        Err(invalid("the application's questions are pushed (RFC 9126), and this one came by a browser"))
    } else {
        rest(store, &settings, (&application, redirect_uri), params)
    };
    read.map(|question| Question { state: state.map(ToOwned::to_owned), ..question })
        .map_err(|wrong| Refusal::Redirect(refusal(wrong, (redirect_uri, state), &ours.issuer(id))))
}

fn refusal((error, description): Wrong, (redirect_uri, state): (&str, Option<&str>), issuer: &str) -> Answer {
    let pairs = [("error", error), ("error_description", description.as_str())];
    Answer { to: address(redirect_uri, &pairs, state, issuer), error, description }
}

/// What is checked once a refusal may be sent to the application.
fn rest(
    store: &Store,
    settings: &OidcSettings,
    (application, redirect_uri): (&Application, &str),
    params: &[(String, String)],
) -> Result<Question, Wrong> {
    let one = |name: &str| single(params, name).map_err(invalid);
    for (name, error) in NEVER {
        if params.iter().any(|(key, _)| key == name) {
            return Err((error, format!("{name} is not supported")));
        }
    }
    if one("state")?.is_some_and(|state| state.len() > STATE_BYTES_MAX) {
        return Err(invalid(format!("state is longer than {STATE_BYTES_MAX} bytes")));
    }
    match one("response_type")? {
        Some("code") => {}
        Some(_) => return Err(("unsupported_response_type", "response_type must be code".to_owned())),
        None => return Err(invalid("response_type is missing")),
    }
    if one("response_mode")?.is_some_and(|mode| mode != "query") {
        return Err(invalid("response_mode must be query"));
    }
    let nonce = one("nonce")?;
    if nonce.is_some_and(|nonce| nonce.len() > NONCE_BYTES_MAX) {
        return Err(invalid(format!("nonce is longer than {NONCE_BYTES_MAX} bytes")));
    }
    let max_age = one("max_age")?.map(|seconds| {
        seconds.parse().map_err(|_| invalid("max_age must be a number of seconds that is not negative"))
    });
    let hint = one("id_token_hint")?.map(|token| hinted(store, application, token));
    Ok(Question {
        application: application.clone(),
        redirect_uri: redirect_uri.to_owned(),
        state: None,
        nonce: nonce.map(ToOwned::to_owned),
        scopes: scopes(settings, one("scope")?)?,
        code_challenge: challenge(settings, one("code_challenge")?, one("code_challenge_method")?)?,
        key: key(settings, one("dpop_jkt")?)?,
        prompt: prompt(one("prompt")?)?,
        max_age: max_age.transpose()?,
        since: None,
        hint: hint.transpose()?,
        pushed: None,
    })
}

/// Whom an ID token is of that the application got before.
fn hinted(store: &Store, application: &Application, token: &str) -> Result<String, Wrong> {
    let found = store.read(|rx| oidc_keys::own(rx, &application.id, token));
    let subject = found.ok().flatten().and_then(|claims| Some(claims.get("sub")?.as_str()?.to_owned()));
    subject.ok_or_else(|| invalid("id_token_hint is no ID token that this issuer signed"))
}

/// What is granted: as much of what is asked for as the application may have (RFC 6749 §3.3). The answer to its token request says what that is.
pub(crate) fn scopes(settings: &OidcSettings, asked: Option<&str>) -> Result<Vec<String>, Wrong> {
    let Some(asked) = asked else {
        return Err(("invalid_scope", "scope is missing: openid at least".to_owned()));
    };
    let mut granted: Vec<String> = Vec::new();
    for scope in asked.split(' ').filter(|scope| settings.scopes.iter().any(|own| own == scope)) {
        if !granted.iter().any(|have| have == scope) {
            granted.push(scope.to_owned());
        }
    }
    if granted.is_empty() {
        return Err(("invalid_scope", "none of these scopes is one of the application's Scopes".to_owned()));
    }
    Ok(granted)
}

fn challenge(
    settings: &OidcSettings,
    challenge: Option<&str>,
    method: Option<&str>,
) -> Result<Option<String>, Wrong> {
    let Some(challenge) = challenge else {
        return match (settings.require_pkce, method) {
            (true, _) => Err(invalid("code_challenge is missing: PKCE is required")),
            (false, Some(_)) => Err(invalid("code_challenge_method is given without code_challenge")),
            (false, None) => Ok(None),
        };
    };
    // Absent means "plain" (RFC 7636 §4.3), which protects nothing once the request is seen.
    if method != Some("S256") {
        return Err(invalid("code_challenge_method must be S256"));
    }
    if !is_hash(challenge) {
        return Err(invalid("code_challenge must have 43 base64url characters"));
    }
    Ok(Some(challenge.to_owned()))
}

/// Whether a text can be a SHA-256 in base64url.
fn is_hash(text: &str) -> bool {
    let base64url = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    text.len() == CHALLENGE_CHARACTERS && text.bytes().all(base64url)
}

fn key(settings: &OidcSettings, thumbprint: Option<&str>) -> Result<Option<String>, Wrong> {
    match thumbprint {
        Some(_) if !settings.dpop_bound_tokens => {
            Err(invalid("dpop_jkt is given, and the application's tokens are bound to no key"))
        }
        Some(text) if !is_hash(text) => Err(invalid("dpop_jkt must have 43 base64url characters")),
        found => Ok(found.map(ToOwned::to_owned)),
    }
}

fn prompt(words: Option<&str>) -> Result<Prompt, Wrong> {
    let mut prompt = Prompt::default();
    for word in words.unwrap_or_default().split(' ').filter(|word| !word.is_empty()) {
        match word {
            "none" => prompt.none = true,
            "login" => prompt.login = true,
            "select_account" => prompt.select = true,
            "consent" => {
                let why = "prompt=consent: an administrator decides what the application is told, and nobody is asked";
                return Err(("consent_required", why.to_owned()));
            }
            _ => return Err(invalid("prompt must be none, or of login and select_account")),
        }
    }
    if prompt.none && (prompt.login || prompt.select) {
        return Err(invalid("prompt=none goes with no other word"));
    }
    Ok(prompt)
}

impl Question {
    fn refused(&self, ours: &OidcAddresses, error: &'static str, description: &str) -> Next {
        let to = (self.redirect_uri.as_str(), self.state.as_deref());
        Next::Refused(refusal((error, description.to_owned()), to, &ours.issuer(&self.application.id)))
    }

    /// Since when its person must have proved who they are, where the application asks for that.
    pub(crate) fn proved_since(&self, now: Timestamp) -> Option<Timestamp> {
        let recent = self.max_age.map(|most| now.minus(Duration::from_secs(most)));
        if self.prompt.login { Some(now) } else { recent }
    }

    /// What has to come before anybody is told anything, or in its place.
    fn before(&self, cx: &Cx, ours: &OidcAddresses, session: Option<&PortalSession>) -> Option<Next> {
        let prompt = self.prompt;
        let Some(session) = session else {
            return Some(if prompt.none {
                self.refused(ours, "login_required", "nobody is signed in")
            } else {
                Next::SignIn
            });
        };
        if prompt.select {
            return Some(Next::SignInAgain);
        }
        let is_old = self.max_age.is_some_and(|most| cx.now.since(session.verified_at).as_secs() > most);
        let is_before = self.since.is_some_and(|since| session.verified_at < since);
        if prompt.login || is_old || is_before {
            return Some(if prompt.none {
                self.refused(
                    ours,
                    "login_required",
                    "it is longer than max_age since the person proved who they are",
                )
            } else {
                Next::ProveAgain
            });
        }
        if self.hint.as_deref().is_some_and(|hint| hint != session.user.user_id.as_str()) {
            return Some(self.refused(
                ours,
                "login_required",
                "another person is signed in than the one of id_token_hint",
            ));
        }
        None
    }
}

/// What comes of a question, for whoever's session this is.
pub async fn answer(
    store: &Store,
    cx: &Cx,
    (ours, question): (&OidcAddresses, &Question),
    session: Option<&PortalSession>,
) -> Result<Next, Fault> {
    cx.event().detail("redirect_uri", question.redirect_uri.as_str());
    if let Some(next) = question.before(cx, ours, session) {
        return Ok(next);
    }
    let Some(session) = session else { return Ok(Next::SignIn) };
    let id = &question.application.id;
    if !store.read(|rx| may_use(rx, id, &session.user.user_id))? {
        return Ok(question.refused(ours, "access_denied", "the person may not use this application"));
    }
    let code = Secret::new(URL_SAFE_NO_PAD.encode(bytes::<32>(cx.entropy())));
    let (asked, kept, session) = (question.clone(), code.clone(), session.user.session_id.clone());
    store
        .write(cx, move |tx, cx| {
            let id = &asked.application.id;
            let found = portal_sessions::find(tx, &session)?;
            let session = found
                .filter(|session| session.is_live(cx.now) && !session.is_idle(cx.now))
                .ok_or_else(|| Fault::say(FaultKind::Unauthorized, Saying::SessionEnded))?;
            if !may_use(tx, id, &session.user.user_id)? {
                let application = asked.application.name.clone();
                return Err(Fault::say(FaultKind::Forbidden, Saying::ApplicationNotAssigned { application }));
            }
            let new = OidcCode {
                application_id: id.clone(),
                redirect_uri: asked.redirect_uri.clone(),
                code_challenge: asked.code_challenge.clone(),
                nonce: asked.nonce.clone(),
                scopes: asked.scopes.clone(),
                user_id: session.user.user_id,
                session_id: session.user.session_id,
                key: asked.key.clone(),
                family_id: None,
                created_at: cx.now,
                expires_at: cx.now.plus(AUTHORIZATION_CODE),
            };
            let hash = tx.keyring().hash_token(kept.expose());
            oidc_codes::insert(tx, &hash, &new)
        })
        .await?;
    let to = (&question.redirect_uri, question.state.as_deref());
    Ok(Next::Go(Secret::new(address(to.0, &[("code", code.expose())], to.1, &ours.issuer(id)))))
}

/// The redirect URI with `pairs`, the state and the issuer (RFC 9207) behind what its query has.
fn address(redirect_uri: &str, pairs: &[(&str, &str)], state: Option<&str>, issuer: &str) -> String {
    let mut url = redirect_uri.to_owned();
    let all = pairs.iter().copied().chain(state.map(|state| ("state", state))).chain([("iss", issuer)]);
    for (name, value) in all {
        appended(&mut url, name, value);
    }
    url
}

/// Adds a parameter to an address.
pub(crate) fn appended(url: &mut String, name: &str, value: &str) {
    url.push(if url.contains('?') { '&' } else { '?' });
    url.push_str(name);
    url.push('=');
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            url.push(char::from(byte));
        } else {
            url.push('%');
            url.push_str(&model::id::hex(&[byte]).to_ascii_uppercase());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_stands_behind_what_an_address_has() {
        let to = |uri| address(uri, &[("code", "a b")], Some("x&y"), "https://i.example/1");
        assert_eq!(
            to("https://app.example/cb"),
            "https://app.example/cb?code=a%20b&state=x%26y&iss=https%3A%2F%2Fi.example%2F1"
        );
        assert!(to("https://app.example/cb?t=1").starts_with("https://app.example/cb?t=1&code="));
        assert!(to("com.example.app:/cb").starts_with("com.example.app:/cb?code="));
    }
}
