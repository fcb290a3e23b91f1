//! The binary, driven by the AWS SDK for Rust: its answers must parse into the SDK's typed shapes, and its errors into its typed errors.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up must stop")]

mod sdk;
mod server;
