//! The first pages of a list and the last ones, held against each other: whoever turns pages should wait no longer at the end.

use std::time::Duration;

/// Pages at each end, if there are so many.
pub(crate) const PAGES: usize = 100;
/// How many times slower the last pages may be.
pub(crate) const SLOWER_MAX: f64 = 1.2;

/// Both ends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ends {
    /// Pages at each.
    pub(crate) pages: usize,
    /// Microseconds of a page, in the mean.
    pub(crate) first: f64,
    pub(crate) last: f64,
}

impl Ends {
    /// Of all pages, without the very first, which reads what was not read before, and the very last, which is short; `None` where too few are left.
    pub(crate) fn of(pages: &[Duration]) -> Option<Self> {
        let inner = pages.get(1..pages.len().checked_sub(1)?)?;
        let pages = PAGES.min(inner.len() / 2);
        let mean = |pages: &[Duration]| {
            let count = u32::try_from(pages.len()).ok().filter(|count| *count > 0)?;
            Some(pages.iter().sum::<Duration>().as_secs_f64() * 1e6 / f64::from(count))
        };
        let (first, last) = (inner.get(..pages)?, inner.get(inner.len() - pages..)?);
        Some(Self { pages, first: mean(first)?, last: mean(last)? })
    }
}
