//! Which source wins, of each attribute: a row for each identity store whose administrators decided.

use model::directory::attribute_precedence::AttributePrecedence;
use model::directory::identity_store::IdentityStoreId;
use model::fault::Fault;

use crate::error::StoreError;
use crate::row::params;
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    PUT = "INSERT INTO attribute_precedences (identity_store_id, precedence) VALUES (?1, ?2)
              ON CONFLICT (identity_store_id) DO UPDATE SET precedence = excluded.precedence";
    FIND = "SELECT precedence FROM attribute_precedences WHERE identity_store_id = ?1";
}

/// Writes what was decided.
pub fn put(
    tx: &mut Tx<'_>,
    store_id: &IdentityStoreId,
    precedence: &AttributePrecedence,
) -> Result<(), Fault> {
    let precedence = serde_json::to_string(precedence).map_err(Fault::internal)?;
    tx.execute_one(&PUT, params![store_id.as_str(), &precedence])
}

/// What was decided; nothing before anybody decided.
pub fn find(rx: &mut Rx<'_>, store_id: &IdentityStoreId) -> Result<AttributePrecedence, StoreError> {
    Ok(rx.first(&FIND, params![store_id.as_str()], |row| row.json(0))?.unwrap_or_default())
}
