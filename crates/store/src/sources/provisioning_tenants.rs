//! Provisioning tenants.

use model::directory::identity_store::IdentityStoreId;
use model::fault::Fault;
use model::page::PageRequest;
use model::sources::provisioning_tenant::{ProvisioningTenant, TenantId};

use crate::error::StoreError;
use crate::row::{Row, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO provisioning_tenants (tenant_id, identity_store_id, name, created_at, created_by, may_set_passwords)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    UPDATE = "UPDATE provisioning_tenants SET name = ?2, may_set_passwords = ?3 WHERE tenant_id = ?1";
    FIND = "SELECT tenant_id, identity_store_id, name, created_at, created_by, may_set_passwords FROM provisioning_tenants
              WHERE identity_store_id = ?1 AND tenant_id = ?2";
    PAGE = "SELECT tenant_id, identity_store_id, name, created_at, created_by, may_set_passwords FROM provisioning_tenants
              WHERE identity_store_id = ?1 AND tenant_id > ?2 ORDER BY tenant_id LIMIT ?3";
    COUNT = "SELECT COUNT(*) FROM provisioning_tenants WHERE identity_store_id = ?1";
    DELETE = "DELETE FROM provisioning_tenants WHERE tenant_id = ?1";
}

fn tenant(row: &Row<'_>) -> Result<ProvisioningTenant, StoreError> {
    Ok(ProvisioningTenant {
        id: TenantId::trusted(row.text(0)?),
        identity_store_id: IdentityStoreId::trusted(row.text(1)?),
        name: row.opt_text(2)?,
        created_at: row.time(3)?,
        created_by: row.text(4)?,
        may_set_passwords: row.int(5)? != 0,
    })
}

/// Adds a tenant.
pub fn insert(tx: &mut Tx<'_>, new: &ProvisioningTenant) -> Result<(), Fault> {
    tx.insert(
        &INSERT,
        params![
            new.id.as_str(),
            new.identity_store_id.as_str(),
            new.name.as_ref(),
            new.created_at,
            &new.created_by,
            i64::from(new.may_set_passwords)
        ],
    )
}

/// Writes what people call a tenant, and what it may.
pub fn update(tx: &mut Tx<'_>, tenant: &ProvisioningTenant) -> Result<(), Fault> {
    let may_set_passwords = i64::from(tenant.may_set_passwords);
    tx.execute_one(&UPDATE, params![tenant.id.as_str(), tenant.name.as_ref(), may_set_passwords])
}

/// The tenant of this id.
pub fn find(
    rx: &mut Rx<'_>,
    store: &IdentityStoreId,
    id: &TenantId,
) -> Result<Option<ProvisioningTenant>, StoreError> {
    rx.first(&FIND, params![store.as_str(), id.as_str()], tenant)
}

/// A store's tenants by id.
pub fn page(
    rx: &mut Rx<'_>,
    store: &IdentityStoreId,
    page: &PageRequest,
) -> Result<Vec<ProvisioningTenant>, StoreError> {
    rx.all(&PAGE, params![store.as_str(), page.after_or_start(), page.rows()], tenant)
}

/// How many tenants a store has.
pub fn count(rx: &mut Rx<'_>, store: &IdentityStoreId) -> Result<u64, StoreError> {
    rx.count(&COUNT, params![store.as_str()])
}

/// Removes a tenant. Its tokens are the caller's to remove.
pub fn delete(tx: &mut Tx<'_>, id: &TenantId) -> Result<(), Fault> {
    tx.execute_one(&DELETE, params![id.as_str()])
}
