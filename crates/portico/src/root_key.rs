//! The root key: 32 random bytes, kept by a file of their own beside the database or by a hardware security module. It seals the store's data keys, or is the
//! one there is. Without it the database reveals no secret; without the database it opens nothing.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use model::entropy::{Entropy, SystemEntropy, bytes};
use store::sealing::Keyring;
use zeroize::Zeroizing;

use crate::custody::{Custody, InFile};
use crate::custody_pkcs11::InToken;
use crate::pkcs11_uri::Pkcs11Uri;

const FILE: &str = "portico.key";
/// The key of an instance that is being made.
const PENDING: &str = "portico.key.new";
/// A key that is to take the place of the one that is there.
const NEXT: &str = "portico.key.next";
/// A key that a new one took the place of.
const OLD: &str = "portico.key.old";
/// The same, until all of it is written.
const HALF_OLD: &str = "portico.key.old.half";
/// Locked by whoever replaces the key.
const LOCK: &str = "portico.key.lock";

/// Makes the key of an instance that is to be made, in the place of one that was left by an `init` that did not end.
pub(crate) fn create_pending(data_dir: &Path, entropy: &dyn Entropy) -> anyhow::Result<Keyring> {
    discard_pending(data_dir)?;
    let root = Zeroizing::new(bytes::<32>(entropy));
    crate::files::write_private(&data_dir.join(PENDING), InFile.keep(entropy, &root)?.as_bytes())?;
    keyring(&root)
}

/// The pending key is the instance's now. A key that was there is kept under another name, unless it was that of an instance that gave way.
pub(crate) fn settle(data_dir: &Path, keep_old: bool) -> anyhow::Result<()> {
    let (file, pending) = (data_dir.join(FILE), data_dir.join(PENDING));
    if keep_old && file.exists() {
        let old = place_of_old(data_dir)?;
        std::fs::rename(&file, &old).with_context(|| format!("rename {}", file.display()))?;
    }
    std::fs::rename(&pending, &file).with_context(|| format!("rename {}", pending.display()))?;
    crate::files::sync_dir(data_dir)
}

/// Where a key is kept that another takes the place of; refused when one is there already.
fn place_of_old(data_dir: &Path) -> anyhow::Result<PathBuf> {
    let old = data_dir.join(OLD);
    if old.exists() {
        bail!("{} is there already: move it away first", old.display());
    }
    Ok(old)
}

/// The right to replace the root key: no other process has it until the value is dropped.
#[derive(Debug)]
pub(crate) struct Replacing {
    _locked: File,
}

/// Takes that right. The file that is locked stays, so that nobody locks one that somebody else removes.
pub(crate) fn replacing(data_dir: &Path) -> anyhow::Result<Replacing> {
    let path = data_dir.join(LOCK);
    let named = || format!("lock {}", path.display());
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false).mode(0o600);
    let locked = options.open(&path).with_context(named)?;
    match locked.try_lock() {
        Ok(()) => Ok(Replacing { _locked: locked }),
        Err(TryLockError::WouldBlock) => {
            bail!("another `portico keys rotate-root` is at work in {}", data_dir.display())
        }
        Err(TryLockError::Error(error)) => Err(error).with_context(named),
    }
}

/// Makes a root key that is to take the place of the one that is there, written down before anything is sealed with it. Whoever calls has opened the database
/// since they have the right, so one that is there still was taken by no database.
pub(crate) fn create_next(
    data_dir: &Path,
    entropy: &dyn Entropy,
    custody: &dyn Custody,
    _right: &Replacing,
) -> anyhow::Result<Keyring> {
    place_of_old(data_dir)?;
    let path = data_dir.join(NEXT);
    remove(&path)?;
    let root = Zeroizing::new(bytes::<32>(entropy));
    crate::files::write_private(&path, custody.keep(entropy, &root)?.as_bytes())?;
    // As any start will have to.
    read_file(&path)
}

fn remove(path: &Path) -> anyhow::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

/// Whether a root key is there that has not taken its place.
pub(crate) fn has_next(data_dir: &Path) -> bool {
    data_dir.join(NEXT).exists()
}

/// The root key that has not taken its place.
pub(crate) fn read_next(data_dir: &Path) -> anyhow::Result<Keyring> {
    read_file(&data_dir.join(NEXT))
}

/// The next root key is the instance's now: it takes its place, and the one that was there is kept under another name. At no moment is there none, and both are
/// whole whenever they are there.
pub(crate) fn settle_next(data_dir: &Path) -> anyhow::Result<()> {
    let [file, next, old, half] = [FILE, NEXT, OLD, HALF_OLD].map(|name| data_dir.join(name));
    // A server that begins may do it at the same time: then the next one is gone, or in its place already.
    let Ok(fresh) = std::fs::read(&next).map(Zeroizing::new) else { return Ok(()) };
    let text = std::fs::read(&file).map(Zeroizing::new);
    let text = text.with_context(|| format!("read {}", file.display()))?;
    if text == fresh {
        return Ok(());
    }
    if !std::fs::read(&old).is_ok_and(|there| Zeroizing::new(there) == text) {
        place_of_old(data_dir)?;
        remove(&half)?;
        crate::files::write_private(&half, &text)?;
        std::fs::rename(&half, &old).with_context(|| format!("rename {}", half.display()))?;
    }
    match std::fs::rename(&next, &file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("rename {}", next.display()));
        }
        _ => {}
    }
    crate::files::sync_dir(data_dir)
}

/// Removes the pending key, if there is one.
pub(crate) fn discard_pending(data_dir: &Path) -> anyhow::Result<()> {
    remove(&data_dir.join(PENDING))
}

/// Whether an `init` began here and did not end.
pub(crate) fn is_pending(data_dir: &Path) -> bool {
    data_dir.join(PENDING).exists()
}

/// The pending key. One that is not whole was never used: it is written down before anything else happens.
pub(crate) fn read_pending(data_dir: &Path) -> Option<Keyring> {
    read_file(&data_dir.join(PENDING)).ok()
}

/// A key that opens nothing, for looking at a database whose key is not there.
pub(crate) fn none() -> anyhow::Result<Keyring> {
    keyring(&bytes::<32>(&SystemEntropy::default()))
}

/// Reads the root key.
pub(crate) fn read(data_dir: &Path) -> anyhow::Result<Keyring> {
    read_file(&data_dir.join(FILE))
}

fn read_file(path: &Path) -> anyhow::Result<Keyring> {
    let named = || format!("the root key {}", path.display());
    let text = Zeroizing::new(std::fs::read_to_string(path).with_context(named)?);
    let root = keeper_of(&text).and_then(|custody| custody.recover(&text)).with_context(named)?;
    keyring(&root)
}

/// Who keeps the root key.
pub(crate) fn keeper(data_dir: &Path) -> anyhow::Result<Box<dyn Custody>> {
    let path = data_dir.join(FILE);
    let text = std::fs::read_to_string(&path).with_context(|| format!("the root key {}", path.display()))?;
    keeper_of(&Zeroizing::new(text))
}

/// Whose `portico.key` this is.
fn keeper_of(text: &str) -> anyhow::Result<Box<dyn Custody>> {
    match text.lines().next() {
        Some(uri) if Pkcs11Uri::may_be(uri) => Ok(Box::new(InToken::new(Pkcs11Uri::parse(uri)?))),
        _ => Ok(Box::new(InFile)),
    }
}

/// The keeper that a command names: `file`, or the `pkcs11:` address of a key.
pub(crate) fn keeper_named(name: &str) -> anyhow::Result<Box<dyn Custody>> {
    match name {
        "file" => Ok(Box::new(InFile)),
        uri if Pkcs11Uri::may_be(uri) => Ok(Box::new(InToken::new(Pkcs11Uri::parse(uri)?))),
        other => {
            bail!(
                "--to takes `file`, or the address of a key in a token (`pkcs11:token=…;object=…?…`), not {other:?}"
            )
        }
    }
}

/// Whether the data directory has a root key.
pub(crate) fn exists(data_dir: &Path) -> bool {
    data_dir.join(FILE).exists()
}

fn keyring(root: &[u8; 32]) -> anyhow::Result<Keyring> {
    Keyring::new(root).map_err(|fault| anyhow::anyhow!("{fault}"))
}
