//! Account assignments.

use model::account::AccountId;
use model::account_assignment::{AccountAssignment, Principal};
use model::fault::Fault;
use model::group::GroupId;
use model::page::PageRequest;
use model::permission_set::PermissionSetId;
use model::timestamp::Timestamp;
use model::user::UserId;

use crate::error::StoreError;
use crate::row::{Row, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO account_assignments (account_id, permission_set_id, principal_type, principal_id, created_at)
              VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";
    DELETE = "DELETE FROM account_assignments WHERE account_id = ?1 AND permission_set_id = ?2 AND principal_type = ?3
              AND principal_id = ?4";
    EXISTS_IN_ACCOUNT = "SELECT account_id FROM account_assignments WHERE account_id = ?1 AND permission_set_id = ?2 LIMIT 1";
    PAGE = "SELECT account_id, permission_set_id, principal_type, principal_id FROM account_assignments
            WHERE account_id = ?1 AND permission_set_id = ?2 AND principal_id > ?3 ORDER BY principal_id LIMIT ?4";
    PAGE_BY_PRINCIPAL = "SELECT a.account_id, a.permission_set_id, a.principal_type, a.principal_id FROM account_assignments a
            WHERE a.principal_id IN (SELECT CAST(?1 AS TEXT) UNION ALL SELECT m.group_id FROM memberships m WHERE m.user_id = ?1)
              AND (a.account_id > ?2 OR (a.account_id = ?2 AND a.permission_set_id > ?3)
                OR (a.account_id = ?2 AND a.permission_set_id = ?3 AND a.principal_id > ?4))
              AND (CAST(?5 AS TEXT) IS NULL OR a.account_id = ?5)
            ORDER BY a.account_id, a.permission_set_id, a.principal_id LIMIT ?6";
}

/// Adds an assignment; `false` when it was there.
pub fn insert(tx: &mut Tx<'_>, new: &AccountAssignment, at: Timestamp) -> Result<bool, Fault> {
    let params = params![
        new.account_id.as_str(),
        new.permission_set_id.as_str(),
        new.principal.kind(),
        new.principal.id(),
        at
    ];
    Ok(tx.execute(&INSERT, params)? == 1)
}

/// Removes an assignment; `false` when it was not there.
pub fn delete(tx: &mut Tx<'_>, old: &AccountAssignment) -> Result<bool, Fault> {
    let params = params![
        old.account_id.as_str(),
        old.permission_set_id.as_str(),
        old.principal.kind(),
        old.principal.id()
    ];
    Ok(tx.execute(&DELETE, params)? == 1)
}

/// Whether anybody is assigned the permission set in the account.
pub fn exists_in_account(
    rx: &mut Rx<'_>,
    account: &AccountId,
    set: &PermissionSetId,
) -> Result<bool, StoreError> {
    rx.exists(&EXISTS_IN_ACCOUNT, params![account.as_str(), set.as_str()])
}

/// Who is assigned the permission set in the account, by principal id.
pub fn page(
    rx: &mut Rx<'_>,
    account: &AccountId,
    set: &PermissionSetId,
    page: &PageRequest,
) -> Result<Vec<AccountAssignment>, StoreError> {
    rx.all(&PAGE, params![account.as_str(), set.as_str(), page.after_or_start(), page.rows()], assignment)
}

/// What a principal reaches; for a user the assignments of their groups too, each naming the group. [`principal_key`] names a row's place.
pub fn page_by_principal(
    rx: &mut Rx<'_>,
    principal: &Principal,
    account: Option<&AccountId>,
    page: &PageRequest,
) -> Result<Vec<AccountAssignment>, StoreError> {
    let mut after = page.after_or_start().splitn(3, ' ');
    let [in_account, set, id] = [(); 3].map(|()| after.next().unwrap_or(""));
    let filter = account.map(AccountId::as_str);
    rx.all(&PAGE_BY_PRINCIPAL, params![principal.id(), in_account, set, id, filter, page.rows()], assignment)
}

/// The place of a row in [`page_by_principal`].
pub fn principal_key(row: &AccountAssignment) -> String {
    format!("{} {} {}", row.account_id, row.permission_set_id, row.principal.id())
}

fn assignment(row: &Row<'_>) -> Result<AccountAssignment, StoreError> {
    let id = row.text(3)?;
    let principal = row.word(2, |kind| match kind {
        "USER" => Some(Principal::User(UserId::trusted(id.clone()))),
        "GROUP" => Some(Principal::Group(GroupId::trusted(id.clone()))),
        _ => None,
    })?;
    Ok(AccountAssignment {
        account_id: AccountId::trusted(row.text(0)?),
        permission_set_id: PermissionSetId::trusted(row.text(1)?),
        principal,
    })
}
