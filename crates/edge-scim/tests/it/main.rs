//! SCIM in process: the protocol, what clients really send, what AWS has of it, who may and what is recorded.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on must say where")]

mod aws_subset;
mod callers;
mod clients;
mod lists;
mod owners;
mod passwords;
mod protocol;
mod several;
mod sources;
mod world;
