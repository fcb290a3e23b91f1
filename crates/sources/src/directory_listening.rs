//! Whether a directory is to be listened to, and how that goes.

use model::fault::Fault;
use model::sources::directory::{Directory, DirectoryStatus};
use model::sources::directory_watch::{DirectoryWatch, WatchState, Watching};
use model::timestamp::Timestamp;
use store::sources::directory_watches;
use store::tx::Rx;

/// Whether a directory is to be listened to.
pub(crate) fn is_wanted(directory: &Directory) -> bool {
    directory.status == DirectoryStatus::Enabled && directory.settings.watch.is_on()
}

/// How listening to a directory goes; none where it is not to be listened to.
pub(crate) fn standing(
    rx: &mut Rx<'_>,
    directory: &Directory,
    now: Timestamp,
) -> Result<Option<DirectoryWatch>, Fault> {
    if !is_wanted(directory) {
        return Ok(None);
    }
    let waiting = |since| Watching { state: WatchState::Waiting, server: None, said: None, since };
    Ok(Some(match directory_watches::find(rx, &directory.id)? {
        Some(watch) if watch.held_until > now => watch,
        Some(watch) => DirectoryWatch { standing: waiting(watch.held_until), ..watch },
        None => DirectoryWatch {
            directory_id: directory.id.clone(),
            held_until: now,
            standing: waiting(directory.updated_at),
            heard_at: None,
        },
    }))
}
