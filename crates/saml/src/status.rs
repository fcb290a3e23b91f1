//! The status of an answer: whether what was asked for happened, and what the other side says of it if not. Knows no answer.

use std::fmt;

use roxmltree::Node;

use crate::error::Error;
use crate::names::PROTOCOL;
use crate::reading::at_most_one;
use crate::writer::Xml;

/// It happened.
pub const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";
/// It did not, for a reason on the side of whoever asked.
pub const REQUESTER: &str = "urn:oasis:names:tc:SAML:2.0:status:Requester";
/// It did not, for a reason on the side of whoever answers.
pub const RESPONDER: &str = "urn:oasis:names:tc:SAML:2.0:status:Responder";
/// As second code: some sessions could not be ended.
pub const PARTIAL_LOGOUT: &str = "urn:oasis:names:tc:SAML:2.0:status:PartialLogout";
/// As second code: who is to be signed out is not known, or it will not be done.
pub const REQUEST_DENIED: &str = "urn:oasis:names:tc:SAML:2.0:status:RequestDenied";
/// As second code: the person cannot be signed in without being shown something.
pub const NO_PASSIVE: &str = "urn:oasis:names:tc:SAML:2.0:status:NoPassive";
/// As second code: how the person signed in is not how it was asked for.
pub const NO_AUTHN_CONTEXT: &str = "urn:oasis:names:tc:SAML:2.0:status:NoAuthnContext";
/// As second code: the kind of identifier that was asked for is not given.
pub const INVALID_NAME_ID_POLICY: &str = "urn:oasis:names:tc:SAML:2.0:status:InvalidNameIDPolicy";
/// As second code: the person who is signed in is not the one who was asked for.
pub const UNKNOWN_PRINCIPAL: &str = "urn:oasis:names:tc:SAML:2.0:status:UnknownPrincipal";
/// As second code: the answer was wanted in a way that is not spoken.
pub const UNSUPPORTED_BINDING: &str = "urn:oasis:names:tc:SAML:2.0:status:UnsupportedBinding";

/// Letters of a message that are said to people.
const SAID_MAX: usize = 300;

/// What an answer says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The top code, a URI.
    pub code: String,
    /// The code below it, which says more.
    pub second: Option<String>,
    /// What the other side says in words.
    pub message: Option<String>,
}

impl Status {
    /// It happened.
    pub fn success() -> Self {
        Self { code: SUCCESS.to_owned(), second: None, message: None }
    }

    /// It did not happen: whose side it was on, and why.
    pub fn failure(code: &str, second: Option<&str>) -> Self {
        Self { code: code.to_owned(), second: second.map(str::to_owned), message: None }
    }

    /// Whether it happened.
    pub fn is_success(&self) -> bool {
        self.code == SUCCESS
    }

    /// Of the answer that an element is.
    pub(crate) fn read(answer: Node<'_, '_>) -> Result<Self, Error> {
        let status = at_most_one(answer, (PROTOCOL, "Status"), "an answer with two Status")?;
        let status = status.ok_or(Error::Shape("an answer without Status"))?;
        let code = code_of(status)?.ok_or(Error::Shape("a Status without StatusCode"))?;
        let second = code_of(code)?;
        let message = at_most_one(status, (PROTOCOL, "StatusMessage"), "a Status with two StatusMessage")?;
        Ok(Self {
            code: value_of(code)?,
            second: second.map(value_of).transpose()?,
            message: message.map(words).filter(|message| !message.is_empty()),
        })
    }

    pub(crate) fn write(&self, out: &mut Xml) -> Result<(), Error> {
        out.open("samlp:Status", &[])?;
        out.open("samlp:StatusCode", &[("Value", Some(&self.code))])?;
        if self.second.is_some() {
            out.leaf("samlp:StatusCode", &[("Value", self.second.as_deref())], "")?;
        }
        out.close("samlp:StatusCode");
        if let Some(message) = &self.message {
            out.leaf("samlp:StatusMessage", &[], message)?;
        }
        out.close("samlp:Status");
        Ok(())
    }
}

/// As an administrator reads it: the last words of the codes, then what the other side says, in one line.
impl fmt::Display for Status {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |code: &str| -> String {
            let last = code.strip_prefix("urn:oasis:names:tc:SAML:2.0:status:").unwrap_or(code);
            last.chars().take(SAID_MAX).collect()
        };
        write!(out, "{:?}", name(&self.code))?;
        if let Some(second) = &self.second {
            write!(out, " ({:?})", name(second))?;
        }
        if let Some(message) = &self.message {
            write!(out, ": {:?}", message.chars().take(SAID_MAX).collect::<String>())?;
        }
        Ok(())
    }
}

fn code_of<'a, 'i>(parent: Node<'a, 'i>) -> Result<Option<Node<'a, 'i>>, Error> {
    at_most_one(parent, (PROTOCOL, "StatusCode"), "two StatusCode in one place")
}

fn value_of(code: Node<'_, '_>) -> Result<String, Error> {
    let value = code.attribute("Value").filter(|value| !value.is_empty());
    value.map(str::to_owned).ok_or(Error::Shape("a StatusCode without Value"))
}

/// What stands in a message, with its white space in order: nothing depends on it, so that a comment in it does no harm.
fn words(message: Node<'_, '_>) -> String {
    let texts = message.children().filter(Node::is_text);
    let whole: String = texts.filter_map(|node| node.text()).collect();
    whole.split_whitespace().collect::<Vec<_>>().join(" ")
}
