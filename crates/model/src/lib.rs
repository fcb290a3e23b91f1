//! The words of the house: ids, ARNs, entities, limits, page tokens, the call context [`cx::Cx`] and the one
//! [`fault::Fault`]. Values only: constructors validate, nothing here performs I/O, reads a clock or knows a protocol.

pub mod access;
pub mod accounts;
pub mod applications;
pub mod brief;
pub mod caller;
pub mod client_address;
pub mod clock;
pub mod counted;
pub mod cx;
pub mod denial;
pub mod directory;
pub mod entropy;
pub mod event;
pub mod fault;
pub mod id;
pub mod instances;
pub mod job;
pub mod limits;
pub mod minted;
pub mod name_key;
pub mod page;
pub mod record;
pub mod saying;
pub mod secret;
pub mod signin;
pub mod sources;
pub mod timestamp;
pub mod verdict;
mod words;
