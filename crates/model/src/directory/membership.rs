//! A user's membership of a group.

use crate::directory::group::GroupId;
use crate::directory::identity_store::IdentityStoreId;
use crate::directory::member_group::NestingKey;
use crate::directory::user::UserId;
use crate::fault::Fault;
use crate::id::{is_resource_uuid, referenced_id, string_id};
use crate::timestamp::Timestamp;

string_id!(
    /// A UUID. Behind ten hexadecimal digits and a hyphen, which are a [`NestingKey`], it is a membership that follows of the one with this UUID,
    /// since that one's group is within another.
    MembershipId,
    "membership id",
    is_resource_uuid
);

impl MembershipId {
    /// From the id or its ARN, as every operation of the identity store takes it.
    pub fn from_reference(text: &str) -> Result<Self, Fault> {
        Self::parse(referenced_id(text, "membership")?)
    }

    /// The membership that follows of `direct` by a group within another.
    pub fn following(key: &NestingKey, direct: &Self) -> Self {
        Self(format!("{key}-{direct}"))
    }

    /// Of what it follows, if it follows of another.
    pub fn follows(&self) -> Option<(NestingKey, Self)> {
        let (key, direct) = Self::parts(&self.0)?;
        Some((NestingKey::trusted(key), Self::trusted(direct)))
    }

    /// Whether a membership of this id follows of another.
    pub fn is_following(id: &str) -> bool {
        Self::parts(id).is_some()
    }

    fn parts(id: &str) -> Option<(&str, &str)> {
        id.split_once('-').filter(|(key, _)| key.len() == NestingKey::DIGITS)
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
