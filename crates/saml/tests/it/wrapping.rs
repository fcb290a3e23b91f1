//! Forged messages. The signature wrapping variants are those of Somorovsky et al., "On Breaking SAML: Be Whoever You Want to Be"
//! (USENIX Security 2012). Each holds an honest signature somewhere and a forged assertion elsewhere; each must be refused.

use saml::assertion::Assertion;
use saml::error::Error;
use saml::verify::verify;

use crate::keys::Key;
use crate::messages::{NAME, between, forged_assertion, signed};

struct Parts {
    key: Key,
    message: String,
    assertion: String,
    signature: String,
    forged: String,
}

fn parts() -> Parts {
    let key = Key::p256();
    let message = signed(&key);
    let assertion = between(&message, "<saml:Assertion", "</saml:Assertion>").to_owned();
    let signature = between(&message, "<ds:Signature", "</ds:Signature>").to_owned();
    let forged = forged_assertion(&message);
    Parts { key, message, assertion, signature, forged }
}

impl Parts {
    fn with(&self, from: &str, to: &str) -> String {
        assert!(self.message.contains(from), "{from}");
        self.message.replace(from, to)
    }

    fn refused(&self, what: &str, message: &str) {
        let verified = verify(message, &[self.key.public()]);
        assert!(verified.is_err(), "{what}: {}", verified.unwrap().as_str());
    }
}

#[test]
fn wrapped_messages_are_refused() {
    let p = parts();
    for (what, message) in &wrapped(&p) {
        assert!(is_readable(message), "{what}");
        p.refused(what, message);
    }
}

fn wrapped(p: &Parts) -> Vec<(&'static str, String)> {
    let honest = p.assertion.replace(&p.signature, "");
    let issuer_end = "</saml:Issuer>";
    let forged_head = p.forged.find(issuer_end).unwrap() + issuer_end.len();
    let (head, tail) = p.forged.split_at(forged_head);
    let signature_with = |object: &str| {
        p.signature.replace("</ds:Signature>", &format!("<ds:Object>{object}</ds:Object></ds:Signature>"))
    };
    let evil_response = |inside: &str| p.message.replace("\"_r1\"", "\"_r2\"").replace(&p.assertion, inside);
    vec![
        (
            "XSW1: signature in a forged Response that holds the honest one",
            evil_response(&format!("{}{}", p.forged, signature_with(&p.message.replace(&p.signature, "")))),
        ),
        (
            "XSW2: signature detached before the honest Response",
            evil_response(&format!("{}{}{}", p.forged, p.signature, p.message.replace(&p.signature, ""))),
        ),
        (
            "XSW3: forged assertion before the honest one",
            p.with(&p.assertion, &format!("{}{}", p.forged, p.assertion)),
        ),
        ("XSW3b: forged assertion after it", p.with(&p.assertion, &format!("{}{}", p.assertion, p.forged))),
        (
            "XSW4: forged assertion around the honest one",
            p.with(&p.assertion, &format!("{head}{}{tail}", p.assertion)),
        ),
        (
            "XSW5: forged assertion holds the signature, the honest one follows",
            p.with(&p.assertion, &format!("{head}{}{tail}{honest}", p.signature)),
        ),
        (
            "XSW6: forged assertion holds a signature that holds the honest one",
            p.with(
                &p.assertion,
                &format!(
                    "{head}{}{tail}",
                    p.signature.replace("</ds:Signature>", &format!("{honest}</ds:Signature>"))
                ),
            ),
        ),
        (
            "XSW7: forged assertion in Extensions",
            p.with(
                "<samlp:Status>",
                &format!("<samlp:Extensions>{}</samlp:Extensions><samlp:Status>", p.forged),
            ),
        ),
        (
            "XSW8: honest assertion in an Object of the forged one's signature",
            p.with(&p.assertion, &format!("{head}{}{tail}", signature_with(&honest))),
        ),
        (
            "honest assertion moved under Status",
            p.with(&p.assertion, &p.forged)
                .replace("</samlp:Status>", &format!("{}</samlp:Status>", p.assertion)),
        ),
        (
            "honest assertion moved below another element",
            p.with(&p.assertion, &format!("<x>{}</x>", p.assertion)),
        ),
        ("another document around it", format!("<x>{}</x>", p.message)),
        (
            "forged assertion under the honest ID",
            p.with(&p.assertion, &format!("{}{}", p.assertion, p.forged.replace("_evil", "_a1"))),
        ),
    ]
}

/// The cases must fail for what they say, not for being malformed: a refusal as malformed XML is none.
fn is_readable(message: &str) -> bool {
    !matches!(verify(message, &[]), Err(Error::Xml(_)))
}

#[test]
fn altered_signatures_are_refused() {
    let p = parts();
    let signed_info = between(&p.message, "<ds:SignedInfo>", "</ds:SignedInfo>").to_owned();
    let value = between(&p.message, "<ds:SignatureValue>", "</ds:SignatureValue>").to_owned();
    let reference = between(&p.message, "<ds:Reference", "</ds:Reference>").to_owned();
    let transforms = between(&p.message, "<ds:Transforms>", "</ds:Transforms>").to_owned();
    let forged_info = signed_info.replace("_a1", "_evil");
    let sha1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1";
    let cases = [
        ("no signature", p.with(&p.signature, "")),
        (
            "signature moved to the Response",
            p.with(&p.signature, "").replace("<samlp:Status>", &format!("{}<samlp:Status>", p.signature)),
        ),
        (
            "signature moved into the Subject",
            p.with(&p.signature, "").replace("<saml:Subject>", &format!("<saml:Subject>{}", p.signature)),
        ),
        ("the same signature twice", p.with(&p.signature, &p.signature.repeat(2))),
        ("two SignedInfo, the honest first", p.with(&signed_info, &format!("{signed_info}{forged_info}"))),
        ("two SignedInfo, the honest last", p.with(&signed_info, &format!("{forged_info}{signed_info}"))),
        ("two References", p.with(&reference, &reference.repeat(2))),
        ("an empty SignatureValue", p.with(&value, "<ds:SignatureValue></ds:SignatureValue>")),
        ("no SignatureValue", p.with(&value, "")),
        ("a reference to the whole document", p.with("URI=\"#_a1\"", "URI=\"\"")),
        ("a reference to the Response", p.with("URI=\"#_a1\"", "URI=\"#_r1\"")),
        ("an XPointer", p.with("URI=\"#_a1\"", "URI=\"#xpointer(id('_a1'))\"")),
        ("no reference", p.with("URI=\"#_a1\"", "")),
        ("no transforms", p.with(&transforms, "")),
        (
            "a third transform",
            p.with(
                "</ds:Transforms>",
                "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"/></ds:Transforms>",
            ),
        ),
        ("SHA-1", p.with("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", sha1)),
        (
            "HMAC",
            p.with(
                "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
                "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
            ),
        ),
        (
            "inclusive canonicalisation",
            p.with(
                "http://www.w3.org/2001/10/xml-exc-c14n#",
                "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
            ),
        ),
        (
            "with comments",
            p.with(
                "http://www.w3.org/2001/10/xml-exc-c14n#",
                "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
            ),
        ),
        ("an ID that occurs twice", p.with("ID=\"_r1\"", "ID=\"_a1\"")),
        ("an Id that occurs twice", p.with("<samlp:Status>", "<samlp:Status Id=\"_a1\">")),
        ("altered content", p.with(NAME, "evil@example.com")),
    ];
    for (what, message) in &cases {
        assert!(is_readable(message), "{what}");
        p.refused(what, message);
    }
}

#[test]
fn a_comment_does_not_cut_a_name() {
    let p = parts();
    for name in
        ["jane.doe@example.com<!-- -->", "jane.doe<!-- x -->@example.com", "<![CDATA[jane.doe]]>@example.com"]
    {
        let message = p.with(NAME, name);
        let verified = verify(&message, &[p.key.public()]).unwrap();
        assert_eq!(Assertion::read(&verified).unwrap().name_id.value, NAME);
    }
    p.refused("a name with more to it", &p.with(NAME, "jane.doe@example.com<!-- -->.evil.example"));
}

#[test]
fn what_is_meant_to_exhaust_is_refused() {
    let p = parts();
    let laughs = "<!DOCTYPE r [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]>";
    let external = "<!DOCTYPE r [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>";
    let attributes: Vec<String> = (0..10_000).map(|number| format!(" a{number}=\"\"")).collect();
    for (what, message) in [
        ("billion laughs", format!("{laughs}{}", p.with(NAME, "&b;"))),
        ("an external entity", format!("{external}{}", p.with(NAME, "&a;"))),
        ("a DTD alone", format!("<!DOCTYPE r>{}", p.message)),
        ("deep nesting", format!("{}{}", "<x>".repeat(100_000), "</x>".repeat(100_000))),
        ("many attributes", format!("<x{}/>", attributes.concat())),
        ("many elements", format!("<x>{}</x>", "<y/>".repeat(50_000))),
        ("nothing", String::new()),
        ("no XML", "SAMLResponse".to_owned()),
    ] {
        let refused = verify(&message, &[p.key.public()]);
        assert!(matches!(refused, Err(Error::Limit(_) | Error::Xml(_))), "{what}: {refused:?}");
    }
}

/// Whatever byte is changed: the message is refused, or what it says is what it said.
#[test]
fn no_changed_byte_changes_what_is_read() {
    let p = parts();
    let honest = verify(&p.message, &[p.key.public()]).unwrap();
    let mut refused = 0;
    for at in 0..p.message.len() {
        let mut bytes = p.message.clone().into_bytes();
        bytes[at] = if bytes[at] == b'x' { b'y' } else { b'x' };
        let Ok(changed) = String::from_utf8(bytes) else { continue };
        match verify(&changed, &[p.key.public()]) {
            Ok(verified) => assert_eq!(verified, honest, "byte {at}"),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > honest.as_str().len() / 2, "{refused}");
}
