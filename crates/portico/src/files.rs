//! Private files: made with an owner-only mode and made durable before anybody relies on them.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use anyhow::Context as _;

/// Makes a directory that only its owner may enter; one that is there already stays as it is.
pub(crate) fn make_private_dir(path: &Path) -> anyhow::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .with_context(|| format!("make directory {}", path.display()))
}

/// Writes a new file that only its owner may read; refuses to overwrite.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("make file {}", path.display()))?;
    file.write_all(bytes)?;
    file.sync_all()?;
    path.parent().map_or(Ok(()), sync_dir)
}

/// Makes durable which files a directory holds.
pub(crate) fn sync_dir(path: &Path) -> anyhow::Result<()> {
    File::open(path)
        .and_then(|directory| directory.sync_all())
        .with_context(|| format!("sync directory {}", path.display()))
}

/// Holds a directory for this process alone until the value is dropped; `None` when another process holds it.
pub(crate) fn lock_dir(path: &Path) -> anyhow::Result<Option<File>> {
    let directory = File::open(path).with_context(|| format!("open directory {}", path.display()))?;
    match directory.try_lock() {
        Err(TryLockError::WouldBlock) => Ok(None),
        // A file system that knows no locks: two at once remain one person's mistake.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(Some(directory)),
    }
}
