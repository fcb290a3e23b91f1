//! What every page of the console may use. Cheap to clone.

use edge_aws::inside::Inside;
use edge_portal::portal::Portal;

/// What pages use.
#[derive(Debug, Clone)]
pub(crate) struct Desk {
    /// Who signs in, in what frame.
    pub(crate) portal: Portal,
    /// The operations.
    pub(crate) inside: Inside,
}

impl Desk {
    /// `arn:aws:sso:::instance/…`, which operations ask for.
    pub(crate) fn instance_arn(&self) -> String {
        self.portal.instance.id.arn()
    }

    /// The ARN of a permission set by the end of it, `ps-…`.
    pub(crate) fn permission_set_arn(&self, id: &str) -> String {
        format!("{}/{id}", self.instance_arn().replacen(":instance/", ":permissionSet/", 1))
    }

    /// `d-…`, which operations ask for.
    pub(crate) fn identity_store_id(&self) -> &str {
        self.portal.instance.identity_store_id.as_str()
    }
}
