//! Groups: create, describe, list, update, delete, find by what they are known by.

use model::cx::Cx;
use model::directory::group::{Group, GroupId};
use model::directory::identity_store::IdentityStoreId;
use model::directory::user::ExternalId;
use model::fault::Fault;
use model::limits;
use model::name_key::name_key;
use model::page::{Page, PageRequest};
use store::db::Store;
use store::directory::external_ids::Holder;
use store::tx::{Rx, Tx};

use crate::gate::enter;
use crate::patch::{self, Update};
use crate::principals::{self, PrincipalId as _, arn, changed, within};
use crate::profile;
use crate::uniqueness;
use model::directory::identity_store_ref::IdentityStoreRef;
use policy::gate::{ALL_GROUPS, Gate};

/// A group to be made.
#[derive(Debug, Clone)]
pub struct NewGroup {
    /// Where.
    pub identity_store_id: IdentityStoreId,
    /// Its id; `None` for a fresh one.
    pub id: Option<GroupId>,
    /// Its name.
    pub display_name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Identifiers given by others.
    pub external_ids: Vec<ExternalId>,
}

impl NewGroup {
    /// A group with a fresh id and no external ids.
    pub fn new(
        identity_store_id: IdentityStoreId,
        display_name: impl Into<String>,
        description: Option<String>,
    ) -> Self {
        let display_name = display_name.into();
        Self { identity_store_id, id: None, display_name, description, external_ids: Vec::new() }
    }
}

/// What identifies a group besides its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupKey {
    /// The display name, in any case.
    DisplayName(String),
    /// An identifier given by another system.
    ExternalId(ExternalId),
}

/// CreateGroup.
pub async fn create(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    display_name: &str,
    description: Option<String>,
) -> Result<Group, Fault> {
    let gate = Gate::own("identitystore:CreateGroup", vec![]);
    let instance = store.glance(|rx| enter(gate, rx, cx, at))?;
    let new = NewGroup {
        id: Some(GroupId::fresh(cx)),
        ..NewGroup::new(instance.identity_store_id, display_name, description)
    };
    store
        .write(cx, move |tx, cx| {
            let group = insert_in(tx, cx, new.clone())?;
            changed(cx, &group);
            Ok(group)
        })
        .await
}

/// Adds a group inside a transaction: no policy is asked and no event named, as [`crate::users::insert_in`].
pub fn insert_in(tx: &mut Tx<'_>, cx: &Cx, new: NewGroup) -> Result<Group, Fault> {
    profile::check_group(&new.display_name, new.description.as_deref())?;
    profile::check_external_ids(&new.external_ids)?;
    let count = || store::directory::groups::count(tx, &new.identity_store_id);
    within(cx.mode.quota(limits::GROUPS_MAX), count, "groups")?;
    uniqueness::group(tx, &new.identity_store_id, None, &new.display_name)?;
    uniqueness::external_ids(tx, &new.identity_store_id, Holder::Group, &new.external_ids)?;
    let by = cx.caller.arn();
    let group = Group {
        id: new.id.unwrap_or_else(|| GroupId::fresh(cx)),
        identity_store_id: new.identity_store_id,
        display_name: new.display_name,
        description: new.description,
        external_ids: new.external_ids,
        revision: 1,
        created_at: cx.now,
        created_by: by.clone(),
        updated_at: cx.now,
        updated_by: by,
    };
    store::directory::groups::insert(tx, &group)?;
    Ok(group)
}

/// DescribeGroup.
pub fn describe(store: &Store, cx: &Cx, at: &IdentityStoreRef, id: &GroupId) -> Result<Group, Fault> {
    let gate = Gate::shared("identitystore:DescribeGroup", arn(id));
    store.read(|rx| {
        let instance = enter(gate, rx, cx, at)?;
        principals::find(rx, &instance.identity_store_id, id)
    })
}

/// ListGroups: by id; or the one of this name.
pub fn list(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    display_name: Option<&str>,
    page: &PageRequest,
) -> Result<Page<Group>, Fault> {
    let gate = Gate::shared("identitystore:ListGroups", vec![ALL_GROUPS.to_owned()]);
    let named = display_name.map(|name| {
        move |rx: &mut Rx<'_>, store: &IdentityStoreId| {
            store::directory::groups::find_by_display_name(rx, store, &name_key(name))
        }
    });
    principals::list(store, cx, (gate, at), page, named)
}

/// UpdateGroup: all operations or none.
pub async fn update(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    id: &GroupId,
    change: Update,
) -> Result<Group, Fault> {
    let gate = Gate::own("identitystore:UpdateGroup", arn(id));
    principals::update(store, cx, (gate, at), (id, change), |tx, cx, group: Group, operations| {
        let (display_name, description) =
            patch::group(&group.display_name, group.description.as_deref(), operations)?;
        uniqueness::group(tx, &group.identity_store_id, Some(&group.id), &display_name)?;
        save_in(tx, cx, Group { display_name, description, ..group })
    })
    .await
}

/// Writes a changed group inside a transaction, as its next revision: no policy is asked and no event named, and what it is called has been checked.
/// External ids stay.
pub(crate) fn save_in(tx: &mut Tx<'_>, cx: &Cx, group: Group) -> Result<Group, Fault> {
    let group = Group {
        revision: group.revision.saturating_add(1),
        updated_at: cx.now,
        updated_by: cx.caller.arn(),
        ..group
    };
    store::directory::groups::update(tx, &group)?;
    Ok(group)
}

/// DeleteGroup. The group's memberships and external ids go too, and it is within no group any more and none within it; account assignments stay and grant nothing.
pub async fn delete(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    id: &GroupId,
    revision: Option<String>,
) -> Result<(), Fault> {
    delete_if(store, cx, at, (id, revision), |_| Ok(())).await
}

/// The same, if `still` does not refuse it in the same transaction.
pub async fn delete_if(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    (id, revision): (&GroupId, Option<String>),
    still: impl Fn(&mut Tx<'_>) -> Result<(), Fault> + Send + 'static,
) -> Result<(), Fault> {
    let gate = Gate::own("identitystore:DeleteGroup", arn(id));
    principals::delete::<Group>(store, cx, (gate, at), (id, revision), move |tx, cx, id| {
        still(tx)?;
        store::directory::memberships::delete_by_group(tx, id, cx.now)?;
        store::directory::member_groups::delete_by_group(tx, id, cx.now)?;
        store::directory::groups::delete(tx, id)
    })
    .await
}

/// GetGroupId.
pub fn get_id(store: &Store, cx: &Cx, at: &IdentityStoreRef, key: &GroupKey) -> Result<GroupId, Fault> {
    let gate = Gate::shared("identitystore:GetGroupId", vec![]);
    principals::get_id::<Group>(store, cx, (gate, at), |rx, store_id| match key {
        GroupKey::DisplayName(name) => {
            store::directory::groups::find_id_by_display_name(rx, store_id, &name_key(name))
        }
        GroupKey::ExternalId(external) => {
            Ok(store::directory::external_ids::find(rx, store_id, Holder::Group, external)?
                .map(GroupId::trusted))
        }
    })
}
