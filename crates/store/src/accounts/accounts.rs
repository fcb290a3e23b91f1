//! AWS accounts of the organization.

use std::collections::{HashMap, HashSet};

use model::accounts::account::{Account, AccountId, AccountState};
use model::accounts::organization::OrganizationId;
use model::accounts::organizational_unit::UnitPath;
use model::fault::Fault;
use model::page::PageRequest;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::{Row, list, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO accounts (account_id, name, email, email_key, state, joined_method, joined_at, active_since, path)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8)";
    FIND = "SELECT account_id, name, email, state, joined_method, joined_at, path FROM accounts WHERE account_id = ?1";
    FIND_BY_EMAIL = "SELECT account_id, name, email, state, joined_method, joined_at, path FROM accounts WHERE email_key = ?1";
    FIND_BY_NAME = "SELECT account_id, name, email, state, joined_method, joined_at, path FROM accounts WHERE name = ?1 ORDER BY account_id";
    PAGE = "SELECT account_id, name, email, state, joined_method, joined_at, path FROM accounts WHERE account_id > ?1
            ORDER BY account_id LIMIT ?2";
    PAGE_BY_PATH = "SELECT account_id, name, email, state, joined_method, joined_at, path FROM accounts WHERE path = ?1 AND account_id > ?2
            ORDER BY account_id LIMIT ?3";
    ANY_AT = "SELECT account_id FROM accounts WHERE path = ?1 LIMIT 1";
    PATH = "SELECT path FROM accounts WHERE account_id = ?1";
    SET_PATH = "UPDATE accounts SET path = ?2 WHERE account_id = ?1";
    FIND_EACH = "SELECT account_id, name, email, state, joined_method, joined_at, path FROM accounts
              WHERE account_id IN (SELECT value FROM json_each(?1))";
    EXISTING = "SELECT account_id FROM accounts WHERE account_id IN (SELECT value FROM json_each(?1))";
    SET_STATE = "UPDATE accounts SET active_since = CASE WHEN state = ?2 THEN active_since ELSE ?3 END, state = ?2 WHERE account_id = ?1";
    DELEGATE = "UPDATE accounts SET delegated_at = ?2 WHERE account_id = ?1";
    DELEGATED = "SELECT account_id, name, email, state, joined_method, joined_at, path, delegated_at FROM accounts
              WHERE delegated_at IS NOT NULL ORDER BY account_id";
    SET_DETAILS = "UPDATE accounts SET name = ?2, email = ?3, email_key = ?4 WHERE account_id = ?1";
    FOLLOWS = "SELECT follows FROM accounts WHERE account_id = ?1 AND follows IS NOT NULL";
    FOLLOWING = "SELECT account_id, name, email, state, joined_method, joined_at, path FROM accounts WHERE follows = ?1 ORDER BY account_id";
    FOLLOW = "UPDATE accounts SET follows = ?2 WHERE account_id = ?1";
    FOLLOW_NO_MORE = "UPDATE accounts SET follows = NULL WHERE follows = ?1";
    SUSPENDED_BY = "SELECT suspended_by FROM accounts WHERE account_id = ?1 AND suspended_by IS NOT NULL";
    SET_SUSPENDED_BY = "UPDATE accounts SET suspended_by = ?2 WHERE account_id = ?1";
    END_ACTIVE = "INSERT INTO ended_active_accounts (account_id, since, ended_at)
            SELECT account_id, active_since, CAST(?2 AS BIGINT) FROM accounts
            WHERE account_id = ?1 AND state = 'ACTIVE' AND active_since < ?2 ON CONFLICT DO NOTHING";
}

/// Adds an account.
pub fn insert(tx: &mut Tx<'_>, new: &Account) -> Result<(), Fault> {
    tx.execute_one(
        &INSERT,
        params![
            new.id.as_str(),
            &new.name,
            &new.email,
            &email_key(&new.email),
            new.state.as_str(),
            &new.joined_method,
            new.joined_at,
            new.path.as_str()
        ],
    )
}

/// The account with this id.
pub fn find(rx: &mut Rx<'_>, id: &AccountId) -> Result<Option<Account>, StoreError> {
    rx.first(&FIND, params![id.as_str()], account)
}

/// The account with this address.
pub fn find_by_email(rx: &mut Rx<'_>, email: &str) -> Result<Option<Account>, StoreError> {
    rx.first(&FIND_BY_EMAIL, params![&email_key(email)], account)
}

/// Every account of this name; names are not unique.
pub fn find_by_name(rx: &mut Rx<'_>, name: &str) -> Result<Vec<Account>, StoreError> {
    rx.all(&FIND_BY_NAME, params![name], account)
}

/// Accounts by id.
pub fn page(rx: &mut Rx<'_>, page: &PageRequest) -> Result<Vec<Account>, StoreError> {
    rx.all(&PAGE, params![page.after_or_start(), page.rows()], account)
}

/// Accounts that lie at `path`, by id.
pub fn page_by_path(
    rx: &mut Rx<'_>,
    path: &UnitPath,
    page: &PageRequest,
) -> Result<Vec<Account>, StoreError> {
    rx.all(&PAGE_BY_PATH, params![path.as_str(), page.after_or_start(), page.rows()], account)
}

/// Whether any account lies at `path`.
pub fn any_at(rx: &mut Rx<'_>, path: &UnitPath) -> Result<bool, StoreError> {
    rx.exists(&ANY_AT, params![path.as_str()])
}

/// Where an account lies; at the root if there is none.
pub fn path_of(rx: &mut Rx<'_>, id: &AccountId) -> Result<UnitPath, StoreError> {
    let found = rx.first(&PATH, params![id.as_str()], |row| Ok(UnitPath::trusted(row.text(0)?)))?;
    Ok(found.unwrap_or_default())
}

/// Moves an account.
pub fn set_path(tx: &mut Tx<'_>, id: &AccountId, path: &UnitPath) -> Result<(), Fault> {
    tx.execute_one(&SET_PATH, params![id.as_str(), path.as_str()])
}

/// These accounts, as far as they are there.
pub fn find_each<'a>(
    rx: &mut Rx<'_>,
    ids: impl IntoIterator<Item = &'a AccountId>,
) -> Result<HashMap<AccountId, Account>, StoreError> {
    let ids = list(ids.into_iter().map(AccountId::as_str));
    let found = rx.all(&FIND_EACH, params![&ids], account)?;
    Ok(found.into_iter().map(|account| (account.id.clone(), account)).collect())
}

/// Which of these accounts are there.
pub fn existing<'a>(
    rx: &mut Rx<'_>,
    ids: impl IntoIterator<Item = &'a AccountId>,
) -> Result<HashSet<AccountId>, StoreError> {
    let ids = list(ids.into_iter().map(AccountId::as_str));
    Ok(rx.all(&EXISTING, params![&ids], |row| Ok(AccountId::trusted(row.text(0)?)))?.into_iter().collect())
}

/// Suspends an account or makes it usable again, as of `at`.
pub fn set_state(tx: &mut Tx<'_>, id: &AccountId, state: AccountState, at: Timestamp) -> Result<(), Fault> {
    if state != AccountState::Active {
        tx.insert(&END_ACTIVE, params![id.as_str(), at])?;
    }
    tx.execute_one(&SET_STATE, params![id.as_str(), state.as_str(), at])
}

/// Has an account administer the organization's instance since `at`, or no more.
pub fn set_delegated(tx: &mut Tx<'_>, id: &AccountId, at: Option<Timestamp>) -> Result<(), Fault> {
    tx.execute_one(&DELEGATE, params![id.as_str(), at])
}

/// The accounts that administer the organization's instance, with the time since when: one at most.
pub fn delegated(rx: &mut Rx<'_>) -> Result<Vec<(Account, Timestamp)>, StoreError> {
    rx.all(&DELEGATED, params![], |row| Ok((account(row)?, row.time(7)?)))
}

/// Whether an account administers the instance for the management account.
pub fn is_delegated(rx: &mut Rx<'_>, account: &AccountId) -> Result<bool, StoreError> {
    Ok(delegated(rx)?.iter().any(|(delegate, _)| delegate.id == *account))
}

/// Names an account and its address anew.
pub fn set_details(tx: &mut Tx<'_>, id: &AccountId, (name, email): (&str, &str)) -> Result<(), Fault> {
    tx.execute_one(&SET_DETAILS, params![id.as_str(), name, email, &email_key(email)])
}

/// The organization that says what an account is called and where it lies, if one does.
pub fn follows(rx: &mut Rx<'_>, id: &AccountId) -> Result<Option<OrganizationId>, StoreError> {
    rx.first(&FOLLOWS, params![id.as_str()], |row| Ok(OrganizationId::trusted(row.text(0)?)))
}

/// The accounts that follow an organization, by id.
pub fn following(rx: &mut Rx<'_>, organization: &OrganizationId) -> Result<Vec<Account>, StoreError> {
    rx.all(&FOLLOWING, params![organization.as_str()], account)
}

/// Has an account follow an organization, or none.
pub fn follow(tx: &mut Tx<'_>, id: &AccountId, organization: Option<&OrganizationId>) -> Result<(), Fault> {
    tx.execute_one(&FOLLOW, params![id.as_str(), organization.map(OrganizationId::as_str)])
}

/// The organization that said last that nobody is led there any more; none where somebody here did.
pub fn suspended_by(rx: &mut Rx<'_>, id: &AccountId) -> Result<Option<OrganizationId>, StoreError> {
    rx.first(&SUSPENDED_BY, params![id.as_str()], |row| Ok(OrganizationId::trusted(row.text(0)?)))
}

/// Notes which organization said that nobody is led there, or that none does.
pub fn set_suspended_by(
    tx: &mut Tx<'_>,
    id: &AccountId,
    organization: Option<&OrganizationId>,
) -> Result<(), Fault> {
    tx.execute_one(&SET_SUSPENDED_BY, params![id.as_str(), organization.map(OrganizationId::as_str)])
}

/// Has whatever follows an organization follow none.
pub fn follow_no_more(tx: &mut Tx<'_>, organization: &OrganizationId) -> Result<(), Fault> {
    tx.execute(&FOLLOW_NO_MORE, params![organization.as_str()])?;
    Ok(())
}

fn email_key(email: &str) -> String {
    email.to_lowercase()
}

fn account(row: &Row<'_>) -> Result<Account, StoreError> {
    Ok(Account {
        id: AccountId::trusted(row.text(0)?),
        name: row.text(1)?,
        email: row.text(2)?,
        state: row.word(3, AccountState::parse)?,
        joined_method: row.text(4)?,
        joined_at: row.time(5)?,
        path: UnitPath::trusted(row.text(6)?),
    })
}
