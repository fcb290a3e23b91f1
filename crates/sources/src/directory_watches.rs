//! Directories that are listened to: which one has nobody who listens, who does so and until when, and what becomes of a change that is heard: a run at once,
//! or soon after the one before. What is heard is a hint; what changed a run finds out. The listening itself is `edge-ldap`'s.

use std::time::Duration;

use model::cx::Cx;
use model::fault::Fault;
use model::limits::Mode;
use model::sources::directory::{Directory, DirectoryId};
use model::sources::directory_watch::Watching;
use model::timestamp::Timestamp;
use store::db::Store;
use store::sources::directories::{self, NextRuns};
use store::sources::{directory_syncs, directory_watches};
use store::tx::{Rx, Tx};

use crate::directory_listening::is_wanted;
use crate::directory_syncs::start_one_in;

/// How long who listens may be silent before another server does.
const HOLD: Duration = Duration::from_secs(15);
/// How far a run begins behind the end of the one before, whatever is heard.
pub const APART: Duration = Duration::from_secs(2);

/// The directories that are to be listened to, and that nobody listens to.
pub fn list_unheard(store: &Store, cx: &Cx) -> Result<Vec<Directory>, Fault> {
    if cx.mode == Mode::Strict {
        return Ok(Vec::new());
    }
    let unheard = store.read(|rx| Ok(directories::list_unheard(rx, cx.now, cx.now.plus(HOLD))?))?;
    Ok(unheard.into_iter().filter(is_wanted).collect())
}

/// `watcher` listens to a directory from now on; `false` where somebody else was quicker.
pub async fn claim(
    store: &Store,
    cx: &Cx,
    (directory, watcher): (&DirectoryId, &str),
) -> Result<bool, Fault> {
    let (id, watcher) = (directory.clone(), watcher.to_owned());
    let claim = move |tx: &mut Tx<'_>, cx: &Cx| {
        let until = cx.now.plus(HOLD);
        directory_watches::claim(tx, (&id, &watcher), cx.now, (until, until))
    };
    store.maintain(cx, claim).await
}

/// `watcher` goes on; `false` where there is nothing to listen to any more, or not as it is listened to.
pub async fn hold(store: &Store, cx: &Cx, (directory, watcher): (&Directory, &str)) -> Result<bool, Fault> {
    let (directory, watcher) = (directory.clone(), watcher.to_owned());
    let hold = move |tx: &mut Tx<'_>, cx: &Cx| {
        let of = (&directory.id, watcher.as_str());
        let is_alike = directories::find(tx, &directory.id)?.as_ref() == Some(&directory);
        if is_alike && is_wanted(&directory) {
            return directory_watches::hold(tx, of, cx.now.plus(HOLD));
        }
        directory_watches::release(tx, of)?;
        Ok(false)
    };
    store.maintain(cx, hold).await
}

/// Says how it goes.
pub async fn tell(
    store: &Store,
    cx: &Cx,
    (directory, watcher): (&DirectoryId, &str),
    standing: Watching,
) -> Result<(), Fault> {
    let (id, watcher) = (directory.clone(), watcher.to_owned());
    let tell = move |tx: &mut Tx<'_>, _: &Cx| {
        directory_watches::tell(tx, (&id, &watcher), &standing)?;
        Ok(())
    };
    store.maintain(cx, tell).await
}

/// Something was heard: a run begins, or is to begin once the one before is over.
pub async fn hear(store: &Store, cx: &Cx, (directory, watcher): (&DirectoryId, &str)) -> Result<(), Fault> {
    let (id, watcher) = (directory.clone(), watcher.to_owned());
    let hear = move |tx: &mut Tx<'_>, cx: &Cx| {
        if !directory_watches::hear(tx, (&id, &watcher), cx.now)? {
            return Ok(());
        }
        match directories::find(tx, &id)? {
            Some(directory) => hurry_in(tx, cx, &directory),
            None => Ok(()),
        }
    };
    store.maintain(cx, hear).await
}

/// Where runs fail they keep their pauses, and where all is read each time, whatever changed, its hour.
fn hurry_in(tx: &mut Tx<'_>, cx: &Cx, directory: &Directory) -> Result<(), Fault> {
    let Some(standing) = directories::standing(tx, &directory.id)? else { return Ok(()) };
    let may = standing.held.is_none() && standing.failures == 0 && standing.place.is_some();
    // A run that goes on looks at its end what was heard meanwhile.
    if !may || !is_wanted(directory) || directory_syncs::find_open(tx, &directory.id)?.is_some() {
        return Ok(());
    }
    let last = directory_syncs::last_end(tx, &directory.id)?;
    let soonest = last.map_or(cx.now, |last| last.plus(APART));
    // One that ended later than now did so before the clock was set back.
    if soonest <= cx.now || soonest > cx.now.plus(APART) {
        start_one_in(tx, cx, directory)?;
        return Ok(());
    }
    let next = NextRuns {
        incremental_at: standing.next_incremental_at.min(soonest),
        full_at: standing.next_full_at,
        failures: standing.failures,
    };
    directories::set_schedule(tx, &directory.id, next)
}

/// When the next run begins after one that began to read then, where something was heard meanwhile.
pub(crate) fn heard_since(
    rx: &mut Rx<'_>,
    directory: &DirectoryId,
    (begun, now): (Timestamp, Timestamp),
) -> Result<Option<Timestamp>, Fault> {
    let watch = directory_watches::find(rx, directory)?;
    let heard = watch.and_then(|watch| watch.heard_at).is_some_and(|heard| heard >= begun);
    Ok(heard.then(|| now.plus(APART)))
}
