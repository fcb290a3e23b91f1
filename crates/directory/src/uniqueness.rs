//! What must be unique in an identity store, and AWS's words when it is not. Names are compared by [`model::name_key::name_key`]. The
//! store's unique indexes hold the same rules; these checks are for the answer, and left out while the indexes decide.

use model::directory::group::GroupId;
use model::directory::identity_store::IdentityStoreId;
use model::directory::user::{ExternalId, UserId, UserProfile};
use model::fault::{ConflictReason, Fault, FaultKind};
use model::name_key::name_key;
use store::directory::external_ids::Holder;
use store::tx::Rx;

fn duplicate(what: &str) -> Fault {
    Fault::new(FaultKind::Conflict(ConflictReason::Uniqueness), format!("Duplicate {what}"))
}

/// Refuses a profile whose user name or primary address another user than `own` has.
pub(crate) fn user(
    rx: &mut Rx<'_>,
    store_id: &IdentityStoreId,
    own: Option<&UserId>,
    profile: &UserProfile,
) -> Result<(), Fault> {
    if rx.index_decides() {
        return Ok(());
    }
    user_surely(rx, store_id, own, profile)
}

/// The same with a look in every case: for whoever goes on with others where one is refused.
pub(crate) fn user_surely(
    rx: &mut Rx<'_>,
    store_id: &IdentityStoreId,
    own: Option<&UserId>,
    profile: &UserProfile,
) -> Result<(), Fault> {
    let taken = |found: Option<UserId>| found.is_some_and(|found| Some(&found) != own);
    if taken(store::directory::users::find_id_by_user_name(rx, store_id, &name_key(&profile.user_name))?) {
        return Err(duplicate("UserName"));
    }
    if let Some(email) = profile.primary_email()
        && taken(store::directory::users::find_id_by_email(rx, store_id, &name_key(email))?)
    {
        return Err(duplicate("Email"));
    }
    Ok(())
}

/// Refuses a name that another group than `own` has.
pub(crate) fn group(
    rx: &mut Rx<'_>,
    store_id: &IdentityStoreId,
    own: Option<&GroupId>,
    display_name: &str,
) -> Result<(), Fault> {
    if rx.index_decides() {
        return Ok(());
    }
    match store::directory::groups::find_id_by_display_name(rx, store_id, &name_key(display_name))? {
        Some(found) if Some(&found) != own => Err(duplicate("GroupDisplayName")),
        _ => Ok(()),
    }
}

/// Refuses external ids that somebody has.
pub(crate) fn external_ids(
    rx: &mut Rx<'_>,
    store_id: &IdentityStoreId,
    holder: Holder,
    external_ids: &[ExternalId],
) -> Result<(), Fault> {
    if rx.index_decides() {
        return Ok(());
    }
    for external in external_ids {
        if store::directory::external_ids::find(rx, store_id, holder, external)?.is_some() {
            return Err(duplicate("ExternalId"));
        }
    }
    Ok(())
}

/// Refuses a revision that is not the newest one.
pub(crate) fn revision(expected: Option<&str>, newest: i64) -> Result<(), Fault> {
    match expected {
        Some(expected) if expected != newest.to_string() => Err(Fault::new(
            FaultKind::Conflict(ConflictReason::ConcurrentModification),
            format!("The resource was changed since revision {expected}; its revision now is {newest}."),
        )),
        _ => Ok(()),
    }
}
