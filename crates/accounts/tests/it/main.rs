//! Multi-account permissions on both engines: every rule, bad input, the worker's failures, the records.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on must say where")]

mod access;
mod access_history;
mod access_lists;
mod access_ways;
mod access_written;
mod account_assignments;
mod account_connections;
mod account_drifts;
mod assignment_batches;
mod assignments;
mod connected_sessions;
mod listing;
mod organization_connections;
mod organization_tags;
mod overviews;
mod permission_set_policies;
mod permission_sets;
mod plane;
mod provisioning;
mod provisionings;
mod quotas;
mod service_users;
mod simulation;
mod world;
