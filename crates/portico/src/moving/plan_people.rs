//! The part of a plan that is about people, groups and who is in them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::name_key::name_key;
use serde_json::{Map, Value};

use crate::moving::plan::{Compared, Plan, is_same};
use crate::moving::step::Step;
use crate::seed_file::SeedFile;
use crate::seed_people_file::{Group, User};

/// What UpdateUser does not take, or what is no attribute.
const NOT_UPDATED: &[&str] = &["id", "active", "externalIds"];

/// Plans people and groups.
pub(crate) fn plan(plan: &mut Plan, compared: Compared<'_>) {
    let users = Users::of(compared.is);
    for wanted in &compared.should.users {
        plan.user(&users, wanted);
    }
    let groups: HashMap<String, &Group> = by_name(&compared.is.groups);
    for wanted in &compared.should.groups {
        plan.group((&groups, compared.is), wanted);
    }
    plan.memberships(compared, &groups);
}

/// Everybody who is there or is to come.
pub(crate) fn names(compared: Compared<'_>) -> BTreeSet<String> {
    let all = compared.is.users.iter().chain(&compared.should.users);
    all.map(|user| name_key(&user.user_name)).collect()
}

fn by_name(groups: &[Group]) -> HashMap<String, &Group> {
    groups.iter().map(|group| (name_key(&group.display_name), group)).collect()
}

/// Everybody who is there.
struct Users<'a> {
    by_id: HashMap<&'a str, &'a User>,
    by_name: HashMap<String, &'a User>,
}

impl<'a> Users<'a> {
    fn of(file: &'a SeedFile) -> Self {
        let with_ids = file.users.iter().filter_map(|user| Some((user.id.as_deref()?, user)));
        Self {
            by_id: with_ids.collect(),
            by_name: file.users.iter().map(|user| (name_key(&user.user_name), user)).collect(),
        }
    }
}

impl Plan {
    fn user(&mut self, users: &Users<'_>, wanted: &User) {
        let name = &wanted.user_name;
        let of_id = wanted.id.as_deref().map(|id| users.by_id.get(id).copied());
        let of_name = users.by_name.get(&name_key(name)).copied();
        match (of_id, of_name) {
            (Some(Some(found)), _) | (None, Some(found)) => self.change_user(found, wanted),
            (Some(None), Some(_)) => self.refuse(format!(
                "user {name}: another user has this name, of another id than the file's {}",
                wanted.id.as_deref().unwrap_or_default()
            )),
            (Some(None), None) => self.refuse(format!(
                "user {name}: not there, and the id {} cannot be chosen by a call: leave the id out, or begin a new server with this file (init --seed)",
                wanted.id.as_deref().unwrap_or_default()
            )),
            (None, None) => {
                if wanted.active == Some(false) || !wanted.external_ids.is_empty() {
                    self.refuse(format!("user {name}: no call makes a user who may not sign in, or external ids"));
                }
                self.steps.push(Step::CreateUser(Box::new(wanted.clone())));
            }
        }
    }

    fn change_user(&mut self, found: &User, wanted: &User) {
        let name = &found.user_name;
        let is_active = found.active.unwrap_or(true);
        if wanted.active.is_some_and(|active| active != is_active) {
            self.refuse(format!(
                "user {name}: no call of the API switches somebody off or on: do it in the console"
            ));
        }
        if !wanted.external_ids.is_empty() && wanted.external_ids != found.external_ids {
            self.refuse(format!("user {name}: no call changes external ids"));
        }
        let changes = changes(&members(found), &members(wanted));
        if !changes.is_empty() {
            self.steps.push(Step::UpdateUser { user_name: name.clone(), changes });
        }
    }

    fn group(&mut self, (groups, is): (&HashMap<String, &Group>, &SeedFile), wanted: &Group) {
        let name = &wanted.display_name;
        let found = match &wanted.id {
            Some(_) => is.groups.iter().find(|group| group.id == wanted.id),
            None => groups.get(&name_key(name)).copied(),
        };
        let Some(found) = found else {
            match &wanted.id {
                Some(id) => {
                    self.refuse(format!("group {name}: no group has the id {id}, and no call chooses one"));
                }
                None if !wanted.external_ids.is_empty() => {
                    self.refuse(format!("group {name}: no call makes external ids"));
                }
                None => self.steps.push(Step::CreateGroup(Group { members: Vec::new(), ..wanted.clone() })),
            }
            return;
        };
        if !wanted.external_ids.is_empty() && wanted.external_ids != found.external_ids {
            self.refuse(format!("group {name}: no call changes external ids"));
        }
        let mut changes = BTreeMap::new();
        if found.display_name != *name {
            changes.insert("displayName".to_owned(), Value::from(name.clone()));
        }
        if let Some(description) =
            wanted.description.as_ref().filter(|_| wanted.description != found.description)
        {
            changes.insert("description".to_owned(), Value::from(description.clone()));
        }
        if !changes.is_empty() {
            self.steps.push(Step::UpdateGroup { name: found.display_name.clone(), changes });
        }
    }

    /// Members that the file names come; those that only the former file named go, as do people and groups.
    fn memberships(&mut self, compared: Compared<'_>, groups: &HashMap<String, &Group>) {
        let keys = |group: &Group| group.members.iter().map(|name| name_key(name)).collect::<BTreeSet<_>>();
        let people = names(compared);
        for wanted in &compared.should.groups {
            let found = match &wanted.id {
                Some(_) => compared.is.groups.iter().find(|group| group.id == wanted.id),
                None => groups.get(&name_key(&wanted.display_name)).copied(),
            };
            let there = found.map(keys).unwrap_or_default();
            for user in wanted.members.iter().filter(|user| !there.contains(&name_key(user))) {
                let (group, user) = (wanted.display_name.clone(), user.clone());
                if !people.contains(&name_key(&user)) {
                    self.refuse(format!("group {group}: its member {user} is neither there nor in the file"));
                }
                self.steps.push(Step::AddMember { group, user });
            }
        }
        let Some(former) = compared.former else { return };
        let wanted = by_name(&compared.should.groups);
        for group in &former.groups {
            let key = name_key(&group.display_name);
            // A group that goes takes its memberships with it.
            let Some(wanted) = wanted.get(&key) else { continue };
            let found = match &wanted.id {
                Some(_) => compared.is.groups.iter().find(|group| group.id == wanted.id),
                None => groups.get(&key).copied(),
            };
            let (there, still) = (found.map(keys).unwrap_or_default(), keys(wanted));
            for user in group.members.iter().filter(|user| {
                let key = name_key(user);
                there.contains(&key) && !still.contains(&key)
            }) {
                let (group, user) = (group.display_name.clone(), user.clone());
                self.steps.push(Step::RemoveMember { group, user });
            }
        }
    }
}

/// Whoever goes: named by the former file, no longer by this one in any place, and there. Asked last, after the assignments that go.
pub(crate) fn plan_departures(plan: &mut Plan, compared: Compared<'_>) {
    let Some(former) = compared.former else { return };
    let (there, wanted) = (by_name(&compared.is.groups), by_name(&compared.should.groups));
    let ids: BTreeSet<&str> = compared.should.groups.iter().filter_map(|group| group.id.as_deref()).collect();
    let assignments = &compared.should.assignments;
    let held = |holder: Option<&String>| holder.map(|name| name_key(name));
    let named: BTreeSet<String> = assignments.iter().filter_map(|one| held(one.group.as_ref())).collect();
    for group in &former.groups {
        let key = name_key(&group.display_name);
        if let Some(found) = there.get(&key)
            && is_same(group.id.as_ref(), found.id.as_ref())
            && !wanted.contains_key(&key)
            && !named.contains(&key)
            && !found.id.as_deref().is_some_and(|id| ids.contains(id))
        {
            plan.steps.push(Step::DeleteGroup(found.display_name.clone()));
        }
    }
    let (there, wanted) = (Users::of(compared.is), Users::of(compared.should));
    let members = compared.should.groups.iter().flat_map(|group| &group.members);
    let members = members.map(|name| name_key(name));
    let named: BTreeSet<String> =
        assignments.iter().filter_map(|one| held(one.user.as_ref())).chain(members).collect();
    for user in &former.users {
        let key = name_key(&user.user_name);
        if let Some(found) = there.by_name.get(&key)
            && is_same(user.id.as_ref(), found.id.as_ref())
            && !wanted.by_name.contains_key(&key)
            && !named.contains(&key)
            && !found.id.as_deref().is_some_and(|id| wanted.by_id.contains_key(id))
        {
            plan.steps.push(Step::DeleteUser(found.user_name.clone()));
        }
    }
}

fn members(user: &User) -> Map<String, Value> {
    match serde_json::to_value(user) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    }
}

/// Attributes that the file gives and that are not so, by their paths. What it does not give stays.
fn changes(is: &Map<String, Value>, wanted: &Map<String, Value>) -> BTreeMap<String, Value> {
    let mut changes = BTreeMap::new();
    for (key, value) in wanted.iter().filter(|(key, _)| !NOT_UPDATED.contains(&key.as_str())) {
        match (key.as_str(), value) {
            ("name", Value::Object(parts)) => {
                differing(is.get(key), parts, |part| format!("name.{part}"), &mut changes);
            }
            ("extensions", Value::Object(schemas)) => {
                for (schema, parts) in schemas {
                    let Value::Object(parts) = parts else { continue };
                    let is = is.get(key).and_then(|is| is.get(schema));
                    differing(is, parts, |part| format!("{schema}.{part}"), &mut changes);
                }
            }
            _ if is.get(key) != Some(value) => {
                changes.insert(key.clone(), value.clone());
            }
            _ => {}
        }
    }
    changes
}

fn differing(
    is: Option<&Value>,
    wanted: &Map<String, Value>,
    path: impl Fn(&str) -> String,
    changes: &mut BTreeMap<String, Value>,
) {
    for (part, value) in wanted {
        if is.and_then(|is| is.get(part)) != Some(value) {
            changes.insert(path(part), value.clone());
        }
    }
}
