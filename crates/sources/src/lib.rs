//! Where people come from. So far: tenants by which identity providers write people and groups, and the bearer tokens that they call with. What
//! they may change, and by which rules, is `directory`'s.

mod authority;
pub mod tenants;
pub mod tokens;
