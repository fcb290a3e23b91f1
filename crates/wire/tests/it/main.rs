//! What must hold for every operation of every service, whatever a caller sends.

#![expect(clippy::unwrap_used, reason = "helpers of tests may end the test")]

mod agreement;
mod limits;
mod make;
mod one_pass;
mod operations;
mod query;
mod redact;
