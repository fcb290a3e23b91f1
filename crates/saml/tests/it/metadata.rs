//! Metadata of both roles.

use saml::certificate::Certificate;
use saml::error::Error;
use saml::metadata::{Endpoint, HTTP_POST, HTTP_REDIRECT, IdpMetadata, SpMetadata};
use time::macros::datetime;

use crate::keys::Key;
use crate::messages::between;

const IDP: &str = "https://idp.example/saml/metadata";
const SP: &str = "https://sp.example/saml/metadata";
const ACS: &str = "https://sp.example/saml/acs";

const MD: &str = "xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\"";

fn certificate(key: &Key) -> Certificate {
    Certificate::from_pem(&key.certificate_pem()).unwrap()
}

fn endpoint(binding: &str, location: &str) -> Endpoint {
    Endpoint {
        binding: binding.to_owned(),
        location: location.to_owned(),
        response_location: None,
        index: None,
    }
}

fn idp() -> IdpMetadata {
    IdpMetadata {
        entity_id: IDP.to_owned(),
        valid_until: Some(datetime!(2026-12-24 8:00 UTC)),
        certificates: vec![certificate(&Key::p256()), certificate(&Key::p384())],
        encryption_certificates: vec![certificate(&Key::p256())],
        single_sign_on: vec![
            endpoint(HTTP_REDIRECT, "https://idp.example/sso?a=1&b=2"),
            endpoint(HTTP_POST, "https://idp.example/sso"),
        ],
        single_logout: vec![Endpoint {
            response_location: Some("https://idp.example/slo/done".to_owned()),
            ..endpoint(HTTP_POST, "https://idp.example/slo")
        }],
        name_id_formats: vec!["urn:oasis:names:tc:SAML:2.0:nameid-format:persistent".to_owned()],
        wants_signed_requests: false,
    }
}

fn sp() -> SpMetadata {
    SpMetadata {
        entity_id: SP.to_owned(),
        valid_until: None,
        certificates: Vec::new(),
        encryption_certificates: vec![certificate(&Key::p256())],
        assertion_consumers: vec![
            Endpoint { index: Some(0), ..endpoint(HTTP_POST, ACS) },
            Endpoint { index: Some(7), ..endpoint(HTTP_POST, "https://sp.example/other") },
        ],
        single_logout: vec![
            endpoint(HTTP_REDIRECT, "https://sp.example/slo"),
            endpoint(HTTP_POST, "https://sp.example/slo"),
        ],
        name_id_formats: Vec::new(),
        signs_requests: true,
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
    let logout = IdpMetadata::read(&text).unwrap();
    let logout = logout.logout_endpoint(HTTP_POST).unwrap();
    assert_eq!(
        (logout.location.as_str(), logout.answer_location()),
        ("https://idp.example/slo", "https://idp.example/slo/done")
    );
    let sp = sp();
    assert_eq!(SpMetadata::read(&sp.write().unwrap()), Ok(sp.clone()));
    assert_eq!(sp.single_logout[0].answer_location(), "https://sp.example/slo");
    // Each is not the other.
    assert!(SpMetadata::read(&text).is_err());
    assert!(IdpMetadata::read(&sp.write().unwrap()).is_err());
}

#[test]
fn the_default_consumer_comes_first() {
    let text = sp().write().unwrap().replace(" isDefault=\"true\"", "");
    let text = text.replace("index=\"7\"", "index=\"7\" isDefault=\"true\"");
    let read = SpMetadata::read(&text).unwrap();
    assert_eq!(read.assertion_consumers[0].location, "https://sp.example/other");
}

#[test]
fn each_key_counts_for_its_use_and_once() {
    let idp = idp();
    let text = idp.write().unwrap();
    let [certificate, other] = [0, 1].map(|at| idp.certificates[at].to_base64());
    assert_eq!(IdpMetadata::read(&text.replace(&other, &certificate)).unwrap().certificates.len(), 1);
    let none = text.replace("use=\"signing\"", "use=\"encryption\"");
    assert!(matches!(IdpMetadata::read(&none), Err(Error::Shape(_))));
    let any = IdpMetadata::read(&text.replace(" use=\"signing\"", "")).unwrap();
    let all = [idp.certificates.clone(), idp.encryption_certificates.clone()].concat();
    assert_eq!((any.certificates, any.encryption_certificates), (idp.certificates, all));
}

#[test]
fn a_key_for_encryption_says_what_may_be_used_with_it() {
    let text = sp().write().unwrap();
    let key = between(&text, "<md:KeyDescriptor use=\"encryption\">", "</md:KeyDescriptor>");
    let methods: Vec<&str> = key.split("<md:EncryptionMethod Algorithm=\"").skip(1).collect();
    let names = methods.iter().map(|rest| rest.split('"').next().unwrap());
    assert_eq!(
        names.collect::<Vec<_>>(),
        [
            "http://www.w3.org/2009/xmlenc11#aes256-gcm",
            "http://www.w3.org/2009/xmlenc11#aes128-gcm",
            "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
        ]
    );
    assert!(!idp().write().unwrap().split("use=\"encryption\"").next().unwrap().contains("EncryptionMethod"));
}

#[test]
fn the_earliest_end_counts() {
    let text = idp().write().unwrap();
    let until = |text: &str| IdpMetadata::read(text).unwrap().valid_until;
    assert_eq!(until(&text), Some(datetime!(2026-12-24 8:00 UTC)));
    let role = "<md:IDPSSODescriptor ";
    let earlier = text.replace(role, &format!("{role}validUntil=\"2026-12-01T00:00:00Z\" "));
    assert_eq!(until(&earlier), Some(datetime!(2026-12-01 0:00 UTC)));
    let later = text.replace(role, &format!("{role}validUntil=\"2027-12-01T00:00:00Z\" "));
    assert_eq!(until(&later), Some(datetime!(2026-12-24 8:00 UTC)));
    let list = format!(
        "<md:EntitiesDescriptor {MD} validUntil=\"2026-11-30T00:00:00Z\">{text}</md:EntitiesDescriptor>"
    );
    assert_eq!(until(&list), Some(datetime!(2026-11-30 0:00 UTC)));
    let never = text.replace(" validUntil=\"2026-12-24T08:00:00Z\"", "");
    assert_eq!(until(&never), None);
    assert!(IdpMetadata::read(&text.replace("2026-12-24T08:00:00Z", "soon")).is_err());
}

#[test]
fn of_a_list_one_is_meant() {
    let list = |content: &str| format!("<md:EntitiesDescriptor {MD}>{content}</md:EntitiesDescriptor>");
    let (first, sp) = (idp(), sp().write().unwrap());
    let second = IdpMetadata { entity_id: "https://other.example".to_owned(), ..idp() };
    let (one, other) = (first.write().unwrap(), second.write().unwrap());
    // One identity provider among others, deep in the list.
    let nested = list(&format!("{sp}{}", list(&one)));
    assert_eq!(IdpMetadata::read(&nested), Ok(first.clone()));
    assert_eq!(SpMetadata::read(&nested).unwrap().entity_id, SP);
    // Several: the one that is named.
    let both = list(&format!("{one}{}", list(&other)));
    let refused = IdpMetadata::read(&both).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the metadata describes 2 identity providers: say which one is meant by its entity ID"
    );
    assert_eq!(IdpMetadata::read_named(&both, IDP), Ok(first.clone()));
    assert_eq!(IdpMetadata::read_named(&both, "https://other.example"), Ok(second));
    assert_eq!(IdpMetadata::read_named(&one, IDP), Ok(first));
    for (text, named) in [(&both, "https://third.example"), (&one, "https://other.example"), (&nested, SP)] {
        let refused = IdpMetadata::read_named(text, named).unwrap_err();
        assert_eq!(
            refused.to_string(),
            format!("the metadata describes no identity provider of the entity ID {named:?}")
        );
    }
    // Swapped metadata: a second entity of the same name, one inside of another, an empty list.
    let twice = list(&one.repeat(2));
    assert!(matches!(IdpMetadata::read_named(&twice, IDP), Err(Error::Shape(_))));
    assert!(matches!(IdpMetadata::read(&twice), Err(Error::Shape(_))));
    let hidden = one.replace(
        "<md:IDPSSODescriptor",
        &format!("<md:Extensions>{other}</md:Extensions><md:IDPSSODescriptor"),
    );
    assert_eq!(IdpMetadata::read(&hidden).unwrap().entity_id, IDP);
    assert_eq!(IdpMetadata::read(&list(&hidden)).unwrap().entity_id, IDP);
    assert!(matches!(
        IdpMetadata::read_named(&list(&hidden), "https://other.example"),
        Err(Error::Absent { .. })
    ));
    assert!(matches!(IdpMetadata::read(&list("")), Err(Error::Shape(_))));
    assert!(matches!(IdpMetadata::read(&list(&sp)), Err(Error::Shape(_))));
}

#[test]
fn addresses_that_browsers_must_not_be_sent_to() {
    let text = idp().write().unwrap();
    for evil in ["javascript:alert(1)", "data:text/html,x", "//evil.example", "", "https://a b", "ftp://x"] {
        for honest in ["\"https://idp.example/slo\"", "\"https://idp.example/slo/done\""] {
            let bad = text.replace(honest, &format!("\"{evil}\""));
            assert_ne!(bad, text);
            assert!(matches!(IdpMetadata::read(&bad), Err(Error::Shape(_))), "{evil}");
        }
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
