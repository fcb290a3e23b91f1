//! `cargo xtask breached LIST…`: publicly known passwords, one a line, to the filter that `signin` ships: `crates/signin/data/breached.bin`.
//! `crates/signin/src/breached.rs` reads it and says what it holds.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Context as _;
use aws_lc_rs::digest::{SHA256, digest};

/// Shorter ones are refused for their length, longer ones are passwords of nobody.
const CHARACTERS: std::ops::RangeInclusive<usize> = 8..=64;

/// Writes the filter: how many digests begin with each two bytes, then the next three bytes of each.
pub(crate) fn run(lists: &[String], root: &Path) -> anyhow::Result<()> {
    anyhow::ensure!(
        !lists.is_empty(),
        "give files with one password a line: crates/signin/data/README.md says which"
    );
    let mut known = BTreeSet::new();
    for list in lists {
        let bytes = std::fs::read(list).with_context(|| list.clone())?;
        let text = String::from_utf8_lossy(&bytes);
        let passwords = text.lines().flat_map(|line| [line.to_owned(), line.to_lowercase()]);
        known.extend(passwords.filter(|password| CHARACTERS.contains(&password.chars().count())).filter_map(
            |password| digest(&SHA256, password.as_bytes()).as_ref().first_chunk::<5>().copied(),
        ));
    }
    let mut sizes = vec![0_u8; 1 << 16];
    for [first, second, ..] in &known {
        let size = sizes.get_mut(usize::from(u16::from_be_bytes([*first, *second]))).context("a bucket")?;
        *size = size.checked_add(1).context("too many passwords for the format")?;
    }
    let rest = known.into_iter().flat_map(|[_, _, third, fourth, fifth]| [third, fourth, fifth]);
    let filter: Vec<u8> = sizes.into_iter().chain(rest).collect();
    Ok(std::fs::write(root.join("crates/signin/data/breached.bin"), filter)?)
}
