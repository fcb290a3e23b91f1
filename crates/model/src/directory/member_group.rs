//! A group that is a member of a group.

use crate::directory::group::GroupId;
use crate::directory::identity_store::IdentityStoreId;
use crate::entropy::{self, Entropy};
use crate::id::{hex, is_lower_hex, string_id};
use crate::timestamp::Timestamp;

/// Groups within a group at most, over however many others.
pub const WITHIN_MAX: usize = 500;
/// Groups that a group is within at most, likewise.
pub const AROUND_MAX: usize = 100;

string_id!(
    /// What stands for one group within another in the ids of memberships that follow of it: ten hexadecimal digits.
    NestingKey,
    "nesting key",
    |value: &str| is_lower_hex(value, NestingKey::DIGITS)
);

impl NestingKey {
    /// Digits of each.
    pub const DIGITS: usize = 10;

    /// A fresh one: it only has to differ from those of the same inner group.
    pub fn fresh(entropy: &dyn Entropy) -> Self {
        Self::trusted(hex(&entropy::bytes::<5>(entropy)))
    }
}

/// A group in a group, as somebody put it there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberGroup {
    /// The store.
    pub identity_store_id: IdentityStoreId,
    /// The group.
    pub group_id: GroupId,
    /// Its member.
    pub member_group_id: GroupId,
    /// Since when.
    pub created_at: Timestamp,
    /// By whom (an ARN).
    pub created_by: String,
}
