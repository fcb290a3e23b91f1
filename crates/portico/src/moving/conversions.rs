//! What the SDK's shapes are in a seed file. Only values: nothing is asked here.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_identitystore::types as people;
use aws_sdk_ssoadmin::types as admin;
use aws_smithy_types::{Document, Number};
use model::instances::tag::Tags;
use serde_json::Value;

use crate::seed_access_file::CustomerManagedPolicy;
use crate::seed_people_file::{Address, ExternalId, Group, Name, Photo, TypedText, User};

/// A person.
pub(crate) fn user(from: people::User) -> User {
    let name = from.name.map(|name| Name {
        given_name: name.given_name,
        family_name: name.family_name,
        middle_name: name.middle_name,
        formatted: name.formatted,
        honorific_prefix: name.honorific_prefix,
        honorific_suffix: name.honorific_suffix,
    });
    let emails = from.emails.unwrap_or_default().into_iter();
    let phones = from.phone_numbers.unwrap_or_default().into_iter();
    let roles = from.roles.unwrap_or_default().into_iter();
    User {
        id: Some(from.user_id),
        user_name: from.user_name.unwrap_or_default(),
        display_name: from.display_name,
        name: name.unwrap_or_default(),
        emails: emails.filter_map(|email| typed(email.value, email.r#type, email.primary)).collect(),
        phone_numbers: phones.filter_map(|phone| typed(phone.value, phone.r#type, phone.primary)).collect(),
        addresses: from.addresses.unwrap_or_default().into_iter().map(address).collect(),
        roles: roles.filter_map(|role| typed(role.value, role.r#type, role.primary)).collect(),
        photos: from.photos.unwrap_or_default().into_iter().map(photo).collect(),
        nick_name: from.nick_name,
        profile_url: from.profile_url,
        user_type: from.user_type,
        title: from.title,
        preferred_language: from.preferred_language,
        locale: from.locale,
        timezone: from.timezone,
        website: from.website,
        birthdate: from.birthdate,
        extensions: extensions(from.extensions),
        external_ids: external_ids(from.external_ids),
        password: None,
        active: from
            .user_status
            .map(|status| status != people::UserStatus::Disabled)
            .filter(|active| !active),
    }
}

fn typed(value: Option<String>, kind: Option<String>, primary: bool) -> Option<TypedText> {
    Some(TypedText { value: value?, kind, primary })
}

fn address(from: people::Address) -> Address {
    Address {
        street_address: from.street_address,
        locality: from.locality,
        region: from.region,
        postal_code: from.postal_code,
        country: from.country,
        formatted: from.formatted,
        primary: from.primary,
        kind: from.r#type,
    }
}

fn photo(from: people::Photo) -> Photo {
    Photo { value: from.value, display: from.display, primary: from.primary, kind: from.r#type }
}

fn external_ids(from: Option<Vec<people::ExternalId>>) -> Vec<ExternalId> {
    let each = from.unwrap_or_default().into_iter();
    each.map(|given| ExternalId { issuer: given.issuer, id: given.id }).collect()
}

fn extensions(from: Option<HashMap<String, Document>>) -> BTreeMap<String, Value> {
    from.unwrap_or_default().into_iter().map(|(schema, document)| (schema, json(document))).collect()
}

fn json(from: Document) -> Value {
    match from {
        Document::Object(members) => {
            // In one order, whoever reads them: the SDK has none.
            let members: BTreeMap<String, Document> = members.into_iter().collect();
            Value::Object(members.into_iter().map(|(name, value)| (name, json(value))).collect())
        }
        Document::Array(items) => Value::Array(items.into_iter().map(json).collect()),
        Document::Number(Number::PosInt(number)) => Value::from(number),
        Document::Number(Number::NegInt(number)) => Value::from(number),
        Document::Number(Number::Float(number)) => Value::from(number),
        Document::String(text) => Value::String(text),
        Document::Bool(is) => Value::Bool(is),
        Document::Null => Value::Null,
    }
}

/// The other way, for what is written.
pub(crate) fn document(from: &Value) -> Document {
    match from {
        Value::Object(members) => {
            Document::Object(members.iter().map(|(name, value)| (name.clone(), document(value))).collect())
        }
        Value::Array(items) => Document::Array(items.iter().map(document).collect()),
        Value::Number(number) => Document::Number(match (number.as_u64(), number.as_i64()) {
            (Some(number), _) => Number::PosInt(number),
            (None, Some(number)) => Number::NegInt(number),
            (None, None) => Number::Float(number.as_f64().unwrap_or_default()),
        }),
        Value::String(text) => Document::String(text.clone()),
        Value::Bool(is) => Document::Bool(*is),
        Value::Null => Document::Null,
    }
}

/// A group, without its members.
pub(crate) fn group(from: people::Group) -> Group {
    Group {
        id: Some(from.group_id),
        display_name: from.display_name.unwrap_or_default(),
        description: from.description,
        external_ids: external_ids(from.external_ids),
        members: Vec::new(),
        member_groups: Vec::new(),
    }
}

/// A policy of accounts' own.
pub(crate) fn customer_managed(from: admin::CustomerManagedPolicyReference) -> CustomerManagedPolicy {
    CustomerManagedPolicy { name: from.name, path: from.path.unwrap_or_else(|| "/".to_owned()) }
}

/// Tags of what belongs to an instance.
pub(crate) fn tags(from: Vec<admin::Tag>) -> Tags {
    from.into_iter().map(|tag| (tag.key, tag.value)).collect()
}

/// Tags of what belongs to an organization.
pub(crate) fn organization_tags(from: Vec<aws_sdk_organizations::types::Tag>) -> Tags {
    from.into_iter().map(|tag| (tag.key, tag.value)).collect()
}

/// What is behind the last slash of an ARN.
pub(crate) fn last_part(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}
