//! SIGKILL at random moments, a thousand times: load, kill, start, compare. Also the time that each start takes.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use crate::consistency;
use crate::postgres::Postgres;
use crate::say;
use crate::server::{Setting, Start};
use crate::world::{Plan, World};

/// From exec to the first answered request, as the binary ships.
const START_MAX: Duration = Duration::from_millis(150);

/// A run.
#[derive(Debug)]
pub(crate) struct Run<'r> {
    pub(crate) binary: &'r Path,
    pub(crate) kills: usize,
    pub(crate) seed: u64,
    /// Whether it is the full form, on the binary as it ships: starts are held to their limit, and every kind of change must have been made.
    pub(crate) measured: bool,
}

impl Run<'_> {
    async fn world(&self, database: Option<String>) -> anyhow::Result<World> {
        let setting = Setting { database, ..Setting::default() };
        let leavers = self.kills / 5 + 8;
        World::new(Plan { binary: self.binary, setting, data: None, seed: self.seed, leavers }).await
    }
}

/// Kills the server again and again.
pub(crate) async fn kill(run: &Run<'_>, database: Option<String>) -> anyhow::Result<()> {
    let mut world = run.world(database.clone()).await?;
    let ended = rounds(run, &mut world, database.as_deref()).await;
    world.close(ended).await
}

/// Kills PostgreSQL again and again, under a server that goes on.
pub(crate) async fn kill_database(run: &Run<'_>, postgres: &mut Postgres) -> anyhow::Result<()> {
    let url = postgres.database().await?;
    let mut world = run.world(Some(url.clone())).await?;
    let ended = database_rounds(run, &mut world, postgres, &url).await;
    world.close(ended).await
}

async fn database_rounds(
    run: &Run<'_>,
    world: &mut World,
    postgres: &Postgres,
    url: &str,
) -> anyhow::Result<()> {
    let mut random = StdRng::seed_from_u64(run.seed);
    let begun = Instant::now();
    let mut longest = Duration::ZERO;
    // The server knows how most requests ended that the database was killed under: only a commit that was on its way is in doubt, about one in two kills.
    let enough =
        |round, world: &World| round >= run.kills && (world.was_cut_off() || round >= 10 * run.kills);
    let mut round = 0;
    while !enough(round, world) {
        let load = world.work();
        tokio::time::sleep(Duration::from_millis(random.random_range(20..600))).await;
        postgres.kill().await?;
        world.reader.place.ledger.note(&format!("kill {round} of the database"));
        tokio::time::sleep(Duration::from_millis(random.random_range(0..300))).await;
        postgres.start().await?;
        let back = Instant::now();
        world.server.wait_until_ready().await.context("after the database was back")?;
        longest = longest.max(back.elapsed());
        tokio::time::sleep(Duration::from_millis(random.random_range(0..300))).await;
        world.rest(load).await?;
        world.settle().await.with_context(|| format!("after kill {} of the database", round + 1))?;
        round += 1;
        if round % 10 == 0 {
            say(&format!("   {round} kills, {} s; {}", begun.elapsed().as_secs(), world.told()));
        }
    }
    world.settle_all().await.context("at the end")?;
    world.server.stop().await?;
    consistency::postgres(url).await?;
    say(&format!("   {}", world.told()));
    say(&format!("   recorded: {}", world.shown()));
    world.worked(run.measured)?;
    say(&format!("   ready again {longest:.1?} after the database was, at most"));
    Ok(())
}

async fn rounds(run: &Run<'_>, world: &mut World, database: Option<&str>) -> anyhow::Result<()> {
    let mut random = StdRng::seed_from_u64(run.seed);
    let mut starts = Vec::new();
    let begun = Instant::now();
    for round in 0..run.kills {
        if random.random_ratio(1, 10) {
            // Also while it starts, before it is of use to anybody.
            world.server.kill().await?;
            world.server.spawn()?;
            tokio::time::sleep(Duration::from_millis(random.random_range(0..60))).await;
        } else {
            let load = world.work();
            tokio::time::sleep(Duration::from_millis(random.random_range(20..600))).await;
            world.server.kill().await?;
            world.rest(load).await?;
        }
        world.server.kill().await?;
        if let Some(url) = database {
            consistency::wait_for_the_dead(url).await?;
        }
        world.reader.place.ledger.note(&format!("kill {round}"));
        starts.push(world.server.start().await?);
        world.settle().await.with_context(|| format!("after kill {}", round + 1))?;
        if (round + 1) % 10 == 0 {
            world.server.trail_is_whole().await.with_context(|| format!("after kill {}", round + 1))?;
        }
        if (round + 1) % 50 == 0 {
            say(&format!("   {} kills, {} s; {}", round + 1, begun.elapsed().as_secs(), world.told()));
        }
    }
    world.settle_all().await.context("at the end")?;
    world.server.stop().await?;
    match database {
        Some(url) => consistency::postgres(url).await?,
        None => consistency::sqlite(&world.server.data)?,
    }
    world.server.trail_is_whole().await?;
    say(&format!("   {}; {} torn ends of the trail were cut", world.told(), world.server.torn_ends()));
    say(&format!("   recorded: {}", world.shown()));
    world.worked(run.measured)?;
    let max = tell_starts(&starts);
    ensure!(!run.measured || max < START_MAX, "a start took {max:?}; {START_MAX:?} is the limit");
    Ok(())
}

/// Says how long the starts took; the longest.
fn tell_starts(starts: &[Start]) -> Duration {
    let at = |part: usize, of: &dyn Fn(&Start) -> Duration| {
        let mut all: Vec<Duration> = starts.iter().map(of).collect();
        all.sort_unstable();
        all.get((all.len() * part / 1_000).min(all.len().saturating_sub(1))).copied().unwrap_or_default()
    };
    let told = |of: &dyn Fn(&Start) -> Duration| {
        format!("p50 {:.1?}, p99 {:.1?}, max {:.1?}", at(500, of), at(990, of), at(1_000, of))
    };
    say(&format!("   {} starts: {}", starts.len(), told(&|start| start.own)));
    say(&format!("   with the time that others had the processors: {}", told(&|start| start.wall)));
    at(1_000, &|start| start.own)
}
