//! The directory in which the pieces of a trail are files, one a piece, readable by their owner alone. Follows no links: neither the directory
//! nor a file of it may be one.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use model::fault::{Fault, FaultKind};
use store::db::{Location, Store};

use crate::piece::{Index, Kind, whole};

/// Such a directory; it need not be there yet.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

impl Folder {
    /// The one of a database; `None` when the database itself keeps its trail.
    pub fn of(store: &Store) -> Option<Self> {
        store.beside("audit").map(Self)
    }

    /// [`Self::of`] one that is not open.
    pub fn at(location: &Location) -> Option<Self> {
        location.beside("audit").map(Self)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The file of a piece.
    pub(crate) fn file(&self, kind: Kind, number: i64) -> PathBuf {
        self.0.join(format!("{}-{number:08}.jsonl", kind.as_str()))
    }

    /// The numbers of the pieces of a kind that are there, in order.
    pub(crate) fn list(&self, kind: Kind) -> Result<Vec<i64>, Fault> {
        let fault = |error| self.fault(&error);
        if let Err(error) = self.look()
            && error.kind() == ErrorKind::NotFound
        {
            return Ok(Vec::new());
        }
        self.look().map_err(fault)?;
        let mut numbers = Vec::new();
        for entry in fs::read_dir(&self.0).map_err(fault)? {
            let name = entry.map_err(fault)?.file_name();
            let number: Option<i64> = name.to_str().and_then(|name| {
                name.strip_prefix(kind.as_str())?.strip_prefix('-')?.strip_suffix(".jsonl")?.parse().ok()
            });
            numbers.extend(number);
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// Bytes of all pieces.
    pub fn bytes(&self) -> u64 {
        let entries = fs::read_dir(&self.0).into_iter().flatten().flatten();
        entries.filter_map(|entry| entry.metadata().ok()).map(|file| file.len()).sum()
    }

    /// Makes the file of a new piece, and the directory if need be; durable once what is written to it is.
    pub(crate) fn create(&self, kind: Kind, number: i64) -> io::Result<File> {
        match DirBuilder::new().mode(0o700).create(&self.0) {
            Ok(()) => self.0.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all())?,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => self.look()?,
            Err(error) => return Err(error),
        }
        let path = self.file(kind, number);
        let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)?;
        let known = File::open(&self.0).and_then(|directory| directory.sync_all());
        if let Err(error) = known {
            // Or it would stand in the way of the next attempt.
            self.remove(kind, number)?;
            return Err(error);
        }
        Ok(file)
    }

    /// Opens a piece, to cut it too if `write`.
    pub(crate) fn open(&self, kind: Kind, number: i64, write: bool) -> io::Result<File> {
        self.look()?;
        let path = self.file(kind, number);
        if !fs::symlink_metadata(&path)?.is_file() {
            return Err(io::Error::new(ErrorKind::InvalidInput, "it is no file"));
        }
        OpenOptions::new().read(true).write(write).open(path)
    }

    /// The bytes of a piece.
    pub(crate) fn read(&self, kind: Kind, number: i64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open(kind, number, false)?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Removes the file of a piece, if it is there.
    pub(crate) fn remove(&self, kind: Kind, number: i64) -> io::Result<()> {
        match fs::remove_file(self.file(kind, number)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Cuts what was not written to its end from the last piece of a chain: the bytes that are left, and how many were cut. One whose head is not
    /// whole is no piece: its file goes.
    pub(crate) fn mend(&self, kind: Kind, number: i64) -> Result<(Vec<u8>, u64), Fault> {
        let mend = || {
            let mut file = self.open(kind, number, true)?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            let kept = whole(&bytes);
            let cut = bytes.len().saturating_sub(kept) as u64;
            bytes.truncate(kept);
            if kept == 0 {
                self.remove(kind, number)?;
            } else if cut > 0 {
                file.set_len(kept as u64)?;
            }
            // What a process that was killed had written need not be on the disk yet.
            file.sync_all()?;
            Ok((bytes, cut))
        };
        mend().map_err(|error: io::Error| self.fault(&error))
    }

    /// The records that are in files, two at most, and the greatest id in the files of either kind that are the last.
    pub fn glance(&self) -> Result<(u64, Option<u128>), Fault> {
        let (mut records, mut newest) = (0_u64, None);
        for kind in Kind::ALL {
            for number in self.list(kind)?.into_iter().rev().take(NEWEST) {
                let piece = self.read(kind, number).map_err(|error| self.fault(&error))?;
                for id in Index::of(&piece).ids() {
                    records = records.saturating_add(1).min(2);
                    newest = newest.max(Some(id));
                }
            }
        }
        Ok((records, newest))
    }

    /// Removes every piece: with the instance that they tell of.
    pub fn clear(&self) -> Result<(), Fault> {
        for kind in Kind::ALL {
            for number in self.list(kind)? {
                self.remove(kind, number).map_err(|error| self.fault(&error))?;
            }
        }
        Ok(())
    }

    fn look(&self) -> io::Result<()> {
        if fs::symlink_metadata(&self.0)?.is_dir() {
            return Ok(());
        }
        Err(io::Error::new(ErrorKind::NotADirectory, "it is no directory"))
    }

    /// What went wrong with the files, for callers and for the log.
    pub(crate) fn fault(&self, error: &io::Error) -> Fault {
        let message = "The audit trail cannot be read or written. Try again in a moment.";
        let context = format!("{}: {error}", self.0.display());
        Fault::new(FaultKind::Unavailable, message).with_context(context)
    }
}

/// Pieces of a kind in which the newest record is looked for: one that was closed meanwhile is followed by another.
const NEWEST: usize = 3;
