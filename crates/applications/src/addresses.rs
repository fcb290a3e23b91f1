//! Where an application that speaks SAML finds us: one set of addresses for each, as AWS forms them (aws-capabilities 2.6). Knows no page.

use model::applications::application::ApplicationId;

/// Under which address people reach us.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// Scheme, host and port of the pages, without a slash at the end.
    pub base_url: String,
}

impl Addresses {
    /// Who we are to an application, and where it asks for a sign-in: AWS has one text for both.
    pub fn sign_in(&self, id: &ApplicationId) -> String {
        format!("{}/saml/assertion/{id}", self.base_url)
    }

    /// Where it asks for a sign-out, and answers.
    pub fn sign_out(&self, id: &ApplicationId) -> String {
        format!("{}/saml/logout/{id}", self.base_url)
    }

    /// What we say of ourselves.
    pub fn metadata(&self, id: &ApplicationId) -> String {
        format!("{}/saml/metadata/{id}", self.base_url)
    }

    /// Where somebody sees what it would be told of them.
    pub fn test(&self, id: &ApplicationId) -> String {
        format!("{}/start/application/test?id={id}", self.base_url)
    }

    /// Where a sign-in begins that nobody asked for.
    pub fn start(&self, id: &ApplicationId) -> String {
        format!("{}/start/application?id={id}", self.base_url)
    }
}
