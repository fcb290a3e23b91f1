//! `bench run --sources`: people from where they are. SCIM beside the servers of others, on SQLite and on PostgreSQL, on a small store and on a large one; answers of a
//! SAML provider beside `python3-saml`. The tables and the aims.

use std::fmt::Write as _;
use std::rc::Rc;
use std::time::Duration;

use crate::company::Company;
use crate::postgres;
use crate::process::Memory;
use crate::provisioning::{CONNECTIONS, Figures, Grown, Line, Sizes, in_bulk, one_by_one};
use crate::report::{Aim, aims_table, count, count_of, mebibytes, say};
use crate::scim::Target;
use crate::scim_peers::Peer;
use crate::stores::Places;
use crate::world::World;
use crate::{machine, saml, scale};

/// People of the small store, which the loads begin with too.
const SMALL: usize = 1_000;
/// How many times as much as scim2-server.
const TIMES_MIN: f64 = 50.0;
/// How many times as much by `/Bulk` as one by one.
const BULK_MIN: f64 = 3.0;
/// What a change of a member costs in the large group of what it costs in a small one.
const OF_FEW_MAX: f64 = 1.2;
/// Mebibytes of its own that a load may leave behind, once a tenth of it is done.
const GROWTH_MAX: f64 = 16.0;

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extent {
    ours: Sizes,
    /// Peers are loaded with less: the whole would take them hours.
    theirs: Sizes,
    postgres: Sizes,
    large: usize,
    answers: usize,
    period: Duration,
}

/// People of the first load where nobody says how many.
const PEOPLE: usize = 100_000;
const PEOPLE_SHORT: usize = 1_000;
/// People of any load at least: two whole pages.
const PEOPLE_MIN: usize = 200;
/// Operations of a bulk request at most.
const BULK_MAX: usize = 1_000;
/// SAML answers at most: each is signed beforehand.
const ANSWERS_MAX: usize = 3_000;

impl Extent {
    /// By how many people are loaded, if somebody says; all else follows from it.
    pub(crate) fn of(people: Option<usize>, is_short: bool) -> Self {
        let people = people.unwrap_or(if is_short { PEOPLE_SHORT } else { PEOPLE }).max(PEOPLE_MIN);
        let sizes = |people: usize| {
            let people = people.max(PEOPLE_MIN);
            Sizes { people, groups: people / 10, bulk: BULK_MAX.min(people / 10) }
        };
        Self {
            ours: sizes(people),
            theirs: sizes(people / 20),
            postgres: sizes(people / 5),
            large: people * 10,
            answers: (people / 20).min(ANSWERS_MAX),
            period: Duration::from_millis(if is_short { 200 } else { 2_500 }),
        }
    }
}

/// Measures all of it.
pub(crate) async fn measure(places: &Places, extent: Extent) -> anyhow::Result<(String, Vec<Aim>)> {
    let mut text = machine::description(&places.root, &places.cache)?;
    let ours = ours(places, extent).await?;
    let on_postgres = ours_on_postgres(places, extent).await?;
    let theirs =
        [theirs(places, extent, Peer::Scim2Server).await?, theirs(places, extent, Peer::Scimmy).await?];
    let beside = Beside { ours, on_postgres, theirs };
    let table = format!("{}\n{}\n{}", beside.table(extent), beside.latencies(), beside.memory());
    // Also now: the rest takes long, and may be given up.
    say(&format!("SCIM beside others:\n\n{table}"));
    let _ = write!(text, "\n{table}");
    let mut aims = beside.aims(extent);
    let small = Rc::new(World::open(places, Company::new(SMALL), "small", &[]).await?);
    let large = Rc::new(World::open(places, Company::new(extent.large), "large", &[]).await?);
    for (table, more) in [
        scale::measure([&small, &large], extent.period).await?,
        saml::measure(places, &large, extent.answers).await?,
    ] {
        let _ = write!(text, "\n{table}");
        aims.extend(more);
    }
    let _ = write!(text, "\n{}", aims_table(&aims));
    Ok((text, aims))
}

async fn ours(places: &Places, extent: Extent) -> anyhow::Result<Figures> {
    let open = async |name: &str| -> anyhow::Result<Rc<Target>> {
        let world = Rc::new(World::open(places, Company::new(SMALL), name, &[]).await?);
        Ok(Target::ours("Portico", &world).await?.0)
    };
    let mut figures = one_by_one(&open("one-by-one").await?, extent.ours, (extent.period, true)).await?;
    in_bulk(&open("in-bulk").await?, extent.ours, &mut figures).await?;
    Ok(figures)
}

async fn ours_on_postgres(places: &Places, extent: Extent) -> anyhow::Result<Figures> {
    let server = postgres::start(places)?;
    let open = async |name: &str| -> anyhow::Result<Rc<Target>> {
        let url = postgres::create_database(&server, name).await?;
        let (portico, company) = (&places.portico, Company::new(SMALL));
        let world = World::open_on_postgres(places, portico, company, (name, &url)).await?;
        postgres::analyze(&url).await?;
        Ok(Target::ours("Portico on PostgreSQL", &Rc::new(world)).await?.0)
    };
    let mut figures = one_by_one(&open("one_by_one").await?, extent.postgres, (extent.period, true)).await?;
    in_bulk(&open("in_bulk").await?, extent.postgres, &mut figures).await?;
    Ok(figures)
}

async fn theirs(places: &Places, extent: Extent, peer: Peer) -> anyhow::Result<Figures> {
    say(&format!("{} starts", peer.name()));
    let sizes = Sizes { bulk: extent.theirs.bulk.min(peer.bulk_max()), ..extent.theirs };
    let mut figures = one_by_one(&peer.start(places).await?, sizes, (extent.period, false)).await?;
    in_bulk(&peer.start(places).await?, sizes, &mut figures).await?;
    Ok(figures)
}

/// Everybody's figures.
struct Beside {
    ours: Figures,
    on_postgres: Figures,
    /// In the order of [`Peer::ALL`].
    theirs: [Figures; 2],
}

impl Beside {
    /// How many times as much as a peer.
    fn times(&self, line: Line, peer: usize) -> Option<f64> {
        Some(self.ours.per_second(line)? / self.theirs.get(peer)?.per_second(line)?)
    }

    fn table(&self, extent: Extent) -> String {
        let [one, other] = Peer::ALL.map(Peer::name);
        let mut text = format!(
            "{CONNECTIONS} connections; Portico with {} people and {} groups, on PostgreSQL with {} and {}, the others with {} and {}.\n\n\
             | of a second | {one} | {other} | Portico on PostgreSQL | Portico on SQLite | times {one} | times {other} |\n|---|--:|--:|--:|--:|--:|--:|\n",
            count_of(extent.ours.people as u64),
            count_of(extent.ours.groups as u64),
            count_of(extent.postgres.people as u64),
            count_of(extent.postgres.groups as u64),
            count_of(extent.theirs.people as u64),
            count_of(extent.theirs.groups as u64),
        );
        let of = |figures: &Figures, line: Line| figures.per_second(line).map(count).unwrap_or_default();
        for line in Line::ALL {
            let times = |peer| self.times(line, peer).map(|times| format!("{times:.1}")).unwrap_or_default();
            let [one, other] = self.theirs.each_ref().map(|theirs| of(theirs, line));
            let (postgres, sqlite) = (of(&self.on_postgres, line), of(&self.ours, line));
            let _ = writeln!(
                text,
                "| {} | {one} | {other} | {postgres} | {sqlite} | {} | {} |",
                line.name(),
                times(0),
                times(1)
            );
        }
        text
    }

    /// How long a request takes, whatever it holds, and what it costs; the kernel's part of ours on SQLite.
    fn latencies(&self) -> String {
        let [one, other] = Peer::ALL.map(Peer::name);
        let mut text =
            "| µs of a request; CPU µs of the server for each person, group or request |".to_owned();
        for name in [one, other, "Portico on PostgreSQL", "Portico on SQLite"] {
            let _ = write!(text, " {name}, p50 | p99 | CPU |");
        }
        text.push_str(" of it in the kernel |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n");
        for line in Line::ALL {
            let _ = write!(text, "| {} |", line.name());
            for figures in self.theirs.iter().chain([&self.on_postgres, &self.ours]) {
                for percent in [50.0, 99.0] {
                    let found = figures.get(line).map(|measured| count_of(measured.percentile(percent)));
                    let _ = write!(text, " {} |", found.unwrap_or_default());
                }
                let _ = write!(text, " {} |", figures.cpu_micros(line).map(count).unwrap_or_default());
            }
            let kernel = self.ours.kernel_micros(line).map(count).unwrap_or_default();
            let _ = writeln!(text, " {kernel} |");
        }
        text
    }

    fn memory(&self) -> String {
        let mut text = "| memory of its own, MiB | before | after a tenth | after all | mapped files after all |\n|---|--:|--:|--:|--:|\n".to_owned();
        let names = [Peer::ALL[0].name(), Peer::ALL[1].name(), "Portico on PostgreSQL", "Portico on SQLite"];
        let all = self.theirs.iter().chain([&self.on_postgres, &self.ours]);
        for (name, figures) in names.into_iter().zip(all) {
            for (line, Grown { before, warm, after }) in &figures.grown {
                let own = |memory: &Memory| mebibytes(memory.anonymous);
                let _ = writeln!(
                    text,
                    "| {name}, {} | {} | {} | {} | {} |",
                    line.name(),
                    own(before),
                    own(warm),
                    own(after),
                    mebibytes(after.file)
                );
            }
        }
        text
    }

    fn aims(&self, extent: Extent) -> Vec<Aim> {
        let mut aims = Vec::new();
        for line in Line::ALL {
            if let Some(times) = self.times(line, 0) {
                let what = format!("{} beside {}, times as many", line.name(), Peer::ALL[0].name());
                aims.push(Aim::at_least(what, TIMES_MIN, times));
            }
        }
        for (figures, engine) in [(&self.ours, "SQLite"), (&self.on_postgres, "PostgreSQL")] {
            for (line, single) in [(Line::PeopleInBulk, Line::People), (Line::GroupsInBulk, Line::Groups)] {
                let found = figures.per_second(line).zip(figures.per_second(single));
                let found = found.map_or(f64::NAN, |(bulk, single)| bulk / single);
                aims.push(Aim::at_least(
                    format!("{} on {engine}, times one by one", line.name()),
                    BULK_MIN,
                    found,
                ));
            }
            let cpu = |line| figures.cpu_micros(line).unwrap_or(f64::NAN);
            let people = if engine == "SQLite" { extent.ours.people } else { extent.postgres.people };
            let what = format!(
                "PATCH of one member on {engine}, CPU in a group of {} of that in one of 10",
                count_of(people as u64)
            );
            aims.push(Aim::at_most(what, OF_FEW_MAX, cpu(Line::Member) / cpu(Line::MemberOfFew)));
        }
        for (line, grown) in &self.ours.grown {
            aims.push(Aim::at_most(
                format!("{}, MiB of its own that all but the first tenth adds", line.name()),
                GROWTH_MAX,
                growth(*grown),
            ));
        }
        aims
    }
}

#[expect(clippy::cast_precision_loss, reason = "bytes of memory")]
fn growth(grown: Grown) -> f64 {
    (grown.after.anonymous as f64 - grown.warm.anonymous as f64) / 1_048_576.0
}
