//! Who we say that we are to whom we ask: the values of `Authorization`. Nothing of them is shown or logged.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::HeaderValue;
use model::secret::Secret;
use zeroize::Zeroizing;

use crate::failure::Why;

/// Who we say that we are.
#[derive(Debug, Clone, Copy)]
pub enum Credentials<'a> {
    /// Nobody.
    Nobody,
    /// A user and a password (RFC 7617), as they are: OAuth's clients encode both before (RFC 6749 §2.3.1), which is for whoever knows OAuth.
    Basic {
        /// Without a colon.
        user: &'a str,
        /// Anything.
        password: &'a Secret,
    },
    /// A token (RFC 6750).
    Bearer(&'a Secret),
    /// The header's value, as whoever knows OAuth wrote it.
    Written(&'a Secret),
}

impl Credentials<'_> {
    /// The value of the header; it is wiped when dropped, and marked so that nothing prints it.
    pub(crate) fn header(&self) -> Result<Option<HeaderValue>, Why> {
        let text = match self {
            Self::Nobody => return Ok(None),
            Self::Basic { user, .. } if user.contains(':') || user.chars().any(char::is_control) => {
                return Err(Why::Unsendable(
                    "the user holds a colon or a control character, which no user of HTTP can",
                ));
            }
            Self::Basic { user, password } => {
                let pair = Zeroizing::new(format!("{user}:{}", password.expose()));
                let encoded = Zeroizing::new(STANDARD.encode(pair.as_bytes()));
                Zeroizing::new(format!("Basic {}", encoded.as_str()))
            }
            Self::Bearer(token) if !is_token(token.expose()) => {
                return Err(Why::Unsendable("the token holds what no bearer token can"));
            }
            Self::Bearer(token) => Zeroizing::new(format!("Bearer {}", token.expose())),
            Self::Written(value) => Zeroizing::new(value.expose().to_owned()),
        };
        let bytes = Bytes::from_owner(Zeroizing::new(text.as_bytes().to_vec()));
        let mut value = HeaderValue::from_maybe_shared(bytes)
            .map_err(|_| Why::Unsendable("the credentials hold what no header can"))?;
        value.set_sensitive(true);
        Ok(Some(value))
    }
}

/// `b64token` of RFC 6750 §2.1.
fn is_token(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let is_kept =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/');
    !body.is_empty() && body.bytes().all(is_kept)
}
