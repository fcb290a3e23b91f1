//! The way into an identity store: it exists, and the caller may do what it asks, before anything else is looked at.

use std::borrow::Borrow;

use model::access::{Context, Resource};
use model::cx::Cx;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::fault::{Fault, FaultKind, ResourceType};
use model::instances::instance::Instance;

use crate::require::{Action, require, require_unnamed};
use crate::resource;

/// Every user, as IAM names them (Service Authorization Reference, AWS Identity Store: `AllUsers`).
pub const ALL_USERS: &str = "arn:aws:identitystore:::user/*";
/// Every group: `AllGroups`.
pub const ALL_GROUPS: &str = "arn:aws:identitystore:::group/*";
/// Every membership: `AllGroupMemberships`.
pub const ALL_MEMBERSHIPS: &str = "arn:aws:identitystore:::membership/*";

/// What is asked for: an action, on the identity store and on these things in it.
#[derive(Debug)]
pub struct Gate {
    action: Action,
    arns: Vec<String>,
    /// What it touches that the caller did not name, and what a refusal says instead.
    unnamed: (Vec<String>, String),
    shared: bool,
}

impl Gate {
    /// An action for the account that owns the instance only.
    pub fn own(action: &'static str, arns: Vec<String>) -> Self {
        Self { action: Action(action), arns, unnamed: (Vec::new(), String::new()), shared: false }
    }

    /// One of the eleven reads that the organization's member accounts may make too (API reference: "If you have access to a
    /// member account, you can use this API operation from the member account").
    pub fn shared(action: &'static str, arns: Vec<String>) -> Self {
        Self { action: Action(action), arns, unnamed: (Vec::new(), String::new()), shared: true }
    }

    /// Also on these, which what the caller named leads to; a refusal names `name` and says nothing of them.
    #[must_use]
    pub fn and_on(self, unnamed: Vec<String>, name: impl Into<String>) -> Self {
        Self { unnamed: (unnamed, name.into()), ..self }
    }

    /// Passes the gate, with the instance of the identity store if there is one: answers it.
    pub fn pass<I: Borrow<Instance>>(
        self,
        cx: &Cx,
        at: &IdentityStoreRef,
        found: Option<I>,
    ) -> Result<I, Fault> {
        let found = found
            .filter(|found| at.is_of(&found.borrow().owner) && is_to_be_seen(cx, found.borrow()))
            // The model's ResourceId is that of a user, group or membership: an identity store's does not fit it.
            .ok_or_else(|| not_found(ResourceType::IdentityStore, ""))?;
        let instance = found.borrow();
        let of = |arns: &[String]| -> Vec<Resource> {
            arns.iter().map(|arn| resource::directory(arn.clone(), &instance.owner)).collect()
        };
        let as_seen = |resources: Vec<Resource>| -> Vec<Resource> {
            // An account instance's people are its account's alone.
            if self.shared && instance.owner == cx.owner {
                resources.into_iter().map(resource::shared).collect()
            } else {
                resources
            }
        };
        let mut resources = vec![resource::identity_store(&instance.identity_store_id, &instance.owner)];
        resources.extend(of(&self.arns));
        require(cx, self.action, &as_seen(resources))?;
        let (unnamed, name) = &self.unnamed;
        if !unnamed.is_empty() {
            require_unnamed(cx, self.action, &as_seen(of(unnamed)), &Context::new(), name)?;
        }
        Ok(found)
    }
}

/// Whether the caller may know that there is this instance: the organization's, which every account knows of, or that of the caller's own account.
pub fn is_to_be_seen(cx: &Cx, instance: &Instance) -> bool {
    instance.owner == cx.owner || cx.caller.account_id() == Some(&instance.owner)
}

/// What an account instance does not have, once its owner asks for it.
pub fn require_organizations(cx: &Cx, instance: &Instance, what: &str) -> Result<(), Fault> {
    if instance.owner == cx.owner {
        return Ok(());
    }
    Err(Fault::validation(format!(
        "The operation is not supported for this Identity Center instance: {} is an account instance, which has no {what}",
        instance.id.arn()
    )))
}

/// There is no such thing. `id` is what the caller named; empty when it was named by another attribute or is no ResourceId.
pub fn not_found(what: ResourceType, id: &str) -> Fault {
    let fault =
        Fault::new(FaultKind::NotFound(what), format!("{} not found.", what.as_str().unwrap_or("RESOURCE")));
    if id.is_empty() { fault } else { fault.with_resource_id(id) }
}
