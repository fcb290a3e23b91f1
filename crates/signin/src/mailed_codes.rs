//! Codes by mail, the second factor of people without a device where the directory's policy says so. A code works once, for ten minutes, in the
//! sign-in that it was mailed for and in no other: whoever begins another one with the same password has no use for it. Does not know which sign-ins
//! wait for one.

use std::time::Duration;

use model::cx::Cx;
use model::directory::user::{User, UserId};
use model::entropy::bytes;
use model::fault::Fault;
use model::id::hex;
use model::secret::Secret;
use model::signin::letter::LetterKind;
use model::signin::mfa::CodeKind;
use store::sealing::Keyring;
use store::signin::one_time_codes;
use store::tx::Tx;

use crate::attempts::Letters;
use crate::config::Config;
use crate::letters::{self, Happened, Person};
use crate::mails::{self, NewLetter};
use crate::portal_settings;

/// How long a code works.
const VALIDITY: Duration = Duration::from_mins(10);
/// Its digits: that many are guessed at for ten minutes, ever more slowly.
const DIGITS: u32 = 8;

/// Whether codes can be mailed to a person.
pub(crate) fn can_reach(config: &Config, user: &User) -> bool {
    config.mails && mails::address_of(user).is_some()
}

/// Mails a code for the flow of this hash, in the place of the one before; false when too many were sent a moment ago.
pub(crate) fn send_in(
    tx: &mut Tx<'_>,
    cx: &Cx,
    config: &Config,
    (user, flow): (&UserId, &[u8; 32]),
) -> Result<bool, Fault> {
    let found = store::directory::users::find(tx, &config.identity_store_id, user)?;
    let Some(user) = &found else { return Ok(false) };
    let Some(to) = mails::address_of(user).filter(|_| config.mails) else { return Ok(false) };
    if !Letters::codes(tx.keyring(), user.id.as_str()).may_send(tx, cx.now)? {
        return Ok(false);
    }
    let (code, until) = (digits(cx), cx.now.plus(VALIDITY));
    let hash = hash(tx.keyring(), (&user.id, flow), &code);
    one_time_codes::delete_kind(tx, &user.id, CodeKind::Email)?;
    one_time_codes::insert(tx, (&user.id, CodeKind::Email), &hash, cx.now, Some(until))?;
    let portal = portal_settings::shown(tx, &config.identity_store_id)?.name;
    let person = Person::of(user, config, portal.as_deref());
    let asked = Happened { at: cx.now, source_ip: &cx.source_ip, user_agent: &cx.user_agent };
    let text = letters::code(person, &code, (until, asked));
    let letter =
        NewLetter { kind: LetterKind::SignInCode, user: &user.id, to: &to, text: &text, until: Some(until) };
    mails::send_in(tx, cx, &letter)?;
    Ok(true)
}

/// Uses a code up, if it is the one that was mailed for this flow.
pub(crate) fn take(tx: &mut Tx<'_>, cx: &Cx, of: (&UserId, &[u8; 32]), code: &Secret) -> Result<bool, Fault> {
    let hash = hash(tx.keyring(), of, code);
    one_time_codes::take(tx, (of.0, CodeKind::Email), &hash, cx.now)
}

/// The keyed hash of a code, whatever stands between its digits.
fn hash(keys: &Keyring, (user, flow): (&UserId, &[u8; 32]), code: &Secret) -> [u8; 32] {
    let plain: String = code.expose().chars().filter(char::is_ascii_alphanumeric).collect();
    keys.hash_token(&format!("mailed-code {user} {} {plain}", hex(flow)))
}

/// `1234 5678`
fn digits(cx: &Cx) -> Secret {
    // 2^64 values modulo 10^8: none is likelier than another by more than one in 10^11.
    let number = u64::from_be_bytes(bytes::<8>(cx.entropy())) % 10_u64.pow(DIGITS);
    let half = 10_u64.pow(DIGITS / 2);
    Secret::new(format!("{:04} {:04}", number / half, number % half))
}
