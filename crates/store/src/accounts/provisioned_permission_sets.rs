//! Which permission set stands in which account, as which role, at which revision.

use std::collections::{BTreeSet, HashMap};

use model::accounts::account::AccountId;
use model::accounts::permission_set::PermissionSetId;
use model::fault::Fault;
use model::page::PageRequest;
use model::timestamp::Timestamp;

use crate::accounts::account_assignments::place_list;
use crate::error::StoreError;
use crate::row::params;
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    UPSERT = "INSERT INTO provisioned_permission_sets (account_id, permission_set_id, role_name, revision, provisioned_at, since)
              VALUES (?1, ?2, ?3, ?4, ?5, ?5) ON CONFLICT (account_id, permission_set_id)
              DO UPDATE SET revision = excluded.revision, provisioned_at = excluded.provisioned_at, since = CASE
                WHEN provisioned_permission_sets.revision = excluded.revision THEN provisioned_permission_sets.since ELSE excluded.since END";
    // What stood until now, unless it goes on in the same revision.
    END = "INSERT INTO ended_provisionings (account_id, permission_set_id, revision, since, ended_at)
              SELECT account_id, permission_set_id, revision, since, CAST(?3 AS BIGINT) FROM provisioned_permission_sets
              WHERE account_id = ?1 AND permission_set_id = ?2 AND since < ?3 AND revision <> ?4 ON CONFLICT DO NOTHING";
    FIND = "SELECT role_name, revision FROM provisioned_permission_sets WHERE account_id = ?1 AND permission_set_id = ?2";
    FIND_EACH = "SELECT account_id, permission_set_id, revision FROM provisioned_permission_sets
              WHERE (account_id, permission_set_id) IN (SELECT substr(value, 1, 12), substr(value, 14, 19) FROM json_each(?1))";
    DELETE = "DELETE FROM provisioned_permission_sets WHERE account_id = ?1 AND permission_set_id = ?2";
    EXISTS = "SELECT account_id FROM provisioned_permission_sets WHERE permission_set_id = ?1 LIMIT 1";
    HOLDERS = "SELECT account_id FROM provisioned_permission_sets WHERE permission_set_id = ?1 ORDER BY account_id";
    COUNT_IN_ACCOUNT = "SELECT COUNT(*) FROM provisioned_permission_sets WHERE account_id = ?1";
    ACCOUNTS = "SELECT p.account_id FROM provisioned_permission_sets p
                JOIN permission_sets s ON s.permission_set_id = p.permission_set_id
                WHERE p.permission_set_id = ?1 AND p.account_id > ?2
                  AND (CAST(?3 AS BIGINT) = 0 OR (CAST(?3 AS BIGINT) = 1 AND p.revision = s.revision)
                    OR (CAST(?3 AS BIGINT) = 2 AND p.revision <> s.revision)) ORDER BY p.account_id LIMIT ?4";
    PERMISSION_SETS = "SELECT p.permission_set_id FROM provisioned_permission_sets p
                JOIN permission_sets s ON s.permission_set_id = p.permission_set_id
                WHERE p.account_id = ?1 AND p.permission_set_id > ?2
                  AND (CAST(?3 AS BIGINT) = 0 OR (CAST(?3 AS BIGINT) = 1 AND p.revision = s.revision)
                    OR (CAST(?3 AS BIGINT) = 2 AND p.revision <> s.revision)) ORDER BY p.permission_set_id LIMIT ?4";
}

/// No permission set has it: they count from 1.
const NO_REVISION: i64 = 0;

/// Which provisioned permission sets to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Latest {
    /// All.
    Any,
    /// `LATEST_PERMISSION_SET_PROVISIONED`
    Yes,
    /// `LATEST_PERMISSION_SET_NOT_PROVISIONED`
    No,
}

impl Latest {
    const fn code(self) -> i64 {
        match self {
            Self::Any => 0,
            Self::Yes => 1,
            Self::No => 2,
        }
    }
}

/// Says that the account holds the permission set as this role at this revision.
pub fn upsert(
    tx: &mut Tx<'_>,
    account: &AccountId,
    set: &PermissionSetId,
    (role_name, revision): (&str, i64),
    at: Timestamp,
) -> Result<(), Fault> {
    tx.insert(&END, params![account.as_str(), set.as_str(), at, revision])?;
    tx.execute_one(&UPSERT, params![account.as_str(), set.as_str(), role_name, revision, at])
}

/// The role's name and the revision, if the account holds the permission set.
pub fn find(
    rx: &mut Rx<'_>,
    account: &AccountId,
    set: &PermissionSetId,
) -> Result<Option<(String, i64)>, StoreError> {
    rx.first(&FIND, params![account.as_str(), set.as_str()], |row| Ok((row.text(0)?, row.int(1)?)))
}

/// In which revision each of these permission sets stands in each of these accounts; those that stand nowhere are left out.
pub fn revisions(
    rx: &mut Rx<'_>,
    places: &BTreeSet<(AccountId, PermissionSetId)>,
) -> Result<HashMap<(AccountId, PermissionSetId), i64>, StoreError> {
    let found = rx.all(&FIND_EACH, params![&place_list(places)], |row| {
        let place = (AccountId::trusted(row.text(0)?), PermissionSetId::trusted(row.text(1)?));
        Ok((place, row.int(2)?))
    })?;
    Ok(found.into_iter().collect())
}

/// Says that the account no longer holds it, as of `at`.
pub fn delete(
    tx: &mut Tx<'_>,
    account: &AccountId,
    set: &PermissionSetId,
    at: Timestamp,
) -> Result<(), Fault> {
    tx.insert(&END, params![account.as_str(), set.as_str(), at, NO_REVISION])?;
    tx.execute_one(&DELETE, params![account.as_str(), set.as_str()])
}

/// Whether any account holds it.
pub fn exists(rx: &mut Rx<'_>, set: &PermissionSetId) -> Result<bool, StoreError> {
    rx.exists(&EXISTS, params![set.as_str()])
}

/// Every account that holds it, by id.
pub fn holders(rx: &mut Rx<'_>, set: &PermissionSetId) -> Result<Vec<AccountId>, StoreError> {
    rx.all(&HOLDERS, params![set.as_str()], |row| Ok(AccountId::trusted(row.text(0)?)))
}

/// How many the account holds.
pub fn count_in_account(rx: &mut Rx<'_>, account: &AccountId) -> Result<u64, StoreError> {
    rx.count(&COUNT_IN_ACCOUNT, params![account.as_str()])
}

/// The accounts that hold it, by id.
pub fn accounts(
    rx: &mut Rx<'_>,
    set: &PermissionSetId,
    latest: Latest,
    page: &PageRequest,
) -> Result<Vec<AccountId>, StoreError> {
    let params = params![set.as_str(), page.after_or_start(), latest.code(), page.rows()];
    rx.all(&ACCOUNTS, params, |row| Ok(AccountId::trusted(row.text(0)?)))
}

/// What the account holds, by id.
pub fn permission_sets(
    rx: &mut Rx<'_>,
    account: &AccountId,
    latest: Latest,
    page: &PageRequest,
) -> Result<Vec<PermissionSetId>, StoreError> {
    let params = params![account.as_str(), page.after_or_start(), latest.code(), page.rows()];
    rx.all(&PERMISSION_SETS, params, |row| Ok(PermissionSetId::trusted(row.text(0)?)))
}
