//! A person's profile as fields of a form, and back as what CreateUser and UpdateUser take. Never: a rule of what may be in it.

use edge_portal::words::language::Language;
use serde_json::{Map, Value, json};

use crate::field::{Field, Spec};
use crate::fields::Fields;

/// The extension that holds where people work.
pub(crate) const ENTERPRISE: &str = "aws:identitystore:enterprise";

/// Fields that belong together.
pub(crate) struct Section {
    /// What it is called in the catalogs.
    pub(crate) name: &'static str,
    /// Each field, and where its text is in a user.
    pub(crate) fields: &'static [(Spec, &'static [&'static str])],
}

const fn spec(name: &'static str, label: &'static str, named: &'static str, required: bool) -> Spec {
    Spec { name, label, named, required, kind: "text" }
}

/// Of a kind for which phones have keyboards of their own.
const fn of_kind(kind: &'static str, spec: Spec) -> Spec {
    Spec { kind, ..spec }
}

/// All that people fill in.
pub(crate) const SECTIONS: [Section; 4] = [
    Section {
        name: "people-section-names",
        fields: &[
            (spec("user_name", "user-name", "username", true), &["UserName"]),
            (spec("display_name", "people-display-name", "displayname", true), &["DisplayName"]),
            (spec("given_name", "people-given-name", "givenname", true), &["Name", "GivenName"]),
            (spec("family_name", "people-family-name", "familyname", true), &["Name", "FamilyName"]),
            (of_kind("email", spec("email", "people-email", "email", false)), &["Emails", "0", "Value"]),
            (spec("middle_name", "people-middle-name", "middlename", false), &["Name", "MiddleName"]),
            (spec("prefix", "people-prefix", "honorificprefix", false), &["Name", "HonorificPrefix"]),
            (spec("suffix", "people-suffix", "honorificsuffix", false), &["Name", "HonorificSuffix"]),
            (spec("nick_name", "people-nick-name", "nickname", false), &["NickName"]),
        ],
    },
    Section {
        name: "people-section-contact",
        fields: &[
            (spec("phone", "people-phone", "phonenumber", false), &["PhoneNumbers", "0", "Value"]),
            (spec("street", "people-street", "streetaddress", false), &["Addresses", "0", "StreetAddress"]),
            (
                spec("postal_code", "people-postal-code", "postalcode", false),
                &["Addresses", "0", "PostalCode"],
            ),
            (spec("locality", "people-locality", "locality", false), &["Addresses", "0", "Locality"]),
            (spec("region", "people-region", "region", false), &["Addresses", "0", "Region"]),
            (spec("country", "people-country", "country", false), &["Addresses", "0", "Country"]),
        ],
    },
    Section {
        name: "people-section-work",
        fields: &[
            (spec("title", "people-title", "title", false), &["Title"]),
            (spec("user_type", "people-user-type", "usertype", false), &["UserType"]),
            (
                spec("department", "people-department", "department", false),
                &["Extensions", ENTERPRISE, "department"],
            ),
            (spec("division", "people-division", "division", false), &["Extensions", ENTERPRISE, "division"]),
            (
                spec("organization", "people-organization", "organization", false),
                &["Extensions", ENTERPRISE, "organization"],
            ),
            (
                spec("cost_center", "people-cost-center", "costcenter", false),
                &["Extensions", ENTERPRISE, "costCenter"],
            ),
            (
                spec("employee_number", "people-employee-number", "employeenumber", false),
                &["Extensions", ENTERPRISE, "employeeNumber"],
            ),
        ],
    },
    Section {
        name: "people-section-more",
        fields: &[
            (spec("language", "people-language", "preferredlanguage", false), &["PreferredLanguage"]),
            (spec("locale", "people-locale", "locale", false), &["Locale"]),
            (spec("timezone", "people-timezone", "timezone", false), &["Timezone"]),
            (spec("profile_url", "people-profile-url", "profileurl", false), &["ProfileUrl"]),
            (spec("website", "people-website", "website", false), &["Website"]),
            (spec("birthdate", "people-birthdate", "birthdate", false), &["Birthdate"]),
        ],
    },
];

/// All fields.
fn all() -> impl Iterator<Item = &'static (Spec, &'static [&'static str])> {
    SECTIONS.iter().flat_map(|section| section.fields)
}

/// What refusals of the API may be about.
pub(crate) fn specs() -> Vec<Spec> {
    all().map(|(spec, _)| *spec).collect()
}

/// The sections of a form, as they are shown: each with its name and its fields.
pub(crate) struct Shown {
    pub(crate) name: &'static str,
    pub(crate) fields: Vec<Field>,
    /// Whether it is shown at once: what must be filled in, what is filled in, what was refused.
    pub(crate) open: bool,
}

/// Fields, section by section.
pub(crate) fn shown(fields: Vec<Field>) -> Vec<Shown> {
    let mut fields = fields.into_iter();
    let section = |section: &Section| {
        let own: Vec<Field> = fields.by_ref().take(section.fields.len()).collect();
        let asks = |field: &Field| {
            field.required || !field.value.is_empty() || field.fault.is_some() || field.meanwhile.is_some()
        };
        Shown { name: section.name, open: own.iter().any(asks), fields: own }
    };
    SECTIONS.iter().map(section).collect()
}

/// The fields with what is in a user.
pub(crate) fn of_user(language: Language, user: &Value) -> Vec<Field> {
    let field = |(spec, path): &(Spec, &[&str])| {
        let text = at(user, path).to_owned();
        Field { was: Some(text.clone()), ..Field::new(language, spec, text) }
    };
    all().map(field).collect()
}

/// The fields with what was typed.
pub(crate) fn of_form(language: Language, form: &Fields) -> Vec<Field> {
    all().map(|(spec, _)| Field::new(language, spec, form.text(spec.name))).collect()
}

/// The fields with what was typed into the form of somebody who is there, each saying what became of it meanwhile; and whether anything did.
pub(crate) fn against(language: Language, form: &Fields, user: &Value) -> (Vec<Field>, bool) {
    let field = |(spec, path): &(Spec, &[&str])| {
        Field::new(language, spec, form.text(spec.name)).against(language, form, at(user, path))
    };
    let fields: Vec<Field> = all().map(field).collect();
    let changed = fields.iter().any(|field| field.meanwhile.is_some());
    (fields, changed)
}

/// The members of CreateUser; in place of what is empty but must not be, its name for whoever writes the command.
pub(crate) fn new_user(form: &Fields) -> Map<String, Value> {
    applied(json!({}), |name| form.has(name).then(|| form.text(name)))
}

/// The operations of UpdateUser that make of a user what was typed.
pub(crate) fn operations(user: &Value, form: &Fields) -> Vec<Value> {
    between(user, &applied(user.clone(), |name| form.has(name).then(|| form.text(name))))
}

/// [`operations`], from the fields as they are shown.
pub(crate) fn operations_of(user: &Value, fields: &[Field]) -> Vec<Value> {
    let typed = |name: &str| fields.iter().find(|field| field.name == name).map(|field| field.value.as_str());
    between(user, &applied(user.clone(), typed))
}

fn between(user: &Value, wanted: &Map<String, Value>) -> Vec<Value> {
    let mut operations = Vec::new();
    let mut members: Vec<&str> = Vec::new();
    for (_, path) in all() {
        if let Some(first) = path.first().filter(|first| !members.contains(first)) {
            members.push(first);
        }
    }
    for member in members {
        let (now, then) = (user.get(member), wanted.get(member));
        if now == then {
            continue;
        }
        let then = then.cloned().unwrap_or(Value::Null);
        operations.push(if member == "Extensions" {
            let own = then.get(ENTERPRISE).cloned().unwrap_or(Value::Null);
            json!({"AttributePath": ENTERPRISE, "AttributeValue": own})
        } else {
            json!({"AttributePath": in_path(member), "AttributeValue": then})
        });
    }
    operations
}

/// `UserName` as paths spell it.
fn in_path(member: &str) -> String {
    let mut letters = member.chars();
    letters.next().into_iter().flat_map(char::to_lowercase).chain(letters).collect()
}

fn at<'v>(user: &'v Value, path: &[&str]) -> &'v str {
    let step = |value: &'v Value, step: &&str| match value {
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        value => value.get(step),
    };
    path.iter().try_fold(user, step).and_then(Value::as_str).unwrap_or_default()
}

/// A user with what was typed. What a form does not have stays as it is; so does what is the same but for blanks around it.
fn applied<'t>(mut user: Value, typed: impl Fn(&str) -> Option<&'t str>) -> Map<String, Value> {
    for (spec, path) in all() {
        if let Some(text) = typed(spec.name).filter(|text| at(&user, path).trim() != *text) {
            put(&mut user, path, text);
        }
    }
    match user {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// Sets a text, or takes it away, and with it what is then left of what it was in.
fn put(within: &mut Value, path: &[&str], text: &str) {
    let Some((step, rest)) = path.split_first() else { return };
    if rest.first() == Some(&"0") {
        return put_in_list(within, (step, rest.get(1..).unwrap_or_default()), text);
    }
    let Value::Object(members) = within else { return };
    if rest.is_empty() {
        if text.is_empty() {
            members.shift_remove(*step);
        } else {
            members.insert((*step).to_owned(), Value::from(text));
        }
        return;
    }
    let inner = members.entry((*step).to_owned()).or_insert_with(|| json!({}));
    put(inner, rest, text);
    if inner.as_object().is_some_and(Map::is_empty) {
        members.shift_remove(*step);
    }
}

/// [`put`] in the first of a list, which people have one of.
fn put_in_list(within: &mut Value, (list, rest): (&str, &[&str]), text: &str) {
    let Value::Object(members) = within else { return };
    let items = members.entry(list.to_owned()).or_insert_with(|| json!([]));
    let Value::Array(items) = items else { return };
    if items.is_empty() {
        items.push(json!({"Type": "work", "Primary": true}));
    }
    if let Some(first) = items.first_mut() {
        put(first, rest, text);
        let says_nothing =
            |members: &Map<String, Value>| members.keys().all(|name| name == "Type" || name == "Primary");
        if first.as_object().is_some_and(says_nothing) {
            items.remove(0);
        }
    }
    if items.is_empty() {
        members.shift_remove(list);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(text: &str) -> Fields {
        Fields::read(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_form_becomes_a_new_user() {
        let typed = form(
            "user_name=jane&display_name=Jane+Doe&given_name=Jane&family_name=Doe&email=j%40x.example&country=&department=IT",
        );
        let expected = json!({
            "UserName": "jane", "DisplayName": "Jane Doe", "Name": {"GivenName": "Jane", "FamilyName": "Doe"},
            "Emails": [{"Type": "work", "Primary": true, "Value": "j@x.example"}],
            "Extensions": {ENTERPRISE: {"department": "IT"}},
        });
        assert_eq!(Value::Object(new_user(&typed)), expected);
    }

    #[test]
    fn only_what_was_changed_is_an_operation() {
        let user = json!({
            "UserName": "jane", "DisplayName": " Jane", "Name": {"GivenName": "Jane", "FamilyName": "Doe", "Formatted": "J. D."},
            "Emails": [{"Value": "j@x", "Type": "home", "Primary": true}], "Title": "Dr",
        });
        let typed = form(
            "user_name=jane&display_name=Jane&given_name=Janet&family_name=Doe&email=&title=&phone=1&department=IT",
        );
        assert_eq!(
            Value::Array(operations(&user, &typed)),
            json!([
                {"AttributePath": "name", "AttributeValue": {"GivenName": "Janet", "FamilyName": "Doe", "Formatted": "J. D."}},
                {"AttributePath": "emails", "AttributeValue": null},
                {"AttributePath": "phoneNumbers", "AttributeValue": [{"Type": "work", "Primary": true, "Value": "1"}]},
                {"AttributePath": "title", "AttributeValue": null},
                {"AttributePath": ENTERPRISE, "AttributeValue": {"department": "IT"}},
            ])
        );
        assert!(operations(&user, &form("user_name=jane")).is_empty());
    }

    #[test]
    fn what_somebody_else_changed_is_said() {
        let user = json!({"UserName": "jane", "Title": "Prof"});
        let (fields, changed) = against(
            Language::English,
            &form("user_name=jane&was_user_name=jane&title=Dr&was_title=Mx"),
            &user,
        );
        let title = fields.iter().find(|field| field.name == "title").unwrap();
        assert!(changed && title.value == "Dr" && title.was.as_deref() == Some("Prof"));
        assert!(title.meanwhile.as_ref().unwrap().to_string().contains("Prof"));
        assert!(fields.iter().filter(|field| field.meanwhile.is_some()).count() == 1);
    }
}
