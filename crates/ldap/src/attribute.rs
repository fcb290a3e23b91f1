//! The name of an attribute (RFC 4512 §2.5) as a type: letters, digits and hyphens, or numbers between dots. What names attributes in filters and
//! requests is one of these, so that nothing else can stand there.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// Characters of a name at most.
const LENGTH_MAX: usize = 128;

/// A name of an attribute, without options. Case does not count.
#[derive(Debug, Clone)]
pub struct AttributeName(String);

impl AttributeName {
    /// From text; none where it is no name.
    pub fn parse(text: &str) -> Option<Self> {
        let is_word = text.starts_with(|first: char| first.is_ascii_alphabetic())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let is_number = |part: &str| {
            !part.is_empty()
                && part.bytes().all(|byte| byte.is_ascii_digit())
                && (part == "0" || !part.starts_with('0'))
        };
        let is_oid = text.contains('.') && text.split('.').all(is_number);
        (text.len() <= LENGTH_MAX && (is_word || is_oid)).then(|| Self(text.to_owned()))
    }

    /// A name that stands in this crate.
    pub(crate) fn known(name: &'static str) -> Self {
        Self(name.to_owned())
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq for AttributeName {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for AttributeName {}

impl Ord for AttributeName {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.to_ascii_lowercase().cmp(&other.0.to_ascii_lowercase())
    }
}

impl PartialOrd for AttributeName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for AttributeName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_ascii_lowercase().hash(state);
    }
}

impl fmt::Display for AttributeName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}
