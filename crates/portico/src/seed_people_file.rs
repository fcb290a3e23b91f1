//! What a seed says of people and groups: only its shape, as in `seed_file.rs`. The directory says what the values may be.

use std::collections::BTreeMap;

use model::secret::Secret;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A person.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct User {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    pub(crate) user_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) display_name: Option<String>,
    #[serde(default, skip_serializing_if = "Name::is_empty")]
    pub(crate) name: Name,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) emails: Vec<TypedText>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) phone_numbers: Vec<TypedText>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) addresses: Vec<Address>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) roles: Vec<TypedText>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) photos: Vec<Photo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) nick_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) profile_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) preferred_language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) locale: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) timezone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) website: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) birthdate: Option<String>,
    /// By schema, such as `aws:identitystore:enterprise`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) extensions: BTreeMap<String, Value>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) external_ids: Vec<ExternalId>,
    #[serde(default, skip_serializing)]
    pub(crate) password: Option<Password>,
    /// Whether they may sign in. Who is new may, unless this says no; of who is there it is only changed where this says something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) active: Option<bool>,
}

impl User {
    /// The attributes that have no rule of their own, by the names that the identity store's API gives them.
    pub(crate) fn attributes(&self) -> Result<Map<String, Value>, serde_json::Error> {
        let texts = [
            ("NickName", &self.nick_name),
            ("ProfileUrl", &self.profile_url),
            ("UserType", &self.user_type),
            ("Title", &self.title),
            ("PreferredLanguage", &self.preferred_language),
            ("Locale", &self.locale),
            ("Timezone", &self.timezone),
            ("Website", &self.website),
            ("Birthdate", &self.birthdate),
        ];
        let texts = texts.into_iter().filter_map(|(name, text)| Some((name, Value::from(text.clone()?))));
        let lists = [
            ("PhoneNumbers", serde_json::to_value(&self.phone_numbers)?),
            ("Addresses", serde_json::to_value(&self.addresses)?),
            ("Roles", serde_json::to_value(&self.roles)?),
            ("Photos", serde_json::to_value(&self.photos)?),
        ];
        let given =
            lists.into_iter().filter(|(_, list)| list.as_array().is_some_and(|list| !list.is_empty()));
        Ok(texts.chain(given).map(|(name, value)| (name.to_owned(), value)).collect())
    }
}

/// The parts of a person's name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct Name {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) given_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) family_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) middle_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) formatted: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) honorific_prefix: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) honorific_suffix: Option<String>,
}

impl Name {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// An e-mail address, a phone number or a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct TypedText {
    pub(crate) value: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) primary: bool,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<String>,
}

/// A postal address.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct Address {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) street_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) locality: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) region: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) postal_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) country: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) formatted: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) primary: bool,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<String>,
}

/// Where a picture of somebody is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Photo {
    pub(crate) value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) display: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) primary: bool,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<String>,
}

/// What another system calls a person or group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ExternalId {
    pub(crate) issuer: String,
    pub(crate) id: String,
}

/// A password: as it is typed, or its argon2id hash. Exactly one of the two.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Password {
    /// As it is typed.
    #[serde(default, deserialize_with = "secret")]
    pub(crate) plain: Option<Secret>,
    /// `$argon2id$…`
    #[serde(default, deserialize_with = "secret")]
    pub(crate) argon2: Option<Secret>,
}

fn secret<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Secret>, D::Error> {
    Option::<String>::deserialize(from).map(|text| text.map(Secret::new))
}

/// A group and who is in it, by user name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Group {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    pub(crate) display_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) external_ids: Vec<ExternalId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) members: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) member_groups: Vec<String>,
}
