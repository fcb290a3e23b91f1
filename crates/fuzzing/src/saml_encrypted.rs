//! Encrypted SAML assertions. Any text is opened without a panic; an encrypted message is altered, or what is encrypted in it, and whatever is still
//! opened says what was signed. Input: XML; `#` and choices, which alter the message; or `%` and choices, which alter the assertion before it is encrypted.

use std::sync::LazyLock;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::rsa::{OAEP_SHA1_MGF1SHA1, OaepPublicEncryptingKey, PublicEncryptingKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use saml::algorithm::Accepted;
use saml::assertion::Assertion;
use saml::certificate::Certificate;
use saml::decryption::DecryptionKey;
use saml::encrypted::open;
use saml::key::PublicKey;
use saml::status::SUCCESS;
use saml::verify::{Signed, verify};

use crate::saml_messages::altered;

const OURS: &str = include_str!("../../saml/tests/it/fixtures/sp.pem");
/// An assertion that is encrypted anew with every alteration, and whose key verifies it.
const PLAIN: [&str; 2] = [include_str!("../fixtures/assertion-rsa.xml"), include_str!("../fixtures/rsa.pem")];

/// An encrypted message and what it says.
struct Honest {
    text: &'static str,
    says: Signed,
}

/// What every run needs.
struct Bench {
    ours: [DecryptionKey; 1],
    theirs: Vec<PublicKey>,
    honest: Vec<Honest>,
    /// What the plain assertion says.
    plain: Signed,
    /// A content's key, and the same encrypted for us.
    content_key: (LessSafeKey, String),
}

static BENCH: LazyLock<Option<Bench>> = LazyLock::new(bench);

fn bench() -> Option<Bench> {
    let files = [
        include_str!("../../saml/tests/it/fixtures/pysaml2-encrypted.xml"),
        include_str!("../../saml/tests/it/fixtures/pysaml2-encrypted-both.xml"),
        include_str!("../../saml/tests/it/fixtures/cryptography-encrypted.xml"),
    ];
    let key = include_str!("../../saml/tests/it/fixtures/sp.key");
    let key: String = key.lines().filter(|line| !line.starts_with("-----")).collect();
    let certificate = Certificate::from_pem(OURS).ok()?;
    let ours = [DecryptionKey::new(&STANDARD.decode(key).ok()?, certificate.der()).ok()?];
    let pems = [
        include_str!("../../saml/tests/it/fixtures/idp.pem"),
        include_str!("../../saml/tests/it/fixtures/idp-p256.pem"),
        PLAIN[1],
    ];
    let theirs: Vec<PublicKey> =
        pems.iter().filter_map(|pem| Some(Certificate::from_pem(pem).ok()?.public_key().clone())).collect();
    let honest: Vec<Honest> = files
        .into_iter()
        .filter_map(|text| {
            let says = open(text, &ours, &theirs, Accepted::default()).ok()?;
            Some(Honest { text, says })
        })
        .collect();
    let plain = verify(PLAIN[0], &theirs).ok()?;
    let content_key = content_key(&certificate)?;
    let bench = Bench { ours, theirs, honest, plain, content_key };
    let anew = open(&bench.encrypted(PLAIN[0])?, &bench.ours, &bench.theirs, Accepted::default());
    (bench.honest.len() == files.len() && anew.as_ref() == Ok(&bench.plain)).then_some(bench)
}

fn content_key(certificate: &Certificate) -> Option<(LessSafeKey, String)> {
    let bytes = [7; 32];
    let public = PublicEncryptingKey::from_der(certificate.public_key().spki()).ok()?;
    let public = OaepPublicEncryptingKey::new(public).ok()?;
    let mut wrapped = vec![0; public.ciphertext_size()];
    public.encrypt(&OAEP_SHA1_MGF1SHA1, &bytes, &mut wrapped, None).ok()?;
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &bytes).ok()?);
    Some((key, STANDARD.encode(wrapped)))
}

pub(crate) fn run(bytes: &[u8]) {
    let Some(bench) = BENCH.as_ref() else {
        assert!(BENCH.is_some(), "the honest messages open");
        return;
    };
    let text = match bytes.split_first() {
        Some((b'#', choices)) => {
            altered(choices, &bench.honest.iter().map(|honest| honest.text).collect::<Vec<_>>())
        }
        Some((b'%', choices)) => altered(choices, &[PLAIN[0]]).and_then(|text| bench.encrypted(&text)),
        _ => Some(String::from_utf8_lossy(bytes).into_owned()),
    };
    let Some(text) = text else { return };
    let Ok(signed) = open(&text, &bench.ours, &bench.theirs, Accepted::with_sha1(true)) else { return };
    let says = bench.honest.iter().map(|honest| &honest.says).chain([&bench.plain]);
    assert!(
        says.into_iter().any(|says| *says == signed),
        "other words under a signature: {}",
        signed.as_str()
    );
    assert!(Assertion::read(&signed).is_ok());
}

impl Bench {
    /// A Response with such content, encrypted for us.
    fn encrypted(&self, content: &str) -> Option<String> {
        let vector = [9; 12];
        let mut sealed = content.as_bytes().to_vec();
        let (key, wrapped) = &self.content_key;
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(vector), Aad::empty(), &mut sealed).ok()?;
        let content = STANDARD.encode([&vector[..], &sealed].concat());
        let xenc = "http://www.w3.org/2001/04/xmlenc#";
        Some(format!(
            "<p:Response xmlns:p=\"urn:oasis:names:tc:SAML:2.0:protocol\"><p:Status><p:StatusCode Value=\"{SUCCESS}\"/></p:Status>\
             <EncryptedAssertion xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\"><EncryptedData xmlns=\"{xenc}\">\
             <EncryptionMethod Algorithm=\"http://www.w3.org/2009/xmlenc11#aes256-gcm\"/>\
             <CipherData><CipherValue>{content}</CipherValue></CipherData></EncryptedData>\
             <EncryptedKey xmlns=\"{xenc}\"><EncryptionMethod Algorithm=\"{xenc}rsa-oaep-mgf1p\"/>\
             <CipherData><CipherValue>{wrapped}</CipherValue></CipherData></EncryptedKey>\
             </EncryptedAssertion></p:Response>"
        ))
    }
}
