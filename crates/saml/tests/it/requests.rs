//! Requests to sign in, certificates, and keys that do not fit theirs.

use saml::algorithm::Accepted;
use saml::authn_request::{AuthnRequest, NewAuthnRequest};
use saml::certificate::Certificate;
use saml::error::Error;
use saml::key::SigningKey;
use saml::verify::verify_message;
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
