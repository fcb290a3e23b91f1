//! The audit trail: CloudTrail-shaped records, kept and looked up. What changes something is written by the store with its change; everything
//! else (looks, refusals, secrets that are handed out) goes through [`recorder::Recorder`]. The [`keeper`] puts all of it into pieces, each of
//! which carries the digest of the one before.

pub mod attribute;
mod chain;
pub mod events;
mod faults;
pub mod folder;
pub mod keeper;
mod open_piece;
pub mod piece;
pub mod recorder;
pub mod retention;
mod rows;
mod search;
pub mod tally;
mod trail;
pub mod verify;
