//! DescribeUserSignIn.

use model::cx::Cx;
use model::directory::user::UserId;
use model::fault::Fault;
use signin::user_sign_ins;
use wire::generated::portico::shapes::{DescribeUserSignInRequest, DescribeUserSignInResponse};

use crate::app::App;
use crate::identitystore::ids;

pub(crate) async fn describe(
    app: App,
    cx: Cx,
    input: DescribeUserSignInRequest,
) -> Result<DescribeUserSignInResponse, Fault> {
    let (at, user) =
        (ids::identity_store(&input.identity_store_id)?, UserId::from_reference(&input.user_id)?);
    let found = user_sign_ins::describe(&app.store, &cx, (&at, &user))?;
    Ok(DescribeUserSignInResponse {
        last_signed_in_at: found.signed_in_at.map(ids::seconds),
        tracked_since: ids::seconds(found.tracked_since),
        has_password: found.has_password,
        mfa_devices: i64::try_from(found.mfa_devices).unwrap_or(i64::MAX),
    })
}
