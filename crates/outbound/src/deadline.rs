//! One end for the whole of a request: each step is held to what is left of it, and is named when that is used up.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::failure::{Step, Why};

/// When a request must be done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline {
    ends_at: Instant,
    limit: Duration,
}

impl Deadline {
    /// This long from now. Tokio's clock, which only runs forward and which a test can hold.
    pub(crate) fn of(limit: Duration) -> Self {
        Self { ends_at: Instant::now() + limit, limit }
    }

    /// What is left.
    pub(crate) fn left(&self) -> Duration {
        self.ends_at.saturating_duration_since(Instant::now())
    }

    /// Does a step while there is time.
    pub(crate) async fn hold<T, W>(&self, step: Step, work: W) -> Result<T, Why>
    where
        W: Future<Output = Result<T, Why>>,
    {
        match timeout_at(self.ends_at, work).await {
            Ok(done) => done,
            Err(_) => Err(Why::Timeout { step, limit: self.limit }),
        }
    }
}
