//! A PostgreSQL server of our own, made by `scripts/postgres-scratch`: killed with all its processes, stopped in their tracks, started again.
//! Knows nothing of what is in it.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use tempfile::TempDir;
use tokio::process::Command;
use tokio_postgres::NoTls;

use crate::http::between;
use crate::server::signal;

/// A server.
#[derive(Debug)]
pub(crate) struct Postgres {
    scratch: TempDir,
    url: String,
    databases: usize,
}

impl Postgres {
    /// Makes and starts one.
    pub(crate) async fn new() -> anyhow::Result<Self> {
        let scratch = TempDir::with_prefix("portico-kill-postgres-")?;
        let owner = std::process::id().to_string();
        let out = Command::new("scripts/postgres-scratch")
            .arg(scratch.path())
            .args(["--owner", &owner])
            .stderr(Stdio::inherit())
            .output()
            .await
            .context("scripts/postgres-scratch (run from the repository's root)")?;
        ensure!(out.status.success(), "no PostgreSQL server");
        Ok(Self { scratch, url: String::from_utf8(out.stdout)?.trim().to_owned(), databases: 0 })
    }

    /// A new database's URL.
    pub(crate) async fn database(&mut self) -> anyhow::Result<String> {
        self.databases += 1;
        let name = format!("kill_{}", self.databases);
        let (client, connection) = tokio_postgres::connect(&self.url, NoTls).await?;
        tokio::spawn(connection);
        client.batch_execute(&format!("CREATE DATABASE {name}")).await?;
        Ok(self.url.replace("/postgres?", &format!("/{name}?")))
    }

    fn data(&self) -> PathBuf {
        self.scratch.path().join("data")
    }

    /// The server's first process, and all that it has started.
    fn processes(&self) -> anyhow::Result<Vec<u32>> {
        let file = std::fs::read_to_string(self.data().join("postmaster.pid"))?;
        let first: u32 = file.lines().next().unwrap_or_default().parse()?;
        let mut all = vec![first];
        for entry in std::fs::read_dir("/proc")?.filter_map(Result::ok) {
            let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
            let status = std::fs::read_to_string(entry.path().join("status")).unwrap_or_default();
            let parent = between(&status, "PPid:", "\n").and_then(|text| text.trim().parse().ok());
            if parent == Some(first) {
                all.push(id);
            }
        }
        Ok(all)
    }

    /// Sends a signal to every process at once.
    async fn signal(&self, name: &str) -> anyhow::Result<Vec<u32>> {
        // While they are counted, the first one must not start another.
        if let Some(first) = self.processes()?.first() {
            signal(*first, "STOP").await?;
        }
        let all = self.processes()?;
        // Not its success: one of them may have ended by itself meanwhile.
        Command::new("kill")
            .arg(format!("-{name}"))
            .args(all.iter().map(ToString::to_string))
            .stderr(Stdio::null())
            .status()
            .await?;
        Ok(all)
    }

    /// `kill -9` of all processes; returns once they are gone.
    pub(crate) async fn kill(&self) -> anyhow::Result<()> {
        let all = self.signal("KILL").await?;
        for _ in 0..1_000 {
            if all.iter().all(|id| ended(*id)) {
                return self.forget();
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        bail!("PostgreSQL does not die")
    }

    /// Removes what says that the server runs: where the first process of the machine reaps nobody, the dead one would count as running.
    fn forget(&self) -> anyhow::Result<()> {
        std::fs::remove_file(self.data().join("postmaster.pid"))?;
        for entry in std::fs::read_dir(self.scratch.path())?.filter_map(Result::ok) {
            if entry.file_name().to_string_lossy().starts_with(".s.PGSQL") {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// Stops every process where it stands.
    pub(crate) async fn freeze(&self) -> anyhow::Result<()> {
        self.signal("STOP").await.map(|_| ())
    }

    /// Lets them go on.
    pub(crate) async fn thaw(&self) -> anyhow::Result<()> {
        self.signal("CONT").await.map(|_| ())
    }

    /// Starts it again, as it was started first.
    pub(crate) async fn start(&self) -> anyhow::Result<()> {
        let options = std::fs::read_to_string(self.data().join("postmaster.opts"))?;
        let program = options.split_whitespace().next().context("postmaster.opts is empty")?;
        let tool = Path::new(program).with_file_name("pg_ctl");
        // The server refuses to run as root, and takes its options as one word.
        let words = options.trim().split_once(' ').map_or("", |(_, words)| words).replace('"', "");
        let words: Vec<&str> = words.split_whitespace().skip_while(|word| *word != "-p").collect();
        let ours = std::fs::read_to_string("/proc/self/status")?;
        let root = between(&ours, "Uid:\t", "\t") == Some("0");
        let mut command = if root {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(tool);
            command
        } else {
            Command::new(tool)
        };
        let status = command
            .current_dir(self.scratch.path())
            .arg("--pgdata")
            .arg(self.data())
            .arg("--log")
            .arg(self.scratch.path().join("server.log"))
            .args(["--wait", "start", "--options", &words.join(" ")])
            .stdout(Stdio::null())
            .status()
            .await?;
        let log = || std::fs::read_to_string(self.scratch.path().join("server.log")).unwrap_or_default();
        ensure!(status.success(), "PostgreSQL does not start again: {}", log());
        Ok(())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // The script's watch would stop it too, but only after this directory is gone.
        for id in self.processes().unwrap_or_default() {
            let _ = std::process::Command::new("kill")
                .args(["-KILL", &id.to_string()])
                .stderr(Stdio::null())
                .status();
        }
    }
}

/// Whether a process is gone, or only waits for whoever started it to notice.
fn ended(id: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    status.is_empty() || status.contains("State:\tZ")
}
