//! Whom an administrator disabled and their source deleted then: what they were known by, so that they are known when a source brings them again.

use model::directory::identity_store::IdentityStoreId;
use model::directory::kept_out::KeptOut;
use model::directory::user::{ExternalId, UserId};
use model::fault::Fault;

use crate::error::StoreError;
use crate::row::{Row, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

/// The columns that [`kept_out`] reads.
macro_rules! columns {
    () => {
        "SELECT user_id, source, external_id, user_name_key, owned_since, disabled_here_at, deleted_at FROM kept_out "
    };
}

statements! {
    INSERT = "INSERT INTO kept_out (user_id, identity_store_id, source, external_id, user_name_key, owned_since, disabled_here_at, deleted_at)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    FIND = concat!(columns!(), "WHERE user_id = ?2 AND identity_store_id = ?1");
    FIND_BY_NAME = concat!(columns!(), "WHERE identity_store_id = ?1 AND user_name_key = ?2 ORDER BY disabled_here_at, user_id LIMIT 1");
    FIND_BY_EXTERNAL_ID = concat!(columns!(),
              "WHERE identity_store_id = ?1 AND source = ?2 AND external_id = ?3 ORDER BY disabled_here_at, user_id LIMIT 1");
    DELETE = "DELETE FROM kept_out WHERE user_id = ?1";
    DELETE_BY_NAME = "DELETE FROM kept_out WHERE identity_store_id = ?1 AND user_name_key = ?2";
    DELETE_BY_EXTERNAL_ID = "DELETE FROM kept_out WHERE identity_store_id = ?1 AND source = ?2 AND external_id = ?3";
}

fn kept_out(row: &Row<'_>) -> Result<KeptOut, StoreError> {
    Ok(KeptOut {
        user_id: UserId::trusted(row.text(0)?),
        source: row.text(1)?,
        external_id: row.opt_text(2)?,
        user_name_key: row.text(3)?,
        owned_since: row.time(4)?,
        disabled_here_at: row.time(5)?,
        deleted_at: row.time(6)?,
    })
}

/// Keeps one.
pub fn insert(tx: &mut Tx<'_>, store: &IdentityStoreId, new: &KeptOut) -> Result<(), Fault> {
    tx.insert(
        &INSERT,
        params![
            new.user_id.as_str(),
            store.as_str(),
            &new.source,
            new.external_id.as_ref(),
            &new.user_name_key,
            new.owned_since,
            new.disabled_here_at,
            new.deleted_at
        ],
    )
}

/// The one who had this id.
pub fn find(rx: &mut Rx<'_>, store: &IdentityStoreId, id: &UserId) -> Result<Option<KeptOut>, StoreError> {
    rx.first(&FIND, params![store.as_str(), id.as_str()], kept_out)
}

/// One who had this name.
pub fn find_by_name(
    rx: &mut Rx<'_>,
    store: &IdentityStoreId,
    user_name_key: &str,
) -> Result<Option<KeptOut>, StoreError> {
    rx.first(&FIND_BY_NAME, params![store.as_str(), user_name_key], kept_out)
}

/// One whom a source called so.
pub fn find_by_external_id(
    rx: &mut Rx<'_>,
    store: &IdentityStoreId,
    external: &ExternalId,
) -> Result<Option<KeptOut>, StoreError> {
    let params = params![store.as_str(), &external.issuer, &external.id];
    rx.first(&FIND_BY_EXTERNAL_ID, params, kept_out)
}

/// Forgets the one who had this id.
pub fn delete(tx: &mut Tx<'_>, id: &UserId) -> Result<(), Fault> {
    tx.execute(&DELETE, params![id.as_str()])?;
    Ok(())
}

/// Forgets all who had this name.
pub fn delete_by_name(tx: &mut Tx<'_>, store: &IdentityStoreId, user_name_key: &str) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_NAME, params![store.as_str(), user_name_key])?;
    Ok(())
}

/// Forgets all whom a source called so.
pub fn delete_by_external_id(
    tx: &mut Tx<'_>,
    store: &IdentityStoreId,
    external: &ExternalId,
) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_EXTERNAL_ID, params![store.as_str(), &external.issuer, &external.id])?;
    Ok(())
}
