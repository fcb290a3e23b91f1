//! What the latest run of each organization changed, or would change.

use model::accounts::organization::OrganizationId;
use model::accounts::organization_connection::{OrganizationChange, OrganizationChangeAction};
use model::fault::Fault;
use model::page::PageRequest;

use crate::error::StoreError;
use crate::row::params;
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO organization_changes (organization_id, ordinal, target_id, name, action, said) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    PAGE = "SELECT ordinal, target_id, name, action, said FROM organization_changes WHERE organization_id = ?1 AND ordinal > ?2
            ORDER BY ordinal LIMIT ?3";
    DELETE = "DELETE FROM organization_changes WHERE organization_id = ?1";
}

/// Adds one.
pub fn insert(tx: &mut Tx<'_>, of: &OrganizationId, new: &OrganizationChange) -> Result<(), Fault> {
    tx.insert(
        &INSERT,
        params![of.as_str(), new.ordinal, &new.target_id, &new.name, new.action.as_str(), &new.said],
    )
}

/// A page of them, in their order.
pub fn page(
    rx: &mut Rx<'_>,
    of: &OrganizationId,
    request: &PageRequest,
) -> Result<Vec<OrganizationChange>, StoreError> {
    let after = request.after_or_start().parse::<i64>().unwrap_or(0);
    rx.all(&PAGE, params![of.as_str(), after, request.rows()], |row| {
        Ok(OrganizationChange {
            ordinal: row.int(0)?,
            target_id: row.text(1)?,
            name: row.text(2)?,
            action: row.word(3, OrganizationChangeAction::parse)?,
            said: row.text(4)?,
        })
    })
}

/// Forgets them: another run begins, or the organization is followed no more.
pub fn delete_all(tx: &mut Tx<'_>, of: &OrganizationId) -> Result<(), Fault> {
    tx.execute(&DELETE, params![of.as_str()])?;
    Ok(())
}
