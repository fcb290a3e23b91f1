//! The binary: its command line, and its answers driven by the AWS SDK for Rust, which must parse into typed shapes and typed errors.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up must stop")]

mod alone;
mod beginning;
mod browser;
mod commands;
mod every_application_operation;
mod every_iam_operation;
mod every_issuer_operation;
mod every_operation;
mod every_portal_operation;
mod keys;
mod revocation;
mod sdk;
mod server;
mod silence;
mod upgrade;
