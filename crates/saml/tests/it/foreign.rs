//! Messages that other libraries made: pysaml2, signxml and Python's cryptography. `fixtures/README.md` says how.

use saml::algorithm::Accepted;
use saml::answer::{Answer, Holds};
use saml::assertion::Assertion;
use saml::authn_request::AuthnRequest;
use saml::certificate::Certificate;
use saml::decryption::DecryptionKey;
use saml::encrypted::open;
use saml::error::Error;
use saml::key::PublicKey;
use saml::logout::{Expected, LogoutRequest};
use saml::metadata::{HTTP_POST, HTTP_REDIRECT, IdpMetadata, SpMetadata};
use saml::redirect::{Parameter, Received};
use saml::verify::{verify, verify_message};
use time::Duration;
use time::macros::datetime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const IDP: &str = "https://idp.example/metadata";
const SP: &str = "https://sp.example/metadata";

fn certificate(pem: &str) -> Certificate {
    Certificate::from_pem(pem).unwrap()
}

fn idp() -> PublicKey {
    certificate(include_str!("fixtures/idp.pem")).public_key().clone()
}

fn p256() -> PublicKey {
    certificate(include_str!("fixtures/idp-p256.pem")).public_key().clone()
}

fn sp() -> DecryptionKey {
    let lines = include_str!("fixtures/sp.key").lines().filter(|line| !line.starts_with("-----"));
    let key = STANDARD.decode(lines.collect::<String>()).unwrap();
    DecryptionKey::new(&key, certificate(include_str!("fixtures/sp.pem")).der()).unwrap()
}

fn says_what_it_should(read: &Assertion) {
    assert_eq!((read.issuer.as_str(), read.name_id.value.as_str()), (IDP, "jane.doe@example.com"));
    assert_eq!(read.name_id.sp_qualifier.as_deref(), Some(SP));
    assert_eq!(read.audiences, [SP]);
    assert_eq!(read.in_response_to.as_deref(), Some("_q1"));
    assert_eq!(read.session_not_on_or_after, Some(datetime!(2026-11-29 20:00 UTC)));
    assert!(read.session_index.as_ref().is_some_and(|index| index.starts_with("id-")));
    assert!(read.authn_instant.is_some());
    assert_eq!(
        read.authn_context_class.as_deref(),
        Some("urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport")
    );
    let given: Vec<&str> = read.values("urn:oid:2.5.4.42").collect();
    assert_eq!(given, ["Jan\u{e9}"]);
    assert_eq!(read.values("urn:oid:0.9.2342.19200300.100.1.3").count(), 2);
}

#[test]
fn responses_of_pysaml2_and_signxml() {
    for (message, key) in [
        (include_str!("fixtures/pysaml2-assertion.xml"), idp()),
        (include_str!("fixtures/pysaml2-response.xml"), idp()),
        (include_str!("fixtures/pysaml2-both.xml"), idp()),
        (include_str!("fixtures/signxml-assertion.xml"), p256()),
    ] {
        let answer = Answer::read(message).unwrap();
        assert!(answer.status.is_success());
        assert_eq!((answer.holds, answer.envelope.issuer.as_deref()), (Holds::Assertion, Some(IDP)));
        says_what_it_should(&Assertion::read(&verify(message, &[key]).unwrap()).unwrap());
        let other = crate::keys::Key::rsa().public();
        assert_eq!(verify(message, &[other]), Err(Error::Signature("no known key made it")));
        let altered = message.replace("jane.doe@", "evil@");
        assert!(verify(&altered, &[idp(), p256()]).is_err());
    }
}

#[test]
fn what_pysaml2_and_cryptography_encrypt() {
    for (message, key) in [
        (include_str!("fixtures/pysaml2-encrypted.xml"), idp()),
        (include_str!("fixtures/pysaml2-encrypted-both.xml"), idp()),
        (include_str!("fixtures/cryptography-encrypted.xml"), p256()),
    ] {
        assert_eq!(Answer::read(message).unwrap().holds, Holds::EncryptedAssertion);
        let opened = open(message, &[sp()], &[key], Accepted::default()).unwrap();
        says_what_it_should(&Assertion::read(&opened).unwrap());
        let other = crate::keys::Key::rsa();
        let refused = open(message, &[other.decryption()], &[idp(), p256()], Accepted::default());
        assert_eq!(refused, Err(Error::Decryption));
    }
    let default = include_str!("fixtures/pysaml2-encrypted-default.xml");
    let refused = open(default, &[sp()], &[idp()], Accepted::default());
    assert_eq!(refused, Err(Error::Algorithm("http://www.w3.org/2001/04/xmlenc#tripledes-cbc".to_owned())));
}

#[test]
fn query_strings_of_pysaml2() {
    let received = |url: &str| Received::read(url.trim().split_once('?').unwrap().1).unwrap();
    let request = received(include_str!("fixtures/pysaml2-authn-request.url"));
    assert_eq!((request.parameter(), request.relay_state()), (Parameter::Request, Some("to/here")));
    // The service provider signs that one, and has one key for both uses.
    let theirs = certificate(include_str!("fixtures/sp.pem")).public_key().clone();
    let signed = request.verify(&[theirs], Accepted::default()).unwrap();
    assert_eq!(AuthnRequest::read(signed.as_str()).unwrap().issuer, SP);
    assert!(request.verify(&[idp()], Accepted::default()).is_err());

    let logout = received(include_str!("fixtures/pysaml2-logout-request.url"));
    assert_eq!(logout.relay_state(), Some("r"));
    let read = LogoutRequest::read(&logout.verify(&[idp()], Accepted::default()).unwrap()).unwrap();
    assert_eq!((read.issuer.as_str(), read.name_id.value.as_str()), (IDP, "jane.doe@example.com"));
    assert_eq!(read.session_indexes, ["_s1", "_s2"]);
    let expected = Expected {
        destinations: &["https://sp.example/slo"],
        now: datetime!(2026-11-29 2:55 UTC),
        skew: Duration::ZERO,
        lifetime: Duration::minutes(5),
    };
    assert_eq!(read.check(&expected), Ok(()));
}

#[test]
fn a_sign_out_of_pysaml2_in_a_form() {
    let message = include_str!("fixtures/pysaml2-logout-request.xml");
    let read = LogoutRequest::read(&verify_message(message, &[idp()], Accepted::default()).unwrap()).unwrap();
    assert_eq!(
        (read.session_indexes, read.name_id.sp_qualifier),
        (vec!["_s1".to_owned()], Some(SP.to_owned()))
    );
    assert_eq!(read.destination.as_deref(), Some("https://sp.example/slo-post"));
    assert!(verify_message(&message.replace("_s1", "_s2"), &[idp()], Accepted::default()).is_err());
}

#[test]
fn metadata_of_pysaml2() {
    let metadata = IdpMetadata::read(include_str!("fixtures/pysaml2-idp-metadata.xml")).unwrap();
    assert_eq!(metadata.entity_id, IDP);
    assert_eq!(metadata.certificates, metadata.encryption_certificates);
    assert_eq!(metadata.certificates, [certificate(include_str!("fixtures/idp.pem"))]);
    assert!(metadata.valid_until.is_some());
    assert_eq!(metadata.sign_on_location(HTTP_REDIRECT), Some("https://idp.example/sso"));
    let logout = metadata.logout_endpoint(HTTP_POST).unwrap();
    assert_eq!(logout.answer_location(), "https://idp.example/slo-post");
    let metadata = SpMetadata::read(include_str!("fixtures/sp-metadata.xml")).unwrap();
    assert_eq!(metadata.entity_id, SP);
    assert_eq!(metadata.encryption_certificates, [certificate(include_str!("fixtures/sp.pem"))]);
    assert_eq!(metadata.single_logout.len(), 2);
}
