//! What a server sends: one message of bytes into its type (RFC 4511 §4.1.1). What is no answer to anything that we ask is refused.

use crate::ber::{self, Reader, SEQUENCE};
use crate::control::Control;
use crate::entry::Entry;
use crate::malformed::Malformed;
use crate::outcome::{Outcome, read_uris};

const BIND_RESPONSE: u8 = 0x61;
const SEARCH_ENTRY: u8 = 0x64;
const SEARCH_DONE: u8 = 0x65;
const MODIFY_RESPONSE: u8 = 0x67;
const SEARCH_REFERENCE: u8 = 0x73;
const EXTENDED_RESPONSE: u8 = 0x78;
const INTERMEDIATE: u8 = 0x79;
const CONTROLS: u8 = 0xa0;
/// What a bind may answer with behind its outcome.
const SASL_CREDENTIALS: u8 = 0x87;
const EXTENDED_NAME: u8 = 0x8a;
const EXTENDED_VALUE: u8 = 0x8b;
const INTERMEDIATE_NAME: u8 = 0x80;
const INTERMEDIATE_VALUE: u8 = 0x81;

/// The farewell of a server that ends the connection, as an extended answer to nothing (RFC 4511 §4.4.1).
pub const NOTICE_OF_DISCONNECTION: &str = "1.3.6.1.4.1.1466.20036";

/// A message of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// To which request it belongs; 0 to none.
    pub id: i32,
    /// What it says.
    pub body: Body,
    /// What comes beside it.
    pub controls: Vec<Control>,
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// A bind ended.
    Bound(Outcome),
    /// An entry that was found.
    Entry(Entry),
    /// More of what is searched is elsewhere.
    Reference(Vec<String>),
    /// The search ended.
    Done(Outcome),
    /// A change ended.
    Modified(Outcome),
    /// An extended operation ended.
    Extended {
        /// How.
        outcome: Outcome,
        /// Which it was, where it says so.
        name: Option<String>,
        /// What it brings.
        value: Option<Vec<u8>>,
    },
    /// Something said meanwhile (RFC 4511 §4.13).
    Intermediate {
        /// What it is.
        name: Option<String>,
        /// What it says.
        value: Option<Vec<u8>>,
    },
}

impl Message {
    /// Reads one whole message, and nothing behind it.
    pub fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut outer = Reader::new(bytes);
        let mut inside = outer.inside(SEQUENCE)?;
        if !outer.is_empty() {
            return Err(Malformed("something behind the end of a message"));
        }
        let id = i32::try_from(inside.integer()?).ok().filter(|id| *id >= 0);
        let id = id.ok_or(Malformed("a number of a message that is none"))?;
        let (tag, content) = inside.any()?;
        let body = read_body(tag, Reader::new(content))?;
        let controls = inside.maybe(CONTROLS)?.map(Control::read_all).transpose()?.unwrap_or_default();
        Ok(Self { id, body, controls })
    }
}

fn read_body(tag: u8, mut inside: Reader<'_>) -> Result<Body, Malformed> {
    match tag {
        BIND_RESPONSE => {
            let outcome = Outcome::read(&mut inside)?;
            inside.maybe(SASL_CREDENTIALS)?;
            Ok(Body::Bound(outcome))
        }
        SEARCH_ENTRY => Entry::read(inside).map(Body::Entry),
        SEARCH_REFERENCE => read_uris(inside).map(Body::Reference),
        SEARCH_DONE => Outcome::read(&mut inside).map(Body::Done),
        MODIFY_RESPONSE => Outcome::read(&mut inside).map(Body::Modified),
        EXTENDED_RESPONSE => {
            let outcome = Outcome::read(&mut inside)?;
            let name = inside.maybe(EXTENDED_NAME)?.map(owned_text).transpose()?;
            let value = inside.maybe(EXTENDED_VALUE)?.map(<[u8]>::to_vec);
            Ok(Body::Extended { outcome, name, value })
        }
        INTERMEDIATE => {
            let name = inside.maybe(INTERMEDIATE_NAME)?.map(owned_text).transpose()?;
            let value = inside.maybe(INTERMEDIATE_VALUE)?.map(<[u8]>::to_vec);
            Ok(Body::Intermediate { name, value })
        }
        _ => Err(Malformed("a message that answers nothing that was asked")),
    }
}

fn owned_text(bytes: &[u8]) -> Result<String, Malformed> {
    ber::text(bytes).map(str::to_owned)
}
