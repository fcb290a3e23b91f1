//! SAML messages. Any text is read without a panic. A signed message is altered, and whatever still verifies says what was signed. Input: XML; or `#` and
//! choices, which say what is cut out, doubled, moved and changed.

use std::sync::LazyLock;

use arbitrary::Unstructured;
use saml::algorithm::Accepted;
use saml::answer::Answer;
use saml::assertion::Assertion;
use saml::authn_request::AuthnRequest;
use saml::certificate::Certificate;
use saml::envelope::Envelope;
use saml::error::Error;
use saml::key::PublicKey;
use saml::logout::{LogoutRequest, LogoutResponse};
use saml::verify::{Signed, verify, verify_message};

/// A signed message, what may verify it, and what it says.
struct Honest {
    text: &'static str,
    keys: Vec<PublicKey>,
    says: Signed,
}

static HONEST: LazyLock<Vec<Honest>> = LazyLock::new(|| {
    let files = [
        (include_str!("../fixtures/response-p256.xml"), include_str!("../fixtures/p256.pem")),
        (include_str!("../fixtures/assertion-rsa.xml"), include_str!("../fixtures/rsa.pem")),
    ];
    let all = files.into_iter().filter_map(|(text, pem)| {
        let certificate = Certificate::from_pem(pem).ok()?;
        let keys = vec![PublicKey::from_certificate(certificate.der()).ok()?];
        let says = verify(text, &keys).ok()?;
        Some(Honest { text, keys, says })
    });
    let all: Vec<Honest> = all.collect();
    assert_eq!(all.len(), files.len(), "the honest messages verify");
    all
});

pub(crate) fn run(bytes: &[u8]) {
    let text = match bytes.strip_prefix(b"#") {
        Some(choices) => altered(choices, &HONEST.iter().map(|honest| honest.text).collect::<Vec<_>>()),
        None => Some(String::from_utf8_lossy(bytes).into_owned()),
    };
    let Some(text) = text else { return };
    let _ = (
        AuthnRequest::read(&text),
        Envelope::read(&text),
        Answer::read(&text).map(|it| it.status.to_string()),
    );
    let _ = (Certificate::from_pem(&text), Certificate::from_der(bytes));
    for honest in &*HONEST {
        if let Ok(signed) = verify(&text, &honest.keys) {
            assert!(signed == honest.says, "other words under the same signature: {}", signed.as_str());
            assert!(Assertion::read(&signed).is_ok());
            // Nobody signed a message that ends a session.
            let (request, response) = (LogoutRequest::read(&signed), LogoutResponse::read(&signed));
            assert!(matches!((request, response), (Err(Error::Shape(_)), Err(Error::Shape(_)))));
        }
        assert!(verify_message(&text, &honest.keys, Accepted::with_sha1(true)).is_err());
    }
}

/// One of the texts, altered as the choices say.
pub(crate) fn altered(choices: &[u8], texts: &[&str]) -> Option<String> {
    let mut from = Unstructured::new(choices);
    let mut text = from.choose(texts).ok()?.as_bytes().to_vec();
    while !from.is_empty() && !text.is_empty() && text.len() < 65_536 {
        let Ok((how, at, other, length)) = from.arbitrary::<(u8, u16, u16, u16)>() else { break };
        let (at, other) = (usize::from(at) % text.len(), usize::from(other) % text.len());
        let piece = |from: usize, length: usize| from..(from + length).min(text.len());
        match how % 5 {
            0 => drop(text.drain(piece(at, usize::from(length % 2_048)))),
            1 => {
                let copy = text.get(piece(other, usize::from(length % 4_096)))?.to_vec();
                drop(text.splice(at..at, copy));
            }
            2 => {
                let moved: Vec<u8> = text.drain(piece(other, usize::from(length % 4_096))).collect();
                let at = at.min(text.len());
                drop(text.splice(at..at, moved));
            }
            3 => drop(text.splice(piece(at, 1), [length.to_le_bytes()[0]])),
            _ => {
                let tokens: [&[u8]; 8] = [
                    b"<!--",
                    b"-->",
                    b"<![CDATA[",
                    b"]]>",
                    b"&#x41;",
                    b" xmlns:a=\"urn:a\"",
                    b"<a>",
                    b"</a>",
                ];
                drop(text.splice(at..at, from.choose(&tokens).ok()?.iter().copied()));
            }
        }
    }
    String::from_utf8(text).ok()
}
