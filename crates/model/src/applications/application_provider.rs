//! The id of an application provider: what kind of application one is.

use crate::id::string_id;

string_id!(
    /// The last part of a provider's ARN: letters, digits, hyphens and slashes.
    ApplicationProviderId,
    "application provider id",
    |value: &str| {
        (1..=PROVIDER_ID_MAX).contains(&value.len())
            && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'/')
    }
);

/// What stands before the id in a provider's ARN.
const ARN: &str = "arn:aws:sso::aws:applicationProvider/";
/// What is left of the model's 1,224 characters of an ARN.
const PROVIDER_ID_MAX: usize = 1_224 - ARN.len();

impl ApplicationProviderId {
    /// `arn:aws:sso::aws:applicationProvider/<id>`
    pub fn arn(&self) -> String {
        [ARN, self.as_str()].concat()
    }

    /// Every provider, where a call names none.
    pub fn every() -> String {
        [ARN, "*"].concat()
    }

    /// From a provider's ARN; `None` when it is not one.
    pub fn from_arn(arn: &str) -> Option<Self> {
        Self::parse(arn.strip_prefix(ARN)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_is_named_by_its_arn() {
        let id =
            ApplicationProviderId::from_arn("arn:aws:sso::aws:applicationProvider/catalog/Jira").unwrap();
        assert_eq!(
            (id.as_str(), id.arn().as_str()),
            ("catalog/Jira", "arn:aws:sso::aws:applicationProvider/catalog/Jira")
        );
        for bad in
            ["custom", "arn:aws:sso::aws:applicationProvider/", "arn:aws:sso::aws:applicationProvider/a b"]
        {
            assert!(ApplicationProviderId::from_arn(bad).is_none(), "{bad}");
        }
    }
}
