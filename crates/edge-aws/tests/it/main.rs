//! The AWS APIs as bytes: requests as real clients write them, answers as they read them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must say where")]

mod authorisation;
mod aws_signin;
mod callers;
mod crossing;
mod data_keys;
mod delegation;
mod identity_contexts;
mod identitystore;
mod plane;
mod query_calls;
mod reach;
mod requests;
mod revocation;
mod sentences;
mod served;
mod signed;
mod sso_admin;
mod sso_oidc;
mod web_identity;
mod wire_errors;
mod world;
mod world_applications;
mod world_connections;
mod world_directories;
mod world_iam;
mod world_instances;
mod world_organization;
mod world_permission_sets;
