//! Where in a JSON text a value stands. The text has been read already, so that it is well-formed: whatever is not as expected ends the
//! search where it is. Knows nothing of policies.

use std::ops::Range;

/// A step from a value to one within it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// To the member of this name.
    Member(String),
    /// To the element at this place; a value that is no list is its own only element.
    Element(usize),
}

impl From<&str> for Step {
    fn from(name: &str) -> Self {
        Self::Member(name.to_owned())
    }
}

impl From<usize> for Step {
    fn from(at: usize) -> Self {
        Self::Element(at)
    }
}

/// The bytes of the value that the steps lead to, with its name where it is a member; as far as the steps can be taken.
pub(crate) fn find(text: &str, way: &[Step]) -> Range<usize> {
    let mut scan = Scan { text: text.as_bytes(), at: 0 };
    scan.blank();
    let mut from = scan.at;
    for step in way {
        let before = scan.at;
        let found = match step {
            Step::Member(name) => scan.member(name),
            Step::Element(at) => scan.element(*at),
        };
        match found {
            Some(start) => from = start,
            None => scan.at = before,
        }
    }
    scan.value();
    from..scan.at.min(text.len())
}

struct Scan<'t> {
    text: &'t [u8],
    at: usize,
}

impl Scan<'_> {
    fn here(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// Past one of these bytes, if it is here.
    fn past(&mut self, byte: u8) -> bool {
        let there = self.here() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn blank(&mut self) {
        while self.here().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// To the value of a member: where its name begins.
    fn member(&mut self, name: &str) -> Option<usize> {
        if !self.past(b'{') {
            return None;
        }
        loop {
            self.blank();
            let from = self.at;
            if self.here() != Some(b'"') {
                return None;
            }
            self.string();
            let found = serde_json::from_slice::<String>(self.text.get(from..self.at)?).ok()?;
            self.blank();
            if !self.past(b':') {
                return None;
            }
            self.blank();
            if found == name {
                return Some(from);
            }
            self.value();
            self.blank();
            if !self.past(b',') {
                return None;
            }
        }
    }

    /// To an element of a list: where it begins.
    fn element(&mut self, wanted: usize) -> Option<usize> {
        if !self.past(b'[') {
            return None;
        }
        for _ in 0..wanted {
            self.blank();
            self.value();
            self.blank();
            if !self.past(b',') {
                return None;
            }
        }
        self.blank();
        Some(self.at)
    }

    fn string(&mut self) {
        self.at += 1;
        while let Some(byte) = self.here() {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == b'"' {
                return;
            }
        }
    }

    /// Past a value.
    fn value(&mut self) {
        let mut depth = 0_usize;
        while let Some(byte) = self.here() {
            match byte {
                b'"' => self.string(),
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                // What ends the list or object around it is not of the value.
                b'}' | b']' | b',' if depth == 0 => return,
                b'}' | b']' => {
                    depth -= 1;
                    self.at += 1;
                }
                byte if depth == 0 && byte.is_ascii_whitespace() => return,
                _ => {
                    self.at += 1;
                    continue;
                }
            }
            if depth == 0 {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_where_they_stand() {
        let text = r#" {"a" : [1, "x,]}\"y", {"b\u0063": [[], {}, true ]}], "d": -1.5e3}"#;
        let to = |way: &[Step]| text.get(find(text, way)).unwrap();
        assert_eq!(to(&["a".into(), 0.into()]), "1");
        assert_eq!(to(&["a".into(), 1.into()]), r#""x,]}\"y""#);
        assert_eq!(to(&["a".into(), 2.into(), "bc".into()]), r#""b\u0063": [[], {}, true ]"#);
        assert_eq!(to(&["a".into(), 2.into(), "bc".into(), 1.into()]), "{}");
        assert_eq!(to(&["a".into(), 2.into(), "bc".into(), 2.into()]), "true");
        assert_eq!(to(&["d".into()]), r#""d": -1.5e3"#);
        assert_eq!(to(&["d".into(), 0.into()]), r#""d": -1.5e3"#, "a value is its own only element");
        assert_eq!(to(&["a".into(), 0.into(), "none".into()]), "1", "as far as it goes");
        assert_eq!(to(&[]), text.trim());
    }

    #[test]
    fn no_text_leads_beyond_its_end() {
        for text in ["", "{", "{\"a", "{\"a\"", "{\"a\":", "[", "[1,", "\"\\", "}", "{\"a\":[\"\\"] {
            for way in [vec![], vec!["a".into()], vec![3.into()], vec!["a".into(), 1.into()]] {
                let range = find(text, &way);
                assert!(range.end <= text.len() && range.start <= text.len(), "{text} {range:?}");
            }
        }
    }
}
