//! Metadata of both roles.

use saml::certificate::Certificate;
use saml::error::Error;
use saml::metadata::{Endpoint, HTTP_POST, HTTP_REDIRECT, IdpMetadata, SpMetadata};

use crate::keys::Key;

const IDP: &str = "https://idp.example/saml/metadata";
const SP: &str = "https://sp.example/saml/metadata";
const ACS: &str = "https://sp.example/saml/acs";

fn certificate(key: &Key) -> Certificate {
    Certificate::from_pem(&key.certificate_pem()).unwrap()
}

fn endpoint(binding: &str, location: &str) -> Endpoint {
    Endpoint { binding: binding.to_owned(), location: location.to_owned() }
}

fn idp() -> IdpMetadata {
    IdpMetadata {
        entity_id: IDP.to_owned(),
        certificates: vec![certificate(&Key::p256()), certificate(&Key::p384())],
        single_sign_on: vec![
            endpoint(HTTP_REDIRECT, "https://idp.example/sso?a=1&b=2"),
            endpoint(HTTP_POST, "https://idp.example/sso"),
        ],
        single_logout: vec![endpoint(HTTP_POST, "https://idp.example/slo")],
        name_id_formats: vec!["urn:oasis:names:tc:SAML:2.0:nameid-format:persistent".to_owned()],
        wants_signed_requests: false,
    }
}

fn sp() -> SpMetadata {
    SpMetadata {
        entity_id: SP.to_owned(),
        certificates: Vec::new(),
        assertion_consumers: vec![endpoint(HTTP_POST, ACS), endpoint(HTTP_POST, "https://sp.example/other")],
        name_id_formats: Vec::new(),
        wants_signed_assertions: true,
    }
}

#[test]
fn both_roles_are_read_as_written() {
    let idp = idp();
    let text = idp.write().unwrap();
    assert_eq!(IdpMetadata::read(&text), Ok(idp.clone()));
    assert_eq!(
        IdpMetadata::read(&format!("\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{text}")),
        Ok(idp)
    );
    assert_eq!(
        IdpMetadata::read(&text).unwrap().sign_on_location(HTTP_POST),
        Some("https://idp.example/sso")
    );
    assert_eq!(SpMetadata::read(&sp().write().unwrap()), Ok(sp()));
    // Each is not the other.
    assert!(SpMetadata::read(&text).is_err());
    assert!(IdpMetadata::read(&sp().write().unwrap()).is_err());
}

#[test]
fn the_default_consumer_comes_first() {
    let text = sp().write().unwrap().replace(" isDefault=\"true\"", "");
    let text = text.replace("index=\"1\"", "index=\"1\" isDefault=\"true\"");
    let read = SpMetadata::read(&text).unwrap();
    assert_eq!(read.assertion_consumers[0].location, "https://sp.example/other");
}

#[test]
fn keys_for_encryption_are_left_out_and_doubles_merged() {
    let idp = idp();
    let text = idp.write().unwrap();
    let [certificate, other] = [0, 1].map(|at| idp.certificates[at].to_base64());
    assert_eq!(IdpMetadata::read(&text.replace(&other, &certificate)).unwrap().certificates.len(), 1);
    let none = text.replace("use=\"signing\"", "use=\"encryption\"");
    assert!(matches!(IdpMetadata::read(&none), Err(Error::Shape(_))));
    let any = text.replace(" use=\"signing\"", "");
    assert_eq!(IdpMetadata::read(&any), Ok(idp));
}

#[test]
fn addresses_that_browsers_must_not_be_sent_to() {
    let text = idp().write().unwrap();
    for evil in ["javascript:alert(1)", "data:text/html,x", "//evil.example", "", "https://a b", "ftp://x"] {
        let bad = text.replace("https://idp.example/slo", evil);
        assert!(matches!(IdpMetadata::read(&bad), Err(Error::Shape(_))), "{evil}");
    }
}

#[test]
fn what_an_identity_provider_must_have() {
    let text = idp().write().unwrap();
    for (from, to) in [
        ("entityID=\"https://idp.example/saml/metadata\"", ""),
        ("urn:oasis:names:tc:SAML:2.0:protocol", "urn:oasis:names:tc:SAML:1.1:protocol"),
        ("md:SingleSignOnService", "md:SingleSignOffService"),
        ("md:EntityDescriptor", "md:EntitiesDescriptor"),
        ("<md:IDPSSODescriptor", "<!DOCTYPE x><md:IDPSSODescriptor"),
    ] {
        assert!(text.contains(from), "{from}");
        assert!(IdpMetadata::read(&text.replace(from, to)).is_err(), "{from}");
    }
}
