//! External identity providers as administrators decide of them, on SQLite and on PostgreSQL: connected, changed, asked again, taken away; their
//! certificates; and what is refused, with the words of the refusal.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on must stop and say where")]

mod certificates;
mod configurations;
mod expiring_credentials;
mod foreign;
mod openid;
mod refreshing;
mod support;
