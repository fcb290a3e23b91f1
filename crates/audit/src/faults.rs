//! What callers hear whose record cannot be kept.

use model::fault::{Fault, FaultKind};

/// Nobody is answered without a record.
pub(crate) fn no_room() -> Fault {
    let message = "The service is unavailable for a moment: the call cannot be recorded. Nothing was changed; try again.";
    Fault::new(FaultKind::Unavailable, message).with_context("no room among the records that wait")
}

/// Nothing is handed out, and there may be a record that says that it was.
pub(crate) fn in_doubt(context: impl std::fmt::Display) -> Fault {
    let message = "The call could not be recorded, and nothing is handed out. Whether the record was made is not known: look before you try again.";
    Fault::new(FaultKind::Unavailable, message).with_context(context)
}
