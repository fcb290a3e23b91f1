//! A run of a directory, carried out: phase by phase, of which each may be done again, by whoever is written in its row. What is done to whom is in
//! [`crate::people`], [`crate::groups`] and [`crate::departures`]; here is in which order, and how it ends
//! ([decision 0018](../../../docs/decisions/0018-directories.md)).

use ldap::cursor::Cursor;
use ldap::found::{Change, Deletions};
use model::directory::identity_store_ref::IdentityStoreRef;
use model::entropy::uuid;
use model::fault::Fault;
use model::job::Job;
use model::limits::Mode;
use model::sources::directory_sync::{DirectorySyncId, SyncCounts, SyncKind, SyncPhase, SyncState, Taken};
use outbound::ldap::pass::Pass;
use sources::directories::caller_of;
use sources::directory_brake;
use sources::directory_connections::{connect, moment};
use sources::directory_endings::{Ended, end};
use store::jobs;
use store::sources::directory_syncs::Ending;
use store::sources::{directories, directory_entries, directory_syncs};

use crate::run::{HOLD, Noted, Run, Stop, Work};
use crate::{departures, groups, members, people};

impl Run {
    async fn carry_out(&mut self) -> Result<(), Stop> {
        if self.work.surroundings.mode == Mode::Strict {
            return Err(Stop::Failed("Directories are not read in strict mode".to_owned()));
        }
        let phase = self.sync.phase;
        if matches!(phase, SyncPhase::Begin | SyncPhase::People | SyncPhase::Groups) {
            self.read().await?;
            self.enter(SyncPhase::Members).await?;
        }
        if self.sync.phase == SyncPhase::Members {
            departures::ask_brake(self)?;
            members::settle_members(self).await?;
            self.enter(SyncPhase::Departures).await?;
        }
        departures::settle(self).await
    }

    /// Reads the directory, and makes and changes people and groups as they come.
    async fn read(&mut self) -> Result<(), Stop> {
        let connected = connect(&self.work.store, &self.work.outbound, &self.directory)?;
        let now = moment(self.work.clock.now())?;
        let pass = if self.sync.kind == SyncKind::Incremental {
            let place = self.work.store.read(|rx| Ok(directories::standing(rx, &self.directory.id)?))?;
            let place = place.and_then(|standing| standing.place);
            let cursor = place.as_deref().and_then(Cursor::from_bytes);
            let cursor = cursor.ok_or_else(|| Stop::PlaceLost("no full run has ended yet".to_owned()))?;
            connected.changes(&cursor, now).await?
        } else {
            connected.full(now).await?
        };
        let (place, deletions) = self.read_all(pass).await?;
        let is_whole = self.sync.kind != SyncKind::Incremental || deletions == Deletions::ByAbsence;
        if is_whole {
            let (of, list) = ((&self.directory, &self.sync), &self.list);
            if let Some(why) = self.work.store.read(|rx| directory_brake::disbelieved(rx, of, list))? {
                return Err(Stop::Failed(why));
            }
            departures::lose_unseen(self).await?;
        }
        let place = place.map(|cursor| cursor.to_bytes());
        let id = self.sync.id.clone();
        self.note(Noted::default(), move |tx, _| directory_syncs::set_place(tx, &id, place.as_deref())).await
    }

    /// From where the next run reads, and what the pass says of those whom it did not name.
    async fn read_all(&mut self, mut pass: Pass) -> Result<(Option<Cursor>, Deletions), Stop> {
        let mut place = None;
        while let Some(page) = pass.next().await? {
            let (mut people, mut groups, mut gone, mut still) =
                (Vec::new(), Vec::new(), Vec::new(), Vec::new());
            for change in page.changes {
                match change {
                    Change::Person(person) => people.push(*person),
                    Change::Group(group) => groups.push(*group),
                    Change::Gone(id) => gone.push(id.as_str().to_owned()),
                    Change::Still(id) => still.push(id.as_str().to_owned()),
                }
            }
            if !people.is_empty() {
                self.sync.phase = SyncPhase::People;
                people::take(self, people).await?;
            }
            if !groups.is_empty() {
                self.sync.phase = SyncPhase::Groups;
                groups::take(self, groups).await?;
            }
            if !gone.is_empty() || !still.is_empty() {
                self.take_ids(gone, still).await?;
            }
            place = page.cursor.or(place);
            if let Some(deletions) = page.end {
                return Ok((place, deletions));
            }
        }
        Err(Stop::Failed("The directory ended its answer without saying that it was whole".to_owned()))
    }

    async fn take_ids(&mut self, gone: Vec<String>, still: Vec<String>) -> Result<(), Stop> {
        let (list, id) = (self.list.clone(), self.sync.id.clone());
        let read = u64::try_from(gone.len() + still.len()).unwrap_or(u64::MAX);
        let noted = Noted { counts: SyncCounts { read, ..SyncCounts::default() }, ..Noted::default() };
        self.note(noted, move |tx, cx| {
            directory_entries::lose(tx, &list, gone.iter().map(String::as_str), cx.now)?;
            directory_entries::see(tx, &list, still.iter().map(String::as_str), &id)
        })
        .await
    }
}

/// Carries out a job: a run, from where it is to its end. An error means that it could not be tried, and runs again.
pub async fn run_one(work: Work, job: Job) -> Result<(), Fault> {
    let Some(mut run) = taken(&work, &job).await? else { return Ok(()) };
    let directory = run.directory.id.as_str();
    tracing::debug!(
        directory,
        sync = run.sync.id.as_str(),
        kind = run.sync.kind.as_str(),
        "a directory is read"
    );
    let result = run.carry_out().await;
    match result {
        Err(Stop::Later(fault)) => Err(fault),
        Err(Stop::Superseded) => Ok(()),
        result => {
            let cx = run.cx("SynchronizeDirectory");
            end(&work.store, &cx, run.ended(&result)).await
        }
    }
}

/// The run of a job, which is ours from now on; none where there is nothing to do any more.
async fn taken(work: &Work, job: &Job) -> Result<Option<Run>, Fault> {
    let runner = uuid(work.surroundings.entropy.as_ref()).to_string();
    let (id, claimed, by) = (DirectorySyncId::trusted(job.subject.as_str()), job.clone(), runner.clone());
    let begun = work
        .store
        .maintain(&work.cx(), move |tx, cx| {
            let sync = directory_syncs::find(tx, &id)?;
            let directory =
                sync.as_ref().map_or(Ok(None), |sync| directories::find(tx, &sync.directory_id))?;
            if !directory_syncs::begin(tx, &id, &by, cx.now)? {
                jobs::take(tx, &claimed.id)?;
                return Ok(None);
            }
            jobs::hold(tx, &claimed, cx.now.plus(HOLD))?;
            Ok(sync.zip(directory))
        })
        .await?;
    let Some((sync, directory)) = begun else { return Ok(None) };
    let list = match sync.kind {
        SyncKind::DryRun => sync.id.as_str().to_owned(),
        SyncKind::Full | SyncKind::Incremental => directory.id.as_str().to_owned(),
    };
    Ok(Some(Run {
        at: IdentityStoreRef::parse(directory.identity_store_id.as_str())?,
        issuer: directory.id.issuer(),
        caller: caller_of(&work.surroundings.owner, &directory),
        list,
        wants_full: false,
        runner,
        job: job.clone(),
        work: work.clone(),
        directory,
        sync,
    }))
}

impl Run {
    /// How a run ends that came so far.
    fn ended(self, result: &Result<(), Stop>) -> Ended {
        let none = Taken::default();
        let (state, held_back, reason) = match result {
            Ok(()) => (SyncState::Succeeded, none, self.sync.reason.clone()),
            Err(Stop::Asked) => (SyncState::Stopped, none, Some("stopped by an administrator".to_owned())),
            Err(Stop::Held(wanted)) => (SyncState::Held, wanted.wanted, Some(wanted.held())),
            Err(Stop::Failed(why) | Stop::PlaceLost(why)) => (SyncState::Failed, none, Some(why.clone())),
            Err(Stop::Later(fault)) => (SyncState::Failed, none, Some(fault.message().to_owned())),
            Err(Stop::Superseded) => (SyncState::Stopped, none, None),
        };
        Ended {
            ending: Ending { state, counts: self.sync.counts, held_back, reason },
            place_lost: matches!(result, Err(Stop::PlaceLost(_))),
            wants_full: self.wants_full,
            runner: self.runner,
            job: self.job.id,
            directory: self.directory,
            sync: self.sync,
        }
    }
}
