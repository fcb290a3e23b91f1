//! Query strings that somebody altered, mixed or blew up.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use saml::algorithm::Accepted;
use saml::authn_request::NewAuthnRequest;
use saml::error::Error;
use saml::logout::LogoutRequest;
use saml::redirect::{Outgoing, Parameter, Received};

use crate::keys::Key;
use crate::redirect::{ECDSA_SHA256, escaped, octets, packed, query};
use crate::requests::REQUEST;
use crate::tools::{RSA_SHA1, RSA_SHA256};

struct Parts {
    key: Key,
    message: String,
    state: String,
    algorithm: String,
    signature: String,
}

fn parts() -> Parts {
    let key = Key::rsa();
    let message = REQUEST.write().unwrap();
    let out = Outgoing {
        location: "https://idp.example/sso",
        parameter: Parameter::Request,
        message: &message,
        relay_state: Some("here"),
    };
    let url = out.signed_url(&key.signing()).unwrap();
    let pairs: Vec<String> = query(&url).split('&').map(str::to_owned).collect();
    let [message, state, algorithm, signature] = pairs.try_into().unwrap();
    Parts { key, message, state, algorithm, signature }
}

impl Parts {
    fn honest(&self) -> String {
        [&*self.message, &self.state, &self.algorithm, &self.signature].join("&")
    }

    fn refused(&self, what: &str, query: &str) {
        let verified = Received::read(query)
            .and_then(|received| received.verify(&[self.key.public()], Accepted::with_sha1(true)));
        assert!(verified.is_err(), "{what}");
    }
}

fn of(query: &str) -> Result<(), Error> {
    Received::read(query).map(drop)
}

#[test]
fn what_the_signature_does_not_cover_is_refused() {
    let p = parts();
    assert!(Received::read(&p.honest()).unwrap().verify(&[p.key.public()], Accepted::default()).is_ok());
    let Parts { message, state, algorithm, signature, .. } = &p;
    let other = NewAuthnRequest { id: "_q2", ..REQUEST }.write().unwrap();
    let other = escaped(&STANDARD.encode(packed(other.as_bytes())));
    for (what, pairs) in [
        ("signature over another RelayState", vec![&**message, "RelayState=there", algorithm, signature]),
        ("RelayState taken out", vec![message, algorithm, signature]),
        ("RelayState emptied", vec![message, "RelayState=", algorithm, signature]),
        (
            "another message under the signature",
            vec![&format!("SAMLRequest={other}"), state, algorithm, signature],
        ),
        (
            "a request passed off as an answer",
            vec![&message.replace("SAMLRequest", "SAMLResponse"), state, algorithm, signature],
        ),
        ("no signature", vec![message, state]),
        ("no signature, but its algorithm", vec![message, state, algorithm]),
        ("a signature without its algorithm", vec![message, state, signature]),
        ("an empty signature", vec![message, state, algorithm, "Signature="]),
        ("a signature cut short", vec![message, state, algorithm, &signature[..signature.len() - 12]]),
    ] {
        p.refused(what, &pairs.join("&"));
    }
    // RelayState where there was none.
    let bare = octets(&REQUEST.write().unwrap(), None, RSA_SHA256);
    let of_bare = escaped(&STANDARD.encode(p.key.rsa_sha256(&bare)));
    assert!(
        Received::read(&format!("{bare}&Signature={of_bare}"))
            .is_ok_and(|received| { received.verify(&[p.key.public()], Accepted::default()).is_ok() })
    );
    p.refused("RelayState put in", &format!("{bare}&Signature={of_bare}&RelayState=there"));
}

#[test]
fn a_swapped_algorithm_is_refused() {
    let p = parts();
    let with = |algorithm: &str| p.honest().replace(&p.algorithm, &format!("SigAlg={}", escaped(algorithm)));
    // Even the same name, written otherwise, is other octets.
    p.refused("the same in other capitals", &with(RSA_SHA256));
    for algorithm in [
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
        ECDSA_SHA256,
        RSA_SHA1,
    ] {
        let received = Received::read(&with(algorithm)).unwrap();
        let refused = received.verify(&[p.key.public()], Accepted::with_sha1(true));
        assert!(matches!(refused, Err(Error::Signature(_))), "{algorithm}: {refused:?}");
    }
    for algorithm in ["http://www.w3.org/2001/04/xmldsig-more#hmac-sha256", "rsa-sha256", "", "none"] {
        let received = Received::read(&with(algorithm)).unwrap();
        let refused = received.verify(&[p.key.public()], Accepted::with_sha1(true));
        assert_eq!(refused, Err(Error::Algorithm(algorithm.to_owned())));
    }
    let weaker = Received::read(&with(RSA_SHA1)).unwrap();
    let refused = weaker.verify(&[p.key.public()], Accepted::default());
    assert_eq!(refused, Err(Error::Algorithm(RSA_SHA1.to_owned())));
}

/// Who reads the first of two and who reads the last would read different messages.
#[test]
fn repeated_parameters_are_refused() {
    let p = parts();
    let honest = p.honest();
    let repeated = Err(Error::Shape("a parameter of the binding that is repeated"));
    for pair in [&p.message, &p.state, &p.algorithm, &p.signature] {
        let name = pair.split_once('=').unwrap().0;
        assert_eq!(of(&format!("{honest}&{pair}")), repeated, "{name}");
        assert_eq!(of(&format!("{name}=x&{honest}")), repeated, "{name}");
        assert_eq!(of(&format!("{honest}&{name}")), repeated, "{name}");
        let encoded = format!("%{:02x}{}", name.as_bytes()[0], &name[1..]);
        assert_eq!(
            of(&format!("{honest}&{encoded}=x")),
            Err(Error::Shape("a parameter of the binding whose name is percent-encoded"))
        );
    }
    let both = Err(Error::Shape("not exactly one of SAMLRequest and SAMLResponse"));
    assert_eq!(of(&format!("{honest}&SAMLResponse=x")), both);
    assert_eq!(of(&p.state), both);
    assert_eq!(of(""), both);
    assert!(
        of(&format!(
            "{honest}&SAMLEncoding=urn%3Aoasis%3Anames%3Atc%3ASAML%3A2.0%3Abindings%3AURL-Encoding%3ADEFLATE"
        ))
        .is_ok()
    );
    let other = Err(Error::Shape("a SAMLEncoding other than DEFLATE"));
    assert_eq!(of(&format!("{honest}&SAMLEncoding=urn:none")), other);
}

#[test]
fn what_unpacks_without_end_is_refused() {
    let query = |message: &[u8]| format!("SAMLRequest={}", escaped(&STANDARD.encode(message)));
    let too_long = Err(Error::Limit("256 KiB of message, once it is unpacked"));
    // 32 MiB of white space in less than the query string may have.
    let bomb = query(&packed(&vec![b' '; 32 * 1_024 * 1_024]));
    assert!(bomb.len() < 256 * 1_024, "{}", bomb.len());
    assert_eq!(of(&bomb), too_long);
    let padded = |length: usize| {
        let message = REQUEST.write().unwrap();
        format!("{message}{}", " ".repeat(length - message.len()))
    };
    assert_eq!(of(&query(&packed(padded(256 * 1_024).as_bytes()))), Ok(()));
    assert_eq!(of(&query(&packed(padded(256 * 1_024 + 1).as_bytes()))), too_long);
    assert_eq!(of(&"a".repeat(256 * 1_024 + 1)), Err(Error::Limit("256 KiB of query string")));
    let state =
        format!("{}&RelayState={}", query(&packed(REQUEST.write().unwrap().as_bytes())), "x".repeat(2_049));
    assert_eq!(of(&state), Err(Error::Limit("2,048 bytes of RelayState")));
    assert_eq!(of(&state[..state.len() - 1]), Ok(()));
}

#[test]
fn what_is_not_one_whole_message_is_refused() {
    let message = REQUEST.write().unwrap();
    let whole = packed(message.as_bytes());
    let query = |message: &[u8]| format!("SAMLRequest={}", escaped(&STANDARD.encode(message)));
    assert_eq!(of(&query(&whole)), Ok(()));
    let malformed = Err(Error::Shape("a message that is not one whole stream of raw DEFLATE"));
    for cut in 0..whole.len() {
        assert_eq!(of(&query(&whole[..cut])), malformed, "{cut}");
    }
    assert_eq!(of(&query(&[&whole[..], b"x"].concat())), malformed);
    assert_eq!(of(&query(&[&whole[..], &whole[..]].concat())), malformed);
    // With the header of zlib, and not packed at all.
    assert!(of(&query(&[b"\x78\x9c", &whole[..]].concat())).is_err());
    assert!(of(&query(message.as_bytes())).is_err());
    assert!(of(&query(&packed(b"\xff\xfe"))).is_err());
    assert!(of(&query(&packed(b"no XML"))).is_err());
    assert!(of(&query(&packed(format!("<!DOCTYPE x>{message}").as_bytes()))).is_err());
    for bad in ["SAMLRequest=%", "SAMLRequest=%ff", "SAMLRequest=a", "SAMLRequest", "SAMLRequest=&x"] {
        assert!(of(bad).is_err(), "{bad}");
    }
    assert!(of(&format!("{}&RelayState=%ff", query(&whole))).is_err());
}

/// Nobody is signed in by an address that was seen in a log: not even when its signature is good.
#[test]
fn a_signed_response_in_a_query_string_is_refused() {
    let key = Key::rsa();
    let verified = |message: &str, parameter| {
        let out = Outgoing { location: "https://sp.example/acs", parameter, message, relay_state: None };
        let received = Received::read(query(&out.signed_url(&key.signing()).unwrap())).unwrap();
        received.verify(&[key.public()], Accepted::default()).map(drop)
    };
    let response = crate::messages::signed(&key);
    let refused = Err(Error::Shape("not an AuthnRequest, LogoutRequest or LogoutResponse"));
    assert_eq!(verified(&response, Parameter::Response), refused);
    assert_eq!(verified(crate::encrypting::assertion_of(&response), Parameter::Response), refused);
    let assertion = crate::encrypting::assertion_of(&response);
    let hidden =
        REQUEST.write().unwrap().replace("<samlp:NameIDPolicy", &format!("{assertion}<samlp:NameIDPolicy"));
    let refused = Err(Error::Shape("an Assertion in a message that has none"));
    assert_eq!(verified(&hidden, Parameter::Request), refused);
    // A request is none of the other side's answers.
    let refused = Err(Error::Shape("an answer in SAMLRequest, or a request in SAMLResponse"));
    assert_eq!(verified(&REQUEST.write().unwrap(), Parameter::Response), refused);
    let status = crate::logout::partial();
    let answer = crate::logout::response(&status).write().unwrap();
    assert_eq!(verified(&answer, Parameter::Request), refused);
    assert_eq!(verified(&answer, Parameter::Response), Ok(()));
}

/// Comments are gone from what is verified, here too.
#[test]
fn a_comment_does_not_cut_a_name_in_a_query_string() {
    let name = crate::logout::jane();
    let message = crate::logout::request(&name).write().unwrap().replace("jane", "ja<!-- -->ne");
    let key = Key::p256();
    let out = Outgoing {
        location: "https://idp.example/slo",
        parameter: Parameter::Request,
        message: &message,
        relay_state: None,
    };
    let received = Received::read(query(&out.signed_url(&key.signing()).unwrap())).unwrap();
    let read = LogoutRequest::read(&received.verify(&[key.public()], Accepted::default()).unwrap()).unwrap();
    assert_eq!(read.name_id, name);
}
