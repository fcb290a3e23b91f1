//! How applications come by tokens.

use model::applications::application::ApplicationId;
use model::applications::grant::{Grant, GrantType};
use model::fault::Fault;

use crate::error::StoreError;
use crate::row::{Row, json, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    UPSERT = "INSERT INTO application_grants (application_id, grant_type, settings) VALUES (?1, ?2, ?3)
              ON CONFLICT (application_id, grant_type) DO UPDATE SET settings = excluded.settings";
    FIND = "SELECT settings FROM application_grants WHERE application_id = ?1 AND grant_type = ?2";
    ALL_OF = "SELECT settings FROM application_grants WHERE application_id = ?1 ORDER BY grant_type";
    DELETE = "DELETE FROM application_grants WHERE application_id = ?1 AND grant_type = ?2";
    DELETE_BY_APPLICATION = "DELETE FROM application_grants WHERE application_id = ?1";
}

/// Sets the one of its kind.
pub fn upsert(tx: &mut Tx<'_>, application: &ApplicationId, it: &Grant) -> Result<(), Fault> {
    let settings = json(it)?;
    tx.execute_one(&UPSERT, params![application.as_str(), it.kind().as_str(), &settings])
}

/// The one of a kind.
pub fn find(
    rx: &mut Rx<'_>,
    application: &ApplicationId,
    kind: GrantType,
) -> Result<Option<Grant>, StoreError> {
    rx.first(&FIND, params![application.as_str(), kind.as_str()], grant)
}

/// All of an application: one of each kind at most.
pub fn all_of(rx: &mut Rx<'_>, application: &ApplicationId) -> Result<Vec<Grant>, StoreError> {
    rx.all(&ALL_OF, params![application.as_str()], grant)
}

/// Removes the one of a kind; `false` when it was not there.
pub fn delete(tx: &mut Tx<'_>, application: &ApplicationId, kind: GrantType) -> Result<bool, Fault> {
    Ok(tx.execute(&DELETE, params![application.as_str(), kind.as_str()])? == 1)
}

/// Removes all of an application.
pub fn delete_by_application(tx: &mut Tx<'_>, application: &ApplicationId) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_APPLICATION, params![application.as_str()])?;
    Ok(())
}

fn grant(row: &Row<'_>) -> Result<Grant, StoreError> {
    row.json(0)
}
