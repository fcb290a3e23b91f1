//! The one list of signature and digest algorithms, and which of them count. A message never widens it: SHA-1 counts only where whoever
//! configures the sender allowed it. Knows no key and no message.

use aws_lc_rs::digest;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA384_FIXED,
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, VerificationAlgorithm,
};

use crate::error::Error;
use crate::names;

/// Which algorithms of a sender count. By default those of the SHA-2 family alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Accepted {
    sha1: bool,
    cbc: bool,
}

impl Accepted {
    /// With SHA-1 beside the others, or without. Collisions of SHA-1 are affordable: allow it for one sender that cannot do better, for
    /// as long as that is so. It widens to RSA signatures and digests; ECDSA with SHA-1 is in nobody's way and stays out.
    #[must_use]
    pub const fn with_sha1(allowed: bool) -> Self {
        Self { sha1: allowed, cbc: false }
    }

    /// With content encrypted by AES-CBC beside AES-GCM, or without: of a Response that is signed around it alone, so that nobody but the sender has it
    /// decrypted ("How to Break XML Encryption", Jager and Somorovsky 2011, wants one who answers for altered texts).
    #[must_use]
    pub const fn and_cbc(self, allowed: bool) -> Self {
        Self { cbc: allowed, ..self }
    }

    /// Whether AES-CBC counts.
    pub(crate) const fn has_cbc(self) -> bool {
        self.cbc
    }
}

/// The accepted signature algorithms. Each is bound to its kind of key: the message cannot pick another reading of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    RsaSha1,
    RsaSha256,
    RsaSha384,
    RsaSha512,
    EcdsaSha256,
    EcdsaSha384,
}

impl Algorithm {
    /// By its URI.
    pub(crate) fn find(uri: &str, accepted: Accepted) -> Result<Self, Error> {
        match uri {
            names::RSA_SHA256 => Ok(Self::RsaSha256),
            names::RSA_SHA384 => Ok(Self::RsaSha384),
            names::RSA_SHA512 => Ok(Self::RsaSha512),
            names::ECDSA_SHA256 => Ok(Self::EcdsaSha256),
            names::ECDSA_SHA384 => Ok(Self::EcdsaSha384),
            names::RSA_SHA1 if accepted.sha1 => Ok(Self::RsaSha1),
            other => Err(refused(other)),
        }
    }

    /// XML-DSig writes an ECDSA signature as `r ‖ s`, not in DER (RFC 4050 3.3).
    pub(crate) fn verification(self) -> &'static dyn VerificationAlgorithm {
        match self {
            Self::RsaSha1 => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
            Self::RsaSha256 => &RSA_PKCS1_2048_8192_SHA256,
            Self::RsaSha384 => &RSA_PKCS1_2048_8192_SHA384,
            Self::RsaSha512 => &RSA_PKCS1_2048_8192_SHA512,
            Self::EcdsaSha256 => &ECDSA_P256_SHA256_FIXED,
            Self::EcdsaSha384 => &ECDSA_P384_SHA384_FIXED,
        }
    }

    /// The same with an ECDSA signature in DER, if it is one of ECDSA.
    pub(crate) fn verification_of_der(self) -> Option<&'static dyn VerificationAlgorithm> {
        match self {
            Self::EcdsaSha256 => Some(&ECDSA_P256_SHA256_ASN1),
            Self::EcdsaSha384 => Some(&ECDSA_P384_SHA384_ASN1),
            Self::RsaSha1 | Self::RsaSha256 | Self::RsaSha384 | Self::RsaSha512 => None,
        }
    }
}

/// A digest of what a signature covers, by its URI.
pub(crate) fn digest(uri: &str, accepted: Accepted) -> Result<&'static digest::Algorithm, Error> {
    match uri {
        names::SHA256 => Ok(&digest::SHA256),
        names::SHA384 => Ok(&digest::SHA384),
        names::SHA512 => Ok(&digest::SHA512),
        names::SHA1 if accepted.sha1 => Ok(&digest::SHA1_FOR_LEGACY_USE_ONLY),
        other => Err(refused(other)),
    }
}

/// An algorithm that does not count, by a name that may be as long as a message.
pub(crate) fn refused(name: &str) -> Error {
    Error::Algorithm(name.chars().take(300).collect())
}
