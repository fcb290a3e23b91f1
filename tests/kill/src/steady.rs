//! Calls that come steadily, of every kind, to one server and to two over one PostgreSQL: none is refused because others write too. Then
//! many that all add to one table at once.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use http::Method;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::json;
use tempfile::TempDir;

use crate::actor::Actor;
use crate::consistency;
use crate::http::Ask;
use crate::pace::Seen;
use crate::postgres::Postgres;
use crate::say;
use crate::server::{Server, Setting};
use crate::world::{Plan, World};

/// Calls a second, and the few that they are compared with.
const MANY: u32 = 50;
const FEW: u32 = 5;
/// Who adds a person at once, and how many they add.
const CROWD: usize = 48;
const PEOPLE: usize = 400;

/// A run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Steady<'s> {
    pub(crate) binary: &'s Path,
    pub(crate) seed: u64,
    /// How long the many calls come.
    pub(crate) lasts: Duration,
}

/// The case.
pub(crate) async fn mixed(steady: Steady<'_>) -> anyhow::Result<()> {
    let mut postgres = Postgres::new().await?;
    let url = postgres.database().await?;
    let setting = Setting { database: Some(url.clone()), ..Setting::default() };
    let plan = Plan { binary: steady.binary, setting, data: None, seed: steady.seed, leavers: 200 };
    let mut world = World::new(plan).await?;
    let scratch = TempDir::with_prefix("portico-kill-twin-")?;
    let mut twin = world.server.twin(scratch.path())?;
    let ended = on_one_and_on_two(steady, &mut world, &mut twin, &url).await;
    let ended = ended.with_context(|| log(&twin));
    world.close(ended).await
}

fn log(server: &Server) -> String {
    let log = std::fs::read_to_string(&server.log).unwrap_or_default();
    log.lines().rev().take(5).collect::<Vec<_>>().join("\n")
}

async fn on_one_and_on_two(
    steady: Steady<'_>,
    world: &mut World,
    twin: &mut Server,
    url: &str,
) -> anyhow::Result<()> {
    // Everybody begins: registers, signs in, opens connections.
    at(world, MANY, Duration::from_secs(3)).await?;
    let few = at(world, FEW, steady.lasts / 5).await?;
    shown("on one server", FEW, &few);
    let one = at(world, MANY, steady.lasts).await?;
    shown("on one server", MANY, &one);
    ratio(&one, &few);
    twin.start().await?;
    world.spread(&twin.host);
    let two = at(world, MANY, steady.lasts).await?;
    shown("on two servers", MANY, &two);
    ratio(&two, &few);
    for seen in [&few, &one, &two] {
        ensure!(seen.unavailable == 0, "{} calls were turned away", seen.unavailable);
    }
    ensure!(one.times.len() >= 20, "nobody asked");
    world.settle_all().await?;
    crowd(steady, world, [world.server.host.clone(), twin.host.clone()]).await?;
    for server in [&world.server.host, &twin.host] {
        races(world, server).await?;
    }
    twin.stop().await?;
    world.server.stop().await?;
    consistency::postgres(url).await
}

async fn at(world: &mut World, calls: u32, time: Duration) -> anyhow::Result<Seen> {
    world.reader.place.pace.hold(calls);
    let load = world.work();
    tokio::time::sleep(time).await;
    world.rest(load).await?;
    Ok(world.reader.place.pace.release())
}

fn shown(place: &str, calls: u32, seen: &Seen) {
    say(&format!(
        "   {place}, {calls} calls a second: {} answered, {} turned away; half within {:.1?}, 99 of 100 within {:.1?}, all within {:.1?}",
        seen.times.len(),
        seen.unavailable,
        seen.within(500),
        seen.within(990),
        seen.within(1_000),
    ));
}

fn ratio(many: &Seen, few: &Seen) {
    let ratio = many.within(990).as_secs_f64() / few.within(990).as_secs_f64().max(f64::EPSILON);
    say(&format!("   that is {ratio:.1} times what 99 of 100 took at {FEW} a second"));
}

/// Many at once add people, at both servers.
async fn crowd(steady: Steady<'_>, world: &World, hosts: [String; 2]) -> anyhow::Result<()> {
    let begun = Instant::now();
    let mut adding = tokio::task::JoinSet::new();
    for number in 0..CROWD {
        let random = StdRng::seed_from_u64(steady.seed);
        let mut actor = Actor::new(&world.reader.place, random, format!("192.0.3.{number}"));
        let host = hosts.get(number % 2).context("no server")?;
        actor.http = crate::http::Http::new(host);
        adding.spawn(async move {
            for at in (number..PEOPLE).step_by(CROWD) {
                let name = format!("crowd-{at}");
                let input = json!({
                    "UserName": name, "DisplayName": name, "Name": {"GivenName": "C", "FamilyName": name},
                });
                let answer = actor.look(actor.place.directory("CreateUser", input)).await?;
                ensure!(answer.status.is_success(), "{name}: {}", answer.shown());
            }
            Ok(())
        });
    }
    while let Some(added) = adding.join_next().await {
        added??;
    }
    say(&format!("   {CROWD} at once added {PEOPLE} people in {:.1?}", begun.elapsed()));
    Ok(())
}

/// Says what a server counted.
async fn races(world: &World, host: &str) -> anyhow::Result<()> {
    let mut looker = Actor::new(&world.reader.place, StdRng::seed_from_u64(0), "127.0.0.1".to_owned());
    looker.http = crate::http::Http::new(host);
    let metrics = looker.look(Ask::plain(Method::GET, "/metrics", "")).await?.text();
    let counted: Vec<&str> =
        metrics.lines().filter_map(|line| line.strip_prefix("portico_database_")).collect();
    ensure!(counted.iter().any(|line| line.starts_with("races_lost_total ")), "no count of lost races");
    say(&format!("   counted: {}", counted.join(", ")));
    Ok(())
}
