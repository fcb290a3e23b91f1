//! A user's attributes between the wire and the domain. Attributes without a rule of their own travel as the JSON of their wire
//! shapes, so that what was given is what is answered.

use model::directory::user::{Name, TypedValue, UserProfile};
use model::fault::Fault;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use wire::generated::identitystore::shapes;

/// The profile that CreateUser gives. What is missing is the domain's to say.
pub(crate) fn read(input: shapes::CreateUserRequest) -> Result<UserProfile, Fault> {
    let mut attributes = Map::new();
    put(&mut attributes, "NickName", input.nick_name)?;
    put(&mut attributes, "ProfileUrl", input.profile_url)?;
    put(&mut attributes, "Addresses", input.addresses)?;
    put(&mut attributes, "PhoneNumbers", input.phone_numbers)?;
    put(&mut attributes, "UserType", input.user_type)?;
    put(&mut attributes, "Title", input.title)?;
    put(&mut attributes, "PreferredLanguage", input.preferred_language)?;
    put(&mut attributes, "Locale", input.locale)?;
    put(&mut attributes, "Timezone", input.timezone)?;
    put(&mut attributes, "Photos", input.photos)?;
    put(&mut attributes, "Website", input.website)?;
    put(&mut attributes, "Birthdate", input.birthdate)?;
    put(&mut attributes, "Roles", input.roles)?;
    let email = |given: shapes::Email| TypedValue {
        value: given.value,
        kind: given.r#type,
        primary: given.primary.unwrap_or(false),
    };
    Ok(UserProfile {
        user_name: input.user_name.unwrap_or_default(),
        display_name: input.display_name.unwrap_or_default(),
        name: input.name.map(read_name).unwrap_or_default(),
        emails: input.emails.unwrap_or_default().into_iter().map(email).collect(),
        attributes,
        extensions: input.extensions.unwrap_or_default(),
        ..UserProfile::default()
    })
}

fn put(attributes: &mut Map<String, Value>, name: &str, value: Option<impl Serialize>) -> Result<(), Fault> {
    if let Some(value) = value {
        attributes.insert(name.to_owned(), serde_json::to_value(value).map_err(Fault::internal)?);
    }
    Ok(())
}

/// The attribute as the wire has it; `None` when the user has none.
pub(crate) fn take<T: DeserializeOwned>(
    attributes: &mut Map<String, Value>,
    name: &str,
) -> Result<Option<T>, Fault> {
    let Some(value) = attributes.shift_remove(name) else { return Ok(None) };
    serde_json::from_value(value)
        .map(Some)
        .map_err(|error| Fault::internal(format!("the attribute {name} of a user is not its shape: {error}")))
}

fn read_name(given: shapes::Name) -> Name {
    Name {
        formatted: given.formatted,
        family_name: given.family_name,
        given_name: given.given_name,
        middle_name: given.middle_name,
        honorific_prefix: given.honorific_prefix,
        honorific_suffix: given.honorific_suffix,
    }
}

/// A name as the wire has it.
pub(crate) fn name(held: Name) -> shapes::Name {
    shapes::Name {
        formatted: held.formatted,
        family_name: held.family_name,
        given_name: held.given_name,
        middle_name: held.middle_name,
        honorific_prefix: held.honorific_prefix,
        honorific_suffix: held.honorific_suffix,
    }
}

/// E-mail addresses as the wire has them; left out when there are none.
pub(crate) fn emails(held: Vec<TypedValue>) -> Option<Vec<shapes::Email>> {
    let shape = |held: TypedValue| shapes::Email {
        value: held.value,
        r#type: held.kind,
        primary: Some(held.primary),
    };
    (!held.is_empty()).then(|| held.into_iter().map(shape).collect())
}
