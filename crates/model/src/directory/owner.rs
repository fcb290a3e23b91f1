//! Who owns a user or group: the source that brought it, by which alone it is changed. What nobody owns was made here, and is changed here.

use crate::sources::provisioning_tenant::TenantId;
use crate::timestamp::Timestamp;

/// Users that one call hands over at most, and groups.
pub const HANDED_OVER_MAX: usize = 100;

/// An owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// What external ids that it gives have as their issuer.
    pub source: String,
    /// Since when.
    pub since: Timestamp,
    /// When an administrator disabled the person, whom the source does not let in again then.
    pub disabled_here_at: Option<Timestamp>,
}

impl Owner {
    /// The provisioning tenant that it is, if it is one.
    pub fn tenant(&self) -> Option<TenantId> {
        let rest = self.source.strip_prefix("https://scim.")?.strip_suffix("/scim/v2")?;
        let (_, tenant) = rest.split_once(".amazonaws.com/")?;
        TenantId::parse(tenant).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_is_known_by_its_issuer() {
        let tenant = TenantId::parse("11111111111-2222-3333-4444-555555555555").unwrap();
        let owner = |source: &str| Owner {
            source: source.to_owned(),
            since: Timestamp::from_micros(1),
            disabled_here_at: None,
        };
        assert_eq!(owner(&tenant.issuer("eu-central-1")).tenant(), Some(tenant));
        for other in ["", "https://idp.example/metadata", "https://scim.x.amazonaws.com/y/scim/v2"] {
            assert_eq!(owner(other).tenant(), None, "{other}");
        }
    }
}
