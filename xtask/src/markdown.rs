//! The little of Markdown that the house's pages are read by. Knows nothing of what they say.

/// What stands between back ticks, in order.
pub(crate) fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}
