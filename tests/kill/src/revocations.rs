//! What is taken away counts at the very next call, and what is given too, while others ask the real server on every connection: a membership, an
//! assignment, a policy, a session, a person. Whoever began to ask after a change was answered, and had the answer before the next one began,
//! must have been told the state between. The short form of the same, on every kind, is `crates/edge-aws/tests/it/revocation.rs`.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use http::Method;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::actor::{Actor, text};
use crate::http::{Ask, Keys, encode_pairs};
use crate::people::{People, Person};
use crate::say;
use crate::server::Setting;
use crate::world::{Plan, World};

/// Who asks at once.
const READERS: usize = 8;
/// Sessions that are ended, for each thousand tries of another kind.
const SESSIONS_MIN: u64 = 3;

/// A run on one engine.
#[derive(Debug, Clone)]
pub(crate) struct Tries<'t> {
    pub(crate) binary: &'t Path,
    pub(crate) seed: u64,
    pub(crate) database: Option<String>,
    /// Answers that are held against the state, of each kind that can be taken and given again.
    pub(crate) of_each: u64,
}

/// The case.
pub(crate) async fn hammer(tries: Tries<'_>) -> anyhow::Result<()> {
    let setting = Setting { database: tries.database.clone(), ..Setting::default() };
    let plan = Plan { binary: tries.binary, setting, data: None, seed: tries.seed, leavers: 0 };
    let mut world = World::new(plan).await?;
    let ended = every_kind(&tries, &mut world).await;
    world.close(ended).await
}

async fn every_kind(tries: &Tries<'_>, world: &mut World) -> anyhow::Result<()> {
    let mut person = world.take_person().context("nobody has a set of their own")?;
    let token = signed_in(&mut person).await?;
    let admin = Admin { actor: actor(&person, 0), person: person.person.clone() };
    let roles = |name: &str| Question {
        ask: bearer(&format!("/assignment/roles?account_id={}", admin.person.account), &token),
        shows: format!("\"roleName\":\"{name}\""),
    };

    let mut membership = admin.membership().await?;
    let question = roles("Common");
    let mut asked = Asked::begin(&person, question);
    while asked.tries() < tries.of_each {
        asked.change(false, admin.leave(&membership)).await?;
        membership = asked.change(true, admin.join()).await?;
    }
    asked.end("membership").await?;

    let mut asked = Asked::begin(&person, roles(&admin.person.set));
    while asked.tries() < tries.of_each {
        asked.change(false, admin.assign("Delete", "Deletion")).await?;
        asked.change(true, admin.assign("Create", "Creation")).await?;
    }
    asked.end("assignment").await?;

    admin.allow("iam:ListRoles").await?;
    let keys = admin.keys(&token).await?;
    let list = Ask::query(&keys, "iam", &[("Action", "ListRoles"), ("Version", "2010-05-08")]);
    let mut asked = Asked::begin(&person, Question { ask: list, shows: "<Roles>".to_owned() });
    while asked.tries() < tries.of_each {
        asked.change(false, admin.allow("s3:*")).await?;
        asked.change(true, admin.allow("iam:ListRoles")).await?;
    }
    asked.end("policy").await?;

    for _ in 0..SESSIONS_MIN.max(tries.of_each / 5_000) {
        let token = signed_in(&mut person).await?;
        let mut asked = Asked::begin(
            &person,
            Question { ask: bearer("/assignment/accounts", &token), shows: "accountList".to_owned() },
        );
        let logout = Ask::plain(Method::POST, "/logout", "").with("x-amz-sso_bearer_token", &token);
        asked.change(false, admin.actor.look(logout)).await?;
        tokio::time::sleep(Duration::from_millis(20)).await;
        asked.end("").await?;
        person.session_ended();
    }
    let token = signed_in(&mut person).await?;
    let keys = admin.keys(&token).await?;
    let who = Ask::query(&keys, "sts", &[("Action", "GetCallerIdentity"), ("Version", "2011-06-15")]);
    let mut by_keys = Asked::begin(&person, Question { ask: who, shows: "<Arn>".to_owned() });
    by_keys.change(false, admin.directory("DeleteUser", json!({"UserId": admin.person.id}))).await?;
    ensure!(!admin.may(&roles("Common")).await?, "the token of somebody who is gone is good");
    tokio::time::sleep(Duration::from_millis(100)).await;
    by_keys.end("person").await
}

/// A call, and what its answer shows while the caller may.
#[derive(Debug, Clone)]
struct Question {
    ask: Ask,
    shows: String,
}

fn bearer(path: &str, token: &str) -> Ask {
    Ask::plain(Method::GET, path, "").with("x-amz-sso_bearer_token", token)
}

fn actor(person: &People, number: usize) -> Actor {
    Actor::new(&person.actor.place, StdRng::seed_from_u64(0), format!("192.0.2.{}", 10 + number))
}

/// An access token of the person's.
async fn signed_in(person: &mut People) -> anyhow::Result<String> {
    while person.family.as_ref().is_none_or(|family| !family.redeemed) {
        ensure!(person.step().await?, "nobody to ask");
    }
    person.family.as_ref().and_then(|family| family.access.last()).cloned().context("no token")
}

/// What readers and whoever changes something share.
#[derive(Debug, Default)]
struct Shared {
    /// Odd while a change is under way; even, and what was last given: a multiple of four.
    phase: AtomicU64,
    tries: AtomicU64,
    ended: AtomicBool,
}

impl Shared {
    /// Asks until it is over, and holds the answers against the state.
    async fn read(&self, actor: &Actor, question: &Question) -> anyhow::Result<()> {
        while !self.ended.load(Ordering::SeqCst) {
            let before = self.phase.load(Ordering::SeqCst);
            let may = may(actor, question).await?;
            if before.is_multiple_of(2) && before == self.phase.load(Ordering::SeqCst) {
                ensure!(may == before.is_multiple_of(4), "{} after change {before}: {may}", question.shows);
                self.tries.fetch_add(1, Ordering::Relaxed);
            }
        }
        Ok(())
    }
}

/// A question that is asked all the time.
struct Asked {
    shared: Arc<Shared>,
    question: Question,
    asks: Actor,
    readers: JoinSet<anyhow::Result<()>>,
}

async fn may(actor: &Actor, question: &Question) -> anyhow::Result<bool> {
    let answer = actor.look(question.ask.clone()).await?;
    ensure!(!answer.status.is_server_error(), "{}: {}", question.ask.path, answer.shown());
    Ok(answer.status.is_success() && answer.text().contains(&question.shows))
}

impl Asked {
    fn begin(person: &People, question: Question) -> Self {
        let shared = Arc::<Shared>::default();
        let mut readers = JoinSet::new();
        for number in 0..READERS {
            let (shared, question, actor) = (shared.clone(), question.clone(), actor(person, number + 1));
            readers.spawn(async move { shared.read(&actor, &question).await });
        }
        Self { shared, question, asks: actor(person, 0), readers }
    }

    fn tries(&self) -> u64 {
        self.shared.tries.load(Ordering::Relaxed)
    }

    /// Makes a change, and asks at once.
    async fn change<T>(
        &mut self,
        give: bool,
        change: impl Future<Output = anyhow::Result<T>>,
    ) -> anyhow::Result<T> {
        self.shared.phase.fetch_add(1, Ordering::SeqCst);
        let made = change.await?;
        self.shared.phase.fetch_add(1, Ordering::SeqCst);
        ensure!(
            may(&self.asks, &self.question).await? == give,
            "the very next call: {}",
            self.question.shows
        );
        self.shared.tries.fetch_add(1, Ordering::Relaxed);
        if let Some(ended) = self.readers.try_join_next() {
            ended??;
            bail!("a reader ended");
        }
        Ok(made)
    }

    async fn end(mut self, what: &str) -> anyhow::Result<()> {
        self.shared.ended.store(true, Ordering::SeqCst);
        while let Some(ended) = self.readers.join_next().await {
            ended??;
        }
        if !what.is_empty() {
            let changes = self.shared.phase.load(Ordering::SeqCst) / 2;
            say(&format!("   {what}: {} answers held against {changes} changes", self.tries()));
        }
        Ok(())
    }
}

/// Who changes what the person may.
struct Admin {
    actor: Actor,
    person: Person,
}

impl Admin {
    async fn may(&self, question: &Question) -> anyhow::Result<bool> {
        may(&self.actor, question).await
    }

    async fn directory(&self, operation: &str, input: Value) -> anyhow::Result<Value> {
        self.actor.see(self.actor.place.directory(operation, input)).await
    }

    async fn group(&self) -> anyhow::Result<String> {
        let by_name = json!({"AttributePath": "displayName", "AttributeValue": "everybody"});
        let input = json!({"AlternateIdentifier": {"UniqueAttribute": by_name}});
        Ok(text(&self.directory("GetGroupId", input).await?, "/GroupId"))
    }

    async fn membership(&self) -> anyhow::Result<String> {
        let input = json!({"GroupId": self.group().await?, "MemberId": {"UserId": self.person.id}});
        Ok(text(&self.directory("GetGroupMembershipId", input).await?, "/MembershipId"))
    }

    async fn leave(&self, membership: &str) -> anyhow::Result<Value> {
        self.directory("DeleteGroupMembership", json!({"MembershipId": membership})).await
    }

    async fn join(&self) -> anyhow::Result<String> {
        let input = json!({"GroupId": self.group().await?, "MemberId": {"UserId": self.person.id}});
        Ok(text(&self.directory("CreateGroupMembership", input).await?, "/MembershipId"))
    }

    fn set(&self) -> anyhow::Result<&str> {
        self.person.own_set.as_deref().context("no set of their own")
    }

    async fn assign(&self, verb: &str, noun: &str) -> anyhow::Result<()> {
        let input = json!({
            "PermissionSetArn": self.set()?, "TargetId": self.person.account, "TargetType": "AWS_ACCOUNT",
            "PrincipalType": "USER", "PrincipalId": self.person.id,
        });
        let asked = self.admin(&format!("{verb}AccountAssignment"), input).await?;
        let status = format!("AccountAssignment{noun}Status");
        let id = text(&asked, &format!("/{status}/RequestId"));
        let input = json!({ format!("AccountAssignment{noun}RequestId"): id });
        self.settled(&format!("Describe{status}"), input, &status).await
    }

    /// The set allows this one action where it is assigned.
    async fn allow(&self, action: &str) -> anyhow::Result<()> {
        let statement = json!({"Effect": "Allow", "Action": action, "Resource": "*"});
        let policy = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
        let input = json!({"PermissionSetArn": self.set()?, "InlinePolicy": policy});
        self.admin("PutInlinePolicyToPermissionSet", input).await?;
        let input = json!({"PermissionSetArn": self.set()?, "TargetType": "ALL_PROVISIONED_ACCOUNTS"});
        let asked = self.admin("ProvisionPermissionSet", input).await?;
        let id = text(&asked, "/PermissionSetProvisioningStatus/RequestId");
        let input = json!({"ProvisionPermissionSetRequestId": id});
        let status = "PermissionSetProvisioningStatus";
        self.settled("DescribePermissionSetProvisioningStatus", input, status).await
    }

    async fn admin(&self, operation: &str, input: Value) -> anyhow::Result<Value> {
        self.actor.see(self.actor.place.admin(operation, input)).await
    }

    async fn settled(&self, operation: &str, input: Value, status: &str) -> anyhow::Result<()> {
        for _ in 0..2_000 {
            let found = self.admin(operation, input.clone()).await?;
            match text(&found, &format!("/{status}/Status")).as_str() {
                "IN_PROGRESS" => tokio::time::sleep(Duration::from_millis(2)).await,
                "SUCCEEDED" => return Ok(()),
                _ => bail!("{operation}: {found}"),
            }
        }
        bail!("{operation}: it never ended")
    }

    async fn keys(&self, token: &str) -> anyhow::Result<Keys> {
        let pairs = [("account_id", self.person.account.as_str()), ("role_name", &self.person.set)];
        let ask = bearer(&format!("/federation/credentials?{}", encode_pairs(&pairs)), token);
        let made = self.actor.see(ask).await?;
        Ok(Keys {
            id: text(&made, "/roleCredentials/accessKeyId"),
            secret: text(&made, "/roleCredentials/secretAccessKey"),
            token: Some(text(&made, "/roleCredentials/sessionToken")),
        })
    }
}
