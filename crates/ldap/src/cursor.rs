//! How far a directory was read, to go on from there: kept by others as bytes that only this file understands. What another version wrote, or what was
//! altered, is none, and everything is read again.

use crate::ber::{INTEGER, OCTETS, Reader, SEQUENCE, Writer};
use crate::malformed::Malformed;

/// Raised whenever the bytes change their meaning.
const VERSION: i64 = 1;
/// Bytes at most: a cookie of DirSync grows with the number of domain controllers that there ever were.
const LENGTH_MAX: usize = 1_024 * 1_024;

const DIR_SYNC: u8 = 0xa0;
const USN: u8 = 0xa1;
const SYNC_REPL: u8 = 0xa2;
const TIMESTAMP: u8 = 0xa3;

/// How far a directory was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// For which settings it holds: what is read under other bases or filters begins anew.
    pub settings: [u8; 32],
    /// How far.
    pub point: Point,
}

/// How far, in the words of the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Point {
    /// Active Directory with the right to replicate.
    DirSync {
        /// What to go on with.
        cookie: Vec<u8>,
    },
    /// Active Directory without: a count that only one domain controller has.
    Usn {
        /// Which database it is of: another after a restore (MS-ADTS §3.1.1.1.9).
        invocation_id: Vec<u8>,
        /// All changes up to this one are known.
        highest: i64,
    },
    /// Content synchronization: a cookie for each search, in the order of the settings.
    SyncRepl {
        /// What to go on with.
        cookies: Vec<Vec<u8>>,
    },
    /// Whatever changed at this time or later.
    Timestamp {
        /// In seconds since 1970, by the clock of the server.
        seconds: i64,
    },
}

impl Cursor {
    /// The bytes to keep.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.within(SEQUENCE, |out| {
            out.integer(INTEGER, VERSION);
            out.octets(&self.settings);
            match &self.point {
                Point::DirSync { cookie } => out.within(DIR_SYNC, |out| out.octets(cookie)),
                Point::Usn { invocation_id, highest } => out.within(USN, |out| {
                    out.octets(invocation_id);
                    out.integer(INTEGER, *highest);
                }),
                Point::SyncRepl { cookies } => {
                    out.within(SYNC_REPL, |out| cookies.iter().for_each(|cookie| out.octets(cookie)));
                }
                Point::Timestamp { seconds } => out.within(TIMESTAMP, |out| out.integer(INTEGER, *seconds)),
            }
        });
        out.into_bytes().to_vec()
    }

    /// From bytes that were kept; none where they are of another version or no such bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > LENGTH_MAX {
            return None;
        }
        read(bytes).ok()
    }
}

fn read(bytes: &[u8]) -> Result<Cursor, Malformed> {
    const OTHER: Malformed = Malformed("another version");
    let mut inside = Reader::new(bytes).inside(SEQUENCE)?;
    if inside.integer()? != VERSION {
        return Err(OTHER);
    }
    let settings = inside.octets()?.try_into().map_err(|_| OTHER)?;
    let (tag, content) = inside.any()?;
    let mut point = Reader::new(content);
    let point = match tag {
        DIR_SYNC => Point::DirSync { cookie: point.octets()?.to_vec() },
        USN => Point::Usn { invocation_id: point.octets()?.to_vec(), highest: point.integer()? },
        SYNC_REPL => {
            let mut cookies = Vec::new();
            while let Some(cookie) = point.maybe(OCTETS)? {
                cookies.push(cookie.to_vec());
            }
            Point::SyncRepl { cookies }
        }
        TIMESTAMP => Point::Timestamp { seconds: point.integer()? },
        _ => return Err(OTHER),
    };
    Ok(Cursor { settings, point })
}
