//! What a person looks for among accounts and roles: words, in any order. Case, marks on letters, blanks, hyphens and dots make no difference: people
//! write account ids and names as they remember them.

use unicode_normalization::UnicodeNormalization as _;

use crate::fault::{Fault, FaultKind};
use crate::limits::SEARCH_MAX;
use crate::saying::Saying;

/// A text as it is compared: its letters and digits alone, and the sign of an address.
pub fn folded(text: &str) -> String {
    if text.is_ascii() {
        let letters = text.bytes().filter(|letter| letter.is_ascii_alphanumeric() || *letter == b'@');
        return letters.map(|letter| char::from(letter.to_ascii_lowercase())).collect();
    }
    let letters = text.nfkd().filter(|letter| letter.is_alphanumeric() || *letter == '@');
    letters.flat_map(char::to_lowercase).collect()
}

/// A search, read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    words: Vec<String>,
    is_empty: bool,
}

impl Wanted {
    /// From what a person typed.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let given = text.chars().count();
        if given > SEARCH_MAX {
            let saying = Saying::SearchTooLong { most: SEARCH_MAX, given };
            return Err(Fault::say(FaultKind::Validation, saying));
        }
        // The digits of an account id are one word, however they are grouped.
        let whole = folded(text);
        let mut words: Vec<String> = if whole.len() == 12 && whole.bytes().all(|byte| byte.is_ascii_digit()) {
            vec![whole]
        } else {
            text.split_whitespace().map(folded).filter(|word| !word.is_empty()).collect()
        };
        words.sort_unstable();
        words.dedup();
        Ok(Self { words, is_empty: text.trim().is_empty() })
    }

    /// Whether nothing is looked for: everything is shown.
    pub const fn is_empty(&self) -> bool {
        self.is_empty
    }

    /// Which words a folded text does not hold, a bit for each: there are never more than [`SEARCH_MAX`] / 2. What has no letter at all is in no text.
    pub fn missing(&self, folded: &str) -> u128 {
        if self.words.is_empty() {
            return u128::from(!self.is_empty);
        }
        let bits = self.words.iter().enumerate().filter(|(_, word)| !folded.contains(word.as_str()));
        bits.fold(0, |all, (at, _)| all | 1 << at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(wanted: &str, text: &str) -> bool {
        Wanted::parse(wanted).unwrap().missing(&folded(text)) == 0
    }

    #[test]
    fn every_word_counts_and_neither_case_nor_marks_nor_hyphens_do() {
        for (wanted, text) in [
            ("", "anything"),
            ("  ", "anything"),
            ("power user", "PowerUser"),
            ("user POWER", "PowerUser"),
            ("read-only", "Read.Only"),
            ("readonly", "Read Only"),
            ("zurich", "Zürich"),
            ("ZÜRICH", "zürich"),
            ("1002-7717-5885", "100277175885"),
            ("1002 7717 5885", "100277175885"),
            ("7717", "100277175885"),
            ("jane@example", "Jane@Example.com"),
            ("東京", "東京 prod"),
        ] {
            assert!(finds(wanted, text), "{wanted} in {text}");
        }
        for (wanted, text) in
            [("power admin", "PowerUser"), ("!!", "x"), ("1002 7717 5885", "588577171002"), ("@", "x")]
        {
            assert!(!finds(wanted, text), "{wanted} in {text}");
        }
    }

    #[test]
    fn a_search_of_any_length_that_is_taken_has_a_bit_for_each_word() {
        let most: Vec<String> = (0..128).map(|at| char::from_u32(0x4E00 + at).unwrap().to_string()).collect();
        let text = most.join(" ");
        assert_eq!(text.chars().count(), 255);
        let wanted = Wanted::parse(&text).unwrap();
        assert_eq!(wanted.missing(""), u128::MAX);
        assert_eq!(wanted.missing(&folded(&text)), 0);
        let refused = Wanted::parse(&"x".repeat(257)).unwrap_err();
        assert_eq!(refused.message(), "q must have at most 256 characters, not 257");
    }
}
