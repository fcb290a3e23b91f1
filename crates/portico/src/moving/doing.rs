//! Does the steps of a plan, call by call, in their order. Whatever is done is done: when one fails or the program is killed, the next plan is made
//! from what is then there.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Context as _, anyhow};
use aws_sdk_identitystore::types::{AttributeOperation, MemberId};
use model::name_key::name_key;
use serde_json::Value;

use crate::moving::conversions::document;
use crate::moving::plan::Plan;
use crate::moving::progress::Progress;
use crate::moving::reading::Reading;
use crate::moving::remote::{Refused, each};
use crate::moving::shapes;
use crate::moving::step::Step;
use crate::seed_file::SeedFile;

/// What names stand for on the other side, as it is and as it becomes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ids {
    pub(crate) users: HashMap<String, String>,
    pub(crate) groups: HashMap<String, String>,
    /// ARNs.
    pub(crate) sets: HashMap<String, String>,
    pub(crate) units: HashMap<Vec<String>, String>,
    /// Of accounts that were made here, by their names.
    pub(crate) accounts: HashMap<String, String>,
    pub(crate) root: String,
}

impl Ids {
    fn of(is: &SeedFile, reading: &Reading) -> Self {
        let id = |id: &Option<String>| id.clone().unwrap_or_default();
        let instance = reading.instance_arn.rsplit('/').next().unwrap_or_default();
        let arn = |set: &Option<String>| format!("arn:aws:sso:::permissionSet/{instance}/{}", id(set));
        let organization = is.organization.as_ref();
        Self {
            users: is.users.iter().map(|user| (name_key(&user.user_name), id(&user.id))).collect(),
            groups: is.groups.iter().map(|group| (name_key(&group.display_name), id(&group.id))).collect(),
            sets: is.permission_sets.iter().map(|set| (set.name.clone(), arn(&set.id))).collect(),
            units: is.organizational_units.iter().map(|unit| (unit.names.0.clone(), id(&unit.id))).collect(),
            accounts: HashMap::new(),
            root: organization.and_then(|organization| organization.root_id.clone()).unwrap_or_default(),
        }
    }
}

/// An apply under way.
#[derive(Debug, Clone)]
pub(crate) struct Doing {
    pub(crate) reading: Reading,
    pub(crate) ids: Ids,
}

/// Does everything.
pub(crate) async fn all(reading: Reading, is: &SeedFile, plan: Plan) -> anyhow::Result<usize> {
    let ids = Ids::of(is, &reading);
    let mut doing = Doing { reading, ids };
    let (count, mut done) = (plan.steps.len(), 0);
    let mut progress = Progress::new("steps", Some(count));
    let mut steps = plan.steps.into_iter().peekable();
    while let Some(step) = steps.next() {
        // What only adds and nothing waits for goes side by side: there may be many thousands.
        let mut together = vec![step];
        while together.first().is_some_and(is_small)
            && let Some(next) = steps.next_if(|next| is_small(next) && together.len() < 1_000)
        {
            together.push(next);
        }
        if together.len() == 1 {
            for step in together {
                let said = step.to_string();
                doing.one(step).await.with_context(|| format!("after {done} of {count} steps: {said}"))?;
                done += 1;
                progress.count(1);
            }
            continue;
        }
        let side_by_side = |step: Step| {
            let mut doing = doing.clone();
            async move {
                let said = step.to_string();
                doing.one(step).await.context(said)
            }
        };
        each(together, side_by_side, |()| {
            done += 1;
            progress.count(1);
            Ok(())
        })
        .await
        .with_context(|| format!("after about {done} of {count} steps"))?;
    }
    Ok(done)
}

const fn is_small(step: &Step) -> bool {
    matches!(step, Step::AddMember { .. } | Step::Assign(_))
}

impl Doing {
    async fn one(&mut self, step: Step) -> anyhow::Result<()> {
        match step {
            Step::CreateUser(user) => self.create_user(&user).await,
            Step::UpdateUser { user_name, changes } => self.update_user(&user_name, &changes).await,
            Step::CreateGroup(group) => self.create_group(&group.display_name, group.description).await,
            Step::UpdateGroup { name, changes } => self.update_group(&name, &changes).await,
            Step::AddMember { group, user } => self.add_member(&group, &user).await,
            Step::RemoveMember { group, user } => self.remove_member(&group, &user).await,
            Step::DeleteGroup(name) => self.delete_group(&name).await,
            Step::DeleteUser(name) => self.delete_user(&name).await,
            Step::CreateUnit(unit) => self.create_unit(&unit.names.0).await,
            Step::CreateAccount(account) => self.create_account(&account).await,
            Step::MoveAccount { id, from, to } => self.move_account(&id, (from, to)).await,
            Step::Tag(what, tags) => self.tag(what, &tags).await,
            other => self.access(other).await,
        }
    }

    /// The id behind a name.
    pub(crate) fn named<
        'a,
        K: std::hash::Hash + Eq + ?Sized,
        O: std::borrow::Borrow<K> + std::hash::Hash + Eq,
    >(
        ids: &'a HashMap<O, String>,
        name: &K,
    ) -> anyhow::Result<&'a String> {
        ids.get(name).ok_or_else(|| anyhow!("what it names is not there any more"))
    }

    pub(crate) fn user(&self, name: &str) -> anyhow::Result<&String> {
        Self::named(&self.ids.users, name_key(name).as_str())
    }

    pub(crate) fn group(&self, name: &str) -> anyhow::Result<&String> {
        Self::named(&self.ids.groups, name_key(name).as_str())
    }

    async fn create_user(&mut self, user: &crate::seed_people_file::User) -> anyhow::Result<()> {
        let call = self.reading.remote.people.create_user().identity_store_id(&self.reading.store_id);
        let made = shapes::create(call, user)?.send().await;
        let made = made.map_err(|error| Refused::of("identitystore:CreateUser", error))?;
        self.ids.users.insert(name_key(&user.user_name), made.user_id);
        Ok(())
    }

    async fn update_user(&mut self, name: &str, changes: &BTreeMap<String, Value>) -> anyhow::Result<()> {
        let id = self.user(name)?.clone();
        let call = self.reading.remote.people.update_user().identity_store_id(&self.reading.store_id);
        let call = call.user_id(&id).set_operations(Some(operations(changes)?));
        call.send().await.map_err(|error| Refused::of("identitystore:UpdateUser", error))?;
        if let Some(new) = changes.get("userName").and_then(Value::as_str) {
            self.ids.users.insert(name_key(new), id);
        }
        Ok(())
    }

    async fn create_group(&mut self, name: &str, description: Option<String>) -> anyhow::Result<()> {
        let call = self.reading.remote.people.create_group().identity_store_id(&self.reading.store_id);
        let made = call.display_name(name).set_description(description).send().await;
        let made = made.map_err(|error| Refused::of("identitystore:CreateGroup", error))?;
        self.ids.groups.insert(name_key(name), made.group_id);
        Ok(())
    }

    async fn update_group(&mut self, name: &str, changes: &BTreeMap<String, Value>) -> anyhow::Result<()> {
        let id = self.group(name)?.clone();
        let call = self.reading.remote.people.update_group().identity_store_id(&self.reading.store_id);
        let call = call.group_id(&id).set_operations(Some(operations(changes)?));
        call.send().await.map_err(|error| Refused::of("identitystore:UpdateGroup", error))?;
        if let Some(new) = changes.get("displayName").and_then(Value::as_str) {
            self.ids.groups.insert(name_key(new), id);
        }
        Ok(())
    }

    async fn add_member(&self, group: &str, user: &str) -> anyhow::Result<()> {
        let call = self.reading.remote.people.create_group_membership();
        let call = call.identity_store_id(&self.reading.store_id).group_id(self.group(group)?);
        let made = call.member_id(MemberId::UserId(self.user(user)?.clone())).send().await;
        match made.map_err(|error| Refused::of("identitystore:CreateGroupMembership", error)) {
            // Somebody else was faster, or an answer was lost and the call repeated.
            Err(refused) if refused.is(&["ConflictException"]) => Ok(()),
            made => made.map(|_| ()).map_err(anyhow::Error::from),
        }
    }

    async fn remove_member(&self, group: &str, user: &str) -> anyhow::Result<()> {
        let people = &self.reading.remote.people;
        let call = people.get_group_membership_id().identity_store_id(&self.reading.store_id);
        let member = MemberId::UserId(self.user(user)?.clone());
        let found = call.group_id(self.group(group)?).member_id(member).send().await;
        let found = match found.map_err(|error| Refused::of("identitystore:GetGroupMembershipId", error)) {
            Err(refused) if refused.is_nothing() => return Ok(()),
            found => found?,
        };
        let call = people.delete_group_membership().identity_store_id(&self.reading.store_id);
        let gone = call.membership_id(found.membership_id).send().await;
        gone.map_err(|error| Refused::of("identitystore:DeleteGroupMembership", error))?;
        Ok(())
    }

    async fn delete_group(&self, name: &str) -> anyhow::Result<()> {
        let call = self.reading.remote.people.delete_group().identity_store_id(&self.reading.store_id);
        let gone = call.group_id(self.group(name)?).send().await;
        gone.map_err(|error| Refused::of("identitystore:DeleteGroup", error))?;
        Ok(())
    }

    async fn delete_user(&self, name: &str) -> anyhow::Result<()> {
        let call = self.reading.remote.people.delete_user().identity_store_id(&self.reading.store_id);
        let gone = call.user_id(self.user(name)?).send().await;
        gone.map_err(|error| Refused::of("identitystore:DeleteUser", error))?;
        Ok(())
    }
}

fn operations(changes: &BTreeMap<String, Value>) -> anyhow::Result<Vec<AttributeOperation>> {
    let one = |(path, value): (&String, &Value)| {
        AttributeOperation::builder().attribute_path(path).attribute_value(document(value)).build()
    };
    Ok(changes.iter().map(one).collect::<Result<_, _>>()?)
}
