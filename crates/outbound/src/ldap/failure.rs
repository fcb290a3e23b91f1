//! Why a directory did not tell what it was asked: a sentence for an administrator, and a kind for whoever decides what happens next. A refused
//! sign-in of a person is none.

use std::fmt;
use std::time::Duration;

use ldap::malformed::Malformed;
use ldap::outcome::{Code, Outcome};
use ldap::refusal::BindRefusal;

use crate::failure::Why as LinkWhy;
use crate::saying::short;

/// What failed, and at which server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Host and port; none where it is not one server's.
    pub server: Option<String>,
    /// Why.
    pub why: Why,
}

/// What may be done about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The directory is away, slow or in trouble: later it may work.
    Away,
    /// It is not who it must be.
    Untrusted,
    /// The account that asks was refused: an administrator must look.
    Account,
    /// The account may not do that.
    Forbidden,
    /// Where it was left off is no longer known: everything must be read.
    CursorLost,
    /// It does not speak as it must.
    Malformed,
    /// What the settings name is not there.
    NotFound,
    /// It ends before everything was told.
    Limit,
    /// It refuses what the settings ask for.
    Refused,
}

/// Why something failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// No connection, for a reason that every connection can fail for.
    Link(LinkWhy),
    /// The connection could not be made safe.
    Tls {
        /// What is wrong.
        said: String,
        /// What can be done.
        advice: &'static str,
    },
    /// It did not want TLS, or said something else at that moment.
    StartTls(String),
    /// The certificate of our own cannot be used.
    OwnCertificate(String),
    /// An answer did not come in time.
    Timeout {
        /// Of what.
        what: &'static str,
        /// How long was waited.
        limit: Duration,
    },
    /// The connection ended.
    Closed(String),
    /// What came is no LDAP, or no answer to what was asked.
    Malformed(Malformed),
    /// The account that asks was refused.
    Account {
        /// How.
        refusal: BindRefusal,
        /// What the directory said.
        said: String,
    },
    /// The directory answered with something else than success.
    Answered {
        /// Which.
        code: Code,
        /// To what.
        what: String,
        /// What it said.
        said: String,
    },
    /// Where it was left off is no longer known, and why.
    CursorLost(&'static str),
    /// An entry has no stable identifier.
    NoId(String),
    /// Of nobody this attribute is told, which everybody has.
    Hidden(&'static str),
    /// More was told than is taken.
    TooMuch(&'static str),
}

impl Failure {
    /// What may be done about it.
    pub fn kind(&self) -> Kind {
        match &self.why {
            Why::Link(LinkWhy::Refused { .. } | LinkWhy::Address(_)) => Kind::Refused,
            Why::Link(_) | Why::Timeout { .. } | Why::Closed(_) => Kind::Away,
            Why::Tls { .. } | Why::StartTls(_) => Kind::Untrusted,
            Why::OwnCertificate(_) | Why::Account { .. } => Kind::Account,
            Why::Malformed(_) => Kind::Malformed,
            Why::Answered { code, .. } => kind_of(*code),
            Why::CursorLost(_) => Kind::CursorLost,
            Why::NoId(_) | Why::Hidden(_) => Kind::Forbidden,
            Why::TooMuch(_) => Kind::Limit,
        }
    }

    /// Whether everything must be read to go on.
    pub fn asks_for_full(&self) -> bool {
        self.kind() == Kind::CursorLost
    }
}

impl Why {
    /// From an outcome that is no success.
    pub(crate) fn answered(what: impl Into<String>, outcome: &Outcome) -> Self {
        Self::Answered { code: outcome.code, what: what.into(), said: short(&outcome.message) }
    }

    pub(crate) fn is_answer(&self, code: Code) -> bool {
        matches!(self, Self::Answered { code: is, .. } if *is == code)
    }
}

impl From<Malformed> for Why {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed(malformed)
    }
}

impl From<LinkWhy> for Why {
    fn from(why: LinkWhy) -> Self {
        Self::Link(why)
    }
}

fn kind_of(code: Code) -> Kind {
    match code {
        Code::BUSY | Code::UNAVAILABLE | Code::TIME_LIMIT => Kind::Away,
        Code::SIZE_LIMIT | Code::ADMIN_LIMIT => Kind::Limit,
        Code::INSUFFICIENT_RIGHTS | Code::STRONGER_AUTH | Code::CONFIDENTIALITY => Kind::Forbidden,
        Code::NO_SUCH_OBJECT | Code::REFERRAL | Code::INVALID_DN => Kind::NotFound,
        Code::SYNC_REFRESH_REQUIRED => Kind::CursorLost,
        _ => Kind::Refused,
    }
}

fn advice(code: Code) -> &'static str {
    match code {
        Code::BUSY | Code::UNAVAILABLE | Code::TIME_LIMIT => "Try again later, and look at its log.",
        Code::SIZE_LIMIT | Code::ADMIN_LIMIT => {
            "Have its limits raised for this account (OpenLDAP: limits with size.prtotal=unlimited)."
        }
        Code::INSUFFICIENT_RIGHTS => "Give the account of this directory the right to read that.",
        Code::NO_SUCH_OBJECT | Code::INVALID_DN => {
            "Check how the entry is spelled, and that the account may see it: what it may not see is not there for it."
        }
        Code::REFERRAL => "It is on another server: name one that holds it. Nobody is followed there.",
        Code::UNAVAILABLE_EXTENSION => "The server does not know what this needs.",
        _ => "Look at its log.",
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(server) = &self.server {
            write!(out, "{server}: ")?;
        }
        self.why.fmt(out)
    }
}

impl std::error::Error for Failure {}

impl fmt::Display for Why {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Link(why) => why.fmt(out),
            Self::Tls { said, advice } => {
                write!(out, "the connection could not be made safe, and nothing was said ({said}). {advice}")
            }
            Self::StartTls(said) => write!(
                out,
                "it did not begin TLS when it was asked to ({said}). Use ldaps:// if it has that; else give it a certificate."
            ),
            Self::OwnCertificate(said) => {
                write!(out, "the certificate with which this server names itself cannot be used ({said}).")
            }
            Self::Timeout { what, limit } => write!(
                out,
                "{what} did not come within {} seconds. Try again; if it stays so, look there or allow more time.",
                limit.as_secs_f64()
            ),
            Self::Closed(said) => {
                write!(out, "the connection ended before its time ({said}). Try again later.")
            }
            Self::Malformed(flaw) => {
                write!(
                    out,
                    "it does not speak LDAP as it must ({flaw}). Does something else answer at that port?"
                )
            }
            Self::Account { refusal, said } => {
                write!(
                    out,
                    "the account of this directory was refused. {refusal} The directory said: {said:?}."
                )
            }
            Self::Answered { code, what, said } => {
                write!(out, "{what} was answered with {code}, {said:?}. {}", advice(*code))
            }
            Self::CursorLost(why) => write!(out, "{why}, so that everything must be read again."),
            Self::NoId(attribute) => write!(
                out,
                "an entry came without a value of {attribute} that can name it for good. Let the account of this directory read {attribute}."
            ),
            Self::Hidden(attribute) => write!(
                out,
                "not one person came with a value of {attribute}, which each account has. Let the account of this directory read {attribute}."
            ),
            Self::TooMuch(what) => write!(out, "{what}. Narrow the bases or filters."),
        }
    }
}
