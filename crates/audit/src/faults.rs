//! What callers hear whose record cannot be kept.

use model::fault::{Fault, FaultKind};
use model::saying::Saying;

/// Nobody is answered without a record.
pub(crate) fn no_room() -> Fault {
    Fault::say(FaultKind::Unavailable, Saying::NoRoomForRecord)
        .with_context("no room among the records that wait")
}

/// Nothing is handed out, and there may be a record that says that it was.
pub(crate) fn in_doubt(context: impl std::fmt::Display) -> Fault {
    Fault::say(FaultKind::Unavailable, Saying::RecordInDoubt).with_context(context)
}
