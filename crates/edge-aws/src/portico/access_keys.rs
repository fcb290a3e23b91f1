//! CreateAccessKey, ListAccessKeys, UpdateAccessKey, DeleteAccessKey.

use accounts::access_keys::{self, Change};
use model::accounts::service_user::{AccessKey, ServiceUserName};
use model::cx::Cx;
use model::fault::Fault;
use wire::generated::portico::shapes::{
    self, CreateAccessKeyRequest, CreateAccessKeyResponse, DeleteAccessKeyRequest, DeleteAccessKeyResponse,
    ListAccessKeysRequest, ListAccessKeysResponse, UpdateAccessKeyRequest, UpdateAccessKeyResponse,
};

use crate::app::App;
use crate::identitystore::ids;
use crate::sso_admin::ids::instance;

pub(crate) fn shape(key: AccessKey) -> shapes::AccessKey {
    shapes::AccessKey {
        access_key_id: key.id,
        status: if key.active { "ACTIVE" } else { "INACTIVE" }.to_owned(),
        created_at: ids::seconds(key.created_at),
        last_used_at: key.last_used_at.map(ids::seconds),
    }
}

/// The service user that a call names; none for the root.
fn holder(name: Option<&str>) -> Result<Option<ServiceUserName>, Fault> {
    name.map(ServiceUserName::parse).transpose()
}

pub(crate) async fn create(
    app: App,
    cx: Cx,
    input: CreateAccessKeyRequest,
) -> Result<CreateAccessKeyResponse, Fault> {
    let (at, name) = (instance(&cx, &input.instance_arn)?, holder(input.user_name.as_deref())?);
    let made = access_keys::create(&app.store, &cx, (&at, name.as_ref())).await?;
    Ok(CreateAccessKeyResponse { access_key_id: made.id, secret_access_key: made.secret.expose().to_owned() })
}

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListAccessKeysRequest,
) -> Result<ListAccessKeysResponse, Fault> {
    let (at, name) = (instance(&cx, &input.instance_arn)?, holder(input.user_name.as_deref())?);
    let keys = access_keys::list(&app.store, &cx, (&at, name.as_ref()))?;
    Ok(ListAccessKeysResponse { access_keys: keys.into_iter().map(shape).collect() })
}

pub(crate) async fn update(
    app: App,
    cx: Cx,
    input: UpdateAccessKeyRequest,
) -> Result<UpdateAccessKeyResponse, Fault> {
    let of = (&instance(&cx, &input.instance_arn)?, input.access_key_id.as_str());
    let change = if input.status == "ACTIVE" { Change::Activate } else { Change::Deactivate };
    access_keys::change(&app.store, &cx, of, change, input.force.unwrap_or_default()).await?;
    Ok(UpdateAccessKeyResponse {})
}

pub(crate) async fn delete(
    app: App,
    cx: Cx,
    input: DeleteAccessKeyRequest,
) -> Result<DeleteAccessKeyResponse, Fault> {
    let of = (&instance(&cx, &input.instance_arn)?, input.access_key_id.as_str());
    access_keys::change(&app.store, &cx, of, Change::Delete, input.force.unwrap_or_default()).await?;
    Ok(DeleteAccessKeyResponse {})
}
