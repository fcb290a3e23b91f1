//! GetExpiryNotices, PutExpiryNotices.

use model::cx::Cx;
use model::fault::Fault;
use signin::expiry_notices;
use wire::generated::portico::shapes::{
    ExpiryNotices, GetExpiryNoticesRequest, GetExpiryNoticesResponse, PutExpiryNoticesRequest,
    PutExpiryNoticesResponse,
};

use crate::app::App;
use crate::identitystore::ids;

pub(crate) async fn get(
    app: App,
    cx: Cx,
    input: GetExpiryNoticesRequest,
) -> Result<GetExpiryNoticesResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let found = expiry_notices::get(&app.store, &cx, &at)?;
    Ok(GetExpiryNoticesResponse { expiry_notices: ExpiryNotices { user_ids: found.user_ids } })
}

pub(crate) async fn put(
    app: App,
    cx: Cx,
    input: PutExpiryNoticesRequest,
) -> Result<PutExpiryNoticesResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let new = expiry_notices::ExpiryNotices { user_ids: input.expiry_notices.user_ids };
    expiry_notices::put(&app.store, &cx, &at, new).await?;
    Ok(PutExpiryNoticesResponse {})
}
