//! What was found to differ in connected accounts: a row for each thing, until it differs no more.

use model::accounts::account::AccountId;
use model::accounts::account_drift::{
    DriftFinding, DriftFound, DriftKind, DriftResource, FindingFilter, FindingId, FindingStatus,
};
use model::accounts::permission_set::PermissionSetId;
use model::fault::Fault;
use model::page::PageRequest;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::{Row, json, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

/// The columns that [`finding`] reads.
macro_rules! columns {
    () => {
        "finding_id, account_id, resource_type, resource_arn, permission_set_id, kind, differences, status, found_by, found_at, decided_by, decided_at, reason"
    };
}

statements! {
    INSERT = "INSERT INTO drift_findings (finding_id, account_id, resource_type, resource_arn, permission_set_id, kind, differences, status, detection_id,
              found_by, found_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    FIND = concat!("SELECT ", columns!(), " FROM drift_findings WHERE finding_id = ?1 AND account_id = ?2");
    FIND_BY_RESOURCE = concat!("SELECT ", columns!(), " FROM drift_findings WHERE account_id = ?1 AND resource_arn = ?2");
    // What is empty narrows nothing.
    PAGE = concat!("SELECT ", columns!(), " FROM drift_findings WHERE finding_id > ?1 AND (CAST(?2 AS TEXT) = '' OR account_id = CAST(?2 AS TEXT))
              AND (CAST(?3 AS TEXT) = '' OR permission_set_id = CAST(?3 AS TEXT)) AND (CAST(?4 AS TEXT) = '' OR status = CAST(?4 AS TEXT))
              ORDER BY finding_id LIMIT ?5");
    ANY = "SELECT finding_id FROM drift_findings WHERE account_id = ?1 LIMIT 1";
    SEE = "UPDATE drift_findings SET detection_id = ?2 WHERE finding_id = ?1";
    DECIDE = "UPDATE drift_findings SET status = ?2, decided_by = ?3, decided_at = ?4, reason = NULL WHERE finding_id = ?1";
    FAIL = "UPDATE drift_findings SET status = ?2, reason = ?3 WHERE finding_id = ?1";
    DELETE = "DELETE FROM drift_findings WHERE finding_id = ?1";
    DELETE_BY_RESOURCE = "DELETE FROM drift_findings WHERE account_id = ?1 AND resource_arn = ?2";
    DELETE_UNSEEN = "DELETE FROM drift_findings WHERE account_id = ?1 AND detection_id <> ?2";
    DELETE_BY_ACCOUNT = "DELETE FROM drift_findings WHERE account_id = ?1";
}

fn finding(row: &Row<'_>) -> Result<DriftFinding, StoreError> {
    Ok(DriftFinding {
        id: FindingId::trusted(row.text(0)?),
        account_id: AccountId::trusted(row.text(1)?),
        found: DriftFound {
            resource: row.word(2, DriftResource::parse)?,
            arn: row.text(3)?,
            permission_set_id: row.opt_text(4)?.map(PermissionSetId::trusted),
            kind: row.word(5, DriftKind::parse)?,
            differences: row.json(6)?,
        },
        status: row.word(7, FindingStatus::parse)?,
        found_by: row.text(8)?,
        found_at: row.time(9)?,
        decided_by: row.opt_text(10)?,
        decided_at: row.opt_time(11)?,
        reason: row.opt_text(12)?,
    })
}

/// Adds one, that a check found.
pub fn insert(tx: &mut Tx<'_>, new: &DriftFinding, detection: &str) -> Result<(), Fault> {
    tx.insert(
        &INSERT,
        params![
            new.id.as_str(),
            new.account_id.as_str(),
            new.found.resource.as_str(),
            &new.found.arn,
            new.found.permission_set_id.as_ref().map(PermissionSetId::as_str),
            new.found.kind.as_str(),
            &json(&new.found.differences)?,
            new.status.as_str(),
            detection,
            &new.found_by,
            new.found_at
        ],
    )
}

/// The one of this id in an account.
pub fn find(
    rx: &mut Rx<'_>,
    account: &AccountId,
    id: &FindingId,
) -> Result<Option<DriftFinding>, StoreError> {
    rx.first(&FIND, params![id.as_str(), account.as_str()], finding)
}

/// The one of a resource.
pub fn find_by_resource(
    rx: &mut Rx<'_>,
    account: &AccountId,
    arn: &str,
) -> Result<Option<DriftFinding>, StoreError> {
    rx.first(&FIND_BY_RESOURCE, params![account.as_str(), arn], finding)
}

/// A page of them, the oldest first.
pub fn page(
    rx: &mut Rx<'_>,
    filter: &FindingFilter,
    request: &PageRequest,
) -> Result<Vec<DriftFinding>, StoreError> {
    let account = filter.account.as_ref().map_or("", AccountId::as_str);
    let set = filter.permission_set.as_ref().map_or("", |arn| arn.id.as_str());
    let status = filter.status.map_or("", FindingStatus::as_str);
    let after = request.after_or_start();
    rx.all(&PAGE, params![after, account, set, status, request.rows()], finding)
}

/// A check saw it as it was.
pub fn see(tx: &mut Tx<'_>, id: &FindingId, detection: &str) -> Result<(), Fault> {
    tx.execute_one(&SEE, params![id.as_str(), detection])
}

/// Somebody decided what becomes of it.
pub fn decide(
    tx: &mut Tx<'_>,
    id: &FindingId,
    status: FindingStatus,
    (by, at): (&str, Timestamp),
) -> Result<(), Fault> {
    tx.execute_one(&DECIDE, params![id.as_str(), status.as_str(), by, at])
}

/// It could not be put right: it is for somebody to decide again.
pub fn fail(tx: &mut Tx<'_>, id: &FindingId, reason: &str) -> Result<(), Fault> {
    tx.execute_one(&FAIL, params![id.as_str(), FindingStatus::Open.as_str(), reason])
}

/// It differs no more.
pub fn delete(tx: &mut Tx<'_>, id: &FindingId) -> Result<(), Fault> {
    tx.execute_one(&DELETE, params![id.as_str()])
}

/// Whatever differed of a resource does no more; how many findings that ends.
pub fn delete_by_resource(tx: &mut Tx<'_>, account: &AccountId, arn: &str) -> Result<u64, Fault> {
    Ok(tx.execute(&DELETE_BY_RESOURCE, params![account.as_str(), arn])?)
}

/// What a check that saw everything did not see differs no more; how many findings that ends.
pub fn delete_unseen(tx: &mut Tx<'_>, account: &AccountId, detection: &str) -> Result<u64, Fault> {
    Ok(tx.execute(&DELETE_UNSEEN, params![account.as_str(), detection])?)
}

/// The account is connected no more.
pub fn delete_by_account(tx: &mut Tx<'_>, account: &AccountId) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_ACCOUNT, params![account.as_str()])?;
    Ok(())
}

/// Whether there is any in the account.
pub fn is_any(rx: &mut Rx<'_>, account: &AccountId) -> Result<bool, StoreError> {
    rx.exists(&ANY, params![account.as_str()])
}
