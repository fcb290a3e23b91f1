//! New passwords: how each kind of directory is told one, and why it does not want it.

use std::fmt;

use zeroize::Zeroizing;

use crate::ber::{SEQUENCE, Writer};
use crate::control::{PasswordPolicy, PolicyError};
use crate::outcome::{Code, Outcome};

/// Why a new password was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PasswordRefusal {
    /// The old one is wrong.
    WrongOld,
    /// The new one is too short.
    TooShort,
    /// It is too simple.
    TooWeak,
    /// It was used before.
    UsedBefore,
    /// The old one is too new.
    TooSoon,
    /// One of these, and the directory does not say which.
    Policy,
    /// This account may not change its password, or not by us.
    NotAllowed,
    /// Something else.
    Other,
}

impl PasswordRefusal {
    /// Why a change that ended so was refused; none where it was done.
    pub fn of(outcome: &Outcome, policy: PasswordPolicy) -> Option<Self> {
        if outcome.is_success() {
            return None;
        }
        match policy.error {
            Some(PolicyError::MustSupplyOld) => return Some(Self::WrongOld),
            Some(PolicyError::ModificationNotAllowed) => return Some(Self::NotAllowed),
            Some(PolicyError::TooShort) => return Some(Self::TooShort),
            Some(PolicyError::InsufficientQuality) => return Some(Self::TooWeak),
            Some(PolicyError::TooYoung) => return Some(Self::TooSoon),
            Some(PolicyError::InHistory) => return Some(Self::UsedBefore),
            Some(PolicyError::TooLong) => return Some(Self::Policy),
            _ => {}
        }
        // Active Directory says both with one code; the code of Windows before its colon tells them apart (ERROR_INVALID_PASSWORD).
        let is_wrong_old = outcome.message.trim_start().to_ascii_lowercase().starts_with("00000056");
        Some(match outcome.code {
            Code::CONSTRAINT if is_wrong_old => Self::WrongOld,
            Code::CONSTRAINT => Self::of_words(&outcome.message),
            Code::INVALID_CREDENTIALS => Self::WrongOld,
            Code::INSUFFICIENT_RIGHTS | Code::NO_SUCH_ATTRIBUTE => Self::NotAllowed,
            Code::UNWILLING if outcome.message.to_ascii_lowercase().contains("old password") => {
                Self::WrongOld
            }
            Code::UNWILLING => Self::of_words(&outcome.message),
            _ => Self::Other,
        })
    }

    /// Which rule a directory says that was broken: Samba and OpenLDAP do so in words, Active Directory never.
    fn of_words(message: &str) -> Self {
        let message = message.to_ascii_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
        if says(&["too young", "too recently", "minimum password age"]) {
            Self::TooSoon
        } else if says(&["history", "already used"]) {
            Self::UsedBefore
        } else if says(&["too short"]) {
            Self::TooShort
        } else if says(&["complexity", "quality"]) {
            Self::TooWeak
        } else {
            Self::Policy
        }
    }

    /// Whether the directory says by this that the old one is right: it looks at the new one afterwards.
    pub const fn proves_old(self) -> bool {
        matches!(self, Self::TooShort | Self::TooWeak | Self::UsedBefore | Self::TooSoon | Self::Policy)
    }

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WrongOld => "WRONG_OLD",
            Self::TooShort => "TOO_SHORT",
            Self::TooWeak => "TOO_WEAK",
            Self::UsedBefore => "USED_BEFORE",
            Self::TooSoon => "TOO_SOON",
            Self::Policy => "POLICY",
            Self::NotAllowed => "NOT_ALLOWED",
            Self::Other => "OTHER",
        }
    }
}

impl fmt::Display for PasswordRefusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::WrongOld => "The old password is wrong.",
            Self::TooShort => "The new password is too short for the directory.",
            Self::TooWeak => "The new password is too simple for the directory.",
            Self::UsedBefore => "The directory knows the new password from before.",
            Self::TooSoon => "The directory wants the old password to be kept for longer.",
            Self::Policy => {
                "The new password does not satisfy the policy of the directory, or the old one is too new."
            }
            Self::NotAllowed => "The directory does not let this account change its password.",
            Self::Other => "The directory refused the new password.",
        })
    }
}

/// A password as `unicodePwd` wants it: in double quotes, in UTF-16 (MS-ADTS §3.1.1.3.1.5.1). Quotes within stay as they are.
pub fn unicode_pwd(password: &str) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(password.len() * 2 + 4));
    for unit in "\"".encode_utf16().chain(password.encode_utf16()).chain("\"".encode_utf16()) {
        bytes.extend_from_slice(&unit.to_le_bytes());
    }
    bytes
}

/// What RFC 3062 is told: whose password, the old one, the new one.
pub fn modify_request(dn: &str, old: &[u8], new: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut out = Writer::new();
    out.within(SEQUENCE, |out| {
        out.put(0x80, dn.as_bytes());
        out.put(0x81, old);
        out.put(0x82, new);
    });
    out.into_bytes()
}
