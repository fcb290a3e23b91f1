//! Where the browser is sent to sign in (OpenID Connect Core §3.1.2.1, RFC 7636), and what ties the answer to this question. Randomness is given; who
//! keeps an attempt, and how, is not known here.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use thiserror::Error;

use crate::address::Address;
use crate::form;
use crate::json::shown;
use crate::openid::discovery::Provider;
use crate::secret::Secret;

/// Random bytes that an attempt is made of.
pub const RANDOM: usize = 96;
/// Characters of a hint and of a scope at most.
const TEXT_MAX: usize = 256;

/// One sign-in that was begun: what was sent with it, so that only its own answer fits. The browser that is sent must be the one that comes back:
/// keep it under something that this browser alone has.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// Comes back with the browser.
    pub state: Secret,
    /// Comes back in the ID token.
    pub nonce: Secret,
    /// Goes to the token endpoint with the code; the browser's address has only its digest.
    pub verifier: Secret,
}

impl Attempt {
    /// A new one, of bytes that nobody can guess.
    pub fn new(random: &[u8; RANDOM]) -> Self {
        let part = |at: usize| {
            let bytes = random.iter().skip(at).take(RANDOM / 3).copied();
            Secret::new(URL_SAFE_NO_PAD.encode(bytes.collect::<Vec<u8>>()))
        };
        Self { state: part(0), nonce: part(RANDOM / 3), verifier: part(2 * (RANDOM / 3)) }
    }

    /// The digest of the verifier (RFC 7636 §4.2, S256).
    pub fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(digest(&SHA256, self.verifier.expose().as_bytes()))
    }
}

/// What a provider is asked.
#[derive(Debug, Clone, Copy)]
pub struct AuthorizationRequest<'r> {
    /// Who is asked.
    pub provider: &'r Provider,
    /// Who asks.
    pub client_id: &'r str,
    /// Where the browser comes back to.
    pub redirect_uri: &'r str,
    /// What is asked for, besides `openid`.
    pub scopes: &'r [&'r str],
    /// Whether the person is to sign in there though they are signed in (`prompt=login`).
    pub prompt_login: bool,
    /// How many seconds ago they may have signed in there (`max_age`). Whoever asks so holds the ID token to it.
    pub max_age: Option<u64>,
    /// Whom we think it is (`login_hint`).
    pub login_hint: Option<&'r str>,
}

/// Why nobody can be sent.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RequestError {
    /// The provider's address has one of our parameters.
    #[error(
        "the provider's authorization_endpoint has the parameter {0} already: use the address without it"
    )]
    Twice(String),
    /// No scope.
    #[error(
        "the scope {0} must be 1 to {TEXT_MAX} printable ASCII characters without space, quotation mark and backslash"
    )]
    Scope(String),
    /// Too long a hint.
    #[error("the login hint has {0} bytes, {TEXT_MAX} at most")]
    Hint(usize),
}

impl AuthorizationRequest<'_> {
    /// The address to send the browser to.
    pub fn url(&self, attempt: &Attempt) -> Result<String, RequestError> {
        let (scope, challenge) = (self.scope()?, attempt.challenge());
        let max_age = self.max_age.map(|seconds| seconds.to_string());
        let mut fields = vec![
            ("response_type", "code"),
            ("client_id", self.client_id),
            ("redirect_uri", self.redirect_uri),
            ("scope", &scope),
            ("state", attempt.state.expose()),
            ("nonce", attempt.nonce.expose()),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        if self.prompt_login {
            fields.push(("prompt", "login"));
        }
        if let Some(seconds) = &max_age {
            fields.push(("max_age", seconds));
        }
        if let Some(hint) = self.login_hint {
            if hint.len() > TEXT_MAX {
                return Err(RequestError::Hint(hint.len()));
            }
            fields.push(("login_hint", hint));
        }
        self.with(&fields)
    }

    /// The endpoint with its own parameters, which stay, and ours (RFC 6749 §3.1: none may be there twice).
    fn with(&self, fields: &[(&str, &str)]) -> Result<String, RequestError> {
        let endpoint = &self.provider.authorization_endpoint;
        let query = Address::read(endpoint).ok().and_then(|address| address.query);
        for (name, _) in form::fields(query.unwrap_or_default()).flatten() {
            if name == "response_mode" || fields.iter().any(|(ours, _)| *ours == name) {
                return Err(RequestError::Twice(shown(&name)));
            }
        }
        let joint = match query {
            None => "?",
            Some("") => "",
            Some(_) => "&",
        };
        Ok(format!("{endpoint}{joint}{}", form::written(fields).expose()))
    }

    fn scope(&self) -> Result<String, RequestError> {
        let mut all = vec!["openid"];
        for scope in self.scopes {
            // RFC 6749 §3.3.
            let is_fit = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
            if !(1..=TEXT_MAX).contains(&scope.len()) || !scope.bytes().all(is_fit) {
                return Err(RequestError::Scope(shown(scope)));
            }
            if !all.contains(scope) {
                all.push(scope);
            }
        }
        Ok(all.join(" "))
    }
}
