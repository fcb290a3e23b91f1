//! CreateProvisioningTenant, ListProvisioningTenants, DeleteProvisioningTenant. Taking a tenant away takes its tokens away; whoever it brought stays,
//! and is the administrators' own from then on.

use model::cx::Cx;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::fault::Fault;
use model::instances::instance::Instance;
use model::page::{Page, PageRequest};
use model::sources::provisioning_tenant::{ProvisioningTenant, TENANTS_MAX, TenantId, checked_name, of_mode};
use serde_json::json;
use store::db::Store;
use store::directory::owners;
use store::sources::{bearer_tokens, provisioning_tenants};
use store::tx::{Rx, Tx};

use crate::gate::enter;

/// The record's word for a tenant.
pub(crate) const KIND: &str = "AWS::IdentityStore::ProvisioningTenant";

/// The tenant of this id.
pub(crate) fn existing(
    rx: &mut Rx<'_>,
    instance: &Instance,
    id: &TenantId,
) -> Result<ProvisioningTenant, Fault> {
    provisioning_tenants::find(rx, &instance.identity_store_id, id)?
        .ok_or_else(|| Fault::not_found(format!("There is no provisioning tenant {id}")))
}

/// CreateProvisioningTenant.
pub async fn create(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    name: Option<String>,
) -> Result<ProvisioningTenant, Fault> {
    let (at, id) = (at.clone(), TenantId::fresh(cx.entropy()));
    store
        .write(cx, move |tx, cx| {
            let instance = enter("portico:CreateProvisioningTenant", tx, cx, &at)?;
            let tenant = insert_in(tx, cx, &instance, (id.clone(), name.clone()))?;
            cx.event().touch(KIND, tenant.id.as_str());
            cx.event().respond(json!({ "tenantId": tenant.id.as_str() }));
            Ok(tenant)
        })
        .await
}

/// The same within a transaction, by whoever makes the instance.
pub fn insert_in(
    tx: &mut Tx<'_>,
    cx: &Cx,
    instance: &Instance,
    (id, name): (TenantId, Option<String>),
) -> Result<ProvisioningTenant, Fault> {
    let name = checked_name(name)?;
    let most = of_mode(cx.mode, TENANTS_MAX);
    if provisioning_tenants::count(tx, &instance.identity_store_id)? >= most {
        return Err(Fault::quota(format!(
            "An identity store has at most {most} provisioning tenants: delete one first"
        )));
    }
    let tenant = ProvisioningTenant {
        id,
        identity_store_id: instance.identity_store_id.clone(),
        name,
        created_at: cx.now,
        created_by: cx.caller.arn(),
    };
    provisioning_tenants::insert(tx, &tenant)?;
    Ok(tenant)
}

/// ListProvisioningTenants, by id.
pub fn list(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    page: &PageRequest,
) -> Result<Page<ProvisioningTenant>, Fault> {
    store.read(|rx| {
        let instance = enter("portico:ListProvisioningTenants", rx, cx, at)?;
        let rows = provisioning_tenants::page(rx, &instance.identity_store_id, page)?;
        Ok(page.page(rows, |tenant| tenant.id.as_str().to_owned()))
    })
}

/// DeleteProvisioningTenant, with its tokens: the next call with one of them is nobody's. It releases what it owned.
pub async fn delete(store: &Store, cx: &Cx, at: &IdentityStoreRef, id: &TenantId) -> Result<(), Fault> {
    let (at, id) = (at.clone(), id.clone());
    store
        .write(cx, move |tx, cx| {
            let instance = enter("portico:DeleteProvisioningTenant", tx, cx, &at)?;
            existing(tx, &instance, &id)?;
            cx.event().touch(KIND, id.as_str());
            bearer_tokens::delete_by_tenant(tx, &id)?;
            let released = owners::delete_by_source(tx, &id.issuer(&cx.region))?;
            cx.event().respond(json!({ "released": released }));
            provisioning_tenants::delete(tx, &id)
        })
        .await
}
