//! The policies of permission sets: AWS managed, customer managed, inline, and the permissions boundary. Every change counts the
//! permission set's revision up; accounts keep what they hold until it is provisioned again.

use model::accounts::permission_set::{
    CustomerManagedPolicyReference, PermissionSet, PermissionSetArn, PermissionSetId, PermissionsBoundary,
};
use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use model::instances::instance::InstanceId;
use model::limits::{INLINE_POLICY_BYTES_MAX, POLICIES_PER_PERMISSION_SET_MAX};
use model::page::{Page, PageRequest};
use policy::document::{self, Document};
use policy::managed::{self, ManagedPolicy, Missing};
use policy::require::Action;
use store::db::Store;
use store::tx::{Rx, Tx};

use crate::instance::guarded_set;

/// What a record says, in `additionalEventData`, of an attached policy that exists but means nothing here.
const MANAGED_POLICY_EFFECT: &str = "managedPolicyEffect";
const NO_EFFECT: &str = "none here: the policy says nothing about the services that this server serves";

/// The permission set that a call names.
#[derive(Debug, Clone)]
pub struct Target {
    /// The instance.
    pub instance: InstanceId,
    /// The permission set.
    pub arn: PermissionSetArn,
}

async fn change(
    store: &Store,
    cx: &Cx,
    target: &Target,
    action: Action,
    with: impl Fn(&mut Tx<'_>, &PermissionSet) -> Result<(), Fault> + Send + 'static,
) -> Result<(), Fault> {
    let target = target.clone();
    store
        .write(cx, move |tx, cx| {
            let (_, set) = guarded_set(tx, cx, action, (&target.instance, &target.arn), None)?;
            with(tx, &set)?;
            store::accounts::permission_sets::touch(tx, &set.id)?;
            cx.event().touch("AWS::SSO::PermissionSet", target.arn.to_string());
            Ok(())
        })
        .await
}

fn look<T>(
    store: &Store,
    cx: &Cx,
    target: &Target,
    action: Action,
    with: impl FnOnce(&mut Rx<'_>, &PermissionSet) -> Result<T, Fault>,
) -> Result<T, Fault> {
    store.read(|rx| {
        let (_, set) = guarded_set(rx, cx, action, (&target.instance, &target.arn), None)?;
        with(rx, &set)
    })
}

/// Whether one more managed or customer managed policy can be attached: they count together.
fn has_room(rx: &mut Rx<'_>, set: &PermissionSetId) -> Result<bool, Fault> {
    let have = store::accounts::permission_set_policies::managed(rx, set)?.len()
        + store::accounts::permission_set_policies::customer(rx, set)?.len();
    Ok(have < POLICIES_PER_PERMISSION_SET_MAX)
}

fn check_room(rx: &mut Rx<'_>, set: &PermissionSetId) -> Result<(), Fault> {
    if has_room(rx, set)? {
        return Ok(());
    }
    Err(Fault::quota(format!(
        "You have exceeded AWS SSO limits. Cannot create ManagedPolicy more than {POLICIES_PER_PERMISSION_SET_MAX} for id {set}. Please \
         refer to https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html"
    )))
}

/// Attaches an AWS managed policy.
pub async fn attach_managed(store: &Store, cx: &Cx, target: &Target, arn: String) -> Result<(), Fault> {
    let action = Action("sso:AttachManagedPolicyToPermissionSet");
    let cx_of_note = cx.clone();
    change(store, cx, target, action, move |tx, set| {
        let policy = attach_managed_in(tx, &set.id, &arn)?;
        if !policy.means_something() {
            cx_of_note.event().add(MANAGED_POLICY_EFFECT, NO_EFFECT);
        }
        Ok(())
    })
    .await
}

/// Attaches an AWS managed policy in a transaction, with no question of who asks: for [`attach_managed`] and the seed.
pub fn attach_managed_in(tx: &mut Tx<'_>, set: &PermissionSetId, arn: &str) -> Result<ManagedPolicy, Fault> {
    let policy = managed_policy(arn)?;
    let twice = || {
        let what = "already has a typed link attachment to a manged policy with";
        Fault::conflict(format!("Permission set with id {set} {what} {arn}"))
    };
    if store::accounts::permission_set_policies::managed(tx, set)?.iter().any(|attached| attached == arn) {
        return Err(twice());
    }
    check_room(tx, set)?;
    if store::accounts::permission_set_policies::insert_managed(tx, set, arn)? {
        Ok(policy)
    } else {
        Err(twice())
    }
}

/// The AWS managed policy of this ARN, which a role can have.
fn managed_policy(arn: &str) -> Result<ManagedPolicy, Fault> {
    managed::attachable(arn).map_err(|missing| match missing {
        Missing::Malformed | Missing::ForServiceRoles => Fault::validation(missing.sentence(arn)),
        Missing::Unknown => Fault::not_found(missing.sentence(arn)),
    })
}

/// Detaches an AWS managed policy.
pub async fn detach_managed(store: &Store, cx: &Cx, target: &Target, arn: String) -> Result<(), Fault> {
    change(store, cx, target, Action("sso:DetachManagedPolicyFromPermissionSet"), move |tx, set| {
        if store::accounts::permission_set_policies::delete_managed(tx, &set.id, &arn)? {
            return Ok(());
        }
        Err(Fault::not_found(format!("Could not find ManagedPolicy with arn {arn}")))
    })
    .await
}

/// The AWS managed policies, by ARN.
pub fn list_managed(
    store: &Store,
    cx: &Cx,
    target: &Target,
    page: &PageRequest,
) -> Result<Page<String>, Fault> {
    look(store, cx, target, Action("sso:ListManagedPoliciesInPermissionSet"), |rx, set| {
        Ok(page.page_of(store::accounts::permission_set_policies::managed(rx, &set.id)?, Clone::clone))
    })
}

/// Attaches a customer managed policy. Whether accounts have it is found out when it is provisioned.
pub async fn attach_customer(
    store: &Store,
    cx: &Cx,
    target: &Target,
    policy: CustomerManagedPolicyReference,
) -> Result<(), Fault> {
    let action = Action("sso:AttachCustomerManagedPolicyReferenceToPermissionSet");
    change(store, cx, target, action, move |tx, set| attach_customer_in(tx, &set.id, &policy)).await
}

/// Attaches a customer managed policy in a transaction, with no question of who asks: for [`attach_customer`] and the seed.
pub fn attach_customer_in(
    tx: &mut Tx<'_>,
    set: &PermissionSetId,
    policy: &CustomerManagedPolicyReference,
) -> Result<(), Fault> {
    if !has_room(tx, set)? {
        return Err(Fault::quota(format!(
            "Cannot attach managed policy: number of attached managed policies is already at maximum {POLICIES_PER_PERMISSION_SET_MAX}"
        )));
    }
    if !store::accounts::permission_set_policies::insert_customer(tx, set, policy)? {
        // Two blanks before the path, as AWS has them.
        return Err(Fault::conflict(format!(
            "Given customer managed policy with name: {}  and path {} already attached",
            policy.name, policy.path
        )));
    }
    Ok(())
}

/// Detaches a customer managed policy.
pub async fn detach_customer(
    store: &Store,
    cx: &Cx,
    target: &Target,
    policy: CustomerManagedPolicyReference,
) -> Result<(), Fault> {
    let action = Action("sso:DetachCustomerManagedPolicyReferenceFromPermissionSet");
    change(store, cx, target, action, move |tx, set| {
        if store::accounts::permission_set_policies::delete_customer(tx, &set.id, &policy)? {
            return Ok(());
        }
        Err(Fault::not_found(format!(
            "Given managed policy with name: {}  and path {} does not exist on PermissionSet",
            policy.name, policy.path
        )))
    })
    .await
}

/// The customer managed policies, by path and name.
pub fn list_customer(
    store: &Store,
    cx: &Cx,
    target: &Target,
    page: &PageRequest,
) -> Result<Page<CustomerManagedPolicyReference>, Fault> {
    look(store, cx, target, Action("sso:ListCustomerManagedPolicyReferencesInPermissionSet"), |rx, set| {
        let key = |policy: &CustomerManagedPolicyReference| format!("{}\n{}", policy.path, policy.name);
        Ok(page.page_of(store::accounts::permission_set_policies::customer(rx, &set.id)?, key))
    })
}

/// Sets the inline policy.
pub async fn put_inline(store: &Store, cx: &Cx, target: &Target, policy: String) -> Result<(), Fault> {
    // Read here, off the writer's thread, and told only to those who may set it.
    let checked = check_inline(&policy);
    change(store, cx, target, Action("sso:PutInlinePolicyToPermissionSet"), move |tx, set| {
        checked.clone()?;
        store::accounts::permission_sets::set_inline_policy(tx, &set.id, Some(&policy))
    })
    .await
}

/// An inline policy must be one that we can evaluate, and no longer than IAM takes.
pub fn check_inline(policy: &str) -> Result<(), Fault> {
    let bytes = document::weight(policy);
    if bytes > INLINE_POLICY_BYTES_MAX {
        return Err(Fault::validation(format!(
            "Current size of the non-whitespace characters present in the InlinePolicy Document is {bytes} bytes which has exceeded \
             the maximum limit of {INLINE_POLICY_BYTES_MAX} bytes"
        )));
    }
    Document::parse_new(policy).map(|_| ()).map_err(|fault| match fault.kind() {
        FaultKind::Service(_) => Fault::validation(format!("InlinePolicy: {}", fault.message())),
        _ => fault,
    })
}

/// The inline policy; empty when there is none.
pub fn get_inline(store: &Store, cx: &Cx, target: &Target) -> Result<String, Fault> {
    look(store, cx, target, Action("sso:GetInlinePolicyForPermissionSet"), |rx, set| {
        Ok(store::accounts::permission_sets::inline_policy(rx, &set.id)?.unwrap_or_default())
    })
}

/// Takes the inline policy away.
pub async fn delete_inline(store: &Store, cx: &Cx, target: &Target) -> Result<(), Fault> {
    change(store, cx, target, Action("sso:DeleteInlinePolicyFromPermissionSet"), |tx, set| {
        if store::accounts::permission_sets::inline_policy(tx, &set.id)?.is_none() {
            return Err(Fault::not_found("The permission set has no inline policy"));
        }
        store::accounts::permission_sets::set_inline_policy(tx, &set.id, None)
    })
    .await
}

/// Sets the permissions boundary.
pub async fn put_boundary(
    store: &Store,
    cx: &Cx,
    target: &Target,
    boundary: PermissionsBoundary,
) -> Result<(), Fault> {
    let cx_of_note = cx.clone();
    change(store, cx, target, Action("sso:PutPermissionsBoundaryToPermissionSet"), move |tx, set| {
        if let PermissionsBoundary::ManagedPolicyArn(arn) = &boundary
            && !managed_policy(arn)?.means_something()
        {
            cx_of_note.event().add(MANAGED_POLICY_EFFECT, NO_EFFECT);
        }
        store::accounts::permission_sets::set_boundary(tx, &set.id, Some(&boundary))
    })
    .await
}

fn no_boundary() -> Fault {
    Fault::not_found("The permission set has no permissions boundary")
}

/// The permissions boundary.
pub fn get_boundary(store: &Store, cx: &Cx, target: &Target) -> Result<PermissionsBoundary, Fault> {
    look(store, cx, target, Action("sso:GetPermissionsBoundaryForPermissionSet"), |rx, set| {
        store::accounts::permission_sets::boundary(rx, &set.id)?.ok_or_else(no_boundary)
    })
}

/// Takes the permissions boundary away.
pub async fn delete_boundary(store: &Store, cx: &Cx, target: &Target) -> Result<(), Fault> {
    change(store, cx, target, Action("sso:DeletePermissionsBoundaryFromPermissionSet"), |tx, set| {
        store::accounts::permission_sets::boundary(tx, &set.id)?.ok_or_else(no_boundary)?;
        store::accounts::permission_sets::set_boundary(tx, &set.id, None)
    })
    .await
}
