//! People whom an administrator let try again at once.

use model::directory::user::UserId;
use model::fault::Fault;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::params;
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    ADD = "INSERT INTO unlocks (user_id, times, unlocked_at) VALUES (?1, 1, ?2)
           ON CONFLICT (user_id) DO UPDATE SET times = unlocks.times + 1, unlocked_at = excluded.unlocked_at";
    TIMES = "SELECT times FROM unlocks WHERE user_id = ?1";
    DELETE = "DELETE FROM unlocks WHERE user_id = ?1";
}

/// Says that somebody may try again.
pub fn add(tx: &mut Tx<'_>, user: &UserId, now: Timestamp) -> Result<(), Fault> {
    tx.insert(&ADD, params![user.as_str(), now])
}

/// How often somebody was let try again.
pub fn times(rx: &mut Rx<'_>, user: &UserId) -> Result<i64, StoreError> {
    Ok(rx.first(&TIMES, params![user.as_str()], |row| row.int(0))?.unwrap_or_default())
}

/// Forgets somebody who is gone.
pub fn delete(tx: &mut Tx<'_>, user: &UserId) -> Result<(), Fault> {
    tx.execute(&DELETE, params![user.as_str()])?;
    Ok(())
}
