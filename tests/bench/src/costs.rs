//! What a while of load cost a server besides time: memory, and what its database has grown by; and the line of a table that says so. Knows not what was asked.

use std::future::Future;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::load::Measured;
use crate::process::{Memory, Process};
use crate::profile::BEHIND;
use crate::report::{count, count_of, mebibytes};

/// What [`Costs::columns`] writes, as the head of a table has it, and below.
pub(crate) const HEAD: &str = " a second | p50 µs | p90 µs | p99 µs | CPU µs of the server | memory of its own, MiB, before | after | bytes of the database a request |";
pub(crate) const BELOW: &str = "--:|--:|--:|--:|--:|--:|--:|--:|";

/// A server's database, if it has one that is a file of SQLite's.
#[derive(Debug, Clone)]
pub(crate) struct Database(PathBuf);

impl Database {
    pub(crate) fn of(file: PathBuf) -> Self {
        Self(file)
    }

    /// Bytes of all pages that hold something, of those too that are in no file but the log yet, and of the trail.
    fn bytes(&self) -> anyhow::Result<i64> {
        const ASKED: &str = "SELECT (c.page_count - f.freelist_count) * s.page_size FROM pragma_page_count c, pragma_freelist_count f, pragma_page_size s";
        let output = Command::new("sqlite3")
            .args(["-readonly", "-cmd", ".timeout 5000"])
            .arg(&self.0)
            .arg(ASKED)
            .output();
        let output = output.context("sqlite3")?;
        if !output.status.success() {
            bail!("sqlite3: {}", String::from_utf8_lossy(&output.stderr));
        }
        let pages: i64 = String::from_utf8_lossy(&output.stdout).trim().parse()?;
        Ok(pages + self.trail()?)
    }

    /// Bytes of the pieces of the trail, which Portico keeps in files beside its database.
    fn trail(&self) -> anyhow::Result<i64> {
        let mut folder = self.0.clone().into_os_string();
        folder.push("-audit");
        let mut bytes = 0;
        for piece in std::fs::read_dir(folder).into_iter().flatten() {
            bytes += i64::try_from(piece?.metadata()?.len())?;
        }
        Ok(bytes)
    }
}

/// A server as its costs are asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Server<'s> {
    pub(crate) process: &'s Process,
    pub(crate) database: Option<&'s Database>,
    /// Whether what it writes may come after its answers.
    pub(crate) writes_later: bool,
}

/// What it came to.
#[derive(Debug, Clone)]
pub(crate) struct Costs {
    pub(crate) measured: Measured,
    before: Memory,
    after: Memory,
    /// Bytes: fewer are there too, when what was written before is packed closer meanwhile.
    grown: i64,
}

impl Server<'_> {
    /// Lets the load go on, and looks before and after it.
    pub(crate) async fn costs(
        self,
        load: impl Future<Output = anyhow::Result<Measured>>,
    ) -> anyhow::Result<Costs> {
        let bytes = || self.database.map_or(Ok(0), Database::bytes);
        let (before, had) = (self.process.memory()?, bytes()?);
        let measured = load.await?;
        if self.writes_later {
            tokio::time::sleep(BEHIND).await;
        }
        Ok(Costs { measured, before, after: self.process.memory()?, grown: bytes()? - had })
    }
}

impl Costs {
    /// Both as one, the other having come later.
    pub(crate) fn and(self, later: &Self) -> anyhow::Result<Self> {
        Ok(Self {
            measured: self.measured.and(&later.measured)?,
            after: later.after,
            grown: self.grown + later.grown,
            ..self
        })
    }

    /// Its columns of a table: [`HEAD`].
    pub(crate) fn columns(&self) -> String {
        let at = |percent: f64| count_of(self.measured.percentile(percent));
        #[expect(clippy::cast_precision_loss, reason = "bytes and counts of a few seconds")]
        let grown = self.grown as f64 / self.measured.operations as f64;
        format!(
            " {} | {} | {} | {} | {} | {} | {} | {} |",
            count(self.measured.per_second()),
            at(50.0),
            at(90.0),
            at(99.0),
            count(self.measured.cpu_micros()),
            mebibytes(self.before.anonymous),
            mebibytes(self.after.anonymous),
            count(grown)
        )
    }
}
