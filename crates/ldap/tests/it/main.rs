//! The kit as its users see it: names and filters that people write, bytes that servers send (and bytes that none should), and what an entry means.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop and say where")]

mod build;
mod controls;
mod cursors;
mod dns;
mod entries;
mod filters;
mod hostile;
mod injection;
mod refusals;
mod states;
