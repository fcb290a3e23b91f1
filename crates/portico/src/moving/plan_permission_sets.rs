//! The part of a plan that is about permission sets. What the file names is exactly as the file says: a policy that it does not name would be
//! rights that nobody reads in it. What goes goes first, then another boundary comes, when only what both states hold is left, then what is new; a
//! boundary that goes goes last. So at no moment may anybody do more than before and after.

use std::collections::BTreeSet;

use crate::moving::plan::{Compared, Plan};
use crate::moving::step::{PolicyChange, Step, Tagged};
use crate::seed_access_file::PermissionSet;

/// What AWS makes of a permission set without a duration.
const AN_HOUR: &str = "PT1H";

/// Plans permission sets.
pub(crate) fn plan(plan: &mut Plan, compared: Compared<'_>) {
    for wanted in &compared.should.permission_sets {
        let found = compared.is.permission_sets.iter().find(|set| set.name == wanted.name);
        match (found, &wanted.id) {
            (Some(found), Some(id)) if found.id.as_ref() != Some(id) => {
                plan.refuse(format!("permission set {}: its id is not {id}", wanted.name));
            }
            (None, Some(id)) => plan.refuse(format!(
                "permission set {}: not there, and the id {id} cannot be chosen by a call: leave the id out, or begin a new server with this \
                 file (init --seed)",
                wanted.name
            )),
            (Some(found), _) => plan.change_set(found, wanted),
            (None, None) => {
                plan.steps.push(Step::CreatePermissionSet(Box::new(wanted.clone())));
                plan.policies(&nothing(&wanted.name), wanted);
            }
        }
    }
}

fn nothing(name: &str) -> PermissionSet {
    PermissionSet {
        id: None,
        name: name.to_owned(),
        description: None,
        session_duration: None,
        relay_state: None,
        managed_policies: Vec::new(),
        customer_managed_policies: Vec::new(),
        inline_policy: None,
        permissions_boundary: None,
        tags: model::instances::tag::Tags::new(),
    }
}

impl Plan {
    fn change_set(&mut self, found: &PermissionSet, wanted: &PermissionSet) {
        let before = self.steps.len();
        let duration =
            |set: &PermissionSet| set.session_duration.clone().unwrap_or_else(|| AN_HOUR.to_owned());
        if wanted.description.is_none() && found.description.is_some() {
            self.refuse(format!(
                "permission set {}: it has a description, the file has none, and no call takes one away",
                wanted.name
            ));
        }
        if (&found.description, duration(found), &found.relay_state)
            != (&wanted.description, duration(wanted), &wanted.relay_state)
        {
            let wanted = PermissionSet { session_duration: Some(duration(wanted)), ..wanted.clone() };
            self.steps.push(Step::UpdatePermissionSet(Box::new(wanted)));
        }
        self.policies(found, wanted);
        if self.steps.len() > before {
            self.steps.push(Step::Provision { set: wanted.name.clone() });
        }
        self.tag(Tagged::PermissionSet(wanted.name.clone()), Some(&found.tags), &wanted.tags);
    }

    fn policies(&mut self, found: &PermissionSet, wanted: &PermissionSet) {
        let mut changes = Vec::new();
        let (is, should) = (set_of(&found.managed_policies), set_of(&wanted.managed_policies));
        let (is_own, should_own) =
            (set_of(&found.customer_managed_policies), set_of(&wanted.customer_managed_policies));
        changes.extend(is.difference(&should).cloned().map(PolicyChange::DetachManaged));
        changes.extend(is_own.difference(&should_own).cloned().map(PolicyChange::DetachCustomer));
        let boundary = wanted.permissions_boundary.as_ref();
        let boundary = boundary.filter(|new| found.permissions_boundary.as_ref() != Some(*new));
        let inline_changes = found.inline_policy != wanted.inline_policy;
        if inline_changes
            && found.inline_policy.is_some()
            && (wanted.inline_policy.is_none() || boundary.is_some())
        {
            changes.push(PolicyChange::DeleteInline);
        }
        changes.extend(boundary.cloned().map(PolicyChange::PutBoundary));
        changes.extend(
            wanted.inline_policy.iter().filter(|_| inline_changes).cloned().map(PolicyChange::PutInline),
        );
        changes.extend(should.difference(&is).cloned().map(PolicyChange::AttachManaged));
        changes.extend(should_own.difference(&is_own).cloned().map(PolicyChange::AttachCustomer));
        if found.permissions_boundary.is_some() && wanted.permissions_boundary.is_none() {
            changes.push(PolicyChange::DeleteBoundary);
        }
        let set = &wanted.name;
        self.steps
            .extend(changes.into_iter().map(|change| Step::ChangePolicies { set: set.clone(), change }));
    }
}

fn set_of<T: Clone + Ord>(list: &[T]) -> BTreeSet<T> {
    list.iter().cloned().collect()
}
