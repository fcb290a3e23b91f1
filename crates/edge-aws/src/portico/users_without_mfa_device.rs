//! ListUsersWithoutMfaDevice.

use model::cx::Cx;
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use signin::users_without_mfa_device;
use wire::generated::portico::shapes::{
    ListUsersWithoutMfaDeviceRequest, ListUsersWithoutMfaDeviceResponse, UserWithoutMfaDevice,
};

use crate::app::App;
use crate::identitystore::ids;

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListUsersWithoutMfaDeviceRequest,
) -> Result<ListUsersWithoutMfaDeviceResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let scope = PageScope::new("ListUsersWithoutMfaDevice", &[at.id().as_str()]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = users_without_mfa_device::list(&app.store, &cx, &at, &page)?;
    let users = found.items.into_iter().map(|user| UserWithoutMfaDevice {
        user_id: user.id.into(),
        user_name: user.user_name,
        display_name: user.display_name,
        last_signed_in_at: user.signed_in_at.map(ids::seconds),
    });
    Ok(ListUsersWithoutMfaDeviceResponse {
        users: users.collect(),
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
    })
}
