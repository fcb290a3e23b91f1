//! `/v1/authorize`: what `aws login` asks of a person's browser. The programs are known beforehand and have no registration: what binds a code to
//! one of them is where it goes (a loopback address of this machine, or nowhere but before the person's eyes), the challenge, and the key that
//! redeems it. Until client and redirect URI are known to belong together nothing is ever sent to that URI.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::caller::Caller;
use model::cx::Cx;
use model::event::EventHead;
use model::fault::{Fault, FaultKind, OAuthError};
use model::limits::{AUTHORIZATION_CODE, LOGIN_CODE_CARRIED};
use model::saying::Saying;
use model::secret::Secret;
use model::signin::console_login::{ChosenRole, LoginClient, LoginCode};
use model::signin::portal_session::PortalSession;
use serde_json::json;
use store::db::Store;

use crate::authorize::{Refusal, STATE_BYTES_MAX, answer, encode, is_challenge, single};
use crate::config::Config;
use crate::redirect_uri::{RedirectUri, shares_host};
use crate::sessions;

/// The one scope there is: an ID token, which names the role.
const SCOPE: &str = "openid";
/// How AWS CLI calls what RFC 7636 §4.2 calls S256, and that word.
const METHODS: [&str; 2] = ["SHA-256", "S256"];

/// A request that a person may be asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginRequest {
    /// The program.
    pub client: LoginClient,
    /// Where the answer goes.
    pub redirect_uri: String,
    /// The program's own value, given back unchanged.
    pub state: String,
    /// The S256 challenge.
    pub code_challenge: String,
    method: &'static str,
}

/// What becomes of an answer.
#[derive(Debug, Clone)]
pub enum Answer {
    /// The browser goes to this address, which carries it.
    Redirect(String),
    /// The person is shown this, to carry it to the program.
    Show(Secret),
}

/// Reads the decoded query parameters of `/v1/authorize`.
pub fn open(config: &Config, params: &[(String, String)]) -> Result<LoginRequest, Refusal> {
    let page = |error, message: String| Refusal::Page(Fault::oauth(error, message));
    let invalid = |message: &str| page(OAuthError::InvalidRequest, message.to_owned());
    let id = single(params, "client_id").map_err(invalid)?.ok_or_else(|| invalid("client_id is missing"))?;
    let client = LoginClient::find(id).ok_or_else(|| {
        let [one, other] = LoginClient::ALL.map(LoginClient::id);
        page(OAuthError::InvalidClient, format!("client_id must be {one} or {other}"))
    })?;
    let redirect_uri =
        single(params, "redirect_uri").map_err(invalid)?.ok_or_else(|| invalid("redirect_uri is missing"))?;
    belongs(config, client, redirect_uri)?;
    let state = single(params, "state").ok().flatten().filter(|state| state.len() <= STATE_BYTES_MAX);
    match rest(params) {
        Ok((state, method, code_challenge)) => Ok(LoginRequest {
            client,
            redirect_uri: redirect_uri.to_owned(),
            state: state.to_owned(),
            code_challenge: code_challenge.to_owned(),
            method,
        }),
        Err((error, description)) if client == LoginClient::SameDevice => {
            let pairs = [("error", error), ("error_description", description)];
            Err(Refusal::Redirect(answer(redirect_uri, &pairs, state, config.issuer())))
        }
        // There is nobody to tell but the person.
        Err((_, description)) => Err(invalid(description)),
    }
}

/// Whether a redirect URI is one of the program's: on this machine for the one, one that nothing is ever sent to for the other.
fn belongs(config: &Config, client: LoginClient, redirect_uri: &str) -> Result<(), Fault> {
    match client {
        LoginClient::SameDevice => {
            let uri = RedirectUri::parse(redirect_uri)?;
            if uri.is_on(&config.page_host()) {
                return Err(shares_host(&config.page_host()));
            }
            Ok(())
        }
        LoginClient::CrossDevice => {
            let known = config.login_confirmations();
            if known.iter().any(|known| known == redirect_uri) {
                return Ok(());
            }
            let message = format!(
                "redirect_uri must be {}: AWS_ENDPOINT_URL_SIGNIN (or AWS_ENDPOINT_URL) must be the address of this server",
                known.join(" or ")
            );
            Err(Fault::oauth(OAuthError::InvalidRedirectUri, message))
        }
    }
}

type RedirectError = (&'static str, &'static str);

/// What is checked once a refusal may be sent to the program: the state, the method of the challenge, the challenge.
fn rest(params: &[(String, String)]) -> Result<(&str, &'static str, &str), RedirectError> {
    let invalid = |message| ("invalid_request", message);
    let needed = |name, missing| {
        let given = single(params, name).map_err(invalid)?;
        given.ok_or_else(|| invalid(missing))
    };
    let state = needed("state", "state is missing")?;
    if state.len() > STATE_BYTES_MAX {
        return Err(invalid("state is longer than 2048 bytes"));
    }
    if needed("response_type", "response_type is missing")? != "code" {
        return Err(("unsupported_response_type", "response_type must be code"));
    }
    if single(params, "scope").map_err(invalid)?.is_some_and(|scope| scope != SCOPE) {
        return Err(("invalid_scope", "scope must be openid"));
    }
    let method = single(params, "code_challenge_method").map_err(invalid)?;
    let method = METHODS.into_iter().find(|known| Some(*known) == method);
    let method = method.ok_or_else(|| invalid("code_challenge_method must be SHA-256 or S256"))?;
    let challenge = needed("code_challenge", "code_challenge is missing: PKCE is required")?;
    if !is_challenge(challenge) {
        return Err(invalid("code_challenge must have 43 base64url characters"));
    }
    Ok((state, method, challenge))
}

/// The person of `session` approves and has chosen a role, which they may use: whoever calls has made sure. The request must come from
/// [`open`], again, on the submission of the form.
pub async fn approve(
    store: &Store,
    (cx, config): (&Cx, &Config),
    session: &PortalSession,
    request: &LoginRequest,
    chosen: ChosenRole,
) -> Result<Answer, Fault> {
    let code = crate::random::token(cx);
    let step = step(cx, session, request);
    step.event().add("success", "true");
    step.event().add("accountId", chosen.account_id.as_str());
    step.event().add("roleName", chosen.role_name.as_str());
    let (id, asked, secret) = (session.user.session_id.clone(), request.clone(), code.clone());
    store
        .write(&step, move |tx, cx| {
            let session = sessions::live(tx, &id, cx.now)?
                .ok_or_else(|| Fault::say(FaultKind::Unauthorized, Saying::SessionEnded))?;
            let new = LoginCode {
                client: asked.client,
                redirect_uri: asked.redirect_uri.clone(),
                code_challenge: asked.code_challenge.clone(),
                user_id: session.user.user_id,
                session_id: session.user.session_id,
                chosen: chosen.clone(),
                login_id: None,
                created_at: cx.now,
                expires_at: cx.now.plus(match asked.client {
                    LoginClient::SameDevice => AUTHORIZATION_CODE,
                    LoginClient::CrossDevice => LOGIN_CODE_CARRIED,
                }),
            };
            let hash = tx.keyring().hash_token(secret.expose());
            store::signin::console_login_codes::insert(tx, &hash, &new)
        })
        .await?;
    Ok(match request.client {
        LoginClient::SameDevice => {
            let pairs = [("code", code.expose())];
            Answer::Redirect(answer(&request.redirect_uri, &pairs, Some(&request.state), config.issuer()))
        }
        LoginClient::CrossDevice => Answer::Show(carried(&code, &request.state)),
    })
}

/// What a person carries to AWS CLI, which takes it apart again: base64 of a query string with `code` and `state`.
fn carried(code: &Secret, state: &str) -> Secret {
    let mut text = format!("code={}&state=", code.expose());
    encode(&mut text, state);
    Secret::new(STANDARD.encode(text))
}

/// The person refuses: the address that tells the program, where there is one.
pub async fn deny(
    store: &Store,
    (cx, config): (&Cx, &Config),
    session: &PortalSession,
    request: &LoginRequest,
) -> Result<Option<String>, Fault> {
    let step = step(cx, session, request);
    step.event().add("success", "false");
    store.write(&step, |_, _| Ok(())).await?;
    let pairs = [("error", "access_denied"), ("error_description", "The request was denied.")];
    Ok((request.client == LoginClient::SameDevice)
        .then(|| answer(&request.redirect_uri, &pairs, Some(&request.state), config.issuer())))
}

/// A person's decision, as CloudTrail records it.
fn step(cx: &Cx, session: &PortalSession, request: &LoginRequest) -> Cx {
    let named = cx.clone().with_caller(Caller::portal_user(session.user.clone()));
    named.with_event(EventHead {
        source: "signin.amazonaws.com".into(),
        name: "AuthorizeOAuth2Access".into(),
        read_only: true,
        request_parameters: json!({
            "scope": SCOPE,
            "redirect_uri": request.redirect_uri,
            "code_challenge_method": request.method,
            "client_id": request.client.id(),
        })
        .into(),
        ..EventHead::default()
    })
}
