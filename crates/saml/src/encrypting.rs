//! Encrypts an assertion for its receiver (XML-Enc 1.1, SAML core 2.3.4): the content by a key that is used once, that key by the receiver's. What is random
//! is the caller's. Which ways there are is what receivers can open: `rsa-oaep-mgf1p` is the only wrapping that all of them know, and AES-CBC is for those who
//! know nothing else. Knows no message.

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, Algorithm, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{self, AES_128, AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm, OaepPublicEncryptingKey, PublicEncryptingKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::certificate::Certificate;
use crate::error::Error;
use crate::names::{
    AES128_CBC, AES128_GCM, AES256_CBC, AES256_GCM, ASSERTION, DSIG, ELEMENT, MGF1_SHA256, RSA_OAEP,
    RSA_OAEP_MGF1P, SHA1, SHA256, XENC, XENC11,
};

/// Bytes of a block of AES.
const BLOCK: usize = 16;
/// Bytes of the vector before a text encrypted with AES-GCM.
const VECTOR: usize = 12;

/// How content is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// AES-256 in Galois/Counter Mode.
    Aes256Gcm,
    /// AES-128 in Galois/Counter Mode.
    Aes128Gcm,
    /// AES-256 as a chain of blocks, which says nothing of whether it was altered: the signature within does.
    Aes256Cbc,
    /// AES-128 as a chain of blocks.
    Aes128Cbc,
}

/// How the content's key is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrapping {
    /// RSA-OAEP with SHA-1, on whose collisions nothing hangs here. Everybody reads it.
    OaepMgf1p,
    /// RSA-OAEP with SHA-256, also for the mask. Few read it.
    OaepSha256,
}

impl Content {
    const fn name(self) -> &'static str {
        match self {
            Self::Aes256Gcm => AES256_GCM,
            Self::Aes128Gcm => AES128_GCM,
            Self::Aes256Cbc => AES256_CBC,
            Self::Aes128Cbc => AES128_CBC,
        }
    }

    const fn key_bytes(self) -> usize {
        match self {
            Self::Aes256Gcm | Self::Aes256Cbc => 32,
            Self::Aes128Gcm | Self::Aes128Cbc => 16,
        }
    }

    fn encrypted(self, (key, vector): (&[u8], &[u8; BLOCK]), plain: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Aes256Gcm => sealed(&AES_256_GCM, key, vector, plain),
            Self::Aes128Gcm => sealed(&AES_128_GCM, key, vector, plain),
            Self::Aes256Cbc => chained(&AES_256, key, vector, plain),
            Self::Aes128Cbc => chained(&AES_128, key, vector, plain),
        }
    }
}

impl Wrapping {
    const fn algorithm(self) -> &'static OaepAlgorithm {
        match self {
            Self::OaepMgf1p => &OAEP_SHA1_MGF1SHA1,
            Self::OaepSha256 => &OAEP_SHA256_MGF1SHA256,
        }
    }

    /// The EncryptionMethod, in canonical form. It stands within a KeyInfo, which declares `ds`.
    fn method(self) -> String {
        let digest = |uri| format!("<ds:DigestMethod Algorithm=\"{uri}\"></ds:DigestMethod>");
        let (uri, parameters) = match self {
            Self::OaepMgf1p => (RSA_OAEP_MGF1P, digest(SHA1)),
            Self::OaepSha256 => {
                let mask = format!(
                    "<xenc11:MGF xmlns:xenc11=\"{XENC11}\" Algorithm=\"{MGF1_SHA256}\"></xenc11:MGF>"
                );
                (RSA_OAEP, digest(SHA256) + &mask)
            }
        };
        format!("<xenc:EncryptionMethod Algorithm=\"{uri}\">{parameters}</xenc:EncryptionMethod>")
    }
}

/// For whom, and how.
pub struct Encryption<'a> {
    /// The receiver's certificate: an RSA key of 2048 bits or more.
    pub certificate: &'a Certificate,
    /// How the content is encrypted.
    pub content: Content,
    /// How its key is.
    pub wrapping: Wrapping,
    /// The content's key, random and used once; of a cipher that takes fewer bytes, its first ones.
    pub key: Zeroizing<[u8; 32]>,
    /// The vector, random and used once; of GCM its first bytes.
    pub vector: [u8; 16],
}

impl std::fmt::Debug for Encryption<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Encryption({:?}, {:?})", self.content, self.wrapping)
    }
}

impl Encryption<'_> {
    /// Whether a certificate is one that can be encrypted for.
    pub fn is_possible_for(certificate: &Certificate) -> bool {
        recipient(certificate).is_some()
    }

    /// The EncryptedAssertion, in canonical form.
    pub(crate) fn element(&self, assertion: &str) -> Result<String, Error> {
        let key = self.key.get(..self.content.key_bytes()).unwrap_or_default();
        let failed = Error::Key("the receiver's certificate has no RSA key of 2048 bits or more");
        let wrapped = self.wrapped(key).ok_or(failed)?;
        let content = self.content.encrypted((key, &self.vector), assertion.as_bytes());
        let content = content.ok_or(Error::Key("encrypting failed"))?;
        let value = |bytes: &[u8]| {
            format!(
                "<xenc:CipherData><xenc:CipherValue>{}</xenc:CipherValue></xenc:CipherData>",
                STANDARD.encode(bytes)
            )
        };
        // Namespaces are declared where they are first used, as exclusive canonicalisation writes them.
        Ok(format!(
            "<saml:EncryptedAssertion xmlns:saml=\"{ASSERTION}\"><xenc:EncryptedData xmlns:xenc=\"{XENC}\" Type=\"{ELEMENT}\">\
             <xenc:EncryptionMethod Algorithm=\"{}\"></xenc:EncryptionMethod><ds:KeyInfo xmlns:ds=\"{DSIG}\"><xenc:EncryptedKey>{}{}</xenc:EncryptedKey></ds:KeyInfo>\
             {}</xenc:EncryptedData></saml:EncryptedAssertion>",
            self.content.name(),
            self.wrapping.method(),
            value(&wrapped),
            value(&content),
        ))
    }

    fn wrapped(&self, key: &[u8]) -> Option<Vec<u8>> {
        let recipient = recipient(self.certificate)?;
        let mut out = vec![0; recipient.ciphertext_size()];
        let length = recipient.encrypt(self.wrapping.algorithm(), key, &mut out, None).ok()?.len();
        out.truncate(length);
        Some(out)
    }
}

fn recipient(certificate: &Certificate) -> Option<OaepPublicEncryptingKey> {
    let key = PublicEncryptingKey::from_der(certificate.public_key().spki()).ok()?;
    OaepPublicEncryptingKey::new(key).ok()
}

/// Vector, text and tag, as XML-Enc lays them out.
fn sealed(algorithm: &'static Algorithm, key: &[u8], vector: &[u8; BLOCK], plain: &[u8]) -> Option<Vec<u8>> {
    let vector = vector.get(..VECTOR)?;
    let key = LessSafeKey::new(UnboundKey::new(algorithm, key).ok()?);
    let mut text = plain.to_vec();
    key.seal_in_place_append_tag(Nonce::try_assume_unique_for_key(vector).ok()?, Aad::empty(), &mut text)
        .ok()?;
    Some([vector, &text].concat())
}

/// Vector and blocks, of which the last byte says how many to take off the end.
fn chained(
    algorithm: &'static cipher::Algorithm,
    key: &[u8],
    vector: &[u8; BLOCK],
    plain: &[u8],
) -> Option<Vec<u8>> {
    let padding = BLOCK - plain.len() % BLOCK;
    let mut text = plain.to_vec();
    text.resize(plain.len() + padding, u8::try_from(padding).ok()?);
    let key = EncryptingKey::cbc(UnboundCipherKey::new(algorithm, key).ok()?).ok()?;
    key.less_safe_encrypt(&mut text, EncryptionContext::Iv128(FixedLength::from(*vector))).ok()?;
    Some([vector.as_slice(), &text].concat())
}
