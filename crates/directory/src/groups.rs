//! Groups: create, describe, list, update, delete, find by what they are known by.

use model::cx::Cx;
use model::entropy::uuid_by_time;
use model::fault::{Fault, ResourceType};
use model::group::{Group, GroupId};
use model::identity_store::IdentityStoreId;
use model::limits;
use model::name_key::name_key;
use model::page::{Page, PageRequest};
use model::user::ExternalId;
use serde_json::json;
use store::db::Store;
use store::external_ids::Holder;
use store::tx::{Rx, Tx};

use crate::gate::{ALL_GROUPS, Gate, not_found};
use crate::identity_store_ref::IdentityStoreRef;
use crate::patch::{self, Update};
use crate::profile;
use crate::uniqueness;

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

fn arn(id: &GroupId) -> Vec<String> {
    vec![id.arn()]
}

fn fresh_id(cx: &Cx) -> GroupId {
    GroupId::trusted(uuid_by_time(cx.entropy(), cx.now).to_string())
}

pub(crate) fn missing(id: &GroupId) -> Fault {
    not_found(ResourceType::Group, id.as_str())
}

fn find(rx: &mut Rx<'_>, store_id: &IdentityStoreId, id: &GroupId) -> Result<Group, Fault> {
    store::groups::find(rx, store_id, id)?.ok_or_else(|| missing(id))
}

pub(crate) fn require_exists(rx: &mut Rx<'_>, store_id: &IdentityStoreId, id: &GroupId) -> Result<(), Fault> {
    if store::groups::exists(rx, store_id, id)? { Ok(()) } else { Err(missing(id)) }
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
    let instance = store.glance(|rx| gate.enter(rx, cx, at))?;
    let new = NewGroup {
        id: Some(fresh_id(cx)),
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
    let quota = cx.mode.quota(limits::GROUPS_MAX);
    if quota != u64::MAX && store::groups::count(tx, &new.identity_store_id)? >= quota {
        return Err(Fault::quota(format!("An identity store has at most {quota} groups.")));
    }
    uniqueness::group(tx, &new.identity_store_id, None, &new.display_name)?;
    uniqueness::external_ids(tx, &new.identity_store_id, Holder::Group, &new.external_ids)?;
    let by = cx.caller.arn();
    let group = Group {
        id: new.id.unwrap_or_else(|| fresh_id(cx)),
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
    store::groups::insert(tx, &group)?;
    Ok(group)
}

/// Says in the event which group was changed, and what the caller is answered.
fn changed(cx: &Cx, group: &Group) {
    cx.event().touch("AWS::IdentityStore::Group", group.id.arn());
    cx.event().respond(json!({
        "identityStoreId": group.identity_store_id, "groupId": group.id, "groupArn": group.id.arn(),
        "revision": group.revision.to_string(),
    }));
}

/// DescribeGroup.
pub fn describe(store: &Store, cx: &Cx, at: &IdentityStoreRef, id: &GroupId) -> Result<Group, Fault> {
    let gate = Gate::shared("identitystore:DescribeGroup", arn(id));
    store.read(|rx| {
        let instance = gate.enter(rx, cx, at)?;
        find(rx, &instance.identity_store_id, id)
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
    store.read(|rx| {
        let store_id = gate.enter(rx, cx, at)?.identity_store_id;
        if let Some(name) = display_name {
            let found = store::groups::find_by_display_name(rx, &store_id, &name_key(name))?;
            return Ok(Page { items: found.into_iter().collect(), next: None });
        }
        Ok(page.page(store::groups::page(rx, &store_id, page)?, |group| group.id.to_string()))
    })
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
    let store_id = store.glance(|rx| gate.enter(rx, cx, at))?.identity_store_id;
    let id = id.clone();
    store
        .write(cx, move |tx, cx| {
            let group = find(tx, &store_id, &id)?;
            uniqueness::revision(change.revision.as_deref(), group.revision)?;
            let (display_name, description) =
                patch::group(&group.display_name, group.description.as_deref(), &change.operations)?;
            uniqueness::group(tx, &store_id, Some(&id), &display_name)?;
            let group = Group {
                display_name,
                description,
                revision: group.revision.saturating_add(1),
                updated_at: cx.now,
                updated_by: cx.caller.arn(),
                ..group
            };
            store::groups::update(tx, &group)?;
            changed(cx, &group);
            Ok(group)
        })
        .await
}

/// DeleteGroup. The group's memberships and external ids go too; account assignments stay and grant nothing.
pub async fn delete(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    id: &GroupId,
    revision: Option<String>,
) -> Result<(), Fault> {
    let gate = Gate::own("identitystore:DeleteGroup", arn(id));
    let store_id = store.glance(|rx| gate.enter(rx, cx, at))?.identity_store_id;
    let id = id.clone();
    store
        .write(cx, move |tx, cx| {
            let group = find(tx, &store_id, &id)?;
            uniqueness::revision(revision.as_deref(), group.revision)?;
            store::memberships::delete_by_group(tx, &id)?;
            store::groups::delete(tx, &id)?;
            cx.event().touch("AWS::IdentityStore::Group", id.arn());
            Ok(())
        })
        .await
}

/// GetGroupId.
pub fn get_id(store: &Store, cx: &Cx, at: &IdentityStoreRef, key: &GroupKey) -> Result<GroupId, Fault> {
    let gate = Gate::shared("identitystore:GetGroupId", vec![]);
    store.read(|rx| {
        let store_id = at.id();
        let found = match key {
            GroupKey::DisplayName(name) => {
                store::groups::find_id_by_display_name(rx, store_id, &name_key(name))?
            }
            GroupKey::ExternalId(external) => {
                store::external_ids::find(rx, store_id, Holder::Group, external)?.map(GroupId::trusted)
            }
        };
        // Whoever may look up some groups is refused alike for others and for those that are not there.
        let asked = found.as_ref().map_or_else(|| ALL_GROUPS.to_owned(), GroupId::arn);
        gate.and_on(vec![asked], ALL_GROUPS).enter(rx, cx, at)?;
        found.ok_or_else(|| not_found(ResourceType::Group, ""))
    })
}
