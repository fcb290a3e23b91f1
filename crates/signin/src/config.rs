//! What sign-in knows of the server it runs in: which directory, under which address, by which start URLs.

use model::directory::identity_store::IdentityStoreId;
use model::instances::instance::Instance;
use model::secret::Secret;

use crate::page_host;
use crate::start_urls::StartUrls;

/// The settings of sign-in.
#[derive(Debug, Clone)]
pub struct Config {
    /// The directory whose users sign in.
    pub identity_store_id: IdentityStoreId,
    /// Scheme, host and port under which programs reach the server, without a slash at the end.
    pub endpoint: String,
    /// The same for people: where the pages are. See [`crate::page_host`].
    pub portal_base_url: String,
    /// The start URLs that mean this instance.
    pub start_urls: StartUrls,
    /// Whether letters are delivered.
    pub mails: bool,
}

impl Config {
    /// The settings of `instance`, reached at `public_url`, with start URLs beside the usual ones.
    pub fn new(instance: &Instance, public_url: &str, aliases: &[String]) -> Self {
        let endpoint = public_url.trim_end_matches('/').to_owned();
        let portal_base_url = page_host::base_url(&endpoint);
        Self {
            identity_store_id: instance.identity_store_id.clone(),
            start_urls: StartUrls::new(instance, &[&endpoint, &portal_base_url], aliases),
            endpoint,
            portal_base_url,
            mails: false,
        }
    }

    /// The same where letters are delivered, or are not.
    #[must_use]
    pub fn with_mails(self, mails: bool) -> Self {
        Self { mails, ..self }
    }

    /// The address of the AWS access portal.
    pub fn portal_url(&self) -> String {
        format!("{}/start", self.portal_base_url)
    }

    /// The page where a person types a user code.
    pub fn device_url(&self) -> String {
        format!("{}/device", self.portal_base_url)
    }

    /// The page where a client sends a browser for a code. AWS CLI builds the address itself, on the host of the API: there the page leads here.
    pub fn authorization_endpoint(&self) -> String {
        format!("{}/authorize", self.portal_base_url)
    }

    /// The page that an invitation opens. A token is letters, digits, hyphens and underscores.
    pub(crate) fn invitation_url(&self, token: &Secret) -> Secret {
        Secret::new(format!("{}/invitation?token={}", self.portal_base_url, token.expose()))
    }

    /// Where CreateToken is.
    pub fn token_endpoint(&self) -> String {
        format!("{}/token", self.endpoint)
    }

    /// Where tokens of `aws login` are, by each address that programs reach the server under: what their proofs of possession are made for.
    pub(crate) fn login_token_urls(&self) -> Vec<String> {
        self.on_each_base("/v1/token")
    }

    /// Where AWS CLI says that it is shown the code of `aws login --remote`. Nothing is ever sent there.
    pub(crate) fn login_confirmations(&self) -> Vec<String> {
        self.on_each_base("/v1/sessions/confirmation")
    }

    fn on_each_base(&self, path: &str) -> Vec<String> {
        let mut urls = vec![format!("{}{path}", self.endpoint), format!("{}{path}", self.portal_base_url)];
        urls.dedup();
        urls
    }

    /// The issuer identifier that goes with codes (RFC 9207).
    pub fn issuer(&self) -> &str {
        &self.endpoint
    }

    /// Whether a page that was asked for at `authority` (a `Host` header) is on a host where no page may be.
    pub fn is_misplaced(&self, authority: &str) -> bool {
        page_host::is_misplaced(&self.page_host(), authority)
    }

    /// The host name of the pages.
    pub fn page_host(&self) -> String {
        page_host::of_url(&self.portal_base_url)
    }
}
