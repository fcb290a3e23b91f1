//! A disk of a fixed size that can be filled, emptied and made read-only, without special rights: a file system in memory, mounted in a
//! namespace of its own. Programs that are to see it are run through [`Disk::wrapper`]; this program reaches it through the process that
//! holds it.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// A disk.
#[derive(Debug)]
pub(crate) struct Disk {
    holder: Child,
    place: PathBuf,
    id: u32,
}

impl Disk {
    /// Mounts one of `mebibytes` at `place`, for those who enter its namespace.
    pub(crate) async fn new(place: &Path, mebibytes: usize) -> anyhow::Result<Self> {
        std::fs::create_dir_all(place)?;
        let script = format!("mount -t tmpfs -o size={mebibytes}m tmpfs \"$1\" && echo mounted && exec cat");
        // It ends with its standard input, and so with this program.
        let mut holder = Command::new("unshare")
            .args(["--user", "--map-root-user", "--mount", "sh", "-c", &script, "sh"])
            .arg(place)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("unshare")?;
        let id = holder.id().context("unshare ended")?;
        let out = holder.stdout.take().context("unshare's output")?;
        let said = BufReader::new(out).lines().next_line().await?;
        ensure!(said.as_deref() == Some("mounted"), "no file system can be mounted in a user namespace here");
        Ok(Self { holder, place: place.to_owned(), id })
    }

    /// The words before a program that is to see the disk.
    pub(crate) fn wrapper(&self) -> Vec<String> {
        let target = self.id.to_string();
        ["nsenter", "--preserve-credentials", "--user", "--mount", "--target", &target]
            .map(str::to_owned)
            .to_vec()
    }

    /// The disk as this program sees it.
    pub(crate) fn seen(&self) -> PathBuf {
        let inside = self.place.strip_prefix("/").unwrap_or(&self.place);
        PathBuf::from(format!("/proc/{}/root", self.id)).join(inside)
    }

    async fn inside(&self, program: &str, arguments: &[&str]) -> anyhow::Result<bool> {
        let wrapper = self.wrapper();
        let (first, rest) = wrapper.split_first().context("no wrapper")?;
        let mut command = Command::new(first);
        command.args(rest).arg(program).args(arguments).stderr(Stdio::null());
        Ok(command.status().await?.success())
    }

    /// Fills it to the last byte.
    pub(crate) async fn fill(&self) -> anyhow::Result<()> {
        let file = format!("of={}/filler", self.place.display());
        let filled = self.inside("dd", &["if=/dev/zero", &file, "bs=4096"]).await?;
        ensure!(!filled, "a disk of a fixed size took everything");
        Ok(())
    }

    /// Makes room again.
    pub(crate) async fn empty(&self) -> anyhow::Result<()> {
        let file = format!("{}/filler", self.place.display());
        ensure!(self.inside("rm", &[&file]).await?, "the disk could not be emptied");
        Ok(())
    }

    /// Makes it read-only, or writable again. Nobody may have a file of it open for writing.
    pub(crate) async fn remount(&self, how: &str) -> anyhow::Result<()> {
        let place = self.place.display().to_string();
        for _ in 0..100 {
            if self.inside("mount", &["-o", &format!("remount,{how}"), &place]).await? {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        bail!("the disk cannot be remounted {how}")
    }

    /// Whether it is still there.
    pub(crate) fn holds(&mut self) -> bool {
        matches!(self.holder.try_wait(), Ok(None))
    }
}
