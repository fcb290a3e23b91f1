//! The words of the house: ids, ARNs, entities, limits, page tokens, the call context [`cx::Cx`] and the one
//! [`fault::Fault`]. Values only: constructors validate, nothing here performs I/O, reads a clock or knows a protocol.

pub mod access;
pub mod account;
pub mod account_assignment;
pub mod brief;
pub mod caller;
pub mod client_address;
pub mod clock;
pub mod counted;
pub mod cx;
pub mod entropy;
pub mod event;
pub mod fault;
pub mod group;
pub mod id;
pub mod identity_store;
pub mod instance;
pub mod job;
pub mod limits;
pub mod membership;
pub mod minted;
pub mod name_key;
pub mod oauth;
pub mod organization;
pub mod page;
pub mod permission_set;
pub mod portal_session;
pub mod record;
pub mod role;
pub mod secret;
pub mod tag;
pub mod timestamp;
pub mod user;
mod user_identity;
