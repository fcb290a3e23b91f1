//! What holds of the kit whatever it is given.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must say where")]

mod laws;
