//! A letter as the bytes of a message (RFC 5322, MIME): plain text and HTML of the same. Only ASCII leaves, so that no server on the way needs to
//! be able to more.

use std::time::{Duration, SystemTime};

use lettre::address::Envelope;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};
use model::signin::letter::{Letter, MailAddress};

use crate::settings::Sender;
use crate::undelivered::{Step, Undelivered};

/// A message, and what the server is told of it.
pub(crate) struct Composed {
    pub(crate) envelope: Envelope,
    pub(crate) bytes: Vec<u8>,
}

fn address(of: &MailAddress, step: Step) -> Result<Address, Undelivered> {
    Address::new(of.local_part(), of.host()).map_err(|error| Undelivered::never(step, error))
}

/// Composes.
pub(crate) fn message(from: &Sender, letter: &Letter) -> Result<Composed, Undelivered> {
    let sender = address(&from.address, Step::Sender)?;
    let name = from.name.as_ref().map(|name| name.as_str().to_owned());
    let written = Duration::from_micros(u64::try_from(letter.written_at.micros()).unwrap_or(0));
    // RFC 3834: no machine answers it.
    let by_a_machine = HeaderName::new_from_ascii_str("Auto-Submitted");
    let parts = MultiPart::alternative()
        .boundary(format!("=_{}", letter.id))
        .singlepart(SinglePart::plain(letter.text.expose().to_owned()))
        .singlepart(SinglePart::html(letter.html.expose().to_owned()));
    let message = Message::builder()
        .from(Mailbox::new(name, sender))
        .to(Mailbox::new(None, address(&letter.to, Step::Recipient)?))
        .subject(letter.subject.as_str())
        .date(SystemTime::UNIX_EPOCH + written)
        .message_id(Some(format!("<{}@{}>", letter.id, from.address.host())))
        .raw_header(HeaderValue::new(by_a_machine, "auto-generated".to_owned()))
        .multipart(parts)
        .map_err(|error| Undelivered::never(Step::Content, error))?;
    Ok(Composed { envelope: message.envelope().clone(), bytes: message.formatted() })
}

#[cfg(test)]
mod tests {
    use model::secret::Secret;
    use model::signin::letter::Line;
    use model::timestamp::Timestamp;

    use super::*;

    fn written(subject: &str, to: &str) -> String {
        let letter = Letter {
            id: "0b0f1e2d".to_owned(),
            to: MailAddress::parse(to).unwrap(),
            subject: Line::new(subject),
            text: Secret::new("Guten Tag, Jürgen.\n.\nhttps://sso.acme.example/invitation?token=abc\n"),
            html: Secret::new("<p>Guten Tag, Jürgen.</p>"),
            written_at: Timestamp::from_seconds(1_764_000_000),
        };
        let from = Sender::parse("Zugänge <portico@acme.example>").unwrap();
        String::from_utf8(message(&from, &letter).unwrap().bytes).unwrap()
    }

    #[test]
    fn header_injection_no_name_adds_a_header() {
        let text = written("Hello Jane\r\nBcc: all@evil.example\r\n\r\nbody", "jane@acme.example");
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        let names: Vec<&str> = head
            .split("\r\n")
            .filter(|line| !line.starts_with(' '))
            .map(|line| line.split_once(':').unwrap().0)
            .collect();
        let mut once = names.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), names.len(), "{head}");
        assert!(!names.iter().any(|name| name.eq_ignore_ascii_case("bcc")), "{head}");
        assert!(head.contains("Subject: Hello Jane Bcc: all@evil.example body"), "{head}");
    }

    #[test]
    fn only_ascii_leaves_and_the_same_letter_is_the_same_message() {
        let text = written("Willkommen, Jürgen", "jane@acme.example");
        assert!(text.is_ascii(), "{text}");
        for part in [
            "Message-ID: <0b0f1e2d@acme.example>",
            "To: jane@acme.example",
            "Auto-Submitted: auto-generated",
            "multipart/alternative",
            "text/plain; charset=utf-8",
            "text/html; charset=utf-8",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert_eq!(text, written("Willkommen, Jürgen", "jane@acme.example"));
    }
}
