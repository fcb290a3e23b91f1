//! ListMfaDevicesForUser, UpdateMfaDeviceForUser, DeleteMfaDeviceForUser, CreateMfaBypassForUser, and the directory's policy.

use accounts::administrators;
use model::cx::Cx;
use model::directory::user::UserId;
use model::fault::Fault;
use model::instances::instance::Instance;
use model::signin::mfa::{DeviceId, DeviceKind, MfaDevice, MfaPolicy, PromptMode, WithoutDevice};
use policy::require::Action;
use policy::resource;
use signin::mfa_devices::{self, NewPolicy, Visit};
use store::tx::Rx;
use wire::generated::portico::shapes::{
    self, CreateMfaBypassForUserRequest, CreateMfaBypassForUserResponse, DeleteMfaDeviceForUserRequest,
    DeleteMfaDeviceForUserResponse, GetMfaDeviceManagementForDirectoryRequest,
    GetMfaDeviceManagementForDirectoryResponse, ListMfaDevicesForUserRequest, ListMfaDevicesForUserResponse,
    PutMfaDeviceManagementForDirectoryRequest, PutMfaDeviceManagementForDirectoryResponse,
    UpdateMfaDeviceForUserRequest, UpdateMfaDeviceForUserResponse,
};

use crate::app::App;
use crate::identitystore::ids;

fn shape(device: MfaDevice) -> shapes::MfaDevice {
    shapes::MfaDevice {
        device_id: device.id.into(),
        device_type: device.kind.as_str().to_owned(),
        device_name: device.name,
        registered_at: ids::seconds(device.created_at),
        last_used_at: device.last_used_at.map(ids::seconds),
    }
}

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListMfaDevicesForUserRequest,
) -> Result<ListMfaDevicesForUserResponse, Fault> {
    let (at, user) =
        (ids::identity_store(&input.identity_store_id)?, UserId::from_reference(&input.user_id)?);
    let devices = mfa_devices::list(&app.store, &cx, (&at, &user))?;
    Ok(ListMfaDevicesForUserResponse { mfa_devices: devices.into_iter().map(shape).collect() })
}

pub(crate) async fn update(
    app: App,
    cx: Cx,
    input: UpdateMfaDeviceForUserRequest,
) -> Result<UpdateMfaDeviceForUserResponse, Fault> {
    let (at, user) =
        (ids::identity_store(&input.identity_store_id)?, UserId::from_reference(&input.user_id)?);
    let id = DeviceId::parse(&input.device_id)?;
    mfa_devices::rename(&app.store, &cx, (&at, &user), &id, &input.device_name).await?;
    Ok(UpdateMfaDeviceForUserResponse {})
}

pub(crate) async fn delete(
    app: App,
    cx: Cx,
    input: DeleteMfaDeviceForUserRequest,
) -> Result<DeleteMfaDeviceForUserResponse, Fault> {
    let (at, user) =
        (ids::identity_store(&input.identity_store_id)?, UserId::from_reference(&input.user_id)?);
    mfa_devices::delete(&app.store, &cx, (&at, &user), &DeviceId::parse(&input.device_id)?).await?;
    Ok(DeleteMfaDeviceForUserResponse {})
}

pub(crate) async fn create_bypass(
    app: App,
    cx: Cx,
    input: CreateMfaBypassForUserRequest,
) -> Result<CreateMfaBypassForUserResponse, Fault> {
    let (at, user) =
        (ids::identity_store(&input.identity_store_id)?, UserId::from_reference(&input.user_id)?);
    let (code, until) = mfa_devices::create_bypass(&app.store, &cx, (&at, &user)).await?;
    Ok(CreateMfaBypassForUserResponse {
        bypass_code: code.expose().to_owned(),
        expires_at: ids::seconds(until),
    })
}

pub(crate) async fn get_policy(
    app: App,
    cx: Cx,
    input: GetMfaDeviceManagementForDirectoryRequest,
) -> Result<GetMfaDeviceManagementForDirectoryResponse, Fault> {
    let policy = mfa_devices::policy(&app.store, &cx, &ids::identity_store(&input.identity_store_id)?)?;
    let allowed = policy.allowed.iter().map(|kind| kind.as_str().to_owned());
    Ok(GetMfaDeviceManagementForDirectoryResponse {
        mfa_device_management: shapes::MfaDeviceManagement {
            prompt_mode: Some(policy.prompt_mode.as_str().to_owned()),
            allowed_mfa_types: Some(allowed.collect()),
            without_device: Some(policy.without_device.as_str().to_owned()),
            people_manage_devices: Some(policy.people_manage),
            passkeys_alone: Some(policy.passwordless),
        },
    })
}

/// What is left out is as it is by default.
pub(crate) async fn put_policy(
    app: App,
    cx: Cx,
    input: PutMfaDeviceManagementForDirectoryRequest,
) -> Result<PutMfaDeviceManagementForDirectoryResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let (given, default) = (input.mfa_device_management, MfaPolicy::default());
    // The model's words are checked already.
    let policy = MfaPolicy {
        prompt_mode: given.prompt_mode.as_deref().and_then(PromptMode::parse).unwrap_or(default.prompt_mode),
        allowed: given.allowed_mfa_types.map_or(default.allowed, |words| {
            words.iter().filter_map(|word| DeviceKind::parse(word)).collect()
        }),
        without_device: given
            .without_device
            .as_deref()
            .and_then(WithoutDevice::parse)
            .unwrap_or(default.without_device),
        people_manage: given.people_manage_devices.unwrap_or(default.people_manage),
        passwordless: given.passkeys_alone.unwrap_or(default.passwordless),
    };
    let administrators =
        |rx: &mut Rx<'_>, cx: &Cx, instance: &Instance, visit: Visit<'_>| -> Result<(), Fault> {
            let store = resource::identity_store(&instance.identity_store_id, &instance.owner);
            let asked = (Action(mfa_devices::PUT_POLICY), &store);
            administrators::visit(rx, cx, instance, asked, |rx, user| visit(rx, user))
        };
    let new = NewPolicy { policy, forced: input.force.unwrap_or_default(), administrators };
    mfa_devices::put_policy(&app.store, &cx, &app.signin, (&at, new)).await?;
    Ok(PutMfaDeviceManagementForDirectoryResponse {})
}
