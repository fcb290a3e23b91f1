//! The root key: 32 random bytes, kept by a file of their own beside the database or by a hardware security module. It seals the store's data keys, or is the
//! one there is. Without it the database reveals no secret; without the database it opens nothing.

use std::fs::{File, TryLockError};
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

/// A root key on its way to take the place of the one that is there. The value is the right to do so: no other process has it.
pub(crate) struct Next {
    data_dir: PathBuf,
    _locked: File,
}

/// Makes a root key that is to take the place of the one that is there, written down before anything is sealed with it.
pub(crate) fn create_next(
    data_dir: &Path,
    entropy: &dyn Entropy,
    custody: &dyn Custody,
) -> anyhow::Result<(Next, Keyring)> {
    place_of_old(data_dir)?;
    let path = data_dir.join(NEXT);
    if is_being_replaced(data_dir)? {
        bail!("another `portico keys rotate-root` is at work in {}", data_dir.display());
    }
    // Of one that was killed before it changed anything: whoever opened the database since would have taken it otherwise.
    if let Err(error) = std::fs::remove_file(&path)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        return Err(error).with_context(|| format!("remove {}", path.display()));
    }
    let root = Zeroizing::new(bytes::<32>(entropy));
    crate::files::write_private(&path, custody.keep(entropy, &root)?.as_bytes())?;
    let locked = File::open(&path).with_context(|| format!("open {}", path.display()))?;
    locked.try_lock().with_context(|| format!("lock {}", path.display()))?;
    // As any start will have to.
    let read = read_file(&path)?;
    Ok((Next { data_dir: data_dir.to_owned(), _locked: locked }, read))
}

/// Whether a root key is there that has not taken its place, and nobody is at work on that.
pub(crate) fn has_next(data_dir: &Path) -> anyhow::Result<bool> {
    Ok(data_dir.join(NEXT).exists() && !is_being_replaced(data_dir)?)
}

fn is_being_replaced(data_dir: &Path) -> anyhow::Result<bool> {
    match File::open(data_dir.join(NEXT)) {
        Ok(file) => Ok(matches!(file.try_lock(), Err(TryLockError::WouldBlock))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error).context("open portico.key.next"),
    }
}

/// The root key that has not taken its place.
pub(crate) fn read_next(data_dir: &Path) -> anyhow::Result<Keyring> {
    read_file(&data_dir.join(NEXT))
}

/// The next root key is the instance's now: it takes its place, and the one that was there is kept under another name. At no moment is there none.
pub(crate) fn settle_next(data_dir: &Path) -> anyhow::Result<()> {
    let (file, next) = (data_dir.join(FILE), data_dir.join(NEXT));
    let old = data_dir.join(OLD);
    if !old.exists() {
        let text = std::fs::read(&file).map(Zeroizing::new);
        let text = text.with_context(|| format!("read {}", file.display()))?;
        crate::files::write_private(&old, &text)?;
    }
    std::fs::rename(&next, &file).with_context(|| format!("rename {}", next.display()))?;
    crate::files::sync_dir(data_dir)
}

impl Next {
    /// See [`settle_next`].
    pub(crate) fn settle(self) -> anyhow::Result<()> {
        settle_next(&self.data_dir)
    }

    /// Nothing was sealed with it.
    pub(crate) fn discard(self) {
        let _ = std::fs::remove_file(self.data_dir.join(NEXT));
    }
}

/// Removes the pending key, if there is one.
pub(crate) fn discard_pending(data_dir: &Path) -> anyhow::Result<()> {
    match std::fs::remove_file(data_dir.join(PENDING)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).context("remove portico.key.new")
        }
        _ => Ok(()),
    }
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
