//! What the token of a session that was made with a key says, and whom it means now. Making one is [`key_sessions`](crate::key_sessions)'s.

use model::caller::{Caller, KeySession};
use model::fault::Fault;
use model::secret::Secret;
use model::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use store::accounts::access_keys;
use store::tx::Rx;

use crate::key_callers::caller;
use crate::token_refusals::{expired, invalid};

/// The sealed content of a session token. Short names: the token travels with every request.
#[derive(Serialize, Deserialize)]
pub(crate) struct Claims {
    /// The key that the session was made with.
    #[serde(rename = "o")]
    pub(crate) of: String,
    #[serde(rename = "k")]
    pub(crate) secret: String,
    #[serde(rename = "t")]
    pub(crate) issued_at: i64,
    #[serde(rename = "e")]
    pub(crate) expires_at: i64,
}

impl Drop for Claims {
    fn drop(&mut self) {
        use zeroize::Zeroize as _;
        self.secret.zeroize();
    }
}

impl Claims {
    /// The secret of the session, and when it ends.
    pub(crate) fn proof(&self) -> (Secret, Timestamp) {
        (Secret::new(self.secret.clone()), Timestamp::from_micros(self.expires_at))
    }
}

/// The caller behind a session that was made with a key: its holder, as long as the key opens something.
pub(crate) fn open(rx: &mut Rx<'_>, id: &str, claims: &Claims, now: Timestamp) -> Result<Caller, Fault> {
    let (issued_at, expires_at) =
        (Timestamp::from_micros(claims.issued_at), Timestamp::from_micros(claims.expires_at));
    if now >= expires_at || issued_at <= store::instances::revocations::not_before(rx)? {
        return Err(expired());
    }
    let key = access_keys::find_active(rx, &claims.of)?.ok_or_else(invalid)?;
    caller(rx, (&key, id), Some(KeySession { issued_at, expires_at }))?.ok_or_else(invalid)
}
