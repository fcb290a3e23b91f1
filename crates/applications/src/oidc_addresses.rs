//! Where an application that speaks OpenID Connect finds us: an issuer of its own for each ([decision 0020](../../../docs/decisions/0020-openid-connect-issuers.md)), with
//! everything below it. Knows no page.

use model::applications::application::ApplicationId;

/// Below which address people and programs reach us.
#[derive(Debug, Clone)]
pub struct OidcAddresses {
    /// Scheme, host and port of the pages, without a slash at the end.
    pub base_url: String,
    /// The host name of the pages: nobody is sent to a program that listens there.
    pub page_host: String,
}

impl OidcAddresses {
    /// Who we are to an application.
    pub fn issuer(&self, id: &ApplicationId) -> String {
        format!("{}/oauth2/{id}", self.base_url)
    }

    /// Where it asks for tokens.
    pub fn token_endpoint(&self, id: &ApplicationId) -> String {
        self.below(id, "token")
    }

    /// Any of the others.
    pub(crate) fn below(&self, id: &ApplicationId, what: &str) -> String {
        format!("{}/{what}", self.issuer(id))
    }

    /// Where its people type codes that devices show: one page for all.
    pub(crate) fn device_page(&self) -> String {
        format!("{}/device", self.base_url)
    }

    /// What we say of ourselves.
    pub fn discovery(&self, id: &ApplicationId) -> String {
        self.below(id, ".well-known/openid-configuration")
    }
}
