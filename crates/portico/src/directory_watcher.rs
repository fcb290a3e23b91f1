//! The watcher of directories: finds those that tell of changes and that no server of this database listens to, and listens. What it hears the synchronizer
//! reads. Killing it anywhere loses nothing: another listens before long, and reads what changed meanwhile.

use std::time::Duration;

use edge_ldap::run::Work;
use edge_ldap::watches;
use tokio::task::JoinSet;

/// How late it is noticed that a directory is to be listened to, or that nobody does any more.
const LOOK: Duration = Duration::from_secs(2);

/// What it works with.
#[derive(Debug)]
pub(crate) struct DirectoryWatcher {
    pub(crate) work: Work,
}

impl DirectoryWatcher {
    /// Works for as long as the process lives.
    pub(crate) async fn run(self) {
        let mut listening = JoinSet::new();
        loop {
            match watches::claim(&self.work).await {
                Ok(listeners) => {
                    for listener in listeners {
                        listening.spawn(listener.listen());
                    }
                }
                Err(fault) => {
                    tracing::warn!(%fault, context = fault.context(), "directories wait for the database");
                }
            }
            tokio::time::sleep(LOOK).await;
            while let Some(ended) = listening.try_join_next() {
                if let Err(error) = ended {
                    tracing::error!(%error, "listening to a directory panicked; it goes on when its claim has lapsed");
                }
            }
        }
    }
}
