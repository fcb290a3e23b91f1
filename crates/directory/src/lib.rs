//! Workforce identities: users, groups, memberships, and the identity stores that hold them.
//!
//! Account assignments are not here, and deleting a user or group leaves theirs as they are, as AWS does: an assignment of
//! somebody who is gone grants nothing, since access is always looked up from the user's row and its groups.

pub mod arrivals;
pub mod attribute_path;
pub mod attribute_precedence;
mod attribute_values;
mod contributions;
pub mod counting;
mod document;
pub mod external_links;
pub mod foreseen;
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
mod saving;
mod schema;
pub mod search;
pub mod several;
pub mod source_id;
mod text;
mod uniqueness;
pub mod user_sources;
pub mod users;
