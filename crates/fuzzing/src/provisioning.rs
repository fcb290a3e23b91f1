//! SCIM filters, paths and PATCH bodies: whatever bytes come, readers end, and whatever they take leaves a resource that is read the same again.

use scim::filter::Filter;
use scim::matching::holds;
use scim::patch::{Target, apply, read};
use scim::resource;
use scim::schema::core::{GROUPS, USERS};
use serde_json::{Value, json};

/// A person of whom a bit of everything is known.
fn person() -> resource::Resource {
    let person = json!({
        "userName": "jane", "displayName": "Jane", "active": true, "name": {"familyName": "Doe"}, "emails": [{"value": "a@b", "type": "work", "primary": true}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"manager": {"value": "7"}},
    });
    match person {
        Value::Object(person) => person,
        _ => resource::Resource::new(),
    }
}

/// Filters and paths.
pub(crate) fn filter(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for kind in [&USERS, &GROUPS] {
        if let Ok(filter) = Filter::parse(kind, text) {
            let first = holds(&filter, &person());
            assert_eq!(holds(&filter, &person()), first, "one filter, two answers");
            let negated = Filter::parse(kind, &format!("not ({text})"));
            if let Ok(negated) = negated {
                assert_ne!(holds(&negated, &person()), first, "{text}");
            }
        }
        let _ = Target::parse(kind, text);
    }
}

/// PATCH bodies, and resources.
pub(crate) fn patch(bytes: &[u8]) {
    let Ok(body) = resource::parse(bytes) else { return };
    for kind in [&USERS, &GROUPS] {
        if let Ok(read) = resource::read(kind, &body, 100) {
            assert_eq!(resource::read(kind, &read, 100).as_ref(), Ok(&read), "read once more, it is another");
        }
    }
    let Ok(changes) = read(&USERS, &body, 100) else { return };
    let mut after = person();
    if apply(&mut after, &changes).is_ok() {
        let again = resource::read(&USERS, &after, resource::VALUES_MAX);
        assert_eq!(again.as_ref(), Ok(&after), "a PATCH left what is no resource");
    }
}
