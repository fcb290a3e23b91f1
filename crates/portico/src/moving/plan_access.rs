//! The part of a plan that is about assignments, and about what goes once nothing is assigned to it.

use std::collections::BTreeSet;

use model::accounts::account::AccountId;
use model::name_key::name_key;

use crate::moving::plan::{Compared, Plan, is_same};
use crate::moving::plan_people;
use crate::moving::step::{Assigned, Step};
use crate::seed_access_file::Assignment;
use crate::seed_file::SeedFile;

/// Plans assignments and departures.
pub(crate) fn plan(plan: &mut Plan, compared: Compared<'_>) {
    let is = keys(compared.is, compared, &mut Plan::default());
    let should = keys(compared.should, compared, plan);
    // Of a former file whatever names nothing any more is nothing to take away.
    let former =
        compared.former.map(|former| keys(former, compared, &mut Plan::default())).unwrap_or_default();
    let key = |one: &Assigned| Assigned { holder: name_key(&one.holder), ..one.clone() };
    let (is_keys, should_keys): (BTreeSet<_>, BTreeSet<_>) =
        (is.iter().map(key).collect(), should.iter().map(key).collect());
    let new: Vec<_> = should.iter().filter(|one| !is_keys.contains(&key(one))).collect();
    plan.holders(compared, &new);
    let new = new.into_iter();
    plan.steps.extend(new.cloned().map(Step::Assign));
    let gone: Vec<_> = former
        .into_iter()
        .filter(|one| is_keys.contains(&key(one)) && !should_keys.contains(&key(one)))
        .collect();
    let gone_keys: BTreeSet<_> = gone.iter().map(key).collect();
    plan.steps.extend(gone.into_iter().map(Step::Unassign));
    for set in compared.former.iter().flat_map(|former| &former.permission_sets) {
        let names = |file: &SeedFile| file.permission_sets.iter().any(|other| other.name == set.name);
        let refers = compared.should.assignments.iter().any(|one| one.permission_set == set.name);
        let there = compared.is.permission_sets.iter().find(|other| other.name == set.name);
        let is_there = there.is_some_and(|there| is_same(set.id.as_ref(), there.id.as_ref()));
        if !is_there || names(compared.should) || refers {
            continue;
        }
        // It cannot go from under what neither file ever named.
        match is_keys.difference(&gone_keys).find(|one| one.set == set.name) {
            Some(one) => plan.refuse(format!(
                "permission set {}: it would go, but the assignment of {one} is of neither file: name it or end it first",
                set.name
            )),
            None => plan.steps.push(Step::DeletePermissionSet(set.name.clone())),
        }
    }
    plan_people::plan_departures(plan, compared);
}

impl Plan {
    /// Refuses assignments of what, or to whom, is neither there nor in the file.
    fn holders(&mut self, compared: Compared<'_>, new: &[&Assigned]) {
        let users = plan_people::names(compared);
        let groups = compared.is.groups.iter().chain(&compared.should.groups);
        let groups: BTreeSet<String> = groups.map(|group| name_key(&group.display_name)).collect();
        let sets = compared.is.permission_sets.iter().chain(&compared.should.permission_sets);
        let sets: BTreeSet<&str> = sets.map(|set| set.name.as_str()).collect();
        for one in new {
            let holders = if one.is_group { &groups } else { &users };
            if !holders.contains(&name_key(&one.holder)) || !sets.contains(one.set.as_str()) {
                self.refuse(format!("assignment of {one}: one of them is neither there nor in the file"));
            }
        }
    }
}

fn keys(file: &SeedFile, compared: Compared<'_>, plan: &mut Plan) -> BTreeSet<Assigned> {
    file.assignments.iter().flat_map(|assignment| each(assignment, compared, plan)).collect()
}

fn each(assignment: &Assignment, compared: Compared<'_>, plan: &mut Plan) -> Vec<Assigned> {
    let (is_group, holder) = match (&assignment.group, &assignment.user) {
        (Some(group), None) => (true, group),
        (None, Some(user)) => (false, user),
        _ => {
            plan.refuse(format!(
                "assignment of {}: exactly one of user and group must be given",
                assignment.permission_set
            ));
            return Vec::new();
        }
    };
    let one = |account| Assigned {
        set: assignment.permission_set.clone(),
        is_group,
        holder: holder.clone(),
        account,
    };
    let mut all = Vec::new();
    for text in &assignment.accounts {
        match account(text, compared) {
            Ok(account) => all.push(one(account)),
            Err(why) => plan.refuse(format!("assignment of {}: {why}", assignment.permission_set)),
        }
    }
    all
}

/// The id of the account that a text means, or the name of one that is to come. Twelve digits are an id, whatever accounts are called.
fn account(text: &str, Compared { is, should, .. }: Compared<'_>) -> Result<String, String> {
    let owner = is.organization.as_ref().and_then(|organization| organization.management_account.as_ref());
    if AccountId::parse(text).is_ok() {
        let is_there = owner.is_some_and(|owner| owner.id == text)
            || is.accounts.iter().any(|account| account.id.as_deref() == Some(text));
        return is_there.then(|| text.to_owned()).ok_or_else(|| format!("account {text} is not there"));
    }
    let mut found: Vec<String> = is
        .accounts
        .iter()
        .filter(|account| account.name == text)
        .filter_map(|account| account.id.clone())
        .chain(owner.filter(|owner| owner.name.as_deref() == Some(text)).map(|owner| owner.id.clone()))
        .collect();
    match (found.pop(), found.is_empty()) {
        (Some(id), true) => Ok(id),
        (Some(_), false) => Err(format!("two accounts have the name '{text}': refer to them by their ids")),
        (None, _) if should.accounts.iter().any(|account| account.name == text) => Ok(text.to_owned()),
        (None, _) => Err(format!("account '{text}' is neither there nor in the file")),
    }
}
