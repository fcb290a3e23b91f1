//! Programs that a person lets in without being asked again: decided by the person as they agree, for what was asked for then and nothing more, shown
//! to them, and taken back by them. A device code is asked about each time: whoever types one may have been talked into it.

use model::cx::Cx;
use model::event::EventHead;
use model::fault::{Fault, FaultKind, ResourceType};
use model::saying::Saying;
use model::signin::oauth::ClientId;
use model::signin::portal_session::PortalSession;
use store::db::Store;
use store::signin::consents;
use store::tx::Rx;

pub use store::signin::consents::Consent;

use crate::authorize::AuthorizeRequest;

/// Programs that are shown at most.
const LISTED_MAX: i64 = 200;

/// Whether the person of a session agreed to this before, and to be asked no more.
pub fn covers(
    store: &Store,
    cx: &Cx,
    session: &PortalSession,
    request: &AuthorizeRequest,
) -> Result<bool, Fault> {
    Ok(!request.asks_consent && store.read(|rx| covers_in(rx, cx, session, request))?)
}

pub(crate) fn covers_in(
    rx: &mut Rx<'_>,
    cx: &Cx,
    session: &PortalSession,
    request: &AuthorizeRequest,
) -> Result<bool, Fault> {
    let of = (&session.user.user_id, &request.client_id);
    let given = consents::scopes(rx, of, cx.now)?;
    Ok(given.is_some_and(|given| request.scopes.iter().all(|scope| given.contains(scope))))
}

/// The programs of the person of a session.
pub fn list_own(store: &Store, cx: &Cx, session: &PortalSession) -> Result<Vec<Consent>, Fault> {
    store.read(|rx| Ok(consents::list_by_user(rx, &session.user.user_id, (cx.now, LISTED_MAX))?))
}

/// The person is asked about a program again. What it has got stays until its session ends.
pub async fn forget(store: &Store, cx: &Cx, session: &PortalSession, client: &ClientId) -> Result<(), Fault> {
    let step = cx.with_event(EventHead::of_service("sso.amazonaws.com", "DeleteConsent"));
    let (user, client) = (session.user.user_id.clone(), client.clone());
    store
        .write(&step, move |tx, cx| {
            cx.event().detail("clientId", client.as_str());
            if consents::delete(tx, (&user, &client))? {
                return Ok(());
            }
            Err(Fault::say(FaultKind::NotFound(ResourceType::Other), Saying::NoSuchProgram))
        })
        .await
}
