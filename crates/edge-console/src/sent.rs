//! A form of the console that was sent. It does something, so whoever sends it has proved themselves a short while ago; what was typed is not lost where
//! they have not, or where their session ended meanwhile: it is shown to them, to be sent again.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts as _, Request};
use axum::response::{IntoResponse as _, Response};
use edge_portal::visitor::Visitor;
use edge_portal::{form, message, sign_in};

use crate::administrator::Administrator;
use crate::desk::Desk;
use crate::fields::Fields;
use crate::held::{self, Why};

/// Who sent it, and what is in it.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) admin: Administrator,
    pub(crate) fields: Fields,
}

impl FromRequest<Desk> for Sent {
    type Rejection = Response;

    async fn from_request(request: Request, desk: &Desk) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let body = Bytes::from_request(Request::from_parts(parts.clone(), body), desk)
            .await
            .map_err(axum::response::IntoResponse::into_response)?;
        // Who is signed in is asked now that all of it has come, which may be long after its head.
        let visitor = Visitor::from_request_parts(&mut parts, &desk.portal).await?.doing("ListAccountRoles");
        let Some(fields) = Fields::read(&body) else {
            return Err(http::StatusCode::PAYLOAD_TOO_LARGE.into_response());
        };
        let place = parts.uri.path().to_owned();
        let is_held = form::is_surely_ours(&parts.headers, desk.portal.signin.portal_base_url.as_str());
        let hold = |visitor: &Visitor, why| held::page(desk, visitor, (&place, &fields), why);
        let Some(session) = &visitor.session else {
            return Err(if is_held {
                hold(&visitor, Why::SignedOut)
            } else {
                sign_in::first(&desk.portal, &place)
            });
        };
        if !visitor.sent(&desk.portal, fields.pairs(), &parts.headers) {
            let stale = || message::stale_form(&desk.portal, &visitor);
            return Err(if is_held { hold(&visitor, Why::Stale) } else { stale() });
        }
        match signin::devices::has_proved_lately(&desk.portal.store, &visitor.cx, session) {
            Ok(true) => {}
            Ok(false) => return Err(hold(&visitor, Why::ProveYourself)),
            Err(refused) => return Err(message::fault(&desk.portal, &visitor, &refused)),
        }
        if desk.inside.roles_at_home(&visitor.cx).is_ok_and(|roles| roles.is_empty()) {
            return Err(hold(&visitor, Why::NoRole));
        }
        let admin = Administrator::of(&mut parts, desk, &place).await?;
        Ok(Self { admin, fields })
    }
}
