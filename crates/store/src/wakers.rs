//! Who is woken when jobs were added: the worker of each queue, and no other.

use model::job::Queue;
use tokio::sync::Notify;

/// The queues that jobs were added to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "one for each queue")]
pub(crate) struct Added {
    work: bool,
    connected: bool,
    directories: bool,
    mail: bool,
    sign_outs: bool,
}

impl Added {
    /// None.
    pub(crate) const NONE: Self =
        Self { work: false, connected: false, directories: false, mail: false, sign_outs: false };

    /// Notes a job of this queue.
    pub(crate) const fn note(&mut self, queue: Queue) {
        match queue {
            Queue::Work => self.work = true,
            Queue::Connected => self.connected = true,
            Queue::Directories => self.directories = true,
            Queue::Mail => self.mail = true,
            Queue::SignOuts => self.sign_outs = true,
        }
    }
}

/// The workers that sleep.
#[derive(Debug, Default)]
pub(crate) struct Wakers {
    work: Notify,
    connected: Notify,
    directories: Notify,
    mail: Notify,
    sign_outs: Notify,
}

impl Wakers {
    const fn of(&self, queue: Queue) -> &Notify {
        match queue {
            Queue::Work => &self.work,
            Queue::Connected => &self.connected,
            Queue::Directories => &self.directories,
            Queue::Mail => &self.mail,
            Queue::SignOuts => &self.sign_outs,
        }
    }

    /// Wakes whose jobs were added.
    pub(crate) fn wake(&self, added: Added) {
        let queues = [
            (Queue::Work, added.work),
            (Queue::Connected, added.connected),
            (Queue::Directories, added.directories),
            (Queue::Mail, added.mail),
            (Queue::SignOuts, added.sign_outs),
        ];
        for (queue, any) in queues {
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
