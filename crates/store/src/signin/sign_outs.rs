//! Ends portal sessions with everything that hangs on them, so that no caller can end one and forget its tokens. Between the sessions and
//! the tokens, which know nothing of one another's rows.

use std::time::Duration;

use model::directory::user::UserId;
use model::fault::Fault;
use model::record::time_of;
use model::timestamp::Timestamp;

use crate::accounts::{access_uses, portal_choices};
use crate::applications::{oidc_participants, oidc_tokens, saml_participants};
use crate::directory::users;
use crate::instances::revocations;
use crate::signin::{
    consents, console_logins, invitations, mails, mfa_devices, one_time_codes, passwords, portal_sessions,
    remembered_browsers, sign_in_flows, tokens, unlocks, user_sign_ins,
};
use crate::tx::Tx;

/// Rows that one call removes of what has expired. The statements name it as a number: a planner that does not know how few rows are meant reads the
/// whole table.
pub const EXPIRED_MAX: u64 = 500;

/// Ends a session, and the token families, logins and participants that hang on it, and has applications told that hear of it; false when it was gone.
pub fn one(tx: &mut Tx<'_>, session_id: &str) -> Result<bool, Fault> {
    tokens::delete_by_session(tx, session_id)?;
    console_logins::delete_by_session(tx, session_id)?;
    saml_participants::delete_by_session(tx, session_id)?;
    oidc_tokens::delete_by_session(tx, session_id)?;
    oidc_participants::end_session(tx, session_id)?;
    portal_sessions::delete(tx, session_id)
}

/// Ends a session that another one of the same user takes the place of: what programs got through it hangs on that one from now on.
pub fn replaced(tx: &mut Tx<'_>, session_id: &str, by: &str) -> Result<(), Fault> {
    tokens::move_all(tx, session_id, by)?;
    console_logins::move_all(tx, session_id, by)?;
    saml_participants::move_all(tx, session_id, by)?;
    oidc_tokens::move_all(tx, session_id, by)?;
    oidc_participants::move_all(tx, session_id, by)?;
    portal_sessions::delete(tx, session_id).map(|_| ())
}

/// How far the clock of another server may be ahead of this one's.
const AHEAD_MAX: Duration = Duration::from_secs(300);

/// Ends every session of a user, and with them the tokens and codes that hang on them; how many sessions. Role credentials that were handed
/// out to the user, also by a server whose clock is a little ahead, as the trail tells, are void from now on.
pub fn of_user(tx: &mut Tx<'_>, user: &UserId, now: Timestamp) -> Result<u64, Fault> {
    let last = revocations::last_record(tx)?.map_or(now, time_of);
    users::set_not_before(tx, user, now.max(last.min(now.plus(AHEAD_MAX))))?;
    sign_in_flows::delete_by_user(tx, user)?;
    tokens::delete_by_user(tx, user)?;
    console_logins::delete_by_user(tx, user)?;
    saml_participants::delete_by_user(tx, user)?;
    oidc_tokens::delete_by_user(tx, user)?;
    oidc_participants::end_user(tx, user)?;
    portal_sessions::delete_by_user(tx, user)
}

/// Takes away everything by which a user who is gone signed in, what they kept for their next visit, and what is known of their last one.
pub fn forget(tx: &mut Tx<'_>, user: &UserId, now: Timestamp) -> Result<(), Fault> {
    of_user(tx, user, now)?;
    passwords::delete(tx, user)?;
    invitations::delete_by_user(tx, user)?;
    mails::delete_by_user(tx, user)?;
    mfa_devices::delete_by_user(tx, user)?;
    one_time_codes::delete_by_user(tx, user)?;
    consents::delete_by_user(tx, user)?;
    unlocks::delete(tx, user)?;
    portal_choices::delete_by_user(tx, user)?;
    access_uses::delete_by_user(tx, user)?;
    user_sign_ins::delete(tx, user)?;
    remembered_browsers::delete_by_user(tx, user)
}

/// Removes up to [`EXPIRED_MAX`] sessions that ended by `now`, and what hangs on them; how many sessions.
pub fn expired(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, Fault> {
    tokens::delete_of_expired_sessions(tx, now)?;
    console_logins::delete_of_expired_sessions(tx, now)?;
    saml_participants::delete_of_expired_sessions(tx, now)?;
    portal_sessions::delete_expired(tx, now)
}
