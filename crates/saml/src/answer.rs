//! What an answer says before anything of it is proved: whether the identity provider did what it was asked for, in its own words, and
//! what it brought. A refusal is for the administrator; whom an answer is about is read from verified text alone.

use crate::envelope::{Envelope, Kind};
use crate::error::Error;
use crate::guard::parse;
use crate::names::ASSERTION;
use crate::reading::is;
use crate::status::Status;

/// What an answer brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// No assertion.
    Nothing,
    /// An assertion: [`crate::verify::verify`] takes it.
    Assertion,
    /// An encrypted one.
    EncryptedAssertion,
}

/// A Response or LogoutResponse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Its outside.
    pub envelope: Envelope,
    /// Whether what was asked for happened.
    pub status: Status,
    /// What it brought.
    pub holds: Holds,
}

impl Answer {
    /// From the text of a message. Of the text that a verified Response is, what it says is proved.
    pub fn read(message: &str) -> Result<Self, Error> {
        let document = parse(message)?;
        let root = document.root_element();
        let envelope = Envelope::of(root)?;
        if !matches!(envelope.kind, Kind::Response | Kind::LogoutResponse) {
            return Err(Error::Shape("a request where an answer is expected"));
        }
        let has = |name| root.children().any(|node| is(node, ASSERTION, name));
        let holds = match (has("Assertion"), has("EncryptedAssertion")) {
            (true, _) => Holds::Assertion,
            (false, true) => Holds::EncryptedAssertion,
            (false, false) => Holds::Nothing,
        };
        Ok(Self { envelope, status: Status::read(root)?, holds })
    }
}
