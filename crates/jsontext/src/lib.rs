//! JSON text, written once into one buffer: what answers and records are made of. Knows nothing of what it writes.

pub mod json;
pub mod text;
pub mod writer;

pub use json::Json;
pub use writer::{append, to_string};
