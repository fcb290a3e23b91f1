//! The eight wrapping shapes against a Response that is signed as a whole, with the Assertion in it signed or not. Another library signed
//! it, so that nothing depends on how we write.

use saml::assertion::Assertion;
use saml::error::Error;
use saml::verify::verify;

use crate::keys::Key;
use crate::messages::{NAME, between, forged_assertion, signed};
use crate::tools::{RSA_SHA256, SHA256, signed_response};

struct Parts {
    key: Key,
    /// The Response as it was signed.
    message: String,
    /// Without its own signature.
    bare: String,
    /// That signature.
    signature: String,
    assertion: String,
    forged: String,
}

fn parts(assertion_is_signed: bool) -> Parts {
    let key = Key::rsa();
    let plain = signed(&key);
    let forged = forged_assertion(&plain);
    let inner = between(&plain, "<ds:Signature", "</ds:Signature>");
    let plain = if assertion_is_signed { plain.clone() } else { plain.replace(inner, "") };
    let message = signed_response(&plain, &key, (RSA_SHA256, SHA256));
    let message = message.split_once("?>\n").map_or(message.clone(), |(_, message)| message.to_owned());
    let signature = between(&message, "<Signature", "</Signature>").to_owned();
    Parts {
        bare: message.replace(&signature, ""),
        assertion: between(&message, "<saml:Assertion", "</saml:Assertion>").to_owned(),
        key,
        message,
        signature,
        forged,
    }
}

impl Parts {
    /// The Response under another ID, about somebody else, with a signature in the place of its own.
    fn evil(&self, signature: &str) -> String {
        let evil = self.message.replace("ID=\"_r1\"", "ID=\"_r2\"");
        evil.replace(&self.assertion, &self.forged).replace(&self.signature, signature)
    }

    fn holding(&self, content: &str) -> String {
        self.signature.replace("</Signature>", &format!("{content}</Signature>"))
    }

    fn with(&self, assertions: &str) -> String {
        self.message.replace(&self.assertion, assertions)
    }

    /// The forged assertion with something behind its Issuer.
    fn around(&self, content: &str) -> String {
        let end = "</saml:Issuer>";
        self.forged.replacen(end, &format!("{end}{content}"), 1)
    }
}

#[test]
fn wrapped_responses_are_refused() {
    for assertion_is_signed in [false, true] {
        let p = parts(assertion_is_signed);
        let verified = verify(&p.message, &[p.key.public()]).unwrap();
        assert!(verified.as_str().starts_with("<samlp:Response"));
        assert_eq!(Assertion::read(&verified).unwrap().name_id.value, NAME);
        let object = |content: &str| p.holding(&format!("<Object>{content}</Object>"));
        for (what, message) in [
            ("XSW1: the signature of a forged Response holds the honest one", p.evil(&object(&p.bare))),
            ("XSW1: without an Object", p.evil(&p.holding(&p.bare))),
            ("XSW2: the honest Response behind its signature", p.evil(&format!("{}{}", p.signature, p.bare))),
            ("XSW2: before it", p.evil(&format!("{}{}", p.bare, p.signature))),
            ("XSW3: a forged assertion first", p.with(&format!("{}{}", p.forged, p.assertion))),
            ("XSW3: a forged assertion last", p.with(&format!("{}{}", p.assertion, p.forged))),
            ("XSW4: a forged assertion around the honest one", p.with(&p.around(&p.assertion))),
            (
                "XSW5: a forged assertion, the honest one at the end",
                p.with(&format!("{}<x>{}</x>", p.forged, p.assertion)),
            ),
            (
                "XSW6: the honest assertion in the signature",
                p.message.replace(&p.assertion, &p.forged).replace(&p.signature, &p.holding(&p.assertion)),
            ),
            (
                "XSW7: a forged assertion in Extensions",
                p.message.replace(
                    "<samlp:Status>",
                    &format!("<samlp:Extensions>{}</samlp:Extensions><samlp:Status>", p.forged),
                ),
            ),
            (
                "XSW8: the honest assertion in an Object of the signature",
                p.message.replace(&p.assertion, &p.forged).replace(&p.signature, &object(&p.assertion)),
            ),
            ("the whole honest Response within", p.evil(&p.message)),
            ("the same ID twice", p.evil(&object(&p.bare)).replace("\"_r2\"", "\"_r1\"")),
        ] {
            let refused = verify(&message, &[p.key.public()]);
            assert!(matches!(refused, Err(Error::Shape(_))), "{what}: {refused:?}");
        }
    }
}

/// The signature is taken away, moved, or made to be of another element.
#[test]
fn stripped_and_moved_signatures_are_refused() {
    let p = parts(false);
    let in_assertion = p
        .bare
        .replace("</saml:Issuer><saml:Subject>", &format!("</saml:Issuer>{}<saml:Subject>", p.signature));
    assert_ne!(in_assertion, p.bare);
    for (what, message) in [
        ("stripped", p.bare.clone()),
        ("moved into the assertion", in_assertion.clone()),
        ("moved, and of the assertion", in_assertion.replace("URI=\"#_r1\"", "URI=\"#_a1\"")),
        ("of the assertion", p.message.replace("URI=\"#_r1\"", "URI=\"#_a1\"")),
        ("of everything", p.message.replace("URI=\"#_r1\"", "URI=\"\"")),
        ("twice", p.message.replace(&p.signature, &p.signature.repeat(2))),
        (
            "with an altered Destination",
            p.message.replace("Destination=\"https://sp", "Destination=\"https://evil"),
        ),
        (
            "with an altered InResponseTo",
            p.message.replacen("InResponseTo=\"_q1\"", "InResponseTo=\"_q2\"", 1),
        ),
        ("with an altered status", p.message.replace("<samlp:Status>", "<samlp:Status Id=\"_x\">")),
    ] {
        assert_ne!(message, p.message, "{what}");
        let refused = verify(&message, &[p.key.public()]);
        assert!(matches!(refused, Err(Error::Shape(_) | Error::Signature(_))), "{what}: {refused:?}");
    }
    // Of two signatures both must hold: that of the Response, when the assertion's is good.
    let both = parts(true);
    assert!(
        verify(
            &both.message.replacen("InResponseTo=\"_q1\"", "InResponseTo=\"_q2\"", 1),
            &[both.key.public()]
        )
        .is_err()
    );
    let inner = between(&both.assertion, "<ds:SignatureValue>", "</ds:SignatureValue>");
    assert!(
        verify(
            &both.message.replace(inner, "<ds:SignatureValue>AAAA</ds:SignatureValue>"),
            &[both.key.public()]
        )
        .is_err()
    );
}
