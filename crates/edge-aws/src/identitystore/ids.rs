//! What several resources of the identity store share on the wire: references, identifiers, operations, times.

use directory::patch::{self, Update};
use model::directory::identity_store_ref::IdentityStoreRef;
use model::directory::user::{ExternalId, UserId};
use model::fault::Fault;
use model::timestamp::Timestamp;
use serde_json::Value;
use wire::generated::identitystore::shapes;
use wire::timestamp::EpochSeconds;

/// An identity store by id or ARN.
pub(crate) fn identity_store(text: &str) -> Result<IdentityStoreRef, Fault> {
    IdentityStoreRef::parse(text)
}

/// The one kind of member that there is: a user.
pub(crate) fn member(member: &shapes::MemberId) -> Result<UserId, Fault> {
    let text = member.user_id.as_deref().ok_or_else(|| Fault::validation("MemberId must hold a UserId"))?;
    UserId::from_reference(text)
}

/// A user as a member.
pub(crate) fn member_id(user: &UserId) -> shapes::MemberId {
    shapes::MemberId { user_id: Some(user.to_string()) }
}

/// An identifier given by another system.
pub(crate) fn external_id(given: shapes::ExternalId) -> ExternalId {
    ExternalId { issuer: given.issuer, id: given.id }
}

/// Identifiers given by others; left out when there are none.
pub(crate) fn external_ids(held: Vec<ExternalId>) -> Option<Vec<shapes::ExternalId>> {
    let shape = |held: ExternalId| shapes::ExternalId { issuer: held.issuer, id: held.id };
    (!held.is_empty()).then(|| held.into_iter().map(shape).collect())
}

/// AWS's sentence.
const EMPTY_VALUE: &str = "attribute value cannot be empty or null for attribute path";

/// The text in a unique attribute's document.
pub(crate) fn unique_text(attribute: &shapes::UniqueAttribute) -> Result<String, Fault> {
    match &attribute.attribute_value {
        Value::Null => Err(Fault::validation(EMPTY_VALUE)),
        Value::String(text) if text.is_empty() => Err(Fault::validation(EMPTY_VALUE)),
        Value::String(text) => Ok(text.clone()),
        _ => {
            Err(Fault::validation(format!("AttributeValue of {} must be a string", attribute.attribute_path)))
        }
    }
}

/// What an update asks for.
pub(crate) fn update(operations: Vec<shapes::AttributeOperation>, revision: Option<String>) -> Update {
    let operations = operations
        .into_iter()
        .map(|given| patch::AttributeOperation { path: given.attribute_path, value: given.attribute_value })
        .collect();
    Update { operations, revision }
}

/// A time as JSON 1.1 writes it.
pub(crate) fn seconds(at: Timestamp) -> EpochSeconds {
    EpochSeconds(at.epoch_seconds())
}
