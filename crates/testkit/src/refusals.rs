//! What a refusal is, and what its caller reads.

use model::fault::{Fault, FaultKind};

/// What the caller reads of a refusal of this kind.
///
/// # Panics
/// When it was no refusal, or one of another kind.
pub fn refusal<T: std::fmt::Debug>(result: Result<T, Fault>, is: impl Fn(&FaultKind) -> bool) -> String {
    let fault = result.expect_err("a refusal");
    assert!(is(fault.kind()), "{fault}");
    fault.message().to_owned()
}

/// The input breaks a rule.
pub fn is_validation(kind: &FaultKind) -> bool {
    *kind == FaultKind::Validation
}

/// There is no such thing.
pub fn is_not_found(kind: &FaultKind) -> bool {
    matches!(kind, FaultKind::NotFound(_))
}

/// It contradicts what is there.
pub fn is_conflict(kind: &FaultKind) -> bool {
    matches!(kind, FaultKind::Conflict(_))
}

/// The caller may not.
pub fn is_denied(kind: &FaultKind) -> bool {
    *kind == FaultKind::AccessDenied
}
