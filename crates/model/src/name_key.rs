//! The normalised form of a name, under which it is unique and found: the `*_key` columns. One rule for everyone who writes or
//! looks up such a column, so that "Jane", "jane" and a differently composed "jané" cannot be two people.

use unicode_normalization::UnicodeNormalization as _;

/// The key of a name: compatibility-composed (NFKC), lower case, without regard to surrounding white space.
pub fn name_key(name: &str) -> String {
    let name = name.trim();
    if name.is_ascii() {
        // Nothing in it composes.
        return name.to_ascii_lowercase();
    }
    let lower: String = name.nfkc().flat_map(char::to_lowercase).collect();
    // Lower-casing may leave a sequence that composes (İ), so normalise once more.
    lower.nfkc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_have_one_key() {
        assert_eq!(name_key("Jane.Doe@Example.COM"), "jane.doe@example.com");
        assert_eq!(name_key("JOSE\u{301}"), name_key("jos\u{e9}"));
        assert_eq!(name_key("\u{ff4a}ane"), "jane");
        assert_eq!(name_key(&name_key("\u{130}stanbul")), name_key("\u{130}stanbul"));
        assert_ne!(name_key("jane"), name_key("jan"));
        for ascii in 0..=u8::MAX >> 1 {
            let letter = char::from(ascii);
            // Beside a letter that is not ASCII nothing is left out.
            assert_eq!(format!("é{}", name_key(&format!("a{letter}b"))), name_key(&format!("éa{letter}b")));
        }
    }
}
