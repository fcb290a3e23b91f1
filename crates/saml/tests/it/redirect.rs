//! Messages in query strings: read as written, and as others write and sign them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use saml::algorithm::Accepted;
use saml::authn_request::AuthnRequest;
use saml::envelope::{Envelope, Kind};
use saml::error::Error;
use saml::redirect::{Outgoing, Parameter, Received};

use crate::keys::Key;
use crate::requests::REQUEST;
use crate::tools::{Bench, RSA_SHA1, RSA_SHA256};

pub(crate) const ECDSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";

pub(crate) fn query(url: &str) -> &str {
    url.split_once('?').unwrap().1
}

/// Percent-encoded as by others: letters and digits, and all else in lower case.
pub(crate) fn escaped(value: &str) -> String {
    let escape = |byte: u8| {
        if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02x}") }
    };
    value.bytes().map(escape).collect()
}

pub(crate) fn packed(message: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    std::io::Write::write_all(&mut encoder, message).unwrap();
    encoder.finish().unwrap()
}

/// The octets that are signed of a request, as others write them.
pub(crate) fn octets(message: &str, state: Option<&str>, algorithm: &str) -> String {
    let state = state.map(|state| format!("&RelayState={}", escaped(state))).unwrap_or_default();
    let message = escaped(&STANDARD.encode(packed(message.as_bytes())));
    format!("SAMLRequest={message}{state}&SigAlg={}", escaped(algorithm))
}

fn outgoing<'a>(message: &'a str, relay_state: Option<&'a str>) -> Outgoing<'a> {
    Outgoing { location: "https://idp.example/sso", parameter: Parameter::Request, message, relay_state }
}

#[test]
fn what_is_written_is_read() {
    let message = REQUEST.write().unwrap();
    for key in [Key::p256(), Key::rsa()] {
        for state in [None, Some(""), Some("a b+c&d=e%f#\u{e9}"), Some(&*"x".repeat(80))] {
            let out = outgoing(&message, state);
            let plain = Received::read(query(&out.url().unwrap())).unwrap();
            let signed = Received::read(query(&out.signed_url(&key.signing()).unwrap())).unwrap();
            for (received, is_signed) in [(&plain, false), (&signed, true)] {
                assert_eq!(received.message(), message);
                assert_eq!(received.relay_state(), state);
                assert_eq!(received.parameter(), Parameter::Request);
                assert_eq!(received.is_signed(), is_signed);
                assert_eq!(Envelope::read(received.message()).unwrap().kind, Kind::AuthnRequest);
            }
            let refused = plain.verify(&[key.public()], Accepted::default());
            assert_eq!(refused, Err(Error::Shape("no Signature in the query string")));
            let verified = signed.verify(&[Key::p256().public(), key.public()], Accepted::default()).unwrap();
            // What we write is in canonical form already.
            assert_eq!(verified.as_str(), message);
            assert_eq!(AuthnRequest::read(verified.as_str()).unwrap().id, REQUEST.id);
            let refused = signed.verify(&[Key::p256().public()], Accepted::default());
            assert!(matches!(refused, Err(Error::Signature(_))));
        }
    }
}

/// pysaml2 7.5.5 and python3-saml 1.16.0 encode what was signed again, as forms are, before they verify.
#[test]
fn what_is_signed_is_spelled_as_forms_are() {
    let message = REQUEST.write().unwrap();
    let url = outgoing(&message, Some("back: to/work~é")).signed_url(&Key::rsa().signing()).unwrap();
    assert!(url.contains("&RelayState=back%3A+to%2Fwork~%C3%A9&SigAlg=http%3A%2F%2Fwww.w3.org%2F2001%2F04%2Fxmldsig-more%23rsa-sha256&"), "{url}");
}

#[test]
fn a_location_keeps_its_query() {
    let message = REQUEST.write().unwrap();
    for (location, start) in [
        ("https://idp.example", "https://idp.example?SAMLRequest="),
        ("https://idp.example/sso?", "https://idp.example/sso?SAMLRequest="),
        ("https://idp.example/sso?a=1", "https://idp.example/sso?a=1&SAMLRequest="),
        ("https://idp.example/sso?a=1&", "https://idp.example/sso?a=1&SAMLRequest="),
        ("http://localhost:8080/?a=%26&b", "http://localhost:8080/?a=%26&b&SAMLRequest="),
    ] {
        let key = Key::p256();
        let url = Outgoing { location, ..outgoing(&message, Some("r")) }.signed_url(&key.signing()).unwrap();
        assert!(url.starts_with(start), "{url}");
        let received = Received::read(query(&url)).unwrap();
        assert!(received.verify(&[key.public()], Accepted::default()).is_ok(), "{location}");
    }
    for location in [
        "",
        "javascript:alert(1)",
        "https://idp.example/\r\nSet-Cookie: a=b",
        "https://idp.example/#part",
        "https://idp.example/?RelayState=x",
        "https://idp.example/?a=1&%53AMLRequest=x",
        "https://idp.example/?Signature",
    ] {
        assert!(Outgoing { location, ..outgoing(&message, None) }.url().is_err(), "{location}");
    }
    let long = "\u{e9}".repeat(40) + "x";
    assert_eq!(outgoing(&message, Some(&long)).url(), Err(Error::Limit("80 bytes of RelayState")));
}

/// The signature is over the octets as they came: capitals in escapes, what is escaped at all, and the order are their writer's.
#[test]
fn others_escape_as_they_like() {
    let message = REQUEST.write().unwrap();
    let rsa = Key::rsa();
    let signed = octets(&message, Some("to/here?"), RSA_SHA256);
    let signature = escaped(&STANDARD.encode(rsa.rsa_sha256(&signed)));
    let whole = format!("{signed}&Signature={signature}");
    assert!(whole.contains("%2b") || whole.contains("%2f"), "{whole}");
    let turned: Vec<&str> = whole.split('&').rev().collect();
    let with_more = format!("app=1&{whole}&&samlrequest=x&=y");
    // A + that stands for itself, since its writer did not escape it.
    let bare = signed.replace("%2b", "+");
    let of_bare = escaped(&STANDARD.encode(rsa.rsa_sha256(&bare))).replace("%2b", "+");
    for query in [&whole, &turned.join("&"), &with_more, &format!("{bare}&Signature={of_bare}")] {
        let received = Received::read(query).unwrap();
        assert_eq!(received.relay_state(), Some("to/here?"));
        let verified = received.verify(&[rsa.public()], Accepted::default()).unwrap();
        assert_eq!(verified.as_str(), message, "{query}");
    }
    // The same octets in other capitals are other octets.
    let other = Received::read(&whole.replace("%2f", "%2F").replace("%3d", "%3D")).unwrap();
    assert!(matches!(other.verify(&[rsa.public()], Accepted::default()), Err(Error::Signature(_))));
    // A form writes a space as +.
    let state = Received::read(&whole.replace("to%2fhere%3f", "a+b%2bc")).unwrap();
    assert_eq!(state.relay_state(), Some("a b+c"));
}

/// XML-DSig's form of an ECDSA signature, and the one that Java's libraries write.
#[test]
fn both_forms_of_ecdsa_count() {
    let message = REQUEST.write().unwrap();
    let (key, other) = (Key::p256(), Key::p256());
    let signed = octets(&message, None, ECDSA_SHA256);
    let in_der = key.ecdsa_sha256_der(&signed);
    let received =
        Received::read(&format!("{signed}&Signature={}", escaped(&STANDARD.encode(in_der)))).unwrap();
    assert!(received.verify(&[key.public()], Accepted::default()).is_ok());
    assert!(received.verify(&[other.public()], Accepted::default()).is_err());
    assert!(received.verify(&[Key::rsa().public()], Accepted::default()).is_err());
}

#[test]
fn openssl_verifies_what_we_sign_and_we_what_it_signs() {
    let message = REQUEST.write().unwrap();
    let key = Key::rsa();
    let bench = Bench::new();
    bench.put("key.pem", key.private_pem());
    assert!(bench.run("openssl", &["pkey", "-in", "key.pem", "-pubout", "-out", "public.pem"]).0);
    let url = outgoing(&message, Some("state")).signed_url(&key.signing()).unwrap();
    let (signed, signature) = query(&url).rsplit_once("&Signature=").unwrap();
    let signature = signature.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=");
    bench.put("octets", signed);
    bench.put("signature", STANDARD.decode(signature).unwrap());
    let verify = ["dgst", "-sha256", "-verify", "public.pem", "-signature", "signature", "octets"];
    let (good, said) = bench.run("openssl", &verify);
    assert!(good, "{said}");
    bench.put("octets", signed.replace("RelayState=state", "RelayState=other"));
    assert!(!bench.run("openssl", &verify).0);

    for (digest, algorithm, accepted) in [
        ("-sha256", RSA_SHA256, Accepted::default()),
        ("-sha512", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512", Accepted::default()),
        ("-sha1", RSA_SHA1, Accepted::with_sha1(true)),
    ] {
        let signed = octets(&message, Some("state"), algorithm);
        bench.put("octets", &signed);
        let sign = ["dgst", digest, "-sign", "key.pem", "-out", "signature", "octets"];
        let (good, said) = bench.run("openssl", &sign);
        assert!(good, "{said}");
        let query = format!("{signed}&Signature={}", escaped(&STANDARD.encode(bench.take("signature"))));
        let received = Received::read(&query).unwrap();
        assert_eq!(received.verify(&[key.public()], accepted).unwrap().as_str(), message, "{algorithm}");
        if accepted == Accepted::with_sha1(true) {
            let refused = received.verify(&[key.public()], Accepted::default());
            assert_eq!(refused, Err(Error::Algorithm(RSA_SHA1.to_owned())));
        }
    }
}
