//! What administrators decide for a directory: JSON documents by name. What a document means is the domain's.

use model::directory::identity_store::IdentityStoreId;
use model::fault::Fault;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::params;
use crate::statement::statements;
use crate::tx::{Rx, Tx};

/// The name of the document that says how long sessions live.
pub const SESSION_SETTINGS: &str = "session_settings";

statements! {
    FIND = "SELECT document FROM directory_settings WHERE identity_store_id = ?1 AND name = ?2";
    PUT = "INSERT INTO directory_settings (identity_store_id, name, document, updated_at) VALUES (?1, ?2, ?3, ?4)
           ON CONFLICT (identity_store_id, name) DO UPDATE SET document = excluded.document, updated_at = excluded.updated_at";
}

/// The document of this name; `None` while nobody decided.
pub fn find(rx: &mut Rx<'_>, store: &IdentityStoreId, name: &str) -> Result<Option<String>, StoreError> {
    rx.first(&FIND, params![store.as_str(), name], |row| row.text(0))
}

/// Sets the document of this name.
pub fn put(
    tx: &mut Tx<'_>,
    store: &IdentityStoreId,
    (name, document): (&str, &str),
    now: Timestamp,
) -> Result<(), Fault> {
    tx.execute_one(&PUT, params![store.as_str(), name, document, now])
}
