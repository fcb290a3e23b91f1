//! Whom an administrator disabled here stays disabled though their source deletes them and brings them again: by the same user name, whichever source
//! it is, or by the same id of the same source. Until an administrator lets them in again (EnableUser, of whoever came back or of the id that they had),
//! or makes somebody of that name. In strict mode nothing is kept: nobody owns anybody there.

use model::cx::Cx;
use model::directory::identity_store::IdentityStoreId;
use model::directory::kept_out::KeptOut;
use model::directory::user::{ExternalId, User, UserId};
use model::fault::Fault;
use model::limits::Mode;
use model::name_key::name_key;
use store::directory::{kept_out, owners, users};
use store::tx::{Rx, Tx};

use crate::ownership::Source;

/// Keeps what somebody was known by whom a source deletes, if an administrator disabled them here.
pub(crate) fn keep_in(
    tx: &mut Tx<'_>,
    cx: &Cx,
    store_id: &IdentityStoreId,
    id: &UserId,
) -> Result<(), Fault> {
    if cx.mode == Mode::Strict || Source::of(cx) == Source(None) {
        return Ok(());
    }
    let Some(owner) = owners::find(tx, id.as_str())? else { return Ok(()) };
    let Some(disabled_here_at) = owner.disabled_here_at else { return Ok(()) };
    let Some(user) = users::find(tx, store_id, id)? else { return Ok(()) };
    let called = user.external_ids.into_iter().find(|external| external.issuer == owner.source);
    let new = KeptOut {
        user_id: id.clone(),
        source: owner.source,
        external_id: called.map(|external| external.id),
        user_name_key: name_key(&user.profile.user_name),
        owned_since: owner.since,
        disabled_here_at,
        deleted_at: cx.now,
    };
    // Who was brought and deleted before is kept once.
    let before = kept_out::find_by_name(tx, store_id, &new.user_name_key)?;
    if let Some(before) = before.filter(|before| before.external() == new.external()) {
        kept_out::delete(tx, &before.user_id)?;
    }
    kept_out::insert(tx, store_id, &new)
}

/// The one whom a source brings who is known so.
pub(crate) fn find_in(
    rx: &mut Rx<'_>,
    cx: &Cx,
    store_id: &IdentityStoreId,
    (user_name, external_ids): (&str, &[ExternalId]),
) -> Result<Option<KeptOut>, Fault> {
    if cx.mode == Mode::Strict {
        return Ok(None);
    }
    if let Some(found) = kept_out::find_by_name(rx, store_id, &name_key(user_name))? {
        return Ok(Some(found));
    }
    for external in external_ids {
        if let Some(found) = kept_out::find_by_external_id(rx, store_id, external)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// An administrator lets somebody in: what they are known by keeps nobody out any more.
pub(crate) fn forget_in(tx: &mut Tx<'_>, cx: &Cx, user: &User) -> Result<(), Fault> {
    if cx.mode == Mode::Strict {
        return Ok(());
    }
    kept_out::delete_by_name(tx, &user.identity_store_id, &name_key(&user.profile.user_name))?;
    for external in &user.external_ids {
        kept_out::delete_by_external_id(tx, &user.identity_store_id, external)?;
    }
    Ok(())
}

/// The same of somebody who is gone, by the id that they had; whether there is such a one.
pub(crate) fn forget_gone_in(
    tx: &mut Tx<'_>,
    cx: &Cx,
    (store_id, id): (&IdentityStoreId, &UserId),
) -> Result<bool, Fault> {
    if cx.mode == Mode::Strict {
        return Ok(false);
    }
    let Some(gone) = kept_out::find(tx, store_id, id)? else { return Ok(false) };
    kept_out::delete_by_name(tx, store_id, &gone.user_name_key)?;
    if let Some(external) = gone.external() {
        kept_out::delete_by_external_id(tx, store_id, &external)?;
    }
    Ok(true)
}
