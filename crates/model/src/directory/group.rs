//! A group of the identity store.

use crate::directory::identity_store::IdentityStoreId;
use crate::directory::user::ExternalId;
use crate::fault::Fault;
use crate::id::{is_resource_uuid, referenced_id, string_id};
use crate::timestamp::Timestamp;

string_id!(
    /// A UUID, optionally behind ten hexadecimal digits and a hyphen.
    GroupId,
    "group id",
    is_resource_uuid
);

impl GroupId {
    /// From the id or its ARN, as every operation of the identity store takes it.
    pub fn from_reference(text: &str) -> Result<Self, Fault> {
        Self::parse(referenced_id(text, "group")?)
    }

    /// `arn:aws:identitystore:::group/<id>`
    pub fn arn(&self) -> String {
        format!("arn:aws:identitystore:::group/{self}")
    }
}

/// A group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The id.
    pub id: GroupId,
    /// The store.
    pub identity_store_id: IdentityStoreId,
    /// Unique in the store without regard to case.
    pub display_name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Identifiers given by others.
    pub external_ids: Vec<ExternalId>,
    /// Counts up with every change; opaque to callers.
    pub revision: i64,
    /// When made.
    pub created_at: Timestamp,
    /// By whom (an ARN).
    pub created_by: String,
    /// When last changed.
    pub updated_at: Timestamp,
    /// By whom (an ARN).
    pub updated_by: String,
}
