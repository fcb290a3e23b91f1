//! How an operation ended (RFC 4511 §4.1.9): a code, and what the server says about it.

use std::fmt;

use crate::ber::{self, Reader};
use crate::malformed::Malformed;

/// Referrals of one answer that are kept at most.
const REFERRALS_MAX: usize = 20;
const REFERRALS: u8 = 0xa3;

/// The code of an outcome, with its name where it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Code(pub u32);

impl Code {
    /// It worked.
    pub const SUCCESS: Self = Self(0);
    /// Asked in the wrong order, or what is not understood.
    pub const PROTOCOL: Self = Self(2);
    /// The server's own limit of time was reached.
    pub const TIME_LIMIT: Self = Self(3);
    /// The server's own limit of entries was reached.
    pub const SIZE_LIMIT: Self = Self(4);
    /// No such way of signing in.
    pub const AUTH_METHOD: Self = Self(7);
    /// It wants an encrypted connection or a stronger way of signing in.
    pub const STRONGER_AUTH: Self = Self(8);
    /// Another server has it.
    pub const REFERRAL: Self = Self(10);
    /// A limit that an administrator set.
    pub const ADMIN_LIMIT: Self = Self(11);
    /// A control that had to be understood was not.
    pub const UNAVAILABLE_EXTENSION: Self = Self(12);
    /// It wants an encrypted connection.
    pub const CONFIDENTIALITY: Self = Self(13);
    /// What was asked for holds no such attribute.
    pub const NO_SUCH_ATTRIBUTE: Self = Self(16);
    /// A value breaks a rule.
    pub const CONSTRAINT: Self = Self(19);
    /// There is no such entry.
    pub const NO_SUCH_OBJECT: Self = Self(32);
    /// The name is none.
    pub const INVALID_DN: Self = Self(34);
    /// The account may not sign in in this way.
    pub const INAPPROPRIATE_AUTH: Self = Self(48);
    /// Wrong name or password.
    pub const INVALID_CREDENTIALS: Self = Self(49);
    /// Not allowed.
    pub const INSUFFICIENT_RIGHTS: Self = Self(50);
    /// Busy.
    pub const BUSY: Self = Self(51);
    /// Not there for now.
    pub const UNAVAILABLE: Self = Self(52);
    /// It does not want to.
    pub const UNWILLING: Self = Self(53);
    /// Something else.
    pub const OTHER: Self = Self(80);
    /// All must be asked for again (RFC 4533 §3.6).
    pub const SYNC_REFRESH_REQUIRED: Self = Self(4_096);
}

impl fmt::Display for Code {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.0 {
            0 => "success",
            1 => "operationsError",
            2 => "protocolError",
            3 => "timeLimitExceeded",
            4 => "sizeLimitExceeded",
            7 => "authMethodNotSupported",
            8 => "strongerAuthRequired",
            10 => "referral",
            11 => "adminLimitExceeded",
            12 => "unavailableCriticalExtension",
            13 => "confidentialityRequired",
            16 => "noSuchAttribute",
            19 => "constraintViolation",
            32 => "noSuchObject",
            34 => "invalidDNSyntax",
            48 => "inappropriateAuthentication",
            49 => "invalidCredentials",
            50 => "insufficientAccessRights",
            51 => "busy",
            52 => "unavailable",
            53 => "unwillingToPerform",
            80 => "other",
            4_096 => "syncRefreshRequired",
            _ => return write!(out, "{}", self.0),
        };
        write!(out, "{} {name}", self.0)
    }
}

/// How an operation ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The code.
    pub code: Code,
    /// How far a name was found.
    pub matched_dn: String,
    /// What the server says: for administrators, and nothing but what it claims.
    pub message: String,
    /// Where it says that it is instead.
    pub referrals: Vec<String>,
}

impl Outcome {
    /// Reads the beginning of an answer and leaves what follows.
    pub(crate) fn read(inside: &mut Reader<'_>) -> Result<Self, Malformed> {
        let code =
            u32::try_from(inside.enumerated()?).map_err(|_| Malformed("a code of a result that is none"))?;
        let matched_dn = String::from_utf8_lossy(inside.octets()?).into_owned();
        let message = String::from_utf8_lossy(inside.octets()?).into_owned();
        let mut referrals = Vec::new();
        if let Some(list) = inside.maybe(REFERRALS)? {
            referrals = read_uris(Reader::new(list))?;
        }
        Ok(Self { code: Code(code), matched_dn, message, referrals })
    }

    /// Whether it worked.
    pub fn is_success(&self) -> bool {
        self.code == Code::SUCCESS
    }
}

/// Addresses where something else is. Those that are no text lead nowhere.
pub(crate) fn read_uris(mut list: Reader<'_>) -> Result<Vec<String>, Malformed> {
    let mut uris = Vec::new();
    while !list.is_empty() {
        let uri = list.octets()?;
        if uris.len() < REFERRALS_MAX {
            uris.extend(ber::text(uri).ok().map(str::to_owned));
        }
    }
    Ok(uris)
}
