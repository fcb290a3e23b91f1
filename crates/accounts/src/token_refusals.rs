//! What is said of session tokens that let nobody in.

use model::fault::{Fault, FaultKind};

/// Its time is over, or it was voided.
pub(crate) fn expired() -> Fault {
    let message = "The security token included in the request is expired";
    Fault::new(FaultKind::Service("ExpiredTokenException"), message)
}

/// It is none of ours, or what it means is gone.
pub(crate) fn invalid() -> Fault {
    Fault::new(
        FaultKind::Service("UnrecognizedClientException"),
        "The security token included in the request is invalid.",
    )
}
