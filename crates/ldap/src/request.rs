//! What we ask: requests of RFC 4511 §4.2 to §4.12, as bytes. Names of attributes, filters and names of entries are types by now, so that what somebody
//! typed stands only where values stand. The bytes are wiped when they are dropped: a bind holds a password.

use zeroize::Zeroizing;

use crate::attribute::AttributeName;
use crate::ber::{ENUMERATED, INTEGER, SEQUENCE, SET, Writer};
use crate::control::Control;
use crate::filter::Filter;

const BIND: u8 = 0x60;
const UNBIND: u8 = 0x42;
const SEARCH: u8 = 0x63;
const MODIFY: u8 = 0x66;
const EXTENDED: u8 = 0x77;
const CONTROLS: u8 = 0xa0;
const SIMPLE: u8 = 0x80;
const SASL: u8 = 0xa3;
const VERSION: i64 = 3;

/// StartTLS (RFC 4511 §4.14).
pub const START_TLS: &str = "1.3.6.1.4.1.1466.20037";
/// Password modify (RFC 3062).
pub const PASSWORD_MODIFY: &str = "1.3.6.1.4.1.4203.1.11.1";

/// A request.
#[derive(Clone, Copy)]
pub enum Request<'a> {
    /// Sign in with a name and a password. An empty password would be nobody (RFC 4513 §5.1.2): [`Request::bind`] refuses it.
    Bind {
        /// Who: a distinguished name, or what Active Directory takes instead.
        name: &'a str,
        /// With what.
        password: &'a [u8],
    },
    /// Sign in as whom the certificate of this connection names.
    BindExternal,
    /// The end of the connection.
    Unbind,
    /// Search.
    Search(&'a Search),
    /// Change an entry.
    Modify {
        /// Which.
        dn: &'a str,
        /// How.
        changes: &'a [Change<'a>],
    },
    /// An extended operation.
    Extended {
        /// Which.
        name: &'static str,
        /// What it is told.
        value: Option<&'a [u8]>,
    },
}

/// How far below its base a search goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// The base alone.
    Base,
    /// What is right below it.
    One,
    /// The base and all below it.
    Subtree,
}

/// A search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// Where: a distinguished name, or `<GUID=…>` of Active Directory. Empty: the server itself.
    pub base: String,
    /// How far.
    pub depth: Depth,
    /// What.
    pub filter: Filter,
    /// Which attributes, with options where it must be. None: all that are no operational ones.
    pub attributes: Vec<String>,
    /// Entries at most; 0: as the server likes.
    pub entries_max: u32,
    /// Seconds that the server may take; 0: as it likes.
    pub seconds_max: u32,
}

/// A change of one attribute.
#[derive(Clone, Copy)]
pub struct Change<'a> {
    /// How.
    pub how: How,
    /// Of what.
    pub attribute: &'a AttributeName,
    /// With which value.
    pub value: &'a [u8],
}

/// How an attribute changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// The value comes to it.
    Add = 0,
    /// The value goes.
    Delete = 1,
    /// It alone stays.
    Replace = 2,
}

impl<'a> Request<'a> {
    /// A bind, unless it would be one as nobody: a server answers yes to a name without a password.
    pub fn bind(name: &'a str, password: &'a [u8]) -> Option<Self> {
        (!name.is_empty() && !password.is_empty()).then_some(Self::Bind { name, password })
    }

    /// The bytes of the message. Numbers are from 1.
    pub fn write(&self, id: i32, controls: &[Control]) -> Zeroizing<Vec<u8>> {
        let mut out = Writer::new();
        out.within(SEQUENCE, |out| {
            out.integer(INTEGER, id.into());
            self.write_body(out);
            if !controls.is_empty() {
                out.within(CONTROLS, |out| controls.iter().for_each(|control| control.write(out)));
            }
        });
        out.into_bytes()
    }

    fn write_body(&self, out: &mut Writer) {
        match self {
            Self::Bind { name, password } => out.within(BIND, |out| {
                out.integer(INTEGER, VERSION);
                out.octets(name.as_bytes());
                out.put(SIMPLE, password);
            }),
            Self::BindExternal => out.within(BIND, |out| {
                out.integer(INTEGER, VERSION);
                out.octets(b"");
                // With an empty first word: without one the server would ask for it (RFC 4422 §3).
                out.within(SASL, |out| {
                    out.octets(b"EXTERNAL");
                    out.octets(b"");
                });
            }),
            Self::Unbind => out.put(UNBIND, b""),
            Self::Search(search) => out.within(SEARCH, |out| search.write(out)),
            Self::Modify { dn, changes } => out.within(MODIFY, |out| {
                out.octets(dn.as_bytes());
                out.within(SEQUENCE, |out| changes.iter().for_each(|change| change.write(out)));
            }),
            Self::Extended { name, value } => out.within(EXTENDED, |out| {
                out.put(0x80, name.as_bytes());
                if let Some(value) = value {
                    out.put(0x81, value);
                }
            }),
        }
    }
}

impl Search {
    fn write(&self, out: &mut Writer) {
        out.octets(self.base.as_bytes());
        out.integer(ENUMERATED, self.depth as i64);
        // Aliases are never followed: they lead out of the base that an administrator named.
        out.integer(ENUMERATED, 0);
        out.integer(INTEGER, self.entries_max.into());
        out.integer(INTEGER, self.seconds_max.into());
        out.boolean(false);
        self.filter.write(out);
        out.within(SEQUENCE, |out| self.attributes.iter().for_each(|name| out.octets(name.as_bytes())));
    }
}

impl Change<'_> {
    fn write(&self, out: &mut Writer) {
        out.within(SEQUENCE, |out| {
            out.integer(ENUMERATED, self.how as i64);
            out.within(SEQUENCE, |out| {
                out.octets(self.attribute.as_str().as_bytes());
                out.within(SET, |out| out.octets(self.value));
            });
        });
    }
}
