//! The audit trail: CloudTrail-shaped records, appended and looked up. What must be durable before an answer leaves is written by
//! the store with its change; everything else (plain reads, refusals) goes through [`recorder::Recorder`] within a second.

pub mod events;
pub mod recorder;
pub mod retention;
pub mod tally;
