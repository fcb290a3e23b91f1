//! Who may use which application now. The one gate that every protocol passes before it tells an application anything of a person.

use model::applications::application::{Application, ApplicationId};
use model::directory::user::UserId;
use model::fault::Fault;
use model::page::{Page, PageRequest};
use store::tx::Rx;

/// Whether a person may use an application now: it is enabled, they are, they are of its instance's identity store and, where the application wants it,
/// assigned: themselves, by a group, or by a group around that.
pub fn may_use(rx: &mut Rx<'_>, application: &ApplicationId, user: &UserId) -> Result<bool, Fault> {
    Ok(store::applications::application_access::may_use(rx, user, application)?)
}

/// What a person may use of what the portal shows, by name: its tiles.
pub fn list_for_person(
    rx: &mut Rx<'_>,
    user: &UserId,
    page: &PageRequest,
) -> Result<Page<Application>, Fault> {
    let rows = store::applications::application_access::page_for_person(rx, user, page)?;
    Ok(page.page(rows, store::applications::application_access::key))
}
