//! The root key: 32 random bytes in a file of their own beside the database, from which every key of the store is derived. Without
//! it the database reveals no secret; without the database it opens nothing.

use std::path::Path;

use anyhow::{Context as _, bail};
use model::entropy::{Entropy, SystemEntropy, bytes};
use model::id::hex;
use store::sealing::Keyring;
use zeroize::Zeroizing;

const FILE: &str = "portico.key";
/// The key of an instance that is being made.
const PENDING: &str = "portico.key.new";
/// A key that a new one took the place of.
const OLD: &str = "portico.key.old";

/// Makes the key of an instance that is to be made, in the place of one that was left by an `init` that did not end.
pub(crate) fn create_pending(data_dir: &Path, entropy: &dyn Entropy) -> anyhow::Result<Keyring> {
    discard_pending(data_dir)?;
    let root = Zeroizing::new(bytes::<32>(entropy));
    let text = Zeroizing::new(format!("{}\n", hex(root.as_ref())));
    crate::files::write_private(&data_dir.join(PENDING), text.as_bytes())?;
    keyring(&root)
}

/// The pending key is the instance's now. A key that was there is kept under another name, unless it was that of an instance that gave way.
pub(crate) fn settle(data_dir: &Path, keep_old: bool) -> anyhow::Result<()> {
    let (file, pending) = (data_dir.join(FILE), data_dir.join(PENDING));
    if keep_old && file.exists() {
        let old = data_dir.join(OLD);
        if old.exists() {
            bail!("{} is there already: move it away and run init again", old.display());
        }
        std::fs::rename(&file, &old).with_context(|| format!("rename {}", file.display()))?;
    }
    std::fs::rename(&pending, &file).with_context(|| format!("rename {}", pending.display()))?;
    crate::files::sync_dir(data_dir)
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
    let text = std::fs::read_to_string(path).with_context(|| format!("the root key {}", path.display()))?;
    let text = Zeroizing::new(text);
    let digits = text.trim().as_bytes();
    let mut root = Zeroizing::new([0_u8; 32]);
    if digits.len() != 64 {
        bail!(
            "the root key {} must hold 64 hexadecimal digits, it holds {} characters",
            path.display(),
            digits.len()
        );
    }
    for (byte, pair) in root.iter_mut().zip(digits.chunks_exact(2)) {
        let pair = std::str::from_utf8(pair).context("the root key is not text")?;
        *byte = u8::from_str_radix(pair, 16)
            .with_context(|| format!("the root key {} is not hexadecimal", path.display()))?;
    }
    keyring(&root)
}

/// Whether the data directory has a root key.
pub(crate) fn exists(data_dir: &Path) -> bool {
    data_dir.join(FILE).exists()
}

fn keyring(root: &[u8; 32]) -> anyhow::Result<Keyring> {
    Keyring::new(root).map_err(|fault| anyhow::anyhow!("{fault}"))
}
