//! The identity store: the directory of one instance.

use crate::accounts::account::AccountId;
use crate::id::{is_lower_hex, is_uuid, string_id};

string_id!(
    /// `d-` and ten hexadecimal digits, or a UUID.
    IdentityStoreId,
    "identity store id",
    |value: &str| value.strip_prefix("d-").is_some_and(|rest| is_lower_hex(rest, 10)) || is_uuid(value)
);

impl IdentityStoreId {
    /// `arn:aws:identitystore::<account>:identitystore/<id>`
    pub fn arn(&self, owner: &AccountId) -> String {
        format!("arn:aws:identitystore::{owner}:identitystore/{self}")
    }
}
