//! Requests to sign in, certificates, and keys that do not fit theirs.

use saml::algorithm::Accepted;
use saml::authn_request::{AuthnRequest, Comparison, Expected, NewAuthnRequest};
use saml::certificate::Certificate;
use saml::error::Error;
use saml::key::SigningKey;
use saml::verify::verify_message;
use time::Duration;
use time::macros::datetime;

use crate::keys::Key;
use crate::messages::between;

pub(crate) const REQUEST: NewAuthnRequest<'_> = NewAuthnRequest {
    id: "_q1",
    issuer: "https://sp.example/saml?a=1&b=2",
    issued_at: datetime!(2026-11-24 08:00 UTC),
    destination: "https://idp.example/sso?a=1&b=2",
    assertion_consumer_service: "https://sp.example/acs",
    name_id_format: Some("urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"),
    force_authn: true,
};

#[test]
fn requests_are_read_as_written() {
    let read = AuthnRequest::read(&REQUEST.write().unwrap()).unwrap();
    assert_eq!((read.id.as_str(), read.issuer.as_str()), (REQUEST.id, REQUEST.issuer));
    assert_eq!(read.destination.as_deref(), Some(REQUEST.destination));
    assert_eq!(read.assertion_consumer_service.as_deref(), Some(REQUEST.assertion_consumer_service));
    assert_eq!(read.name_id_format.as_deref(), REQUEST.name_id_format);
    assert_eq!((read.force_authn, read.is_passive), (true, false));
    let plain = NewAuthnRequest { name_id_format: None, force_authn: false, ..REQUEST };
    let read = AuthnRequest::read(&plain.write().unwrap()).unwrap();
    assert_eq!((read.name_id_format, read.force_authn), (None, false));
}

#[test]
fn a_signed_request_is_the_same_with_a_signature_behind_the_issuer() {
    for key in [Key::p256(), Key::rsa()] {
        let message = REQUEST.write_signed(&key.signing()).unwrap();
        let signature = between(&message, "<ds:Signature", "</ds:Signature>");
        let plain = REQUEST.write().unwrap();
        assert_eq!(message.replace(signature, ""), plain);
        assert!(message.contains("</saml:Issuer><ds:Signature"));
        // It is the canonical form that was signed, and whoever does not care about signatures reads the same.
        let verified = verify_message(&message, &[key.public()], Accepted::default()).unwrap();
        assert_eq!(verified.as_str(), plain);
        assert_eq!(AuthnRequest::read(&message), AuthnRequest::read(verified.as_str()));
        assert!(verify_message(&message, &[Key::p256().public()], Accepted::default()).is_err());
        let altered = message.replace("https://sp.example/acs", "https://evil.example/acs");
        let refused = verify_message(&altered, &[key.public()], Accepted::default());
        assert_eq!(refused, Err(Error::Signature("the signed content was altered")));
    }
}

#[test]
fn requests_that_are_none() {
    let text = REQUEST.write().unwrap();
    for (from, to) in [
        ("ForceAuthn=\"true\"", "ForceAuthn=\"yes\""),
        ("Version=\"2.0\"", "Version=\"1.1\""),
        ("samlp:AuthnRequest", "samlp:LogoutRequest"),
        ("ID=\"_q1\"", ""),
        ("ID=\"_q1\"", "ID=\"_q1&lt;x\""),
        ("https://sp.example/saml?a=1&amp;b=2", " "),
        ("<saml:Issuer", "<!DOCTYPE x><saml:Issuer"),
    ] {
        assert!(text.contains(from), "{from}");
        assert!(AuthnRequest::read(&text.replace(from, to)).is_err(), "{from} {to}");
    }
    assert!(NewAuthnRequest { id: "1", ..REQUEST }.write().is_err());
    assert!(NewAuthnRequest { issuer: "\u{0}", ..REQUEST }.write().is_err());
}

const MORE: &str = r#"<saml:Subject xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"><saml:NameID>jane</saml:NameID></saml:Subject><samlp:NameIDPolicy Format="urn:f" AllowCreate="true"></samlp:NameIDPolicy><samlp:RequestedAuthnContext Comparison="minimum"><saml:AuthnContextClassRef xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">urn:a</saml:AuthnContextClassRef><saml:AuthnContextClassRef xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">urn:b</saml:AuthnContextClassRef></samlp:RequestedAuthnContext>"#;

/// A request as others write it: with an index in the place of an address, whom they mean and how they want them to have signed in.
fn whole() -> String {
    let plain = NewAuthnRequest { name_id_format: None, force_authn: false, ..REQUEST }.write().unwrap();
    plain
        .replace(
            "AssertionConsumerServiceURL=\"https://sp.example/acs\"",
            "AssertionConsumerServiceIndex=\"3\" IsPassive=\"1\"",
        )
        .replace("</samlp:AuthnRequest>", &format!("{MORE}</samlp:AuthnRequest>"))
}

#[test]
fn everything_that_a_request_asks_for_is_read() {
    let read = AuthnRequest::read(&whole()).unwrap();
    assert_eq!((read.assertion_consumer_index, read.assertion_consumer_service), (Some(3), None));
    assert_eq!(read.protocol_binding.as_deref(), Some("urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"));
    assert_eq!(read.issued_at, REQUEST.issued_at);
    assert_eq!((read.subject.as_deref(), read.name_id_format.as_deref()), (Some("jane"), Some("urn:f")));
    assert!(read.is_passive && !read.force_authn);
    let context = read.context.unwrap();
    assert_eq!(
        (context.comparison, context.classes),
        (Comparison::Minimum, vec!["urn:a".into(), "urn:b".into()])
    );
}

#[test]
fn what_says_two_things_at_once_is_no_request() {
    let text = whole();
    for (from, to) in [
        (
            "AssertionConsumerServiceIndex=\"3\"",
            "AssertionConsumerServiceIndex=\"3\" AssertionConsumerServiceURL=\"https://evil.example\"",
        ),
        ("AssertionConsumerServiceIndex=\"3\"", "AssertionConsumerServiceIndex=\"65536\""),
        ("AssertionConsumerServiceIndex=\"3\"", "AssertionConsumerServiceIndex=\"-1\""),
        (
            "<samlp:NameIDPolicy Format=\"urn:f\" AllowCreate=\"true\"></samlp:NameIDPolicy>",
            "<samlp:NameIDPolicy Format=\"a\"/><samlp:NameIDPolicy Format=\"b\"/>",
        ),
        ("<saml:NameID>jane</saml:NameID>", "<saml:NameID>jane</saml:NameID><saml:NameID>joe</saml:NameID>"),
        (
            "<saml:NameID>jane</saml:NameID>",
            "<saml:NameID>jane<!-- -->.evil</saml:NameID><saml:EncryptedID/>",
        ),
        ("Comparison=\"minimum\"", "Comparison=\"any\""),
        ("IssueInstant=", "Issued="),
    ] {
        assert!(text.contains(from), "{from}");
        assert!(AuthnRequest::read(&text.replace(from, to)).is_err(), "{from} {to}");
    }
}

#[test]
fn a_request_counts_here_and_for_a_while() {
    let read = AuthnRequest::read(&REQUEST.write().unwrap()).unwrap();
    let at = |now, destination, must_say_where| {
        let (skew, lifetime) = (Duration::minutes(3), Duration::minutes(5));
        read.check(&Expected { destination, must_say_where, now, skew, lifetime })
    };
    assert_eq!(at(datetime!(2026-11-24 07:57 UTC), REQUEST.destination, true), Ok(()));
    assert_eq!(at(datetime!(2026-11-24 08:07:59 UTC), REQUEST.destination, true), Ok(()));
    assert!(matches!(
        at(datetime!(2026-11-24 07:56:59 UTC), REQUEST.destination, true),
        Err(Error::Stale(_))
    ));
    assert!(matches!(at(datetime!(2026-11-24 08:08 UTC), REQUEST.destination, true), Err(Error::Stale(_))));
    let elsewhere = at(datetime!(2026-11-24 08:00 UTC), "https://idp.example/other", false);
    assert!(matches!(elsewhere, Err(Error::Destination(_))));
    let silent = AuthnRequest { destination: None, ..read.clone() };
    let expected = |must_say_where| Expected {
        destination: REQUEST.destination,
        must_say_where,
        now: REQUEST.issued_at,
        skew: Duration::ZERO,
        lifetime: Duration::minutes(5),
    };
    assert_eq!(silent.check(&expected(false)), Ok(()));
    assert!(silent.check(&expected(true)).is_err());
}

#[test]
fn certificates_are_one_each_and_whole() {
    let key = Key::p256();
    let pem = key.certificate_pem();
    let certificate = Certificate::from_pem(&pem).unwrap();
    assert_eq!(certificate.public_key(), &key.public());
    assert_eq!(Certificate::from_pem(&certificate.to_base64()), Ok(certificate.clone()));
    // rcgen's default dates: the second needs four digits for its year.
    assert_eq!(certificate.not_before(), datetime!(1975-01-01 0:00 UTC));
    assert_eq!(certificate.not_after(), datetime!(4096-01-01 0:00 UTC));
    assert_eq!(Certificate::from_pem(&pem.repeat(2)), Err(Error::Key("more than one certificate")));
    assert!(Certificate::from_pem(&key.private_pem()).is_err());
    for cut in 0..certificate.der().len() {
        assert!(Certificate::from_der(&certificate.der()[..cut]).is_err(), "{cut}");
    }
    assert!(Certificate::from_der(&[certificate.der(), &[0]].concat()).is_err());
}

#[test]
fn a_key_with_the_certificate_of_another() {
    let (one, other) = (Key::p256(), Key::p256());
    let pkcs8 = one.pkcs8();
    let certificate = |key: &Key| Certificate::from_pem(&key.certificate_pem()).unwrap();
    assert!(SigningKey::new(&pkcs8, certificate(&one).der()).is_ok());
    let refused = SigningKey::new(&pkcs8, certificate(&other).der());
    assert_eq!(refused.err(), Some(Error::Key("the certificate is another key's")));
}
