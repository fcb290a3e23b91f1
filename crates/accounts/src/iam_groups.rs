//! Groups of users in the caller's own account, who is in them, and what their users may by them. Nothing calls as a group.

use model::access::Context;
use model::accounts::account::AccountId;
use model::accounts::iam_group::{IamGroup, group_arn};
use model::accounts::service_user::ServiceUser;
use model::cx::Cx;
use model::fault::Fault;
use model::limits::{
    GROUP_INLINE_CHARACTERS_MAX, GROUPS_PER_USER_MAX, IAM_GROUPS_PER_ACCOUNT_MAX, POLICIES_PER_GROUP_MAX,
};
use model::page::{Page, PageRequest};
use policy::require::{Action, require, require_unnamed};
use policy::resource;
use serde_json::json;
use store::accounts::{iam_groups, service_users};
use store::db::Store;
use store::tx::{Rx, Tx};

use crate::attachments::{self, of_policy};
use crate::iam::{delete_conflict, no_entity, own_account};
use crate::policies::require_attachable;
use crate::users::existing;

/// The group of a name in the caller's account, once the caller may do `action` on it. The refusal names it as it was asked for.
pub(crate) fn guarded(
    rx: &mut Rx<'_>,
    cx: &Cx,
    (action, name): (Action, &str),
    further: &Context,
) -> Result<IamGroup, Fault> {
    let account = own_account(cx)?;
    let found = iam_groups::find(rx, &account, name)?;
    let arn = found.as_ref().map_or_else(|| group_arn(&account, "/", name), IamGroup::arn);
    let resource = resource::owned(arn, &account);
    require_unnamed(cx, action, &[resource], further, &format!("group {name}"))?;
    found.ok_or_else(|| no_entity(format!("The group with name {name} cannot be found.")))
}

/// A group of the caller's account.
pub fn get(store: &Store, cx: &Cx, action: Action, name: &str) -> Result<IamGroup, Fault> {
    store.read(|rx| guarded(rx, cx, (action, name), &Context::new()))
}

/// GetGroup: a group and its users.
pub fn with_users(store: &Store, cx: &Cx, name: &str) -> Result<(IamGroup, Vec<ServiceUser>), Fault> {
    store.read(|rx| {
        let group = guarded(rx, cx, (Action("iam:GetGroup"), name), &Context::new())?;
        let users = service_users::list_in_group(rx, &group.id)?;
        Ok((group, users))
    })
}

/// Groups of the caller's account under a path, by name.
pub fn list(store: &Store, cx: &Cx, path_prefix: &str, page: &PageRequest) -> Result<Page<IamGroup>, Fault> {
    let account = own_account(cx)?;
    let arn = format!("arn:aws:iam::{account}:group{path_prefix}");
    require(cx, Action("iam:ListGroups"), &[resource::owned(arn, &account)])?;
    let rows = store.read(|rx| Ok(iam_groups::page(rx, &account, page)?))?;
    let mut found = page.page(rows, iam_groups::key);
    found.items.retain(|group| group.path.starts_with(path_prefix));
    Ok(found)
}

fn require_free(rx: &mut Rx<'_>, account: &AccountId, name: &str) -> Result<(), Fault> {
    match iam_groups::find(rx, account, name)? {
        Some(_) => Err(Fault::conflict(format!("Group with name {name} already exists."))),
        None => Ok(()),
    }
}

/// CreateGroup: one by which nobody may anything yet.
pub async fn create(store: &Store, cx: &Cx, name: String, path: String) -> Result<IamGroup, Fault> {
    store
        .write(cx, move |tx, cx| {
            let account = own_account(cx)?;
            let resource = resource::owned(group_arn(&account, &path, &name), &account);
            require(cx, Action("iam:CreateGroup"), &[resource])?;
            require_free(tx, &account, &name)?;
            let quota = cx.mode.quota(IAM_GROUPS_PER_ACCOUNT_MAX);
            if quota != u64::MAX && iam_groups::count_in_account(tx, &account)? >= quota {
                return Err(Fault::quota(format!("Cannot exceed quota for GroupsPerAccount: {quota}")));
            }
            let group = IamGroup {
                account_id: account,
                name: name.clone(),
                path: path.clone(),
                id: broker::local::entity_id("AGPA", cx),
                managed_policies: Vec::new(),
                inline_policies: Vec::new(),
                created_at: cx.now,
            };
            iam_groups::insert(tx, &group)?;
            cx.event().touch("AWS::IAM::Group", group.arn());
            cx.event().respond(json!({"group": {
                "arn": group.arn(), "groupName": group.name, "groupId": group.id, "path": group.path,
                "createDate": group.created_at.rfc3339(),
            }}));
            Ok(group)
        })
        .await
}

async fn change<T: Send + 'static>(
    store: &Store,
    cx: &Cx,
    (action, name): (Action, &str),
    further: Context,
    with: impl Fn(&mut Tx<'_>, &Cx, IamGroup) -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    let name = name.to_owned();
    store
        .write(cx, move |tx, cx| {
            let group = guarded(tx, cx, (action, &name), &further)?;
            cx.event().touch("AWS::IAM::Group", group.arn());
            with(tx, cx, group)
        })
        .await
}

/// UpdateGroup: another name, another path. Whoever renames needs the right to on both.
pub async fn update(
    store: &Store,
    cx: &Cx,
    name: &str,
    (new_name, new_path): (Option<String>, Option<String>),
) -> Result<(), Fault> {
    let action = Action("iam:UpdateGroup");
    change(store, cx, (action, name), Context::new(), move |tx, cx, mut group| {
        let key = iam_groups::key(&group);
        if let Some(name) = &new_name {
            group.name.clone_from(name);
        }
        if let Some(path) = &new_path {
            group.path.clone_from(path);
        }
        require(cx, action, &[resource::owned(group.arn(), &group.account_id)])?;
        if iam_groups::key(&group) != key {
            require_free(tx, &group.account_id, &group.name)?;
        }
        cx.event().touch("AWS::IAM::Group", group.arn());
        iam_groups::rename(tx, &group)
    })
    .await
}

/// DeleteGroup: one that nobody is in and nothing is attached to.
pub async fn delete(store: &Store, cx: &Cx, name: &str) -> Result<(), Fault> {
    change(store, cx, (Action("iam:DeleteGroup"), name), Context::new(), |tx, _, group| {
        let first = |what: &str| Err(delete_conflict(format!("Cannot delete entity, must {what} first.")));
        if iam_groups::has_members(tx, &group)? {
            return first("remove users from group");
        }
        if !group.managed_policies.is_empty() {
            return first("detach all policies");
        }
        if !group.inline_policies.is_empty() {
            return first("delete policies");
        }
        iam_groups::delete(tx, &group)
    })
    .await
}

/// AddUserToGroup. Who is in it already is no error.
pub async fn add_user(store: &Store, cx: &Cx, name: &str, user: String) -> Result<(), Fault> {
    change(store, cx, (Action("iam:AddUserToGroup"), name), Context::new(), move |tx, cx, group| {
        let user = existing(tx, &group.account_id, &user)?;
        let groups = iam_groups::list_of_user(tx, &user.id)?;
        if groups.iter().any(|one| one.id == group.id) {
            return Ok(());
        }
        let quota = cx.mode.quota(GROUPS_PER_USER_MAX);
        if u64::try_from(groups.len()).unwrap_or(u64::MAX) >= quota {
            return Err(Fault::quota(format!("Cannot exceed quota for GroupsPerUser: {quota}")));
        }
        cx.event().touch("AWS::IAM::User", user.arn());
        iam_groups::add_member(tx, &group, &user.id)
    })
    .await
}

/// RemoveUserFromGroup.
pub async fn remove_user(store: &Store, cx: &Cx, name: &str, user: String) -> Result<(), Fault> {
    let ask = (Action("iam:RemoveUserFromGroup"), name);
    change(store, cx, ask, Context::new(), move |tx, cx, group| {
        let user = existing(tx, &group.account_id, &user)?;
        cx.event().touch("AWS::IAM::User", user.arn());
        if iam_groups::remove_member(tx, &group, &user.id)? {
            return Ok(());
        }
        Err(no_entity(format!("The user {} is not in group {}.", user.name, group.name)))
    })
    .await
}

/// AttachGroupPolicy.
pub async fn attach(store: &Store, cx: &Cx, name: &str, arn: String) -> Result<(), Fault> {
    let further = of_policy(&arn);
    change(store, cx, (Action("iam:AttachGroupPolicy"), name), further, move |tx, cx, mut group| {
        require_attachable(tx, &group.account_id, &arn)?;
        let quota = ("PoliciesPerGroup", POLICIES_PER_GROUP_MAX);
        attachments::attach(cx, &mut group.managed_policies, &arn, quota)?;
        iam_groups::set_policies(tx, &group)
    })
    .await
}

/// DetachGroupPolicy.
pub async fn detach(store: &Store, cx: &Cx, name: &str, arn: String) -> Result<(), Fault> {
    let further = of_policy(&arn);
    change(store, cx, (Action("iam:DetachGroupPolicy"), name), further, move |tx, _, mut group| {
        attachments::detach(&mut group.managed_policies, &arn)?;
        iam_groups::set_policies(tx, &group)
    })
    .await
}

/// GetGroupPolicy.
pub fn inline_policy(store: &Store, cx: &Cx, name: &str, policy_name: &str) -> Result<String, Fault> {
    let group = get(store, cx, Action("iam:GetGroupPolicy"), name)?;
    attachments::inline(&group.inline_policies, "group", policy_name)
}

/// PutGroupPolicy: adds an inline policy, or writes one anew.
pub async fn put_inline(
    store: &Store,
    cx: &Cx,
    name: &str,
    (policy_name, text): (String, String),
) -> Result<(), Fault> {
    // Read here, off the writer's thread, and told only to those who may put it.
    let checked = attachments::check_document(&text);
    change(store, cx, (Action("iam:PutGroupPolicy"), name), Context::new(), move |tx, _, mut group| {
        checked.clone()?;
        let most = (&*format!("group {}", group.name), GROUP_INLINE_CHARACTERS_MAX);
        attachments::put_inline(&mut group.inline_policies, (&policy_name, &text), most)?;
        iam_groups::set_policies(tx, &group)
    })
    .await
}

/// DeleteGroupPolicy.
pub async fn delete_inline(store: &Store, cx: &Cx, name: &str, policy_name: String) -> Result<(), Fault> {
    change(store, cx, (Action("iam:DeleteGroupPolicy"), name), Context::new(), move |tx, _, mut group| {
        attachments::delete_inline(&mut group.inline_policies, "group", &policy_name)?;
        iam_groups::set_policies(tx, &group)
    })
    .await
}
