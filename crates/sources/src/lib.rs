//! Where people come from: tenants by which identity providers write people and groups, and the bearer tokens that they call with; identity providers
//! by which people sign in, what is asked of them and what they answer; directories, from which people are read and which are asked when they sign in. What may be changed of people, and by which rules, is `directory`'s; what a
//! sign-in comes to is `signin`'s.

mod authority;
pub mod beginnings;
pub mod directories;
pub mod directory_brake;
pub mod directory_connections;
pub mod directory_endings;
mod directory_listening;
pub mod directory_passwords;
pub mod directory_secrets;
pub mod directory_sign_ins;
pub mod directory_syncs;
pub mod directory_watches;
pub mod expiring_credentials;
pub mod external_answers;
pub mod external_idp_certificates;
pub mod external_idps;
pub mod external_logouts;
mod fetching;
mod gate;
mod leaving;
pub mod oidc_sign_ins;
pub mod our_side;
pub mod questions;
pub mod saml_sign_ins;
pub mod session_tags;
pub mod tenants;
pub mod tokens;
pub mod told;
