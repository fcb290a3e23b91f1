//! Filters of searches as a tree (RFC 4511 §4.5.1.7), written to bytes or to text (RFC 4515). A value is bytes in a leaf of it: whatever somebody types
//! can only ever be compared with, never become a filter.

use std::fmt;

use crate::attribute::AttributeName;
use crate::ber::{OCTETS, Writer};

const AND: u8 = 0xa0;
const OR: u8 = 0xa1;
const NOT: u8 = 0xa2;
const EQUALS: u8 = 0xa3;
const SUBSTRINGS: u8 = 0xa4;
const AT_LEAST: u8 = 0xa5;
const AT_MOST: u8 = 0xa6;
const PRESENT: u8 = 0x87;
const APPROXIMATELY: u8 = 0xa8;
const EXTENSIBLE: u8 = 0xa9;

/// The rule of Active Directory that asks for all of some bits.
pub const BITS_AND: &str = "1.2.840.113556.1.4.803";

/// A filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// All of these; of none: whatever there is.
    And(Vec<Filter>),
    /// One of these; of none: nothing.
    Or(Vec<Filter>),
    /// Not this.
    Not(Box<Filter>),
    /// The attribute has this value.
    Equals(AttributeName, Vec<u8>),
    /// The attribute has a value with these pieces.
    Substrings(AttributeName, Pieces),
    /// A value that is this or comes after it.
    AtLeast(AttributeName, Vec<u8>),
    /// A value that is this or comes before it.
    AtMost(AttributeName, Vec<u8>),
    /// There is such an attribute.
    Present(AttributeName),
    /// A value that sounds like this.
    Approximately(AttributeName, Vec<u8>),
    /// A value that matches by a rule.
    Extensible(Extensible),
}

/// Pieces of a value. At least one is there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pieces {
    /// What it begins with.
    pub initial: Option<Vec<u8>>,
    /// What it holds, in this order.
    pub any: Vec<Vec<u8>>,
    /// What it ends with.
    pub last: Option<Vec<u8>>,
}

/// A match by a rule that is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extensible {
    /// The attribute; every one where none is said, and then a rule is.
    pub attribute: Option<AttributeName>,
    /// The rule; that of the attribute where none is said.
    pub rule: Option<AttributeName>,
    /// Whether the parts of an entry's name count as attributes.
    pub with_name: bool,
    /// What is matched.
    pub value: Vec<u8>,
}

/// Why a text is no filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FilterFlaw {
    /// It is too long.
    #[error("the filter has more than {0} bytes")]
    Long(usize),
    /// It is nested too deeply, or has too many parts.
    #[error("the filter has more than {0} parts or too many within each other")]
    Parts(usize),
    /// Something else stands where this must.
    #[error("the filter has something else than {what} at byte {at}")]
    Wanted {
        /// What must stand there.
        what: &'static str,
        /// Where.
        at: usize,
    },
    /// Whatever follows its end.
    #[error("something follows the end of the filter, at byte {0}")]
    Rest(usize),
}

impl Filter {
    /// The attribute has this value.
    pub fn equals(name: &AttributeName, value: impl Into<Vec<u8>>) -> Self {
        Self::Equals(name.clone(), value.into())
    }

    /// The entry is of this class.
    pub fn class(name: &'static str) -> Self {
        Self::Equals(AttributeName::known("objectClass"), name.as_bytes().to_vec())
    }

    /// Whatever there is, by what every server understands: RFC 4526's empty `(&)` some do not.
    pub fn anything() -> Self {
        Self::Present(AttributeName::known("objectClass"))
    }

    /// None of the bits of a number is missing (Active Directory).
    pub fn bits(name: &AttributeName, bits: u32) -> Self {
        Self::Extensible(Extensible {
            attribute: Some(name.clone()),
            rule: Some(AttributeName::known(BITS_AND)),
            with_name: false,
            value: bits.to_string().into_bytes(),
        })
    }

    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self::And(vec![self, other])
    }

    pub(crate) fn write(&self, out: &mut Writer) {
        match self {
            Self::And(all) => out.within(AND, |out| all.iter().for_each(|one| one.write(out))),
            Self::Or(some) => out.within(OR, |out| some.iter().for_each(|one| one.write(out))),
            Self::Not(one) => out.within(NOT, |out| one.write(out)),
            Self::Equals(name, value) => assertion(out, EQUALS, name, value),
            Self::AtLeast(name, value) => assertion(out, AT_LEAST, name, value),
            Self::AtMost(name, value) => assertion(out, AT_MOST, name, value),
            Self::Approximately(name, value) => assertion(out, APPROXIMATELY, name, value),
            Self::Present(name) => out.put(PRESENT, name.as_str().as_bytes()),
            Self::Substrings(name, pieces) => out.within(SUBSTRINGS, |out| {
                out.octets(name.as_str().as_bytes());
                out.within(0x30, |out| {
                    pieces.initial.iter().for_each(|piece| out.put(0x80, piece));
                    pieces.any.iter().for_each(|piece| out.put(0x81, piece));
                    pieces.last.iter().for_each(|piece| out.put(0x82, piece));
                });
            }),
            Self::Extensible(rule) => out.within(EXTENSIBLE, |out| {
                rule.rule.iter().for_each(|name| out.put(0x81, name.as_str().as_bytes()));
                rule.attribute.iter().for_each(|name| out.put(0x82, name.as_str().as_bytes()));
                out.put(0x83, &rule.value);
                // DEFAULT FALSE, which is not written (RFC 4511 §5.1).
                if rule.with_name {
                    out.put(0x84, &[0xff]);
                }
            }),
        }
    }
}

fn assertion(out: &mut Writer, tag: u8, name: &AttributeName, value: &[u8]) {
    out.within(tag, |out| {
        out.put(OCTETS, name.as_str().as_bytes());
        out.put(OCTETS, value);
    });
}

/// As RFC 4515 writes it. What it holds of values is escaped wherever it could mean anything else.
impl fmt::Display for Filter {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("(")?;
        match self {
            Self::And(all) => {
                out.write_str("&")?;
                all.iter().try_for_each(|one| one.fmt(out))?;
            }
            Self::Or(some) => {
                out.write_str("|")?;
                some.iter().try_for_each(|one| one.fmt(out))?;
            }
            Self::Not(one) => write!(out, "!{one}")?,
            Self::Equals(name, value) => write!(out, "{name}={}", Escaped(value))?,
            Self::AtLeast(name, value) => write!(out, "{name}>={}", Escaped(value))?,
            Self::AtMost(name, value) => write!(out, "{name}<={}", Escaped(value))?,
            Self::Approximately(name, value) => write!(out, "{name}~={}", Escaped(value))?,
            Self::Present(name) => write!(out, "{name}=*")?,
            Self::Substrings(name, pieces) => {
                write!(out, "{name}={}*", Escaped(pieces.initial.as_deref().unwrap_or_default()))?;
                pieces.any.iter().try_for_each(|piece| write!(out, "{}*", Escaped(piece)))?;
                write!(out, "{}", Escaped(pieces.last.as_deref().unwrap_or_default()))?;
            }
            Self::Extensible(rule) => {
                rule.attribute.iter().try_for_each(|name| name.fmt(out))?;
                if rule.with_name {
                    out.write_str(":dn")?;
                }
                rule.rule.iter().try_for_each(|name| write!(out, ":{name}"))?;
                write!(out, ":={}", Escaped(&rule.value))?;
            }
        }
        out.write_str(")")
    }
}

/// A value as it stands in the text of a filter.
struct Escaped<'a>(&'a [u8]);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let escape = |out: &mut fmt::Formatter<'_>, byte: u8| write!(out, "\\{byte:02x}");
        for chunk in self.0.utf8_chunks() {
            for one in chunk.valid().chars() {
                match one {
                    '(' | ')' | '*' | '\\' => escape(out, u8::try_from(one).unwrap_or_default())?,
                    _ if one.is_ascii_control() => escape(out, u8::try_from(one).unwrap_or_default())?,
                    _ => write!(out, "{one}")?,
                }
            }
            chunk.invalid().iter().try_for_each(|byte| escape(out, *byte))?;
        }
        Ok(())
    }
}
