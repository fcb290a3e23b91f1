//! Effective access: what a person reaches, directly and through groups, in accounts where the permission set is provisioned. Every
//! statement starts from the person's few principals (themselves and their groups) and follows the assignments of those, so
//! that its cost grows with what the person reaches, not with the size of the company. Where SQLite would rather start from an account's
//! permission sets and look through everybody who is assigned them, `CROSS JOIN` holds it to the order of writing.

use model::accounts::account::{Account, AccountId, AccountState};
use model::accounts::organizational_unit::UnitPath;
use model::accounts::permission_set::PermissionSetId;
use model::directory::user::UserId;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::{Row, params};
use crate::statement::statements;
use crate::tx::Rx;

/// The person, their groups, and the groups that those are within.
macro_rules! principals {
    () => {
        "(SELECT CAST(?1 AS TEXT) AS principal_id UNION ALL SELECT m.group_id FROM memberships m WHERE m.user_id = ?1
          UNION ALL SELECT n.outer_group_id FROM memberships m CROSS JOIN nested_groups n WHERE m.user_id = ?1 AND n.group_id = m.group_id)"
    };
}

/// What the person reaches: an assignment, its permission set where it is provisioned, its account.
macro_rules! reached {
    () => {
        concat!(
            " FROM account_assignments a CROSS JOIN provisioned_permission_sets p CROSS JOIN permission_sets s CROSS JOIN accounts c
        WHERE p.account_id = a.account_id AND p.permission_set_id = a.permission_set_id
          AND s.permission_set_id = a.permission_set_id AND c.account_id = a.account_id
          AND c.state = 'ACTIVE' AND a.principal_id IN ", principals!())
    };
}

/// What [`role`] reads.
macro_rules! role_columns {
    () => {
        "s.name, s.permission_set_id, s.session_seconds, p.role_name"
    };
}

/// What [`account`] reads.
macro_rules! account_columns {
    () => {
        "c.account_id, c.name, c.email, c.state, c.joined_method, c.joined_at, c.path"
    };
}

statements! {
    // Each of the person's assignments is looked at once, and each account of the page.
    ACCOUNTS = concat!("SELECT ", account_columns!(), " FROM accounts c
        WHERE c.state = 'ACTIVE'
          AND c.account_id IN (SELECT a.account_id
            FROM ", principals!(), " r CROSS JOIN account_assignments a CROSS JOIN provisioned_permission_sets p
            WHERE a.principal_id = r.principal_id AND a.account_id > ?2
              AND p.account_id = a.account_id AND p.permission_set_id = a.permission_set_id)
        ORDER BY c.account_id LIMIT ?3");
    ACCOUNTS_OF = concat!("SELECT ", account_columns!(), " FROM accounts c
        WHERE c.state = 'ACTIVE'
          AND c.account_id IN (SELECT a.account_id FROM account_assignments a CROSS JOIN provisioned_permission_sets p
            WHERE a.principal_id = ?1 AND p.account_id = a.account_id AND p.permission_set_id = a.permission_set_id)
        ORDER BY c.account_id");
    PLACES = concat!("SELECT a.account_id, a.permission_set_id
        FROM ", principals!(), " r CROSS JOIN account_assignments a CROSS JOIN provisioned_permission_sets p
        WHERE a.principal_id = r.principal_id AND p.account_id = a.account_id AND p.permission_set_id = a.permission_set_id");
    SETS = concat!("SELECT s.permission_set_id, s.name, s.description FROM permission_sets s
        WHERE s.permission_set_id IN (SELECT a.permission_set_id FROM ", principals!(), " r CROSS JOIN account_assignments a
            WHERE a.principal_id = r.principal_id)
        ORDER BY s.name");
    ROLES = concat!("SELECT DISTINCT ", role_columns!(), reached!(), " AND a.account_id = ?2 AND s.name > ?3 ORDER BY s.name LIMIT ?4");
    ROLE = concat!("SELECT r.*, x.used_at FROM (SELECT ", role_columns!(), reached!(), " AND a.account_id = ?2 AND s.name = ?3 LIMIT 1) r
        LEFT JOIN access_uses x ON x.user_id = ?1 AND x.account_id = ?2 AND x.permission_set_id = r.permission_set_id");
    EVERYTHING = concat!("SELECT DISTINCT ", role_columns!(), ", ", account_columns!(), ", s.description", reached!(),
        " ORDER BY c.name, c.account_id, s.name LIMIT ?2");
}

/// A role that a person may use in an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReachableRole {
    /// The permission set's name: what the portal calls the role.
    pub permission_set_name: String,
    /// The permission set.
    pub permission_set_id: PermissionSetId,
    /// How long credentials live, seconds.
    pub session_seconds: i64,
    /// The IAM role's name in the account.
    pub role_name: String,
}

/// Accounts in which the person may use any role, by id.
pub fn accounts(rx: &mut Rx<'_>, user: &UserId, after: &str, limit: i64) -> Result<Vec<Account>, StoreError> {
    rx.all(&ACCOUNTS, params![user.as_str(), after, limit], |row| account(row, 0))
}

/// Where the person may use what: every account with a permission set that is provisioned there, in no order, some more than once.
pub fn places(
    rx: &mut Rx<'_>,
    user: &UserId,
    mut with: impl FnMut(&str, &str) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    rx.all(&PLACES, params![user.as_str()], |row| with(row.text_ref(0)?, row.text_ref(1)?))?;
    Ok(())
}

/// The permission sets that the person is assigned anywhere, by name: id, name, description.
pub fn sets(
    rx: &mut Rx<'_>,
    user: &UserId,
) -> Result<Vec<(PermissionSetId, String, Option<String>)>, StoreError> {
    rx.all(&SETS, params![user.as_str()], |row| {
        Ok((PermissionSetId::trusted(row.text(0)?), row.text(1)?, row.opt_text(2)?))
    })
}

/// Accounts in which a principal, a user or a group, is assigned any role itself, by id.
pub fn accounts_of(rx: &mut Rx<'_>, principal: &str) -> Result<Vec<Account>, StoreError> {
    rx.all(&ACCOUNTS_OF, params![principal], |row| account(row, 0))
}

/// Roles that the person may use in one account, by name.
pub fn roles(
    rx: &mut Rx<'_>,
    user: &UserId,
    account: &AccountId,
    after: &str,
    limit: i64,
) -> Result<Vec<ReachableRole>, StoreError> {
    rx.all(&ROLES, params![user.as_str(), account.as_str(), after, limit], role)
}

/// The one role, if the person may use it, and when they last did, as far as that is known.
pub fn role_named(
    rx: &mut Rx<'_>,
    user: &UserId,
    account: &AccountId,
    name: &str,
) -> Result<Option<(ReachableRole, Option<Timestamp>)>, StoreError> {
    let params = params![user.as_str(), account.as_str(), name];
    rx.first(&ROLE, params, |row| Ok((role(row)?, row.opt_time(4)?)))
}

/// The same by one statement, as the rule reads; what is put together of [`accounts`], [`places`] and [`sets`] is held to it. Account, role, the permission set's description; by account name and role name.
pub fn everything(
    rx: &mut Rx<'_>,
    user: &UserId,
    limit: i64,
) -> Result<Vec<(Account, ReachableRole, Option<String>)>, StoreError> {
    rx.all(&EVERYTHING, params![user.as_str(), limit], |row| {
        Ok((account(row, 4)?, role(row)?, row.opt_text(11)?))
    })
}

fn role(row: &Row<'_>) -> Result<ReachableRole, StoreError> {
    Ok(ReachableRole {
        permission_set_name: row.text(0)?,
        permission_set_id: PermissionSetId::trusted(row.text(1)?),
        session_seconds: row.int(2)?,
        role_name: row.text(3)?,
    })
}

fn account(row: &Row<'_>, at: usize) -> Result<Account, StoreError> {
    Ok(Account {
        id: AccountId::trusted(row.text(at)?),
        name: row.text(at + 1)?,
        email: row.text(at + 2)?,
        state: row.word(at + 3, AccountState::parse)?,
        joined_method: row.text(at + 4)?,
        joined_at: row.time(at + 5)?,
        path: UnitPath::trusted(row.text(at + 6)?),
    })
}
