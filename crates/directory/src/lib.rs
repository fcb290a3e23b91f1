//! Workforce identities: users, groups, memberships, and the identity stores that hold them.
//!
//! Account assignments are not here, and deleting a user or group leaves theirs as they are, as AWS does: an assignment of
//! somebody who is gone grants nothing, since access is always looked up from the user's row and its groups.

pub mod arrivals;
pub mod attribute_path;
pub mod counting;
mod document;
pub mod external_links;
mod gate;
pub mod groups;
pub mod identity_stores;
mod kept_out;
pub mod member_groups;
pub mod memberships;
pub mod owners;
pub mod ownership;
pub mod patch;
mod principals;
pub mod profile;
pub mod provisioned_groups;
pub mod provisioning;
pub mod rosters;
mod schema;
pub mod search;
pub mod several;
mod text;
mod uniqueness;
pub mod users;
