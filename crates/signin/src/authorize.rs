//! `/authorize` (RFC 6749 §4.1 with PKCE, RFC 7636, RFC 9700): what a client asks of a person's browser. Until the client and the
//! redirect URI are known to belong together nothing is ever sent to that URI; afterwards every refusal goes there.

use model::cx::Cx;
use model::fault::{Fault, FaultKind, OAuthError};
use model::limits::AUTHORIZATION_CODE;
use model::saying::Saying;
use model::signin::oauth::{AuthorizationCode, ClientId, GrantType, OAuthClient};
use model::signin::portal_session::PortalSession;
use model::timestamp::Timestamp;
use store::db::Store;
use store::signin::consents;

use crate::config::Config;
use crate::device::{Decision, decision_step};
use crate::redirect_uri::{RedirectUri, shares_host};
use crate::sessions;

pub(crate) const STATE_BYTES_MAX: usize = 2_048;
/// Base64url characters of a SHA-256.
const CHALLENGE_CHARACTERS: usize = 43;

/// A request that a person may be asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizeRequest {
    /// The client.
    pub client_id: ClientId,
    /// What the client calls itself.
    pub client_name: String,
    /// Where the answer goes: on the person's own machine.
    pub redirect_uri: String,
    /// The client's own value, given back unchanged.
    pub state: Option<String>,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// The S256 challenge.
    pub code_challenge: String,
    /// Whether the person must sign in anew first (`prompt=login`, OpenID Connect Core §3.1.2.1).
    pub sign_in_again: bool,
    /// Whether the person must be asked although they agreed before (`prompt=consent`).
    pub asks_consent: bool,
    /// Until when the client is registered.
    registered_until: Timestamp,
}

/// How a person agrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreed {
    /// On the page, this once.
    Once,
    /// On the page, and is not to be asked again.
    ForGood,
    /// Before.
    Before,
}

/// Why there is nothing to ask a person about.
#[derive(Debug, Clone)]
pub enum Refusal {
    /// To be shown as a page. Never redirect: nobody knows who made this request.
    Page(Fault),
    /// To be answered by sending the browser to this address, which carries the error.
    Redirect(String),
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Page(fault)
    }
}

/// Reads the decoded query parameters of `/authorize`.
pub fn open(
    store: &Store,
    cx: &Cx,
    config: &Config,
    params: &[(String, String)],
) -> Result<AuthorizeRequest, Refusal> {
    let page = |message: &str| Refusal::Page(Fault::oauth(OAuthError::InvalidRequest, message));
    let id = single(params, "client_id").map_err(page)?.ok_or_else(|| page("client_id is missing"))?;
    let stale = || Fault::say(FaultKind::OAuth(OAuthError::InvalidClient), Saying::ProgramUnknown);
    let id = ClientId::parse(id).map_err(|_| stale())?;
    let found = store.read(|rx| Ok(store::signin::oauth_clients::find(rx, &id)?))?;
    let (client, _) = found.filter(|(client, _)| cx.now < client.expires_at).ok_or_else(stale)?;
    validate(&client, config, params)
}

/// [`open`] for a known client: a pure function.
fn validate(
    client: &OAuthClient,
    config: &Config,
    params: &[(String, String)],
) -> Result<AuthorizeRequest, Refusal> {
    let page = |message: &str| Refusal::Page(Fault::oauth(OAuthError::InvalidRequest, message));
    let redirect_uri =
        single(params, "redirect_uri").map_err(page)?.ok_or_else(|| page("redirect_uri is missing"))?;
    if !is_registered(client, redirect_uri) {
        let message = "redirect_uri is not one that the program registered";
        return Err(Refusal::Page(Fault::oauth(OAuthError::InvalidRedirectUri, message)));
    }
    if RedirectUri::parse(redirect_uri).is_ok_and(|uri| uri.is_on(&config.page_host())) {
        return Err(Refusal::Page(shares_host(&config.page_host())));
    }
    let state = single(params, "state").ok().flatten().filter(|state| state.len() <= STATE_BYTES_MAX);
    match rest(client, params) {
        Ok((scopes, code_challenge, prompt)) => Ok(AuthorizeRequest {
            client_id: client.id.clone(),
            client_name: client.name.clone(),
            redirect_uri: redirect_uri.to_owned(),
            state: state.map(ToOwned::to_owned),
            scopes,
            code_challenge,
            sign_in_again: prompt.login,
            asks_consent: prompt.consent,
            registered_until: client.expires_at,
        }),
        Err((error, description)) => {
            let pairs = [("error", error), ("error_description", description)];
            Err(Refusal::Redirect(answer(redirect_uri, &pairs, state, config.issuer())))
        }
    }
}

fn is_registered(client: &OAuthClient, asked: &str) -> bool {
    let Ok(asked) = RedirectUri::parse(asked) else { return false };
    client.redirect_uris.iter().any(|uri| RedirectUri::parse(uri).is_ok_and(|uri| uri.admits(&asked)))
}

type RedirectError = (&'static str, &'static str);

/// What is checked once a refusal may be sent to the client: the scopes, the challenge, and whether to sign in anew.
fn rest(
    client: &OAuthClient,
    params: &[(String, String)],
) -> Result<(Vec<String>, String, Prompt), RedirectError> {
    let invalid = |message| ("invalid_request", message);
    if single(params, "state").map_err(invalid)?.is_some_and(|state| state.len() > STATE_BYTES_MAX) {
        return Err(invalid("state is longer than 2048 bytes"));
    }
    match single(params, "response_type").map_err(invalid)? {
        Some("code") => {}
        Some(_) => return Err(("unsupported_response_type", "response_type must be code")),
        None => return Err(invalid("response_type is missing")),
    }
    if !client.may(GrantType::AuthorizationCode) {
        return Err(("unauthorized_client", "the client registered without the authorization_code grant"));
    }
    // Absent means "plain" (RFC 7636 §4.3), which protects nothing once the request is seen.
    if single(params, "code_challenge_method").map_err(invalid)? != Some("S256") {
        return Err(invalid("code_challenge_method must be S256"));
    }
    let challenge = single(params, "code_challenge")
        .map_err(invalid)?
        .ok_or_else(|| invalid("code_challenge is missing: PKCE is required"))?;
    if !is_challenge(challenge) {
        return Err(invalid("code_challenge must have 43 base64url characters"));
    }
    Ok((asked_scopes(client, params)?, challenge.to_owned(), prompt(params)?))
}

/// Whether a text can be an S256 challenge.
pub(crate) fn is_challenge(text: &str) -> bool {
    let base64url = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    text.len() == CHALLENGE_CHARACTERS && text.bytes().all(base64url)
}

/// What a person must be asked whatever they did before.
#[derive(Default)]
struct Prompt {
    login: bool,
    consent: bool,
}

/// `prompt`, a list of words. A person may have to be asked whatever they agreed to before, so that `none` is never promised.
fn prompt(params: &[(String, String)]) -> Result<Prompt, RedirectError> {
    let words = single(params, "prompt").map_err(|message| ("invalid_request", message))?.unwrap_or_default();
    let mut prompt = Prompt::default();
    for word in words.split(' ').filter(|word| !word.is_empty()) {
        match word {
            "login" | "select_account" => prompt.login = true,
            "consent" => prompt.consent = true,
            "none" => return Err(("interaction_required", "prompt=none: a person may have to be asked")),
            _ => {
                return Err(("invalid_request", "prompt must be of login, select_account, consent and none"));
            }
        }
    }
    Ok(prompt)
}

/// AWS CLI says `scopes`, RFC 6749 and aws-sso-cli `scope`. Never more than the client registered.
fn asked_scopes(client: &OAuthClient, params: &[(String, String)]) -> Result<Vec<String>, RedirectError> {
    let mut asked: Vec<String> = Vec::new();
    for name in ["scope", "scopes"] {
        let value = single(params, name).map_err(|message| ("invalid_request", message))?.unwrap_or_default();
        for scope in value.split(' ').filter(|scope| !scope.is_empty()) {
            if !client.scopes.iter().any(|registered| registered == scope) {
                return Err(("invalid_scope", "a scope is not one that the client registered"));
            }
            if !asked.iter().any(|have| have == scope) {
                asked.push(scope.to_owned());
            }
        }
    }
    Ok(if asked.is_empty() { client.scopes.clone() } else { asked })
}

/// A parameter that may be given once (RFC 6749 §3.1).
pub(crate) fn single<'a>(
    params: &'a [(String, String)],
    name: &str,
) -> Result<Option<&'a str>, &'static str> {
    let mut values = params.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let first = values.next();
    if values.next().is_some() {
        return Err("a parameter is given more than once");
    }
    Ok(first.filter(|value| !value.is_empty()))
}

/// The person of `session` approves: the address that takes the code to the client. The request must come from [`open`], again, on
/// the submission of the form.
pub async fn approve(
    store: &Store,
    cx: &Cx,
    config: &Config,
    session: &PortalSession,
    (request, agreed): (&AuthorizeRequest, Agreed),
) -> Result<String, Fault> {
    let code = crate::random::token(cx);
    let step = decision_step(cx, session, Decision::Approve);
    if agreed != Agreed::Once {
        step.event().detail("consent", if agreed == Agreed::Before { "REMEMBERED" } else { "REMEMBER" });
    }
    step.event().detail("clientId", request.client_id.as_str());
    step.event().detail("clientName", request.client_name.as_str());
    let (id, asked, secret) = (session.user.session_id.clone(), request.clone(), code.clone());
    store
        .write(&step, move |tx, cx| {
            let session = sessions::live(tx, &id, cx.now)?
                .ok_or_else(|| Fault::say(FaultKind::Unauthorized, Saying::SessionEnded))?;
            let of = (&session.user.user_id, &asked.client_id);
            match agreed {
                Agreed::Once => {}
                Agreed::ForGood => consents::put(tx, of, &asked.scopes, (cx.now, asked.registered_until))?,
                Agreed::Before if crate::consents::covers_in(tx, cx, &session, &asked)? => {
                    consents::touch(tx, of, cx.now)?;
                }
                Agreed::Before => {
                    return Err(Fault::say(FaultKind::Forbidden, Saying::ConsentTakenBack));
                }
            }
            let new = AuthorizationCode {
                client_id: asked.client_id.clone(),
                redirect_uri: asked.redirect_uri.clone(),
                code_challenge: asked.code_challenge.clone(),
                scopes: asked.scopes.clone(),
                user_id: session.user.user_id,
                session_id: session.user.session_id,
                family_id: None,
                created_at: cx.now,
                expires_at: cx.now.plus(AUTHORIZATION_CODE),
            };
            let hash = tx.keyring().hash_token(secret.expose());
            store::signin::authorization_codes::insert(tx, &hash, &new)
        })
        .await?;
    let state = request.state.as_deref();
    Ok(answer(&request.redirect_uri, &[("code", code.expose())], state, config.issuer()))
}

/// The person refuses: the address that tells the client.
pub async fn deny(
    store: &Store,
    cx: &Cx,
    config: &Config,
    session: &PortalSession,
    request: &AuthorizeRequest,
) -> Result<String, Fault> {
    let step = decision_step(cx, session, Decision::Deny);
    step.event().detail("clientId", request.client_id.as_str());
    step.event().detail("clientName", request.client_name.as_str());
    store.write(&step, |_, _| Ok(())).await?;
    let pairs = [("error", "access_denied"), ("error_description", "The request was denied.")];
    Ok(answer(&request.redirect_uri, &pairs, request.state.as_deref(), config.issuer()))
}

/// The redirect URI with `pairs`, the state and the issuer (RFC 9207) in its query. Registered URIs have no query of their own.
pub(crate) fn answer(
    redirect_uri: &str,
    pairs: &[(&str, &str)],
    state: Option<&str>,
    issuer: &str,
) -> String {
    let mut url = redirect_uri.to_owned();
    let all = pairs.iter().copied().chain(state.map(|state| ("state", state))).chain([("iss", issuer)]);
    for (index, (name, value)) in all.enumerate() {
        url.push(if index == 0 { '?' } else { '&' });
        url.push_str(name);
        url.push('=');
        encode(&mut url, value);
    }
    url
}

/// Appends a value as a part of a query.
pub(crate) fn encode(out: &mut String, value: &str) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push_str(&model::id::hex(&[byte]).to_ascii_uppercase());
        }
    }
}
