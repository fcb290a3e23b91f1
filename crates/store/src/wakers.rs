//! Who is woken when jobs were added: the worker of each queue, and no other.

use model::job::Queue;
use tokio::sync::Notify;

/// The queues that jobs were added to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Added {
    work: bool,
    mail: bool,
}

impl Added {
    /// None.
    pub(crate) const NONE: Self = Self { work: false, mail: false };

    /// Notes a job of this queue.
    pub(crate) const fn note(&mut self, queue: Queue) {
        match queue {
            Queue::Work => self.work = true,
            Queue::Mail => self.mail = true,
        }
    }
}

/// The workers that sleep.
#[derive(Debug, Default)]
pub(crate) struct Wakers {
    work: Notify,
    mail: Notify,
}

impl Wakers {
    const fn of(&self, queue: Queue) -> &Notify {
        match queue {
            Queue::Work => &self.work,
            Queue::Mail => &self.mail,
        }
    }

    /// Wakes whose jobs were added.
    pub(crate) fn wake(&self, added: Added) {
        for (queue, any) in [(Queue::Work, added.work), (Queue::Mail, added.mail)] {
            if any {
                self.of(queue).notify_one();
            }
        }
    }

    /// Waits for a job of this queue.
    pub(crate) async fn added(&self, queue: Queue) {
        self.of(queue).notified().await;
    }
}
