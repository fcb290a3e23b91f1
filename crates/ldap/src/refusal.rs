//! Why a directory refused a sign-in: told apart by what it says beside "invalid credentials". For administrators; who guesses must not hear it.

use std::fmt;

use crate::control::{PasswordPolicy, PolicyError};
use crate::outcome::{Code, Outcome};
use crate::state::State;

/// Why a bind was refused, or must not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BindRefusal {
    /// The password is wrong, or the directory does not say what else.
    WrongPassword,
    /// There is no such account.
    NoSuchPerson,
    /// An administrator turned the account off, and the password was right.
    Disabled,
    /// An administrator turned the account off; 389-DS says so whatever the password was.
    Inactivated,
    /// Too many wrong passwords came.
    Locked,
    /// The time of the account is over.
    AccountExpired,
    /// The password is too old.
    PasswordExpired,
    /// The password is right, and another must be chosen first.
    MustChangePassword,
    /// Not at this hour, or not from here.
    NotNow,
    /// It wants the connection or the sign-in to be another.
    NotThisWay,
    /// The directory is busy or refuses for another reason.
    Other,
}

/// What Active Directory puts behind `data` in its message (the codes of Windows, in hexadecimal digits).
const WINDOWS: &[(&str, BindRefusal)] = &[
    ("525", BindRefusal::NoSuchPerson),
    ("52e", BindRefusal::WrongPassword),
    ("530", BindRefusal::NotNow),
    ("531", BindRefusal::NotNow),
    ("532", BindRefusal::PasswordExpired),
    ("533", BindRefusal::Disabled),
    ("568", BindRefusal::Other),
    ("701", BindRefusal::AccountExpired),
    ("773", BindRefusal::MustChangePassword),
    ("775", BindRefusal::Locked),
];

impl BindRefusal {
    /// Why a bind that ended so does not count; none where it does. A success with a password that must be changed does not.
    pub fn of(outcome: &Outcome, policy: PasswordPolicy) -> Option<Self> {
        // 389-DS: "Account inactivated. Contact system administrator.", which its policy calls locked.
        let says = |words: &str| outcome.message.to_ascii_lowercase().contains(words);
        if outcome.code == Code::UNWILLING && says("inactivated") {
            return Some(Self::Inactivated);
        }
        match policy.error {
            Some(PolicyError::AccountLocked) => return Some(Self::Locked),
            Some(PolicyError::PasswordExpired) => return Some(Self::PasswordExpired),
            Some(PolicyError::ChangeAfterReset) => return Some(Self::MustChangePassword),
            _ => {}
        }
        match outcome.code {
            Code::SUCCESS => None,
            Code::INVALID_CREDENTIALS => Some(windows(&outcome.message).unwrap_or(Self::WrongPassword)),
            Code::NO_SUCH_OBJECT | Code::INVALID_DN => Some(Self::NoSuchPerson),
            Code::STRONGER_AUTH | Code::CONFIDENTIALITY | Code::AUTH_METHOD | Code::INAPPROPRIATE_AUTH => {
                Some(Self::NotThisWay)
            }
            // 389-DS: "Account inactivated. Contact system administrator."
            Code::UNWILLING if outcome.message.to_ascii_lowercase().contains("inactivated") => {
                Some(Self::Disabled)
            }
            // 389-DS: "Exceed password retry limit. Please try later."
            Code::CONSTRAINT if says("retry limit") => Some(Self::Locked),
            _ => Some(Self::Other),
        }
    }

    /// What the state of the account says against a sign-in whose password was right. A password that is too old refuses at the bind alone: servers
    /// whose clock differs, and those that grant graces, know better.
    pub fn of_state(state: State) -> Option<Self> {
        if state.disabled {
            return Some(Self::Disabled);
        }
        if state.expired {
            return Some(Self::AccountExpired);
        }
        state.must_change_password.then_some(Self::MustChangePassword)
    }

    /// Whether the directory has said by this that the password was right: only then may the person hear it, who otherwise may be guessing.
    pub const fn proves_password(self) -> bool {
        matches!(
            self,
            Self::PasswordExpired
                | Self::MustChangePassword
                | Self::NotNow
                | Self::Disabled
                | Self::AccountExpired
        )
    }

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WrongPassword => "WRONG_PASSWORD",
            Self::NoSuchPerson => "NO_SUCH_PERSON",
            Self::Disabled => "DISABLED",
            Self::Inactivated => "INACTIVATED",
            Self::Locked => "LOCKED",
            Self::AccountExpired => "ACCOUNT_EXPIRED",
            Self::PasswordExpired => "PASSWORD_EXPIRED",
            Self::MustChangePassword => "MUST_CHANGE_PASSWORD",
            Self::NotNow => "NOT_NOW",
            Self::NotThisWay => "NOT_THIS_WAY",
            Self::Other => "OTHER",
        }
    }
}

/// The code behind `data` in a message such as `80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data 52e, v2580`.
fn windows(message: &str) -> Option<BindRefusal> {
    let (_, behind) = message.split_once("data ")?;
    let code: String =
        behind.chars().take_while(char::is_ascii_hexdigit).collect::<String>().to_ascii_lowercase();
    WINDOWS.iter().find(|(known, _)| *known == code).map(|(_, refusal)| *refusal)
}

impl fmt::Display for BindRefusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::WrongPassword => "The name or the password is wrong.",
            Self::NoSuchPerson => "The directory has no such account.",
            Self::Disabled | Self::Inactivated => "The account is disabled in the directory.",
            Self::Locked => "The account is locked in the directory after too many wrong passwords.",
            Self::AccountExpired => "The account has expired in the directory.",
            Self::PasswordExpired => "The password has expired in the directory.",
            Self::MustChangePassword => "The directory wants another password to be chosen first.",
            Self::NotNow => {
                "The directory does not let the account sign in at this hour or from this machine."
            }
            Self::NotThisWay => "The directory does not let the account sign in with a password in this way.",
            Self::Other => "The directory refused the sign-in for another reason.",
        })
    }
}
