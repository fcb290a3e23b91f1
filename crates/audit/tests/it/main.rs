//! The trail's two ways in, on stores that work and stores that do not; what is counted; what is found; what goes.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up must stop")]

mod events;
mod pieces;
mod recorder;
mod retention;
mod support;
mod tally;
