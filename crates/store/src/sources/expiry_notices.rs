//! What was announced before it ends: a row for each credential, with how many days ahead the last letter was.

use model::fault::Fault;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::params;
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    FIND = "SELECT days FROM expiry_notices WHERE credential_id = ?1";
    PUT = "INSERT INTO expiry_notices (credential_id, days, announced_at) VALUES (?1, ?2, ?3)
           ON CONFLICT (credential_id) DO UPDATE SET days = excluded.days, announced_at = excluded.announced_at";
    DELETE_OLD = "DELETE FROM expiry_notices WHERE credential_id IN
              (SELECT credential_id FROM expiry_notices WHERE announced_at < ?1 ORDER BY announced_at LIMIT 500)";
}

/// How many days ahead the end of a credential was last announced.
pub fn find(rx: &mut Rx<'_>, credential_id: &str) -> Result<Option<i64>, StoreError> {
    rx.first(&FIND, params![credential_id], |row| row.int(0))
}

/// Its end is announced, so many days ahead.
pub fn put(tx: &mut Tx<'_>, (credential_id, days): (&str, i64), now: Timestamp) -> Result<(), Fault> {
    tx.execute_one(&PUT, params![credential_id, days, now])
}

/// Removes up to 500 of what was announced before `before`; how many.
pub fn delete_old(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, Fault> {
    Ok(tx.execute(&DELETE_OLD, params![before])?)
}
