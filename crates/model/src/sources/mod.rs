//! The words of where people come from.

pub mod arrival;
mod checks;
pub mod external_idp;
pub mod provisioning_tenant;
