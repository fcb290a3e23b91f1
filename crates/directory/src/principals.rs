//! What users and groups do alike: they are found, listed, changed and removed by the same steps, at the same gate, and the record says the
//! same of them. What a user or a group is stays in [`crate::users`] and [`crate::groups`].

use model::cx::Cx;
use model::directory::group::{Group, GroupId};
use model::directory::identity_store::IdentityStoreId;
use model::directory::user::{User, UserId, UserStatus};
use model::entropy::uuid_by_time;
use model::fault::{Fault, ResourceType};
use model::page::{Page, PageRequest};
use serde_json::json;
use store::db::Store;
use store::directory::external_ids::Holder;
use store::error::StoreError;
use store::tx::{Rx, Tx};

use crate::gate::enter;
use crate::ownership::{self, Source, Whose};
use crate::patch::{AttributeOperation, Update};
use crate::uniqueness;
use model::directory::identity_store_ref::IdentityStoreRef;
use policy::gate::{ALL_GROUPS, ALL_USERS, Gate, not_found};

/// The id of a user or group.
pub(crate) trait PrincipalId: Clone + Send + 'static {
    fn trusted(id: String) -> Self;
    fn text(&self) -> &str;
    fn arn(&self) -> String;

    /// A fresh one: ids of one day lie beside each other.
    fn fresh(cx: &Cx) -> Self {
        Self::trusted(uuid_by_time(cx.entropy(), cx.now).to_string())
    }
}

/// A user or group.
pub(crate) trait Principal: Sized + Send + 'static {
    type Id: PrincipalId;
    const TYPE: ResourceType;
    /// Every one, as IAM names them.
    const ALL: &'static str;
    /// CloudTrail's word for it, and the members of its record.
    const RECORDED: Recorded;
    /// What it is to tables that hold both.
    const HOLDER: Holder;

    fn id(&self) -> &Self::Id;
    fn identity_store_id(&self) -> &IdentityStoreId;
    fn revision(&self) -> i64;
    /// Whether it is a user who may not sign in.
    fn is_disabled(&self) -> bool;
    fn found(rx: &mut Rx<'_>, store: &IdentityStoreId, id: &Self::Id) -> Result<Option<Self>, StoreError>;
    fn exists(rx: &mut Rx<'_>, store: &IdentityStoreId, id: &Self::Id) -> Result<bool, StoreError>;
    fn rows(rx: &mut Rx<'_>, store: &IdentityStoreId, page: &PageRequest) -> Result<Vec<Self>, StoreError>;
}

/// How a record names a principal.
pub(crate) struct Recorded {
    pub(crate) kind: &'static str,
    id: &'static str,
    arn: &'static str,
}

macro_rules! principal {
    ($entity:ident, $id:ident, $rows:ident, $all:ident, $recorded:expr, $is_disabled:expr) => {
        impl PrincipalId for $id {
            fn trusted(id: String) -> Self {
                $id::trusted(id)
            }
            fn text(&self) -> &str {
                self.as_str()
            }
            fn arn(&self) -> String {
                $id::arn(self)
            }
        }

        impl Principal for $entity {
            type Id = $id;
            const TYPE: ResourceType = ResourceType::$entity;
            const ALL: &'static str = $all;
            const RECORDED: Recorded = $recorded;
            const HOLDER: Holder = Holder::$entity;

            fn id(&self) -> &$id {
                &self.id
            }
            fn identity_store_id(&self) -> &IdentityStoreId {
                &self.identity_store_id
            }
            fn revision(&self) -> i64 {
                self.revision
            }
            fn is_disabled(&self) -> bool {
                $is_disabled(self)
            }
            fn found(rx: &mut Rx<'_>, store: &IdentityStoreId, id: &$id) -> Result<Option<Self>, StoreError> {
                store::directory::$rows::find(rx, store, id)
            }
            fn exists(rx: &mut Rx<'_>, store: &IdentityStoreId, id: &$id) -> Result<bool, StoreError> {
                store::directory::$rows::exists(rx, store, id)
            }
            fn rows(
                rx: &mut Rx<'_>,
                store: &IdentityStoreId,
                page: &PageRequest,
            ) -> Result<Vec<Self>, StoreError> {
                store::directory::$rows::page(rx, store, page)
            }
        }
    };
}

const USER: Recorded = Recorded { kind: "AWS::IdentityStore::User", id: "userId", arn: "userArn" };
const GROUP: Recorded = Recorded { kind: "AWS::IdentityStore::Group", id: "groupId", arn: "groupArn" };
principal!(User, UserId, users, ALL_USERS, USER, |user: &User| user.status == UserStatus::Disabled);
principal!(Group, GroupId, groups, ALL_GROUPS, GROUP, |_: &Group| false);

/// What the gate is asked of one principal.
pub(crate) fn arn<I: PrincipalId>(id: &I) -> Vec<String> {
    vec![id.arn()]
}

/// There is none with this id.
pub(crate) fn missing<P: Principal>(id: &P::Id) -> Fault {
    not_found(P::TYPE, id.text())
}

/// The one with this id.
pub(crate) fn find<P: Principal>(rx: &mut Rx<'_>, store: &IdentityStoreId, id: &P::Id) -> Result<P, Fault> {
    P::found(rx, store, id)?.ok_or_else(|| missing::<P>(id))
}

/// Refuses an id that nobody has.
pub(crate) fn require_exists<P: Principal>(
    rx: &mut Rx<'_>,
    store: &IdentityStoreId,
    id: &P::Id,
) -> Result<(), Fault> {
    if P::exists(rx, store, id)? { Ok(()) } else { Err(missing::<P>(id)) }
}

/// Whose it is to change.
pub(crate) fn whose<P: Principal>(principal: &P) -> Whose<'_> {
    Whose { holder: P::HOLDER, store_id: principal.identity_store_id(), id: principal.id().text() }
}

/// Refuses one more than the quota of AWS: a count reads them all, so only where there is a quota.
pub(crate) fn within(
    quota: u64,
    count: impl FnOnce() -> Result<u64, StoreError>,
    what: &str,
) -> Result<(), Fault> {
    if quota != u64::MAX && count()? >= quota {
        return Err(Fault::quota(format!("An identity store has at most {quota} {what}.")));
    }
    Ok(())
}

/// Says in the event which one was changed, and what the caller is answered.
pub(crate) fn changed<P: Principal>(cx: &Cx, principal: &P) {
    let (id, Recorded { kind, id: id_name, arn: arn_name }) = (principal.id(), P::RECORDED);
    cx.event().touch(kind, id.arn());
    cx.event().respond(json!({
        "identityStoreId": principal.identity_store_id(), id_name: id.text(), arn_name: id.arn(),
        "revision": principal.revision().to_string(),
    }));
}

/// By id; or the one that `named` finds, where the caller names one.
pub(crate) fn list<P: Principal>(
    store: &Store,
    cx: &Cx,
    (gate, at): (Gate, &IdentityStoreRef),
    page: &PageRequest,
    named: Option<impl FnOnce(&mut Rx<'_>, &IdentityStoreId) -> Result<Option<P>, StoreError>>,
) -> Result<Page<P>, Fault> {
    store.read(|rx| {
        let store_id = enter(gate, rx, cx, at)?.identity_store_id;
        if let Some(named) = named {
            return Ok(Page { items: named(rx, &store_id)?.into_iter().collect(), next: None });
        }
        Ok(page.page(P::rows(rx, &store_id, page)?, |principal| principal.id().text().to_owned()))
    })
}

/// Lets the caller in, finds the one that is meant, at the revision that is expected, and does with it what `with` does: one transaction.
pub(crate) async fn on_one<P: Principal, T: Send + 'static>(
    store: &Store,
    cx: &Cx,
    (gate, at): (Gate, &IdentityStoreRef),
    (id, revision): (&P::Id, Option<String>),
    with: impl Fn(&mut Tx<'_>, &Cx, P) -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    let store_id = store.glance(|rx| enter(gate, rx, cx, at))?.identity_store_id;
    let id = id.clone();
    store
        .write(cx, move |tx, cx| {
            let principal: P = find(tx, &store_id, &id)?;
            uniqueness::revision(revision.as_deref(), principal.revision())?;
            with(tx, cx, principal)
        })
        .await
}

/// All operations of an update or none: `with` writes them. What is another's stays as it is.
pub(crate) async fn update<P: Principal>(
    store: &Store,
    cx: &Cx,
    way: (Gate, &IdentityStoreRef),
    (id, change): (&P::Id, Update),
    with: impl Fn(&mut Tx<'_>, &Cx, P, &[AttributeOperation]) -> Result<P, Fault> + Send + 'static,
) -> Result<P, Fault> {
    let Update { operations, revision } = change;
    let with = move |tx: &mut Tx<'_>, cx: &Cx, principal: P| {
        ownership::require_in(tx, cx, whose(&principal), &Source::of(cx))?;
        let principal = with(tx, cx, principal, &operations)?;
        changed(cx, &principal);
        Ok(principal)
    };
    on_one(store, cx, way, (id, revision), with).await
}

/// Removes one that is no other's: `with` takes its rows away.
pub(crate) async fn delete<P: Principal>(
    store: &Store,
    cx: &Cx,
    way: (Gate, &IdentityStoreRef),
    which: (&P::Id, Option<String>),
    with: impl Fn(&mut Tx<'_>, &Cx, &P::Id) -> Result<(), Fault> + Send + 'static,
) -> Result<(), Fault> {
    on_one(store, cx, way, which, move |tx, cx, principal: P| delete_in(tx, cx, &principal, &with)).await
}

/// The same within a transaction.
pub(crate) fn delete_in<P: Principal>(
    tx: &mut Tx<'_>,
    cx: &Cx,
    principal: &P,
    with: impl Fn(&mut Tx<'_>, &Cx, &P::Id) -> Result<(), Fault>,
) -> Result<(), Fault> {
    ownership::require_in(tx, cx, whose(principal), &Source::of(cx))?;
    with(tx, cx, principal.id())?;
    store::directory::owners::delete(tx, principal.id().text())?;
    cx.event().touch(P::RECORDED.kind, principal.id().arn());
    Ok(())
}

/// The id of the one that `find` finds. Whoever may look up some is refused alike for others and for those that are not there.
pub(crate) fn get_id<P: Principal>(
    store: &Store,
    cx: &Cx,
    (gate, at): (Gate, &IdentityStoreRef),
    find: impl FnOnce(&mut Rx<'_>, &IdentityStoreId) -> Result<Option<P::Id>, StoreError>,
) -> Result<P::Id, Fault> {
    store.read(|rx| {
        let found = find(rx, at.id())?;
        let asked = found.as_ref().map_or_else(|| P::ALL.to_owned(), PrincipalId::arn);
        enter(gate.and_on(vec![asked], P::ALL), rx, cx, at)?;
        found.ok_or_else(|| not_found(P::TYPE, ""))
    })
}
