//! What sign-in knows of the server it runs in: which directory, under which address, by which start URLs.

use model::identity_store::IdentityStoreId;
use model::instance::Instance;

use crate::start_urls::StartUrls;

/// The settings of sign-in.
#[derive(Debug, Clone)]
pub struct Config {
    /// The directory whose users sign in.
    pub identity_store_id: IdentityStoreId,
    /// Scheme, host and port under which people reach the server, without a slash at the end.
    pub portal_base_url: String,
    /// The start URLs that mean this instance.
    pub start_urls: StartUrls,
}

impl Config {
    /// The settings of `instance`, reached at `public_url`, with start URLs beside the usual ones.
    pub fn new(instance: &Instance, public_url: &str, aliases: &[String]) -> Self {
        let base = public_url.trim_end_matches('/').to_owned();
        Self {
            identity_store_id: instance.identity_store_id.clone(),
            start_urls: StartUrls::new(instance, &base, aliases),
            portal_base_url: base,
        }
    }

    /// The address of the AWS access portal.
    pub fn portal_url(&self) -> String {
        format!("{}/start", self.portal_base_url)
    }

    /// The page where a person types a user code.
    pub fn device_url(&self) -> String {
        format!("{}/device", self.portal_base_url)
    }

    /// The page where a client sends a browser for a code. On the same host as the API: AWS CLI builds the address itself.
    pub fn authorization_endpoint(&self) -> String {
        format!("{}/authorize", self.portal_base_url)
    }

    /// Where CreateToken is.
    pub fn token_endpoint(&self) -> String {
        format!("{}/token", self.portal_base_url)
    }

    /// The issuer identifier that goes with codes (RFC 9207).
    pub fn issuer(&self) -> &str {
        &self.portal_base_url
    }
}
