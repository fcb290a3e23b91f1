//! The cases by name, with their counts and times in full and in short.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::bail;

use crate::faults::Trouble;
use crate::kills::Run;
use crate::postgres::Postgres;
use crate::revocations::Tries;
use crate::steady::Steady;
use crate::{clock, faults, hosts, kills, revocations, steady};

/// Every case, in the order in which they run.
pub(crate) const CASES: &[&str] = &[
    "kills_on_sqlite",
    "kills_on_postgres",
    "kills_of_postgres",
    "disk_full",
    "disk_read_only",
    "clock_jumps",
    "database_gone",
    "hosts_that_hang",
    "mixed_calls",
    "revocations",
];

/// What all cases have in common.
#[derive(Debug)]
pub(crate) struct Terms {
    /// The binary.
    pub(crate) portico: PathBuf,
    /// Few kills and seconds of trouble, and a binary whose start is not measured.
    pub(crate) short: bool,
    /// What every choice depends on.
    pub(crate) seed: u64,
}

impl Terms {
    fn kills(&self, short: usize, full: usize) -> Run<'_> {
        let kills = if self.short { short } else { full };
        Run { binary: &self.portico, kills, seed: self.seed, measured: !self.short }
    }

    fn seconds(&self, short: u64, full: u64) -> Trouble<'_> {
        let lasts = Duration::from_secs(if self.short { short } else { full });
        Trouble { binary: &self.portico, seed: self.seed, lasts }
    }
}

/// Runs a case.
pub(crate) async fn run(name: &str, terms: &Terms) -> anyhow::Result<()> {
    match name {
        "kills_on_sqlite" => kills::kill(&terms.kills(40, 1_000), None).await,
        "kills_on_postgres" => {
            let mut postgres = Postgres::new().await?;
            let url = postgres.database().await?;
            kills::kill(&terms.kills(15, 200), Some(url)).await
        }
        "kills_of_postgres" => kills::kill_database(&terms.kills(4, 50), &mut Postgres::new().await?).await,
        "disk_full" => faults::disk_full(terms.seconds(3, 30)).await,
        "disk_read_only" => faults::disk_read_only(terms.seconds(2, 30)).await,
        // Every comparison reads the whole trail: the case takes the square of this.
        "clock_jumps" => clock::jumps(terms.seconds(1, 5)).await,
        // In short long enough for a statement to run out of its time.
        "database_gone" => faults::database_gone(terms.seconds(12, 60)).await,
        "hosts_that_hang" => hosts::hang(&terms.portico).await,
        "mixed_calls" => {
            let lasts = Duration::from_secs(if terms.short { 4 } else { 300 });
            steady::mixed(Steady { binary: &terms.portico, seed: terms.seed, lasts }).await
        }
        "revocations" => {
            // Six times: three kinds that go to and fro, on two engines.
            let of_each = if terms.short { 100 } else { 170_000 };
            let mut postgres = Postgres::new().await?;
            for database in [None, Some(postgres.database().await?)] {
                let tries = Tries { binary: &terms.portico, seed: terms.seed, database, of_each };
                revocations::hammer(tries).await?;
            }
            Ok(())
        }
        _ => bail!("no such case"),
    }
}
