//! The words of where people come from.

pub mod arrival;
pub(crate) mod checks;
pub mod directory;
pub mod directory_sync;
pub mod directory_watch;
pub mod external_idp;
pub mod provisioning_tenant;
