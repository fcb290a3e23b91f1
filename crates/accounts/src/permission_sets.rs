//! Permission sets: create, describe, list, update, delete.

use model::accounts::permission_set::{PermissionSet, PermissionSetArn, PermissionSetId, SessionDuration};
use model::cx::Cx;
use model::entropy::bytes;
use model::fault::Fault;
use model::id::hex;
use model::instances::instance::InstanceId;
use model::instances::tag::Tags;
use model::limits::{Mode, PERMISSION_SETS_MAX, TAGS_MAX};
use model::page::{Page, PageRequest};
use policy::require::{Action, request_tags, require_unnamed, require_with};
use policy::resource;
use serde_json::json;
use store::db::Store;
use store::tx::Tx;

use crate::instance::{find, guarded, guarded_set, has_accounts};

/// A permission set to make.
#[derive(Debug, Clone)]
pub struct NewPermissionSet {
    /// A given id, when an instance is restored.
    pub id: Option<PermissionSetId>,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// ISO 8601, such as `PT4H`; `PT1H` when absent.
    pub session_duration: Option<String>,
    /// Where the console opens.
    pub relay_state: Option<String>,
    /// Tags.
    pub tags: Tags,
}

/// What a permission set shall be. AWS has one call for it and no other to take a value away: so what is left out is not always kept.
#[derive(Debug, Clone, Default)]
pub struct PermissionSetPatch {
    /// What it is for; absent: kept (hashicorp/terraform-provider-aws#41897).
    pub description: Option<String>,
    /// ISO 8601; absent: an hour again in strict mode, as at AWS, which nobody means and which relaxed mode leaves alone.
    pub session_duration: Option<String>,
    /// Where the console opens; absent: nowhere any more (hashicorp/terraform-provider-aws#17411).
    pub relay_state: Option<String>,
}

/// Makes a permission set.
pub async fn create(
    store: &Store,
    cx: &Cx,
    instance: &InstanceId,
    new: NewPermissionSet,
) -> Result<PermissionSet, Fault> {
    let instance_id = instance.clone();
    let id = new.id.clone().unwrap_or_else(|| fresh_id(cx));
    let new = NewPermissionSet { id: Some(id.clone()), ..new };
    store
        .write(cx, move |tx, cx| {
            let action = Action("sso:CreatePermissionSet");
            let instance = find(tx, cx, action, &instance_id)?;
            let (tags, asked) =
                (store::instances::tags::all_of(tx, &instance_id.arn())?, request_tags(&new.tags));
            require_with(cx, action, &[resource::instance(&instance, tags)], &asked)?;
            // The one that is to be: a policy that names some permission sets does not cover others.
            let arn = PermissionSetArn { instance_id: instance_id.clone(), id: id.clone() };
            let set = resource::permission_set(&arn, &instance.owner, Tags::new());
            let any = format!("arn:aws:sso:::permissionSet/{instance_id}/*");
            require_unnamed(cx, action, &[set], &asked, &any)?;
            has_accounts(cx, &instance)?;
            let set = insert_in(tx, cx, &instance_id, &new)?;
            cx.event().touch("AWS::SSO::PermissionSet", set.arn().to_string());
            cx.event().respond(
                json!({"permissionSet": {"name": set.name, "permissionSetArn": set.arn().to_string()}}),
            );
            Ok(set)
        })
        .await
}

fn fresh_id(cx: &Cx) -> PermissionSetId {
    PermissionSetId::trusted(format!("ps-{}", hex(&bytes::<8>(cx.entropy()))))
}

/// Adds a permission set in a transaction, with no question of who asks: for [`create`] and the seed.
pub fn insert_in(
    tx: &mut Tx<'_>,
    cx: &Cx,
    instance: &InstanceId,
    new: &NewPermissionSet,
) -> Result<PermissionSet, Fault> {
    if !tx.index_decides()
        && store::accounts::permission_sets::find_by_name(tx, instance, &new.name)?.is_some()
    {
        return Err(Fault::conflict(format!("PermissionSet with name {} already exists.", new.name)));
    }
    let quota = cx.mode.quota(PERMISSION_SETS_MAX);
    if quota != u64::MAX && store::accounts::permission_sets::count(tx, instance)? >= quota {
        return Err(Fault::quota(format!(
            "You have exceeded the number of permission sets of an instance: {quota}"
        )));
    }
    if new.tags.len() > TAGS_MAX {
        return Err(Fault::validation(format!("Tags has {} entries, {TAGS_MAX} at most", new.tags.len())));
    }
    let duration = new.session_duration.as_deref().map(SessionDuration::parse).transpose()?;
    let set = PermissionSet {
        id: new.id.clone().unwrap_or_else(|| fresh_id(cx)),
        instance_id: instance.clone(),
        name: new.name.clone(),
        description: new.description.clone(),
        session_duration: duration.unwrap_or_default(),
        relay_state: new.relay_state.clone(),
        revision: 1,
        created_at: cx.now,
    };
    store::accounts::permission_sets::insert(tx, &set)?;
    for (key, value) in &new.tags {
        store::instances::tags::upsert(tx, &set.arn().to_string(), key, value)?;
    }
    Ok(set)
}

/// A permission set.
pub fn describe(
    store: &Store,
    cx: &Cx,
    instance: &InstanceId,
    arn: &PermissionSetArn,
) -> Result<PermissionSet, Fault> {
    store.read(|rx| Ok(guarded_set(rx, cx, Action("sso:DescribePermissionSet"), (instance, arn), None)?.1))
}

/// Permission sets by id.
pub fn list(
    store: &Store,
    cx: &Cx,
    instance: &InstanceId,
    page: &PageRequest,
) -> Result<Page<PermissionSet>, Fault> {
    store.read(|rx| {
        guarded(rx, cx, Action("sso:ListPermissionSets"), instance)?;
        let rows = store::accounts::permission_sets::page(rx, instance, page)?;
        Ok(page.page(rows, |set| set.id.to_string()))
    })
}

/// Says what a permission set shall be. Accounts that hold it no longer hold the latest.
pub async fn update(
    store: &Store,
    cx: &Cx,
    instance: &InstanceId,
    arn: &PermissionSetArn,
    patch: PermissionSetPatch,
) -> Result<(), Fault> {
    let (instance, arn) = (instance.clone(), arn.clone());
    store
        .write(cx, move |tx, cx| {
            let (_, mut set) =
                guarded_set(tx, cx, Action("sso:UpdatePermissionSet"), (&instance, &arn), None)?;
            let before = set.clone();
            match &patch.session_duration {
                Some(duration) => set.session_duration = SessionDuration::parse(duration)?,
                None if cx.mode == Mode::Strict => set.session_duration = SessionDuration::default(),
                None => {}
            }
            set.description = patch.description.clone().or(set.description);
            set.relay_state.clone_from(&patch.relay_state);
            // What says nothing new leaves every account with the latest.
            if set != before {
                store::accounts::permission_sets::update(tx, &set)?;
                store::accounts::permission_sets::touch(tx, &set.id)?;
            }
            cx.event().touch("AWS::SSO::PermissionSet", arn.to_string());
            Ok(())
        })
        .await
}

/// Removes a permission set that no account holds.
pub async fn delete(
    store: &Store,
    cx: &Cx,
    instance: &InstanceId,
    arn: &PermissionSetArn,
) -> Result<(), Fault> {
    let (instance, arn) = (instance.clone(), arn.clone());
    store
        .write(cx, move |tx, cx| {
            let (_, set) = guarded_set(tx, cx, Action("sso:DeletePermissionSet"), (&instance, &arn), None)?;
            if store::accounts::provisioned_permission_sets::exists(tx, &set.id)? {
                let message =
                    "Could not delete because PermissionSet has ApplicationProfile associated with it.";
                return Err(Fault::conflict(message));
            }
            store::accounts::permission_set_policies::delete_all(tx, &set.id)?;
            store::instances::tags::delete_all(tx, &arn.to_string())?;
            store::accounts::permission_sets::delete(tx, &set.id)?;
            cx.event().touch("AWS::SSO::PermissionSet", arn.to_string());
            Ok(())
        })
        .await
}
