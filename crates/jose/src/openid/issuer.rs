//! What an issuer says of itself whose tokens are only verified (OpenID Connect Discovery §3, RFC 8414 §2): who it is, where its keys are, what it signs with.
//! Nobody signs in by it here, so that it need offer no sign-in: the issuers of workloads have no page at all.

use crate::algorithm::Algorithm;
use crate::openid::discovery::{DiscoveryError, Document, is_https};

/// An issuer, as it describes itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    /// Its name, to the letter as its tokens have it.
    pub issuer: String,
    /// Where its keys are.
    pub jwks_uri: String,
    /// What it signs with, as far as it is accepted; RS256 where it does not say.
    pub algorithms: Vec<Algorithm>,
}

impl Issuer {
    /// Reads the metadata that was got from [`address`](crate::openid::discovery::address) of `issuer`.
    pub fn read(issuer: &str, document: &[u8]) -> Result<Self, DiscoveryError> {
        let may_be_http = !is_https(issuer)?;
        let document = Document::of(issuer, document)?;
        let jwks_uri = document.optional_address("jwks_uri", may_be_http)?;
        Ok(Self {
            issuer: issuer.to_owned(),
            jwks_uri: jwks_uri.ok_or(DiscoveryError::Missing("jwks_uri"))?,
            algorithms: match document.algorithms() {
                Err(DiscoveryError::Missing(_)) => vec![Algorithm::Rs256],
                said => said?,
            },
        })
    }
}
