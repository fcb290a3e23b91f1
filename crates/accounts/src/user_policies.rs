//! What is attached to the users of the caller's account, and their inline policies. It counts at the next call of each of their keys.

use model::access::Context;
use model::cx::Cx;
use model::fault::Fault;
use model::limits::{POLICIES_PER_USER_MAX, USER_INLINE_CHARACTERS_MAX};
use policy::require::Action;
use store::accounts::service_users::set_policies;
use store::db::Store;

use crate::attachments::{self, of_policy};
use crate::policies::require_attachable;
use crate::users::{change, get};

/// GetUserPolicy.
pub fn inline_policy(store: &Store, cx: &Cx, name: &str, policy_name: &str) -> Result<String, Fault> {
    let (user, _) = get(store, cx, Action("iam:GetUserPolicy"), Some(name))?;
    attachments::inline(&user.inline_policies, "user", policy_name)
}

/// AttachUserPolicy.
pub async fn attach(store: &Store, cx: &Cx, name: &str, arn: String) -> Result<(), Fault> {
    let further = of_policy(&arn);
    change(store, cx, (Action("iam:AttachUserPolicy"), name), further, move |tx, cx, mut user| {
        require_attachable(tx, &user.account_id, &arn)?;
        let quota = ("PoliciesPerUser", POLICIES_PER_USER_MAX);
        attachments::attach(cx, &mut user.managed_policies, &arn, quota)?;
        set_policies(tx, &user)
    })
    .await
}

/// DetachUserPolicy.
pub async fn detach(store: &Store, cx: &Cx, name: &str, arn: String) -> Result<(), Fault> {
    let further = of_policy(&arn);
    change(store, cx, (Action("iam:DetachUserPolicy"), name), further, move |tx, _, mut user| {
        attachments::detach(&mut user.managed_policies, &arn)?;
        set_policies(tx, &user)
    })
    .await
}

/// PutUserPolicy: adds an inline policy, or writes one anew.
pub async fn put_inline(
    store: &Store,
    cx: &Cx,
    name: &str,
    (policy_name, text): (String, String),
) -> Result<(), Fault> {
    // Read here, off the writer's thread, and told only to those who may put it.
    let checked = attachments::check_document(&text);
    change(store, cx, (Action("iam:PutUserPolicy"), name), Context::new(), move |tx, _, mut user| {
        checked.clone()?;
        let most = (&*format!("user {}", user.name), USER_INLINE_CHARACTERS_MAX);
        attachments::put_inline(&mut user.inline_policies, (&policy_name, &text), most)?;
        set_policies(tx, &user)
    })
    .await
}

/// DeleteUserPolicy.
pub async fn delete_inline(store: &Store, cx: &Cx, name: &str, policy_name: String) -> Result<(), Fault> {
    change(store, cx, (Action("iam:DeleteUserPolicy"), name), Context::new(), move |tx, _, mut user| {
        attachments::delete_inline(&mut user.inline_policies, "user", &policy_name)?;
        set_policies(tx, &user)
    })
    .await
}
