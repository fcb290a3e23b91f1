//! Users, groups and memberships: changes on rows that one worker alone owns, so that what must be there is always known, and the look
//! whether it is. A create whose answer never came is sent again, as any client would.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{bail, ensure};
use rand::Rng as _;
use rand::seq::IndexedRandom as _;
use serde_json::{Value, json};

use crate::actor::{Actor, Reply, done, text};
use crate::http::{Answer, Ask};
use crate::trail::{Fate, Fates};

/// Rows of one kind that a worker keeps at most.
const KEPT: usize = 6;

#[derive(Debug, Clone, PartialEq, Eq)]
struct User {
    id: String,
    name: String,
    shown: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Group {
    id: String,
    name: String,
    description: String,
    /// Membership ids by user id.
    members: BTreeMap<String, String>,
}

/// A change, as it is asked for and as it counts once it is done.
#[derive(Debug, Clone)]
enum Change {
    CreateUser { name: String },
    RenameUser { id: String, shown: String },
    DeleteUser { id: String },
    CreateGroup { name: String },
    DescribeGroup { id: String, description: String },
    DeleteGroup { id: String },
    Join { group: String, user: String },
    Leave { group: String, user: String, membership: String },
}

impl Change {
    fn what(&self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::CreateUser { .. } => ("CreateUser", &["CreateUser"]),
            Self::RenameUser { .. } => ("UpdateUser", &["UpdateUser"]),
            Self::DeleteUser { .. } => ("DeleteUser", &["DeleteUser"]),
            Self::CreateGroup { .. } => ("CreateGroup", &["CreateGroup"]),
            Self::DescribeGroup { .. } => ("UpdateGroup", &["UpdateGroup"]),
            Self::DeleteGroup { .. } => ("DeleteGroup", &["DeleteGroup"]),
            Self::Join { .. } => ("CreateGroupMembership", &["CreateGroupMembership"]),
            Self::Leave { .. } => ("DeleteGroupMembership", &["DeleteGroupMembership"]),
        }
    }

    fn input(&self) -> Value {
        match self {
            Self::CreateUser { name } => json!({
                "UserName": name, "DisplayName": name, "Name": {"GivenName": "Kill", "FamilyName": name},
            }),
            Self::RenameUser { id, shown } => json!({
                "UserId": id, "Operations": [{"AttributePath": "displayName", "AttributeValue": shown}],
            }),
            Self::DeleteUser { id } => json!({"UserId": id}),
            Self::CreateGroup { name } => json!({"DisplayName": name, "Description": name}),
            Self::DescribeGroup { id, description } => json!({
                "GroupId": id, "Operations": [{"AttributePath": "description", "AttributeValue": description}],
            }),
            Self::DeleteGroup { id } => json!({"GroupId": id}),
            Self::Join { group, user } => json!({"GroupId": group, "MemberId": {"UserId": user}}),
            Self::Leave { membership, .. } => json!({"MembershipId": membership}),
        }
    }

    /// What a second attempt hears when the first was done: none for what may be done twice.
    fn refusal_of_the_second(&self) -> Option<&'static str> {
        match self {
            Self::CreateUser { .. } | Self::CreateGroup { .. } | Self::Join { .. } => {
                Some("ConflictException")
            }
            Self::DeleteUser { .. } | Self::DeleteGroup { .. } | Self::Leave { .. } => {
                Some("ResourceNotFoundException")
            }
            Self::RenameUser { .. } | Self::DescribeGroup { .. } => None,
        }
    }
}

/// A worker on the directory.
#[derive(Debug)]
pub(crate) struct Directory {
    pub(crate) actor: Actor,
    tag: String,
    serial: usize,
    users: Vec<User>,
    groups: Vec<Group>,
    /// Ids of what was deleted since the last look.
    gone: Vec<(String, Ask)>,
    touched: BTreeSet<String>,
    /// What is in doubt, and whether it was done by an attempt before.
    open: Option<(usize, Change, bool)>,
    /// What is to be sent again, and whether it was done by an attempt before.
    again: Option<(Change, bool)>,
}

impl Directory {
    /// A worker whose rows all carry `tag`.
    pub(crate) fn new(actor: Actor, tag: String) -> Self {
        Self {
            actor,
            tag,
            serial: 0,
            users: Vec::new(),
            groups: Vec::new(),
            gone: Vec::new(),
            touched: BTreeSet::new(),
            open: None,
            again: None,
        }
    }

    fn fresh(&mut self) -> String {
        self.serial += 1;
        format!("{}-{}", self.tag, self.serial)
    }

    fn pick(&mut self) -> Change {
        let user = self.users.choose(&mut self.actor.random).cloned();
        let group = self.groups.choose(&mut self.actor.random).cloned();
        let die = self.actor.random.random_range(0..100);
        match (user, group) {
            (None, _) => Change::CreateUser { name: self.fresh() },
            (_, None) => Change::CreateGroup { name: self.fresh() },
            (Some(user), _) if self.users.len() >= KEPT || die < 8 => Change::DeleteUser { id: user.id },
            (_, Some(group)) if self.groups.len() >= KEPT || die < 12 => Change::DeleteGroup { id: group.id },
            _ if die < 35 => Change::CreateUser { name: self.fresh() },
            _ if die < 45 => Change::CreateGroup { name: self.fresh() },
            (Some(user), _) if die < 60 => Change::RenameUser { id: user.id, shown: self.fresh() },
            (_, Some(group)) if die < 70 => Change::DescribeGroup { id: group.id, description: self.fresh() },
            (Some(user), Some(group)) => match group.members.get(&user.id) {
                Some(membership) => {
                    Change::Leave { group: group.id, membership: membership.clone(), user: user.id }
                }
                None => Change::Join { group: group.id, user: user.id },
            },
        }
    }

    /// Asks for one change. False when there is nobody to ask.
    pub(crate) async fn step(&mut self) -> anyhow::Result<bool> {
        let (change, before) = match self.again.take() {
            Some((change, before)) => (change, Some(before)),
            None => (self.pick(), None),
        };
        let (what, records) = change.what();
        let ask = self.actor.place.directory(what, change.input());
        match self.actor.change(what, records, ask).await? {
            Reply::Open(number) => {
                self.open = Some((number, change, before == Some(true)));
                Ok(false)
            }
            Reply::Refused(answer) if answer.status.is_server_error() => {
                self.again = before.map(|before| (change, before));
                Ok(true)
            }
            Reply::Refused(answer) => {
                ensure!(
                    before == Some(true) && change.refusal_of_the_second() == Some(&answer.code()),
                    "{change:?} (done before: {before:?}) was refused: {}",
                    answer.shown()
                );
                Ok(true)
            }
            Reply::Done(answer) => {
                ensure!(
                    before != Some(true) || change.refusal_of_the_second().is_none(),
                    "{change:?} was done twice"
                );
                let answered = answer.json();
                self.apply(&change, |member| text(&answered, &format!("/{member}")));
                Ok(true)
            }
        }
    }

    /// Counts a change as done; `made` reads an id that it led to, by its name.
    fn apply(&mut self, change: &Change, made: impl Fn(&str) -> String) {
        match change.clone() {
            Change::CreateUser { name } => {
                let user = User { id: made("UserId"), shown: name.clone(), name };
                self.touched.insert(user.id.clone());
                self.users.push(user);
            }
            Change::RenameUser { id, shown } => {
                self.users
                    .iter_mut()
                    .filter(|user| user.id == id)
                    .for_each(|user| user.shown.clone_from(&shown));
                self.touched.insert(id);
            }
            Change::DeleteUser { id } => {
                self.users.retain(|user| user.id != id);
                for group in &mut self.groups {
                    if group.members.remove(&id).is_some() {
                        self.touched.insert(group.id.clone());
                    }
                }
                let look = self.actor.place.directory("DescribeUser", json!({"UserId": id}));
                self.gone.push((id, look));
            }
            Change::CreateGroup { name } => {
                let id = made("GroupId");
                self.touched.insert(id.clone());
                self.groups.push(Group { id, description: name.clone(), name, members: BTreeMap::new() });
            }
            Change::DescribeGroup { id, description } => {
                let found = self.groups.iter_mut().filter(|group| group.id == id);
                found.for_each(|group| group.description.clone_from(&description));
                self.touched.insert(id);
            }
            Change::DeleteGroup { id } => {
                self.groups.retain(|group| group.id != id);
                let look = self.actor.place.directory("DescribeGroup", json!({"GroupId": id}));
                self.gone.push((id, look));
            }
            Change::Join { group, user } => {
                let found = self.groups.iter_mut().filter(|have| have.id == group);
                found.for_each(|have| {
                    have.members.insert(user.clone(), made("MembershipId"));
                });
                self.touched.insert(group);
            }
            Change::Leave { group, user, .. } => {
                let found = self.groups.iter_mut().filter(|have| have.id == group);
                found.for_each(|have| {
                    have.members.remove(&user);
                });
                self.touched.insert(group);
            }
        }
    }

    /// After a restart: learns what became of the change in doubt, and looks at everything touched.
    pub(crate) async fn settle(&mut self, fates: &Fates) -> anyhow::Result<()> {
        if let Some((number, change, before)) = self.open.take() {
            let fate = fates.of(number)?;
            if let Fate::There(answered) = fate {
                ensure!(!before || change.refusal_of_the_second().is_none(), "{change:?} was done twice");
                self.apply(&change, |member| {
                    let mut name = member.to_owned();
                    name.get_mut(..1).into_iter().for_each(str::make_ascii_lowercase);
                    text(answered, &format!("/{name}"))
                });
            }
            self.again = Some((change, before || matches!(fate, Fate::There(_))));
        }
        let touched = std::mem::take(&mut self.touched);
        for user in self.users.iter().filter(|user| touched.contains(&user.id)) {
            self.look_at_user(user).await?;
        }
        for group in self.groups.iter().filter(|group| touched.contains(&group.id)) {
            self.look_at_group(group).await?;
        }
        for (id, look) in std::mem::take(&mut self.gone) {
            let answer = self.actor.look(look).await?;
            ensure!(answer.code() == "ResourceNotFoundException", "{id} was deleted: {}", answer.shown());
        }
        Ok(())
    }

    async fn look_at_user(&self, user: &User) -> anyhow::Result<()> {
        let found =
            self.actor.see(self.actor.place.directory("DescribeUser", json!({"UserId": user.id}))).await?;
        ensure!(
            text(&found, "/UserName") == user.name && text(&found, "/DisplayName") == user.shown,
            "{user:?} should be there; what is there: {found}"
        );
        let by_name = json!({"UniqueAttribute": {"AttributePath": "userName", "AttributeValue": user.name}});
        let ask = self.actor.place.directory("GetUserId", json!({"AlternateIdentifier": by_name}));
        ensure!(text(&self.actor.see(ask).await?, "/UserId") == user.id, "{} names another user", user.name);
        Ok(())
    }

    async fn look_at_group(&self, group: &Group) -> anyhow::Result<()> {
        let place = &self.actor.place;
        let found = self.actor.see(place.directory("DescribeGroup", json!({"GroupId": group.id}))).await?;
        ensure!(
            text(&found, "/DisplayName") == group.name && text(&found, "/Description") == group.description,
            "{group:?} should be there; what is there: {found}"
        );
        let page = |token: Option<&str>| {
            let mut input = json!({"GroupId": group.id});
            if let Some(token) = token {
                input["NextToken"] = json!(token);
            }
            place.directory("ListGroupMemberships", input)
        };
        let rows = self.actor.list("GroupMemberships", page).await?;
        let members: BTreeMap<String, String> =
            rows.iter().map(|row| (text(row, "/MemberId/UserId"), text(row, "/MembershipId"))).collect();
        ensure!(
            members == group.members && rows.len() == members.len(),
            "the members of {group:?} are {members:?}"
        );
        Ok(())
    }

    /// At the end: looks at everything again.
    pub(crate) async fn settle_all(&mut self) -> anyhow::Result<()> {
        if self.open.is_some() {
            bail!("a change is still in doubt");
        }
        self.touched.extend(self.users.iter().map(|user| user.id.clone()));
        self.touched.extend(self.groups.iter().map(|group| group.id.clone()));
        self.settle(&Fates::default()).await
    }

    /// The names of the users that must be there.
    pub(crate) fn user_names(&self) -> impl Iterator<Item = String> {
        self.users.iter().map(|user| user.name.clone())
    }

    /// The names of the groups that must be there.
    pub(crate) fn group_names(&self) -> impl Iterator<Item = String> {
        self.groups.iter().map(|group| group.name.clone())
    }
}

/// Everything that a list of the identity store names.
pub(crate) async fn names(
    actor: &Actor,
    (operation, member, name): (&str, &str, &str),
) -> anyhow::Result<Vec<String>> {
    let page = |token: Option<&str>| {
        let mut input = json!({"MaxResults": 100});
        if let Some(token) = token {
            input["NextToken"] = json!(token);
        }
        actor.place.directory(operation, input)
    };
    let rows = actor.list(member, page).await?;
    Ok(rows.iter().map(|row| text(row, name)).collect())
}

/// A change of the directory outside a worker's rows: its answer, or nothing while nobody knows.
pub(crate) async fn change(
    actor: &Actor,
    (what, records): (&'static str, &'static [&'static str]),
    input: Value,
) -> anyhow::Result<Result<Option<Answer>, usize>> {
    match actor.change(what, records, actor.place.directory(what, input)).await? {
        Reply::Open(number) => Ok(Err(number)),
        Reply::Done(answer) | Reply::Refused(answer) => Ok(Ok(done(what, answer)?)),
    }
}
