//! What an external identity provider last said of itself, as an administrator is shown it: the document is long, and what counts of it is short.

use jose::openid::discovery::Provider;
use model::fault::Fault;
use model::sources::external_idp::{ExternalIdp, Protocol};
use saml::metadata::IdpMetadata;

/// What was read.
#[derive(Debug, Clone)]
pub enum Told {
    /// From SAML metadata.
    Saml(Box<IdpMetadata>),
    /// From a discovery document.
    Oidc(Box<Provider>),
}

impl Told {
    /// Of a provider.
    pub(crate) fn of(idp: &ExternalIdp) -> Result<Self, Fault> {
        match &idp.settings.protocol {
            Protocol::Saml(_) => {
                let read = IdpMetadata::read_named(&idp.document, &idp.issuer).map_err(Fault::internal)?;
                Ok(Self::Saml(Box::new(read)))
            }
            Protocol::Oidc(_) => {
                let read = Provider::read(&idp.issuer, idp.document.as_bytes()).map_err(Fault::internal)?;
                Ok(Self::Oidc(Box::new(read)))
            }
        }
    }
}
