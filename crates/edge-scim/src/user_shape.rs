//! A person as a resource of SCIM, and back. The directory spells attributes with a capital (`NickName`), SCIM without; the enterprise extension has
//! SCIM's own names in both. What SCIM does not know of a person (a website, say) stays as it is.

use directory::provisioning::{Person, external_id};
use directory::several;
use model::directory::user::{Name, User, UserProfile, UserStatus};
use model::fault::Fault;
use model::limits::Mode;
use scim::resource::{self, Resource};
use scim::schema::core::{ENTERPRISE, LEAN_USER, USER, USERS};
use scim::schema::named;
use serde_json::{Map, Value, json};

use crate::asked::Kind;
use crate::op::Op;

/// The extension as the directory names it.
const EXTENSION: &str = "aws:identitystore:enterprise";

/// The attributes that the directory keeps under their own name with a capital.
const SINGLE: [&str; 7] =
    ["nickName", "profileUrl", "title", "userType", "preferredLanguage", "locale", "timezone"];

/// Pictures, of which the directory keeps several as AWS does.
const PHOTOS: &str = "photos";

/// The first letter made a capital, or small.
fn turned(name: &str, turn: impl Fn(char) -> char) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| std::iter::once(turn(first)).chain(letters).collect())
}

fn kept(name: &str) -> String {
    turned(name, |letter| letter.to_ascii_uppercase())
}

fn spelled(name: &str) -> String {
    turned(name, |letter| letter.to_ascii_lowercase())
}

/// The members of objects, in lists too, renamed.
fn renamed(value: Value, rename: fn(&str) -> String) -> Value {
    match value {
        Value::Array(values) => values.into_iter().map(|value| renamed(value, rename)).collect(),
        Value::Object(members) => {
            members.into_iter().map(|(name, value)| (rename(&name), value)).collect::<Map<_, _>>().into()
        }
        plain => plain,
    }
}

/// The person as a resource, without groups.
pub(crate) fn resource(op: &Op, user: User) -> Result<Resource, Fault> {
    let profile = user.profile;
    let mut resource = Resource::new();
    let mut schemas = vec![USER.id];
    let extension = profile
        .extensions
        .get(EXTENSION)
        .filter(|parts| parts.as_object().is_some_and(|parts| !parts.is_empty()));
    if extension.is_some() {
        schemas.push(ENTERPRISE.id);
    }
    resource.insert("schemas".to_owned(), schemas.into());
    resource.insert("id".to_owned(), user.id.as_str().into());
    if let Some(id) = external_id(&user.external_ids, &op.issuer) {
        resource.insert("externalId".to_owned(), id.into());
    }
    resource.insert("userName".to_owned(), profile.user_name.as_str().into());
    let name = renamed(serde_json::to_value(&profile.name).map_err(Fault::internal)?, spelled);
    if name.as_object().is_some_and(|parts| !parts.is_empty()) {
        resource.insert("name".to_owned(), name);
    }
    resource.insert("displayName".to_owned(), profile.display_name.as_str().into());
    for name in SINGLE.into_iter().chain([PHOTOS]) {
        if let Some(value) = profile.attributes.get(&kept(name)) {
            resource.insert(name.to_owned(), renamed(value.clone(), spelled));
        }
    }
    for name in several::names() {
        let values = if op.is_strict() {
            several::one(&profile, name)?.into_iter().collect()
        } else {
            several::all(&profile, name)?
        };
        if values.is_empty() {
            continue;
        }
        let mut values = renamed(Value::Array(values), spelled);
        for value in values.as_array_mut().into_iter().flatten().filter(|_| name == "Emails") {
            value["primary"] = resource::is_primary(value).into();
        }
        resource.insert(spelled(name), values);
    }
    resource.insert("active".to_owned(), (user.status == UserStatus::Enabled).into());
    if let Some(extension) = extension {
        resource.insert(ENTERPRISE.id.to_owned(), extension.clone());
    }
    let mut meta = json!({
        "resourceType": USERS.name, "created": user.created_at.rfc3339(), "lastModified": user.updated_at.rfc3339(),
        "location": op.location(Kind::Users, user.id.as_str()),
    });
    if let Some(version) = op.version(user.revision) {
        meta["version"] = version.into();
    }
    resource.insert("meta".to_owned(), meta);
    Ok(resource)
}

/// What a person should be who is described so. `before`: what they are.
pub(crate) fn person(op: &Op, mut resource: Resource, before: Option<&User>) -> Result<Person, Fault> {
    let text = |resource: &mut Resource, name: &str| match resource.shift_remove(name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    };
    let external_id = text(&mut resource, "externalId");
    let user_name = text(&mut resource, "userName").unwrap_or_default();
    let name = resource.shift_remove("name").map(|name| renamed(name, kept));
    let name: Name =
        name.map(serde_json::from_value).transpose().map_err(Fault::internal)?.unwrap_or_default();
    let display_name = text(&mut resource, "displayName").or_else(|| name.shown());
    // Nobody is without one here.
    let display_name = display_name.unwrap_or_else(|| user_name.clone());
    let status = match resource.shift_remove("active") {
        Some(Value::Bool(false)) => UserStatus::Disabled,
        Some(Value::Bool(true)) => UserStatus::Enabled,
        // Whoever says nothing of it does not let in again whom somebody has shut out.
        _ => before.map_or(UserStatus::Enabled, |before| before.status),
    };
    let known = before.map(|before| before.profile.clone()).unwrap_or_default();
    let mut profile = UserProfile { user_name, display_name, name, ..known };
    for name in SINGLE.into_iter().chain([PHOTOS]) {
        profile.attributes.shift_remove(&kept(name));
        if let Some(value) = resource.shift_remove(name) {
            profile.attributes.insert(kept(name), renamed(value, kept));
        }
    }
    for name in several::names() {
        let values = match resource.shift_remove(&spelled(name)).map(|values| renamed(values, kept)) {
            Some(Value::Array(values)) => values,
            _ => Vec::new(),
        };
        match op.cx.mode {
            Mode::Relaxed => several::set(&mut profile, name, values)?,
            // AWS has one value of each: what relaxed mode kept beside it is not spoken of.
            Mode::Strict => set_one(&mut profile, name, values)?,
        }
    }
    profile.extensions.remove(EXTENSION);
    if let Some(parts) = resource.shift_remove(ENTERPRISE.id) {
        profile.extensions.insert(EXTENSION.to_owned(), parts);
    }
    Ok(Person { profile, status, external_id })
}

/// The one value that AWS has of an attribute; what it has not at all stays as it is.
fn set_one(profile: &mut UserProfile, name: &'static str, values: Vec<Value>) -> Result<(), Fault> {
    if values.len() > 1 {
        let name = spelled(name);
        return Err(Fault::validation(format!("{name} must have exactly 1 item; it has {}", values.len())));
    }
    let is_known = named(LEAN_USER.attributes, name).is_some();
    if is_known { several::set_one(profile, name, values.into_iter().next()) } else { Ok(()) }
}
