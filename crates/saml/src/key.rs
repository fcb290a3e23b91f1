//! Keys: the public ones that a signature is held against, taken from certificates or SPKIs that the administrator gave (never from
//! the message), and the private one that signs.
//!
//! A certificate counts for the key in it alone. SAML metadata carries self-signed certificates, so its issuer and validity say nothing.

use std::fmt;

use aws_lc_rs::digest;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair as RsaKeyPair;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};

use crate::algorithm::{Accepted, Algorithm};
use crate::der::{SEQUENCE, certificate, element};
use crate::error::Error;
use crate::names;
use crate::sha1::Sha1Key;

/// A public key: its SubjectPublicKeyInfo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(Vec<u8>);

impl PublicKey {
    /// From a SubjectPublicKeyInfo in DER.
    pub fn from_spki(der: &[u8]) -> Result<Self, Error> {
        match element(der, SEQUENCE) {
            Some((_, whole, [])) => Ok(Self(whole.to_vec())),
            _ => Err(Error::Key("not a SubjectPublicKeyInfo")),
        }
    }

    /// The key of an X.509 certificate in DER.
    pub fn from_certificate(der: &[u8]) -> Result<Self, Error> {
        certificate(der).map(|parts| Self(parts.spki.to_vec())).ok_or(Error::Key("not an X.509 certificate"))
    }

    /// Whether `signature` of `message` under an algorithm of XML-DSig is this key's. A key of another kind says no.
    pub(crate) fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        self.verifies_by(algorithm.verification(), message, signature)
    }

    /// The same for a signature in a query string. There is no XML-DSig there, and Java's libraries write ECDSA in DER: both forms count.
    /// Either is made by the holder of the key alone.
    pub(crate) fn verifies_query(&self, algorithm: Algorithm, octets: &[u8], signature: &[u8]) -> bool {
        let in_der = algorithm.verification_of_der();
        self.verifies(algorithm, octets, signature)
            || in_der.is_some_and(|in_der| self.verifies_by(in_der, octets, signature))
    }

    fn verifies_by(
        &self,
        algorithm: &'static dyn VerificationAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        UnparsedPublicKey::new(algorithm, &self.0).verify(message, signature).is_ok()
    }

    /// The SubjectPublicKeyInfo in DER.
    pub fn spki(&self) -> &[u8] {
        &self.0
    }
}

/// A private key that signs, and the certificate that its messages carry.
pub struct SigningKey {
    pair: Pair,
    certificate: Vec<u8>,
}

enum Pair {
    Ecdsa(EcdsaKeyPair),
    Rsa(RsaKeyPair),
    RsaSha1(Sha1Key),
}

impl Pair {
    fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, Error> {
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8)
            .map(Self::Ecdsa)
            .or_else(|_| RsaKeyPair::from_pkcs8(pkcs8).map(Self::Rsa))
            .map_err(|_| Error::Key("neither an ECDSA P-256 nor an RSA key in PKCS#8"))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("SigningKey(…)")
    }
}

impl SigningKey {
    /// From a PKCS#8 private key (ECDSA on P-256, or RSA) and its certificate, both in DER. Another
    /// key's certificate is refused: nobody could verify what this key signs.
    pub fn new(pkcs8: &[u8], certificate: &[u8]) -> Result<Self, Error> {
        let public = PublicKey::from_certificate(certificate)?;
        let key = Self { pair: Pair::from_pkcs8(pkcs8)?, certificate: certificate.to_vec() };
        let algorithm = Algorithm::find(key.algorithm(), Accepted::default())?;
        if public.verifies(algorithm, b"proof", &key.sign(b"proof")?) {
            Ok(key)
        } else {
            Err(Error::Key("the certificate is another key's"))
        }
    }

    /// The same of a key and certificate that [`Self::new`] took before: that they belong together is not proved again, which costs a signature.
    pub fn taken_before(pkcs8: &[u8], certificate: &[u8]) -> Result<Self, Error> {
        Ok(Self { pair: Pair::from_pkcs8(pkcs8)?, certificate: certificate.to_vec() })
    }

    /// The same of an RSA key, which signs and digests with SHA-1 from now on: for a receiver that insists, once somebody has agreed to it. Collisions of SHA-1
    /// are affordable: whoever can have something of their choice signed may get a signature of something else.
    pub fn insisting_on_sha1(pkcs8: &[u8], certificate: &[u8]) -> Result<Self, Error> {
        Ok(Self { pair: Pair::RsaSha1(Sha1Key::from_pkcs8(pkcs8)?), certificate: certificate.to_vec() })
    }

    /// The certificate in DER.
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// The URI of the algorithm that this key signs with.
    pub(crate) fn algorithm(&self) -> &'static str {
        match self.pair {
            Pair::Ecdsa(_) => names::ECDSA_SHA256,
            Pair::Rsa(_) => names::RSA_SHA256,
            Pair::RsaSha1(_) => names::RSA_SHA1,
        }
    }

    /// What it digests with what it signs, and the URI of that.
    pub(crate) fn digest(&self) -> (&'static digest::Algorithm, &'static str) {
        match self.pair {
            Pair::Ecdsa(_) | Pair::Rsa(_) => (&digest::SHA256, names::SHA256),
            Pair::RsaSha1(_) => (&digest::SHA1_FOR_LEGACY_USE_ONLY, names::SHA1),
        }
    }

    /// Signs.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let failed = |_| Error::Key("signing failed");
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Ecdsa(pair) => Ok(pair.sign(&random, message).map_err(failed)?.as_ref().to_vec()),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).map_err(failed)?;
                Ok(signature)
            }
            Pair::RsaSha1(key) => key.sign(message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_or_padded_is_no_key() {
        for bad in [
            &b""[..],
            b"\x30",
            b"\x30\x80",
            b"\x30\x03\x02\x01",
            b"\x31\x00",
            b"\x30\x00\x00",
            b"\x30\x84\x00\x00\x00\x00",
        ] {
            assert!(PublicKey::from_certificate(bad).is_err(), "{bad:?}");
            assert!(PublicKey::from_spki(bad).is_err(), "{bad:?}");
        }
    }
}
