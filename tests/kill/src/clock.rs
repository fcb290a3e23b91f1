//! A clock that jumps an hour, both ways, under a running server: what was taken back stays dead, what is good stays good unless its time is
//! over, the trail keeps its order, and a client whose own clock is right is told what is wrong.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde_json::json;

use crate::consistency;
use crate::faults::Trouble;
use crate::say;
use crate::server::Setting;
use crate::world::{Plan, World};

/// An hour and a little: what is good for an hour is over.
const HOUR: i64 = 3_630;

/// Runs the case.
pub(crate) async fn jumps(trouble: Trouble<'_>) -> anyhow::Result<()> {
    let scratch = tempfile::TempDir::with_prefix("portico-kill-clock-")?;
    let dial = scratch.path().join("time");
    std::fs::write(&dial, "+0")?;
    let library = library()?;
    let setting = Setting {
        environment: [
            ("LD_PRELOAD", library.display().to_string()),
            ("FAKETIME_TIMESTAMP_FILE", dial.display().to_string()),
            ("FAKETIME_NO_CACHE", "1".to_owned()),
            // A clock that is set does not touch the one that only runs.
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec(),
        ..Setting::default()
    };
    let plan = Plan { binary: trouble.binary, setting, data: None, seed: trouble.seed, leavers: 16 };
    let mut world = World::new(plan).await?;
    // Records carry the server's time, which now goes both ways.
    world.slack = Duration::from_secs(3 * 3_600);
    let ended = sets(trouble, &mut world, &dial).await;
    world.close(ended).await
}

/// What Debian's package installed.
fn library() -> anyhow::Result<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib")?.filter_map(Result::ok);
    let found = folders.map(|entry| entry.path().join("faketime/libfaketimeMT.so.1"));
    found.into_iter().find(|path| path.exists()).context("libfaketime is not installed")
}

async fn sets(trouble: Trouble<'_>, world: &mut World, dial: &std::path::Path) -> anyhow::Result<()> {
    let mut ahead = 0;
    // Forward, back, back, forward: each under load.
    for next in [HOUR, 0, -HOUR, 0] {
        let load = world.work();
        tokio::time::sleep(trouble.lasts).await;
        world.rest(load).await?;
        world.settle().await.with_context(|| format!("{ahead} s ahead"))?;
        std::fs::write(dial, format!("{next:+}"))?;
        // Who still has the other time is told so, and nothing happens.
        let stale = world.reader.look(world.reader.place.directory("ListUsers", json!({}))).await?;
        ensure!(
            stale.code() == "InvalidSignatureException" && stale.text().contains("Signature"),
            "a signature from another hour is answered as {}",
            stale.shown()
        );
        world.set_clocks(next, next > ahead);
        ahead = next;
        world.settle().await.with_context(|| format!("at once after a jump to {ahead} s"))?;
        say(&format!("   the clock at {ahead:+} s; {}", world.told()));
    }
    busy_and_killed(trouble, world).await?;
    world.settle_all().await.context("at the end")?;
    world.server.stop().await?;
    consistency::sqlite(&world.server.data)?;
    say(&format!("   {}", world.told()));
    Ok(())
}

async fn busy_and_killed(trouble: Trouble<'_>, world: &mut World) -> anyhow::Result<()> {
    let load = world.work();
    tokio::time::sleep(trouble.lasts).await;
    world.server.kill().await?;
    world.rest(load).await?;
    world.server.start().await?;
    world.settle().await.context("after a kill")
}
