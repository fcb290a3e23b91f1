//! The portal rows of the dispatch table.

use crate::route::Route;

/// The rows.
pub(crate) fn routes() -> Vec<Route> {
    Vec::new()
}
