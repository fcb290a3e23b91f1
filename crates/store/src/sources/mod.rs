//! Rows of where people come from: provisioning tenants and their tokens, external identity providers and what they answered.

pub mod bearer_tokens;
pub mod expiry_notices;
pub mod external_answers;
pub mod external_idp_certificates;
pub mod external_idps;
pub mod provisioning_tenants;
