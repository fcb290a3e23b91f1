//! The root key: 32 random bytes in a file of their own beside the database, from which every key of the store is derived. Without
//! it the database reveals no secret; without the database it opens nothing.

use std::path::Path;

use anyhow::{Context as _, bail};
use model::entropy::{Entropy, bytes};
use model::id::hex;
use store::sealing::Keyring;
use zeroize::Zeroizing;

const FILE: &str = "portico.key";

/// Makes the root key of a new data directory; refuses when there is one.
pub(crate) fn create(data_dir: &Path, entropy: &dyn Entropy) -> anyhow::Result<Keyring> {
    let root = Zeroizing::new(bytes::<32>(entropy));
    let text = Zeroizing::new(format!("{}\n", hex(root.as_ref())));
    crate::files::write_private(&data_dir.join(FILE), text.as_bytes())?;
    keyring(&root)
}

/// Reads the root key.
pub(crate) fn read(data_dir: &Path) -> anyhow::Result<Keyring> {
    let path = data_dir.join(FILE);
    let text = std::fs::read_to_string(&path).with_context(|| {
        format!("the root key {}: run `portico init`, or point --data-dir at the instance", path.display())
    })?;
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
