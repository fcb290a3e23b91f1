//! The way into an identity store: it exists, and the caller may do what it asks, before anything else is looked at.

use std::borrow::Borrow;

use model::access::{Context, Resource};
use model::cx::Cx;
use model::fault::{Fault, FaultKind, ResourceType};
use model::instances::instance::Instance;
use policy::require::{Action, require, require_unnamed};
use policy::resource;
use store::tx::Rx;

use crate::identity_store_ref::IdentityStoreRef;

/// Every user, as IAM names them (Service Authorization Reference, AWS Identity Store: `AllUsers`).
pub(crate) const ALL_USERS: &str = "arn:aws:identitystore:::user/*";
/// Every group: `AllGroups`.
pub(crate) const ALL_GROUPS: &str = "arn:aws:identitystore:::group/*";
/// Every membership: `AllGroupMemberships`.
pub(crate) const ALL_MEMBERSHIPS: &str = "arn:aws:identitystore:::membership/*";

/// What is asked for: an action, on the identity store and on these things in it.
#[derive(Debug)]
pub(crate) struct Gate {
    action: Action,
    arns: Vec<String>,
    /// What it touches that the caller did not name, and what a refusal says instead.
    unnamed: (Vec<String>, String),
    shared: bool,
}

impl Gate {
    /// An action for the account that owns the instance only.
    pub(crate) fn own(action: &'static str, arns: Vec<String>) -> Self {
        Self { action: Action(action), arns, unnamed: (Vec::new(), String::new()), shared: false }
    }

    /// One of the eleven reads that the organization's member accounts may make too (API reference: "If you have access to a
    /// member account, you can use this API operation from the member account").
    pub(crate) fn shared(action: &'static str, arns: Vec<String>) -> Self {
        Self { action: Action(action), arns, unnamed: (Vec::new(), String::new()), shared: true }
    }

    /// Also on these, which what the caller named leads to; a refusal names `name` and says nothing of them.
    pub(crate) fn and_on(self, unnamed: Vec<String>, name: impl Into<String>) -> Self {
        Self { unnamed: (unnamed, name.into()), ..self }
    }

    /// Passes the gate; the instance that the identity store belongs to.
    pub(crate) fn enter(self, rx: &mut Rx<'_>, cx: &Cx, at: &IdentityStoreRef) -> Result<Instance, Fault> {
        let found = store::instances::instances::find_by_identity_store(rx, at.id())?;
        self.pass(cx, at, found)
    }

    /// [`Self::enter`] with the instance of the identity store, which was found with what is asked for.
    pub(crate) fn pass<I: Borrow<Instance>>(
        self,
        cx: &Cx,
        at: &IdentityStoreRef,
        found: Option<I>,
    ) -> Result<I, Fault> {
        let found = found
            .filter(|found| at.is_of(&found.borrow().owner))
            // The model's ResourceId is that of a user, group or membership: an identity store's does not fit it.
            .ok_or_else(|| not_found(ResourceType::IdentityStore, ""))?;
        let instance = found.borrow();
        let of = |arns: &[String]| -> Vec<Resource> {
            arns.iter().map(|arn| resource::directory(arn.clone(), &instance.owner)).collect()
        };
        let as_seen = |resources: Vec<Resource>| -> Vec<Resource> {
            if self.shared { resources.into_iter().map(resource::shared).collect() } else { resources }
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

/// There is no such thing. `id` is what the caller named; empty when it was named by another attribute or is no ResourceId.
pub(crate) fn not_found(what: ResourceType, id: &str) -> Fault {
    let fault =
        Fault::new(FaultKind::NotFound(what), format!("{} not found.", what.as_str().unwrap_or("RESOURCE")));
    if id.is_empty() { fault } else { fault.with_resource_id(id) }
}
