//! RSA signatures with SHA-1, for a receiver that verifies nothing else. aws-lc-rs verifies such and makes none, so the key works in `rsa`, which is in the tree by
//! `webauthn-rs` anyway; the digest is aws-lc-rs's. Nothing else is signed here, and nothing is verified.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use aws_lc_rs::error::Unspecified;
use rsa::pkcs8::DecodePrivateKey;
use rsa::rand_core::{TryCryptoRng, TryRng};
use rsa::traits::SignatureScheme;
use rsa::{Pkcs1v15Sign, RsaPrivateKey};

use crate::error::Error;

/// What stands before a digest of SHA-1 within the padding (RFC 8017 9.2, note 1).
const DIGEST_INFO: [u8; 15] =
    [0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14];

/// An RSA key that signs so. It has no `Debug`.
pub(crate) struct Sha1Key(Box<RsaPrivateKey>);

impl Sha1Key {
    /// From PKCS#8 in DER.
    pub(crate) fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, Error> {
        let key = RsaPrivateKey::from_pkcs8_der(pkcs8);
        key.map(|key| Self(Box::new(key)))
            .map_err(|_| Error::Key("no RSA key in PKCS#8: no other signs with SHA-1"))
    }

    /// Signs.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let mut encoded = DIGEST_INFO.to_vec();
        encoded.extend(digest(&SHA1_FOR_LEGACY_USE_ONLY, message).as_ref());
        // With a generator it works on a number that nobody else knows: how long it takes says nothing of the key.
        Pkcs1v15Sign::new_unprefixed()
            .sign(Some(&mut Random), &self.0, &encoded)
            .map_err(|_| Error::Key("signing with SHA-1 failed"))
    }
}

/// The one source of random bytes, as `rsa` asks for them.
struct Random;

impl TryRng for Random {
    type Error = Unspecified;

    fn try_next_u32(&mut self) -> Result<u32, Unspecified> {
        let mut bytes = [0; 4];
        aws_lc_rs::rand::fill(&mut bytes).map(|()| u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Unspecified> {
        let mut bytes = [0; 8];
        aws_lc_rs::rand::fill(&mut bytes).map(|()| u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, into: &mut [u8]) -> Result<(), Unspecified> {
        aws_lc_rs::rand::fill(into)
    }
}

impl TryCryptoRng for Random {}
