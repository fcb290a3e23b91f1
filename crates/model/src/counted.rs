//! What is counted of what happens: said as a tracing event of [`TARGET`] by whoever does it, heard by the binary alone, never logged.

/// The target of the events that are counted. They have `what` and `result`; one that was told to wait has its `source`.
pub const TARGET: &str = "portico::count";
