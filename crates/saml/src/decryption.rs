//! The private key that opens what was encrypted for its holder, and the two steps of opening: the content's key by RSA-OAEP, the content
//! by AES-GCM, or AES-CBC where the caller knows who wrote it. Whatever fails says no more than that it failed. Knows no message.

use std::fmt;

use aws_lc_rs::aead::{
    AES_128_GCM, AES_192_GCM, AES_256_GCM, Aad, Algorithm, LessSafeKey, Nonce, UnboundKey,
};
use aws_lc_rs::cipher::{self, AES_128, AES_256, DecryptingKey, DecryptionContext, UnboundCipherKey};
use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::iv::FixedLength;
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
/// Bytes of a block of AES, and of the vector before a chain of them.
const BLOCK: usize = 16;

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

/// How content is encrypted: AES by the bits of its key, in Galois/Counter Mode or as a chain of blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cipher {
    Gcm128,
    Gcm192,
    Gcm256,
    Cbc128,
    Cbc256,
}

impl Cipher {
    /// By its URI.
    pub(crate) fn find(uri: &str) -> Result<Self, Error> {
        match uri {
            names::AES128_GCM => Ok(Self::Gcm128),
            names::AES192_GCM => Ok(Self::Gcm192),
            names::AES256_GCM => Ok(Self::Gcm256),
            names::AES128_CBC => Ok(Self::Cbc128),
            names::AES256_CBC => Ok(Self::Cbc256),
            other => Err(refused(other)),
        }
    }

    /// Whether a text that was altered can be told from one that was not. Of another, whoever alters it learns from the answers what it says.
    pub(crate) const fn is_authenticated(self) -> bool {
        matches!(self, Self::Gcm128 | Self::Gcm192 | Self::Gcm256)
    }

    /// What a content's key opens.
    fn opened(self, key: &[u8], content: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        match self {
            Self::Gcm128 => opened(&AES_128_GCM, key, content),
            Self::Gcm192 => opened(&AES_192_GCM, key, content),
            Self::Gcm256 => opened(&AES_256_GCM, key, content),
            Self::Cbc128 => unchained(&AES_128, key, content),
            Self::Cbc256 => unchained(&AES_256, key, content),
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
            if let Some(plain) = content_key.and_then(|content_key| cipher.opened(&content_key, content)) {
                return Ok(plain);
            }
        }
    }
    Err(Error::Decryption)
}

/// Vector, text and tag, as XML-Enc lays them out.
fn opened(algorithm: &'static Algorithm, key: &[u8], content: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (vector, text) = content.split_at_checked(VECTOR)?;
    let key = LessSafeKey::new(UnboundKey::new(algorithm, key).ok()?);
    let mut buffer = Zeroizing::new(text.to_vec());
    let nonce = Nonce::try_assume_unique_for_key(vector).ok()?;
    let length = key.open_in_place(nonce, Aad::empty(), &mut buffer).ok()?.len();
    buffer.truncate(length);
    Some(buffer)
}

/// Vector and blocks, of which the last byte says how many to take off its end (XML-Enc 1.1, 5.2.1: the bytes before it may be any).
fn unchained(
    algorithm: &'static cipher::Algorithm,
    key: &[u8],
    content: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let (vector, blocks) = content.split_at_checked(BLOCK)?;
    let key = DecryptingKey::cbc(UnboundCipherKey::new(algorithm, key).ok()?).ok()?;
    let mut buffer = Zeroizing::new(blocks.to_vec());
    let vector = DecryptionContext::Iv128(FixedLength::try_from(vector).ok()?);
    let length = key.decrypt(&mut buffer, vector).ok()?.len();
    buffer.truncate(length);
    let padding = usize::from(*buffer.last()?);
    let left = buffer.len().checked_sub(padding).filter(|_| (1..=BLOCK).contains(&padding))?;
    buffer.truncate(left);
    Some(buffer)
}
