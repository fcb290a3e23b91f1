//! What access keys are called. An access key's id says which account it is of, as AWS's do: whoever finds one can tell whose it is
//! without asking anybody. Knows nothing of secrets.

use model::accounts::account::AccountId;
use model::entropy::{Entropy, id_bytes};

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// Letters behind the prefix, each of five bits.
const LETTERS: usize = 16;
/// Where an account's number stands: below the first bit, which says that it stands there.
const ACCOUNT_SHIFT: u32 = 39;
const ACCOUNT_MASK: u128 = (1 << 40) - 1;
const HAS_ACCOUNT: u128 = 1 << 79;

fn written(prefix: &str, value: u128) -> String {
    let letter = |place: usize| {
        let bits = (value >> (5 * (LETTERS - 1 - place))) & 31;
        char::from(usize::try_from(bits).ok().and_then(|at| ALPHABET.get(at)).copied().unwrap_or(b'A'))
    };
    prefix.chars().chain((0..LETTERS).map(letter)).collect()
}

fn random(entropy: &dyn Entropy) -> u128 {
    id_bytes::<10>(entropy).iter().fold(0, |value, byte| (value << 8) | u128::from(*byte))
}

/// The id of an access key of an account: `ASIA` temporary, `AKIA` long-lived.
pub fn access_key_id(prefix: &str, account: &AccountId, entropy: &dyn Entropy) -> String {
    let number: u128 = account.as_str().parse().unwrap_or_default();
    let random = random(entropy) & ((1 << ACCOUNT_SHIFT) - 1);
    written(prefix, HAS_ACCOUNT | ((number & ACCOUNT_MASK) << ACCOUNT_SHIFT) | random)
}

/// The account that an access key's id names. That there is such an account, and such a key, it does not say.
pub fn account_of(id: &str) -> Option<AccountId> {
    let letters = id.strip_prefix("AKIA").or_else(|| id.strip_prefix("ASIA"))?;
    if letters.len() != LETTERS {
        return None;
    }
    let value = letters.bytes().try_fold(0_u128, |value, letter| {
        let bits = ALPHABET.iter().position(|known| *known == letter)?;
        Some((value << 5) | u128::try_from(bits).ok()?)
    })?;
    let number = (value >> ACCOUNT_SHIFT) & ACCOUNT_MASK;
    (value & HAS_ACCOUNT != 0).then(|| AccountId::parse(format!("{number:012}")).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use model::entropy::SeededEntropy;

    use super::*;

    #[test]
    fn an_access_keys_id_says_whose_it_is() {
        let entropy = SeededEntropy::new(1);
        for account in ["111122223333", "000000000001", "999999999999"] {
            let account = AccountId::trusted(account);
            for prefix in ["AKIA", "ASIA"] {
                let ids = [(); 64].map(|()| access_key_id(prefix, &account, &entropy));
                for id in &ids {
                    assert_eq!(id.len(), 20);
                    assert_eq!(account_of(id), Some(account.clone()), "{id}");
                }
                let distinct: std::collections::BTreeSet<&String> = ids.iter().collect();
                assert_eq!(distinct.len(), ids.len(), "each is its own");
            }
        }
    }

    #[test]
    fn an_id_of_awss_is_read_as_everybody_reads_it() {
        // What is known publicly of AWS's ids: six bytes behind the prefix, without the first bit and the last seven.
        let id = "ASIAQNZGKIQY56JQ7WML";
        assert_eq!(account_of(id), Some(AccountId::trusted("029608264753")));
    }

    #[test]
    fn what_is_no_such_id_names_nobody() {
        for id in [
            "",
            "AKIA",
            "AKIAIOSFODNN7EXAMPLE",
            "AIDAQNZGKIQY56JQ7WML",
            "ASIAQNZGKIQY56JQ7WM",
            "ASIAQNZGKIQY56JQ7WM1",
        ] {
            assert_eq!(account_of(id), None, "{id}");
        }
    }
}
