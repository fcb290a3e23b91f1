//! RevokeUserRoleSessions.

use accounts::connected_sessions;
use model::accounts::account::AccountId;
use model::cx::Cx;
use model::directory::user::UserId;
use model::fault::Fault;
use wire::generated::portico::shapes::{RevokeUserRoleSessionsRequest, RevokeUserRoleSessionsResponse};

use crate::app::App;
use crate::sso_admin::ids::instance;

pub(crate) async fn revoke(
    app: App,
    cx: Cx,
    input: RevokeUserRoleSessionsRequest,
) -> Result<RevokeUserRoleSessionsResponse, Fault> {
    let (at, user) = (instance(&cx, &input.instance_arn)?, UserId::parse(input.user_id)?);
    let account = input.account_id.map(AccountId::parse).transpose()?;
    let count = connected_sessions::revoke(&app.store, &cx, &at, (&user, account.as_ref())).await?;
    Ok(RevokeUserRoleSessionsResponse { revoked_sessions: i64::try_from(count).unwrap_or(i64::MAX) })
}
