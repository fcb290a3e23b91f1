//! Roles as IAM knows them in the caller's own account: what provisioning made, which nobody else may change, and the account's own. What is
//! attached to them is [`role_policies`](crate::role_policies)'s.

use model::access::Context;
use model::accounts::account::AccountId;
use model::accounts::role::{Role, RoleName};
use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use model::instances::tag::Tags;
use model::limits::{ROLES_PER_ACCOUNT_MAX, TRUST_POLICY_CHARACTERS_MAX};
use model::page::{Page, PageRequest};
use policy::document::Document;
use policy::require::{Action, require, require_unnamed, require_with};
use policy::resource;
use serde_json::{Value, json};
use store::db::Store;
use store::tx::{Rx, Tx};

use crate::iam::{
    check_length, delete_conflict, invalid_input, no_entity, of_resource_tags, of_tag_keys, of_tags,
    own_account, put_tags, take_tags,
};
use crate::policies::require_attachable;

/// The path that is AWS's own.
pub(crate) const RESERVED_PATH: &str = "/aws-reserved/";
/// What the names of the roles of permission sets begin with.
const RESERVED_NAME: &str = "awsreservedsso_";
/// The longest session of a role that says nothing of it, seconds.
const SESSION_SECONDS_DEFAULT: i64 = 3_600;
/// The condition key of a role's boundary, and the actions that have it (Service Authorization Reference).
pub(crate) const BOUNDARY: &str = "iam:PermissionsBoundary";
const WITH_BOUNDARY: &[&str] = &[
    "iam:AttachRolePolicy",
    "iam:DetachRolePolicy",
    "iam:PutRolePolicy",
    "iam:DeleteRolePolicy",
    "iam:DeleteRolePermissionsBoundary",
];

/// A role of an account's own, as it is asked for.
#[derive(Debug, Clone)]
pub struct NewRole {
    /// Its name.
    pub name: String,
    /// `/` or `/…/`.
    pub path: String,
    /// Who may assume it: a JSON text.
    pub trust_policy: String,
    /// What it is for.
    pub description: Option<String>,
    /// Longest session, seconds.
    pub max_session_seconds: Option<i64>,
    /// The boundary's ARN.
    pub permissions_boundary: Option<String>,
    /// Tags, as they came.
    pub tags: Vec<(String, String)>,
}

/// The role of a name in the caller's account with its tags, once the caller may do `action` on it. IAM's refusal names a role as it was asked for,
/// `role NAME`: its ARN has a path, by which a role that is there could be told from one that is not.
pub(crate) fn guarded(
    rx: &mut Rx<'_>,
    cx: &Cx,
    (action, name): (Action, &str),
    further: &Context,
) -> Result<(Role, Tags), Fault> {
    let account = own_account(cx)?;
    let found = store::accounts::roles::find(rx, &account, name)?;
    let arn = found.as_ref().map_or_else(|| format!("arn:aws:iam::{account}:role/{name}"), Role::arn);
    let tags = store::instances::tags::all_of(rx, &arn)?;
    let mut context = further.clone();
    context.extend(of_resource_tags("iam", &tags));
    let boundary = found.as_ref().and_then(|role| role.permissions_boundary.clone());
    if let Some(arn) = boundary.filter(|_| WITH_BOUNDARY.contains(&action.0)) {
        context.insert(BOUNDARY.to_owned(), vec![arn]);
    }
    let resource = resource::tagged(arn, &account, tags.clone());
    require_unnamed(cx, action, &[resource], &context, &format!("role {name}"))?;
    let role = found.ok_or_else(|| no_entity(format!("The role with name {name} cannot be found.")))?;
    Ok((role, tags))
}

/// The condition keys of the tags of a role that is to be assumed.
pub(crate) fn resource_tags(rx: &mut Rx<'_>, role: &Role) -> Result<Context, Fault> {
    let tags = store::instances::tags::all_of(rx, &role.arn())?;
    let mut context = of_resource_tags("aws", &tags);
    context.extend(of_resource_tags("iam", &tags));
    Ok(context)
}

/// A role of the caller's account.
pub fn get(store: &Store, cx: &Cx, action: Action, name: &str) -> Result<Role, Fault> {
    Ok(get_tagged(store, cx, action, name)?.0)
}

/// A role of the caller's account, with its tags.
pub fn get_tagged(store: &Store, cx: &Cx, action: Action, name: &str) -> Result<(Role, Tags), Fault> {
    store.read(|rx| guarded(rx, cx, (action, name), &Context::new()))
}

/// Roles of the caller's account under a path, by name.
pub fn list(store: &Store, cx: &Cx, path_prefix: &str, page: &PageRequest) -> Result<Page<Role>, Fault> {
    let account = own_account(cx)?;
    require(
        cx,
        Action("iam:ListRoles"),
        &[resource::owned(format!("arn:aws:iam::{account}:role{path_prefix}"), &account)],
    )?;
    let rows = store.read(|rx| Ok(store::accounts::roles::page_by_account(rx, &account, page)?))?;
    let mut found = page.page(rows, |role| store::accounts::roles::key(role.name.as_str()));
    found.items.retain(|role| role.path.starts_with(path_prefix));
    Ok(found)
}

/// CreateRole: one that may do nothing yet.
pub async fn create(store: &Store, cx: &Cx, new: NewRole) -> Result<(Role, Tags), Fault> {
    // Read here, off the writer's thread, and told only to those who may make it.
    let trust = read_trust(&new.trust_policy, "AssumeRolePolicyDocument");
    store
        .write(cx, move |tx, cx| {
            let account = own_account(cx)?;
            let arn = format!("arn:aws:iam::{account}:role{}{}", new.path, new.name);
            let mut context = of_tags(&new.tags);
            context
                .extend(new.permissions_boundary.iter().map(|arn| (BOUNDARY.to_owned(), vec![arn.clone()])));
            let resource = [resource::owned(arn, &account)];
            require_with(cx, Action("iam:CreateRole"), &resource, &context)?;
            if !new.tags.is_empty() {
                require_with(cx, Action("iam:TagRole"), &resource, &of_tags(&new.tags))?;
            }
            check_new(tx, cx, &account, &new)?;
            let role = Role {
                account_id: account,
                name: RoleName::parse(new.name.as_str())?,
                path: new.path.clone(),
                role_id: broker::local::entity_id("AROA", cx),
                description: new.description.clone().filter(|text| !text.is_empty()),
                max_session_seconds: new.max_session_seconds.unwrap_or(SESSION_SECONDS_DEFAULT),
                trust_policy: trust.clone()?,
                managed_policies: Vec::new(),
                inline_policies: Vec::new(),
                permissions_boundary: new.permissions_boundary.clone(),
                permission_set_id: None,
                created_at: cx.now,
            };
            store::accounts::roles::upsert(tx, &role)?;
            put_tags(tx, &role.arn(), &new.tags)?;
            cx.event().touch("AWS::IAM::Role", role.arn());
            cx.event().respond(json!({"role": {
                "arn": role.arn(), "roleName": role.name, "roleId": role.role_id, "path": role.path,
                "createDate": role.created_at.rfc3339(),
            }}));
            let tags = store::instances::tags::all_of(tx, &role.arn())?;
            Ok((role, tags))
        })
        .await
}

/// Refuses what is AWS's own, what there is already, and what there would be too many of.
fn check_new(tx: &mut Tx<'_>, cx: &Cx, account: &AccountId, new: &NewRole) -> Result<(), Fault> {
    if new.path.starts_with(RESERVED_PATH) {
        return Err(invalid_input(format!("Path is {}: {RESERVED_PATH} is reserved for AWS", new.path)));
    }
    if new.name.to_ascii_lowercase().starts_with(RESERVED_NAME) {
        return Err(invalid_input(format!(
            "RoleName is {}: names that begin with AWSReservedSSO_ are those of permission sets",
            new.name
        )));
    }
    if let Some(arn) = &new.permissions_boundary {
        require_attachable(tx, account, arn)?;
    }
    if store::accounts::roles::find(tx, account, &new.name)?.is_some() {
        return Err(Fault::conflict(format!("Role with name {} already exists.", new.name)));
    }
    let quota = cx.mode.quota(ROLES_PER_ACCOUNT_MAX);
    if quota != u64::MAX && store::accounts::roles::count_in_account(tx, account)? >= quota {
        return Err(Fault::quota(format!("Cannot exceed quota for RolesPerAccount: {quota}")));
    }
    Ok(())
}

/// A trust policy must be one that we can evaluate, and no longer than IAM takes.
fn read_trust(text: &str, member: &str) -> Result<Value, Fault> {
    check_length(text, ("ACLSizePerRole", TRUST_POLICY_CHARACTERS_MAX), member)?;
    Document::parse_new_trust(text)?;
    serde_json::from_str(text).map_err(Fault::internal)
}

/// Changes a role of the account's own, for who may do `action` on it.
pub(crate) async fn change<T: Send + 'static>(
    store: &Store,
    cx: &Cx,
    (action, name): (Action, &str),
    further: Context,
    with: impl Fn(&mut Tx<'_>, &Cx, Role) -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    let name = name.to_owned();
    store
        .write(cx, move |tx, cx| {
            let (role, _) = guarded(tx, cx, (action, &name), &further)?;
            if role.path.starts_with(RESERVED_PATH) || role.permission_set_id.is_some() {
                return Err(Fault::new(
                    FaultKind::Service("UnmodifiableEntity"),
                    format!(
                        "Cannot perform the operation on the protected role '{}' - this role is only modifiable by AWS",
                        role.name
                    ),
                ));
            }
            cx.event().touch("AWS::IAM::Role", role.arn());
            with(tx, cx, role)
        })
        .await
}

/// DeleteRole: with nothing attached to it. Its sessions end at once.
pub async fn delete(store: &Store, cx: &Cx, name: &str) -> Result<(), Fault> {
    change(store, cx, (Action("iam:DeleteRole"), name), Context::new(), |tx, _, role| {
        if !role.managed_policies.is_empty() {
            return Err(delete_conflict("Cannot delete entity, must detach all policies first."));
        }
        if !role.inline_policies.is_empty() {
            return Err(delete_conflict("Cannot delete entity, must delete policies first."));
        }
        store::accounts::roles::delete(tx, &role.account_id, role.name.as_str())?;
        store::instances::tags::delete_all(tx, &role.arn())
    })
    .await
}

/// UpdateRole: a description that is not given stays, a longest session that is not given becomes an hour (IAM API reference, UpdateRole).
pub async fn update(
    store: &Store,
    cx: &Cx,
    name: &str,
    (description, max_session_seconds): (Option<String>, Option<i64>),
) -> Result<(), Fault> {
    change(store, cx, (Action("iam:UpdateRole"), name), Context::new(), move |tx, _, mut role| {
        if let Some(description) = description.clone() {
            role.description = Some(description).filter(|text| !text.is_empty());
        }
        role.max_session_seconds = max_session_seconds.unwrap_or(SESSION_SECONDS_DEFAULT);
        store::accounts::roles::upsert(tx, &role)
    })
    .await
}

/// UpdateRoleDescription.
pub async fn set_description(store: &Store, cx: &Cx, name: &str, description: String) -> Result<Role, Fault> {
    let ask = (Action("iam:UpdateRoleDescription"), name);
    change(store, cx, ask, Context::new(), move |tx, _, mut role| {
        role.description = Some(description.clone()).filter(|text| !text.is_empty());
        store::accounts::roles::upsert(tx, &role)?;
        Ok(role)
    })
    .await
}

/// UpdateAssumeRolePolicy: who may assume the role from now on. Sessions that there are stay.
pub async fn set_trust(store: &Store, cx: &Cx, name: &str, text: &str) -> Result<(), Fault> {
    let trust = read_trust(text, "PolicyDocument");
    let ask = (Action("iam:UpdateAssumeRolePolicy"), name);
    change(store, cx, ask, Context::new(), move |tx, _, mut role| {
        role.trust_policy = trust.clone()?;
        store::accounts::roles::upsert(tx, &role)
    })
    .await
}

/// PutRolePermissionsBoundary.
pub async fn put_boundary(store: &Store, cx: &Cx, name: &str, arn: String) -> Result<(), Fault> {
    let further = Context::from([(BOUNDARY.to_owned(), vec![arn.clone()])]);
    change(store, cx, (Action("iam:PutRolePermissionsBoundary"), name), further, move |tx, _, mut role| {
        require_attachable(tx, &role.account_id, &arn)?;
        role.permissions_boundary = Some(arn.clone());
        store::accounts::roles::upsert(tx, &role)
    })
    .await
}

/// DeleteRolePermissionsBoundary.
pub async fn delete_boundary(store: &Store, cx: &Cx, name: &str) -> Result<(), Fault> {
    let ask = (Action("iam:DeleteRolePermissionsBoundary"), name);
    change(store, cx, ask, Context::new(), |tx, _, mut role| {
        if role.permissions_boundary.take().is_none() {
            return Err(no_entity(format!("Role {} has no permissions boundary", role.name)));
        }
        store::accounts::roles::upsert(tx, &role)
    })
    .await
}

/// TagRole.
pub async fn tag(store: &Store, cx: &Cx, name: &str, tags: Vec<(String, String)>) -> Result<(), Fault> {
    let further = of_tags(&tags);
    change(store, cx, (Action("iam:TagRole"), name), further, move |tx, _, role| {
        put_tags(tx, &role.arn(), &tags)
    })
    .await
}

/// UntagRole.
pub async fn untag(store: &Store, cx: &Cx, name: &str, keys: Vec<String>) -> Result<(), Fault> {
    let further = of_tag_keys(&keys);
    change(store, cx, (Action("iam:UntagRole"), name), further, move |tx, _, role| {
        take_tags(tx, &role.arn(), &keys)
    })
    .await
}
