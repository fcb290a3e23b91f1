//! What a run of a directory may take away: a share of all that it has here, a day long, and nothing at all where it says that it has nobody or where it was
//! decided otherwise whom it has.

use std::time::Duration;

use model::fault::Fault;
use model::sources::directory::{BRAKE_FREE, Directory};
use model::sources::directory_sync::{DirectorySync, EntryKind, SyncKind, Taken};
use model::timestamp::Timestamp;
use store::sources::{directories, directory_entries, directory_members, directory_syncs};
use store::tx::Rx;

/// How long what was taken away counts.
const DAY: Duration = Duration::from_hours(24);

/// What a run wants to take away, and what it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// What it wants to take away.
    pub wanted: Taken,
    /// What was taken away in the last day, by this run too.
    pub of_day: Taken,
    /// What this run took away already.
    pub by_run: Taken,
    /// How much may go in a day.
    pub most: Taken,
    /// How much somebody let pass who has looked at it.
    pub let_pass: Taken,
    /// Whether it was decided otherwise what is read, or what may go, since a full run went by it: nothing goes then before somebody has looked.
    pub asks: bool,
}

impl Wanted {
    /// Whether the run is held.
    pub const fn is_held(self) -> bool {
        let Self { wanted, of_day, by_run, most, let_pass, asks } = self;
        let entries = (wanted.entries, of_day.entries, by_run.entries, most.entries, let_pass.entries);
        let memberships = (
            wanted.memberships,
            of_day.memberships,
            by_run.memberships,
            most.memberships,
            let_pass.memberships,
        );
        is_too_much(entries, asks) || is_too_much(memberships, asks)
    }

    fn said(self) -> String {
        let Self { wanted, of_day, most, asks, .. } = self;
        let share = format!("{} people and groups and {} memberships", wanted.entries, wanted.memberships);
        if asks {
            return format!(
                "{share}, and what is read of the directory, or what may be taken away, was changed since the last full run: somebody has to look first"
            );
        }
        format!(
            "{share}, after {} and {} within a day, of which the brake lets {} and {} pass",
            of_day.entries, of_day.memberships, most.entries, most.memberships
        )
    }

    /// Why a run is held.
    pub fn held(self) -> String {
        format!(
            "It would have taken away {}: nothing was taken away, and no run is scheduled. ResolveDirectoryBrake lets it pass once; after a repair of \
             the directory, StartDirectorySync with Kind FULL",
            self.said()
        )
    }

    /// What a run would take away that a dry run stands for; nothing is said where that is nothing.
    pub fn would_be(self) -> Option<String> {
        if self.wanted == Taken::default() {
            return None;
        }
        let how = if self.is_held() { "be held by the brake: it would take away" } else { "take away" };
        Some(format!("A full run would {how} {}", self.said()))
    }
}

/// Of people and groups, or of memberships.
const fn is_too_much(
    (wanted, of_day, by_run, most, let_pass): (u64, u64, u64, u64, u64),
    asks: bool,
) -> bool {
    let is_more = asks || of_day.saturating_add(wanted) > most;
    wanted > 0 && is_more && by_run.saturating_add(wanted) > let_pass
}

/// Until when who is not found must have been missing to be deleted: never who this very run did not find.
pub fn long_gone((directory, sync): (&Directory, &DirectorySync), now: Timestamp) -> Timestamp {
    let days = u64::from(directory.settings.schedule.remove_after_days);
    now.minus(Duration::from_hours(24 * days)).min(sync.created_at.minus(Duration::from_micros(1)))
}

/// What a run wants to take away now that it has read all, and may. Only a full one deletes. `memberships`: how many go of those who stay.
pub fn wanted(
    rx: &mut Rx<'_>,
    (directory, sync): (&Directory, &DirectorySync),
    (memberships, now): (u64, Timestamp),
) -> Result<Wanted, Fault> {
    let list = directory.id.as_str();
    let gone = match sync.kind {
        SyncKind::Full => directory_entries::count_gone(rx, list, long_gone((directory, sync), now))?,
        SyncKind::Incremental | SyncKind::DryRun => 0,
    };
    let entries = directory_entries::count_leaving(rx, list)? + gone;
    allowed(rx, (directory, sync), (Taken { entries, memberships }, now))
}

/// What a run that wants to take away so much may.
pub fn allowed(
    rx: &mut Rx<'_>,
    (directory, sync): (&Directory, &DirectorySync),
    (wanted, now): (Taken, Timestamp),
) -> Result<Wanted, Fault> {
    let list = directory.id.as_str();
    let by_run = match sync.kind {
        SyncKind::DryRun => Taken::default(),
        SyncKind::Full | SyncKind::Incremental => sync.counts.taken(),
    };
    let before = directory_syncs::taken_since(rx, &directory.id, (&sync.id, now.minus(DAY)))?;
    let of_day = before.plus(by_run);
    let schedule = directory.settings.schedule;
    let share = |here: u64, gone: u64| schedule.brake_of(here.saturating_add(gone));
    // Most nights nothing goes, and nobody has to count what is there.
    let memberships = match of_day.memberships.saturating_add(wanted.memberships) {
        0..=BRAKE_FREE => BRAKE_FREE,
        _ => share(directory_members::count_here(rx, list)?, of_day.memberships),
    };
    let most =
        Taken { entries: share(directory_entries::count_here(rx, list)?, of_day.entries), memberships };
    let asks =
        directories::standing(rx, &directory.id)?.is_some_and(|standing| standing.asks_since.is_some());
    Ok(Wanted { wanted, of_day, by_run, most, let_pass: sync.let_pass, asks })
}

/// Why what a whole pass says of groups is not believed: that many had members, of whom all are there still, and that none has any now, is an outage.
pub fn disbelieved_members(wanted: u64, remaining: u64) -> Option<String> {
    (wanted > BRAKE_FREE && remaining == 0).then(|| {
        format!(
            "The directory answered that none of its groups has any member, while {wanted} memberships of people and groups that are still there are \
             known here: that is taken for an outage, or a right to read members that is missing, and nothing was taken away"
        )
    })
}

/// Why what a whole pass read is not believed: an empty answer is an outage, and nobody's dismissal. `list`: what the run wrote.
pub fn disbelieved(
    rx: &mut Rx<'_>,
    (directory, sync): (&Directory, &DirectorySync),
    list: &str,
) -> Result<Option<String>, Fault> {
    for (kind, what) in [(EntryKind::User, "people"), (EntryKind::Group, "groups")] {
        let there = directory_entries::count_present(rx, directory.id.as_str(), kind)?;
        if there > 0 && directory_entries::count_seen(rx, list, kind, &sync.id)? == 0 {
            return Ok(Some(format!(
                "The directory answered that it has no {what}, of whom {there} are here: that is taken for an outage, or a base or filter that is wrong, \
                 and nobody was changed"
            )));
        }
    }
    Ok(None)
}
