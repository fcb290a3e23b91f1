//! The session tags that a sign-in by another identity provider brings, whatever its protocol.

use std::collections::BTreeMap;

use model::instances::tag::check_session_tags;
use model::sources::arrival::Arrival;
use model::sources::external_idp::ExternalIdp;

/// Before a session tag's key in attributes (user guide, "Attributes for access control").
pub(crate) const ACCESS_CONTROL: &str = "https://aws.amazon.com/SAML/Attributes/AccessControl:";

/// The session tags of a sign-in: AWS's attributes for access control, and what the settings say. What cannot be one is refused with a sentence for the
/// administrator: a policy would decide without it.
pub fn of(idp: &ExternalIdp, arrival: &Arrival) -> Result<BTreeMap<String, String>, String> {
    let tags = claimed(idp, arrival);
    check_session_tags(&tags)?;
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
