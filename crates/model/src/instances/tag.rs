//! Tags: on resources, and of sessions.

use std::collections::BTreeMap;

use crate::brief;

/// Session tags of one session at most, and characters of a key and of a value (IAM user guide, "Pass session tags in AWS STS").
const SESSION_TAGS_MAX: usize = 50;
const SESSION_KEY_MAX: usize = 128;
const SESSION_VALUE_MAX: usize = 256;

/// Tag keys (1 to 128 characters) and values (at most 256), at most 75 on a resource.
pub type Tags = BTreeMap<String, String>;

/// Refuses session tags that somebody outside says of a person or a program, where one cannot be a tag, in a sentence for administrators: a policy would
/// decide without it.
pub fn check_session_tags(tags: &Tags) -> Result<(), String> {
    if tags.len() > SESSION_TAGS_MAX {
        return Err(format!("{} session tags, {SESSION_TAGS_MAX} at most", tags.len()));
    }
    for (key, value) in tags {
        let (key_length, value_length) = (key.chars().count(), value.chars().count());
        if key_length == 0 || key_length > SESSION_KEY_MAX || value_length > SESSION_VALUE_MAX {
            return Err(format!(
                "the session tag {} has {key_length} characters in its key and {value_length} in its value, {SESSION_KEY_MAX} and {SESSION_VALUE_MAX} at most",
                brief::text(key, 64)
            ));
        }
        if key.to_lowercase().starts_with("aws:") {
            return Err(format!(
                "the session tag {} begins with aws:, which is reserved",
                brief::text(key, 64)
            ));
        }
    }
    Ok(())
}
