//! The directory's rules, on SQLite and on PostgreSQL.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod access;
mod counting;
mod external_links;
mod groups;
mod identity_stores;
mod member_groups;
mod memberships;
mod owners;
mod rosters;
mod search;
mod support;
mod user_sources;
mod users;
