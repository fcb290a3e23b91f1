//! What the things of a page are called, asked by few calls. A role that may not know it, or what is gone, is shown by its id.

use std::collections::{BTreeSet, HashMap};

use edge_aws::inside::Op;
use model::fault::Fault;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::desk::Desk;
use crate::thing::{Kind, Thing};

/// Of a kind, in one call.
const AT_ONCE: usize = 100;

/// A thing with what it is called.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Named {
    /// What people call it.
    pub(crate) title: String,
    /// What tells it from others that are called so.
    pub(crate) about: String,
    pub(crate) thing: Thing,
}

impl Named {
    /// What is known by its id alone.
    pub(crate) fn nameless(thing: Thing) -> Self {
        Self { title: thing.id.clone(), about: String::new(), thing }
    }

    /// Whether it is a group, and not a person.
    pub(crate) fn is_group(&self) -> bool {
        self.thing.kind == Kind::Group
    }
}

/// Names by their things.
#[derive(Debug, Default)]
pub(crate) struct Names(HashMap<Thing, (String, String)>);

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    users: Vec<User>,
    groups: Vec<Group>,
    accounts: Vec<Account>,
    permission_sets: Vec<Set>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct User {
    user_id: String,
    user_name: String,
    display_name: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Group {
    group_id: String,
    display_name: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Account {
    account_id: String,
    account_name: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Set {
    permission_set_arn: String,
    name: String,
}

impl Names {
    /// Of these things.
    pub(crate) async fn of(
        desk: &Desk,
        admin: &mut Administrator,
        things: impl IntoIterator<Item = Thing>,
    ) -> Self {
        let things: BTreeSet<Thing> = things.into_iter().collect();
        let mut names = Self::default();
        let of = |kind: Kind| -> Vec<String> {
            things.iter().filter(|thing| thing.kind == kind).map(|thing| thing.reference(desk)).collect()
        };
        let lists = [
            ("UserIds", of(Kind::User)),
            ("GroupIds", of(Kind::Group)),
            ("AccountIds", of(Kind::Account)),
            ("PermissionSetArns", of(Kind::Set)),
        ];
        let most = lists.iter().map(|(_, ids)| ids.len()).max().unwrap_or_default();
        for from in (0..most).step_by(AT_ONCE) {
            let mut input = json!({"InstanceArn": desk.instance_arn()});
            for (member, ids) in &lists {
                let some: Vec<&String> = ids.iter().skip(from).take(AT_ONCE).collect();
                if let (false, Some(members)) = (some.is_empty(), input.as_object_mut()) {
                    members.insert((*member).to_owned(), json!(some));
                }
            }
            let answer: Result<Answer, Fault> = admin.call(desk, Op("portico", "GetNames"), input).await;
            match answer {
                Ok(answer) => names.add(answer),
                // Ids say enough to go on; why there are no names is in the trail.
                Err(_) => return names,
            }
        }
        names
    }

    fn add(&mut self, answer: Answer) {
        let mut add = |kind, id: &str, title: String, about: String| {
            self.0.insert(Thing::new(kind, id), (title, about));
        };
        for user in answer.users {
            let (title, about) = if user.display_name.is_empty() {
                (user.user_name, String::new())
            } else {
                (user.display_name, user.user_name)
            };
            add(Kind::User, &user.user_id, title, about);
        }
        for group in answer.groups {
            add(Kind::Group, &group.group_id, group.display_name, String::new());
        }
        for account in answer.accounts {
            add(Kind::Account, &account.account_id, account.account_name, account.account_id.clone());
        }
        for set in answer.permission_sets {
            add(Kind::Set, &set.permission_set_arn, set.name, String::new());
        }
    }

    /// A thing with its name.
    pub(crate) fn named(&self, thing: &Thing) -> Named {
        match self.0.get(thing) {
            Some((title, about)) => {
                Named { title: title.clone(), about: about.clone(), thing: thing.clone() }
            }
            None => Named::nameless(thing.clone()),
        }
    }
}

/// The text of a member of an answer.
pub(crate) fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value.get(member).and_then(Value::as_str).unwrap_or_default()
}
