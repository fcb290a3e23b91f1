//! Permission sets, their tags and policies, and who is assigned them: changes on sets that one worker alone owns, and the look whether
//! everything is as it was left.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{bail, ensure};
use rand::Rng as _;
use rand::seq::IndexedRandom as _;
use serde_json::{Value, json};

use crate::actor::{Actor, Reply, done, text};
use crate::assignments::{Assignments, Kind, Target};
use crate::trail::{Fate, Fates, Trail};

/// Permission sets that a worker keeps at most.
const KEPT: usize = 4;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Set {
    arn: String,
    name: String,
    description: String,
    policy: String,
    tags: BTreeMap<String, String>,
}

#[derive(Debug, Clone)]
enum Change {
    Create { name: String },
    Describe { arn: String, description: String },
    PutPolicy { arn: String, policy: String },
    Tag { arn: String, key: String, value: String },
    Untag { arn: String, key: String },
    Delete { arn: String },
}

impl Change {
    fn what(&self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::Create { .. } => ("CreatePermissionSet", &["CreatePermissionSet"]),
            Self::Describe { .. } => ("UpdatePermissionSet", &["UpdatePermissionSet"]),
            Self::PutPolicy { .. } => ("PutInlinePolicyToPermissionSet", &["PutInlinePolicyToPermissionSet"]),
            Self::Tag { .. } => ("TagResource", &["TagResource"]),
            Self::Untag { .. } => ("UntagResource", &["UntagResource"]),
            Self::Delete { .. } => ("DeletePermissionSet", &["DeletePermissionSet"]),
        }
    }

    fn input(&self) -> Value {
        match self {
            Self::Create { name } => json!({"Name": name, "Description": name}),
            Self::Describe { arn, description } => {
                json!({"PermissionSetArn": arn, "Description": description})
            }
            Self::PutPolicy { arn, policy } => json!({"PermissionSetArn": arn, "InlinePolicy": policy}),
            Self::Tag { arn, key, value } => {
                json!({"ResourceArn": arn, "Tags": [{"Key": key, "Value": value}]})
            }
            Self::Untag { arn, key } => json!({"ResourceArn": arn, "TagKeys": [key]}),
            Self::Delete { arn } => json!({"PermissionSetArn": arn}),
        }
    }
}

/// A worker on permission sets and assignments.
#[derive(Debug)]
pub(crate) struct Access {
    pub(crate) actor: Actor,
    tag: String,
    serial: usize,
    /// Where and to whom it assigns.
    accounts: Vec<String>,
    users: Vec<String>,
    sets: Vec<Set>,
    assignments: Assignments,
    touched: BTreeSet<String>,
    gone: Vec<String>,
    open: Option<(usize, Change)>,
}

impl Access {
    /// A worker whose permission sets all carry `tag`.
    pub(crate) fn new(actor: Actor, tag: String, accounts: Vec<String>, users: Vec<String>) -> Self {
        Self {
            actor,
            tag,
            serial: 0,
            accounts,
            users,
            sets: Vec::new(),
            assignments: Assignments::default(),
            touched: BTreeSet::new(),
            gone: Vec::new(),
            open: None,
        }
    }

    fn fresh(&mut self) -> String {
        self.serial += 1;
        format!("{}-{}", self.tag, self.serial)
    }

    /// Asks for one change. False when there is nobody to ask.
    pub(crate) async fn step(&mut self) -> anyhow::Result<bool> {
        let die = self.actor.random.random_range(0..100);
        if self.assignments.waits() && die < 60 {
            tokio::time::sleep(std::time::Duration::from_millis(3)).await;
            return self.assignments.poll(&self.actor).await;
        }
        if !self.assignments.waits() && die < 45 && !self.sets.is_empty() {
            return self.assign().await;
        }
        let change = self.pick();
        let (what, records) = change.what();
        let ask = self.actor.place.admin(what, change.input());
        match self.actor.change(what, records, ask).await? {
            Reply::Open(number) => {
                self.open = Some((number, change));
                return Ok(false);
            }
            Reply::Done(answer) | Reply::Refused(answer) => {
                if let Some(answer) = done(what, answer)? {
                    self.apply(change, text(&answer.json(), "/PermissionSet/PermissionSetArn"));
                }
            }
        }
        Ok(true)
    }

    async fn assign(&mut self) -> anyhow::Result<bool> {
        let random = &mut self.actor.random;
        let (Some(set), Some(account), Some(user)) =
            (self.sets.choose(random), self.accounts.choose(random), self.users.choose(random))
        else {
            bail!("nothing to assign");
        };
        let target = Target { account: account.clone(), set: set.arn.clone(), user: user.clone() };
        let kind = if self.assignments.standing.contains(&target) { Kind::Deletion } else { Kind::Creation };
        self.assignments.ask(&self.actor, kind, target).await
    }

    fn pick(&mut self) -> Change {
        let unused = self.sets.iter().find(|set| !self.assignments.uses(&set.arn)).map(|set| set.arn.clone());
        let Some(set) = self.sets.choose(&mut self.actor.random).cloned() else {
            return Change::Create { name: self.fresh() };
        };
        let die = self.actor.random.random_range(0..100);
        match (unused, set.tags.keys().next()) {
            (Some(arn), _) if die < 15 => Change::Delete { arn },
            _ if die < 30 && self.sets.len() < KEPT => Change::Create { name: self.fresh() },
            (_, Some(key)) if die < 45 => Change::Untag { arn: set.arn.clone(), key: key.clone() },
            _ if die < 65 => Change::Tag {
                key: format!("key-{}", self.actor.random.random_range(0..4)),
                value: self.fresh(),
                arn: set.arn,
            },
            _ if die < 80 => Change::PutPolicy {
                policy: json!({"Version": "2012-10-17", "Statement": [
                    {"Sid": format!("S{}", self.actor.random.random_range(0..1_000_000)),
                     "Effect": "Allow", "Action": "sso:List*", "Resource": "*"},
                ]})
                .to_string(),
                arn: set.arn,
            },
            _ => Change::Describe { description: self.fresh(), arn: set.arn },
        }
    }

    /// Counts a change as done; `made` is the ARN of what it led to.
    fn apply(&mut self, change: Change, made: String) {
        let mut edit = |arn: String, with: &dyn Fn(&mut Set)| {
            self.sets.iter_mut().filter(|set| set.arn == arn).for_each(with);
            self.touched.insert(arn);
        };
        match change {
            Change::Create { name } => {
                self.touched.insert(made.clone());
                self.sets.push(Set {
                    arn: made,
                    description: name.clone(),
                    name,
                    policy: String::new(),
                    tags: BTreeMap::new(),
                });
            }
            Change::Describe { arn, description } => {
                edit(arn, &|set| set.description.clone_from(&description));
            }
            Change::PutPolicy { arn, policy } => edit(arn, &|set| set.policy.clone_from(&policy)),
            Change::Tag { arn, key, value } => edit(arn, &|set| {
                set.tags.insert(key.clone(), value.clone());
            }),
            Change::Untag { arn, key } => edit(arn, &|set| {
                set.tags.remove(&key);
            }),
            Change::Delete { arn } => {
                self.sets.retain(|set| set.arn != arn);
                self.gone.push(arn);
            }
        }
    }

    /// After a restart: learns what became of what is in doubt, waits for what is on its way, and looks at everything touched.
    pub(crate) async fn settle(&mut self, fates: &Fates) -> anyhow::Result<()> {
        if let Some((number, change)) = self.open.take()
            && let Fate::There(answered) = fates.of(number)?
        {
            let made = text(answered, "/permissionSet/permissionSetArn");
            self.apply(change, made);
        }
        self.assignments.settle(&self.actor, fates).await?;
        let touched = std::mem::take(&mut self.touched);
        for set in self.sets.iter().filter(|set| touched.contains(&set.arn)) {
            self.look_at(set).await?;
        }
        for arn in std::mem::take(&mut self.gone) {
            let ask = self.actor.place.admin("DescribePermissionSet", json!({"PermissionSetArn": arn}));
            let answer = self.actor.look(ask).await?;
            ensure!(answer.code() == "ResourceNotFoundException", "{arn} was deleted: {}", answer.shown());
        }
        Ok(())
    }

    async fn look_at(&self, set: &Set) -> anyhow::Result<()> {
        let place = &self.actor.place;
        let which = json!({"PermissionSetArn": set.arn});
        let found = self.actor.see(place.admin("DescribePermissionSet", which.clone())).await?;
        let policy = self.actor.see(place.admin("GetInlinePolicyForPermissionSet", which)).await?;
        let tags =
            self.actor.see(place.admin("ListTagsForResource", json!({"ResourceArn": set.arn}))).await?;
        let tags = tags.get("Tags").and_then(Value::as_array).cloned().unwrap_or_default();
        let there = Set {
            arn: text(&found, "/PermissionSet/PermissionSetArn"),
            name: text(&found, "/PermissionSet/Name"),
            description: text(&found, "/PermissionSet/Description"),
            policy: text(&policy, "/InlinePolicy"),
            tags: tags.iter().map(|tag| (text(tag, "/Key"), text(tag, "/Value"))).collect(),
        };
        ensure!(there == *set, "should be: {set:?}; is: {there:?}");
        Ok(())
    }

    /// Holds the work that was asked for against its records.
    pub(crate) fn judge(&mut self, trail: &Trail) -> anyhow::Result<()> {
        self.assignments.judge(trail)
    }

    /// At the end: looks at everything again.
    pub(crate) async fn settle_all(&mut self) -> anyhow::Result<()> {
        self.touched.extend(self.sets.iter().map(|set| set.arn.clone()));
        self.settle(&Fates::default()).await
    }

    /// The ARNs of the permission sets that must be there.
    pub(crate) fn arns(&self) -> impl Iterator<Item = String> {
        self.sets.iter().map(|set| set.arn.clone())
    }

    /// The names of the permission sets that an account must hold as roles.
    pub(crate) fn provisioned(&self, account: &str) -> BTreeSet<String> {
        let here = self.assignments.standing.iter().filter(|target| target.account == account);
        let named = |target: &Target| self.sets.iter().find(|set| set.arn == target.set);
        here.filter_map(|target| Some(named(target)?.name.clone())).collect()
    }
}
