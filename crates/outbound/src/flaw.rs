//! What is wrong with an address as it was written, in a sentence. Nothing of it is repeated but a single character, or the host as it was understood.

use std::fmt;

/// Characters of an address at most.
pub const LENGTH_MAX: usize = 2_048;

/// What is wrong with an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// So many characters are too many.
    Length(usize),
    /// It holds a character that no address has.
    Character(char),
    /// It has a fragment.
    Fragment,
    /// It begins with neither `https://` nor `http://`.
    Scheme,
    /// It holds a user or a password.
    UserInfo,
    /// It has no host, or one that is no name.
    Host,
    /// The host's name ends in a dot.
    DotAtEnd,
    /// The host can be written in another way, which is the one that counts.
    Spelling(String),
    /// The port is none.
    Port,
    /// Whatever else a parser says.
    Unreadable(String),
}

impl fmt::Display for Flaw {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length(length) => {
                write!(out, "the address has {length} characters: {LENGTH_MAX} at most are taken.")
            }
            Self::Character(odd) => write!(
                out,
                "the address holds {odd:?}: where it is meant, write it as xn-- in a host and with % elsewhere."
            ),
            Self::Fragment => out.write_str("the address has a # and what follows it, which no server is told: leave it out."),
            Self::Scheme => out.write_str("the address must begin with https://."),
            Self::UserInfo => out.write_str(
                "the address holds a user or a password before an @: leave them out, addresses are shown and logged.",
            ),
            Self::Host => out.write_str(
                "the address has no host, or one that is no name of letters, digits, hyphens and dots, nor an address such as 192.0.2.1 or [2001:db8::1].",
            ),
            Self::DotAtEnd => out.write_str("the host ends with a dot: leave it out."),
            Self::Spelling(read) => {
                write!(out, "the host is written so that it can be taken for another one: if {read} is meant, write that.")
            }
            Self::Port => out.write_str("the port must be a number from 1 to 65535, or left out with its colon."),
            Self::Unreadable(said) => write!(out, "the address cannot be read ({said})."),
        }
    }
}

impl std::error::Error for Flaw {}
