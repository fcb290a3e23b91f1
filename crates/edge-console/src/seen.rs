//! What somebody saw of a thing when they opened its form: a mark for each of its members, so that whoever is late learns which of them somebody else
//! has changed since. The mark travels with the form and decides nothing but that: who forges it overwrites what they may change anyhow.

use aws_lc_rs::digest::{SHA256, digest};
use model::id::hex;
use serde_json::Value;

/// Bytes of a mark: enough that no two values that people write are taken for each other.
const BYTES: usize = 8;

/// The marks of a thing, by what the API answers of it: `Name:1a2b… Path:…`.
pub(crate) fn mark(thing: &Value) -> String {
    let members: Vec<String> = thing
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| format!("{name}:{}", of(value)))
        .collect();
    members.join(" ")
}

/// The members that are no longer what they were when the form was opened, by name; empty when it is still all the same.
pub(crate) fn changed(seen: &str, thing: &Value) -> Vec<String> {
    let now = mark(thing);
    let before: Vec<&str> = seen.split_whitespace().collect();
    let after: Vec<&str> = now.split_whitespace().collect();
    let name = |marked: &str| marked.split(':').next().unwrap_or_default().to_owned();
    let mut names: Vec<String> =
        before.iter().filter(|one| !after.contains(one)).map(|one| name(one)).collect();
    names.extend(after.iter().filter(|one| !before.contains(one)).map(|one| name(one)));
    names.sort();
    names.dedup();
    names
}

fn of(value: &Value) -> String {
    let whole = digest(&SHA256, value.to_string().as_bytes());
    hex(whole.as_ref()).chars().take(2 * BYTES).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_changed_since_is_named_and_nothing_else() {
        let then = json!({"Name": "a: b", "Minutes": 480, "Gone": true});
        let seen = mark(&then);
        assert!(changed(&seen, &then).is_empty());
        assert!(changed(&seen, &json!({"Minutes": 480, "Gone": true, "Name": "a: b"})).is_empty());
        let now = json!({"Name": "a: c", "Minutes": 480, "Come": 1});
        assert_eq!(changed(&seen, &now), ["Come", "Gone", "Name"]);
    }

    #[test]
    fn a_form_without_its_mark_saw_nothing() {
        assert_eq!(changed("", &json!({"Name": "a"})), ["Name"]);
        assert_eq!(changed("rubbish", &json!({"Name": "a"})), ["Name", "rubbish"]);
        assert!(changed("", &json!({})).is_empty());
    }
}
