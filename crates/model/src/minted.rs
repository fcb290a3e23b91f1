//! A secret that was made without a change, and so without a transaction that takes its record along: it is handed out only once the record of
//! its call is durable.

use crate::cx::Cx;
use crate::fault::Fault;

/// Such a secret.
#[derive(Debug)]
#[must_use = "it leaves only with its record"]
pub struct Minted<T>(T);

impl<T> Minted<T> {
    /// What was made for a call.
    pub const fn new(secret: T) -> Self {
        Self(secret)
    }

    /// The secret, if the record of the call that it was made for is durable.
    pub fn release(self, cx: &Cx) -> Result<T, Fault> {
        if cx.event().is_recorded() {
            return Ok(self.0);
        }
        Err(Fault::internal("a secret was to leave before its record was durable"))
    }
}
