//! What an identity provider issues: signed once or twice, encrypted or not, refusals; `xmlsec1` verifies and decrypts all of it.

use saml::algorithm::Accepted;
use saml::answer::{Answer, Holds};
use saml::assertion::Assertion;
use saml::certificate::Certificate;
use saml::encrypted;
use saml::encrypting::{Content, Encryption, Wrapping};
use saml::error::Error;
use saml::sign::{Attribute, NewAssertion, NewRefusal, NewResponse};
use saml::status::{NO_PASSIVE, RESPONDER, Status};
use saml::verify::verify;
use time::macros::datetime;
use zeroize::Zeroizing;

use crate::interop::{is_judged_bad, is_judged_good};
use crate::keys::Key;
use crate::messages::{NAME, between, jane};
use crate::tools::{ASSERTION_ID, Bench, RESPONSE_ID};

const CONTENTS: [Content; 4] =
    [Content::Aes256Gcm, Content::Aes128Gcm, Content::Aes256Cbc, Content::Aes128Cbc];

fn certificate(key: &Key) -> Certificate {
    Certificate::from_pem(&key.certificate_pem()).unwrap()
}

fn encryption(certificate: &Certificate, content: Content, wrapping: Wrapping) -> Encryption<'_> {
    Encryption { certificate, content, wrapping, key: Zeroizing::new([7; 32]), vector: [9; 16] }
}

fn written(key: &Key, is_signed: bool, encryption: Option<&Encryption<'_>>) -> String {
    NewResponse { id: "_r1", assertion: &jane(), is_signed, encryption }.write(&key.signing()).unwrap()
}

#[test]
fn a_signed_response_with_a_signed_assertion_is_judged_good() {
    for key in [Key::p256(), Key::rsa()] {
        let message = written(&key, true, None);
        assert_eq!(message.matches("<ds:Signature ").count(), 2);
        is_judged_good(&message, &key, RESPONSE_ID[1]);
        // The first signature that xmlsec1 finds is the message's; the assertion alone holds the other.
        is_judged_good(between(&message, "<saml:Assertion", "</saml:Assertion>"), &key, ASSERTION_ID[1]);
        is_judged_bad(&message.replace(NAME, "evil@example.com"), &key, RESPONSE_ID[1]);
        is_judged_bad(&message.replace("status:Success", "status:Requester"), &key, RESPONSE_ID[1]);
        let signed = verify(&message, &[key.public()]).unwrap();
        assert_eq!(Assertion::read(&signed).unwrap().name_id.value, NAME);
        // What was hashed is the message itself, without its own signature.
        let own = between(&message, "<ds:Signature", "</ds:Signature>");
        assert_eq!(signed.as_str(), message.replacen(own, "", 1));
    }
}

#[test]
fn the_two_signatures_stand_for_themselves() {
    let (ours, other) = (Key::rsa(), Key::rsa());
    let message = written(&ours, true, None);
    let foreign = written(&other, true, None);
    let of = |message: &str| between(message, "<saml:Assertion", "</saml:Assertion>").to_owned();
    let mixed = message.replace(&of(&message), &of(&foreign));
    assert!(verify(&mixed, &[ours.public()]).is_err());
    assert!(verify(&mixed, &[other.public()]).is_err());
}

#[test]
fn what_is_encrypted_its_receiver_opens() {
    let (key, to) = (Key::rsa(), Key::rsa());
    let certificate = certificate(&to);
    for content in CONTENTS {
        for wrapping in [Wrapping::OaepMgf1p, Wrapping::OaepSha256] {
            for is_signed in [true, false] {
                let message = written(&key, is_signed, Some(&encryption(&certificate, content, wrapping)));
                assert!(!message.contains(NAME));
                assert_eq!(Answer::read(&message).unwrap().holds, Holds::EncryptedAssertion);
                let is_chained = matches!(content, Content::Aes256Cbc | Content::Aes128Cbc);
                if is_signed {
                    is_judged_good(&message, &key, RESPONSE_ID[1]);
                } else if is_chained {
                    // Our own reader takes a chain of blocks within a signed message alone.
                    continue;
                }
                let accepted = Accepted::default().and_cbc(is_chained);
                let opened =
                    encrypted::open(&message, &[to.decryption()], &[key.public()], accepted).unwrap();
                assert_eq!(Assertion::read(&opened).unwrap().name_id.value, NAME);
                let stranger = encrypted::open(&message, &[key.decryption()], &[key.public()], accepted);
                assert_eq!(stranger, Err(Error::Decryption), "{content:?} {wrapping:?}");
            }
        }
    }
}

/// What `xmlsec1` 1.2 knows: of the wrappings, the one that everybody knows.
#[test]
fn xmlsec1_decrypts_what_we_encrypt() {
    let (key, to) = (Key::rsa(), Key::rsa());
    let certificate = certificate(&to);
    for content in CONTENTS {
        let message = written(&key, true, Some(&encryption(&certificate, content, Wrapping::OaepMgf1p)));
        let bench = Bench::new();
        bench.put("key.pem", to.private_pem());
        bench.put("message.xml", &message);
        let (good, said) = bench.run("xmlsec1", &["--decrypt", "--privkey-pem", "key.pem", "message.xml"]);
        assert!(good, "{content:?}: {said}");
        assert!(said.contains(NAME), "{content:?}: {said}");
        // What comes out of it is signed itself.
        is_judged_good(between(&said, "<saml:Assertion", "</saml:Assertion>"), &key, ASSERTION_ID[1]);
    }
}

#[test]
fn nothing_is_encrypted_for_a_key_that_cannot_open_it() {
    let (key, other) = (Key::rsa(), Key::p256());
    let certificate = certificate(&other);
    assert!(!Encryption::is_possible_for(&certificate));
    assert!(Encryption::is_possible_for(&self::certificate(&key)));
    let encryption = encryption(&certificate, Content::Aes256Gcm, Wrapping::OaepMgf1p);
    let new = NewResponse { id: "_r1", assertion: &jane(), is_signed: true, encryption: Some(&encryption) };
    assert!(matches!(new.write(&key.signing()), Err(Error::Key(_))));
    assert!(!format!("{encryption:?}").contains('7'));
}

#[test]
fn a_refusal_is_signed_and_brings_nobody() {
    let key = Key::rsa();
    let status = Status::failure(RESPONDER, Some(NO_PASSIVE));
    let refusal = NewRefusal {
        id: "_r1",
        issuer: "https://idp.example/saml",
        destination: "https://sp.example/acs",
        in_response_to: "_q1",
        issued_at: datetime!(2026-11-24 08:00 UTC),
        status: &status,
    };
    let message = refusal.write_signed(&key.signing()).unwrap();
    is_judged_good(&message, &key, RESPONSE_ID[1]);
    is_judged_bad(&message.replace("NoPassive", "Success"), &key, RESPONSE_ID[1]);
    let read = Answer::read(&message).unwrap();
    assert_eq!((read.holds, read.status), (Holds::Nothing, status));
    assert_eq!(read.envelope.in_response_to.as_deref(), Some("_q1"));
    assert!(matches!(verify(&message, &[key.public()]), Err(Error::Refused(_))));
}

#[test]
fn an_assertion_says_how_when_and_in_which_session() {
    let key = Key::rsa();
    let new = NewAssertion {
        authn_instant: Some(datetime!(2026-11-24 07:00 UTC)),
        authn_context_class: Some("https://refeds.org/profile/mfa"),
        session_index: Some("_s1"),
        attributes: &[Attribute {
            name: "mail",
            name_format: Some("urn:oasis:names:tc:SAML:2.0:attrname-format:basic"),
            values: &["a", "b"],
        }],
        ..jane()
    };
    let message =
        NewResponse { id: "_r1", assertion: &new, is_signed: true, encryption: None }.write(&key.signing());
    let message = message.unwrap();
    is_judged_good(&message, &key, RESPONSE_ID[1]);
    let read = Assertion::read(&verify(&message, &[key.public()]).unwrap()).unwrap();
    assert_eq!(read.authn_instant, new.authn_instant);
    assert_eq!(read.authn_context_class.as_deref(), new.authn_context_class);
    assert_eq!(read.session_index.as_deref(), Some("_s1"));
    assert_eq!(read.values("mail").collect::<Vec<_>>(), ["a", "b"]);
    assert!(message.contains("NameFormat=\"urn:oasis:names:tc:SAML:2.0:attrname-format:basic\""));
}
