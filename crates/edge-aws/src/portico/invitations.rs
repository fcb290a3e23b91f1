//! CreateInvitation, ListInvitations, DeleteInvitation.

use std::time::Duration;

use model::cx::Cx;
use model::directory::user::UserId;
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use model::signin::invitation::{Invitation, InvitationId};
use signin::invitations::{self, VALIDITY_DEFAULT};
use wire::generated::portico::shapes::{
    self, CreateInvitationRequest, CreateInvitationResponse, DeleteInvitationRequest,
    DeleteInvitationResponse, ListInvitationsRequest, ListInvitationsResponse,
};

use crate::app::App;
use crate::identitystore::ids;

pub(crate) async fn create(
    app: App,
    cx: Cx,
    input: CreateInvitationRequest,
) -> Result<CreateInvitationResponse, Fault> {
    let (at, id) = (ids::identity_store(&input.identity_store_id)?, UserId::from_reference(&input.user_id)?);
    let hours = input.validity_hours.and_then(|hours| u64::try_from(hours).ok());
    let validity = hours.map_or(VALIDITY_DEFAULT, Duration::from_hours);
    let made = invitations::create(&app.store, &cx, &app.signin, (&at, &id), validity).await?;
    Ok(CreateInvitationResponse {
        invitation_id: made.id.into(),
        url: made.url.expose().to_owned(),
        expires_at: ids::seconds(made.expires_at),
        mailed: made.mailed,
    })
}

fn shape(invitation: Invitation) -> shapes::Invitation {
    shapes::Invitation {
        invitation_id: invitation.id.into(),
        user_id: invitation.user_id.into(),
        user_name: invitation.user_name,
        purpose: invitation.purpose.as_str().to_owned(),
        created_at: ids::seconds(invitation.created_at),
        created_by: Some(invitation.created_by),
        expires_at: ids::seconds(invitation.expires_at),
        mail_status: invitation.letter.map(|state| state.as_str().to_owned()),
    }
}

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListInvitationsRequest,
) -> Result<ListInvitationsResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let user = input.user_id.as_deref().map(UserId::from_reference).transpose()?;
    let selectors = [at.id().as_str(), user.as_ref().map_or("", UserId::as_str)];
    let scope = PageScope::new("ListInvitations", &selectors);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = invitations::list(&app.store, &cx, (&at, user.as_ref()), &page)?;
    Ok(ListInvitationsResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        invitations: found.items.into_iter().map(shape).collect(),
    })
}

pub(crate) async fn delete(
    app: App,
    cx: Cx,
    input: DeleteInvitationRequest,
) -> Result<DeleteInvitationResponse, Fault> {
    let (at, id) = (ids::identity_store(&input.identity_store_id)?, UserId::from_reference(&input.user_id)?);
    let invitation = InvitationId::parse(input.invitation_id)?;
    invitations::delete(&app.store, &cx, (&at, &id), &invitation).await?;
    Ok(DeleteInvitationResponse {})
}
