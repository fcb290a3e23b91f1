//! Writes a seed file entry by entry, so that one of any size takes little memory: YAML a section after the other, or JSON documents of so many
//! entries each. Beside its place until it is whole, and readable by its owner alone: it names everybody.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde::Serialize;
use serde_json::{Value, json};

use crate::files::sync_dir;
use crate::moving::gathered::{Entry, Sink};

/// Entries of a JSON document.
const BATCH: usize = 500;

/// A file that is being written.
pub(crate) struct SeedWriter {
    file: BufWriter<File>,
    path: PathBuf,
    beside: PathBuf,
    is_yaml: bool,
    section: &'static str,
    batch: Vec<Value>,
}

impl SeedWriter {
    /// For a file that is not there yet: YAML where its name ends so, JSON documents otherwise.
    pub(crate) fn create(path: &Path) -> anyhow::Result<Self> {
        if path.exists() {
            bail!("{} is there already: name a new file", path.display());
        }
        let mut beside = path.as_os_str().to_owned();
        beside.push(".part");
        let beside = PathBuf::from(beside);
        // What a killed run left goes. A file or link that somebody puts there meanwhile is not written through.
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("remove {}", beside.display()));
            }
            _ => {}
        }
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside);
        let file = file.with_context(|| format!("make file {}", beside.display()))?;
        let ending = path.extension().and_then(|ending| ending.to_str());
        let is_yaml = ending.is_some_and(|ending| ["yaml", "yml"].contains(&ending));
        let file = BufWriter::new(file);
        Ok(Self { file, path: path.to_owned(), beside, is_yaml, section: "", batch: Vec::new() })
    }

    /// Says what the file lacks, makes it durable and puts it into its place.
    pub(crate) fn finish(mut self, lacking: &[String]) -> anyhow::Result<()> {
        if !lacking.is_empty() {
            self.object(&json!({ "incomplete": lacking }))?;
        }
        self.end_section()?;
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        fs::rename(&self.beside, &self.path)
            .with_context(|| format!("put {} into its place", self.path.display()))?;
        match self.path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            Some(parent) => sync_dir(parent),
            None => sync_dir(Path::new(".")),
        }
    }

    fn object(&mut self, keys: &Value) -> anyhow::Result<()> {
        self.end_section()?;
        if self.is_yaml {
            self.file.write_all(serde_yaml_ng::to_string(keys)?.as_bytes())?;
        } else {
            writeln!(self.file, "{keys}")?;
        }
        Ok(())
    }

    fn item(&mut self, section: &'static str, value: &impl Serialize) -> anyhow::Result<()> {
        if self.section != section {
            self.end_section()?;
            self.section = section;
            if self.is_yaml {
                writeln!(self.file, "{section}:")?;
            }
        }
        if self.is_yaml {
            self.file.write_all(serde_yaml_ng::to_string(&[value])?.as_bytes())?;
            return Ok(());
        }
        self.batch.push(serde_json::to_value(value)?);
        if self.batch.len() >= BATCH { self.write_batch() } else { Ok(()) }
    }

    fn write_batch(&mut self) -> anyhow::Result<()> {
        let batch = std::mem::take(&mut self.batch);
        writeln!(self.file, "{}", json!({ self.section: batch }))?;
        Ok(())
    }

    fn end_section(&mut self) -> anyhow::Result<()> {
        if !self.batch.is_empty() {
            self.write_batch()?;
        }
        self.section = "";
        Ok(())
    }
}

impl Sink for SeedWriter {
    fn take(&mut self, entry: Entry) -> anyhow::Result<()> {
        match entry {
            Entry::Head(head) => self.object(&json!({ "instance": head.0, "organization": head.1 })),
            Entry::Unit(unit) => self.item("organizationalUnits", &unit),
            Entry::Account(account) => self.item("accounts", &account),
            Entry::User(user) => self.item("users", &user),
            Entry::Group(group) => self.item("groups", &group),
            Entry::PermissionSet(set) => self.item("permissionSets", &set),
            Entry::Assignment(assignment) => self.item("assignments", &assignment),
        }
    }
}

impl Drop for SeedWriter {
    /// What is not whole goes; what is whole is no longer there.
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.beside);
    }
}
