//! CreateAccount requests and what became of them.

use model::accounts::account::AccountId;
use model::accounts::organization::{AccountCreation, CreationState};
use model::fault::Fault;
use model::page::PageRequest;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::{Row, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO account_creations (request_id, account_id, name, email, role_name, state, failure_reason, requested_at,
              completed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, NULL, ?7, NULL)";
    FIND = "SELECT request_id, account_id, name, email, role_name, state, failure_reason, requested_at, completed_at
            FROM account_creations WHERE request_id = ?1";
    PAGE = "SELECT request_id, account_id, name, email, role_name, state, failure_reason, requested_at, completed_at
            FROM account_creations WHERE request_id > ?1 ORDER BY request_id LIMIT ?2";
    FINISH = "UPDATE account_creations SET state = ?2, failure_reason = ?3, completed_at = ?4 WHERE request_id = ?1";
}

/// Adds a request.
pub fn insert(tx: &mut Tx<'_>, new: &AccountCreation) -> Result<(), Fault> {
    tx.execute_one(
        &INSERT,
        params![
            &new.id,
            new.account_id.as_str(),
            &new.name,
            &new.email,
            &new.role_name,
            new.state.as_str(),
            new.requested_at
        ],
    )
}

/// The request with this id.
pub fn find(rx: &mut Rx<'_>, id: &str) -> Result<Option<AccountCreation>, StoreError> {
    rx.first(&FIND, params![id], creation)
}

/// Requests by id.
pub fn page(rx: &mut Rx<'_>, page: &PageRequest) -> Result<Vec<AccountCreation>, StoreError> {
    rx.all(&PAGE, params![page.after_or_start(), page.rows()], creation)
}

/// Says what became of a request.
pub fn finish(
    tx: &mut Tx<'_>,
    id: &str,
    state: CreationState,
    reason: Option<&str>,
    at: Timestamp,
) -> Result<(), Fault> {
    tx.execute_one(&FINISH, params![id, state.as_str(), reason, at])
}

fn creation(row: &Row<'_>) -> Result<AccountCreation, StoreError> {
    Ok(AccountCreation {
        id: row.text(0)?,
        account_id: AccountId::trusted(row.text(1)?),
        name: row.text(2)?,
        email: row.text(3)?,
        role_name: row.text(4)?,
        state: row.word(5, CreationState::parse)?,
        failure_reason: row.opt_text(6)?,
        requested_at: row.time(7)?,
        completed_at: row.opt_int(8)?.map(Timestamp::from_micros),
    })
}
