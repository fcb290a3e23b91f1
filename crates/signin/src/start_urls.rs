//! Start URLs: the names by which clients call the instance. AWS CLI from 2.35.13 takes only AWS-looking ones, so the instance
//! answers to several (aws-capabilities §2.2, §5.2).

use std::collections::BTreeSet;

use model::fault::{Fault, OAuthError};
use model::instances::instance::Instance;

/// The accepted start URLs, normalised.
#[derive(Debug, Clone)]
pub struct StartUrls {
    nominal: String,
    accepted: BTreeSet<String>,
}

impl StartUrls {
    /// Those of `instance` reached at `base_urls`, and `aliases`.
    pub fn new(instance: &Instance, base_urls: &[&str], aliases: &[String]) -> Self {
        let (id, region) = (instance.id.as_str(), instance.region.as_str());
        let nominal = format!("https://{}.awsapps.com/start", instance.identity_store_id);
        let own = [
            nominal.clone(),
            format!("https://{id}.portal.{region}.app.aws"),
            format!("https://{id}.{region}.portal.amazonaws.com"),
            format!("https://identitycenter.amazonaws.com/{id}"),
        ];
        let reached: Vec<String> = base_urls.iter().map(|base| format!("{base}/start")).collect();
        let accepted = own.iter().chain(&reached).chain(aliases).map(|url| normalise(url)).collect();
        Self { nominal, accepted }
    }

    /// The name that every AWS client accepts: `https://d-….awsapps.com/start`.
    pub fn nominal(&self) -> &str {
        &self.nominal
    }

    /// Whether `url` means this instance.
    pub fn contains(&self, url: &str) -> bool {
        self.accepted.contains(&normalise(url))
    }

    /// Refuses a `url` in the input `field` that does not mean this instance.
    pub fn require(&self, field: &str, url: &str) -> Result<(), Fault> {
        if self.contains(url) {
            return Ok(());
        }
        let message = format!("{field} is not a start URL of this instance; use {}", self.nominal);
        Err(Fault::oauth(OAuthError::InvalidRequest, message))
    }
}

/// Scheme and host in lower case, no default port, no fragment (`/#/` is the portal's own router), no slash at the end. Nothing
/// else is forgiven: a query or user information makes another URL.
fn normalise(url: &str) -> String {
    let url = url.split('#').next().unwrap_or_default();
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let scheme = scheme.to_ascii_lowercase();
    let authority = authority.to_ascii_lowercase();
    let default_port = if scheme == "https" { ":443" } else { ":80" };
    let authority = authority.strip_suffix(default_port).unwrap_or(&authority);
    format!("{scheme}://{authority}{}", path.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use model::accounts::account::AccountId;
    use model::directory::identity_store::IdentityStoreId;
    use model::instances::instance::InstanceId;
    use model::timestamp::Timestamp;

    use super::*;

    fn urls() -> StartUrls {
        let instance = Instance {
            id: InstanceId::trusted("ssoins-1234567890abcdef"),
            owner: AccountId::trusted("111122223333"),
            identity_store_id: IdentityStoreId::trusted("d-1234567890"),
            name: None,
            region: "us-east-1".to_owned(),
            created_at: Timestamp::default(),
        };
        StartUrls::new(&instance, &["http://127.0.0.1:8765"], &["https://SSO.acme.example/start/".to_owned()])
    }

    #[test]
    fn every_name_of_the_instance_is_accepted() {
        for url in [
            "https://d-1234567890.awsapps.com/start",
            "https://D-1234567890.AWSAPPS.com/start/",
            "https://d-1234567890.awsapps.com/start/#/",
            "https://d-1234567890.awsapps.com/start#/?tab=accounts",
            "https://d-1234567890.awsapps.com:443/start",
            "https://ssoins-1234567890abcdef.portal.us-east-1.app.aws",
            "https://ssoins-1234567890abcdef.portal.us-east-1.app.aws/",
            "https://ssoins-1234567890abcdef.us-east-1.portal.amazonaws.com",
            "https://identitycenter.amazonaws.com/ssoins-1234567890abcdef",
            "http://127.0.0.1:8765/start",
            "https://sso.acme.example/start",
        ] {
            assert!(urls().contains(url), "{url}");
        }
    }

    #[test]
    fn another_instance_is_refused() {
        for url in [
            "",
            "start",
            "https://d-1234567891.awsapps.com/start",
            "https://d-1234567890.awsapps.com/",
            "https://d-1234567890.awsapps.com/START",
            "https://d-1234567890.awsapps.com/start?x=1",
            "http://d-1234567890.awsapps.com/start",
            "https://d-1234567890.awsapps.com@evil.example/start",
            "https://evil.example/https://d-1234567890.awsapps.com/start",
            "https://ssoins-1234567890abcdef.portal.eu-west-1.app.aws",
            "http://127.0.0.1:8766/start",
        ] {
            let fault = urls().require("startUrl", url).unwrap_err();
            assert!(fault.message().contains("https://d-1234567890.awsapps.com/start"), "{url}");
        }
    }
}
