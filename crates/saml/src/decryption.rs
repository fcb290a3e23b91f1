//! The private key that opens what was encrypted for its holder, and the two steps of opening: the content's key by RSA-OAEP, the content
//! by AES-GCM. Whatever fails says no more than that it failed. Knows no message.

use std::fmt;

use aws_lc_rs::aead::{
    AES_128_GCM, AES_192_GCM, AES_256_GCM, Aad, Algorithm, LessSafeKey, Nonce, UnboundKey,
};
use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm, OaepPrivateDecryptingKey, PrivateDecryptingKey,
};
use zeroize::Zeroizing;

use crate::algorithm::refused;
use crate::error::Error;
use crate::key::PublicKey;
use crate::names;

/// Bytes of the initialisation vector before a text encrypted with AES-GCM (XML-Enc 1.1, 5.2.4).
const VECTOR: usize = 12;

/// An RSA key that decrypts, and the certificate that others encrypt for.
pub struct DecryptionKey {
    key: OaepPrivateDecryptingKey,
    certificate: Vec<u8>,
}

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("DecryptionKey(…)")
    }
}

impl DecryptionKey {
    /// From a PKCS#8 RSA private key (2048 bits and more) and its certificate, both in DER. Another key's certificate is refused: what
    /// is encrypted for that cannot be opened with this.
    pub fn new(pkcs8: &[u8], certificate: &[u8]) -> Result<Self, Error> {
        let unusable = "not an RSA key of 2048 bits or more in PKCS#8";
        let key = PrivateDecryptingKey::from_pkcs8(pkcs8).map_err(|_| Error::Key(unusable))?;
        let spki: PublicKeyX509Der<'_> = key.public_key().as_der().map_err(|_| Error::Key(unusable))?;
        if PublicKey::from_certificate(certificate)?.spki() != spki.as_ref() {
            return Err(Error::Key("the certificate is another key's"));
        }
        let key = OaepPrivateDecryptingKey::new(key).map_err(|_| Error::Key(unusable))?;
        Ok(Self { key, certificate: certificate.to_vec() })
    }

    /// The certificate in DER.
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// The content's key, if it was encrypted for this one.
    fn content_key(&self, transport: Transport, wrapped: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let mut buffer = Zeroizing::new(vec![0; self.key.min_output_size()]);
        let found = self.key.decrypt(transport.algorithm(), wrapped, &mut buffer, None).ok()?;
        Some(Zeroizing::new(found.to_vec()))
    }
}

/// How a content's key is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    OaepSha1,
    OaepSha256,
}

impl Transport {
    /// By the URIs of the method, its digest and its mask. The defaults are SHA-1 for both (XML-Enc 1.1, 5.5.2); `rsa-oaep-mgf1p` has
    /// no other mask.
    pub(crate) fn find(uri: &str, digest: Option<&str>, mask: Option<&str>) -> Result<Self, Error> {
        match (uri, digest.unwrap_or(names::SHA1), mask.unwrap_or(names::MGF1_SHA1)) {
            (names::RSA_OAEP_MGF1P | names::RSA_OAEP, names::SHA1, names::MGF1_SHA1) => Ok(Self::OaepSha1),
            (names::RSA_OAEP, names::SHA256, names::MGF1_SHA256) => Ok(Self::OaepSha256),
            (names::RSA_OAEP_MGF1P | names::RSA_OAEP, digest, mask) => {
                Err(refused(&format!("{uri} with the digest {digest} and the mask {mask}")))
            }
            (other, ..) => Err(refused(other)),
        }
    }

    fn algorithm(self) -> &'static OaepAlgorithm {
        match self {
            Self::OaepSha1 => &OAEP_SHA1_MGF1SHA1,
            Self::OaepSha256 => &OAEP_SHA256_MGF1SHA256,
        }
    }
}

/// How content is encrypted: AES in Galois/Counter Mode, by the bits of its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cipher {
    Bits128,
    Bits192,
    Bits256,
}

impl Cipher {
    /// By its URI. AES-CBC is refused like any other name: whoever alters such a text learns from the answers what it says ("How to Break
    /// XML Encryption", Jager and Somorovsky 2011).
    pub(crate) fn find(uri: &str) -> Result<Self, Error> {
        match uri {
            names::AES128_GCM => Ok(Self::Bits128),
            names::AES192_GCM => Ok(Self::Bits192),
            names::AES256_GCM => Ok(Self::Bits256),
            other => Err(refused(other)),
        }
    }

    fn algorithm(self) -> &'static Algorithm {
        match self {
            Self::Bits128 => &AES_128_GCM,
            Self::Bits192 => &AES_192_GCM,
            Self::Bits256 => &AES_256_GCM,
        }
    }
}

/// What was encrypted, if one of the keys opens one of the wrapped keys, and that the content.
pub(crate) fn decrypt(
    (cipher, content): (Cipher, &[u8]),
    wrapped: &[(Transport, Vec<u8>)],
    keys: &[DecryptionKey],
) -> Result<Zeroizing<Vec<u8>>, Error> {
    for (transport, wrapped) in wrapped {
        for key in keys {
            let content_key = key.content_key(*transport, wrapped);
            if let Some(plain) = content_key.and_then(|content_key| opened(cipher, &content_key, content)) {
                return Ok(plain);
            }
        }
    }
    Err(Error::Decryption)
}

/// Vector, text and tag, as XML-Enc lays them out.
fn opened(cipher: Cipher, key: &[u8], content: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (vector, text) = content.split_at_checked(VECTOR)?;
    let key = LessSafeKey::new(UnboundKey::new(cipher.algorithm(), key).ok()?);
    let mut buffer = Zeroizing::new(text.to_vec());
    let nonce = Nonce::try_assume_unique_for_key(vector).ok()?;
    let length = key.open_in_place(nonce, Aad::empty(), &mut buffer).ok()?.len();
    buffer.truncate(length);
    Some(buffer)
}
