//! OpenID Connect providers of IAM: whose tokens the roles of an account may trust.

use crate::accounts::account::AccountId;
use crate::timestamp::Timestamp;

/// A provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcProvider {
    /// Its account.
    pub account_id: AccountId,
    /// Its address, as its tokens have it in `iss`: 255 characters at most.
    pub url: String,
    /// For whom its tokens must be made: one of these must be in `aud`.
    pub client_ids: Vec<String>,
    /// SHA-1 of certificates, 40 hexadecimal digits each, as they were given.
    pub thumbprints: Vec<String>,
    /// When made.
    pub created_at: Timestamp,
}

/// An address without its scheme: what condition keys and the ARN begin with.
pub fn name(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, name)| name)
}

/// `arn:aws:iam::<account>:oidc-provider/<address without its scheme>`
pub fn arn(account: &AccountId, name: &str) -> String {
    format!("arn:aws:iam::{account}:oidc-provider/{name}")
}

/// The account and the name of a provider's ARN.
pub fn parse_arn(arn: &str) -> Option<(AccountId, &str)> {
    let (account, name) = arn.strip_prefix("arn:aws:iam::")?.split_once(":oidc-provider/")?;
    Some((AccountId::parse(account).ok()?, name))
}

impl OidcProvider {
    /// Its address without the scheme.
    pub fn name(&self) -> &str {
        name(&self.url)
    }

    /// Its ARN.
    pub fn arn(&self) -> String {
        arn(&self.account_id, self.name())
    }
}
