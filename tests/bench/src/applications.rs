//! `bench run --applications`: applications that people sign in to here. OpenID Connect beside the providers of others, SAML beside the bare signature, and lists of applications, few and
//! many. The tables and the aims.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::rc::Rc;
use std::time::Duration;

use anyhow::Context as _;

use crate::application_lists::{self, Sizes};
use crate::company::Company;
use crate::costs::{BELOW, Costs, Database, HEAD};
use crate::id_token::Algorithm;
use crate::load;
use crate::openid::{Line, Target};
use crate::report::{Aim, CONNECTIONS, aims_table, count, say};
use crate::stores::Places;
use crate::world::World;
use crate::{assertions, machine, openid_ours, openid_peers};

/// People of the store.
const PEOPLE: usize = 1_000;
/// How many times as much as who keeps everything in memory, and as who keeps it on the disk.
const OF_MEMORY_MIN: f64 = 3.0;
const OF_DISK_MIN: f64 = 20.0;
/// Connections at most, each somebody else's.
const PEOPLE_SIGNED_IN: usize = 32;
/// Codes that oidc-provider, glewlwyd and Portico exchange: by what they take for one.
const CODES: [usize; 3] = [1_200, 400, 4_000];

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extent {
    /// In the order of [`CODES`].
    codes: [usize; 3],
    sizes: Sizes,
    period: Duration,
}

impl Extent {
    pub(crate) fn of(is_short: bool) -> Self {
        if is_short {
            let sizes = Sizes { few: 10, many: 400, assigned: 5 };
            return Self { codes: [64, 16, 64], sizes, period: Duration::from_millis(200) };
        }
        let sizes = Sizes { few: 10, many: 10_000, assigned: 100 };
        Self { codes: CODES, sizes, period: Duration::from_millis(2_500) }
    }
}

/// Measures all of it.
pub(crate) async fn measure(places: &Places, extent: Extent) -> anyhow::Result<(String, Vec<Aim>)> {
    let mut text = machine::description(&places.root, &places.cache)?;
    let world = Rc::new(World::open(places, Company::new(PEOPLE), "applications", &[]).await?);
    let (table, mut aims) = openid(places, &world, extent).await?;
    let _ = write!(text, "\n{table}");
    for (table, more) in [
        assertions::measure(places, &world, (PEOPLE_SIGNED_IN, extent.period)).await?,
        application_lists::measure(places, (extent.sizes, extent.period)).await?,
    ] {
        let _ = write!(text, "\n{table}");
        aims.extend(more);
    }
    let _ = write!(text, "\n{}", aims_table(&aims));
    Ok((text, aims))
}

/// What was measured: a line, by what its ID tokens are signed with, the connections, and whose it is.
type Place = (Line, usize, usize, usize);

async fn openid(places: &Places, world: &Rc<World>, extent: Extent) -> anyhow::Result<(String, Vec<Aim>)> {
    let [in_memory, on_disk, ours] = extent.codes;
    say("oidc-provider and glewlwyd start");
    let targets = [
        openid_peers::oidc_provider(places, in_memory).await?,
        openid_peers::glewlwyd(places, on_disk).await?,
        openid_ours::target(world, PEOPLE_SIGNED_IN, ours).await?,
    ];
    for target in &targets {
        for client in &target.clients {
            let filled = client.fill(target.process(), PEOPLE_SIGNED_IN).await;
            filled.with_context(|| target.name)?;
        }
    }
    let mut found = BTreeMap::new();
    for place in places_in_order() {
        let (line, algorithm, connections, at) = place;
        let target = targets.get(at).context("three providers")?;
        let context = || format!("{} at {connections} connections of {}", line.name(), target.name);
        let costs = costs(target, (line, algorithm), (connections, extent.period)).await;
        let costs = costs.with_context(context)?;
        say(&format!("{}: {}/s", context(), count(costs.measured.per_second())));
        let sum = match found.remove(&place) {
            Some(before) => Costs::and(before, &costs)?,
            None => costs,
        };
        found.insert(place, sum);
    }
    Ok(written(&targets, &found))
}

/// Everything twice: the others first, then Portico first, because what else the machine does changes.
fn places_in_order() -> Vec<Place> {
    let mut places = Vec::new();
    for order in [[0, 1, 2], [2, 1, 0]] {
        for (line, algorithm) in lines() {
            places.extend(CONNECTIONS.iter().flat_map(|each| order.map(|at| (line, algorithm, *each, at))));
        }
    }
    places
}

/// Every line, with the place of each algorithm that matters to it. Where none does it is RS256, which costs others least to verify: glewlwyd's access tokens are signed.
fn lines() -> Vec<(Line, usize)> {
    let algorithms = |line: Line| if line.signs() { Algorithm::ALL.len() } else { 1 };
    Line::ALL.into_iter().flat_map(|line| (0..algorithms(line)).map(move |at| (line, at))).collect()
}

async fn costs(
    target: &Target,
    (line, algorithm): (Line, usize),
    (connections, period): (usize, Duration),
) -> anyhow::Result<Costs> {
    let client = target.clients.get(algorithm).context("a client of each algorithm")?;
    let database = target.database.clone().map(Database::of);
    let server = target.server(database.as_ref());
    let through = |line, connections| {
        load::run_through(target.process(), client.steps(line, connections), target.codes)
    };
    match line {
        Line::Code => {
            let costs = server.costs(through(line, connections)).await?;
            client.forget_codes();
            Ok(costs)
        }
        Line::Exchange => {
            // They live a minute: quickly, before they are exchanged one by one.
            through(Line::Code, PEOPLE_SIGNED_IN).await?;
            server.costs(through(line, connections)).await
        }
        _ => server.costs(load::run(target.process(), client.steps(line, connections), period)).await,
    }
}

fn written(targets: &[Target], found: &BTreeMap<Place, Costs>) -> (String, Vec<Aim>) {
    let mut table = format!(
        "| OpenID Connect | ID token | connections | |{HEAD} times as many by Portico |\n|---|---|--:|---|{BELOW}--:|\n"
    );
    let mut aims = Vec::new();
    let ours = targets.len() - 1;
    for ((line, algorithm, connections, at), costs) in found {
        let Some(target) = targets.get(*at) else { continue };
        let signed = if line.signs() { Algorithm::ALL.get(*algorithm).map(|it| it.name()) } else { None };
        let rate = costs.measured.per_second();
        let times = found.get(&(*line, *algorithm, *connections, ours)).filter(|_| *at != ours);
        let times = times.map(|ours| ours.measured.per_second() / rate);
        let _ = writeln!(
            table,
            "| {} | {} | {connections} | {} |{} {} |",
            line.name(),
            signed.unwrap_or_default(),
            target.name,
            costs.columns(),
            times.map(|times| format!("{times:.1}")).unwrap_or_default()
        );
        if let Some(times) = times {
            let least = if target.database.is_some() { OF_DISK_MIN } else { OF_MEMORY_MIN };
            let with = signed.map(|signed| format!(" with {signed}")).unwrap_or_default();
            let what = format!(
                "{}{with} beside {}, {connections} connections, times as many",
                line.name(),
                target.name
            );
            aims.push(Aim::at_least(what, least, times));
        }
    }
    (table, aims)
}
