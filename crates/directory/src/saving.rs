//! A changed user, written as its next revision, whoever changed it; and what ends by it.

use model::cx::Cx;
use model::directory::user::{User, UserProfile};
use model::fault::Fault;
use store::tx::Tx;

use crate::profile;
use crate::uniqueness;

/// Writes a changed user inside a transaction, as its next revision: no policy is asked and no event named. External ids stay. Whether the profile has
/// all that it must is for whoever changed it to know.
pub(crate) fn save_in(tx: &mut Tx<'_>, cx: &Cx, user: User) -> Result<User, Fault> {
    let profile = profile::checked_as_given(user.profile)?;
    uniqueness::user(tx, &user.identity_store_id, Some(&user.id), &profile)?;
    let user = User {
        profile,
        revision: user.revision.saturating_add(1),
        updated_at: cx.now,
        updated_by: cx.caller.arn(),
        ..user
    };
    store::directory::users::update(tx, &user)?;
    Ok(user)
}

/// Ends the links that were mailed to a user whose address changes: a link is good only as long as the address is that it was mailed to, also if it comes back.
pub(crate) fn end_mailed_links_in(tx: &mut Tx<'_>, user: &User, becomes: &UserProfile) -> Result<(), Fault> {
    if becomes.primary_email() != user.profile.primary_email() {
        store::signin::invitations::delete_mailed(tx, &user.id)?;
    }
    Ok(())
}
