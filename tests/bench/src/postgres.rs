//! The rows on PostgreSQL: a database server of our own with its disk writes on, Portico on it, Portico on SQLite beside it, what a bare loop
//! gets from the same database, and, if somebody names one, another binary on a database of its own. All in the same minutes.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio_postgres::NoTls;

use crate::company::Company;
use crate::load::{self, Measured};
use crate::report::{Aim, CONNECTIONS, count, say};
use crate::rows::{Kind, Row};
use crate::stores::Places;
use crate::world::World;
use crate::{bare, report};

/// The database may use every processor, the client's and the server's.
const DATABASE_CPUS: &str = "0,1";
/// What Portico answers of what the bare loop does, at least: of reads and of durable writes.
const OF_BARE: f64 = 0.6;
/// How many times as much as the other binary: of reads and of writes.
const OF_OTHER: [(Row, f64); 2] = [(Row::DescribeUser, 3.5), (Row::CreateUser, 4.0)];

/// Who answers a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Sqlite,
    Postgres,
    Bare,
    Other,
}

/// What is measured beside each other.
struct Beside {
    sqlite: Rc<World>,
    postgres: Rc<World>,
    other: Option<Rc<World>>,
}

/// The figures of one row at one number of connections.
#[derive(Debug, Default)]
struct Figures {
    sqlite: Option<Measured>,
    postgres: Option<Measured>,
    bare: Option<Measured>,
    other: Option<Measured>,
}

/// How to measure.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms<'a> {
    pub(crate) rows: &'a [Row],
    pub(crate) period: Duration,
    pub(crate) people_signed_in: usize,
    /// Another binary to measure beside this one.
    pub(crate) other: Option<&'a Path>,
}

/// Measures; the table and the aims.
pub(crate) async fn measure(
    places: &Places,
    sqlite: &Rc<World>,
    terms: Terms<'_>,
) -> anyhow::Result<(String, Vec<Aim>)> {
    let server = start(places)?;
    let people = sqlite.company.people();
    let open = async |portico: &Path, name: &str| -> anyhow::Result<Rc<World>> {
        say(&format!("filling the {name} database"));
        let url = create_database(&server, name).await?;
        let mut world = World::open_on_postgres(places, portico, Company::new(people), (name, &url)).await?;
        world.sign_people_in(terms.people_signed_in).await?;
        analyze(&url).await?;
        Ok(Rc::new(world))
    };
    let beside = Beside {
        sqlite: sqlite.clone(),
        postgres: open(&places.portico, "postgres").await?,
        other: match terms.other {
            Some(other) => Some(open(other, "other").await?),
            None => None,
        },
    };
    let (mut table, mut aims) = (String::new(), Vec::new());
    for connections in CONNECTIONS {
        let _ = write!(table, "{}", head(connections, terms.other.is_some()));
        for row in terms.rows.iter().copied() {
            let figures = both_orders(&beside, row, connections, terms.period)
                .await
                .with_context(|| format!("{} at {connections} connections on PostgreSQL", row.name()))?;
            let _ = writeln!(table, "{}", figures.line(row, terms.other.is_some()));
            if connections == 32 {
                aims.extend(figures.aims(row));
            }
        }
        table.push('\n');
    }
    Ok((table, aims))
}

/// Everybody in turn, and then the other way round.
async fn both_orders(
    beside: &Beside,
    row: Row,
    connections: usize,
    period: Duration,
) -> anyhow::Result<Figures> {
    let mut order = vec![Who::Sqlite, Who::Postgres];
    if bare::ROWS.contains(&row) {
        order.push(Who::Bare);
    }
    if beside.other.is_some() {
        order.push(Who::Other);
    }
    let back = order.clone().into_iter().rev();
    let mut figures = Figures::default();
    for who in order.into_iter().chain(back) {
        let ask = async |world: &Rc<World>| {
            load::run(&world.process, row.operations(world, connections).await?, period).await
        };
        let (sum, more) = match who {
            Who::Sqlite => (&mut figures.sqlite, ask(&beside.sqlite).await?),
            Who::Postgres => (&mut figures.postgres, ask(&beside.postgres).await?),
            Who::Bare => (&mut figures.bare, bare::run(&beside.postgres, row, connections, period).await?),
            Who::Other => (&mut figures.other, ask(beside.other.as_ref().context("another binary")?).await?),
        };
        say(&format!(
            "{:<40} {connections:>2} connections, {who:?}: {}/s",
            row.name(),
            count(more.per_second())
        ));
        *sum = Some(match sum.take() {
            Some(before) => before.and(&more)?,
            None => more,
        });
    }
    Ok(figures)
}

fn head(connections: usize, other: bool) -> String {
    let connections =
        if connections == 1 { "1 connection".to_owned() } else { format!("{connections} connections") };
    let (more, line) = if other { (" the other binary | times as many |", "--:|--:|") } else { ("", "") };
    format!(
        "| {connections} | SQLite, requests/s | PostgreSQL, requests/s | p50 µs | p99 µs | CPU µs a request, SQLite | PostgreSQL | bare loop, times/s | of the bare loop |{more}\n|---|--:|--:|--:|--:|--:|--:|--:|--:|{line}\n"
    )
}

impl Figures {
    fn of(&self, whom: Option<&Measured>) -> Option<f64> {
        Some(self.postgres.as_ref()?.per_second() / whom?.per_second())
    }

    fn line(&self, row: Row, other: bool) -> String {
        let a_second =
            |of: &Option<Measured>| of.as_ref().map(|of| count(of.per_second())).unwrap_or_default();
        let cpu = |of: &Option<Measured>| of.as_ref().map(|of| count(of.cpu_micros())).unwrap_or_default();
        let ratio = |ratio: Option<f64>| ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
        let at = |percentile| {
            let micros = self.postgres.as_ref().map(|of| report::count_of(of.percentile(percentile)));
            micros.unwrap_or_default()
        };
        let mut line = format!(
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            row.name(),
            a_second(&self.sqlite),
            a_second(&self.postgres),
            at(50.0),
            at(99.0),
            cpu(&self.sqlite),
            cpu(&self.postgres),
            a_second(&self.bare),
            ratio(self.of(self.bare.as_ref()))
        );
        if other {
            let _ = write!(line, " {} | {} |", a_second(&self.other), ratio(self.of(self.other.as_ref())));
        }
        line
    }

    fn aims(&self, row: Row) -> Vec<Aim> {
        let aim = |what: &str, least: f64, found: f64| {
            Aim::at_least(format!("{} on PostgreSQL, 32 connections, {what}", row.name()), least, found)
        };
        let of_bare = self.of(self.bare.as_ref()).filter(|_| matches!(row.kind(), Kind::Read | Kind::Write));
        let of_other = self.of(self.other.as_ref());
        let least = OF_OTHER.iter().find(|(of, _)| *of == row).map(|(_, least)| *least);
        let bare = of_bare.map(|found| aim("of a bare loop", OF_BARE, found));
        let other = of_other.zip(least).map(|(found, least)| aim("of the other binary", least, found));
        bare.into_iter().chain(other).collect()
    }
}

/// A server of PostgreSQL that ends when this program does; its URL.
pub(crate) fn start(places: &Places) -> anyhow::Result<String> {
    let output = Command::new("taskset")
        .args(["-c", DATABASE_CPUS])
        .arg(places.root.join("scripts/postgres-scratch"))
        .arg(places.scratch.join("postgresql"))
        .args(["--owner", &std::process::id().to_string()])
        .output()
        .context("scripts/postgres-scratch")?;
    if !output.status.success() {
        bail!("no PostgreSQL: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// A new database of the server; its URL.
pub(crate) async fn create_database(server: &str, name: &str) -> anyhow::Result<String> {
    run(server, &format!("CREATE DATABASE bench_{name}")).await?;
    Ok(server.replacen("/postgres?", &format!("/bench_{name}?"), 1))
}

/// What the database does by itself within minutes of being filled.
pub(crate) async fn analyze(url: &str) -> anyhow::Result<()> {
    run(url, "VACUUM ANALYZE").await
}

async fn run(url: &str, command: &str) -> anyhow::Result<()> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::task::spawn_local(connection);
    client.batch_execute(command).await?;
    Ok(())
}
