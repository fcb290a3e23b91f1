//! Words of who people are.

pub mod attribute_precedence;
pub mod group;
pub mod identity_store;
pub mod identity_store_ref;
pub mod kept_out;
pub mod member_group;
pub mod membership;
pub mod owner;
pub mod user;
pub(crate) mod user_identity;
pub mod user_source;
