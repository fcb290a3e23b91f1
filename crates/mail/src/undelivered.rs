//! Why a letter was not delivered: at which step, in whose words, and whether it is worth trying again. The words are an administrator's: they are
//! logged, recorded and printed, and hold nothing of the letter.

use std::fmt;

use lettre::transport::smtp::Error;

/// Characters of what a server says that are kept.
const SAID_MAX: usize = 300;

/// The steps of a delivery, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Finding and reaching the server.
    Connect,
    /// Greeting one another.
    Greet,
    /// Asking for TLS where the connection began without.
    StartTls,
    /// The TLS handshake: is it the server, and can nobody else listen?
    Handshake,
    /// Saying who we are.
    Authenticate,
    /// Saying who the letter is from.
    Sender,
    /// Saying who it is for.
    Recipient,
    /// Handing over what it says.
    Content,
}

impl Step {
    /// What failed, in a few words.
    pub const fn what(self) -> &'static str {
        match self {
            Self::Connect => "the mail server could not be reached",
            Self::Greet => "the mail server did not greet us",
            Self::StartTls => "the mail server offers no TLS",
            Self::Handshake => "the connection to the mail server could not be made safe",
            Self::Authenticate => "the mail server did not let us in",
            Self::Sender => "the mail server takes no letters from our address",
            Self::Recipient => "the mail server does not take the recipient",
            Self::Content => "the mail server did not take the letter",
        }
    }

    /// What an administrator may do about it.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Connect => {
                "Check host and port of mail.smtp, and that a firewall lets this machine connect to them."
            }
            Self::Greet => {
                "Something answers at that host and port, but not like a mail server: check the port. 465 wants smtps://, 587 and 25 want smtp://."
            }
            Self::StartTls => {
                "Nothing was sent. Use smtps:// with the port for TLS (465), or have STARTTLS enabled there. On a network that you trust wholly, \
                 smtp+plain:// sends without encryption."
            }
            Self::Handshake => {
                "Nothing was sent. If the certificate was issued by an authority of your own, name its certificate with mail.ca (one that \
                 signs itself must not say that it is an authority); the host of mail.smtp must be a name that the certificate holds. If the port begins without TLS (587, 25), use smtp:// instead of smtps://."
            }
            Self::Authenticate => {
                "Check the user in mail.smtp and the password (mail.password_file or PORTICO_MAIL_PASSWORD). Some providers want a password made for \
                 programs, and allow only some ways to sign in."
            }
            Self::Sender => "Check mail.from: the user must be allowed to send from that address.",
            Self::Recipient => {
                "Check the address. If the server speaks of relaying or authentication, it wants a user: put one into mail.smtp."
            }
            Self::Content => "The server's own words say why; its log may say more.",
        }
    }
}

/// A letter that was not delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undelivered {
    /// At which step.
    pub step: Step,
    /// Whether this letter will never be taken, whenever it is tried.
    pub is_final: bool,
    /// What the server said, or what stood in the way.
    pub said: String,
}

impl Undelivered {
    /// Worth trying again.
    pub(crate) fn later(step: Step, said: impl fmt::Display) -> Self {
        Self { step, is_final: false, said: short(&said.to_string()) }
    }

    /// Never taken.
    pub(crate) fn never(step: Step, said: impl fmt::Display) -> Self {
        Self { is_final: true, ..Self::later(step, said) }
    }

    /// What a conversation failed with. Only a refusal of this recipient or of this letter is final: what an administrator can put right, a
    /// password or an address of ours, must not cost the letters that wait meanwhile.
    pub(crate) fn of(step: Step, error: &Error) -> Self {
        // 503 and 530: the server wants something else first, mostly authentication (RFC 4954 §6).
        let wants_more = error.status().is_some_and(|code| matches!(u16::from(code), 503 | 530));
        let is_final = error.is_permanent() && !wants_more && matches!(step, Step::Recipient | Step::Content);
        Self { is_final, ..Self::later(step, error) }
    }

    /// Whether the server is the matter and not this letter: the next one would fare alike.
    pub fn is_of_server(&self) -> bool {
        !matches!(self.step, Step::Recipient | Step::Content)
    }
}

/// One line, cut where it is long.
fn short(said: &str) -> String {
    let spaced: String = said.chars().map(|kept| if kept.is_control() { ' ' } else { kept }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(SAID_MAX).collect()
}

impl fmt::Display for Undelivered {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.step.what(), self.said)
    }
}

impl std::error::Error for Undelivered {}
