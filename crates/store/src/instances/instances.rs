//! Instance rows.

use std::sync::Arc;

use model::accounts::account::AccountId;
use model::directory::identity_store::IdentityStoreId;
use model::fault::Fault;
use model::instances::instance::{Instance, InstanceId};

use crate::error::StoreError;
use crate::row::{Row, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO instances (instance_id, owner_account_id, identity_store_id, name, region, created_at)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    FIND = "SELECT instance_id, owner_account_id, identity_store_id, name, region, created_at FROM instances WHERE instance_id = ?1";
    FIND_BY_IDENTITY_STORE = "SELECT instance_id, owner_account_id, identity_store_id, name, region, created_at FROM instances
              WHERE identity_store_id = ?1";
    // The oldest is the organization's, unless a clock was wrong; whose it is says more than when it was made.
    FIND_ORGANIZATIONS = "SELECT instance_id, owner_account_id, identity_store_id, name, region, created_at FROM instances
              ORDER BY CASE WHEN owner_account_id IN (SELECT management_account_id FROM organizations) THEN 0 ELSE 1 END, created_at, instance_id LIMIT 1";
    LIST_VISIBLE = "SELECT instance_id, owner_account_id, identity_store_id, name, region, created_at FROM instances
              WHERE owner_account_id IN (?1, ?2) ORDER BY instance_id";
    DELETE = "DELETE FROM instances WHERE instance_id = ?1";
    LIST = "SELECT instance_id, owner_account_id, identity_store_id, name, region, created_at FROM instances ORDER BY instance_id";
    SET_NAME = "UPDATE instances SET name = ?2 WHERE instance_id = ?1";
}

fn instance(row: &Row<'_>) -> Result<Instance, StoreError> {
    joined(row, 0)
}

/// The instance in six columns of a join, from `column` on.
pub(crate) fn joined(row: &Row<'_>, column: usize) -> Result<Instance, StoreError> {
    Ok(Instance {
        id: InstanceId::trusted(row.text(column)?),
        owner: AccountId::trusted(row.text(column + 1)?),
        identity_store_id: IdentityStoreId::trusted(row.text(column + 2)?),
        name: row.opt_text(column + 3)?,
        region: row.text(column + 4)?,
        created_at: row.time(column + 5)?,
    })
}

/// Adds an instance.
pub fn insert(tx: &mut Tx<'_>, new: &Instance) -> Result<(), Fault> {
    tx.execute_one(
        &INSERT,
        params![
            new.id.as_str(),
            new.owner.as_str(),
            new.identity_store_id.as_str(),
            new.name.as_ref(),
            &new.region,
            new.created_at
        ],
    )
}

/// The instance with this id.
pub fn find(rx: &mut Rx<'_>, id: &InstanceId) -> Result<Option<Instance>, StoreError> {
    let known = rx.instances();
    let mut read = || rx.first(&FIND, params![id.as_str()], instance);
    match known {
        Some((known, as_of)) => {
            let read = || read().map(|found| found.map(Arc::new));
            Ok(known.by_id.find_as_of(Some(as_of), id.as_str(), read)?.map(Arc::unwrap_or_clone))
        }
        None => read(),
    }
}

/// The instance whose identity store this is, if it is known.
pub(crate) fn known_by_identity_store(rx: &Rx<'_>, id: &IdentityStoreId) -> Option<Arc<Instance>> {
    let (known, as_of) = rx.instances()?;
    let nothing = || Ok::<_, StoreError>(None);
    known.by_identity_store.find_as_of(Some(as_of), id.as_str(), nothing).ok().flatten()
}

/// Knows an instance that was read in this transaction with something else.
pub(crate) fn know(rx: &Rx<'_>, instance: Option<&Instance>) {
    if let (Some((known, as_of)), Some(instance)) = (rx.instances(), instance) {
        known.by_identity_store.keep(
            as_of,
            instance.identity_store_id.to_string(),
            Arc::new(instance.clone()),
        );
    }
}

/// The instance whose identity store this is.
pub fn find_by_identity_store(rx: &mut Rx<'_>, id: &IdentityStoreId) -> Result<Option<Instance>, StoreError> {
    let known = rx.instances();
    let mut read = || rx.first(&FIND_BY_IDENTITY_STORE, params![id.as_str()], instance);
    match known {
        Some((known, as_of)) => {
            let read = || read().map(|found| found.map(Arc::new));
            let found = known.by_identity_store.find_as_of(Some(as_of), id.as_str(), read)?;
            Ok(found.map(Arc::unwrap_or_clone))
        }
        None => read(),
    }
}

/// The organization's instance, which `init` made.
pub fn find_organizations(rx: &mut Rx<'_>) -> Result<Option<Instance>, StoreError> {
    rx.first(&FIND_ORGANIZATIONS, params![], instance)
}

/// The instances of two accounts.
pub fn list_visible(
    rx: &mut Rx<'_>,
    (one, other): (&AccountId, &AccountId),
) -> Result<Vec<Instance>, StoreError> {
    rx.all(&LIST_VISIBLE, params![one.as_str(), other.as_str()], instance)
}

/// Removes an instance's row: from now on nobody finds it, nor anything by it.
pub fn delete(tx: &mut Tx<'_>, id: &InstanceId) -> Result<bool, Fault> {
    Ok(tx.execute(&DELETE, params![id.as_str()])? == 1)
}

/// Every instance: the organization's, and one of each account that has one.
pub fn list(rx: &mut Rx<'_>) -> Result<Vec<Instance>, StoreError> {
    rx.all(&LIST, params![], instance)
}

/// Renames an instance; `None` takes its name away.
pub fn set_name(tx: &mut Tx<'_>, id: &InstanceId, name: Option<&str>) -> Result<(), Fault> {
    tx.execute_one(&SET_NAME, params![id.as_str(), name])
}
