//! Assignments as requests that the server carries out later: asked for, followed to their end, and held against the record of the work,
//! the rows and the role that they led to. Knows nothing of who uses them.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use crate::actor::{Actor, Reply, done, text};
use crate::http::{Ask, Keys, between};
use crate::trail::{Fate, Fates, Trail};

/// How long after a restart a request may take to end.
const SECONDS: Duration = Duration::from_secs(8);

/// Who is assigned what where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Target {
    pub(crate) account: String,
    pub(crate) set: String,
    pub(crate) user: String,
}

/// Whether an assignment is to be made or to be ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Creation,
    Deletion,
}

impl Kind {
    const fn what(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::Creation => ("CreateAccountAssignment", &["CreateAccountAssignment"]),
            Self::Deletion => ("DeleteAccountAssignment", &["DeleteAccountAssignment"]),
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Creation => "Creation",
            Self::Deletion => "Deletion",
        }
    }
}

/// A request on its way.
#[derive(Debug, Clone)]
struct Request {
    kind: Kind,
    target: Target,
    id: String,
}

/// The assignments that one worker alone owns.
#[derive(Debug, Default)]
pub(crate) struct Assignments {
    /// What stands.
    pub(crate) standing: BTreeSet<Target>,
    waiting: Option<Request>,
    open: Option<(usize, Kind, Target)>,
    /// Requests that have ended and whose records nobody has looked at, with what must have happened to the role.
    ended: Vec<(Request, Option<&'static str>)>,
    touched: BTreeSet<(String, String)>,
}

impl Assignments {
    /// Whether a request is on its way.
    pub(crate) fn waits(&self) -> bool {
        self.waiting.is_some()
    }

    /// Whether a permission set is of use to anybody, or may become so.
    pub(crate) fn uses(&self, set: &str) -> bool {
        self.standing.iter().any(|target| target.set == set)
            || self.waiting.as_ref().is_some_and(|request| request.target.set == set)
    }

    /// Asks. False when there is nobody to ask.
    pub(crate) async fn ask(&mut self, actor: &Actor, kind: Kind, target: Target) -> anyhow::Result<bool> {
        let (what, records) = kind.what();
        let input = json!({
            "PermissionSetArn": target.set, "TargetId": target.account, "TargetType": "AWS_ACCOUNT",
            "PrincipalType": "USER", "PrincipalId": target.user,
        });
        match actor.change(what, records, actor.place.admin(what, input)).await? {
            Reply::Open(number) => {
                self.open = Some((number, kind, target));
                Ok(false)
            }
            Reply::Done(answer) | Reply::Refused(answer) => {
                if let Some(answer) = done(what, answer)? {
                    let id =
                        text(&answer.json(), &format!("/AccountAssignment{}Status/RequestId", kind.word()));
                    self.waiting = Some(Request { kind, target, id });
                }
                Ok(true)
            }
        }
    }

    /// Looks once how the request on its way fares. False when there is nobody to ask.
    pub(crate) async fn poll(&mut self, actor: &Actor) -> anyhow::Result<bool> {
        let Some(request) = self.waiting.clone() else { return Ok(true) };
        let Ok(answer) = actor.look(status(actor, &request)).await else { return Ok(false) };
        if !answer.status.is_success() {
            ensure!(answer.status.is_server_error(), "{request:?}: {}", answer.shown());
            return Ok(true);
        }
        let word = request.kind.word();
        let found = answer.json();
        let found = found.get(format!("AccountAssignment{word}Status")).context("no status")?;
        match text(found, "/Status").as_str() {
            "IN_PROGRESS" => {}
            "SUCCEEDED" => self.end(request),
            _ => anyhow::bail!("{request:?} ended as {found}"),
        }
        Ok(true)
    }

    fn end(&mut self, request: Request) {
        self.waiting = None;
        let target = request.target.clone();
        let others =
            |have: &Target| have.set == target.set && have.account == target.account && *have != target;
        let alone = !self.standing.iter().any(others);
        let role = match request.kind {
            Kind::Creation if alone && !self.standing.contains(&target) => Some("CreateRole"),
            Kind::Deletion if alone => Some("DeleteRole"),
            _ => None,
        };
        match request.kind {
            Kind::Creation => self.standing.insert(target.clone()),
            Kind::Deletion => self.standing.remove(&target),
        };
        self.touched.insert((target.account, target.set));
        self.ended.push((request, role));
    }

    /// After a restart: learns what became of the request in doubt, and waits until it has ended.
    pub(crate) async fn settle(&mut self, actor: &Actor, fates: &Fates) -> anyhow::Result<()> {
        if let Some((number, kind, target)) = self.open.take()
            && let Fate::There(answered) = fates.of(number)?
        {
            let id = text(answered, &format!("/accountAssignment{}Status/requestId", kind.word()));
            self.waiting = Some(Request { kind, target, id });
        }
        let begun = Instant::now();
        while self.waits() {
            self.poll(actor).await?;
            ensure!(begun.elapsed() < SECONDS, "{:?} does not end", self.waiting);
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        for (account, set) in std::mem::take(&mut self.touched) {
            self.look_at(actor, &account, &set).await?;
        }
        Ok(())
    }

    /// Who is assigned a permission set in an account, and whether it is provisioned there, must be what is known.
    async fn look_at(&self, actor: &Actor, account: &str, set: &str) -> anyhow::Result<()> {
        let wanted = self.standing.iter().filter(|target| target.account == account && target.set == set);
        let wanted: BTreeSet<String> = wanted.map(|target| target.user.clone()).collect();
        let ask = json!({"AccountId": account, "PermissionSetArn": set, "MaxResults": 100});
        let listed = actor.look(actor.place.admin("ListAccountAssignments", ask)).await?;
        if listed.code() == "ResourceNotFoundException" && wanted.is_empty() {
            // The permission set itself has been deleted since.
            return Ok(());
        }
        let listed = listed.json();
        let rows = listed.get("AccountAssignments").and_then(Value::as_array).context("no assignments")?;
        let found: BTreeSet<String> = rows.iter().map(|row| text(row, "/PrincipalId")).collect();
        ensure!(
            found == wanted && rows.len() == found.len(),
            "{set} in {account} should be {wanted:?}'s and is {found:?}'s"
        );
        let ask = json!({"PermissionSetArn": set, "MaxResults": 100});
        let listed = actor.see(actor.place.admin("ListAccountsForProvisionedPermissionSet", ask)).await?;
        let provisioned = listed.get("AccountIds").and_then(Value::as_array).context("no accounts")?;
        let provisioned = provisioned.iter().any(|id| id.as_str() == Some(account));
        ensure!(
            provisioned != wanted.is_empty(),
            "{set} in {account}: {} assignments, provisioned: {provisioned}",
            wanted.len()
        );
        Ok(())
    }

    /// Holds the requests that have ended against the records of the work.
    pub(crate) fn judge(&mut self, trail: &Trail) -> anyhow::Result<()> {
        for (request, role) in std::mem::take(&mut self.ended) {
            let (record, roles) = trail.work(&request.id)?;
            let failed = record.pointer("/serviceEventDetails/failureReason");
            ensure!(failed.is_none(), "{request:?} succeeded and its record says {failed:?}");
            let happened: Vec<&str> = roles.iter().map(String::as_str).collect();
            let fits = match role {
                Some(role) => happened == [role],
                None => happened.is_empty() || happened == ["UpdateRole"],
            };
            ensure!(fits, "{request:?} should have led to {role:?} and led to {happened:?}");
        }
        Ok(())
    }
}

fn status(actor: &Actor, request: &Request) -> Ask {
    let word = request.kind.word();
    let mut input = json!({});
    input[format!("AccountAssignment{word}RequestId")] = json!(request.id);
    actor.place.admin(&format!("DescribeAccountAssignment{word}Status"), input)
}

/// The roles of permission sets in an account, by name, as IAM lists them to whoever may administer the account.
pub(crate) async fn roles(actor: &Actor, account: &str) -> anyhow::Result<BTreeSet<String>> {
    let keys = if account == actor.place.management {
        actor.place.root.clone()
    } else {
        let role = format!("arn:aws:iam::{account}:role/OrganizationAccountAccessRole");
        let pairs = [
            ("Action", "AssumeRole"),
            ("Version", "2011-06-15"),
            ("RoleArn", &role),
            ("RoleSessionName", "kill"),
        ];
        let answer = actor.look(Ask::query(&actor.place.root, "sts", &pairs)).await?;
        let body = answer.text();
        let part = |name: &str| {
            let found = between(&body, &format!("<{name}>"), &format!("</{name}>"));
            found.map(str::to_owned).with_context(|| format!("no {name}: {}", answer.shown()))
        };
        Keys {
            id: part("AccessKeyId")?,
            secret: part("SecretAccessKey")?,
            token: Some(part("SessionToken")?),
        }
    };
    let pairs = [("Action", "ListRoles"), ("Version", "2010-05-08"), ("MaxItems", "1000")];
    let answer = actor.look(Ask::query(&keys, "iam", &pairs)).await?;
    ensure!(answer.status.is_success(), "ListRoles in {account}: {}", answer.shown());
    let body = answer.text();
    let names = body.split("<RoleName>").skip(1).filter_map(|rest| rest.split('<').next());
    Ok(names.filter_map(|name| name.strip_prefix("AWSReservedSSO_")).map(str::to_owned).collect())
}
