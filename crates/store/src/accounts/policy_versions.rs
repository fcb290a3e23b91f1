//! What the versions of policies say that accounts have of their own.

use model::accounts::policy::{Policy, PolicyVersion};
use model::fault::Fault;

use crate::accounts::policies::key;
use crate::error::StoreError;
use crate::row::{Row, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO policy_versions (account_id, policy_name_key, version, document, created_at) VALUES (?1, ?2, ?3, ?4, ?5)";
    FIND = "SELECT version, document, created_at FROM policy_versions WHERE account_id = ?1 AND policy_name_key = ?2 AND version = ?3";
    LIST = "SELECT version, document, created_at FROM policy_versions WHERE account_id = ?1 AND policy_name_key = ?2 ORDER BY version DESC";
    DELETE = "DELETE FROM policy_versions WHERE account_id = ?1 AND policy_name_key = ?2 AND version = ?3";
    DELETE_ALL = "DELETE FROM policy_versions WHERE account_id = ?1 AND policy_name_key = ?2";
}

/// Adds a version.
pub fn insert(tx: &mut Tx<'_>, policy: &Policy, new: &PolicyVersion) -> Result<(), Fault> {
    let name = key(policy.name.as_str());
    tx.insert(&INSERT, params![policy.account_id.as_str(), &name, new.number, &new.document, new.created_at])
}

/// The version of this number.
pub fn find(rx: &mut Rx<'_>, policy: &Policy, number: i64) -> Result<Option<PolicyVersion>, StoreError> {
    rx.first(&FIND, params![policy.account_id.as_str(), &key(policy.name.as_str()), number], version)
}

/// All versions, the newest first: five at most.
pub fn list(rx: &mut Rx<'_>, policy: &Policy) -> Result<Vec<PolicyVersion>, StoreError> {
    rx.all(&LIST, params![policy.account_id.as_str(), &key(policy.name.as_str())], version)
}

/// Removes a version.
pub fn delete(tx: &mut Tx<'_>, policy: &Policy, number: i64) -> Result<(), Fault> {
    tx.execute_one(&DELETE, params![policy.account_id.as_str(), &key(policy.name.as_str()), number])
}

/// Removes every version.
pub fn delete_all(tx: &mut Tx<'_>, policy: &Policy) -> Result<(), Fault> {
    tx.execute(&DELETE_ALL, params![policy.account_id.as_str(), &key(policy.name.as_str())])?;
    Ok(())
}

fn version(row: &Row<'_>) -> Result<PolicyVersion, StoreError> {
    Ok(PolicyVersion { number: row.int(0)?, document: row.text(1)?, created_at: row.time(2)? })
}
