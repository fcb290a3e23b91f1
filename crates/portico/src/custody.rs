//! Who keeps the root key: `portico.key` holds it, or holds what a hardware security module opens. The server asks once, when it begins.

use anyhow::{Context as _, bail};
use model::entropy::Entropy;
use model::id::hex;
use zeroize::Zeroizing;

/// A key.
pub(crate) type Key = Zeroizing<[u8; 32]>;

/// A keeper of root keys.
pub(crate) trait Custody {
    /// What `portico.key` is to hold of a root key.
    fn keep(&self, entropy: &dyn Entropy, root: &Key) -> anyhow::Result<Zeroizing<String>>;

    /// The root key of which `portico.key` holds this.
    fn recover(&self, text: &str) -> anyhow::Result<Key>;

    /// Who that is, for people.
    fn name(&self) -> String;
}

/// The file holds the key itself.
pub(crate) struct InFile;

impl Custody for InFile {
    fn keep(&self, _: &dyn Entropy, root: &Key) -> anyhow::Result<Zeroizing<String>> {
        Ok(Zeroizing::new(format!("{}\n", hex(root.as_ref()))))
    }

    fn recover(&self, text: &str) -> anyhow::Result<Key> {
        let digits = text.trim();
        if digits.len() != 64 {
            bail!("it must hold 64 hexadecimal digits, it holds {} characters", digits.len());
        }
        let mut root = Zeroizing::new([0; 32]);
        unhex(digits, root.as_mut())?;
        Ok(root)
    }

    fn name(&self) -> String {
        "file".to_owned()
    }
}

/// Reads hexadecimal digits, two for each byte of `into`.
pub(crate) fn unhex(digits: &str, into: &mut [u8]) -> anyhow::Result<()> {
    for (byte, pair) in into.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
        let pair = std::str::from_utf8(pair).context("it is not text")?;
        *byte = u8::from_str_radix(pair, 16).context("it is not hexadecimal")?;
    }
    Ok(())
}
