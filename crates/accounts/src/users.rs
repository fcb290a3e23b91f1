//! Users of IAM in the caller's own account, service users among them, and their tags. What they may is [`user_policies`](crate::user_policies)'s, their keys
//! are [`user_keys`](crate::user_keys)'s.

use model::access::Context;
use model::accounts::account::AccountId;
use model::accounts::iam_group::IamGroup;
use model::accounts::service_user::{ServiceUser, ServiceUserName, user_arn};
use model::caller::Identity;
use model::cx::Cx;
use model::fault::Fault;
use model::instances::tag::Tags;
use model::limits::USERS_PER_ACCOUNT_MAX;
use model::page::{Page, PageRequest};
use policy::require::{Action, require, require_unnamed, require_with};
use policy::resource;
use serde_json::json;
use store::accounts::{access_keys, iam_groups, service_users};
use store::db::Store;
use store::instances::tags;
use store::tx::{Rx, Tx};

use crate::iam::{
    delete_conflict, no_entity, of_resource_tags, of_tag_keys, of_tags, own_account, put_tags, take_tags,
};
use crate::policies::require_attachable;
use crate::roles::BOUNDARY;

/// The actions that have the condition key of the boundary that a user has (Service Authorization Reference).
const WITH_BOUNDARY: &[&str] = &[
    "iam:AttachUserPolicy",
    "iam:DetachUserPolicy",
    "iam:PutUserPolicy",
    "iam:DeleteUserPolicy",
    "iam:DeleteUserPermissionsBoundary",
];

/// A user, as it is asked for.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Its name.
    pub name: String,
    /// `/` or `/…/`.
    pub path: String,
    /// The boundary's ARN.
    pub permissions_boundary: Option<String>,
    /// Tags, as they came.
    pub tags: Vec<(String, String)>,
}

/// The name that is meant: where a call names nobody, the user who calls.
pub(crate) fn named(cx: &Cx, name: Option<&str>) -> Result<String, Fault> {
    match (name, cx.caller.identity()) {
        (Some(name), _) => Ok(name.to_owned()),
        (None, Identity::User(user)) => Ok(user.name.to_string()),
        (None, _) => Err(Fault::validation("Must specify userName when calling with non-User credentials")),
    }
}

/// The user of a name in the caller's account with its tags, once the caller may do `action` on it. The refusal names it as it was asked for: its ARN has a
/// path, by which a user who is there could be told from one who is not.
pub(crate) fn guarded(
    rx: &mut Rx<'_>,
    cx: &Cx,
    (action, name): (Action, &str),
    further: &Context,
) -> Result<(ServiceUser, Tags), Fault> {
    let account = own_account(cx)?;
    let found = find(rx, &account, name)?;
    let arn = found.as_ref().map_or_else(|| user_arn(&account, "/", name), ServiceUser::arn);
    let tags = tags::all_of(rx, &arn)?;
    let mut context = further.clone();
    context.extend(of_resource_tags("iam", &tags));
    let boundary = found.as_ref().and_then(|user| user.permissions_boundary.clone());
    if let Some(arn) = boundary.filter(|_| WITH_BOUNDARY.contains(&action.0)) {
        context.insert(BOUNDARY.to_owned(), vec![arn]);
    }
    let resource = resource::tagged(arn, &account, tags.clone());
    require_unnamed(cx, action, &[resource], &context, &format!("user {name}"))?;
    let user = found.ok_or_else(|| no_user(name))?;
    Ok((user, tags))
}

fn no_user(name: &str) -> Fault {
    no_entity(format!("The user with name {name} cannot be found."))
}

/// The user of a name, whatever the name is.
pub(crate) fn find(rx: &mut Rx<'_>, account: &AccountId, name: &str) -> Result<Option<ServiceUser>, Fault> {
    match ServiceUserName::parse(name) {
        Ok(name) => Ok(service_users::find(rx, account, &name)?),
        Err(_) => Ok(None),
    }
}

/// The user of a name, for whom what is asked about is something else.
pub(crate) fn existing(rx: &mut Rx<'_>, account: &AccountId, name: &str) -> Result<ServiceUser, Fault> {
    find(rx, account, name)?.ok_or_else(|| no_user(name))
}

/// A user of the caller's account, with its tags.
pub fn get(store: &Store, cx: &Cx, action: Action, name: Option<&str>) -> Result<(ServiceUser, Tags), Fault> {
    let name = named(cx, name)?;
    store.read(|rx| guarded(rx, cx, (action, &name), &Context::new()))
}

/// Users of the caller's account under a path, by name.
pub fn list(
    store: &Store,
    cx: &Cx,
    path_prefix: &str,
    page: &PageRequest,
) -> Result<Page<ServiceUser>, Fault> {
    let account = own_account(cx)?;
    let arn = format!("arn:aws:iam::{account}:user{path_prefix}");
    require(cx, Action("iam:ListUsers"), &[resource::owned(arn, &account)])?;
    let rows = store.read(|rx| Ok(service_users::page(rx, &account, page)?))?;
    let mut found = page.page(rows, service_users::key);
    found.items.retain(|user| user.path.starts_with(path_prefix));
    Ok(found)
}

/// The groups that a user is in.
pub fn groups(store: &Store, cx: &Cx, name: &str) -> Result<Vec<IamGroup>, Fault> {
    store.read(|rx| {
        let (user, _) = guarded(rx, cx, (Action("iam:ListGroupsForUser"), name), &Context::new())?;
        Ok(iam_groups::list_of_user(rx, &user.id)?)
    })
}

/// CreateUser: one that may do nothing yet.
pub async fn create(store: &Store, cx: &Cx, new: NewUser) -> Result<(ServiceUser, Tags), Fault> {
    store
        .write(cx, move |tx, cx| {
            let account = own_account(cx)?;
            let mut context = of_tags(&new.tags);
            context
                .extend(new.permissions_boundary.iter().map(|arn| (BOUNDARY.to_owned(), vec![arn.clone()])));
            let resource = [resource::owned(user_arn(&account, &new.path, &new.name), &account)];
            require_with(cx, Action("iam:CreateUser"), &resource, &context)?;
            if !new.tags.is_empty() {
                require_with(cx, Action("iam:TagUser"), &resource, &of_tags(&new.tags))?;
            }
            if let Some(arn) = &new.permissions_boundary {
                require_attachable(tx, &account, arn)?;
            }
            require_free(tx, &account, &new.name)?;
            let quota = cx.mode.quota(USERS_PER_ACCOUNT_MAX);
            if quota != u64::MAX && service_users::count_in_account(tx, &account)? >= quota {
                return Err(Fault::quota(format!("Cannot exceed quota for UsersPerAccount: {quota}")));
            }
            let user = ServiceUser {
                account_id: account,
                name: ServiceUserName::parse(new.name.as_str())?,
                id: broker::local::entity_id("AIDA", cx),
                description: None,
                path: new.path.clone(),
                managed_policies: Vec::new(),
                inline_policies: Vec::new(),
                permissions_boundary: new.permissions_boundary.clone(),
                created_at: cx.now,
            };
            service_users::insert(tx, &user)?;
            put_tags(tx, &user.arn(), &new.tags)?;
            cx.event().touch("AWS::IAM::User", user.arn());
            cx.event().respond(json!({"user": {
                "arn": user.arn(), "userName": user.name, "userId": user.id, "path": user.path,
                "createDate": user.created_at.rfc3339(),
            }}));
            let tags = tags::all_of(tx, &user.arn())?;
            Ok((user, tags))
        })
        .await
}

fn require_free(rx: &mut Rx<'_>, account: &AccountId, name: &str) -> Result<(), Fault> {
    match find(rx, account, name)? {
        Some(_) => Err(Fault::conflict(format!("User with name {name} already exists."))),
        None => Ok(()),
    }
}

/// Changes a user, for who may do `action` on it.
pub(crate) async fn change<T: Send + 'static>(
    store: &Store,
    cx: &Cx,
    (action, name): (Action, &str),
    further: Context,
    with: impl Fn(&mut Tx<'_>, &Cx, ServiceUser) -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    let name = name.to_owned();
    store
        .write(cx, move |tx, cx| {
            let (user, _) = guarded(tx, cx, (action, &name), &further)?;
            cx.event().touch("AWS::IAM::User", user.arn());
            with(tx, cx, user)
        })
        .await
}

/// UpdateUser: another name, another path. Whoever renames needs the right to on both.
pub async fn update(
    store: &Store,
    cx: &Cx,
    name: &str,
    (new_name, new_path): (Option<String>, Option<String>),
) -> Result<(), Fault> {
    let action = Action("iam:UpdateUser");
    change(store, cx, (action, name), Context::new(), move |tx, cx, mut user| {
        let (before, key) = (user.arn(), service_users::key(&user));
        if let Some(name) = &new_name {
            user.name = ServiceUserName::parse(name.as_str())?;
        }
        if let Some(path) = &new_path {
            user.path.clone_from(path);
        }
        let after = user.arn();
        if before != after {
            let kept = tags::all_of(tx, &before)?;
            let context = of_resource_tags("iam", &kept);
            require_with(cx, action, &[resource::tagged(after.as_str(), &user.account_id, kept)], &context)?;
        }
        if service_users::key(&user) != key {
            require_free(tx, &user.account_id, user.name.as_str())?;
        }
        service_users::rename(tx, &user)?;
        // Tags hang on the ARN.
        if before != after {
            let moved = tags::all_of(tx, &before)?;
            tags::delete_all(tx, &before)?;
            moved.iter().try_for_each(|(key, value)| tags::upsert(tx, &after, key, value))?;
            cx.event().touch("AWS::IAM::User", after);
        }
        Ok(())
    })
    .await
}

/// DeleteUser: one that nothing hangs on.
pub async fn delete(store: &Store, cx: &Cx, name: &str) -> Result<(), Fault> {
    change(store, cx, (Action("iam:DeleteUser"), name), Context::new(), |tx, _, user| {
        let first = |what: &str| Err(delete_conflict(format!("Cannot delete entity, must {what} first.")));
        if !access_keys::list_by_holder(tx, &user.account_id, Some(&user.id))?.is_empty() {
            return first("delete access keys");
        }
        if !user.managed_policies.is_empty() {
            return first("detach all policies");
        }
        if !user.inline_policies.is_empty() {
            return first("delete policies");
        }
        if !iam_groups::list_of_user(tx, &user.id)?.is_empty() {
            return first("remove users from group");
        }
        tags::delete_all(tx, &user.arn())?;
        service_users::delete(tx, &user.id)
    })
    .await
}

/// PutUserPermissionsBoundary.
pub async fn put_boundary(store: &Store, cx: &Cx, name: &str, arn: String) -> Result<(), Fault> {
    let further = Context::from([(BOUNDARY.to_owned(), vec![arn.clone()])]);
    change(store, cx, (Action("iam:PutUserPermissionsBoundary"), name), further, move |tx, _, mut user| {
        require_attachable(tx, &user.account_id, &arn)?;
        user.permissions_boundary = Some(arn.clone());
        service_users::set_policies(tx, &user)
    })
    .await
}

/// DeleteUserPermissionsBoundary.
pub async fn delete_boundary(store: &Store, cx: &Cx, name: &str) -> Result<(), Fault> {
    let ask = (Action("iam:DeleteUserPermissionsBoundary"), name);
    change(store, cx, ask, Context::new(), |tx, _, mut user| {
        if user.permissions_boundary.take().is_none() {
            return Err(no_entity(format!("User {} has no permissions boundary", user.name)));
        }
        service_users::set_policies(tx, &user)
    })
    .await
}

/// TagUser.
pub async fn tag(store: &Store, cx: &Cx, name: &str, given: Vec<(String, String)>) -> Result<(), Fault> {
    let further = of_tags(&given);
    change(store, cx, (Action("iam:TagUser"), name), further, move |tx, _, user| {
        put_tags(tx, &user.arn(), &given)
    })
    .await
}

/// UntagUser.
pub async fn untag(store: &Store, cx: &Cx, name: &str, keys: Vec<String>) -> Result<(), Fault> {
    let further = of_tag_keys(&keys);
    change(store, cx, (Action("iam:UntagUser"), name), further, move |tx, _, user| {
        take_tags(tx, &user.arn(), &keys)
    })
    .await
}
