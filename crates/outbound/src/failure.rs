//! Why nothing came back: at which step, and what an administrator can do. Every sentence may be shown, logged and recorded: it names a host and a
//! port, what the other side claims in one short line, and never a path that we asked for, a query, a form or a body.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use crate::allowed;
use crate::flaw::Flaw;
use crate::ranges::{Allowance, Range};

/// A request that failed. `Display` is the whole sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Host and port; none where an address could not even be read.
    pub place: Option<String>,
    /// Why.
    pub why: Why,
}

/// Why a request failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// The address is none, or could be read in two ways.
    Address(Flaw),
    /// `http://`, and the host is not allowed by name.
    NotEncrypted,
    /// An address that the host has is not for everybody, and is not allowed.
    Refused {
        /// Which address.
        address: IpAddr,
        /// What it is.
        range: Range,
    },
    /// The name could not be resolved: what the resolver said.
    Resolve(String),
    /// The name has no address.
    NoAddress,
    /// No connection could be made: what the system said of the last address.
    Connect(String),
    /// The connection could not be made safe.
    Tls {
        /// What is wrong.
        said: String,
        /// What can be done.
        advice: &'static str,
    },
    /// The time was used up.
    Timeout {
        /// By which step.
        step: Step,
        /// How long all of it may take.
        limit: Duration,
    },
    /// What came back is longer than it may be.
    TooLong {
        /// Which part of it.
        part: Part,
        /// Bytes at most.
        limit: usize,
    },
    /// It is packed, though we asked for it unpacked.
    Encoded(String),
    /// It is no HTTP, or ended before its end.
    Broken(String),
    /// The answer refuses.
    Status(u16),
    /// The answer leads elsewhere, and is not followed.
    Redirect {
        /// With which status.
        status: u16,
        /// Where to, without query; none where it does not say, or says it in a way that nobody can read.
        to: Option<String>,
    },
    /// We were to send what cannot be sent.
    Unsendable(&'static str),
}

/// The steps of a request, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Finding the addresses of a name.
    Resolve,
    /// Reaching one of them.
    Connect,
    /// The TLS handshake.
    Tls,
    /// Sending the request, and waiting for the head of the answer.
    Head,
    /// Reading what follows.
    Body,
}

/// Parts of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Status and headers.
    Head,
    /// What follows them.
    Body,
}

impl From<Flaw> for Failure {
    fn from(flaw: Flaw) -> Self {
        Self { place: None, why: Why::Address(flaw) }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(out, "{place}: ")?;
        }
        self.why.fmt(out)
    }
}

impl std::error::Error for Failure {}

impl fmt::Display for Why {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(flaw) => flaw.fmt(out),
            Self::NotEncrypted => write!(
                out,
                "http:// is not encrypted. Use https://; where that cannot be, an administrator of this server names the host in {}.",
                allowed::SETTING
            ),
            Self::Refused { address, range } => refused(out, *address, *range),
            Self::Resolve(said) => {
                write!(
                    out,
                    "the name could not be resolved ({said}). Check how it is spelled, and the DNS of this server."
                )
            }
            Self::NoAddress => {
                out.write_str("the name has no address. Check how it is spelled, and its records in DNS.")
            }
            Self::Connect(said) => write!(
                out,
                "no connection could be made ({said}). Check the port, that the server runs, and that a firewall lets this one connect."
            ),
            Self::Tls { said, advice } => {
                write!(out, "the connection could not be made safe, and nothing was sent ({said}). {advice}")
            }
            Self::Timeout { step, limit } => write!(
                out,
                "{} took too long: all of it may take {} seconds. Try again; if it stays so, look there.",
                step.what(),
                limit.as_secs_f64()
            ),
            Self::TooLong { part: Part::Head, limit } => {
                write!(
                    out,
                    "the headers of its answer are longer than {limit} bytes or too many. Is it the right address?"
                )
            }
            Self::TooLong { part: Part::Body, limit } => {
                write!(
                    out,
                    "its answer is longer than {limit} bytes, and was not read to its end. Is it the right address?"
                )
            }
            Self::Encoded(how) => {
                write!(
                    out,
                    "its answer is packed ({how}), though it was asked for as it is. Have compression turned off there."
                )
            }
            Self::Broken(said) => {
                write!(
                    out,
                    "its answer could not be read ({said}). Does something else than HTTP/1.1 answer at that port?"
                )
            }
            Self::Status(status) => write!(out, "it answered with status {status}. {}", of_status(*status)),
            Self::Redirect { status, to: Some(to) } => write!(
                out,
                "it answered with status {status} and leads to {to}, where nobody is followed to. If that is the right address, use it."
            ),
            Self::Redirect { status, to: None } => {
                write!(
                    out,
                    "it answered with status {status}, which leads elsewhere and does not say where to."
                )
            }
            Self::Unsendable(why) => write!(out, "nothing was sent: {why}."),
        }
    }
}

fn refused(out: &mut fmt::Formatter<'_>, address: IpAddr, range: Range) -> fmt::Result {
    let prefix = if address.is_ipv4() { 32 } else { 128 };
    write!(out, "it is at {address}, which is {range}, so that nothing was sent. ")?;
    match range.allowance() {
        Allowance::Name => write!(
            out,
            "If it is meant, an administrator of this server names the host, or its network ({address}/{prefix}), in {}.",
            allowed::SETTING
        ),
        Allowance::Network => write!(
            out,
            "A name does not allow that; if it is meant, an administrator of this server names the network ({address}/{prefix}) in {}.",
            allowed::SETTING
        ),
        Allowance::Nothing => out.write_str("No server can be there: check its records in DNS."),
    }
}

fn of_status(status: u16) -> &'static str {
    match status {
        401 | 403 => "It does not let us have that: is it for everybody, or are our credentials wrong?",
        404 | 410 => "There is nothing at that address: check its path.",
        407 => "A proxy is in the way; none is used.",
        408 | 429 | 500..=599 => {
            "It is in trouble or has too much to do: try again later, and look at its log."
        }
        _ => "Check the address.",
    }
}

impl Step {
    const fn what(self) -> &'static str {
        match self {
            Self::Resolve => "resolving its name",
            Self::Connect => "connecting to it",
            Self::Tls => "making the connection safe",
            Self::Head => "its answer",
            Self::Body => "reading its answer to the end",
        }
    }
}
