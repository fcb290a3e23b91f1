//! Counts that cost the same however many rows there are: an index is walked so far and no further.

/// What is counted at most; the statements name one more as a number, for planners.
pub const COUNTED_MAX: u64 = 10_000;

/// How many rows there are, up to one more than [`COUNTED_MAX`].
macro_rules! counted {
    ($from:literal) => {
        concat!("SELECT COUNT(*) FROM (SELECT 1 FROM ", $from, " LIMIT 10001) t")
    };
}
pub(crate) use counted;

/// So many, or more than are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// How many.
    pub count: u64,
    /// Whether there are more.
    pub at_least: bool,
}

impl Counted {
    /// Of as many rows as a statement found.
    pub(crate) fn of(rows: u64) -> Self {
        Self { count: rows.min(COUNTED_MAX), at_least: rows > COUNTED_MAX }
    }
}
