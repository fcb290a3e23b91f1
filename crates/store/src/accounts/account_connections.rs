//! Accounts whose IAM and STS are somewhere else: each with settings of its own and the sealed secret of its key, or by the organization that it follows, with
//! that one's.

use model::accounts::account::AccountId;
use model::accounts::account_connection::{AccountConnection, ConnectionSettings};
use model::accounts::organization::OrganizationId;
use model::accounts::organization_connection::OrganizationSettings;
use model::fault::Fault;
use model::page::PageRequest;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::{Row, json, list, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

/// The columns that [`connection`] reads.
macro_rules! columns {
    () => {
        "c.account_id, c.organization_id, CASE WHEN c.organization_id IS NULL THEN c.settings ELSE o.settings END, c.created_at, c.created_by, c.updated_at, c.updated_by"
    };
}

/// Where they come from.
macro_rules! tables {
    () => {
        " FROM account_connections c LEFT JOIN organization_connections o ON o.organization_id = c.organization_id "
    };
}

statements! {
    INSERT = "INSERT INTO account_connections (account_id, settings, sealed_secret, created_at, created_by, updated_at, updated_by)
              VALUES (?1, ?2, ?3, ?4, ?5, ?4, ?5)";
    INSERT_BY = "INSERT INTO account_connections (account_id, organization_id, settings, sealed_secret, created_at, created_by, updated_at, updated_by)
              VALUES (?1, ?2, '', ?3, ?4, ?5, ?4, ?5)";
    UPDATE = "UPDATE account_connections SET organization_id = NULL, settings = ?2, sealed_secret = ?3, updated_at = ?4, updated_by = ?5
              WHERE account_id = ?1";
    FIND = concat!("SELECT ", columns!(), tables!(), "WHERE c.account_id = ?1");
    EXISTS = "SELECT account_id FROM account_connections WHERE account_id = ?1";
    AMONG = "SELECT account_id FROM account_connections WHERE account_id IN (SELECT value FROM json_each(?1))";
    SETTINGS_AMONG = concat!("SELECT ", columns!(), tables!(), "WHERE c.account_id IN (SELECT value FROM json_each(?1))");
    SECRET = "SELECT sealed_secret FROM account_connections WHERE account_id = ?1 AND organization_id IS NULL";
    PAGE = concat!("SELECT ", columns!(), tables!(), "WHERE c.account_id > ?1 ORDER BY c.account_id LIMIT ?2");
    BY_ORGANIZATION = "SELECT account_id FROM account_connections WHERE organization_id = ?1 ORDER BY account_id";
    ACCOUNTS = "SELECT account_id FROM account_connections ORDER BY account_id";
    DELETE = "DELETE FROM account_connections WHERE account_id = ?1";
}

fn connection(row: &Row<'_>) -> Result<AccountConnection, StoreError> {
    let account_id = AccountId::trusted(row.text(0)?);
    let organization_id = row.opt_text(1)?.map(OrganizationId::trusted);
    let settings = match &organization_id {
        None => row.json::<ConnectionSettings>(2)?,
        Some(_) => row.json::<OrganizationSettings>(2)?.of_account(&account_id),
    };
    Ok(AccountConnection {
        account_id,
        organization_id,
        settings,
        created_at: row.time(3)?,
        created_by: row.text(4)?,
        updated_at: row.time(5)?,
        updated_by: row.text(6)?,
    })
}

/// Adds one.
pub fn insert(tx: &mut Tx<'_>, new: &AccountConnection, sealed_secret: &[u8]) -> Result<(), Fault> {
    tx.insert(
        &INSERT,
        params![
            new.account_id.as_str(),
            &json(&new.settings)?,
            sealed_secret,
            new.created_at,
            &new.created_by
        ],
    )
}

/// Adds one that is reached by its organization.
pub fn insert_by_organization(
    tx: &mut Tx<'_>,
    (account, organization): (&AccountId, &OrganizationId),
    (at, by): (Timestamp, &str),
) -> Result<(), Fault> {
    let none: &[u8] = &[];
    tx.insert(&INSERT_BY, params![account.as_str(), organization.as_str(), none, at, by])
}

/// Gives one settings and a secret of its own.
pub fn update(tx: &mut Tx<'_>, new: &AccountConnection, sealed_secret: &[u8]) -> Result<(), Fault> {
    tx.execute_one(
        &UPDATE,
        params![
            new.account_id.as_str(),
            &json(&new.settings)?,
            sealed_secret,
            new.updated_at,
            &new.updated_by
        ],
    )
}

/// How an account is reached, if it is connected.
pub fn find(rx: &mut Rx<'_>, account: &AccountId) -> Result<Option<AccountConnection>, StoreError> {
    rx.first(&FIND, params![account.as_str()], connection)
}

/// Whether an account is connected.
pub fn exists(rx: &mut Rx<'_>, account: &AccountId) -> Result<bool, StoreError> {
    rx.exists(&EXISTS, params![account.as_str()])
}

/// Which of these accounts are connected.
pub fn among<'a>(
    rx: &mut Rx<'_>,
    accounts: impl IntoIterator<Item = &'a AccountId>,
) -> Result<Vec<AccountId>, StoreError> {
    let accounts = list(accounts.into_iter().map(AccountId::as_str));
    rx.all(&AMONG, params![&accounts], |row| Ok(AccountId::trusted(row.text(0)?)))
}

/// How those of these accounts are reached that are connected.
pub fn settings_among<'a>(
    rx: &mut Rx<'_>,
    accounts: impl IntoIterator<Item = &'a AccountId>,
) -> Result<Vec<(AccountId, ConnectionSettings)>, StoreError> {
    let accounts = list(accounts.into_iter().map(AccountId::as_str));
    rx.all(&SETTINGS_AMONG, params![&accounts], |row| {
        let found = connection(row)?;
        Ok((found.account_id, found.settings))
    })
}

/// The accounts that are reached by an organization.
pub fn by_organization(rx: &mut Rx<'_>, id: &OrganizationId) -> Result<Vec<AccountId>, StoreError> {
    rx.all(&BY_ORGANIZATION, params![id.as_str()], |row| Ok(AccountId::trusted(row.text(0)?)))
}

/// The sealed secret of the key by which an account is reached, where that is its own.
pub fn sealed_secret(rx: &mut Rx<'_>, account: &AccountId) -> Result<Option<Vec<u8>>, StoreError> {
    rx.first(&SECRET, params![account.as_str()], |row| row.blob(0))
}

/// A page of them, by id.
pub fn page(rx: &mut Rx<'_>, request: &PageRequest) -> Result<Vec<AccountConnection>, StoreError> {
    rx.all(&PAGE, params![request.after_or_start(), request.rows()], connection)
}

/// Every account that is connected.
pub fn accounts(rx: &mut Rx<'_>) -> Result<Vec<AccountId>, StoreError> {
    rx.all(&ACCOUNTS, params![], |row| Ok(AccountId::trusted(row.text(0)?)))
}

/// Removes one.
pub fn delete(tx: &mut Tx<'_>, account: &AccountId) -> Result<(), Fault> {
    tx.execute_one(&DELETE, params![account.as_str()])
}
