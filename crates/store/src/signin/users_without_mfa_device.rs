//! Who could come in by a password alone: people who are enabled, have a password and no device beside it. Whatever changes one of the three writes
//! it here too, in its own transaction, so that a page of them, and their count, never looks at everybody else.

use model::directory::identity_store::IdentityStoreId;
use model::directory::user::UserId;
use model::fault::Fault;
use model::page::PageRequest;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::params;
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    ADD = "INSERT INTO users_without_mfa_device (user_id, identity_store_id) SELECT u.user_id, u.identity_store_id FROM users u
           WHERE u.user_id = ?1 AND u.status = 'ENABLED' AND EXISTS (SELECT 1 FROM passwords p WHERE p.user_id = u.user_id)
             AND NOT EXISTS (SELECT 1 FROM mfa_devices d WHERE d.user_id = u.user_id) ON CONFLICT (user_id) DO NOTHING";
    REMOVE = "DELETE FROM users_without_mfa_device WHERE user_id = ?1";
    PAGE = "SELECT u.user_id, u.user_name, u.display_name, s.signed_in_at FROM (SELECT user_id FROM users_without_mfa_device
             WHERE identity_store_id = ?1 AND user_id > ?2 ORDER BY user_id LIMIT ?3) w CROSS JOIN users u
           LEFT JOIN user_sign_ins s ON s.user_id = u.user_id WHERE u.user_id = w.user_id ORDER BY u.user_id";
}

/// Somebody who could come in by a password alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unguarded {
    /// `UserId`
    pub id: UserId,
    /// `UserName`
    pub user_name: String,
    /// `DisplayName`
    pub display_name: String,
    /// When they last signed in, as far as that is known.
    pub signed_in_at: Option<Timestamp>,
}

/// Adds somebody of whom all three hold now.
pub(crate) fn add(tx: &mut Tx<'_>, user: &UserId) -> Result<(), Fault> {
    tx.insert(&ADD, params![user.as_str()])
}

/// Takes somebody away of whom one does not hold any more.
pub(crate) fn remove(tx: &mut Tx<'_>, user: &UserId) -> Result<(), Fault> {
    tx.execute(&REMOVE, params![user.as_str()])?;
    Ok(())
}

/// Those of a store, by id.
pub fn page(
    rx: &mut Rx<'_>,
    store: &IdentityStoreId,
    request: &PageRequest,
) -> Result<Vec<Unguarded>, StoreError> {
    rx.all(&PAGE, params![store.as_str(), request.after_or_start(), request.rows()], |row| {
        Ok(Unguarded {
            id: UserId::trusted(row.text(0)?),
            user_name: row.text(1)?,
            display_name: row.text(2)?,
            signed_in_at: row.opt_time(3)?,
        })
    })
}
