//! The namespaces and algorithm names of SAML 2.0, XML-DSig and XML-Enc that this crate reads and writes. No other is accepted.

/// `samlp`
pub(crate) const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
/// `saml`
pub(crate) const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
/// `md`
pub(crate) const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
/// `ds`
pub(crate) const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
/// Exclusive canonicalisation without comments: the algorithm and the namespace of `InclusiveNamespaces` alike.
pub(crate) const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
/// The enveloped-signature transform.
pub(crate) const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
/// A subject that whoever holds the message may claim.
pub(crate) const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
/// `xenc`
pub(crate) const XENC: &str = "http://www.w3.org/2001/04/xmlenc#";
/// `xenc11`
pub(crate) const XENC11: &str = "http://www.w3.org/2009/xmlenc11#";
/// What was encrypted is an element.
pub(crate) const ELEMENT: &str = "http://www.w3.org/2001/04/xmlenc#Element";
/// An address that names an EncryptedKey.
pub(crate) const ENCRYPTED_KEY: &str = "http://www.w3.org/2001/04/xmlenc#EncryptedKey";
/// AES in Galois/Counter Mode, 128 bits.
pub(crate) const AES128_CBC: &str = "http://www.w3.org/2001/04/xmlenc#aes128-cbc";
pub(crate) const AES256_CBC: &str = "http://www.w3.org/2001/04/xmlenc#aes256-cbc";
pub(crate) const AES128_GCM: &str = "http://www.w3.org/2009/xmlenc11#aes128-gcm";
/// … 192 bits.
pub(crate) const AES192_GCM: &str = "http://www.w3.org/2009/xmlenc11#aes192-gcm";
/// … 256 bits.
pub(crate) const AES256_GCM: &str = "http://www.w3.org/2009/xmlenc11#aes256-gcm";
/// RSA-OAEP whose mask is always made with SHA-1.
pub(crate) const RSA_OAEP_MGF1P: &str = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p";
/// RSA-OAEP that says how its mask is made.
pub(crate) const RSA_OAEP: &str = "http://www.w3.org/2009/xmlenc11#rsa-oaep";
/// A mask made with SHA-1.
pub(crate) const MGF1_SHA1: &str = "http://www.w3.org/2009/xmlenc11#mgf1sha1";
/// A mask made with SHA-256.
pub(crate) const MGF1_SHA256: &str = "http://www.w3.org/2009/xmlenc11#mgf1sha256";
/// What packs a message in a query string (SAML bindings 3.4.4.1).
pub(crate) const DEFLATE: &str = "urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE";
/// RSASSA-PKCS1-v1_5 with SHA-1: for those who are allowed it.
pub(crate) const RSA_SHA1: &str = "http://www.w3.org/2000/09/xmldsig#rsa-sha1";
/// … with SHA-256.
pub(crate) const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
/// … with SHA-384.
pub(crate) const RSA_SHA384: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384";
/// … with SHA-512.
pub(crate) const RSA_SHA512: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512";
/// ECDSA with SHA-256, here on P-256.
pub(crate) const ECDSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
/// ECDSA with SHA-384, here on P-384.
pub(crate) const ECDSA_SHA384: &str = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384";
/// Digest: of a signature for those who are allowed it; within RSA-OAEP nothing hangs on its collisions.
pub(crate) const SHA1: &str = "http://www.w3.org/2000/09/xmldsig#sha1";
/// Digest.
pub(crate) const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
/// Digest; not in `xmlenc`.
pub(crate) const SHA384: &str = "http://www.w3.org/2001/04/xmldsig-more#sha384";
/// Digest.
pub(crate) const SHA512: &str = "http://www.w3.org/2001/04/xmlenc#sha512";
