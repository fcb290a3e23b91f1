//! A letter to a person, as it is handed to whoever delivers it. What stands in a header of mail is a type that cannot hold the end of a line:
//! nothing that people call themselves can add a header or a recipient (CWE-93). Knows nothing of what letters say.

use std::fmt;

use crate::fault::Fault;
use crate::secret::Secret;
use crate::timestamp::Timestamp;

/// Characters of an address and of what stands before its `@` (RFC 5321 §4.5.3.1), and of a line in a header.
const ADDRESS_MAX: usize = 254;
const LOCAL_PART_MAX: usize = 64;
const LINE_MAX: usize = 200;

/// An address that mail can be sent to: `name@host`, without quotes, comments or address literals, which nobody uses and which every program
/// reads in its own way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailAddress {
    text: String,
    at: usize,
}

impl MailAddress {
    /// From text, which must be an address and nothing else.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let refused = |why: &str| Fault::validation(format!("{:?} is no mail address: {why}", brief(text)));
        if text.chars().count() > ADDRESS_MAX {
            return Err(refused(&format!("it has more than {ADDRESS_MAX} characters")));
        }
        let (local, host) = text.rsplit_once('@').ok_or_else(|| refused("it has no @"))?;
        if local.chars().count() > LOCAL_PART_MAX {
            return Err(refused(&format!("there are more than {LOCAL_PART_MAX} characters before the @")));
        }
        if !local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atom)) {
            return Err(refused("what stands before the @ is not letters, digits and dots between them"));
        }
        let is_label = |label: &str| {
            let inner = |character: char| character.is_alphanumeric() || character == '-';
            !label.is_empty() && !label.starts_with('-') && !label.ends_with('-') && label.chars().all(inner)
        };
        if !host.split('.').all(is_label) {
            return Err(refused("what stands behind the @ is not the name of a host"));
        }
        Ok(Self { text: text.to_owned(), at: local.len() })
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What stands before the `@`.
    pub fn local_part(&self) -> &str {
        self.text.get(..self.at).unwrap_or_default()
    }

    /// What stands behind it.
    pub fn host(&self) -> &str {
        self.text.get(self.at.saturating_add(1)..).unwrap_or_default()
    }
}

impl fmt::Display for MailAddress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

/// RFC 5322 §3.2.3, and beyond ASCII what RFC 6532 adds, but for white space.
fn is_atom(character: char) -> bool {
    character.is_alphanumeric()
        || "!#$%&'*+-/=?^_`{|}~".contains(character)
        || (!character.is_ascii() && !character.is_control() && !character.is_whitespace())
}

fn brief(text: &str) -> String {
    text.chars().take(LINE_MAX).collect()
}

/// A line of text: a subject, somebody's name. Whatever would end it or turn its direction around is a space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line(String);

impl Line {
    /// The line that `text` makes, cut where it is long.
    pub fn new(text: &str) -> Self {
        // Controls, U+2028 and U+2029, and the marks that show text backwards (Trojan Source, CVE-2021-42574).
        let is_kept = |character: char| {
            !character.is_control()
                && !matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
        };
        let spaced: String = text.chars().map(|kept| if is_kept(kept) { kept } else { ' ' }).collect();
        Self(spaced.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(LINE_MAX).collect())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Line {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// A letter, ready to be delivered. Sent twice, it is the same letter: its id becomes its `Message-ID`.
#[derive(Debug, Clone)]
pub struct Letter {
    /// Letters, digits and hyphens.
    pub id: String,
    /// To whom.
    pub to: MailAddress,
    /// About what.
    pub subject: Line,
    /// What it says, as plain text: it may carry a link or a code.
    pub text: Secret,
    /// The same as HTML.
    pub html: Secret,
    /// When it was written.
    pub written_at: Timestamp,
}

/// Why a letter is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterKind {
    /// It holds the link of an invitation.
    Invitation,
    /// Somebody signed in with a device that was not seen before.
    NewDevice,
    /// The password is another one.
    PasswordChanged,
    /// It holds a code to sign in with.
    SignInCode,
    /// What an identity provider calls or signs with ends soon.
    Expiry,
}

impl LetterKind {
    /// The word in the store and in records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invitation => "INVITATION",
            Self::NewDevice => "NEW_DEVICE",
            Self::PasswordChanged => "PASSWORD_CHANGED",
            Self::SignInCode => "SIGN_IN_CODE",
            Self::Expiry => "EXPIRY",
        }
    }

    /// From the word in the store.
    pub fn parse(value: &str) -> Option<Self> {
        [Self::Invitation, Self::NewDevice, Self::PasswordChanged, Self::SignInCode, Self::Expiry]
            .into_iter()
            .find(|kind| kind.as_str() == value)
    }
}

/// What became of a letter so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterState {
    /// It waits for the mail server.
    Waiting,
    /// The mail server took it.
    Sent,
    /// It will not be sent.
    GivenUp,
}

impl LetterState {
    /// The word in the store and in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "WAITING",
            Self::Sent => "SENT",
            Self::GivenUp => "GIVEN_UP",
        }
    }

    /// From the word in the store.
    pub fn parse(value: &str) -> Option<Self> {
        [Self::Waiting, Self::Sent, Self::GivenUp].into_iter().find(|state| state.as_str() == value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_address_and_nothing_else() {
        for good in
            ["jane@acme.example", "jane.o'hara+aws@mail.acme.example", "müller@bücher.example", "a@localhost"]
        {
            let address = MailAddress::parse(good).unwrap();
            assert_eq!(format!("{}@{}", address.local_part(), address.host()), good);
        }
        let long = format!("{}@acme.example", "a".repeat(65));
        for bad in [
            "",
            "jane",
            "@acme.example",
            "jane@",
            "jane@acme.example\r\nBcc: all@acme.example",
            "jane@acme.example\nX: y",
            "jane@acme.example, all@acme.example",
            "jane@acme.example all@acme.example",
            "Jane <jane@acme.example>",
            "<jane@acme.example>",
            "\"jane doe\"@acme.example",
            "jane@evil.example@acme.example",
            "jane@[192.0.2.1]",
            ".jane@acme.example",
            "ja..ne@acme.example",
            "jane@-acme.example",
            "jane@acme..example",
            "jane\u{0}@acme.example",
            "jane\u{2028}x@acme.example",
            long.as_str(),
        ] {
            assert!(MailAddress::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_line_has_no_end_within_it() {
        assert_eq!(
            Line::new(" Jane\r\nBcc: all@acme.example\u{2028}\0 ").as_str(),
            "Jane Bcc: all@acme.example"
        );
        assert_eq!(Line::new("a\u{202e}b").as_str(), "a b");
        assert_eq!(Line::new(&"é".repeat(1_000)).as_str().chars().count(), LINE_MAX);
    }
}
