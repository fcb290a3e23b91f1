//! A certificate by which an application knows what is said to it.

use crate::applications::saml_application::CertificateKey;
use crate::timestamp::Timestamp;

/// Such a certificate, without its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SamlCertificate {
    /// SHA-256 of its DER, hexadecimal.
    pub id: String,
    /// Whether its key signs.
    pub is_active: bool,
    /// What its key is.
    pub key: CertificateKey,
    /// X.509, DER.
    pub der: Vec<u8>,
    /// Until when it is valid.
    pub not_after: Timestamp,
    /// When made.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
}
