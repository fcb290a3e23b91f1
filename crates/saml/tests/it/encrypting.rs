//! Encrypts as identity providers do: the library only decrypts.

use aws_lc_rs::aead::{self, AES_128_GCM, AES_192_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{self, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm, OaepPublicEncryptingKey, PublicEncryptingKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::keys::Key;
use crate::messages::between;

pub(crate) const XENC: &str = "http://www.w3.org/2001/04/xmlenc#";
pub(crate) const XENC11: &str = "http://www.w3.org/2009/xmlenc11#";
const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";

/// The pieces of an EncryptedAssertion.
#[derive(Clone)]
pub(crate) struct Pieces {
    /// The EncryptionMethod of the content.
    pub(crate) cipher: String,
    /// The EncryptionMethod of the key.
    pub(crate) transport: String,
    pub(crate) wrapped: Vec<u8>,
    pub(crate) content: Vec<u8>,
}

pub(crate) fn method(uri: &str, parameters: &str) -> String {
    format!("<xenc:EncryptionMethod Algorithm=\"{uri}\">{parameters}</xenc:EncryptionMethod>")
}

fn gcm(bits: usize) -> &'static aead::Algorithm {
    match bits {
        128 => &AES_128_GCM,
        192 => &AES_192_GCM,
        _ => &AES_256_GCM,
    }
}

/// The ways of encrypting the key that are accepted: their EncryptionMethod, and what does it.
pub(crate) fn transports() -> Vec<(String, &'static OaepAlgorithm)> {
    let digest = |uri: &str| format!("<ds:DigestMethod xmlns:ds=\"{DSIG}\" Algorithm=\"{uri}\"/>");
    let mask = |uri: &str| format!("<xenc11:MGF xmlns:xenc11=\"{XENC11}\" Algorithm=\"{XENC11}{uri}\"/>");
    let (sha1, sha256) = (format!("{DSIG}sha1"), format!("{XENC}sha256"));
    let (old, new) = (format!("{XENC}rsa-oaep-mgf1p"), format!("{XENC11}rsa-oaep"));
    let both = |one: &str, other: &str| format!("{}{}", digest(one), mask(other));
    vec![
        (method(&old, ""), &OAEP_SHA1_MGF1SHA1),
        (method(&old, &digest(&sha1)), &OAEP_SHA1_MGF1SHA1),
        (method(&new, ""), &OAEP_SHA1_MGF1SHA1),
        (method(&new, &both(&sha1, "mgf1sha1")), &OAEP_SHA1_MGF1SHA1),
        (method(&new, &both(&sha256, "mgf1sha256")), &OAEP_SHA256_MGF1SHA256),
    ]
}

impl Pieces {
    /// As most do: AES-256 and the old OAEP.
    pub(crate) fn of(plain: &[u8], to: &Key) -> Self {
        Self::with(plain, to, 256, &transports()[0])
    }

    pub(crate) fn with(
        plain: &[u8],
        to: &Key,
        bits: usize,
        (transport, oaep): &(String, &'static OaepAlgorithm),
    ) -> Self {
        let (content_key, vector) = (vec![7; bits / 8], [9; 12]);
        let key = LessSafeKey::new(UnboundKey::new(gcm(bits), &content_key).unwrap());
        let mut text = plain.to_vec();
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(vector), Aad::empty(), &mut text).unwrap();
        let public =
            OaepPublicEncryptingKey::new(PublicEncryptingKey::from_der(&to.spki()).unwrap()).unwrap();
        let mut wrapped = vec![0; public.ciphertext_size()];
        public.encrypt(oaep, &content_key, &mut wrapped, None).unwrap();
        Self {
            cipher: method(&format!("{XENC11}aes{bits}-gcm"), ""),
            transport: transport.clone(),
            wrapped,
            content: [&vector[..], &text].concat(),
        }
    }

    /// With AES-CBC, padded by bytes that mean nothing but for the last.
    pub(crate) fn chained(plain: &[u8], to: &Key, bits: usize) -> Self {
        let length = 16 - plain.len() % 16;
        let mut text = plain.to_vec();
        text.extend((1..length).map(|at| u8::try_from(at * 7 % 251).unwrap()));
        text.push(u8::try_from(length).unwrap());
        Self::in_blocks(&text, to, bits)
    }

    /// One block that says so many bytes of padding.
    pub(crate) fn padded_by(length: u8, to: &Key) -> Self {
        let mut block = [7; 16];
        block[15] = length;
        Self::in_blocks(&block, to, 128)
    }

    fn in_blocks(text: &[u8], to: &Key, bits: usize) -> Self {
        let algorithm = if bits == 128 { &cipher::AES_128 } else { &cipher::AES_256 };
        let key = UnboundCipherKey::new(algorithm, &vec![7; bits / 8]).unwrap();
        let vector = EncryptionContext::Iv128(FixedLength::from([9; 16]));
        let mut content = text.to_vec();
        EncryptingKey::cbc(key).unwrap().less_safe_encrypt(&mut content, vector).unwrap();
        Self {
            cipher: method(&format!("{XENC}aes{bits}-cbc"), ""),
            content: [&[9; 16][..], &content].concat(),
            ..Self::with(b"", to, bits, &transports()[0])
        }
    }

    /// The EncryptedKey, with attributes.
    pub(crate) fn key(&self, attributes: &str) -> String {
        format!(
            "<xenc:EncryptedKey xmlns:xenc=\"{XENC}\"{attributes}>{}{}</xenc:EncryptedKey>",
            self.transport,
            value(&self.wrapped)
        )
    }

    /// The EncryptedData, with what stands in its KeyInfo.
    pub(crate) fn data(&self, key_info: &str) -> String {
        format!(
            "<xenc:EncryptedData xmlns:xenc=\"{XENC}\" Type=\"{XENC}Element\">{}<ds:KeyInfo xmlns:ds=\"{DSIG}\">{key_info}</ds:KeyInfo>{}</xenc:EncryptedData>",
            self.cipher,
            value(&self.content)
        )
    }

    /// The element, its key within the data.
    pub(crate) fn element(&self) -> String {
        element(&self.data(&self.key("")))
    }
}

pub(crate) fn element(content: &str) -> String {
    format!(
        "<saml:EncryptedAssertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">{content}</saml:EncryptedAssertion>"
    )
}

/// Base64 in lines, as many write it.
fn value(bytes: &[u8]) -> String {
    let text = STANDARD.encode(bytes);
    let lines: Vec<&str> =
        text.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!(
        "<xenc:CipherData><xenc:CipherValue>\n{}&#13;\n</xenc:CipherValue></xenc:CipherData>",
        lines.join("\n")
    )
}

/// The assertion of a message of ours.
pub(crate) fn assertion_of(message: &str) -> &str {
    between(message, "<saml:Assertion", "</saml:Assertion>")
}

/// A message with its assertion encrypted.
pub(crate) fn encrypted(message: &str, to: &Key) -> String {
    let assertion = assertion_of(message);
    message.replace(assertion, &Pieces::of(assertion.as_bytes(), to).element())
}
