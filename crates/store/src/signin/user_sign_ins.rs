//! When each person last signed in. Written with the session that begins ([`super::portal_sessions::insert`]), and goes with the person.

use model::directory::user::UserId;
use model::fault::Fault;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::params;
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    // A clock that is set back takes nothing away.
    PUT = "INSERT INTO user_sign_ins (user_id, signed_in_at) VALUES (?1, ?2)
           ON CONFLICT (user_id) DO UPDATE SET signed_in_at = excluded.signed_in_at WHERE user_sign_ins.signed_in_at < excluded.signed_in_at";
    FIND = "SELECT signed_in_at FROM user_sign_ins WHERE user_id = ?1";
    DELETE = "DELETE FROM user_sign_ins WHERE user_id = ?1";
}

/// Writes that somebody signs in.
pub(crate) fn put(tx: &mut Tx<'_>, user: &UserId, at: Timestamp) -> Result<(), Fault> {
    tx.insert(&PUT, params![user.as_str(), at])
}

/// When somebody last signed in, as far as that is known.
pub fn find(rx: &mut Rx<'_>, user: &UserId) -> Result<Option<Timestamp>, StoreError> {
    rx.first(&FIND, params![user.as_str()], |row| row.time(0))
}

/// Forgets it.
pub(crate) fn delete(tx: &mut Tx<'_>, user: &UserId) -> Result<(), Fault> {
    tx.execute(&DELETE, params![user.as_str()])?;
    Ok(())
}
