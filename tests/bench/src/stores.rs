//! Stores filled by `portico init`, kept in the cache for as long as nothing that they follow from has changed, and copied for each run.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, bail};
use aws_lc_rs::digest;

use crate::company::Company;
use crate::report::say;
use crate::seed;
use crate::sign::hex;

/// Where things are.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    /// The workspace.
    pub(crate) root: PathBuf,
    /// Where `scripts/install` keeps the peers.
    pub(crate) tools: PathBuf,
    /// What outlives a run.
    pub(crate) cache: PathBuf,
    /// What does not.
    pub(crate) scratch: PathBuf,
    /// The binary.
    pub(crate) portico: PathBuf,
}

/// What a filled store follows from, besides the number of people.
const SOURCES: [&str; 6] = [
    "tests/bench/src/company.rs",
    "tests/bench/src/seed.rs",
    "crates/portico/src/init.rs",
    "crates/portico/src/seed.rs",
    "crates/portico/src/seed_file.rs",
    "crates/store/migrations",
];

/// What a filled store is, and how long it took to fill.
#[derive(Debug, Clone)]
pub(crate) struct Filled {
    pub(crate) data: PathBuf,
    pub(crate) bytes: u64,
    pub(crate) seconds: f64,
}

impl Places {
    /// A copy of the store of `company`, in a data directory of its own.
    pub(crate) fn copy(&self, company: &Company, name: &str) -> anyhow::Result<Filled> {
        let pristine = self.filled(company)?;
        let data = self.scratch.join(name);
        std::fs::create_dir_all(&data)?;
        for entry in std::fs::read_dir(&pristine.data)? {
            let entry = entry?;
            let to = data.join(entry.file_name());
            std::fs::copy(entry.path(), &to)?;
            // Written out now, so that the disk is not busy with it while others wait for the disk, and read once, as after an hour of service.
            let mut file = File::open(&to)?;
            file.sync_all()?;
            std::io::copy(&mut file, &mut std::io::sink())?;
        }
        Ok(Filled { data, ..pristine })
    }

    fn filled(&self, company: &Company) -> anyhow::Result<Filled> {
        let data = self.cache.join(format!("store-{}-{}", company.people(), self.fingerprint()?));
        let took = data.join("seconds");
        if !took.exists() {
            say(&format!("filling a store of {} people", company.people()));
            let _ = std::fs::remove_dir_all(&data);
            self.forget_others(company)?;
            let begun = Instant::now();
            self.fill(&self.portico, company, &data, None)?;
            std::fs::write(&took, format!("{:.1}", begun.elapsed().as_secs_f64()))?;
        }
        let seconds = std::fs::read_to_string(&took)?.parse()?;
        let bytes = std::fs::metadata(data.join("portico.db"))?.len();
        Ok(Filled { data, bytes, seconds })
    }

    /// `portico init` with the seed written straight into it; into a PostgreSQL database, where one is named.
    pub(crate) fn fill(
        &self,
        portico: &Path,
        company: &Company,
        data: &Path,
        database: Option<&str>,
    ) -> anyhow::Result<()> {
        std::fs::create_dir_all(&self.cache)?;
        let made = data.with_extension("json");
        let mut init = Command::new(portico)
            .args(["init", "--seed", "-", "--output", "json", "--data-dir"])
            .arg(data)
            .args(database.iter().flat_map(|url| ["--database", *url]))
            .stdin(Stdio::piped())
            .stdout(File::create(&made)?)
            .spawn()
            .with_context(|| portico.display().to_string())?;
        let input = init.stdin.take().context("a pipe")?;
        let written = seed::write(company, &mut std::io::BufWriter::with_capacity(1 << 18, input));
        let status = init.wait()?;
        if !status.success() {
            bail!("portico init failed: {status}");
        }
        written?;
        std::fs::rename(made, data.join("made.json"))?;
        Ok(())
    }

    /// Stores of this size that something older made.
    fn forget_others(&self, company: &Company) -> anyhow::Result<()> {
        let prefix = format!("store-{}-", company.people());
        for entry in std::fs::read_dir(&self.cache).into_iter().flatten() {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(&prefix) {
                std::fs::remove_dir_all(entry.path())?;
            }
        }
        Ok(())
    }

    fn fingerprint(&self) -> anyhow::Result<String> {
        let mut hash = digest::Context::new(&digest::SHA256);
        for source in SOURCES {
            let path = self.root.join(source);
            let mut files = vec![path.clone()];
            if path.is_dir() {
                files = std::fs::read_dir(&path)?
                    .map(|entry| Ok(entry?.path()))
                    .collect::<anyhow::Result<_>>()?;
                files.sort();
            }
            for file in files {
                hash.update(&std::fs::read(&file).with_context(|| file.display().to_string())?);
            }
        }
        Ok(hex(hash.finish().as_ref()).chars().take(12).collect())
    }
}
