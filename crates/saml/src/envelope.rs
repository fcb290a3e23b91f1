//! What a message says on its outside, before anything of it is proved: enough to find the keys that prove it and to tell an
//! administrator what came. Nothing may be decided by it alone.

use roxmltree::Node;
use time::OffsetDateTime;

use crate::error::Error;
use crate::guard::parse;
use crate::names::{ASSERTION, PROTOCOL};
use crate::reading::{at_most_one, instant, is, text};

/// A kind of message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Asks to sign somebody in.
    AuthnRequest,
    /// Answers that, with an assertion or a refusal.
    Response,
    /// Asks to end sessions.
    LogoutRequest,
    /// Answers that.
    LogoutResponse,
}

/// All of them, by the names of their elements.
const KINDS: [(&str, Kind); 4] = [
    ("AuthnRequest", Kind::AuthnRequest),
    ("Response", Kind::Response),
    ("LogoutRequest", Kind::LogoutRequest),
    ("LogoutResponse", Kind::LogoutResponse),
];

/// The outside of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// What it is.
    pub kind: Kind,
    /// Its ID.
    pub id: String,
    /// When it was made.
    pub issued_at: OffsetDateTime,
    /// The sender's entity ID.
    pub issuer: Option<String>,
    /// Where it was sent to.
    pub destination: Option<String>,
    /// The request that it answers.
    pub in_response_to: Option<String>,
}

impl Envelope {
    /// From the text of a message.
    pub fn read(message: &str) -> Result<Self, Error> {
        Self::of(parse(message)?.root_element())
    }

    /// From the element that a message is.
    pub(crate) fn of(root: Node<'_, '_>) -> Result<Self, Error> {
        let kind = KINDS.into_iter().find(|(name, _)| is(root, PROTOCOL, name));
        let (_, kind) =
            kind.ok_or(Error::Shape("not an AuthnRequest, Response, LogoutRequest or LogoutResponse"))?;
        if root.attribute("Version") != Some("2.0") {
            return Err(Error::Shape("a message of another version than 2.0"));
        }
        let issuer = at_most_one(root, (ASSERTION, "Issuer"), "a message with two Issuer")?;
        let issuer = issuer.map(text).transpose()?;
        if issuer.as_deref() == Some("") {
            return Err(Error::Shape("an empty Issuer"));
        }
        let owned = |name| root.attribute(name).filter(|value| !value.is_empty()).map(str::to_owned);
        Ok(Self {
            kind,
            id: owned("ID").ok_or(Error::Shape("a message without ID"))?,
            issued_at: instant(root, "IssueInstant")?
                .ok_or(Error::Shape("a message without IssueInstant"))?,
            issuer,
            destination: owned("Destination"),
            in_response_to: owned("InResponseTo"),
        })
    }
}
