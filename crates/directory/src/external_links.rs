//! LinkUserToExternalIdP, UnlinkUserFromExternalIdP: what an external identity provider calls somebody, said by an administrator. It is an external id of
//! theirs with the provider as its issuer: by Subject EXTERNAL_ID whoever comes with it is this person.

use model::cx::Cx;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::directory::user::{User, UserId};
use model::fault::{ConflictReason, Fault, FaultKind};
use model::sources::external_idp::{ExternalIdp, ExternalIdpId};
use policy::gate::Gate;
use store::db::Store;
use store::directory::external_ids::Holder;
use store::sources::external_idps;
use store::tx::Tx;

use crate::principals::{self, arn, changed};
use crate::provisioning::{Called, call_in, external_id};
use crate::saving::save_in;

/// LinkUserToExternalIdP. Whatever the provider called them before, it calls them this alone.
pub async fn link(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    (user, idp): (&UserId, &ExternalIdpId),
    subject: String,
) -> Result<(), Fault> {
    let gate = Gate::own("portico:LinkUserToExternalIdP", arn(user));
    let idp = idp.clone();
    principals::on_one(store, cx, (gate, at), (user, None), move |tx, cx, user: User| {
        let idp = existing(tx, &user, &idp)?;
        call(tx, cx, user, (&idp, Some(subject.clone())))
    })
    .await
}

/// UnlinkUserFromExternalIdP. Who is signed in stays so.
pub async fn unlink(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    (user, idp): (&UserId, &ExternalIdpId),
) -> Result<(), Fault> {
    let gate = Gate::own("portico:UnlinkUserFromExternalIdP", arn(user));
    let idp = idp.clone();
    principals::on_one(store, cx, (gate, at), (user, None), move |tx, cx, user: User| {
        let idp = existing(tx, &user, &idp)?;
        if external_id(&user.external_ids, &idp.issuer).is_none() {
            return Err(Fault::not_found(format!("{} is not linked to {}", user.id, idp.issuer)));
        }
        call(tx, cx, user, (&idp, None))
    })
    .await
}

fn existing(tx: &mut Tx<'_>, user: &User, id: &ExternalIdpId) -> Result<ExternalIdp, Fault> {
    external_idps::find_in(tx, &user.identity_store_id, id)?
        .ok_or_else(|| Fault::not_found(format!("There is no identity provider configuration {id}")))
}

fn call(
    tx: &mut Tx<'_>,
    cx: &Cx,
    user: User,
    (idp, id): (&ExternalIdp, Option<String>),
) -> Result<(), Fault> {
    let called = Called { holder: Holder::User, held: &user.external_ids, issuer: &idp.issuer, id };
    let user = match call_in(tx, &user, called).map_err(|fault| of_another(fault, idp))? {
        Some(external_ids) => save_in(tx, cx, User { external_ids, ..user })?,
        None => user,
    };
    changed(cx, &user);
    Ok(())
}

/// Whose it is, is not said: the caller may not be one who sees them.
fn of_another(fault: Fault, idp: &ExternalIdp) -> Fault {
    match fault.kind() {
        FaultKind::Conflict(reason @ ConflictReason::Uniqueness) => Fault::new(
            FaultKind::Conflict(*reason),
            format!("{} calls somebody else so: unlink them first", idp.issuer),
        ),
        _ => fault,
    }
}
