//! Texts with places that an administrator fills in: `https://{domain}.my.salesforce.com`. A value is of a kind, so that none of them can move an address
//! to another host or path than the catalog says. Does not know which texts a provider has.

use std::collections::BTreeMap;
use std::fmt;

use model::fault::Fault;
use serde::Deserialize;

/// Longest value.
const VALUE_MAX: usize = 253;

/// A text with places in braces. `${user:…}` is no place: that is filled for each person, when an assertion is signed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Pattern {
    text: String,
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Place(String),
}

/// A value that an administrator fills in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Value {
    /// As patterns name it.
    pub name: String,
    /// What it may be.
    pub kind: ValueKind,
    /// What it is, in a sentence.
    pub meaning: String,
    /// One that could be.
    pub example: String,
}

/// What a value may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ValueKind {
    /// The name of a host, with a port or without: `git.example.com`, `git.example.com:8443`.
    Host,
    /// The name of a host or of a domain, without a port: `example.com`.
    Domain,
    /// One part of a host's name: `example`.
    Label,
    /// An identifier as an address holds it in its path: letters, digits, `-`, `.`, `_` and `~`.
    Id,
}

impl Pattern {
    /// As it is written, with its places.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The names of its places, in order.
    pub fn places(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Place(name) => Some(name.as_str()),
            Piece::Text(_) => None,
        })
    }

    /// The text with every place filled from `given`, where `values` says what may stand there.
    ///
    /// # Errors
    ///
    /// A validation fault that names the value, where one is missing or is not of its kind.
    pub fn fill(&self, values: &[Value], given: &BTreeMap<String, String>) -> Result<String, Fault> {
        let mut filled = String::with_capacity(self.text.len());
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Place(name) => {
                    let Some(text) = given.get(name) else {
                        return Err(Fault::validation(format!("{name} is missing in {self}")));
                    };
                    let known = values.iter().find(|value| value.name == *name);
                    if !known.is_some_and(|value| value.kind.allows(text)) {
                        let kind = known.map_or("known", |value| value.kind.in_words());
                        return Err(Fault::validation(format!("{name} is not {kind}: {text:?}")));
                    }
                    filled.push_str(text);
                }
            }
        }
        Ok(filled)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

impl TryFrom<String> for Pattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text.as_str();
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            plain.push_str(before);
            let end = from.find('}').filter(|_| from.starts_with('{'));
            let Some(end) = end else { return Err(format!("{text}: a brace without its other one")) };
            let (place, after) = from.split_at(end + 1);
            if before.ends_with('$') {
                plain.push_str(place);
            } else {
                let name = place.trim_matches(['{', '}']);
                if !named(name) {
                    return Err(format!("{text}: {place} is not the name of a value"));
                }
                if !plain.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut plain)));
                }
                pieces.push(Piece::Place(name.to_owned()));
            }
            rest = after;
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(Self { text, pieces })
    }
}

/// Whether a text names a value: `myDomain`.
pub(super) fn named(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|one| one.is_ascii_alphanumeric())
}

impl ValueKind {
    /// Whether a text is of this kind.
    pub fn allows(self, text: &str) -> bool {
        if text.is_empty() || text.len() > VALUE_MAX {
            return false;
        }
        match self {
            Self::Host => {
                let (host, port) =
                    text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
                host.split('.').all(label) && port.is_none_or(is_port)
            }
            Self::Domain => text.split('.').all(label),
            Self::Label => label(text),
            Self::Id => {
                !text.starts_with('.')
                    && text.chars().all(|one| one.is_ascii_alphanumeric() || "-._~".contains(one))
            }
        }
    }

    fn in_words(self) -> &'static str {
        match self {
            Self::Host => "the name of a host, with a port or without",
            Self::Domain => "the name of a host or of a domain, without a port",
            Self::Label => "one part of a host's name",
            Self::Id => "an identifier of letters, digits, '-', '.', '_' and '~'",
        }
    }
}

fn is_port(text: &str) -> bool {
    text.chars().all(|one| one.is_ascii_digit()) && text.parse::<u16>().is_ok_and(|port| port > 0)
}

/// One label of a host's name (RFC 1123 section 2.1).
fn label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text.chars().all(|one| one.is_ascii_alphanumeric() || one == '-')
}
