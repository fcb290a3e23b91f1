//! LinkUserToExternalIdP, UnlinkUserFromExternalIdP.

use directory::external_links;
use model::cx::Cx;
use model::directory::user::UserId;
use model::fault::Fault;
use model::sources::external_idp::ExternalIdpId;
use wire::generated::portico::shapes::{
    LinkUserToExternalIdPRequest, LinkUserToExternalIdPResponse, UnlinkUserFromExternalIdPRequest,
    UnlinkUserFromExternalIdPResponse,
};

use crate::app::App;
use crate::identitystore::ids;

pub(crate) async fn link(
    app: App,
    cx: Cx,
    input: LinkUserToExternalIdPRequest,
) -> Result<LinkUserToExternalIdPResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let (user, idp) =
        (UserId::from_reference(&input.user_id)?, ExternalIdpId::parse(input.configuration_id)?);
    external_links::link(&app.store, &cx, &at, (&user, &idp), input.subject).await?;
    Ok(LinkUserToExternalIdPResponse {})
}

pub(crate) async fn unlink(
    app: App,
    cx: Cx,
    input: UnlinkUserFromExternalIdPRequest,
) -> Result<UnlinkUserFromExternalIdPResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let (user, idp) =
        (UserId::from_reference(&input.user_id)?, ExternalIdpId::parse(input.configuration_id)?);
    external_links::unlink(&app.store, &cx, &at, (&user, &idp)).await?;
    Ok(UnlinkUserFromExternalIdPResponse {})
}
