//! Rows of where people come from: provisioning tenants and their tokens.

pub mod bearer_tokens;
pub mod provisioning_tenants;
