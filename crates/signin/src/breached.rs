//! Passwords that are publicly known, as a compact filter that ships with the binary. Of which lists it was made stands in data/README.md. It
//! keeps five bytes of the SHA-256 of each: one in two million other passwords is taken for a known one.

use aws_lc_rs::digest::{SHA256, digest};

/// How many digests begin with each two bytes, then the next three bytes of each, in order (`cargo xtask breached` writes it).
static FILTER: &[u8] = include_bytes!("../data/breached.bin");
const BUCKETS: usize = 1 << 16;

/// Whether a password, as it is or in lower case, is publicly known.
pub(crate) fn is_known(password: &str) -> bool {
    holds(password) || holds(&password.to_lowercase())
}

fn holds(password: &str) -> bool {
    let digest = digest(&SHA256, password.as_bytes());
    let &[first, second, third, fourth, fifth, ..] = digest.as_ref() else { return false };
    let (sizes, rest) = FILTER.split_at(BUCKETS);
    let (rest, _) = rest.as_chunks::<3>();
    let bucket = usize::from(u16::from_be_bytes([first, second]));
    let begin: usize = sizes.iter().take(bucket).map(|size| usize::from(*size)).sum();
    let size = sizes.get(bucket).copied().map_or(0, usize::from);
    rest.iter().skip(begin).take(size).any(|known| known == &[third, fourth, fifth])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_everybody_knows_is_known_and_a_passphrase_is_not() {
        for known in ["password", "Password1!", "P@ssw0rd", "qwerty123", "iloveyou", "QWERTYUIOP"] {
            assert!(is_known(known), "{known}");
        }
        for unknown in ["correct horse battery staple", "tall-lamp-over-river-9", "Vq7!tRaRe"] {
            assert!(!is_known(unknown), "{unknown}");
        }
    }

    #[test]
    fn the_filter_is_whole() {
        let (sizes, rest) = FILTER.split_at(BUCKETS);
        let count: usize = sizes.iter().map(|size| usize::from(*size)).sum();
        assert_eq!(rest.len(), count * 3);
        assert!(count > 500_000, "{count}");
    }
}
