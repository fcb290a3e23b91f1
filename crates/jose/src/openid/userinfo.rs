//! What the userinfo endpoint says (OpenID Connect Core §5.3): some providers put into an ID token who signed in and nothing more. Who asks it, with
//! the access token, is not known here.

use thiserror::Error;

use crate::json::{object, shown};
use crate::openid::claims::Claims;

/// Bytes of an answer at most.
pub const BYTES_MAX: usize = 262_144;

/// Why there are no claims.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum UserinfoError {
    /// Not answered.
    #[error(
        "the provider's userinfo endpoint answered HTTP {0}: may this client's access tokens be used there?"
    )]
    Status(u16),
    /// No JSON object, too long, too deep, or with a member given twice.
    #[error(
        "what the provider's userinfo endpoint answers is no acceptable JSON: {0} (a signed answer is not read: switch it off for this client)"
    )]
    Json(String),
    /// About somebody else.
    #[error(
        "the provider's userinfo endpoint tells of {found}, and {wanted} signed in: an access token was exchanged"
    )]
    Subject {
        /// Of whom it tells.
        found: String,
        /// Who signed in.
        wanted: String,
    },
}

/// Reads an answer, which must be about the `subject` of the ID token (§5.3.2).
pub fn read(status: u16, body: &[u8], subject: &str) -> Result<Claims, UserinfoError> {
    if status != 200 {
        return Err(UserinfoError::Status(status));
    }
    let members = object(body, BYTES_MAX).map_err(UserinfoError::Json)?;
    let found = members.get("sub").and_then(serde_json::Value::as_str);
    if found == Some(subject) {
        return Ok(Claims::new(members));
    }
    Err(UserinfoError::Subject { found: shown(found.unwrap_or_default()), wanted: shown(subject) })
}
