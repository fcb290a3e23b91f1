//! Multi-account permissions on both engines: every rule, bad input, the worker's failures, the records.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must say where")]

mod access;
mod access_history;
mod access_lists;
mod access_written;
mod account_assignments;
mod assignment_batches;
mod assignments;
mod listing;
mod organization_tags;
mod overviews;
mod permission_set_policies;
mod permission_sets;
mod plane;
mod provisioning;
mod quotas;
mod service_users;
mod simulation;
mod world;
