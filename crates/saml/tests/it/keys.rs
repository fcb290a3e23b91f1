//! Keys and certificates of a test.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use rcgen::{
    CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_RSA_SHA256,
    PublicKeyData as _, RsaKeySize,
};
use saml::decryption::DecryptionKey;
use saml::key::{PublicKey, SigningKey};

/// A private key and its self-signed certificate.
pub(crate) struct Key {
    pair: KeyPair,
    certificate: rcgen::Certificate,
}

impl Key {
    fn of(pair: KeyPair) -> Self {
        let certificate = CertificateParams::new(Vec::new()).unwrap().self_signed(&pair).unwrap();
        Self { pair, certificate }
    }

    pub(crate) fn p256() -> Self {
        Self::of(KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap())
    }

    pub(crate) fn p384() -> Self {
        Self::of(KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap())
    }

    pub(crate) fn rsa() -> Self {
        Self::of(KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap())
    }

    pub(crate) fn signing(&self) -> SigningKey {
        SigningKey::new(&self.pair.serialize_der(), self.certificate.der()).unwrap()
    }

    pub(crate) fn signing_with_sha1(&self) -> SigningKey {
        SigningKey::insisting_on_sha1(&self.pair.serialize_der(), self.certificate.der()).unwrap()
    }

    /// To open what was encrypted for it.
    pub(crate) fn decryption(&self) -> DecryptionKey {
        DecryptionKey::new(&self.pair.serialize_der(), self.certificate.der()).unwrap()
    }

    /// What other products write of octets with an RSA key.
    pub(crate) fn rsa_sha256(&self, octets: &str) -> Vec<u8> {
        let pair = RsaKeyPair::from_pkcs8(&self.pkcs8()).unwrap();
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), octets.as_bytes(), &mut signature).unwrap();
        signature
    }

    /// What Java writes of octets with a key on P-256.
    pub(crate) fn ecdsa_sha256_der(&self, octets: &str) -> Vec<u8> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &self.pkcs8()).unwrap();
        pair.sign(&SystemRandom::new(), octets.as_bytes()).unwrap().as_ref().to_vec()
    }

    pub(crate) fn public(&self) -> PublicKey {
        PublicKey::from_certificate(self.certificate.der()).unwrap()
    }

    /// The private key in DER.
    pub(crate) fn pkcs8(&self) -> Vec<u8> {
        self.pair.serialize_der()
    }

    /// The private key as a PEM file holds it.
    pub(crate) fn private_pem(&self) -> String {
        self.pair.serialize_pem()
    }

    /// The certificate as a PEM file holds it.
    pub(crate) fn certificate_pem(&self) -> String {
        self.certificate.pem()
    }

    /// The SubjectPublicKeyInfo.
    pub(crate) fn spki(&self) -> Vec<u8> {
        self.pair.subject_public_key_info()
    }
}
