//! EnableUser, DisableUser, UnlockUser.

use directory::users;
use model::cx::Cx;
use model::directory::user::{UserId, UserStatus};
use model::fault::Fault;
use wire::generated::portico::shapes::{
    DisableUserRequest, DisableUserResponse, EnableUserRequest, EnableUserResponse, UnlockUserRequest,
    UnlockUserResponse,
};

use crate::app::App;
use crate::identitystore::ids;

pub(crate) async fn enable(app: App, cx: Cx, input: EnableUserRequest) -> Result<EnableUserResponse, Fault> {
    let (at, id) = (ids::identity_store(&input.identity_store_id)?, UserId::from_reference(&input.user_id)?);
    users::set_status(&app.store, &cx, &at, &id, UserStatus::Enabled).await?;
    Ok(EnableUserResponse {})
}

pub(crate) async fn disable(
    app: App,
    cx: Cx,
    input: DisableUserRequest,
) -> Result<DisableUserResponse, Fault> {
    let (at, id) = (ids::identity_store(&input.identity_store_id)?, UserId::from_reference(&input.user_id)?);
    users::set_status(&app.store, &cx, &at, &id, UserStatus::Disabled).await?;
    Ok(DisableUserResponse {})
}

pub(crate) async fn unlock(app: App, cx: Cx, input: UnlockUserRequest) -> Result<UnlockUserResponse, Fault> {
    let (at, id) = (ids::identity_store(&input.identity_store_id)?, UserId::from_reference(&input.user_id)?);
    signin::unlocks::unlock(&app.store, &cx, (&at, &id)).await?;
    Ok(UnlockUserResponse {})
}
