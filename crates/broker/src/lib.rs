//! The outside of AWS accounts: what role a permission set becomes in an account.
//!
//! [`local`] is the embedded account plane: roles live in our own store and our own STS issues their credentials. It is pure; whoever
//! composes it with the store makes its results durable. [`aws`] is the other kind: accounts whose IAM and STS are somewhere else.

pub mod aws;
pub mod local;
pub mod spec;
