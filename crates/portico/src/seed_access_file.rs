//! What a seed says of permission sets and who has them where: only its shape, as in `seed_file.rs`.

use model::instances::tag::Tags;
use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A permission set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PermissionSet {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    pub(crate) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) session_duration: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) relay_state: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) managed_policies: Vec<ManagedPolicyArn>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) customer_managed_policies: Vec<CustomerManagedPolicy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) inline_policy: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) permissions_boundary: Option<Boundary>,
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub(crate) tags: Tags,
}

/// The ARN of an AWS managed policy that can be attached: looked up as it is read, so that an error names it and the line where its list begins.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct ManagedPolicyArn(pub(crate) String);

impl ManagedPolicyArn {
    /// From its text; the sentence says what is wrong with it.
    pub(crate) fn read(arn: String) -> Result<Self, String> {
        match policy::managed::attachable(&arn) {
            Ok(_) => Ok(Self(arn)),
            Err(missing) => Err(missing.sentence(&arn)),
        }
    }
}

impl<'de> Deserialize<'de> for ManagedPolicyArn {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::read(String::deserialize(from)?).map_err(D::Error::custom)
    }
}

/// A policy that accounts have themselves, by name and path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct CustomerManagedPolicy {
    pub(crate) name: String,
    pub(crate) path: String,
}

impl<'de> Deserialize<'de> for CustomerManagedPolicy {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        struct Given {
            name: String,
            path: Option<String>,
        }
        let Given { name, path } = Given::deserialize(from)?;
        let path = path.unwrap_or_else(|| "/".to_owned());
        let is_word =
            |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte));
        if !(1..=128).contains(&name.len()) || !is_word(&name) {
            return Err(D::Error::custom(format!(
                "customer managed policy '{name}': a name has 1 to 128 of letters, digits and _+=,.@-"
            )));
        }
        if path.len() > 512
            || !path.starts_with('/')
            || !path.ends_with('/')
            || path.contains("//")
            || !path.split('/').all(is_word)
        {
            return Err(D::Error::custom(format!(
                "customer managed policy '{name}': the path '{path}' must be / or look like /a/b/, with 512 characters at most"
            )));
        }
        Ok(Self { name, path })
    }
}

/// The bound of what a permission set allows. Exactly one of the two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Boundary {
    /// An AWS managed policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) managed_policy: Option<ManagedPolicyArn>,
    /// A policy of the account's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) customer_managed_policy: Option<CustomerManagedPolicy>,
}

/// Who may use which permission set in which accounts: a group or a user, accounts by name or id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Assignment {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) group: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user: Option<String>,
    pub(crate) permission_set: String,
    pub(crate) accounts: Vec<String>,
}
