//! Assertions encrypted for us: opened in every accepted way, refused by name in every other, and told nothing of how they failed.

use saml::algorithm::Accepted;
use saml::assertion::Assertion;
use saml::decryption::DecryptionKey;
use saml::encrypted::open;
use saml::error::Error;
use saml::verify::{Signed, verify};

use crate::encrypting::{Pieces, XENC, XENC11, assertion_of, element, encrypted, method, transports};
use crate::keys::Key;
use crate::messages::{NAME, between, signed};
use crate::tools::{Bench, RSA_SHA256, SHA256, signed_response};

/// An identity provider's key, ours, and a message of it.
struct Sides {
    theirs: Key,
    ours: Key,
    message: String,
}

fn sides() -> Sides {
    let theirs = Key::p256();
    let message = signed(&theirs);
    Sides { theirs, ours: Key::rsa(), message }
}

impl Sides {
    fn open(&self, message: &str) -> Result<Signed, Error> {
        open(message, &[self.ours.decryption()], &[self.theirs.public()], Accepted::default())
    }

    fn assertion(&self) -> &[u8] {
        assertion_of(&self.message).as_bytes()
    }

    fn with(&self, element: &str) -> String {
        self.message.replace(assertion_of(&self.message), element)
    }

    fn opens(&self, what: &str, element: &str) {
        let name = self.open(&self.with(element)).and_then(|opened| Assertion::read(&opened));
        assert_eq!(name.map(|read| read.name_id.value), Ok(NAME.to_owned()), "{what}");
    }
}

#[test]
fn what_was_encrypted_says_what_was_signed() {
    let sides = sides();
    let plain = verify(&sides.message, &[sides.theirs.public()]).unwrap();
    for bits in [128, 192, 256] {
        for transport in transports() {
            let pieces = Pieces::with(sides.assertion(), &sides.ours, bits, &transport);
            let opened = sides.open(&sides.with(&pieces.element()));
            assert_eq!(opened, Ok(plain.clone()), "{bits} {}", transport.0);
        }
    }
}

#[test]
fn keys_lie_where_others_put_them() {
    let sides = sides();
    let pieces = Pieces::of(sides.assertion(), &sides.ours);
    let (key, named) = (pieces.key(""), pieces.key(" Id=\"_k1\""));
    let pointer = "<ds:RetrievalMethod URI=\"#_k1\"/>";
    let typed = format!("<ds:RetrievalMethod Type=\"{XENC}EncryptedKey\" URI=\"#_k1\"/>");
    sides.opens("in KeyInfo", &element(&pieces.data(&key)));
    sides
        .opens("in KeyInfo with a name", &element(&pieces.data(&format!("<ds:KeyName>k</ds:KeyName>{key}"))));
    sides.opens("beside", &element(&format!("{}{key}", pieces.data(""))));
    sides.opens("before", &element(&format!("{key}{}", pieces.data(""))));
    sides.opens("pointed at", &element(&format!("{}{named}", pieces.data(pointer))));
    sides.opens("pointed at with its type", &element(&format!("{}{named}", pieces.data(&typed))));
    let listing = "<xenc:ReferenceList><xenc:DataReference URI=\"#_d1\"/></xenc:ReferenceList>\
                   <xenc:CarriedKeyName>k</xenc:CarriedKeyName></xenc:EncryptedKey>";
    sides.opens(
        "with a list of references",
        &element(&format!("{}{}", pieces.data(""), key.replace("</xenc:EncryptedKey>", listing))),
    );
    let without_info = pieces.data("").replace(between(&pieces.data(""), "<ds:KeyInfo", "</ds:KeyInfo>"), "");
    sides.opens("without KeyInfo", &element(&format!("{without_info}{key}")));
    // For several recipients: another's key first, another's in a way that we have not.
    let others = Pieces { wrapped: Pieces::of(b"", &Key::rsa()).wrapped, ..pieces.clone() };
    let unknown = Pieces { transport: method(&format!("{XENC}rsa-1_5"), ""), ..others.clone() };
    let all = format!("{}{}{key}", others.key(""), unknown.key(""));
    sides.opens("the third of three", &element(&pieces.data(&all)));
    // Ours roll over: the second key opens what is encrypted for it.
    let new = Key::rsa();
    let keys: [DecryptionKey; 2] = [new.decryption(), sides.ours.decryption()];
    let opened = open(&sides.with(&pieces.element()), &keys, &[sides.theirs.public()], Accepted::default());
    assert!(opened.is_ok());
}

#[test]
fn other_algorithms_are_refused_by_name() {
    let sides = sides();
    let pieces = Pieces::of(sides.assertion(), &sides.ours);
    let digest = "<ds:DigestMethod xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/>";
    for cipher in [format!("{XENC}aes192-cbc"), format!("{XENC}tripledes-cbc"), "urn:none".to_owned()] {
        let other = Pieces { cipher: method(&cipher, ""), ..pieces.clone() };
        assert_eq!(sides.open(&sides.with(&other.element())), Err(Error::Algorithm(cipher)));
    }
    for (transport, parameters, more) in [
        (format!("{XENC}rsa-1_5"), "", String::new()),
        (format!("{XENC}kw-aes256"), "", String::new()),
        (
            format!("{XENC}rsa-oaep-mgf1p"),
            digest,
            format!(" with the digest {XENC}sha256 and the mask {XENC11}mgf1sha1"),
        ),
        (
            format!("{XENC11}rsa-oaep"),
            digest,
            format!(" with the digest {XENC}sha256 and the mask {XENC11}mgf1sha1"),
        ),
    ] {
        let other = Pieces { transport: method(&transport, parameters), ..pieces.clone() };
        let refused = sides.open(&sides.with(&other.element()));
        assert_eq!(refused, Err(Error::Algorithm(format!("{transport}{more}"))));
    }
}

/// Whatever part is altered, and wherever decryption fails: one answer.
#[test]
fn a_failure_does_not_say_where() {
    let sides = sides();
    let pieces = Pieces::of(sides.assertion(), &sides.ours);
    let fails = |what: &str, pieces: &Pieces| {
        assert_eq!(sides.open(&sides.with(&pieces.element())), Err(Error::Decryption), "{what}");
    };
    for at in (0..pieces.content.len()).step_by(97).chain([0, 11, 12, pieces.content.len() - 1]) {
        let mut altered = pieces.clone();
        altered.content[at] ^= 1;
        fails("altered content", &altered);
    }
    for at in (0..pieces.wrapped.len()).step_by(17) {
        let mut altered = pieces.clone();
        altered.wrapped[at] ^= 1;
        fails("altered key", &altered);
    }
    for length in [0, 1, 11, 12, 27, pieces.content.len() - 1] {
        fails("cut content", &Pieces { content: pieces.content[..length].to_vec(), ..pieces.clone() });
    }
    for length in [0, 255] {
        fails("a cut key", &Pieces { wrapped: pieces.wrapped[..length].to_vec(), ..pieces.clone() });
    }
    fails("a long key", &Pieces { wrapped: [&pieces.wrapped[..], &[0]].concat(), ..pieces.clone() });
    let other = Pieces::of(sides.assertion(), &Key::rsa());
    fails("another recipient", &other);
    // A content key of another length than the cipher's.
    fails(
        "a short content key",
        &Pieces { wrapped: Pieces::with(b"", &sides.ours, 128, &transports()[0]).wrapped, ..pieces.clone() },
    );
    let said = Error::Decryption.to_string();
    for word in ["padding", "tag", "OAEP", "GCM", "RSA", "length"] {
        assert!(!said.contains(word), "{said}");
    }
    // Without a key at all.
    let refused = open(&sides.with(&pieces.element()), &[], &[sides.theirs.public()], Accepted::default());
    assert_eq!(refused, Err(Error::Decryption));
}

/// Anybody can encrypt for us: what was decrypted is signed itself, or what was encrypted is.
#[test]
fn what_was_decrypted_must_be_signed_on_one_side() {
    let theirs = Key::rsa();
    let sides = Sides { message: signed(&theirs), theirs, ours: Key::rsa() };
    let signature = between(&sides.message, "<ds:Signature", "</ds:Signature>");
    let unsigned = assertion_of(&sides.message).replace(signature, "");
    let element = Pieces::of(unsigned.as_bytes(), &sides.ours).element();
    let refused = sides.open(&sides.with(&element)).unwrap_err();
    assert!(refused.to_string().contains("let the identity provider sign one of them"), "{refused}");
    // With a Response around it that the right key signed it says what was signed.
    let whole = |key: &Key| signed_response(&sides.with(&element), key, (RSA_SHA256, SHA256));
    let opened = sides.open(&whole(&sides.theirs)).unwrap();
    assert_eq!(Assertion::read(&opened).unwrap().name_id.value, NAME);
    assert_eq!(sides.open(&whole(&Key::rsa())), Err(Error::Signature("no known key made it")));
    // The signature is of just this text: another one in its place, or beside it, is not what was signed.
    let evil = unsigned.replace(NAME, "evil@example.com");
    let evil = Pieces::of(evil.as_bytes(), &sides.ours).element();
    let honest = whole(&sides.theirs);
    let sealed = between(&honest, "<saml:EncryptedAssertion", "</saml:EncryptedAssertion>").to_owned();
    let altered = Error::Signature("the signed content was altered");
    assert_eq!(sides.open(&honest.replace(&sealed, &evil)), Err(altered));
    for both in [format!("{evil}{sealed}"), format!("{sealed}{evil}")] {
        assert!(matches!(sides.open(&honest.replace(&sealed, &both)), Err(Error::Shape(_))));
    }
    // A signature within that does not hold is not made good by one around it.
    let broken = assertion_of(&sides.message).replace(NAME, "evil@example.com");
    let broken = sides.with(&Pieces::of(broken.as_bytes(), &sides.ours).element());
    let broken = signed_response(&broken, &sides.theirs, (RSA_SHA256, SHA256));
    assert_eq!(sides.open(&broken), Err(Error::Signature("the signed content was altered")));
    let stranger = signed(&Key::rsa());
    let stranger = signed_response(&encrypted(&stranger, &sides.ours), &sides.theirs, (RSA_SHA256, SHA256));
    assert_eq!(sides.open(&stranger), Err(Error::Signature("no known key made it")));
}

/// What cannot tell an altered text is opened for whoever is known to have written it, where an administrator said so.
#[test]
fn chained_blocks_are_opened_of_a_signed_response_alone() {
    let theirs = Key::rsa();
    let sides = Sides { message: signed(&theirs), theirs, ours: Key::rsa() };
    let allowed = Accepted::default().and_cbc(true);
    let keys = [sides.theirs.public()];
    let name = |message: &str, accepted| {
        let opened = open(message, &[sides.ours.decryption()], &keys, accepted);
        opened.and_then(|opened| Assertion::read(&opened)).map(|read| read.name_id.value)
    };
    let of = |plain: &[u8], bits| Pieces::chained(plain, &sides.ours, bits);
    for bits in [128, 256] {
        let bare = sides.with(&of(sides.assertion(), bits).element());
        let whole = signed_response(&bare, &sides.theirs, (RSA_SHA256, SHA256));
        assert_eq!(name(&whole, allowed), Ok(NAME.to_owned()));
        // Not where the ciphertext could be anybody's, though the assertion within is signed; nor where nobody allowed it.
        for (message, accepted) in [(&bare, allowed), (&whole, Accepted::default())] {
            let refused = name(message, accepted).unwrap_err();
            assert!(refused.to_string().contains("AllowAesCbc"), "{refused}");
        }
        let stranger = signed_response(&bare, &Key::rsa(), (RSA_SHA256, SHA256));
        assert_eq!(name(&stranger, allowed), Err(Error::Signature("no known key made it")));
    }
    // Whatever is amiss with it: one answer.
    let good = of(sides.assertion(), 128);
    let cut = |length: usize| Pieces { content: good.content[..length].to_vec(), ..good.clone() };
    for pieces in [
        cut(0),
        cut(15),
        cut(16),
        cut(17),
        cut(good.content.len() - 1),
        Pieces::padded_by(0, &sides.ours),
        Pieces::padded_by(17, &sides.ours),
    ] {
        let whole = signed_response(&sides.with(&pieces.element()), &sides.theirs, (RSA_SHA256, SHA256));
        assert_eq!(name(&whole, allowed), Err(Error::Decryption));
    }
}

#[test]
fn what_was_decrypted_is_held_against_its_own_signature() {
    let sides = sides();
    // Signed by somebody else.
    let other = signed(&Key::p256());
    let refused = sides.open(&encrypted(&other, &sides.ours));
    assert_eq!(refused, Err(Error::Signature("no known key made it")));
    // Altered between signing and encrypting.
    let altered = sides.message.replace(NAME, "evil@example.com");
    let refused = sides.open(&encrypted(&altered, &sides.ours));
    assert_eq!(refused, Err(Error::Signature("the signed content was altered")));
}

#[test]
fn a_signature_around_what_is_encrypted_must_hold_too() {
    let theirs = Key::rsa();
    let sides = Sides { message: signed(&theirs), theirs, ours: Key::rsa() };
    let whole = signed_response(&encrypted(&sides.message, &sides.ours), &sides.theirs, (RSA_SHA256, SHA256));
    assert_eq!(Assertion::read(&sides.open(&whole).unwrap()).unwrap().name_id.value, NAME);
    let altered = whole.replace("InResponseTo=\"_q1\"", "InResponseTo=\"_q2\"");
    assert_ne!(altered, whole);
    assert_eq!(sides.open(&altered), Err(Error::Signature("the signed content was altered")));
    let stranger =
        signed_response(&encrypted(&sides.message, &sides.ours), &Key::rsa(), (RSA_SHA256, SHA256));
    assert_eq!(sides.open(&stranger), Err(Error::Signature("no known key made it")));
}

#[test]
fn we_open_what_xmlsec1_encrypts() {
    let sides = sides();
    for (cipher, session_key) in
        [("aes128-gcm", "aes-128"), ("aes192-gcm", "aes-192"), ("aes256-gcm", "aes-256")]
    {
        let bench = Bench::new();
        bench.put("certificate.pem", sides.ours.certificate_pem());
        bench.put("assertion.xml", sides.assertion());
        bench.put("template.xml", format!(
            "<xenc:EncryptedData xmlns:xenc=\"{XENC}\" Type=\"{XENC}Element\"><xenc:EncryptionMethod Algorithm=\"{XENC11}{cipher}\"/>\
             <ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><xenc:EncryptedKey><xenc:EncryptionMethod Algorithm=\"{XENC}rsa-oaep-mgf1p\"/>\
             <ds:KeyInfo><ds:X509Data><ds:X509Certificate/></ds:X509Data></ds:KeyInfo><xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo>\
             <xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedData>"
        ));
        let arguments = [
            "--encrypt",
            "--pubkey-cert-pem",
            "certificate.pem",
            "--session-key",
            session_key,
            "--xml-data",
            "assertion.xml",
            "--output",
            "encrypted.xml",
            "template.xml",
        ];
        let (good, said) = bench.run("xmlsec1", &arguments);
        assert!(good, "{said}");
        let data = String::from_utf8(bench.take("encrypted.xml")).unwrap();
        let data = data.split_once("?>").map_or(data.as_str(), |(_, data)| data);
        sides.opens(cipher, &element(data));
    }
}

#[test]
fn xmlsec1_opens_what_these_tests_encrypt() {
    let sides = sides();
    let bench = Bench::new();
    bench.put("key.pem", sides.ours.private_pem());
    bench.put("message.xml", encrypted(&sides.message, &sides.ours));
    let (good, said) = bench.run("xmlsec1", &["--decrypt", "--privkey-pem", "key.pem", "message.xml"]);
    assert!(good && said.contains(NAME), "{said}");
}

#[test]
fn keys_that_cannot_decrypt() {
    let (rsa, other, p256) = (Key::rsa(), Key::rsa(), Key::p256());
    let der =
        |key: &Key| saml::certificate::Certificate::from_pem(&key.certificate_pem()).unwrap().der().to_vec();
    assert_eq!(rsa.decryption().certificate(), der(&rsa));
    assert_eq!(format!("{:?}", rsa.decryption()), "DecryptionKey(…)");
    let refused = |pkcs8: &[u8], certificate: &[u8]| DecryptionKey::new(pkcs8, certificate).err();
    assert_eq!(refused(&rsa.pkcs8(), &der(&other)), Some(Error::Key("the certificate is another key's")));
    assert_eq!(
        refused(&p256.pkcs8(), &der(&p256)),
        Some(Error::Key("not an RSA key of 2048 bits or more in PKCS#8"))
    );
    assert_eq!(refused(b"", &der(&rsa)), Some(Error::Key("not an RSA key of 2048 bits or more in PKCS#8")));
    assert!(refused(&rsa.pkcs8(), b"").is_some());
}
