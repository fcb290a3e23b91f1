//! Laws of plans, on files drawn from seeds: what the steps make of what is, is what should be, and then there is nothing more to do.

use std::collections::BTreeMap;

use model::instances::tag::Tags;
use model::name_key::name_key;
use serde_json::{Value, json};

use crate::moving::plan::{Compared, Plan};
use crate::moving::planning;
use crate::moving::step::{Assigned, Effect, PolicyChange, Step, Tagged};
use crate::seed_access_file::{Assignment, PermissionSet};
use crate::seed_file::SeedFile;
use crate::seed_organization_file::UnitNames;
use crate::seed_people_file::User;

fn file(value: &Value) -> SeedFile {
    serde_json::from_value(value.clone()).unwrap()
}

fn plan(is: &SeedFile, should: &SeedFile, former: Option<&SeedFile>) -> Plan {
    planning::plan(Compared { is, should, former })
}

fn steps(plan: &Plan) -> Vec<String> {
    let sign = |effect| match effect {
        Effect::Create => '+',
        Effect::Change => '~',
        Effect::Delete => '-',
    };
    plan.steps.iter().map(|step| format!("{} {step}", sign(step.effect()))).collect()
}

/// What a step makes of what is: the other side, as far as the laws need it.
fn done(is: &mut SeedFile, step: &Step) {
    match step {
        Step::NameInstance(name) => is.instance.get_or_insert_default().name = Some(name.clone()),
        Step::SetAccessControlAttributes { attributes, are_on } => {
            let instance = is.instance.get_or_insert_default();
            assert_eq!(*are_on, instance.access_control_attributes.is_some());
            instance.access_control_attributes = Some(attributes.clone());
        }
        Step::Tag(what, tags) => tags_of(is, what).extend(tags.clone()),
        Step::CreateUnit(unit) => {
            let (_, around) = unit.names.0.split_last().unwrap();
            let there = |names: &[String]| is.organizational_units.iter().any(|unit| unit.names.0 == names);
            assert!(around.is_empty() || there(around), "an outer unit comes first");
            is.organizational_units.push(unit.clone());
        }
        Step::CreateUser(user) => is.users.push((**user).clone()),
        Step::UpdateUser { user_name, changes } => update_user(is, user_name, changes),
        Step::CreateGroup(group) => is.groups.push(group.clone()),
        Step::UpdateGroup { name, changes } => {
            let group = is.groups.iter_mut().find(|group| group.display_name == *name).unwrap();
            if let Some(description) = changes.get("description") {
                group.description = description.as_str().map(str::to_owned);
            }
            if let Some(name) = changes.get("displayName").and_then(Value::as_str) {
                group.display_name = name.to_owned();
            }
        }
        Step::AddMember { group, user } => {
            assert!(is.users.iter().any(|other| name_key(&other.user_name) == name_key(user)));
            let group = is.groups.iter_mut().find(|other| other.display_name == *group).unwrap();
            group.members.push(user.clone());
        }
        Step::RemoveMember { group, user } => {
            let group = is.groups.iter_mut().find(|other| other.display_name == *group).unwrap();
            group.members.retain(|other| name_key(other) != name_key(user));
        }
        Step::DeleteGroup(name) => is.groups.retain(|group| group.display_name != *name),
        Step::DeleteUser(name) => {
            is.users.retain(|user| user.user_name != *name);
            is.groups.iter_mut().for_each(|group| group.members.retain(|member| member != name));
        }
        other => access_done(is, other),
    }
}

fn access_done(is: &mut SeedFile, step: &Step) {
    match step {
        Step::CreatePermissionSet(set) => is.permission_sets.push(PermissionSet {
            managed_policies: Vec::new(),
            customer_managed_policies: Vec::new(),
            inline_policy: None,
            permissions_boundary: None,
            ..(**set).clone()
        }),
        Step::UpdatePermissionSet(wanted) => {
            let set = set(is, &wanted.name);
            set.description.clone_from(&wanted.description);
            set.session_duration.clone_from(&wanted.session_duration);
            set.relay_state.clone_from(&wanted.relay_state);
        }
        Step::ChangePolicies { set: name, change } => policies_done(set(is, name), change),
        Step::Provision { .. } => {}
        Step::Assign(one) => {
            assert!(is.permission_sets.iter().any(|set| set.name == one.set));
            is.assignments.push(assignment(one));
        }
        Step::Unassign(one) => is.assignments.retain(|other| *other != assignment(one)),
        Step::DeletePermissionSet(name) => {
            assert!(!is.assignments.iter().any(|other| other.permission_set == *name));
            is.permission_sets.retain(|set| set.name != *name);
        }
        other => panic!("not drawn: {other}"),
    }
}

fn policies_done(set: &mut PermissionSet, change: &PolicyChange) {
    match change {
        PolicyChange::PutBoundary(boundary) => set.permissions_boundary = Some(boundary.clone()),
        PolicyChange::DeleteBoundary => set.permissions_boundary = None,
        PolicyChange::PutInline(policy) => set.inline_policy = Some(policy.clone()),
        PolicyChange::DeleteInline => set.inline_policy = None,
        PolicyChange::AttachManaged(policy) => set.managed_policies.push(policy.clone()),
        PolicyChange::DetachManaged(policy) => set.managed_policies.retain(|other| other != policy),
        PolicyChange::AttachCustomer(policy) => set.customer_managed_policies.push(policy.clone()),
        PolicyChange::DetachCustomer(policy) => set.customer_managed_policies.retain(|other| other != policy),
    }
}

fn set<'a>(is: &'a mut SeedFile, name: &str) -> &'a mut PermissionSet {
    is.permission_sets.iter_mut().find(|set| set.name == name).unwrap()
}

fn assignment(one: &Assigned) -> Assignment {
    let holder = Some(one.holder.clone());
    let (group, user) = if one.is_group { (holder, None) } else { (None, holder) };
    Assignment { group, user, permission_set: one.set.clone(), accounts: vec![one.account.clone()] }
}

fn tags_of<'a>(is: &'a mut SeedFile, what: &Tagged) -> &'a mut Tags {
    match what {
        Tagged::Instance => &mut is.instance.get_or_insert_default().tags,
        Tagged::PermissionSet(name) => &mut set(is, name).tags,
        Tagged::Unit(names) => {
            let units = &mut is.organizational_units;
            &mut units.iter_mut().find(|unit| unit.names == *names).unwrap().tags
        }
        Tagged::Account(id) => {
            let accounts = &mut is.accounts;
            &mut accounts.iter_mut().find(|account| account.id.as_ref() == Some(id)).unwrap().tags
        }
        Tagged::Root => &mut is.organization.get_or_insert_default().tags,
    }
}

fn update_user(is: &mut SeedFile, name: &str, changes: &BTreeMap<String, Value>) {
    let user = is.users.iter_mut().find(|user| user.user_name == name).unwrap();
    let mut value = serde_json::to_value(&*user).unwrap();
    for (path, new) in changes {
        match path.strip_prefix("aws:identitystore:enterprise.") {
            Some(part) => value["extensions"]["aws:identitystore:enterprise"][part] = new.clone(),
            None => match path.split_once('.') {
                Some((outer, part)) => value[outer][part] = new.clone(),
                None => value[path] = new.clone(),
            },
        }
    }
    *user = serde_json::from_value::<User>(value).unwrap();
}

/// Numbers that look random, the same in every run.
struct Drawn(u64);

impl Drawn {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn yes(&mut self) -> bool {
        self.below(2) == 0
    }

    fn some<'a>(&mut self, of: &[&'a str]) -> Vec<&'a str> {
        of.iter().copied().filter(|_| self.yes()).collect()
    }

    /// A file about the same few names, so that two of them meet often.
    fn file(&mut self) -> SeedFile {
        let users = self.some(&["ann", "bob", "cy", "dee"]);
        let groups = self.some(&["red", "blue"]);
        let sets = self.some(&["Read", "Write"]);
        let policies = ["ReadOnlyAccess", "PowerUserAccess", "IAMReadOnlyAccess"];
        let user = |name: &&str, drawn: &mut Self| {
            let mut user = json!({"userName": name, "name": {"givenName": name, "familyName": "X"}});
            if drawn.yes() {
                user["title"] = json!(if drawn.yes() { "Dr" } else { "Prof" });
            }
            if drawn.yes() {
                user["extensions"] =
                    json!({"aws:identitystore:enterprise": {"costCenter": drawn.below(3).to_string()}});
            }
            user
        };
        let set = |name: &&str, drawn: &mut Self| {
            let attached: Vec<String> = drawn
                .some(&policies)
                .iter()
                .map(|policy| format!("arn:aws:iam::aws:policy/{policy}"))
                .collect();
            let mut set = json!({"name": name, "managedPolicies": attached, "description": "D"});
            if drawn.yes() {
                set["inlinePolicy"] = json!({"Version": "2012-10-17", "Statement": [], "Id": drawn.below(2)});
            }
            if drawn.yes() {
                let name = if drawn.yes() { "a" } else { "b" };
                set["permissionsBoundary"] = json!({"customerManagedPolicy": {"name": name}});
            }
            if drawn.yes() {
                set["tags"] = json!({"stage": drawn.below(2).to_string()});
            }
            set
        };
        let mut assignments = Vec::new();
        for name in &sets {
            for holder in self.some(&users) {
                assignments
                    .push(json!({"user": holder, "permissionSet": name, "accounts": ["111122223333"]}));
            }
            for holder in self.some(&groups) {
                assignments
                    .push(json!({"group": holder, "permissionSet": name, "accounts": ["111122223333"]}));
            }
        }
        let mut made_groups = Vec::new();
        for name in &groups {
            made_groups.push(json!({"displayName": name, "members": self.some(&users)}));
        }
        let users: Vec<Value> = users.iter().map(|name| user(name, self)).collect();
        let sets: Vec<Value> = sets.iter().map(|name| set(name, self)).collect();
        file(&json!({
            "instance": {"tags": {"owner": self.below(2).to_string()}},
            "organizationalUnits": self.some(&["A/B", "A", "C"]),
            "accounts": [{"id": "111122223333", "name": "one", "email": "one@example.com"}],
            "users": users, "groups": made_groups, "permissionSets": sets, "assignments": assignments,
        }))
    }
}

#[test]
fn what_the_steps_make_is_what_should_be_and_then_nothing_is_to_do() {
    let mut drawn = Drawn(7);
    let (mut planned, mut pruned) = (0, 0);
    for _ in 0..1_000 {
        let (first, second, foreign) = (drawn.file(), drawn.file(), drawn.file());
        // A server on which somebody else did something too, and where the first file was applied.
        let mut is = foreign;
        let before = plan(&is, &first, None);
        before.steps.iter().for_each(|step| done(&mut is, step));
        assert_eq!(steps(&plan(&is, &first, None)), Vec::<String>::new(), "applied twice");
        let next = plan(&is, &second, Some(&first));
        if !next.refusals.is_empty() {
            assert!(
                next.refusals
                    .iter()
                    .all(|why| why.contains("is of neither file") || why.contains("takes one away")),
                "{:?}",
                next.refusals
            );
            continue;
        }
        planned += next.steps.len();
        pruned += next.steps.iter().filter(|step| step.effect() == Effect::Delete).count();
        // Killed anywhere and planned again: the same in the end.
        let cut = usize::try_from(drawn.below(1_000)).unwrap() % (next.steps.len() + 1);
        next.steps.iter().take(cut).for_each(|step| done(&mut is, step));
        let rest = plan(&is, &second, Some(&first));
        rest.steps.iter().for_each(|step| done(&mut is, step));
        assert_eq!(steps(&plan(&is, &second, Some(&first))), Vec::<String>::new(), "applied twice");
    }
    assert!(planned > 500 && pruned > 100, "the draw must plan something: {planned}, {pruned}");
}

#[test]
fn what_the_file_does_not_name_is_left_alone() {
    let is = file(&json!({
        "users": [{"id": "u1", "userName": "ann", "title": "Dr", "nickName": "A"}, {"id": "u2", "userName": "bob"}],
        "groups": [{"displayName": "red", "members": ["ann", "bob"]}, {"displayName": "blue"}],
        "permissionSets": [{"id": "ps-1", "name": "Read", "tags": {"a": "1", "b": "2"}}],
    }));
    let should = file(&json!({
        "users": [{"userName": "Ann", "title": "Prof"}],
        "groups": [{"displayName": "RED", "members": ["ANN"]}],
        "permissionSets": [{"name": "Read", "tags": {"a": "1", "b": "3"}}],
    }));
    assert_eq!(
        steps(&plan(&is, &should, None)),
        ["~ user ann: title, userName", "~ group red: displayName", "~ tag permission set Read: b"]
    );
}

#[test]
fn a_permission_set_is_exactly_as_the_file_says_and_bounded_at_every_moment() {
    let arn = |name: &str| format!("arn:aws:iam::aws:policy/{name}");
    let is = file(&json!({"permissionSets": [{
        "name": "Read", "managedPolicies": [arn("ReadOnlyAccess")], "inlinePolicy": {"a": 1},
        "customerManagedPolicies": [{"name": "own"}],
    }]}));
    let should = file(&json!({"permissionSets": [{
        "name": "Read", "managedPolicies": [arn("PowerUserAccess")], "permissionsBoundary": {"managedPolicy": arn("ReadOnlyAccess")},
    }]}));
    assert_eq!(
        steps(&plan(&is, &should, None)),
        [
            "~ permission set Read: detach arn:aws:iam::aws:policy/ReadOnlyAccess",
            "~ permission set Read: detach /own",
            "~ permission set Read: take the inline policy away",
            "~ permission set Read: set the permissions boundary",
            "~ permission set Read: attach arn:aws:iam::aws:policy/PowerUserAccess",
            "~ permission set Read: provision it again to the accounts that have it",
        ]
    );
    let back = steps(&plan(&should, &is, None));
    assert_eq!(back[back.len() - 2], "~ permission set Read: take the permissions boundary away");
}

#[test]
fn what_has_the_name_and_not_the_id_of_what_goes_stays() {
    let of = |id: &str| {
        file(&json!({
            "users": [{"id": format!("u{id}"), "userName": "ann"}],
            "groups": [{"id": format!("g{id}"), "displayName": "red"}],
            "permissionSets": [{"id": format!("ps-{id}"), "name": "Read"}],
        }))
    };
    let empty = SeedFile::default();
    assert_eq!(steps(&plan(&of("1"), &empty, Some(&of("2")))), Vec::<String>::new());
    let goes = ["- permission set Read", "- group red", "- user ann"];
    assert_eq!(steps(&plan(&of("1"), &empty, Some(&of("1")))), goes);
    let mut nameless = of("1");
    nameless.users[0].id = None;
    nameless.groups[0].id = None;
    nameless.permission_sets[0].id = None;
    assert_eq!(steps(&plan(&of("1"), &empty, Some(&nameless))), goes, "by name where there is no id");
}

#[test]
fn who_is_called_otherwise_keeps_what_they_have() {
    let is = file(&json!({
        "accounts": [{"id": "111122223333", "name": "one", "email": "one@example.com"}],
        "users": [{"id": "u1", "userName": "ann"}],
        "groups": [{"id": "g1", "displayName": "red", "members": ["ann"]}],
        "permissionSets": [{"name": "Read"}],
        "assignments": [{"group": "red", "permissionSet": "Read", "accounts": ["111122223333"]}],
    }));
    let should = file(&json!({
        "users": [{"id": "u1", "userName": "anna"}],
        "groups": [{"id": "g1", "displayName": "scarlet", "members": ["anna"]}],
        "assignments": [{"group": "scarlet", "permissionSet": "Read", "accounts": ["one"]}],
    }));
    let plan = plan(&is, &should, Some(&is));
    assert_eq!(plan.refusals, Vec::<String>::new());
    assert_eq!(steps(&plan), ["~ user ann: userName", "~ group red: displayName"]);
}

#[test]
fn an_outer_unit_comes_before_what_is_in_it_and_an_account_is_moved_there() {
    let is = file(&json!({"accounts": [{"id": "111122223333", "name": "one", "email": "one@example.com"}]}));
    let should = file(&json!({
        "organizationalUnits": ["A/B"],
        "accounts": [{"name": "one", "email": "ONE@example.com", "ou": "A/B"}, {"name": "two", "email": "two@example.com", "ou": "A"}],
    }));
    assert_eq!(
        steps(&plan(&is, &should, None)),
        [
            "+ organizational unit A",
            "+ organizational unit A/B",
            "~ move account 111122223333 from the root to A/B",
            "+ account two <two@example.com>",
            "~ move account two from the root to A",
        ]
    );
    let names = UnitNames(vec!["A".to_owned(), "B/C".to_owned()]);
    assert_eq!(serde_json::to_value(&names).unwrap(), json!(["A", "B/C"]));
}
