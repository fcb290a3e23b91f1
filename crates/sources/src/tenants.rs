//! CreateProvisioningTenant, UpdateProvisioningTenant, ListProvisioningTenants, DeleteProvisioningTenant; and whether a tenant may set passwords. Taking a tenant away takes its tokens away; whoever it brought stays,
//! and is the administrators' own from then on.

use model::caller::Identity;
use model::cx::Cx;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::fault::Fault;
use model::instances::instance::Instance;
use model::limits::Mode;
use model::page::{Page, PageRequest};
use model::sources::provisioning_tenant::{ProvisioningTenant, TENANTS_MAX, TenantId, checked_name, of_mode};
use serde_json::json;
use store::db::Store;
use store::sources::{bearer_tokens, provisioning_tenants};
use store::tx::{Rx, Tx};

use crate::gate::enter_any;
use crate::leaving::leave_in;

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

/// What is said of a tenant. What is not said is as it was: nothing, and no, of a new one.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// What people call it.
    pub name: Option<String>,
    /// Whether it may set passwords.
    pub may_set_passwords: Option<bool>,
}

/// The same, where it may be so in this mode.
fn checked(settings: &Settings, mode: Mode) -> Result<Settings, Fault> {
    if mode == Mode::Strict && settings.may_set_passwords == Some(true) {
        return Err(Fault::validation(
            "MaySetPasswords cannot be true: AWS takes no passwords by SCIM, and this server is in strict mode",
        ));
    }
    let name = checked_name(settings.name.clone())?;
    Ok(Settings { name, may_set_passwords: settings.may_set_passwords })
}

/// CreateProvisioningTenant.
pub async fn create(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    settings: Settings,
) -> Result<ProvisioningTenant, Fault> {
    let (at, id) = (at.clone(), TenantId::fresh(cx.entropy()));
    store
        .write(cx, move |tx, cx| {
            let instance = enter_any("portico:CreateProvisioningTenant", tx, cx, &at)?;
            let tenant = insert_in(tx, cx, &instance, (id.clone(), &settings))?;
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
    (id, settings): (TenantId, &Settings),
) -> Result<ProvisioningTenant, Fault> {
    let settings = checked(settings, cx.mode)?;
    let most = of_mode(cx.mode, TENANTS_MAX);
    if provisioning_tenants::count(tx, &instance.identity_store_id)? >= most {
        return Err(Fault::quota(format!(
            "An identity store has at most {most} provisioning tenants: delete one first"
        )));
    }
    let tenant = ProvisioningTenant {
        id,
        identity_store_id: instance.identity_store_id.clone(),
        name: settings.name,
        may_set_passwords: settings.may_set_passwords.unwrap_or(false),
        created_at: cx.now,
        created_by: cx.caller.arn(),
    };
    provisioning_tenants::insert(tx, &tenant)?;
    Ok(tenant)
}

/// UpdateProvisioningTenant.
pub async fn update(
    store: &Store,
    cx: &Cx,
    (at, id): (&IdentityStoreRef, &TenantId),
    settings: Settings,
) -> Result<(), Fault> {
    let (at, id) = (at.clone(), id.clone());
    store
        .write(cx, move |tx, cx| {
            let instance = enter_any("portico:UpdateProvisioningTenant", tx, cx, &at)?;
            let tenant = existing(tx, &instance, &id)?;
            cx.event().touch(KIND, id.as_str());
            let Settings { name, may_set_passwords } = checked(&settings, cx.mode)?;
            let tenant = ProvisioningTenant {
                name: name.or(tenant.name),
                may_set_passwords: may_set_passwords.unwrap_or(tenant.may_set_passwords),
                ..tenant
            };
            provisioning_tenants::update(tx, &tenant)
        })
        .await
}

/// Whether the tenant that calls may set passwords.
pub fn may_set_passwords(store: &Store, cx: &Cx) -> Result<bool, Fault> {
    store.glance(|rx| may_set_passwords_in(rx, cx))
}

fn may_set_passwords_in(rx: &mut Rx<'_>, cx: &Cx) -> Result<bool, Fault> {
    let Identity::Provisioner(caller) = cx.caller.identity() else { return Ok(false) };
    let tenant = provisioning_tenants::find(rx, &caller.identity_store_id, &caller.tenant_id)?;
    Ok(cx.mode == Mode::Relaxed && tenant.is_some_and(|tenant| tenant.may_set_passwords))
}

/// Refuses a password from a tenant that may set none.
pub fn require_passwords_in(rx: &mut Rx<'_>, cx: &Cx) -> Result<(), Fault> {
    if may_set_passwords_in(rx, cx)? {
        return Ok(());
    }
    Err(Fault::access_denied(
        "password: this tenant may not set passwords. An administrator lets it by UpdateProvisioningTenant of the service portico, with \
         MaySetPasswords as true; whoever holds a token of it can sign in as anybody whom it owns then",
    ))
}

/// ListProvisioningTenants, by id.
pub fn list(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    page: &PageRequest,
) -> Result<Page<ProvisioningTenant>, Fault> {
    store.read(|rx| {
        let instance = enter_any("portico:ListProvisioningTenants", rx, cx, at)?;
        let rows = provisioning_tenants::page(rx, &instance.identity_store_id, page)?;
        Ok(page.page(rows, |tenant| tenant.id.as_str().to_owned()))
    })
}

/// DeleteProvisioningTenant, with its tokens: the next call with one of them is nobody's. It releases what it owned.
pub async fn delete(store: &Store, cx: &Cx, at: &IdentityStoreRef, id: &TenantId) -> Result<(), Fault> {
    let (at, id) = (at.clone(), id.clone());
    store
        .write(cx, move |tx, cx| {
            let instance = enter_any("portico:DeleteProvisioningTenant", tx, cx, &at)?;
            existing(tx, &instance, &id)?;
            cx.event().touch(KIND, id.as_str());
            bearer_tokens::delete_by_tenant(tx, &id)?;
            let released = leave_in(tx, &instance.identity_store_id, &id.issuer(cx.home_region()))?;
            cx.event().respond(json!({ "released": released }));
            provisioning_tenants::delete(tx, &id)
        })
        .await
}
