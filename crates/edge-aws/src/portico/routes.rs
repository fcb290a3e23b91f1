//! The portico rows of the dispatch table.

use wire::generated::portico::{
    mfa_devices as device, passwords as password, sessions as session, users as user,
};

use crate::portico::{mfa_devices, passwords, sessions, users};
use crate::route::{Route, route};

/// The rows.
pub(crate) fn routes() -> Vec<Route> {
    vec![
        route::<user::EnableUser, _, _>(users::enable),
        route::<user::DisableUser, _, _>(users::disable),
        route::<password::UpdatePassword, _, _>(passwords::update),
        route::<password::GetPasswordPolicy, _, _>(passwords::get_policy),
        route::<password::PutPasswordPolicy, _, _>(passwords::put_policy),
        route::<password::RequirePasswordChange, _, _>(passwords::require_change),
        route::<device::ListMfaDevicesForUser, _, _>(mfa_devices::list),
        route::<device::UpdateMfaDeviceForUser, _, _>(mfa_devices::update),
        route::<device::DeleteMfaDeviceForUser, _, _>(mfa_devices::delete),
        route::<device::CreateMfaBypassForUser, _, _>(mfa_devices::create_bypass),
        route::<device::GetMfaDeviceManagementForDirectory, _, _>(mfa_devices::get_policy),
        route::<device::PutMfaDeviceManagementForDirectory, _, _>(mfa_devices::put_policy),
        route::<session::GetSessionSettings, _, _>(sessions::get_settings),
        route::<session::PutSessionSettings, _, _>(sessions::put_settings),
        route::<session::ListSessions, _, _>(sessions::list),
        route::<session::BatchDeleteSession, _, _>(sessions::batch_delete),
    ]
}
