//! A server with everything that a run needs around it: the seed file, the accounts and permission sets to begin with, the workers, and
//! the one look at the whole that settles what is in doubt. Knows nothing of how the server is made to suffer.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, bail, ensure};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::access::Access;
use crate::actor::{Actor, Place, text};
use crate::assignments::roles;
use crate::directory::{Directory, names};
use crate::http::{Http, wall};
use crate::ledger::Ledger;
use crate::people::{People, Person};
use crate::say;
use crate::server::{Server, Setting};
use crate::trail::{Fates, Trail};

/// Workers of each kind.
const DIRECTORIES: usize = 6;
const ACCESSES: usize = 4;
const PEOPLE: usize = 8;
/// The password of everybody.
const PASSWORD: &str = "correct horse battery staple";
/// The permission set of those who share one.
const COMMON: &str = "Common";

/// One that keeps the server busy.
#[derive(Debug)]
enum Worker {
    Directory(Box<Directory>),
    Access(Box<Access>),
    People(Box<People>),
}

impl Worker {
    async fn step(&mut self) -> anyhow::Result<bool> {
        match self {
            Self::Directory(worker) => worker.step().await,
            Self::Access(worker) => worker.step().await,
            Self::People(worker) => worker.step().await,
        }
    }

    async fn settle(&mut self, fates: &Fates) -> anyhow::Result<()> {
        match self {
            Self::Directory(worker) => worker.settle(fates).await,
            Self::Access(worker) => worker.settle(fates).await,
            Self::People(worker) => worker.settle(fates).await,
        }
    }

    async fn settle_all(&mut self) -> anyhow::Result<()> {
        match self {
            Self::Directory(worker) => worker.settle_all().await,
            Self::Access(worker) => worker.settle_all().await,
            Self::People(worker) => worker.settle_all().await,
        }
    }

    fn judge(&mut self, trail: &Trail) -> anyhow::Result<()> {
        match self {
            Self::Directory(_) => Ok(()),
            Self::Access(worker) => worker.judge(trail),
            Self::People(worker) => worker.judge(trail),
        }
    }
}

/// The whole.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) reader: Actor,
    scratch: Option<TempDir>,
    trail: Trail,
    workers: Vec<Worker>,
    accounts: Vec<String>,
    mark: SystemTime,
    /// How far the time of a record may lie behind that of its request.
    pub(crate) slack: Duration,
    common_set: String,
    stop: Arc<AtomicBool>,
}

/// How a world is made.
#[derive(Debug)]
pub(crate) struct Plan<'p> {
    pub(crate) binary: &'p Path,
    pub(crate) setting: Setting,
    /// Where the data is to be; by default in the world's own home.
    pub(crate) data: Option<PathBuf>,
    /// What every choice depends on.
    pub(crate) seed: u64,
    /// People who may be deleted.
    pub(crate) leavers: usize,
}

/// Work that goes on.
#[derive(Debug)]
pub(crate) struct Load(JoinSet<anyhow::Result<Worker>>);

impl World {
    /// Makes an instance, starts it, and gives everybody what they begin with.
    pub(crate) async fn new(plan: Plan<'_>) -> anyhow::Result<Self> {
        let scratch = TempDir::with_prefix("portico-kill-")?;
        let home = scratch.path().to_owned();
        let leavers: Vec<String> = (0..plan.leavers).map(|number| format!("leaver-{number}")).collect();
        let people: Vec<String> = (0..PEOPLE).map(|number| format!("person-{number}")).collect();
        std::fs::write(home.join("seed.json"), seed_file(&people, &leavers)?.to_string())?;
        let data = plan.data.clone().unwrap_or_else(|| home.join("data"));
        let mut server = Server::init(plan.binary, &home, &data, plan.setting).await?;
        server.start().await?;
        let place = Place::new(&server, Ledger::new(&home.join("ledger.txt"))?);
        let reader = Actor::new(&place, StdRng::seed_from_u64(plan.seed), "192.0.2.1".to_owned());
        let mut world = Self {
            server,
            reader,
            scratch: Some(scratch),
            trail: Trail::default(),
            workers: Vec::new(),
            accounts: vec![place.management.clone()],
            mark: wall(),
            slack: Duration::from_secs(2),
            common_set: String::new(),
            stop: Arc::default(),
        };
        for name in ["first", "second"] {
            let made = world.make_account(name).await?;
            world.accounts.push(made);
        }
        world.make_workers(&place, plan.seed, &people, &leavers).await?;
        Ok(world)
    }

    async fn make_account(&self, name: &str) -> anyhow::Result<String> {
        let place = &self.reader.place;
        let input = json!({"AccountName": name, "Email": format!("{name}@kill.example")});
        let asked = self.reader.see(place.organizations("CreateAccount", &input)).await?;
        let input = json!({"CreateAccountRequestId": text(&asked, "/CreateAccountStatus/Id")});
        for _ in 0..1_000 {
            let found = self.reader.see(place.organizations("DescribeCreateAccountStatus", &input)).await?;
            if text(&found, "/CreateAccountStatus/State") == "SUCCEEDED" {
                return Ok(text(&found, "/CreateAccountStatus/AccountId"));
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        bail!("the account {name} was not made")
    }

    /// A permission set that is assigned; its ARN.
    async fn assign(&self, name: &str, account: &str, principal: (&str, &str)) -> anyhow::Result<String> {
        let place = &self.reader.place;
        let made = self.reader.see(place.admin("CreatePermissionSet", json!({"Name": name}))).await?;
        let arn = text(&made, "/PermissionSet/PermissionSetArn");
        let input = json!({
            "PermissionSetArn": arn, "TargetId": account, "TargetType": "AWS_ACCOUNT",
            "PrincipalType": principal.0, "PrincipalId": principal.1,
        });
        let asked = self.reader.see(place.admin("CreateAccountAssignment", input)).await?;
        let id = text(&asked, "/AccountAssignmentCreationStatus/RequestId");
        let input = json!({"AccountAssignmentCreationRequestId": id});
        for _ in 0..1_000 {
            let ask = place.admin("DescribeAccountAssignmentCreationStatus", input.clone());
            let found = self.reader.see(ask).await?;
            if text(&found, "/AccountAssignmentCreationStatus/Status") == "SUCCEEDED" {
                return Ok(arn);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        bail!("the permission set {name} was not assigned")
    }

    async fn make_workers(
        &mut self,
        place: &Arc<Place>,
        seed: u64,
        people: &[String],
        leavers: &[String],
    ) -> anyhow::Result<()> {
        let by_name =
            |name: &str| json!({"UniqueAttribute": {"AttributePath": "displayName", "AttributeValue": name}});
        let ask = place.directory("GetGroupId", json!({"AlternateIdentifier": by_name("everybody")}));
        let everybody = text(&self.reader.see(ask).await?, "/GroupId");
        let account = self.accounts.get(1).context("no account")?.clone();
        self.common_set = self.assign(COMMON, &account, ("GROUP", &everybody)).await?;
        let mut shared: Vec<Person> = Vec::new();
        for name in leavers {
            shared.push(self.person(name, &account).await?);
        }
        let mut next = 0;
        let mut actor = |kind: u8| {
            next += 1;
            let random = StdRng::seed_from_u64(seed.wrapping_mul(1_000).wrapping_add(next));
            Actor::new(place, random, format!("10.{kind}.0.{next}"))
        };
        let mut workers = Vec::new();
        for number in 0..DIRECTORIES {
            workers.push(Worker::Directory(Box::new(Directory::new(actor(1), format!("d{number}")))));
        }
        let mut ids = Vec::new();
        for (number, name) in people.iter().enumerate() {
            let mut person = self.person(name, &account).await?;
            let actor = actor(2);
            // Half of them have a permission set of their own, which they lose and get back; the others are deleted one after the other.
            if number % 2 == 0 {
                ids.push(person.id.clone());
                person.set = format!("Own-{number}");
                person.own_set = Some(self.assign(&person.set, &account, ("USER", &person.id)).await?);
                workers.push(Worker::People(Box::new(People::new(actor, person, Vec::new()))));
            } else {
                let mine = shared.split_off(shared.len() - shared.len() / (PEOPLE - number).div_ceil(2));
                workers.push(Worker::People(Box::new(People::new(actor, person, mine))));
            }
        }
        for number in 0..ACCESSES {
            let worker = Access::new(actor(3), format!("a{number}"), self.accounts.clone(), ids.clone());
            workers.push(Worker::Access(Box::new(worker)));
        }
        self.workers = workers;
        Ok(())
    }

    async fn person(&self, name: &str, account: &str) -> anyhow::Result<Person> {
        let by_name = json!({"UniqueAttribute": {"AttributePath": "userName", "AttributeValue": name}});
        let ask = self.reader.place.directory("GetUserId", json!({"AlternateIdentifier": by_name}));
        Ok(Person {
            id: text(&self.reader.see(ask).await?, "/UserId"),
            name: name.to_owned(),
            password: PASSWORD.to_owned(),
            set: COMMON.to_owned(),
            account: account.to_owned(),
            own_set: None,
        })
    }

    /// A permission set that nobody changes: for a change that harms nobody.
    pub(crate) fn common_set(&self) -> &str {
        &self.common_set
    }

    /// A person with a permission set of their own, who works no more.
    pub(crate) fn take_person(&mut self) -> Option<People> {
        let mine = |worker: &Worker| matches!(worker, Worker::People(one) if one.person.own_set.is_some());
        let at = self.workers.iter().position(mine)?;
        match self.workers.swap_remove(at) {
            Worker::People(person) => Some(*person),
            Worker::Directory(_) | Worker::Access(_) => None,
        }
    }

    /// Everybody's clock follows the server's, which was set; what is good for an hour may be over by it.
    pub(crate) fn set_clocks(&mut self, ahead: i64, over: bool) {
        self.reader.http.ahead = ahead;
        for worker in &mut self.workers {
            match worker {
                Worker::Directory(worker) => worker.actor.http.ahead = ahead,
                Worker::Access(worker) => worker.actor.http.ahead = ahead,
                Worker::People(worker) => {
                    worker.actor.http.ahead = ahead;
                    if over {
                        worker.an_hour_later();
                    }
                }
            }
        }
    }

    /// Every other one turns to another server of the same instance.
    pub(crate) fn spread(&mut self, host: &str) {
        for worker in self.workers.iter_mut().step_by(2) {
            match worker {
                Worker::Directory(worker) => worker.actor.http = Http::new(host),
                Worker::Access(worker) => worker.actor.http = Http::new(host),
                Worker::People(worker) => worker.actor.http = Http::new(host),
            }
        }
    }

    /// Lets everybody work until the server is gone or [`Self::rest`] is called.
    pub(crate) fn work(&mut self) -> Load {
        self.stop.store(false, Ordering::Release);
        let mut load = JoinSet::new();
        for mut worker in self.workers.drain(..) {
            let stop = self.stop.clone();
            load.spawn(async move {
                while !stop.load(Ordering::Acquire) && worker.step().await? {}
                Ok(worker)
            });
        }
        Load(load)
    }

    /// Returns once everybody has stopped.
    pub(crate) async fn rest(&mut self, mut load: Load) -> anyhow::Result<()> {
        self.stop.store(true, Ordering::Release);
        while let Some(done) = load.0.join_next().await {
            self.workers.push(done??);
        }
        Ok(())
    }

    /// Compares what was heard with what is there: the trail, then everything touched, then the work that went on meanwhile.
    pub(crate) async fn settle(&mut self) -> anyhow::Result<()> {
        let mark = wall();
        self.trail.read(&self.reader, self.mark - self.slack).await?;
        let fates = Arc::new(Fates::settle(&self.reader, &mut self.trail)?);
        let mut settling = JoinSet::new();
        for mut worker in self.workers.drain(..) {
            let fates = fates.clone();
            settling.spawn(async move { worker.settle(&fates).await.map(|()| worker) });
        }
        while let Some(done) = settling.join_next().await {
            self.workers.push(done??);
        }
        self.trail.read(&self.reader, self.mark - self.slack).await?;
        for worker in &mut self.workers {
            worker.judge(&self.trail)?;
        }
        self.mark = mark;
        Ok(())
    }

    /// The last and thorough comparison: every row, every token, every role, the whole trail.
    pub(crate) async fn settle_all(&mut self) -> anyhow::Result<()> {
        self.settle().await?;
        for worker in &mut self.workers {
            worker.settle_all().await?;
        }
        self.compare_lists().await?;
        for account in &self.accounts {
            let found = roles(&self.reader, account).await?;
            let mut wanted: BTreeSet<String> = BTreeSet::new();
            for worker in &self.workers {
                match worker {
                    Worker::Access(worker) => wanted.extend(worker.provisioned(account)),
                    Worker::People(worker) => wanted.extend(worker.provisioned(account)),
                    Worker::Directory(_) => {}
                }
            }
            // `init` made the administrator's, the world the common one.
            wanted.extend(
                (*account == self.reader.place.management).then(|| "PorticoAdministrator".to_owned()),
            );
            wanted.extend((self.accounts.get(1) == Some(account)).then(|| COMMON.to_owned()));
            let named: BTreeSet<String> =
                found.iter().filter_map(|name| Some(name.rsplit_once('_')?.0.to_owned())).collect();
            ensure!(
                named == wanted && named.len() == found.len(),
                "account {account} holds the roles {found:?} and should hold {wanted:?}"
            );
        }
        self.trail.is_whole(&self.reader).await
    }

    async fn compare_lists(&self) -> anyhow::Result<()> {
        let (mut users, mut groups, mut sets) = (vec!["admin".to_owned()], vec!["everybody".to_owned()], 0);
        for worker in &self.workers {
            match worker {
                Worker::Directory(worker) => {
                    users.extend(worker.user_names());
                    groups.extend(worker.group_names());
                }
                Worker::People(worker) => users.extend(worker.names()),
                Worker::Access(worker) => sets += worker.arns().count(),
            }
        }
        let same = |mut wanted: Vec<String>, mut found: Vec<String>, what: &str| {
            wanted.sort_unstable();
            found.sort_unstable();
            ensure!(wanted == found, "{what} should be {wanted:?} and are {found:?}");
            Ok(())
        };
        same(users, names(&self.reader, ("ListUsers", "Users", "/UserName")).await?, "the users")?;
        same(groups, names(&self.reader, ("ListGroups", "Groups", "/DisplayName")).await?, "the groups")?;
        let place = &self.reader.place;
        let page = |token: Option<&str>| {
            let mut input = json!({"MaxResults": 100});
            if let Some(token) = token {
                input["NextToken"] = json!(token);
            }
            place.admin("ListPermissionSets", input)
        };
        let found = self.reader.list("PermissionSets", page).await?;
        let wanted = sets + 2 + PEOPLE.div_ceil(2);
        ensure!(found.len() == wanted, "{} permission sets are there and should be {wanted}", found.len());
        Ok(())
    }

    /// How many requests ended how, in words.
    pub(crate) fn told(&self) -> String {
        let totals = self.reader.place.ledger.totals();
        let words: Vec<String> = totals.iter().map(|(name, count)| format!("{count} {name}")).collect();
        words.join(", ")
    }

    /// How many changes of each kind the trail shows, in words.
    pub(crate) fn shown(&self) -> String {
        let totals = self.trail.totals();
        let words: Vec<String> = totals.iter().map(|(name, count)| format!("{name} {count}")).collect();
        words.join(", ")
    }

    /// Ends the server, and keeps everything for whoever looks into a failure.
    pub(crate) async fn close(mut self, ended: anyhow::Result<()>) -> anyhow::Result<()> {
        if ended.is_err()
            && let Some(scratch) = self.scratch.take()
        {
            self.reader.place.ledger.flush();
            say(&format!("   ledger, log and data are in {}", scratch.keep().display()));
        }
        self.server.kill().await?;
        ended?;
        self.server.never_panicked()
    }

    /// Fails unless changes were acknowledged, with time enough of every kind, and some were cut off: else nothing was tried.
    pub(crate) fn worked(&self, every_kind: bool) -> anyhow::Result<()> {
        let ledger = &self.reader.place.ledger;
        ensure!(
            ledger.totals().contains_key("acknowledged"),
            "nothing was ever acknowledged: {}",
            self.told()
        );
        for (what, acknowledged) in ledger.acknowledged() {
            ensure!(acknowledged > 0 || !every_kind, "of {what} none was ever acknowledged: {}", self.told());
        }
        ensure!(self.was_cut_off(), "no kill met a request: {}", self.told());
        Ok(())
    }

    /// Whether a kill met a request, so that nobody was told how it ended.
    pub(crate) fn was_cut_off(&self) -> bool {
        self.reader.place.ledger.totals().contains_key("in doubt")
    }
}

/// People with one password and a group of all of them. The hash is a cheap one, so that a debug build signs in quickly too.
fn seed_file(people: &[String], leavers: &[String]) -> anyhow::Result<Value> {
    let params = Params::new(7_168, 1, 1, Some(32)).map_err(|error| anyhow::anyhow!("{error}"))?;
    let (salt, mut hash) = ([7; 16], [0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(PASSWORD.as_bytes(), &salt, &mut hash)
        .map_err(|error| anyhow::anyhow!("{error}"))?;
    let (salt, hash) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(hash));
    let hash = format!("$argon2id$v=19$m=7168,t=1,p=1${salt}${hash}");
    let all: Vec<&String> = people.iter().chain(leavers).collect();
    let user = |name: &&String| {
        json!({
            "userName": name, "displayName": name, "name": {"givenName": "Kill", "familyName": name},
            "password": {"argon2": hash},
        })
    };
    Ok(json!({
        "users": all.iter().map(user).collect::<Vec<_>>(),
        "groups": [{"displayName": "everybody", "members": all}],
    }))
}
