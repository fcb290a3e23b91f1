//! The words of where people come from.

pub mod provisioning_tenant;
