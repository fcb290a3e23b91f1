//! A code for tokens (RFC 6749 §2.3.1, §4.1.3, §5; OpenID Connect Core §3.1.3): what is sent to the token endpoint, and what it answers. Who sends it
//! is not known here, and nothing of a token is believed yet.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use thiserror::Error;

use crate::form::{joined, written};
use crate::json::{kind, object};
use crate::openid::refused::{quoted, remedy};
use crate::openid::request::Attempt;
use crate::secret::Secret;

/// Bytes of an answer at most.
pub const BYTES_MAX: usize = 262_144;

/// The proof of a client.
#[derive(Debug, Clone, Copy)]
pub enum ClientProof<'p> {
    /// As [`crate::openid::method::Method::Basic`].
    Basic(&'p Secret),
    /// As [`crate::openid::method::Method::Post`].
    Post(&'p Secret),
    /// As [`crate::openid::method::Method::Nothing`].
    Nothing,
}

/// A code to be exchanged.
#[derive(Debug, Clone, Copy)]
pub struct TokenRequest<'r> {
    /// Who exchanges it.
    pub client_id: &'r str,
    /// How it proves that.
    pub proof: ClientProof<'r>,
    /// Where the code came to: the same as in the authorization request.
    pub redirect_uri: &'r str,
    /// The code.
    pub code: &'r Secret,
    /// What the authorization request was made with.
    pub attempt: &'r Attempt,
}

/// What is posted to the token endpoint, as `application/x-www-form-urlencoded` and with `Accept: application/json`. Never along a redirect: it
/// holds secrets.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// The body.
    pub body: Secret,
    /// The value of the header `Authorization`, if it has one.
    pub authorization: Option<Secret>,
}

impl TokenRequest<'_> {
    /// What is to be sent.
    pub fn outgoing(&self) -> Outgoing {
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", self.code.expose()),
            ("redirect_uri", self.redirect_uri),
            ("code_verifier", self.attempt.verifier.expose()),
        ];
        let authorization = match self.proof {
            ClientProof::Basic(secret) => Some(basic(self.client_id, secret)),
            ClientProof::Post(secret) => {
                fields.extend([("client_id", self.client_id), ("client_secret", secret.expose())]);
                None
            }
            ClientProof::Nothing => {
                fields.push(("client_id", self.client_id));
                None
            }
        };
        Outgoing { body: written(&fields), authorization }
    }
}

/// Id and secret are each written as in a form before they are joined (RFC 6749 §2.3.1), so that a colon in one is no border.
fn basic(client_id: &str, secret: &Secret) -> Secret {
    let pair = joined([("", client_id), (":", secret.expose())].into_iter());
    let mut header = String::with_capacity("Basic ".len() + 4 * pair.expose().len().div_ceil(3));
    header.push_str("Basic ");
    STANDARD.encode_string(pair.expose(), &mut header);
    Secret::new(header)
}

/// What a provider gave for a code.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// To be judged by [`crate::openid::id_token::IdToken::verify`].
    pub id_token: Secret,
    /// For the userinfo endpoint, if there is one.
    pub access_token: Option<Secret>,
}

/// Why there are no tokens.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TokenError {
    /// The provider refuses.
    #[error("the provider's token endpoint answered {said} (HTTP {status}); {remedy}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// What it said, quoted.
        said: String,
        /// What to do.
        remedy: &'static str,
    },
    /// An answer that is none.
    #[error(
        "the provider's token endpoint answered HTTP {0} without saying why: is the address right, and does nothing between here and there answer instead?"
    )]
    Status(u16),
    /// No JSON object, too long, too deep, or with a member given twice.
    #[error("what the provider's token endpoint answers is no acceptable JSON: {0}")]
    Json(String),
    /// No ID token.
    #[error(
        "the provider's token endpoint gave no id_token: is it an OpenID Connect provider, and may this client have the scope openid there?"
    )]
    NoIdToken,
    /// A member is of another type.
    #[error("the provider's token endpoint gave a {member} that is {found}, not a string")]
    Kind {
        /// The member.
        member: &'static str,
        /// What it is.
        found: &'static str,
    },
    /// An access token that is used otherwise.
    #[error(
        "the provider's token endpoint gave an access token without the token_type Bearer: have it give bearer tokens to this client"
    )]
    NotBearer,
}

impl Tokens {
    /// Reads the answer of the token endpoint. Whatever else it gives, a refresh token among it, is wiped and not kept.
    pub fn read(status: u16, body: &[u8]) -> Result<Self, TokenError> {
        let read = object(body, BYTES_MAX);
        let mut answer = match (status, read) {
            (200, read) => read.map_err(TokenError::Json)?,
            (_, Ok(answer)) => answer,
            (status, Err(_)) => return Err(TokenError::Status(status)),
        };
        // Some say so with 200 (GitHub).
        if let Some(code) = answer.get("error").and_then(Value::as_str) {
            let said = quoted(code, answer.get("error_description").and_then(Value::as_str));
            return Err(TokenError::Refused { status, said, remedy: remedy(code) });
        }
        drop(take(&mut answer, "refresh_token"));
        let (id_token, access_token) = (take(&mut answer, "id_token")?, take(&mut answer, "access_token")?);
        if status != 200 {
            return Err(TokenError::Status(status));
        }
        let is_bearer = answer
            .get("token_type")
            .and_then(Value::as_str)
            .is_some_and(|name| name.eq_ignore_ascii_case("Bearer"));
        if access_token.is_some() && !is_bearer {
            return Err(TokenError::NotBearer);
        }
        Ok(Self { id_token: id_token.ok_or(TokenError::NoIdToken)?, access_token })
    }
}

/// Takes a string out of an answer without a copy.
fn take(answer: &mut Map<String, Value>, member: &'static str) -> Result<Option<Secret>, TokenError> {
    match answer.swap_remove(member) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(Secret::new(text))),
        Some(other) => Err(TokenError::Kind { member, found: kind(&other) }),
    }
}
