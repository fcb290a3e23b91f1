//! Who may have a SQLite database open: one process. What a server knows of it without looking rests on nobody else changing it, and so does
//! an `init` that decides by what it finds. The kernel keeps the locks, so that they end with their process however it ends.
//!
//! PostgreSQL is made for several: there nothing is locked, and nothing that `serve` writes is in the data directory.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use store::db::Location;

use crate::files;

/// How long a command waits for another one, which is done in a moment.
const COMMANDS_WAIT: Duration = Duration::from_secs(60);
/// How long whoever has just taken a lock may need to write there who it is.
const NAME_WAIT: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(20);

/// A database that this process has to itself, and the data directory, until the value is dropped.
#[derive(Debug)]
pub(crate) struct Alone {
    _directory: Option<File>,
    _database: Option<Lock>,
}

/// The data directory and the database for `command`, or who has them.
pub(crate) fn with_directory(command: &str, data_dir: &Path, location: &Location) -> anyhow::Result<Alone> {
    let locked = match location {
        Location::Sqlite(_) if data_dir.exists() => Some(directory(data_dir)?),
        _ => None,
    };
    Ok(Alone { _directory: locked, _database: database(command, location)? })
}

/// The data directory, for this process alone.
pub(crate) fn directory(data_dir: &Path) -> anyhow::Result<File> {
    files::lock_dir(data_dir)?.with_context(|| {
        format!(
            "another portico is at work in {}: stop the server that runs there, or wait for the `init` to end",
            data_dir.display()
        )
    })
}

/// The database alone, for `init`, which has the directory already.
pub(crate) fn with_database(command: &str, location: &Location) -> anyhow::Result<Alone> {
    Ok(Alone { _directory: None, _database: database(command, location)? })
}

fn database(command: &str, location: &Location) -> anyhow::Result<Option<Lock>> {
    match try_database(command, location)? {
        Database::Free(lock) => Ok(lock),
        Database::Held(by) => bail!("{by}"),
    }
}

/// Like [`with_database`] for a command that is done in a moment: it waits for others of its kind. Who has the database, if that is a server.
pub(crate) fn or_server(command: &str, location: &Location) -> anyhow::Result<Result<Alone, Holder>> {
    let until = Instant::now() + COMMANDS_WAIT;
    loop {
        match try_database(command, location)? {
            Database::Free(lock) => return Ok(Ok(Alone { _directory: None, _database: lock })),
            Database::Held(by) if by.serves() => return Ok(Err(by)),
            Database::Held(by) if Instant::now() > until => bail!("{by}"),
            Database::Held(_) => std::thread::sleep(PAUSE),
        }
    }
}

/// Whether a database can be had.
enum Database {
    /// Nobody else has it. No lock where nothing is to be locked.
    Free(Option<Lock>),
    Held(Holder),
}

/// Who has the lock of a database.
#[derive(Debug)]
pub(crate) struct Holder {
    lock: PathBuf,
    /// What it has written there: its command and its process.
    who: String,
}

impl Holder {
    fn serves(&self) -> bool {
        self.who.starts_with("serve ")
    }
}

impl std::fmt::Display for Holder {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut words = self.who.split_whitespace();
        match (words.next(), words.next()) {
            (Some(command), Some(process)) => write!(out, "`portico {command}` (process {process})")?,
            // A full disk took no name.
            _ => out.write_str("another portico")?,
        }
        let advice = if self.serves() { "stop it first" } else { "wait until it has ended" };
        write!(
            out,
            " is at work on this database and holds {}: {advice}. A SQLite database is one process's own; several servers \
             share one on PostgreSQL",
            self.lock.display()
        )
    }
}

fn try_database(command: &str, location: &Location) -> anyhow::Result<Database> {
    let Location::Sqlite(path) = location else { return Ok(Database::Free(None)) };
    // Where the file is itself, whatever names lead there. Without a folder there is nothing to have, and opening it says why.
    let Some(path) = real_path(path) else { return Ok(Database::Free(None)) };
    let mut name = path.into_os_string();
    name.push(".lock");
    Lock::take(name.into(), command)
}

fn real_path(path: &Path) -> Option<PathBuf> {
    std::fs::canonicalize(path).ok().or_else(|| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some(std::fs::canonicalize(folder).ok()?.join(path.file_name()?))
    })
}

/// A file that is locked, and gone once it is let go.
#[derive(Debug)]
struct Lock {
    file: File,
    path: PathBuf,
}

impl Lock {
    fn take(path: PathBuf, command: &str) -> anyhow::Result<Database> {
        let named = || format!("lock {}", path.display());
        let names_until = Instant::now() + NAME_WAIT;
        loop {
            let mut options = OpenOptions::new();
            options.read(true).write(true).create(true).truncate(false).mode(0o600);
            let mut file = options.open(&path).with_context(named)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let mut who = String::new();
                    let _ = file.read_to_string(&mut who);
                    // One that has just taken it has not written its name yet.
                    if !who.ends_with('\n') && Instant::now() < names_until {
                        std::thread::sleep(PAUSE);
                        continue;
                    }
                    return Ok(Database::Held(Holder { lock: path, who }));
                }
                Err(TryLockError::Error(error)) => return Err(error).with_context(named),
            }
            // Whoever had it may have removed it between: then this is no longer the file of that name.
            let same = |there: std::fs::Metadata| {
                file.metadata().is_ok_and(|ours| (ours.dev(), ours.ino()) == (there.dev(), there.ino()))
            };
            if !std::fs::metadata(&path).is_ok_and(same) {
                continue;
            }
            // For people. A full disk takes no name, and the lock holds without it.
            let _ = file.set_len(0).and_then(|()| file.rewind());
            let _ = writeln!(file, "{command} {}", std::process::id());
            return Ok(Database::Free(Some(Self { file, path })));
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // While it is still held, so that nobody else's goes.
        let _ = std::fs::remove_file(&self.path);
        let _ = self.file.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_has_a_database_whatever_names_lead_to_it_and_the_lock_goes_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let (file, other) = (folder.path().join("portico.db"), folder.path().join("other"));
        std::fs::write(&file, "").unwrap();
        std::os::unix::fs::symlink(&file, &other).unwrap();
        let held = with_database("serve", &Location::Sqlite(file.clone())).unwrap();
        let refused = with_database("serve", &Location::Sqlite(other.clone())).unwrap_err().to_string();
        let lock = std::fs::canonicalize(folder.path()).unwrap().join("portico.db.lock");
        assert!(refused.contains(lock.to_str().unwrap()) && refused.contains("stop it first"), "{refused}");
        assert!(refused.contains(&std::process::id().to_string()), "{refused}");
        assert!(or_server("migrate", &Location::Sqlite(other.clone())).unwrap().is_err());
        drop(held);
        assert!(!lock.exists());
        assert!(or_server("migrate", &Location::Sqlite(other)).unwrap().is_ok());
    }

    #[test]
    fn who_has_just_taken_it_is_named_all_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::Sqlite(folder.path().join("portico.db"));
        let mut taken = File::create(folder.path().join("portico.db.lock")).unwrap();
        taken.try_lock().unwrap();
        std::thread::scope(|scope| {
            let refused = scope.spawn(|| with_database("serve", &location).unwrap_err().to_string());
            std::thread::sleep(5 * PAUSE);
            taken.write_all(b"init 42\n").unwrap();
            let refused = refused.join().unwrap();
            assert!(refused.contains("`portico init` (process 42)"), "{refused}");
        });
        taken.set_len(0).unwrap();
        let refused = with_database("serve", &location).unwrap_err().to_string();
        assert!(refused.contains("another portico is at work"), "{refused}");
    }

    #[test]
    fn many_at_once_have_it_one_after_another() {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::Sqlite(folder.path().join("portico.db"));
        let inside = std::sync::atomic::AtomicUsize::new(0);
        let take_often = || {
            for _ in 0..50 {
                let alone = or_server("migrate", &location).unwrap().unwrap();
                assert_eq!(inside.fetch_add(1, std::sync::atomic::Ordering::SeqCst), 0);
                inside.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
                drop(alone);
            }
        };
        std::thread::scope(|scope| (0..8).for_each(|_| drop(scope.spawn(take_often))));
    }
}
