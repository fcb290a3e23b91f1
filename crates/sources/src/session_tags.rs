//! The session tags that a sign-in by another identity provider brings, whatever its protocol.

use std::collections::BTreeMap;

use model::brief;
use model::sources::arrival::Arrival;
use model::sources::external_idp::ExternalIdp;

/// Before a session tag's key in attributes (user guide, "Attributes for access control").
pub(crate) const ACCESS_CONTROL: &str = "https://aws.amazon.com/SAML/Attributes/AccessControl:";
/// Session tags of a sign-in at most, and characters of a key and of a value (user guide, "Attributes for access control"; IAM, session tags).
const TAGS_MAX: usize = 50;
const KEY_MAX: usize = 128;
const VALUE_MAX: usize = 256;

/// The session tags of a sign-in: AWS's attributes for access control, and what the settings say. What cannot be one is refused with a sentence for the
/// administrator: a policy would decide without it.
pub fn of(idp: &ExternalIdp, arrival: &Arrival) -> Result<BTreeMap<String, String>, String> {
    let tags = claimed(idp, arrival);
    if tags.len() > TAGS_MAX {
        return Err(format!("{} session tags, {TAGS_MAX} at most", tags.len()));
    }
    for (key, value) in &tags {
        let (key_length, value_length) = (key.chars().count(), value.chars().count());
        if key_length == 0 || key_length > KEY_MAX || value_length > VALUE_MAX {
            return Err(format!(
                "the session tag {} has {key_length} characters in its key and {value_length} in its value, {KEY_MAX} and {VALUE_MAX} at most",
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
    Ok(tags)
}

fn claimed(idp: &ExternalIdp, arrival: &Arrival) -> BTreeMap<String, String> {
    let aws = arrival.attributes.iter().filter_map(|(name, values)| {
        let key = name.strip_prefix(ACCESS_CONTROL)?;
        Some((key.to_owned(), values.first()?.clone()))
    });
    let ruled = idp.settings.tags.iter().filter_map(|rule| {
        let values = arrival.values(&rule.from);
        (!values.is_empty()).then(|| (rule.key.clone(), values.join(":")))
    });
    aws.chain(ruled).collect()
}
