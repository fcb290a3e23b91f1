//! The organization: one row, made by `init`.

use model::accounts::account::AccountId;
use model::accounts::organization::Organization;
use model::fault::Fault;

use crate::error::StoreError;
use crate::row::params;
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO organizations (organization_id, management_account_id, root_id, created_at) VALUES (?1, ?2, ?3, ?4)";
    FIND = "SELECT organization_id, management_account_id, root_id, created_at FROM organizations ORDER BY created_at LIMIT 1";
}

/// Adds the organization.
pub fn insert(tx: &mut Tx<'_>, new: &Organization) -> Result<(), Fault> {
    tx.execute_one(
        &INSERT,
        params![&new.id, new.management_account_id.as_str(), &new.root_id, new.created_at],
    )
}

/// The organization.
pub fn find(rx: &mut Rx<'_>) -> Result<Option<Organization>, StoreError> {
    rx.first(&FIND, params![], |row| {
        Ok(Organization {
            id: row.text(0)?,
            management_account_id: AccountId::trusted(row.text(1)?),
            root_id: row.text(2)?,
            created_at: row.time(3)?,
        })
    })
}
