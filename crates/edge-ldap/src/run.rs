//! A run of a directory on its way: what it works with, how far it is, and why it does not go on. What is done in it, and in which order, is in
//! [`crate::runs`].

use std::sync::Arc;
use std::time::Duration;

use model::caller::Caller;
use model::clock::Clock;
use model::cx::{Cx, Surroundings};
use model::directory::identity_store_ref::IdentityStoreRef;
use model::directory::user::ExternalId;
use model::event::EventHead;
use model::fault::{Fault, FaultKind};
use model::job::Job;
use model::sources::directory::Directory;
use model::sources::directory_sync::{
    ChangeKind, DirectorySync, SyncChange, SyncCounts, SyncKind, SyncPhase,
};
use outbound::client::Outbound;
use outbound::ldap::failure::Failure;
use sources::directory_brake::Wanted;
use store::db::Store;
use store::directory::external_ids::{self, Holder};
use store::jobs;
use store::sources::directory_entries::Entry;
use store::sources::{directory_sync_changes, directory_syncs};
use store::tx::Tx;

/// How long a run may be silent before another worker takes it for dead.
pub(crate) const HOLD: Duration = Duration::from_mins(5);
/// Entries that are looked at together where a list of them is a phase.
pub(crate) const AT_ONCE: i64 = 500;

/// What runs work with.
#[derive(Debug, Clone)]
pub struct Work {
    /// The state.
    pub store: Store,
    /// Region, owner, mode, randomness.
    pub surroundings: Surroundings,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What reaches the directory.
    pub outbound: Outbound,
}

impl Work {
    /// A call of the server's own.
    pub(crate) fn cx(&self) -> Cx {
        let caller = Caller::service(self.surroundings.owner.clone());
        Cx::new(&self.surroundings, caller, self.clock.now(), EventHead::default())
    }
}

/// Why a run does not go on.
#[derive(Debug)]
pub(crate) enum Stop {
    /// It could not be tried now: it runs again.
    Later(Fault),
    /// It came to an end.
    Failed(String),
    /// The place from which it was to read is none any more.
    PlaceLost(String),
    /// Somebody asked it to.
    Asked,
    /// Somebody else carries it out, or it is gone.
    Superseded,
    /// It wanted to take away so many, of so many that it may.
    Held(Wanted),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        match fault.kind() {
            FaultKind::Unavailable => Self::Later(fault),
            _ => Self::Failed(fault.message().to_owned()),
        }
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        if failure.asks_for_full() {
            Self::PlaceLost(failure.to_string())
        } else {
            Self::Failed(failure.to_string())
        }
    }
}

/// A run on its way.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) work: Work,
    pub(crate) directory: Directory,
    pub(crate) sync: DirectorySync,
    pub(crate) at: IdentityStoreRef,
    /// What external ids have as their issuer.
    pub(crate) issuer: String,
    /// Whose changes they are.
    pub(crate) caller: Caller,
    /// Which list of entries is written: the directory's, or the run's own.
    pub(crate) list: String,
    /// Whether somebody was met of whom only a full run can tell what became.
    pub(crate) wants_full: bool,
    /// Who carries it out.
    pub(crate) runner: String,
    /// Its job.
    pub(crate) job: Job,
}

/// What a page came to, beside what was done to people and groups.
#[derive(Debug, Default)]
pub(crate) struct Noted {
    pub(crate) counts: SyncCounts,
    pub(crate) changes: Vec<SyncChange>,
}

/// What a run did or would do to an entry.
pub(crate) fn change(kind: ChangeKind, entry: &Entry, detail: impl Into<String>) -> SyncChange {
    SyncChange {
        kind,
        entry: entry.kind,
        external_id: entry.external_id.clone(),
        name: entry.name.clone(),
        principal_id: entry.principal_id.clone(),
        detail: detail.into(),
    }
}

impl Run {
    pub(crate) fn is_dry(&self) -> bool {
        self.sync.kind == SyncKind::DryRun
    }

    /// A change of the directory's, as an event of its own.
    pub(crate) fn cx(&self, name: &'static str) -> Cx {
        let head = EventHead::of_service("sso-directory.amazonaws.com", name);
        let cx = Cx::new(&self.work.surroundings, self.caller.clone(), self.work.clock.now(), head);
        cx.event().detail("directoryId", self.directory.id.as_str());
        cx.event().detail("directorySyncId", self.sync.id.as_str());
        cx
    }

    /// Writes what a page came to together with how far the run is: `with` writes the rest of it.
    pub(crate) async fn note(
        &mut self,
        noted: Noted,
        with: impl Fn(&mut Tx<'_>, &Cx) -> Result<(), Fault> + Send + 'static,
    ) -> Result<(), Stop> {
        self.sync.counts.add(noted.counts);
        let (id, runner, job) = (self.sync.id.clone(), self.runner.clone(), self.job.clone());
        let (phase, counts, changes) = (self.sync.phase, self.sync.counts, noted.changes);
        let written = move |tx: &mut Tx<'_>, cx: &Cx| {
            if !directory_syncs::go_on(tx, (&id, &runner), (phase, counts))? {
                return Ok(None);
            }
            with(tx, cx)?;
            for change in &changes {
                directory_sync_changes::put(tx, &id, change)?;
            }
            jobs::hold(tx, &job, cx.now.plus(HOLD))?;
            let sync = directory_syncs::find(tx, &id)?;
            Ok(Some(sync.is_some_and(|sync| sync.is_to_stop)))
        };
        match self.work.store.maintain(&self.work.cx(), written).await? {
            None => Err(Stop::Superseded),
            Some(true) => Err(Stop::Asked),
            Some(false) => Ok(()),
        }
    }

    /// Who has this id of the directory here: also whom a runner made that was killed, and whose transaction ended after this one looked.
    pub(crate) fn made_meanwhile(&self, holder: Holder, external_id: &str) -> Result<Option<String>, Fault> {
        let called = ExternalId { issuer: self.issuer.clone(), id: external_id.to_owned() };
        let store_id = &self.directory.identity_store_id;
        self.work.store.read(|rx| Ok(external_ids::find(rx, store_id, holder, &called)?))
    }

    /// Refuses, within a change, what is no longer this runner's to do.
    pub(crate) fn still_ours(&self) -> impl Fn(&mut Tx<'_>) -> Result<(), Fault> + Send + use<> {
        let (id, runner) = (self.sync.id.clone(), self.runner.clone());
        move |tx| {
            if directory_syncs::is_of(tx, &id, &runner)? {
                return Ok(());
            }
            Err(Fault::new(
                FaultKind::Unavailable,
                "Somebody else carries out this run, or it was taken away",
            ))
        }
    }

    pub(crate) async fn enter(&mut self, phase: SyncPhase) -> Result<(), Stop> {
        self.sync.phase = phase;
        self.note(Noted::default(), |_, _| Ok(())).await
    }
}
