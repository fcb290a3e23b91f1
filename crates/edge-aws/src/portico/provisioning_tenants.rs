//! CreateProvisioningTenant, UpdateProvisioningTenant, ListProvisioningTenants, DeleteProvisioningTenant.

use model::cx::Cx;
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use model::sources::provisioning_tenant::{ProvisioningTenant, TenantId};
use sources::tenants::{self, Settings};
use wire::generated::portico::shapes::{
    self, CreateProvisioningTenantRequest, CreateProvisioningTenantResponse, DeleteProvisioningTenantRequest,
    DeleteProvisioningTenantResponse, ListProvisioningTenantsRequest, ListProvisioningTenantsResponse,
    UpdateProvisioningTenantRequest, UpdateProvisioningTenantResponse,
};

use crate::app::App;
use crate::identitystore::ids;

/// The base URL of SCIM, which the identity provider is given.
fn endpoint(app: &App, tenant: &TenantId) -> String {
    format!("{}/{tenant}/scim/v2", app.signin.portal_base_url)
}

pub(crate) async fn create(
    app: App,
    cx: Cx,
    input: CreateProvisioningTenantRequest,
) -> Result<CreateProvisioningTenantResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let settings = Settings { name: input.name, may_set_passwords: input.may_set_passwords };
    let tenant = tenants::create(&app.store, &cx, &at, settings).await?;
    Ok(CreateProvisioningTenantResponse {
        scim_endpoint: endpoint(&app, &tenant.id),
        tenant_id: tenant.id.into(),
    })
}

fn shape(app: &App, tenant: ProvisioningTenant) -> shapes::ProvisioningTenant {
    shapes::ProvisioningTenant {
        scim_endpoint: endpoint(app, &tenant.id),
        tenant_id: tenant.id.into(),
        name: tenant.name,
        may_set_passwords: tenant.may_set_passwords,
        created_at: ids::seconds(tenant.created_at),
        created_by: tenant.created_by,
    }
}

pub(crate) async fn update(
    app: App,
    cx: Cx,
    input: UpdateProvisioningTenantRequest,
) -> Result<UpdateProvisioningTenantResponse, Fault> {
    let (at, id) = (ids::identity_store(&input.identity_store_id)?, TenantId::parse(input.tenant_id)?);
    let settings = Settings { name: input.name, may_set_passwords: input.may_set_passwords };
    tenants::update(&app.store, &cx, (&at, &id), settings).await?;
    Ok(UpdateProvisioningTenantResponse {})
}

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListProvisioningTenantsRequest,
) -> Result<ListProvisioningTenantsResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let scope = PageScope::new("ListProvisioningTenants", &[at.id().as_str()]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = tenants::list(&app.store, &cx, &at, &page)?;
    Ok(ListProvisioningTenantsResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        provisioning_tenants: found.items.into_iter().map(|tenant| shape(&app, tenant)).collect(),
    })
}

pub(crate) async fn delete(
    app: App,
    cx: Cx,
    input: DeleteProvisioningTenantRequest,
) -> Result<DeleteProvisioningTenantResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    tenants::delete(&app.store, &cx, &at, &TenantId::parse(input.tenant_id)?).await?;
    Ok(DeleteProvisioningTenantResponse {})
}
