//! What is attached to the roles of the caller's account, and their inline policies.

use model::access::Context;
use model::accounts::role::Role;
use model::cx::Cx;
use model::fault::Fault;
use model::limits::{Mode, POLICIES_PER_ROLE_MAX, ROLE_INLINE_CHARACTERS_MAX};
use policy::document::{Document, length};
use policy::require::Action;
use serde_json::Value;
use store::db::Store;

use crate::iam::no_entity;
use crate::policies::require_attachable;
use crate::roles::{change, get};

/// An inline policy of a role.
pub fn inline_policy(store: &Store, cx: &Cx, role_name: &str, policy_name: &str) -> Result<Value, Fault> {
    let role = get(store, cx, Action("iam:GetRolePolicy"), role_name)?;
    let found = role.inline_policies.into_iter().find(|(name, _)| name == policy_name);
    found.map(|(_, policy)| policy).ok_or_else(|| no_inline_policy(policy_name))
}

fn no_inline_policy(name: &str) -> Fault {
    no_entity(format!("The role policy with name {name} cannot be found."))
}

/// The condition key of the policy that is attached or detached.
fn of_policy(arn: &str) -> Context {
    Context::from([("iam:PolicyARN".to_owned(), vec![arn.to_owned()])])
}

/// AttachRolePolicy. What is attached already is no error.
pub async fn attach(store: &Store, cx: &Cx, name: &str, arn: String) -> Result<(), Fault> {
    let further = of_policy(&arn);
    change(store, cx, (Action("iam:AttachRolePolicy"), name), further, move |tx, cx, mut role| {
        require_attachable(tx, &role.account_id, &arn)?;
        if role.managed_policies.contains(&arn) {
            return Ok(());
        }
        let (strict, relaxed) = POLICIES_PER_ROLE_MAX;
        let most = if cx.mode == Mode::Strict { strict } else { relaxed };
        if role.managed_policies.len() >= most {
            return Err(Fault::quota(format!("Cannot exceed quota for PoliciesPerRole: {most}")));
        }
        role.managed_policies.push(arn.clone());
        store::accounts::roles::upsert(tx, &role)
    })
    .await
}

/// DetachRolePolicy.
pub async fn detach(store: &Store, cx: &Cx, name: &str, arn: String) -> Result<(), Fault> {
    let further = of_policy(&arn);
    change(store, cx, (Action("iam:DetachRolePolicy"), name), further, move |tx, _, mut role| {
        let had = role.managed_policies.len();
        role.managed_policies.retain(|attached| *attached != arn);
        if role.managed_policies.len() == had {
            return Err(no_entity(format!("Policy {arn} was not found.")));
        }
        store::accounts::roles::upsert(tx, &role)
    })
    .await
}

/// PutRolePolicy: adds an inline policy, or writes one anew.
pub async fn put_inline(
    store: &Store,
    cx: &Cx,
    name: &str,
    (policy_name, text): (String, &str),
) -> Result<(), Fault> {
    // Read here, off the writer's thread, and told only to those who may put it.
    let document =
        Document::parse_new(text).and_then(|_| serde_json::from_str::<Value>(text).map_err(Fault::internal));
    let ask = (Action("iam:PutRolePolicy"), name);
    change(store, cx, ask, Context::new(), move |tx, _, mut role| {
        role.inline_policies.retain(|(name, _)| *name != policy_name);
        role.inline_policies.push((policy_name.clone(), document.clone()?));
        check_inline(&role)?;
        store::accounts::roles::upsert(tx, &role)
    })
    .await
}

/// Refuses inline policies that are longer together than IAM takes.
fn check_inline(role: &Role) -> Result<(), Fault> {
    let together: usize =
        role.inline_policies.iter().map(|(_, document)| length(&document.to_string())).sum();
    if together <= ROLE_INLINE_CHARACTERS_MAX {
        return Ok(());
    }
    Err(Fault::quota(format!(
        "Maximum policy size of {ROLE_INLINE_CHARACTERS_MAX} bytes exceeded for role {}: its inline policies would have {together} characters that are not white space",
        role.name
    )))
}

/// DeleteRolePolicy.
pub async fn delete_inline(store: &Store, cx: &Cx, name: &str, policy_name: String) -> Result<(), Fault> {
    let ask = (Action("iam:DeleteRolePolicy"), name);
    change(store, cx, ask, Context::new(), move |tx, _, mut role| {
        let had = role.inline_policies.len();
        role.inline_policies.retain(|(name, _)| *name != policy_name);
        if role.inline_policies.len() == had {
            return Err(no_inline_policy(&policy_name));
        }
        store::accounts::roles::upsert(tx, &role)
    })
    .await
}
