//! `xmlsec1` as the judge of what we sign and as a signer of what we verify.

use saml::algorithm::Accepted;
use saml::assertion::Assertion;
use saml::authn_request::AuthnRequest;
use saml::key::SigningKey;
use saml::logout::{LogoutRequest, LogoutResponse};
use saml::sign;
use saml::verify::{verify, verify_accepting, verify_message};

use crate::keys::Key;
use crate::messages::{NAME, between, jane, signed};
use crate::tools::{ASSERTION_ID, Bench, RESPONSE_ID, SHA256, signed_by_xmlsec1, template};
use crate::{logout, requests};

#[test]
fn xmlsec1_verifies_what_we_sign() {
    for key in [Key::p256(), Key::rsa()] {
        let alone = sign::assertion(&jane(), &key.signing()).unwrap();
        for message in [alone, signed(&key)] {
            is_judged_good(&message, &key, ASSERTION_ID[1]);
            is_judged_bad(&message.replace(NAME, "evil@example.com"), &key, ASSERTION_ID[1]);
        }
    }
}

fn judged(message: &str, key: &Key, id_of: &str) -> (bool, String) {
    let bench = Bench::new();
    bench.put("certificate.pem", key.certificate_pem());
    bench.put("message.xml", message);
    let arguments = ["--verify", "--trusted-pem", "certificate.pem", "--id-attr:ID", id_of, "message.xml"];
    bench.run("xmlsec1", &arguments)
}

pub(crate) fn is_judged_good(message: &str, key: &Key, id_of: &str) {
    let (good, said) = judged(message, key, id_of);
    assert!(good, "{said}");
}

pub(crate) fn is_judged_bad(message: &str, key: &Key, id_of: &str) {
    assert!(!judged(message, key, id_of).0, "{message}");
}

/// With SHA-1, where somebody insists. Of OpenSSL's own, `xmlsec1` takes it as it is on Debian 12.
#[test]
fn xmlsec1_verifies_what_we_sign_with_sha1() {
    let key = Key::rsa();
    let legacy = key.signing_with_sha1();
    let assertion = sign::assertion(&jane(), &legacy).unwrap();
    let logout = logout::request(&logout::jane()).write_signed(&legacy).unwrap();
    let of = "urn:oasis:names:tc:SAML:2.0:protocol:LogoutRequest";
    for (message, id_of, word) in [(&assertion, ASSERTION_ID[1], NAME), (&logout, of, "https://idp.example")]
    {
        assert!(message.contains("\"http://www.w3.org/2000/09/xmldsig#rsa-sha1\""), "{message}");
        assert!(
            message.contains("\"http://www.w3.org/2000/09/xmldsig#sha1\"") && !message.contains("sha256")
        );
        is_judged_good(message, &key, id_of);
        is_judged_bad(&message.replace(word, "https://evil.example"), &key, id_of);
    }
    let (keys, with) = ([key.public()], Accepted::with_sha1(true));
    assert!(verify(&assertion, &keys).is_err(), "nobody takes it who does not say so");
    let verified = verify_accepting(&assertion, &keys, with).unwrap();
    assert_eq!(Assertion::read(&verified).unwrap().name_id.value, NAME);
    let ec = Key::p256().pkcs8();
    assert!(SigningKey::insisting_on_sha1(&ec, legacy.certificate()).is_err());
}

/// Messages without assertions: signed for a form, verified by another and by us.
#[test]
fn xmlsec1_verifies_requests_and_logout_messages() {
    for key in [Key::p256(), Key::rsa()] {
        let messages = [
            ("AuthnRequest", requests::REQUEST.write_signed(&key.signing()).unwrap()),
            ("LogoutRequest", logout::request(&logout::jane()).write_signed(&key.signing()).unwrap()),
            ("LogoutResponse", logout::response(&logout::partial()).write_signed(&key.signing()).unwrap()),
        ];
        for (name, message) in messages {
            let id_of = format!("urn:oasis:names:tc:SAML:2.0:protocol:{name}");
            is_judged_good(&message, &key, &id_of);
            let altered = message.replace("https://idp.example", "https://evil.example");
            assert_ne!(altered, message);
            is_judged_bad(&altered, &key, &id_of);
            let keys = [key.public()];
            let verified = verify_message(&message, &keys, Accepted::default()).unwrap();
            let signature = between(&message, "<ds:Signature", "</ds:Signature>");
            assert_eq!(verified.as_str(), message.replace(signature, ""));
            let read = match name {
                "AuthnRequest" => AuthnRequest::read(verified.as_str()).map(|read| read.id),
                "LogoutRequest" => LogoutRequest::read(&verified).map(|read| read.id),
                _ => LogoutResponse::read(&verified).map(|read| read.id),
            };
            assert!(read.is_ok_and(|id| id.starts_with('_')));
        }
    }
}

/// Our message without our signature, and with what other products write: a default namespace, other prefixes in scope, types.
fn unsigned() -> String {
    let message = signed(&Key::p256());
    let signature = between(&message, "<ds:Signature", "</ds:Signature>");
    message
        .replace(signature, "<!--signature-->")
        .replace(
            "<samlp:Response ",
            "<samlp:Response xmlns=\"urn:unused\" xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" ",
        )
        .replace("<saml:AttributeValue>", "<saml:AttributeValue xsi:type=\"xs:string\">")
}

#[test]
fn we_verify_what_xmlsec1_signs() {
    let sha512 = "http://www.w3.org/2001/04/xmlenc#sha512";
    let sha384 = "http://www.w3.org/2001/04/xmldsig-more#sha384";
    let (p256, p384, rsa) = (Key::p256(), Key::p384(), Key::rsa());
    for (key, method, digest, prefixes) in [
        (&rsa, "rsa-sha256", SHA256, ""),
        (&rsa, "rsa-sha384", sha384, "xs"),
        (&rsa, "rsa-sha512", sha512, "xs #default"),
        (&p256, "ecdsa-sha256", SHA256, "xs xsi nowhere"),
        (&p384, "ecdsa-sha384", sha384, ""),
    ] {
        let method = format!("http://www.w3.org/2001/04/xmldsig-more#{method}");
        for on_response in [false, true] {
            let (id, ids) = if on_response { ("_r1", RESPONSE_ID) } else { ("_a1", ASSERTION_ID) };
            let template = template(id, (&method, digest), prefixes);
            let message = if on_response {
                unsigned().replace("<samlp:Status>", &format!("{template}<samlp:Status>"))
            } else {
                unsigned().replace("<!--signature-->", &template)
            };
            let signed = signed_by_xmlsec1(&message, key, ids);
            let verified = verify(&signed, &[key.public()]);
            let verified =
                verified.unwrap_or_else(|error| panic!("{method} {prefixes:?} {on_response}: {error}"));
            assert_eq!(Assertion::read(&verified).unwrap().name_id.value, NAME);
            assert!(verify(&signed.replace(NAME, "evil@example.com"), &[key.public()]).is_err());
        }
    }
}
