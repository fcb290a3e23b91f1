//! The instances that are known to whoever reads: nearly every call begins with one. Must not know how they are read.

use std::sync::Arc;

use model::instances::instance::Instance;

use crate::generations::{Changes, Known};
use crate::tables::Table;

/// What instances are known by.
pub(crate) const KNOWN_FROM: Changes = Changes::to_rows_of(&[Table::Instances]);
/// Instances known at most: the organization's, and those of single accounts.
const KNOWN_MAX: usize = 256;

/// The instances that are known to whoever reads: nearly every call begins with one. A transaction that changes something reads them itself.
#[derive(Debug)]
pub(crate) struct KnownInstances {
    pub(crate) by_id: Known<String, Arc<Instance>>,
    pub(crate) by_identity_store: Known<String, Arc<Instance>>,
}

impl Default for KnownInstances {
    fn default() -> Self {
        Self {
            by_id: Known::new(KNOWN_FROM, KNOWN_MAX),
            by_identity_store: Known::new(KNOWN_FROM, KNOWN_MAX),
        }
    }
}
