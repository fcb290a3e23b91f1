//! Lists of applications: all of an instance, all that somebody is assigned to, and the tiles of their portal, on a few applications and on many. Every page is turned once, which shows
//! that nothing is missing and nothing comes twice; then the first page and the last one are asked for over and over.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use crate::company::{self, Company, PASSWORD};
use crate::costs::{BELOW, Costs, Database, HEAD, Server};
use crate::http::Connection;
use crate::load::{self, Operation};
use crate::openid_ours::text;
use crate::report::{Aim, CONNECTIONS, count, count_of, say};
use crate::rows::{Asking, Right};
use crate::stores::Places;
use crate::world::World;

const PROVIDER: &str = "arn:aws:sso::aws:applicationProvider/custom";
/// Applications of a page of the API: all that the small store has.
const PAGE: usize = 10;
/// Tiles of a page of the portal.
const TILES: usize = 100;
/// People of the stores, some of whom are assigned to everything.
const PEOPLE: usize = 1_000;
/// What the last page may cost of what the first one does, and the first one on many applications of that on few.
const DEARER_MAX: f64 = 1.2;
/// Connections that the stores are filled by.
const FILLING: usize = 32;

/// How much there is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    pub(crate) few: usize,
    pub(crate) many: usize,
    /// People who are assigned to every application.
    pub(crate) assigned: usize,
}

/// A list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum List {
    Applications,
    Assignments,
    Tiles,
}

/// An end of a list.
const ENDS: [&str; 2] = ["first", "last"];

/// A page as it is asked for, and what a right answer is.
struct Page {
    request: Vec<u8>,
    right: Right,
}

impl List {
    const ALL: [Self; 3] = [Self::Applications, Self::Assignments, Self::Tiles];

    const fn name(self) -> &'static str {
        match self {
            Self::Applications => "ListApplications",
            Self::Assignments => "ListApplicationAssignmentsForPrincipal",
            Self::Tiles => "tiles of the portal",
        }
    }

    /// The mark of one thing on a page; behind it stands what it is.
    const fn mark(self) -> &'static str {
        match self {
            Self::Applications | Self::Assignments => "\"ApplicationArn\":\"",
            Self::Tiles => "href=\"/start/application?id=",
        }
    }

    const fn page(self) -> usize {
        match self {
            Self::Applications | Self::Assignments => PAGE,
            Self::Tiles => TILES,
        }
    }

    fn request(self, filled: &Filled, token: Option<&str>) -> Vec<u8> {
        let world = &filled.world;
        let mut body = json!({"InstanceArn": world.instance_arn, "MaxResults": PAGE});
        if let Some(token) = token {
            body["NextToken"] = token.into();
        }
        if self == Self::Assignments {
            body["PrincipalType"] = "USER".into();
            body["PrincipalId"] = company::user_id(0).into();
        }
        let call =
            || world.key.call("sso", &format!("SWBExternalService.{}", self.name()), &body.to_string());
        match (self, token) {
            (Self::Applications | Self::Assignments, _) => call(),
            (Self::Tiles, None) => world.get("/start", &filled.cookie),
            (Self::Tiles, Some(token)) => world.get(&format!("/start?applications={token}"), &filled.cookie),
        }
    }

    /// What leads to the next page.
    fn next(self, page: &str) -> anyhow::Result<Option<String>> {
        match self {
            Self::Applications | Self::Assignments => {
                let said: Value = serde_json::from_str(page)?;
                Ok(said["NextToken"].as_str().map(str::to_owned))
            }
            Self::Tiles => {
                let link = page.split_once("href=\"/start?applications=");
                Ok(link.and_then(|(_, rest)| rest.split(['"', '&']).next()).map(str::to_owned))
            }
        }
    }

    /// Turns every page: the first one and the last one.
    async fn turned(self, filled: &Filled) -> anyhow::Result<[Page; 2]> {
        let mut connection = Connection::new(filled.world.process.address);
        let (mut seen, mut pages, mut token) = (BTreeSet::new(), Vec::new(), None);
        loop {
            let request = self.request(filled, token.as_deref());
            let page = connection.call(&request).await?.expect(200)?.text();
            let parts = page.split(self.mark()).skip(1);
            let found: Vec<&str> = parts.filter_map(|part| part.split('"').next()).collect();
            let right = Right::of(200, self.mark().as_bytes(), found.len());
            if found.len() > self.page() || !found.into_iter().all(|one| seen.insert(one.to_owned())) {
                bail!("{}: a page of too many, or of some that were there already", self.name());
            }
            pages.push(Page { request, right });
            token = self.next(&page)?;
            if token.is_none() {
                break;
            }
        }
        if seen.len() != filled.applications {
            bail!("{}: {} of {} are listed", self.name(), seen.len(), filled.applications);
        }
        let last = pages.pop().context("no pages")?;
        let first = pages.into_iter().next();
        Ok([first.unwrap_or_else(|| Page { request: last.request.clone(), right: last.right }), last])
    }
}

/// A store with its applications.
struct Filled {
    world: Rc<World>,
    database: Database,
    applications: usize,
    /// Of somebody who may use all of them.
    cookie: String,
}

/// Measures every list on both stores: the table and the aims.
pub(crate) async fn measure(
    places: &Places,
    (sizes, period): (Sizes, Duration),
) -> anyhow::Result<(String, Vec<Aim>)> {
    let mut table =
        format!("| lists | applications | page | connections |{HEAD}\n|---|--:|---|--:|{BELOW}\n");
    let few = Filled::new(places, ("few", sizes.few), sizes.assigned).await?;
    let many = Filled::new(places, ("many", sizes.many), sizes.assigned).await?;
    let mut aims = Vec::new();
    for list in List::ALL {
        let (of_few, of_many) = (list.turned(&few).await?, list.turned(&many).await?);
        for connections in CONNECTIONS {
            let load = |filled, page| costs(filled, page, (connections, period));
            let [page, _] = &of_few;
            let mut small = load(&few, page).await?;
            let mut ends = Vec::new();
            for page in &of_many {
                ends.push(load(&many, page).await?);
            }
            // The other way round: what else the machine does changes.
            for (page, end) in of_many.iter().zip(&mut ends).rev() {
                *end = end.clone().and(&load(&many, page).await?)?;
            }
            small = small.and(&load(&few, page).await?)?;
            line(&mut table, (list, sizes.few, "only"), connections, &small);
            for (end, name) in ends.iter().zip(ENDS) {
                line(&mut table, (list, sizes.many, name), connections, end);
            }
            let [first, last] = ends.as_slice() else { bail!("two ends") };
            let what = |what: &str| format!("{}, {connections} connections, {what}", list.name());
            let cpu = |costs: &Costs| costs.measured.cpu_micros();
            aims.push(Aim::at_most(
                what("CPU of the last page of the first's"),
                DEARER_MAX,
                cpu(last) / cpu(first),
            ));
            // A page of the portal has as many tiles as there are, and costs by their number.
            if list != List::Tiles {
                let what = what(&format!(
                    "CPU on {} applications of that on {}",
                    count_of(sizes.many as u64),
                    sizes.few
                ));
                aims.push(Aim::at_most(what, DEARER_MAX, cpu(first) / cpu(&small)));
            }
        }
    }
    Ok((table, aims))
}

fn line(
    table: &mut String,
    (list, applications, page): (List, usize, &str),
    connections: usize,
    costs: &Costs,
) {
    say(&format!(
        "{}, {applications} applications, {page} page, {connections} connections: {}/s",
        list.name(),
        count(costs.measured.per_second())
    ));
    let _ = writeln!(
        table,
        "| {} | {} | {page} | {connections} |{}",
        list.name(),
        count_of(applications as u64),
        costs.columns()
    );
}

async fn costs(
    filled: &Filled,
    page: &Page,
    (connections, period): (usize, Duration),
) -> anyhow::Result<Costs> {
    let requests = Rc::new(vec![page.request.clone()]);
    let one = |_| Asking::Fixed { requests: requests.clone(), at: 0, sent: 0, right: page.right };
    let load = load::run(&filled.world.process, (0..connections).map(one).collect(), period);
    let (process, database) = (&filled.world.process, Some(&filled.database));
    Server { process, database, writes_later: true }.costs(load).await
}

impl Filled {
    async fn new(
        places: &Places,
        (name, applications): (&str, usize),
        assigned: usize,
    ) -> anyhow::Result<Self> {
        let world = Rc::new(World::open(places, Company::new(PEOPLE), name, &[]).await?);
        say(&format!(
            "{} applications, each with {assigned} assignments, are made in the store of {name}",
            count_of(applications as u64)
        ));
        let arns = Rc::new(RefCell::new(Vec::new()));
        let one = Making {
            world: world.clone(),
            makes: Makes::Application,
            arns: arns.clone(),
            at: Rc::default(),
            assigned,
        };
        let making = |makes| vec![Making { makes, at: Rc::default(), ..one.clone() }; FILLING];
        load::run_through(&world.process, making(Makes::Application), applications).await?;
        let count = applications * assigned;
        let made = load::run_through(&world.process, making(Makes::Assignment), count).await?;
        say(&format!("{} assignments in {:.0} s", count_of(count as u64), made.seconds));
        let cookie = world.cookie_of(&company::user_name(0), PASSWORD).await?;
        let database = Database::of(world.store.data.join("portico.db"));
        Ok(Self { world, database, applications, cookie })
    }
}

/// What a store is filled with.
#[derive(Debug, Clone, Copy)]
enum Makes {
    Application,
    Assignment,
}

/// Makes one after another, in the order of a number that all connections share.
#[derive(Clone)]
struct Making {
    world: Rc<World>,
    makes: Makes,
    arns: Rc<RefCell<Vec<String>>>,
    at: Rc<Cell<usize>>,
    assigned: usize,
}

impl Operation for Making {
    async fn perform(&mut self, connection: &mut Connection) -> anyhow::Result<()> {
        let at = self.at.replace(self.at.get() + 1);
        match self.makes {
            Makes::Application => {
                let url = format!("https://application-{at:05}.acme.example/");
                let new = json!({
                    "InstanceArn": self.world.instance_arn, "ApplicationProviderArn": PROVIDER, "Name": format!("Application {at:05}"),
                    "PortalOptions": {"SignInOptions": {"Origin": "APPLICATION", "ApplicationUrl": url}, "Visibility": "ENABLED"},
                });
                let made =
                    self.world.ask(connection, "sso", "SWBExternalService.CreateApplication", &new).await?;
                self.arns.borrow_mut().push(text(&made["ApplicationArn"])?);
            }
            Makes::Assignment => {
                let arn =
                    self.arns.borrow().get(at / self.assigned).cloned().context("no such application")?;
                let person = company::user_id(at % self.assigned);
                let new = json!({"ApplicationArn": arn, "PrincipalType": "USER", "PrincipalId": person});
                let target = "SWBExternalService.CreateApplicationAssignment";
                self.world.ask(connection, "sso", target, &new).await?;
            }
        }
        Ok(())
    }
}
