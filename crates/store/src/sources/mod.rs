//! Rows of where people come from: provisioning tenants and their tokens, external identity providers and what they answered, directories and what was read of them.

pub mod bearer_tokens;
pub mod directories;
pub mod directory_entries;
pub mod directory_members;
pub mod directory_sync_changes;
pub mod directory_syncs;
pub mod directory_watches;
pub mod expiry_notices;
pub mod external_answers;
pub mod external_idp_certificates;
pub mod external_idps;
pub mod provisioning_tenants;
