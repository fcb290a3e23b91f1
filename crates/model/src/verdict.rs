//! How a request for tokens ends. A refusal is committed too: it may have noted a poll, used a proof up, or ended a family.

use crate::cx::Cx;
use crate::fault::Fault;

/// What was issued, or why nothing was; either way with what the transaction changed.
#[derive(Debug)]
pub enum Verdict<T> {
    /// It was issued, and recorded in the same transaction.
    Issued(T),
    /// Nothing was.
    Refused(Fault),
}

impl<T> Verdict<T> {
    /// What the caller gets, once it is committed.
    pub fn settled(self, cx: &Cx) -> Result<T, Fault> {
        match self {
            Self::Issued(issued) => {
                cx.event().mark_recorded();
                Ok(issued)
            }
            Self::Refused(fault) => Err(fault),
        }
    }
}
