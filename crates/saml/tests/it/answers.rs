//! What an answer says before it is proved, and that a refusal never becomes an assertion.

use saml::answer::{Answer, Holds};
use saml::assertion::Assertion;
use saml::envelope::{Envelope, Kind};
use saml::error::Error;
use saml::status::{RESPONDER, Status};
use saml::verify::verify;
use time::macros::datetime;

use crate::keys::Key;
use crate::messages::{NAME, RECIPIENT, between, signed};

const AUTHN_FAILED: &str = "urn:oasis:names:tc:SAML:2.0:status:AuthnFailed";

/// The Status of an answer of ours.
const SUCCESS: &str = "<samlp:Status><samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"></samlp:StatusCode></samlp:Status>";

fn refusal() -> String {
    format!(
        "<samlp:Status><samlp:StatusCode Value=\"{RESPONDER}\"><samlp:StatusCode Value=\"{AUTHN_FAILED}\"/></samlp:StatusCode>\
         <samlp:StatusMessage>The account is\n locked<!-- for good -->.</samlp:StatusMessage></samlp:Status>"
    )
}

#[test]
fn an_answer_says_who_it_is_from_and_what_it_brings() {
    let message = signed(&Key::p256());
    let answer = Answer::read(&message).unwrap();
    let envelope = Envelope {
        kind: Kind::Response,
        id: "_r1".to_owned(),
        issued_at: datetime!(2026-11-24 08:00 UTC),
        issuer: Some("https://idp.example/saml".to_owned()),
        destination: Some(RECIPIENT.to_owned()),
        in_response_to: Some("_q1".to_owned()),
    };
    assert_eq!(answer, Answer { envelope, status: Status::success(), holds: Holds::Assertion });
    assert!(answer.status.is_success());
    let assertion = between(&message, "<saml:Assertion", "</saml:Assertion>");
    let encrypted = message.replace(
        assertion,
        "<saml:EncryptedAssertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"/>",
    );
    assert_eq!(Answer::read(&encrypted).unwrap().holds, Holds::EncryptedAssertion);
    assert_eq!(Answer::read(&message.replace(assertion, "")).unwrap().holds, Holds::Nothing);
}

#[test]
fn a_refusal_is_told_in_the_words_of_the_other_side() {
    let message = signed(&Key::p256());
    let assertion = between(&message, "<saml:Assertion", "</saml:Assertion>");
    let refused = message.replace(assertion, "").replace(SUCCESS, &refusal());
    let answer = Answer::read(&refused).unwrap();
    assert_eq!(answer.status.code, RESPONDER);
    assert_eq!(answer.status.second.as_deref(), Some(AUTHN_FAILED));
    assert_eq!(answer.status.message.as_deref(), Some("The account is locked."));
    assert_eq!(answer.holds, Holds::Nothing);
    assert_eq!(answer.status.to_string(), "\"Responder\" (\"AuthnFailed\"): \"The account is locked.\"");
    // Without the words of the other side, and with a code of its own.
    let bare = refused.replace(AUTHN_FAILED, "urn:other");
    let words = between(&bare, "<samlp:StatusMessage>", "</samlp:StatusMessage>").to_owned();
    assert_eq!(
        Answer::read(&bare.replace(&words, "")).unwrap().status.to_string(),
        "\"Responder\" (\"urn:other\")"
    );
}

#[test]
fn a_refusal_is_never_verified_into_an_assertion() {
    let key = Key::p256();
    let message = signed(&key);
    assert!(message.contains(SUCCESS));
    let refused = verify(&message.replace(SUCCESS, &refusal()), &[key.public()]);
    assert_eq!(
        refused,
        Err(Error::Refused("\"Responder\" (\"AuthnFailed\"): \"The account is locked.\"".to_owned()))
    );
    for (what, status) in [
        ("no Status", String::new()),
        ("an empty Status", "<samlp:Status/>".to_owned()),
        ("two Status", SUCCESS.repeat(2)),
        ("a refusal, then success", format!("{}{SUCCESS}", refusal())),
        ("a StatusCode without Value", SUCCESS.replace(" Value=", " Code=")),
        (
            "two StatusCode",
            SUCCESS.replace("</samlp:Status>", "<samlp:StatusCode Value=\"urn:x\"/></samlp:Status>"),
        ),
        ("success in another case", SUCCESS.replace("Success", "success")),
        ("success by its last word", SUCCESS.replace("urn:oasis:names:tc:SAML:2.0:status:", "")),
    ] {
        let refused = verify(&message.replace(SUCCESS, &status), &[key.public()]);
        assert!(matches!(refused, Err(Error::Shape(_) | Error::Refused(_))), "{what}: {refused:?}");
    }
    // A code below success is no refusal.
    let noted = SUCCESS
        .replace("></samlp:StatusCode>", "><samlp:StatusCode Value=\"urn:noted\"/></samlp:StatusCode>");
    let verified = verify(&message.replace(SUCCESS, &noted), &[key.public()]).unwrap();
    assert_eq!(Assertion::read(&verified).unwrap().name_id.value, NAME);
}

#[test]
fn what_is_no_answer() {
    let message = signed(&Key::p256());
    for (from, to) in [
        ("samlp:Response", "samlp:AuthnRequest"),
        ("samlp:Response", "samlp:ArtifactResponse"),
        ("urn:oasis:names:tc:SAML:2.0:protocol", "urn:oasis:names:tc:SAML:1.0:protocol"),
        ("Version=\"2.0\"", "Version=\"1.1\""),
        ("ID=\"_r1\"", ""),
        ("IssueInstant=\"2026-11-24T08:00:00Z\" Version", "IssueInstant=\"yesterday\" Version"),
        (">https://idp.example/saml<", "> <"),
        (
            "<samlp:Status>",
            "<saml:Issuer xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">x</saml:Issuer><samlp:Status>",
        ),
    ] {
        assert!(message.contains(from), "{from}");
        assert!(Answer::read(&message.replace(from, to)).is_err(), "{from} {to}");
    }
    assert!(Answer::read(&format!("<!DOCTYPE x>{message}")).is_err());
}
