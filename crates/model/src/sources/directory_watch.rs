//! How listening for changes of a directory goes. It is listened to by one server of those on one database, as long as that says that it does.

use serde::{Deserialize, Serialize};

use crate::sources::directory::DirectoryId;
use crate::timestamp::Timestamp;
use crate::words::words;

words! {
    /// How far it is.
    WatchState {
        /// The directory tells what changes.
        Listening = "LISTENING",
        /// It failed, and is tried again.
        Retrying = "RETRYING",
        /// The directory tells nobody; it is asked again later.
        Unsupported = "UNSUPPORTED",
        /// No server listens yet, or any more.
        Waiting = "WAITING",
    }
}

/// How it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watching {
    /// How far it is.
    pub state: WatchState,
    /// Which server of the directory is listened to.
    pub server: Option<String>,
    /// Why it is not listened to.
    pub said: Option<String>,
    /// Since when that is so.
    pub since: Timestamp,
}

/// Who listens to a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryWatch {
    /// To which.
    pub directory_id: DirectoryId,
    /// Until when it is theirs.
    pub held_until: Timestamp,
    /// How it stands.
    pub standing: Watching,
    /// When something was last heard, and a run asked for.
    pub heard_at: Option<Timestamp>,
}
