//! A user's membership of a group.

use crate::directory::group::GroupId;
use crate::directory::identity_store::IdentityStoreId;
use crate::directory::user::UserId;
use crate::fault::Fault;
use crate::id::{is_resource_uuid, referenced_id, string_id};
use crate::timestamp::Timestamp;

string_id!(
    /// A UUID, optionally behind ten hexadecimal digits and a hyphen.
    MembershipId,
    "membership id",
    is_resource_uuid
);

impl MembershipId {
    /// From the id or its ARN, as every operation of the identity store takes it.
    pub fn from_reference(text: &str) -> Result<Self, Fault> {
        Self::parse(referenced_id(text, "membership")?)
    }

    /// What stands before the id in its ARN.
    pub const ARN: &'static str = "arn:aws:identitystore:::membership/";

    /// `arn:aws:identitystore:::membership/<id>`
    pub fn arn(&self) -> String {
        [Self::ARN, self.as_str()].concat()
    }
}

/// A membership.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The id.
    pub id: MembershipId,
    /// The store.
    pub identity_store_id: IdentityStoreId,
    /// The group.
    pub group_id: GroupId,
    /// The member.
    pub user_id: UserId,
    /// When made.
    pub created_at: Timestamp,
    /// By whom (an ARN).
    pub created_by: String,
}
