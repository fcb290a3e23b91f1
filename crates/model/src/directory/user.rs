//! A user of the identity store.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::directory::identity_store::IdentityStoreId;
use crate::fault::Fault;
use crate::id::{is_resource_uuid, referenced_id, string_id};
use crate::timestamp::Timestamp;

string_id!(
    /// A UUID, optionally behind ten hexadecimal digits and a hyphen.
    UserId,
    "user id",
    is_resource_uuid
);

impl UserId {
    /// From the id or its ARN, as every operation of the identity store takes it.
    pub fn from_reference(text: &str) -> Result<Self, Fault> {
        Self::parse(referenced_id(text, "user")?)
    }

    /// What stands before the id in its ARN.
    pub const ARN: &'static str = "arn:aws:identitystore:::user/";

    /// `arn:aws:identitystore:::user/<id>`
    pub fn arn(&self) -> String {
        [Self::ARN, self.as_str()].concat()
    }
}

/// Whether a user may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UserStatus {
    /// May sign in.
    Enabled,
    /// May not; sessions and tokens are dead.
    Disabled,
}

impl UserStatus {
    /// The wire word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "ENABLED",
            Self::Disabled => "DISABLED",
        }
    }

    /// From the wire word.
    pub fn parse(value: &str) -> Option<Self> {
        [Self::Enabled, Self::Disabled].into_iter().find(|status| status.as_str() == value)
    }
}

/// An identifier that another system gave the user or group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ExternalId {
    /// Who gave it, 1 to 256 characters.
    pub issuer: String,
    /// What, 1 to 256 characters.
    pub id: String,
}

/// The parts of a name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Name {
    /// As it should be displayed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formatted: Option<String>,
    /// Family name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_name: Option<String>,
    /// Given name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    /// Middle name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub middle_name: Option<String>,
    /// Prefix, such as "Dr".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub honorific_prefix: Option<String>,
    /// Suffix.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub honorific_suffix: Option<String>,
}

impl Name {
    /// The name that others see where none to display is given: the formatted one, or else given and family name. None where there is none of these.
    pub fn shown(&self) -> Option<String> {
        let parts: Vec<&str> =
            [&self.given_name, &self.family_name].into_iter().flatten().map(String::as_str).collect();
        self.formatted.clone().or_else(|| (!parts.is_empty()).then(|| parts.join(" ")))
    }
}

/// A value with a type and a primary mark: e-mail addresses, phone numbers, roles.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct TypedValue {
    /// The value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Its type, such as "work".
    #[serde(skip_serializing_if = "Option::is_none", rename = "Type")]
    pub kind: Option<String>,
    /// Whether it is the primary one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub primary: bool,
}

/// Of an attribute with several values, what stands around the one that AWS's API knows: it has one value of each, and no name to display for it.
/// Values are JSON objects under the wire's member names.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct OtherValues {
    /// Those that were given before it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<Value>,
    /// Those that were given after it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<Value>,
    /// What people read in place of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display: Option<String>,
}

impl OtherValues {
    /// The other values.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.before.iter().chain(&self.after)
    }
}

/// Everything about a user that a caller may set.
///
/// `attributes` holds what has no rule of its own (NickName, Title, Addresses, Photos, …) as the JSON object of the identity
/// store's own member names, so that it travels unchanged.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UserProfile {
    /// The sign-in name, unique without regard to case.
    pub user_name: String,
    /// Required by the service, though not by its model.
    pub display_name: String,
    /// Parts of the name.
    pub name: Name,
    /// At most one; unique without regard to case when primary.
    pub emails: Vec<TypedValue>,
    /// What an identity provider said beside the one value that AWS's API knows, by attribute (`Emails`).
    pub others: BTreeMap<String, OtherValues>,
    /// All other members, by their wire names.
    pub attributes: serde_json::Map<String, Value>,
    /// Extensions by schema (`aws:identitystore:enterprise`).
    pub extensions: BTreeMap<String, Value>,
}

impl UserProfile {
    /// The address that identifies the user, if there is one: the only one, or the primary.
    pub fn primary_email(&self) -> Option<&str> {
        self.emails.iter().find(|email| email.primary).or_else(|| self.emails.first())?.value.as_deref()
    }

    /// The addresses besides: nothing is sent there, and nobody signs in by them.
    pub fn other_emails(&self) -> impl Iterator<Item = &str> {
        let others = self.others.get("Emails").into_iter().flat_map(OtherValues::values);
        others.filter_map(|email| email.get("Value")?.as_str())
    }
}

/// A user.
#[derive(Debug, Clone, PartialEq)]
pub struct User {
    /// The id.
    pub id: UserId,
    /// The store.
    pub identity_store_id: IdentityStoreId,
    /// What callers set.
    pub profile: UserProfile,
    /// Whether the user may sign in.
    pub status: UserStatus,
    /// Identifiers given by others.
    pub external_ids: Vec<ExternalId>,
    /// Counts up with every change; opaque to callers.
    pub revision: i64,
    /// When made.
    pub created_at: Timestamp,
    /// By whom (an ARN).
    pub created_by: String,
    /// When last changed.
    pub updated_at: Timestamp,
    /// By whom (an ARN).
    pub updated_by: String,
}
