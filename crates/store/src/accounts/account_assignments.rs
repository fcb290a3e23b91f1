//! Account assignments, one by one and many by one statement.

use std::collections::BTreeSet;

use model::accounts::account::AccountId;
use model::accounts::account_assignment::{AccountAssignment, Principal};
use model::accounts::permission_set::PermissionSetId;
use model::directory::group::GroupId;
use model::directory::user::UserId;
use model::fault::Fault;
use model::page::PageRequest;
use model::timestamp::Timestamp;

use crate::directory::memberships;
use crate::error::StoreError;
use crate::row::{Param, Row, list, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

/// The columns of the key in a text of a list, as [`packed`] writes it.
macro_rules! unpacked {
    () => {
        "substr(value, 1, 12), substr(value, 14, 19), CASE substr(value, 34, 1) WHEN 'U' THEN 'USER' ELSE 'GROUP' END, substr(value, 36)"
    };
}

/// Leaves behind that assignments ended, in the statement before they do.
macro_rules! end {
    ($at:literal) => {
        concat!("INSERT INTO ended_assignments (account_id, permission_set_id, principal_type, principal_id, since, ended_at)
            SELECT account_id, permission_set_id, principal_type, principal_id, created_at, CAST(", $at, " AS BIGINT)
            FROM account_assignments WHERE created_at < ", $at)
    };
    () => {
        " ON CONFLICT DO NOTHING"
    };
}

/// The rows whose keys are in the list `?1`.
macro_rules! listed {
    () => {
        concat!(
            "(account_id, permission_set_id, principal_type, principal_id) IN (SELECT ",
            unpacked!(),
            " FROM json_each(?1))"
        )
    };
}

statements! {
    INSERT = "INSERT INTO account_assignments (account_id, permission_set_id, principal_type, principal_id, created_at)
              VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";
    DELETE = "DELETE FROM account_assignments WHERE account_id = ?1 AND permission_set_id = ?2 AND principal_type = ?3
              AND principal_id = ?4";
    EXISTS = "SELECT account_id FROM account_assignments WHERE account_id = ?1 AND permission_set_id = ?2 AND principal_type = ?3
              AND principal_id = ?4";
    OTHERS = "SELECT account_id FROM account_assignments WHERE account_id = ?1 AND permission_set_id = ?2
              AND (principal_type <> ?3 OR principal_id <> ?4) LIMIT 1";
    PAGE = "SELECT account_id, permission_set_id, principal_type, principal_id FROM account_assignments
            WHERE account_id = ?1 AND permission_set_id = ?2 AND (principal_type, principal_id) > (?3, ?4)
            ORDER BY principal_type, principal_id LIMIT ?5";
    PAGE_BY_ACCOUNT = "SELECT account_id, permission_set_id, principal_type, principal_id FROM account_assignments
            WHERE account_id = ?1 AND (permission_set_id, principal_type, principal_id) > (?2, ?3, ?4)
            ORDER BY permission_set_id, principal_type, principal_id LIMIT ?5";
    PAGE_BY_PRINCIPAL = "SELECT account_id, permission_set_id, principal_type, principal_id FROM account_assignments
            WHERE principal_id = ?1 AND principal_type = ?2 AND (account_id, permission_set_id, principal_id) > (?3, ?4, ?5)
            ORDER BY account_id, permission_set_id LIMIT ?6";
    PAGE_BY_PRINCIPAL_IN_ACCOUNT = "SELECT account_id, permission_set_id, principal_type, principal_id FROM account_assignments
            WHERE principal_id = ?1 AND principal_type = ?2 AND account_id = ?3 AND (permission_set_id, principal_id) > (?4, ?5)
            ORDER BY permission_set_id LIMIT ?6";
    INSERT_EACH = concat!("INSERT INTO account_assignments (account_id, permission_set_id, principal_type, principal_id, created_at)
            SELECT ", unpacked!(), ", CAST(?2 AS BIGINT) FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING");
    FIND_EACH = concat!("SELECT account_id, permission_set_id, principal_type, principal_id FROM account_assignments WHERE ", listed!());
    END = concat!(end!("?5"), " AND account_id = ?1 AND permission_set_id = ?2 AND principal_type = ?3 AND principal_id = ?4", end!());
    END_EACH = concat!(end!("?2"), " AND ", listed!(), end!());
    DELETE_EACH = concat!("DELETE FROM account_assignments WHERE ", listed!());
    UNUSED = "SELECT substr(value, 1, 12), substr(value, 14, 19) FROM json_each(?1) WHERE NOT EXISTS
            (SELECT 1 FROM account_assignments a WHERE a.account_id = substr(value, 1, 12) AND a.permission_set_id = substr(value, 14, 19))";
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

/// The columns of an assignment's key.
fn columns(it: &AccountAssignment) -> [Param<'_>; 4] {
    [
        it.account_id.as_str().into(),
        it.permission_set_id.as_str().into(),
        it.principal.kind().into(),
        it.principal.id().into(),
    ]
}

/// Removes an assignment, which must be there and ends at `at`.
pub fn delete(tx: &mut Tx<'_>, old: &AccountAssignment, at: Timestamp) -> Result<(), Fault> {
    let [account, set, kind, id] = columns(old);
    tx.insert(&END, &[account, set, kind, id, at.into()])?;
    tx.execute_one(&DELETE, &columns(old))
}

/// The key as one text of a list: account, permission set, kind by its first letter, principal. The first two are of fixed length.
fn packed<'a>(rows: impl IntoIterator<Item = &'a AccountAssignment>) -> String {
    let rows = rows.into_iter().map(|row| {
        let kind = row.principal.kind().get(..1).unwrap_or_default();
        format!("{} {} {kind} {}", row.account_id, row.permission_set_id, row.principal.id())
    });
    list(rows.collect::<Vec<_>>().iter().map(String::as_str))
}

/// Adds assignments, by one statement; those that are there stay as they are.
pub fn insert_each<'a>(
    tx: &mut Tx<'_>,
    new: impl IntoIterator<Item = &'a AccountAssignment>,
    at: Timestamp,
) -> Result<(), Fault> {
    tx.insert(&INSERT_EACH, params![&packed(new), at])
}

/// Which of these assignments are there.
pub fn find_each<'a>(
    rx: &mut Rx<'_>,
    of: impl IntoIterator<Item = &'a AccountAssignment>,
) -> Result<Vec<AccountAssignment>, StoreError> {
    rx.all(&FIND_EACH, params![&packed(of)], assignment)
}

/// Removes those of these assignments that are there, as of `at`.
pub fn delete_each<'a>(
    tx: &mut Tx<'_>,
    old: impl IntoIterator<Item = &'a AccountAssignment>,
    at: Timestamp,
) -> Result<u64, Fault> {
    let old = packed(old);
    tx.insert(&END_EACH, params![&old, at])?;
    Ok(tx.execute(&DELETE_EACH, params![&old])?)
}

/// Which of these permission sets nobody is assigned in these accounts.
pub fn unused(
    rx: &mut Rx<'_>,
    places: &BTreeSet<(AccountId, PermissionSetId)>,
) -> Result<Vec<(AccountId, PermissionSetId)>, StoreError> {
    rx.all(&UNUSED, params![&place_list(places)], |row| {
        Ok((AccountId::trusted(row.text(0)?), PermissionSetId::trusted(row.text(1)?)))
    })
}

/// Permission sets in accounts as texts of a list: the account takes twelve letters.
pub(crate) fn place_list(places: &BTreeSet<(AccountId, PermissionSetId)>) -> String {
    let places: Vec<String> = places.iter().map(|(account, set)| format!("{account} {set}")).collect();
    list(places.iter().map(String::as_str))
}

/// Whether an assignment is there.
pub fn exists(rx: &mut Rx<'_>, it: &AccountAssignment) -> Result<bool, StoreError> {
    rx.exists(&EXISTS, &columns(it))
}

/// Whether anybody else is assigned the permission set in the account.
pub fn others(rx: &mut Rx<'_>, it: &AccountAssignment) -> Result<bool, StoreError> {
    rx.exists(&OTHERS, &columns(it))
}

/// Who is assigned the permission set in the account, groups before users; [`key`] names a row's place.
pub fn page(
    rx: &mut Rx<'_>,
    account: &AccountId,
    set: &PermissionSetId,
    page: &PageRequest,
) -> Result<Vec<AccountAssignment>, StoreError> {
    let (kind, id) = page.after_or_start().split_once(' ').unwrap_or_default();
    rx.all(&PAGE, params![account.as_str(), set.as_str(), kind, id, page.rows()], assignment)
}

/// The place of a row in [`page`].
pub fn key(row: &AccountAssignment) -> String {
    format!("{} {}", row.principal.kind(), row.principal.id())
}

/// Who is assigned what in the account, by permission set; [`account_key`] names a row's place.
pub fn page_by_account(
    rx: &mut Rx<'_>,
    account: &AccountId,
    page: &PageRequest,
) -> Result<Vec<AccountAssignment>, StoreError> {
    let mut after = page.after_or_start().splitn(3, ' ');
    let [set, kind, id] = [(); 3].map(|()| after.next().unwrap_or(""));
    rx.all(&PAGE_BY_ACCOUNT, params![account.as_str(), set, kind, id, page.rows()], assignment)
}

/// The place of a row in [`page_by_account`].
pub fn account_key(row: &AccountAssignment) -> String {
    format!("{} {}", row.permission_set_id, key(row))
}

/// What a principal reaches; for a user the assignments of their groups too, each naming the group. [`principal_key`] names a row's
/// place. Each principal's rows are read in the order of the index and no more of them than the page holds, then merged: the cost
/// grows with the number of groups and the page, not with what they reach.
pub fn page_by_principal(
    rx: &mut Rx<'_>,
    principal: &Principal,
    account: Option<&AccountId>,
    page: &PageRequest,
) -> Result<Vec<AccountAssignment>, StoreError> {
    let mut rows = of_principal(rx, principal, account, page)?;
    if let Principal::User(user) = principal {
        for group in memberships::groups(rx, user)? {
            rows.extend(of_principal(rx, &Principal::Group(group), account, page)?);
        }
    }
    rows.sort_unstable_by(|left, right| place(left).cmp(&place(right)));
    rows.truncate(usize::try_from(page.rows()).unwrap_or(usize::MAX));
    Ok(rows)
}

fn of_principal(
    rx: &mut Rx<'_>,
    principal: &Principal,
    account: Option<&AccountId>,
    page: &PageRequest,
) -> Result<Vec<AccountAssignment>, StoreError> {
    let mut after = page.after_or_start().splitn(3, ' ');
    let [in_account, set, id] = [(); 3].map(|()| after.next().unwrap_or(""));
    let (own, kind) = (principal.id(), principal.kind());
    match account {
        None => rx.all(&PAGE_BY_PRINCIPAL, params![own, kind, in_account, set, id, page.rows()], assignment),
        Some(account) => {
            let params = params![own, kind, account.as_str(), set, id, page.rows()];
            rx.all(&PAGE_BY_PRINCIPAL_IN_ACCOUNT, params, assignment)
        }
    }
}

fn place(row: &AccountAssignment) -> (&str, &str, &str) {
    (row.account_id.as_str(), row.permission_set_id.as_str(), row.principal.id())
}

/// The place of a row in [`page_by_principal`].
pub fn principal_key(row: &AccountAssignment) -> String {
    let (account, set, principal) = place(row);
    format!("{account} {set} {principal}")
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
