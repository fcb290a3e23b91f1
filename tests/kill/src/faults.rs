//! A world that fails: a full disk, a disk that takes nothing, a clock that jumps, a database that is gone for a minute. While it lasts,
//! whoever asks is told plainly; nothing acknowledged is lost, nothing half done; afterwards the server is well again by itself.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use http::Method;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::json;
use tempfile::TempDir;
use tokio::process::Command;

use crate::actor::{Actor, NOT_KNOWN, Reply};
use crate::consistency;
use crate::disk::Disk;
use crate::http::{Answer, Ask};
use crate::ledger::Outcome;
use crate::postgres::Postgres;
use crate::say;
use crate::server::Setting;
use crate::world::{Plan, World};

/// How long the server may take to be well again.
const WELL_AGAIN: Duration = Duration::from_secs(15);

/// How long the server may keep whoever asks for what its database cannot do: the ten seconds that it gives a statement, and then to notice.
const TOLD: Duration = Duration::from_secs(20);

/// What the cases have in common.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trouble<'t> {
    pub(crate) binary: &'t Path,
    pub(crate) seed: u64,
    /// How long it lasts.
    pub(crate) lasts: Duration,
}

impl Trouble<'_> {
    async fn world(&self, setting: Setting, data: Option<PathBuf>) -> anyhow::Result<World> {
        World::new(Plan { binary: self.binary, setting, data, seed: self.seed, leavers: 16 }).await
    }
}

/// Works for a while.
async fn busy(world: &mut World, time: Duration) -> anyhow::Result<()> {
    let load = world.work();
    tokio::time::sleep(time).await;
    world.rest(load).await
}

/// Somebody who is nobody's worker.
fn prober(world: &World, seed: u64) -> Actor {
    Actor::new(&world.reader.place, StdRng::seed_from_u64(seed), "192.0.2.2".to_owned())
}

/// Tries a change that must not happen.
async fn refused(prober: &Actor) -> anyhow::Result<()> {
    let ask = prober.place.directory("CreateGroup", json!({"DisplayName": "must not be"}));
    match prober.change("CreateGroup", &["CreateGroup"], ask).await? {
        Reply::Refused(answer) => explained(&answer),
        Reply::Open(number) => match prober.place.ledger.heard(number) {
            // The server itself does not know, and says so.
            Outcome::InDoubt(why) if why.contains(NOT_KNOWN) => Ok(()),
            other => bail!("a change that cannot be made was not answered: {other:?}"),
        },
        Reply::Done(_) => bail!("a change was acknowledged that cannot have been made"),
    }
}

/// A refusal must say that it is the server's trouble, as the model names it, and what to do.
fn explained(answer: &Answer) -> anyhow::Result<()> {
    ensure!(
        answer.status.as_u16() == 503
            && answer.code() == "InternalServerException"
            && !answer.header("retry-after").is_empty()
            && answer.text().contains("try again"),
        "a change was refused, and not as one that may be tried again: {}",
        answer.shown()
    );
    Ok(())
}

async fn status(prober: &Actor, path: &str) -> anyhow::Result<u16> {
    Ok(prober.look(Ask::plain(Method::GET, path, "")).await?.status.as_u16())
}

/// Waits until a change is possible again.
async fn well_again(world: &World, prober: &Actor) -> anyhow::Result<Duration> {
    let begun = Instant::now();
    loop {
        let ask = prober.place.admin(
            "TagResource",
            json!({
                "ResourceArn": world.common_set(), "Tags": [{"Key": "well", "Value": "again"}],
            }),
        );
        let reply = prober.change("TagResource", &["TagResource"], ask).await?;
        ensure!(begun.elapsed() < WELL_AGAIN, "the server is not well again");
        if let Reply::Done(_) = reply {
            return Ok(begun.elapsed());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The end of every case: everything compared, the server stopped in order, its database checked.
async fn compare(world: &mut World, database: Option<&str>, data: &Path) -> anyhow::Result<()> {
    world.settle_all().await.context("at the end")?;
    world.server.stop().await?;
    match database {
        Some(url) => consistency::postgres(url).await?,
        None => consistency::sqlite(data)?,
    }
    world.server.trail_is_whole().await?;
    say(&format!("   {}", world.told()));
    Ok(())
}

/// A disk that is full.
pub(crate) async fn disk_full(trouble: Trouble<'_>) -> anyhow::Result<()> {
    let scratch = TempDir::with_prefix("portico-kill-disk-")?;
    let mut disk = Disk::new(scratch.path(), 48).await?;
    // Its log is on the same disk, as it often is.
    let log = Some(disk.seen().join("server.log"));
    let setting = Setting { wrapper: disk.wrapper(), log, ..Setting::default() };
    let mut world = trouble.world(setting, Some(scratch.path().join("data"))).await?;
    let ended = full(trouble, &mut world, &disk).await;
    ensure!(disk.holds(), "the disk is gone");
    world.close(ended).await
}

async fn full(trouble: Trouble<'_>, world: &mut World, disk: &Disk) -> anyhow::Result<()> {
    busy(world, Duration::from_secs(1)).await?;
    world.settle().await?;
    let prober = prober(world, trouble.seed);
    let load = world.work();
    disk.fill().await?;
    let begun = Instant::now();
    let mut refusals = 0;
    while begun.elapsed() < trouble.lasts {
        // What room the log had left is used up first.
        let ask = prober.place.admin(
            "TagResource",
            json!({
                "ResourceArn": world.common_set(), "Tags": [{"Key": "full", "Value": "x".repeat(200)}],
            }),
        );
        if let Reply::Refused(answer) = prober.change("TagResource", &["TagResource"], ask).await? {
            explained(&answer)?;
            refusals += 1;
        }
        let users = prober.look(prober.place.directory("ListUsers", json!({"MaxResults": 1}))).await?;
        ensure!(users.status.is_success(), "a full disk stops who only reads: {}", users.shown());
        ensure!(status(&prober, "/healthz").await? == 200, "a full disk stops the server");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    ensure!(refusals > 0, "the disk was full and nobody noticed");
    ensure!(world.server.runs(), "the server ended with its disk full");
    disk.empty().await?;
    let after = well_again(world, &prober).await?;
    world.rest(load).await?;
    busy(world, Duration::from_millis(500)).await?;
    say(&format!("   {refusals} refusals while the disk was full; well again after {after:.1?}"));
    world.settle().await?;
    // What the disk held back must not come out when the log is read again.
    world.server.kill().await?;
    world.server.start().await?;
    compare(world, None, &disk.seen().join("data")).await
}

/// A disk that takes nothing: under a running server, then for one that starts.
pub(crate) async fn disk_read_only(trouble: Trouble<'_>) -> anyhow::Result<()> {
    let scratch = TempDir::with_prefix("portico-kill-disk-")?;
    let mut disk = Disk::new(scratch.path(), 256).await?;
    let mut wrapper = disk.wrapper();
    // The kernel's signal to whoever writes beyond the limit is not what is tried here.
    wrapper.extend(["sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh"].map(str::to_owned));
    let setting = Setting { wrapper, ..Setting::default() };
    let mut world = trouble.world(setting, Some(scratch.path().join("data"))).await?;
    let ended = read_only(trouble, &mut world, &disk).await;
    ensure!(disk.holds(), "the disk is gone");
    world.close(ended).await
}

async fn read_only(trouble: Trouble<'_>, world: &mut World, disk: &Disk) -> anyhow::Result<()> {
    busy(world, Duration::from_secs(1)).await?;
    world.settle().await?;
    let prober = prober(world, trouble.seed);
    let load = world.work();
    limit_writes(world, "0").await?;
    let begun = Instant::now();
    while begun.elapsed() < trouble.lasts {
        refused(&prober).await?;
        let users = prober.look(prober.place.directory("ListUsers", json!({"MaxResults": 1}))).await?;
        ensure!(users.status.is_success(), "who only reads is stopped: {}", users.shown());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    ensure!(world.server.runs(), "the server ended with its disk");
    limit_writes(world, "unlimited").await?;
    let after = well_again(world, &prober).await?;
    world.rest(load).await?;
    say(&format!("   well again after {after:.1?}"));
    world.settle().await?;
    world.server.kill().await?;
    disk.remount("ro").await?;
    let started = world.server.start().await;
    ensure!(started.is_err() && !world.server.runs(), "a server serves from a disk that it cannot write to");
    let log = std::fs::read_to_string(&world.server.log)?;
    let last = log.lines().last().unwrap_or_default();
    ensure!(last.contains("Read-only file system"), "a read-only disk is explained by: {last}");
    disk.remount("rw").await?;
    world.server.start().await?;
    busy(world, Duration::from_millis(500)).await?;
    compare(world, None, &disk.seen().join("data")).await
}

/// From now on every write of the server to a file fails, or none.
async fn limit_writes(world: &World, limit: &str) -> anyhow::Result<()> {
    let id = world.server.id().context("the server does not run")?.to_string();
    let limit = format!("--fsize={limit}:unlimited");
    let status = Command::new("prlimit").args(["--pid", &id, &limit]).status().await?;
    ensure!(status.success(), "prlimit");
    Ok(())
}

/// A database that is gone, then one that stands still.
pub(crate) async fn database_gone(trouble: Trouble<'_>) -> anyhow::Result<()> {
    let mut postgres = Postgres::new().await?;
    let url = postgres.database().await?;
    let setting = Setting { database: Some(url.clone()), ..Setting::default() };
    let mut world = trouble.world(setting, None).await?;
    let ended = gone(trouble, &mut world, &postgres, &url).await;
    world.close(ended).await
}

async fn gone(trouble: Trouble<'_>, world: &mut World, postgres: &Postgres, url: &str) -> anyhow::Result<()> {
    let prober = prober(world, trouble.seed);
    for frozen in [false, true] {
        busy(world, Duration::from_secs(1)).await?;
        let load = world.work();
        tokio::time::sleep(Duration::from_millis(300)).await;
        let hit = if frozen { postgres.freeze().await } else { postgres.kill().await };
        hit?;
        let (begun, mut slowest) = (Instant::now(), Duration::ZERO);
        while begun.elapsed() < trouble.lasts {
            let asked = Instant::now();
            refused(&prober).await?;
            slowest = slowest.max(asked.elapsed());
            let users = prober.look(prober.place.directory("ListUsers", json!({}))).await?;
            ensure!(users.status.as_u16() == 503, "a read without a database: {}", users.shown());
            ensure!(status(&prober, "/readyz").await? == 503, "/readyz says yes without a database");
            ensure!(status(&prober, "/healthz").await? == 200, "the server is gone with its database");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        ensure!(world.server.runs(), "the server ended with its database");
        let back = if frozen { postgres.thaw().await } else { postgres.start().await };
        back?;
        let after = well_again(world, &prober).await?;
        world.rest(load).await?;
        // What was on its way to a database that stood still, it carries out now.
        consistency::wait_for_quiet(url).await?;
        let how = if frozen { "stood still" } else { "was gone" };
        ensure!(slowest < TOLD, "the database {how}, and somebody was told so after {slowest:.1?}");
        say(&format!(
            "   the database {how} for {:.0?}: told so within {slowest:.1?}; well again after {after:.1?}",
            begun.elapsed()
        ));
        world.settle().await.with_context(|| format!("after the database {how}"))?;
    }
    compare(world, Some(url), Path::new("")).await
}
