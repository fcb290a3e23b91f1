//! `/authorize` where an application asks rather than a program: whoever is signed in and may use it goes back there with a code, and is asked nothing more.

use applications::application_codes::{self, Asked, Refusal, SignedIn};
use applications::token_keys::TokenIssuer;
use axum::response::Response;

use crate::portal::Portal;
use crate::visitor::Visitor;
use crate::{headers, message, sign_in};

/// Answers a question of an application; `again` is its address to come back to.
pub(crate) async fn show(
    portal: &Portal,
    visitor: &Visitor,
    (pairs, again): (&[(String, String)], &str),
) -> Response {
    let ours = TokenIssuer { base_url: portal.signin.portal_base_url.clone() };
    let asked = match application_codes::open(&portal.store, &ours, pairs) {
        Ok(asked) => asked,
        Err(Refusal::Page(refused)) => return message::fault(portal, visitor, &refused),
        Err(Refusal::Redirect(to)) => return headers::redirect(&to, portal.is_secure()),
    };
    let Some(session) = &visitor.session else {
        if asked.silently {
            return headers::redirect(&asked.needs_sign_in(&ours), portal.is_secure());
        }
        return sign_in::first(portal, again);
    };
    if asked.sign_in_again {
        return sign_in::again(portal, again);
    }
    approved(portal, visitor, (&ours, &asked), session).await
}

async fn approved(
    portal: &Portal,
    visitor: &Visitor,
    (ours, asked): (&TokenIssuer, &Asked),
    session: &model::signin::portal_session::PortalSession,
) -> Response {
    let who = SignedIn { user_id: session.user.user_id.clone(), session_id: session.user.session_id.clone() };
    match application_codes::approve(&portal.store, &visitor.cx, (ours, asked), &who).await {
        // The form by which the person signed in may have led here, and a browser follows it to no other site: a page goes on.
        Ok(to) if !asked.silently => message::go_on(portal, visitor, &to),
        Ok(to) => headers::redirect(&to, portal.is_secure()),
        Err(refused) => message::fault(portal, visitor, &refused),
    }
}
