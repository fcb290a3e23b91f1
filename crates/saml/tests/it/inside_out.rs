//! Encrypted assertions turned inside out: content within content, plain beside encrypted, and wrapping carried on behind encryption.

use saml::algorithm::Accepted;
use saml::assertion::Assertion;
use saml::encrypted::open;
use saml::error::Error;
use saml::verify::verify;

use crate::encrypting::{Pieces, XENC, assertion_of, element, encrypted, method};
use crate::keys::Key;
use crate::messages::{NAME, between, forged_assertion, signed};

struct Parts {
    theirs: Key,
    ours: Key,
    message: String,
    assertion: String,
    signature: String,
    forged: String,
}

fn parts() -> Parts {
    let theirs = Key::p256();
    let message = signed(&theirs);
    Parts {
        assertion: assertion_of(&message).to_owned(),
        signature: between(&message, "<ds:Signature", "</ds:Signature>").to_owned(),
        forged: forged_assertion(&message),
        ours: Key::rsa(),
        theirs,
        message,
    }
}

impl Parts {
    fn sealed(&self, content: &str) -> String {
        Pieces::of(content.as_bytes(), &self.ours).element()
    }

    fn with(&self, content: &str) -> String {
        self.message.replace(&self.assertion, content)
    }

    /// Neither way in takes it, and not because it was malformed.
    fn refused(&self, what: &str, message: &str) {
        let keys = [self.theirs.public()];
        let opened = open(message, &[self.ours.decryption()], &keys, Accepted::default());
        assert!(matches!(opened, Err(Error::Shape(_) | Error::Signature(_))), "{what}: {opened:?}");
        let verified = verify(message, &keys);
        assert!(matches!(verified, Err(Error::Shape(_))), "{what}: {verified:?}");
    }
}

#[test]
fn plain_and_encrypted_never_come_together() {
    let p = parts();
    let sealed = p.sealed(&p.assertion);
    let advice = |content: &str| {
        p.forged.replace("<saml:Subject>", &format!("<saml:Advice>{content}</saml:Advice><saml:Subject>"))
    };
    for (what, message) in
        [
            ("two EncryptedAssertions", p.with(&sealed.repeat(2))),
            ("a forged one beside the encrypted one", p.with(&format!("{}{sealed}", p.forged))),
            ("a forged one after it", p.with(&format!("{sealed}{}", p.forged))),
            ("the honest one beside it", p.with(&format!("{}{sealed}", p.assertion))),
            ("encrypted in the Advice of a forged one", p.with(&advice(&sealed))),
            (
                "encrypted in Extensions",
                p.message.replace(&p.assertion, "").replace(
                    "<samlp:Status>",
                    &format!("<samlp:Extensions>{sealed}</samlp:Extensions><samlp:Status>"),
                ),
            ),
            ("an EncryptedAssertion in an EncryptedAssertion", p.with(&element(&sealed))),
            ("a plain one in an EncryptedAssertion", p.with(&element(&p.assertion))),
            (
                "a plain one beside the data",
                p.with(&sealed.replace(
                    "</saml:EncryptedAssertion>",
                    &format!("{}</saml:EncryptedAssertion>", p.forged),
                )),
            ),
            ("the EncryptedAssertion alone", sealed.clone()),
            ("another document around it", format!("<x>{}</x>", p.with(&sealed))),
            (
                "a refusal that holds one",
                p.with(&sealed).replace(
                    "urn:oasis:names:tc:SAML:2.0:status:Success",
                    "urn:oasis:names:tc:SAML:2.0:status:Responder",
                ),
            ),
        ]
    {
        let keys = [p.theirs.public()];
        let opened = open(&message, &[p.ours.decryption()], &keys, Accepted::default());
        assert!(matches!(opened, Err(Error::Shape(_) | Error::Refused(_))), "{what}: {opened:?}");
        assert!(matches!(verify(&message, &keys), Err(Error::Shape(_) | Error::Refused(_))), "{what}");
    }
}

/// The eight shapes behind encryption: what comes out is one signed Assertion or nothing.
#[test]
fn wrapping_behind_encryption_is_refused() {
    let p = parts();
    let honest = p.assertion.replace(&p.signature, "");
    let end = "</saml:Issuer>";
    let inside = |content: &str| p.forged.replacen(end, &format!("{end}{content}"), 1);
    let holding =
        |content: &str| p.signature.replace("</ds:Signature>", &format!("{content}</ds:Signature>"));
    for (what, content) in [
        ("XSW1: a whole Response inside", p.message.clone()),
        (
            "XSW2: a Response with the honest assertion and a forged one",
            p.with(&format!("{}{}", p.forged, p.assertion)),
        ),
        ("XSW3: the forged one before the honest one", format!("<x>{}{}</x>", p.forged, p.assertion)),
        ("XSW4: the forged one around the honest one", inside(&p.assertion)),
        ("XSW5: the forged one with the signature, the honest one at its end", {
            inside(&p.signature).replace("</saml:Assertion>", &format!("{honest}</saml:Assertion>"))
        }),
        ("XSW6: the signature holds the honest one", inside(&holding(&honest))),
        ("XSW7: in Extensions", inside(&format!("<saml:Extensions>{}</saml:Extensions>", p.assertion))),
        (
            "XSW8: in an Object of the signature",
            inside(&holding(&format!("<ds:Object>{honest}</ds:Object>"))),
        ),
        ("the forged one alone", p.forged.clone()),
        ("the forged one with the honest signature", inside(&p.signature)),
        ("encrypted again", p.sealed(&p.assertion)),
        ("encrypted again, in an Assertion", inside(&p.sealed(&p.assertion))),
        ("another element", "<x/>".to_owned()),
        ("the same name in no namespace", "<Assertion/>".to_owned()),
    ] {
        p.refused(what, &p.with(&p.sealed(&content)));
    }
}

#[test]
fn what_is_meant_to_exhaust_is_refused_behind_encryption_too() {
    let p = parts();
    for (what, content) in [
        ("an entity bomb", format!("<!DOCTYPE r [<!ENTITY a \"ha\">]>{}", p.assertion.replace(NAME, "&a;"))),
        (
            "an external entity",
            format!("<!DOCTYPE r [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>{}", p.assertion),
        ),
        ("deep nesting", format!("{}{}", "<x>".repeat(1_000), "</x>".repeat(1_000))),
        ("many elements", format!("<x>{}</x>", "<y/>".repeat(15_000))),
        ("text that is no XML", "jane".to_owned()),
        ("two documents", p.assertion.repeat(2)),
        (
            "a prefix that only the Response declares",
            p.assertion.replace("<saml:Subject>", "<saml:Subject xsi:type=\"x\">"),
        ),
        ("nothing", String::new()),
    ] {
        let message = p.with(&p.sealed(&content));
        let opened = open(&message, &[p.ours.decryption()], &[p.theirs.public()], Accepted::default());
        assert!(matches!(opened, Err(Error::Xml(_) | Error::Limit(_))), "{what}: {opened:?}");
    }
    let binary = Pieces::of(b"\xff\xfe", &p.ours).element();
    let opened = open(&p.with(&binary), &[p.ours.decryption()], &[p.theirs.public()], Accepted::default());
    assert_eq!(opened, Err(Error::Shape("decrypted content that is not UTF-8")));
}

#[test]
fn a_comment_does_not_cut_a_name_behind_encryption() {
    let p = parts();
    let message = p.message.replace(NAME, "jane.doe<!-- x -->@example.com");
    let opened = open(
        &encrypted(&message, &p.ours),
        &[p.ours.decryption()],
        &[p.theirs.public()],
        Accepted::default(),
    );
    assert_eq!(Assertion::read(&opened.unwrap()).unwrap().name_id.value, NAME);
}

#[test]
fn shapes_that_nobody_honest_writes() {
    let p = parts();
    let pieces = Pieces::of(p.assertion.as_bytes(), &p.ours);
    let (data, key) = (pieces.data(&pieces.key("")), pieces.key(""));
    let cipher_data = between(&key, "<xenc:CipherData>", "</xenc:CipherData>").to_owned();
    let content = |from: &str, to: &str| {
        assert!(data.contains(from), "{from}");
        element(&data.replace(from, to))
    };
    let beside = |pointer: &str, key: &str| element(&format!("{}{key}", pieces.data(pointer)));
    let elsewhere =
        "<xenc:CipherData><xenc:CipherReference URI=\"https://evil.example/\"/></xenc:CipherData>";
    for (what, element) in [
        ("no EncryptedData", element(&key)),
        ("two EncryptedData", element(&data.repeat(2))),
        ("no key", element(&pieces.data(""))),
        ("a key that lies elsewhere", beside("<ds:RetrievalMethod URI=\"https://evil.example/\"/>", &key)),
        ("a key that is not there", beside("<ds:RetrievalMethod URI=\"#_k2\"/>", &pieces.key(" Id=\"_k1\""))),
        ("a key without an ID", beside("<ds:RetrievalMethod URI=\"#\"/>", &pieces.key(" Id=\"\""))),
        (
            "transforms of a key",
            beside(
                "<ds:RetrievalMethod URI=\"#_k1\"><ds:Transforms/></ds:RetrievalMethod>",
                &pieces.key(" Id=\"_k1\""),
            ),
        ),
        ("two pointers", beside(&"<ds:RetrievalMethod URI=\"#_k1\"/>".repeat(2), &pieces.key(" Id=\"_k1\""))),
        (
            "a key of another kind",
            beside("<ds:RetrievalMethod Type=\"urn:x\" URI=\"#_k1\"/>", &pieces.key(" Id=\"_k1\"")),
        ),
        ("two keys of one ID", beside("", &pieces.key(" Id=\"_k1\"").repeat(2))),
        ("the ID of the Response", beside("", &pieces.key(" Id=\"_r1\""))),
        (
            "content of another type",
            content(&format!("Type=\"{XENC}Element\""), &format!("Type=\"{XENC}Content\"")),
        ),
        ("content that lies elsewhere", content(&cipher_data, elsewhere)),
        ("no content", content(&cipher_data, "")),
        ("two contents", content(&cipher_data, &cipher_data.repeat(2))),
        ("a signature in it", content("<ds:KeyInfo", &format!("{}<ds:KeyInfo", p.signature))),
        ("an unknown element", content("<ds:KeyInfo", "<x/><ds:KeyInfo")),
        ("text in it", content("<ds:KeyInfo", "x<ds:KeyInfo")),
        ("no method", content(&pieces.cipher, "")),
        (
            "a parameter of the content's method",
            content(
                &pieces.cipher,
                &method(&format!("{XENC}aes256-gcm"), "<xenc:KeySize>256</xenc:KeySize>"),
            ),
        ),
        (
            "a label",
            content(
                &pieces.transport,
                &method(&format!("{XENC}rsa-oaep-mgf1p"), "<xenc:OAEPparams>AAAA</xenc:OAEPparams>"),
            ),
        ),
        ("no base64", content("<xenc:CipherValue>\n", "<xenc:CipherValue>!")),
        ("a comment in it", content("<xenc:CipherValue>\n", "<xenc:CipherValue><!-- -->")),
    ] {
        p.refused(what, &p.with(&element));
    }
    let many = element(&pieces.data(&key.repeat(9)));
    let opened = open(&p.with(&many), &[p.ours.decryption()], &[p.theirs.public()], Accepted::default());
    assert_eq!(opened, Err(Error::Limit("8 encrypted keys")));
}
