//! Rows of who people are: users, groups, memberships and the identifiers that others gave them.

pub mod attribute_precedence;
pub mod external_ids;
pub mod groups;
pub mod kept_out;
pub mod member_groups;
pub mod memberships;
pub mod owners;
pub mod principals;
pub mod rosters;
pub mod user_sources;
pub mod user_texts;
pub mod users;
