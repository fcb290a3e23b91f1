//! A run: an organization is read outside any transaction, compared with what follows it here, and what differs is brought to it, each unit and account in a
//! transaction and a record of its own. Whatever was done is found done, so that killing the process anywhere leaves it to be gone on with.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use broker::aws::access::Reach;
use broker::aws::organization::{self, Account, Organization, OrganizationAccess, Unit};
use model::accounts::account::AccountId;
use model::accounts::organization::OrganizationId;
use model::accounts::organization_connection::{
    OrganizationChange, OrganizationConnection, OrganizationSync, OrganizationSyncKind,
    OrganizationSyncStatus, brake_of,
};
use model::accounts::organizational_unit::{OrganizationalUnit, OrganizationalUnitId, UnitPath};
use model::cx::Cx;
use model::event::EventHead;
use model::fault::{Fault, FaultKind};
use model::job::Job;
use model::timestamp::Timestamp;
use store::accounts::{accounts, organization_connections, organization_syncs, organizational_units};
use store::db::Store;
use store::tx::{Rx, Tx};

use crate::connected_work::{ATTEMPTS_MAX, Ended, drop_job, wait};
use crate::organization::{organization as our_organization, parent};
use crate::organization_connections::KIND;
use crate::organization_differences::{Following, Step, gone};
use crate::organization_syncs::is_open;
use crate::provisioning::{is_superseded, superseded};
use crate::reaching::organization_access;

/// How long what was taken away counts.
const DAY: Duration = Duration::from_hours(24);

/// Whom a step is about.
#[derive(Debug, Clone)]
enum Subject {
    Unit(Unit),
    Account(Box<Account>),
    /// It follows the organization, and is not there.
    Left(AccountId, String),
    Gone(OrganizationalUnit),
}

impl Subject {
    fn id(&self) -> &str {
        match self {
            Self::Unit(unit) => unit.id.as_str(),
            Self::Account(account) => account.id.as_str(),
            Self::Left(id, _) => id.as_str(),
            Self::Gone(unit) => unit.id.as_str(),
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Unit(unit) => &unit.name,
            Self::Account(account) => &account.name,
            Self::Left(_, name) => name,
            Self::Gone(unit) => &unit.name,
        }
    }

    fn steps(
        &self,
        rx: &mut Rx<'_>,
        following: &Following,
        (refused, is_plan): (&BTreeSet<OrganizationalUnitId>, bool),
    ) -> Result<Vec<Step>, Fault> {
        match self {
            Self::Unit(unit) => match unit.around.iter().find(|around| refused.contains(*around)) {
                Some(around) => Ok(vec![Step::Refuse(format!(
                    "The unit {around}, in which it lies, could not be brought here"
                ))]),
                None => following.unit(rx, unit, is_plan),
            },
            Self::Account(account) => following.account(rx, account, (refused, is_plan)),
            Self::Left(id, _) => following.left(rx, id),
            Self::Gone(unit) => gone(rx, unit, is_plan),
        }
    }
}

/// What a run is about to do.
struct Plan {
    following: Following,
    /// Whom it changes, in order, with how.
    changes: Vec<(Subject, Vec<Step>)>,
    /// Units that could not be brought here.
    refused: BTreeSet<OrganizationalUnitId>,
    /// How many accounts follow the organization now.
    followers: u64,
}

impl Plan {
    fn read(
        rx: &mut Rx<'_>,
        (connection, sync): (OrganizationConnection, &OrganizationSync),
        theirs: &Organization,
    ) -> Result<Self, Fault> {
        let ours = our_organization(rx)?;
        let base = match &connection.settings.parent_id {
            None => UnitPath::ROOT,
            Some(id) => parent(rx, &ours, id)?.map(|place| place.path).ok_or_else(|| {
                Fault::conflict(format!(
                    "ParentId {id} is not there any more: UpdateOrganizationConnection gives another"
                ))
            })?,
        };
        let id = connection.id.clone();
        let management_account = theirs.management_account.clone();
        let mut plan = Self {
            following: Following { connection, ours, base, management_account, adopts: sync.adopts },
            changes: Vec::new(),
            refused: BTreeSet::new(),
            followers: 0,
        };
        for unit in &theirs.units {
            plan.add(rx, Subject::Unit(unit.clone()))?;
        }
        for account in &theirs.accounts {
            plan.add(rx, Subject::Account(Box::new(account.clone())))?;
        }
        let there: BTreeSet<&AccountId> = theirs.accounts.iter().map(|account| &account.id).collect();
        let followers = accounts::following(rx, &id)?;
        plan.followers = u64::try_from(followers.len()).unwrap_or(u64::MAX);
        for account in followers.into_iter().filter(|account| !there.contains(&account.id)) {
            plan.add(rx, Subject::Left(account.id, account.name))?;
        }
        let there: BTreeSet<_> = theirs.units.iter().map(|unit| &unit.id).collect();
        let mut gone = organizational_units::following(rx, &id)?;
        gone.retain(|unit| !there.contains(&unit.id));
        // Those within others go before them.
        gone.sort_by_key(|unit| std::cmp::Reverse(unit.path.depth()));
        for unit in gone {
            plan.add(rx, Subject::Gone(unit))?;
        }
        Ok(plan)
    }

    fn add(&mut self, rx: &mut Rx<'_>, subject: Subject) -> Result<(), Fault> {
        let steps = subject.steps(rx, &self.following, (&self.refused, true))?;
        if let (Subject::Unit(unit), [Step::Refuse(_)]) = (&subject, steps.as_slice()) {
            self.refused.insert(unit.id.clone());
        }
        if !steps.is_empty() {
            self.changes.push((subject, steps));
        }
        Ok(())
    }

    /// Why nothing more of it is done, where it would take access away from too many: of those that follow within a day, or as somebody said of this run.
    fn held(&self, (sync, now): (&OrganizationSync, Timestamp)) -> Option<String> {
        let suspends = self.changes.iter().filter(|(_, steps)| steps.iter().any(Step::suspends)).count();
        let wanted = i64::try_from(suspends).unwrap_or(i64::MAX);
        let (of_day, _) = day(&self.following.connection, now);
        let (before, most) = match sync.suspensions_max {
            Some(most) => (sync.suspensions, most),
            None => (of_day, i64::try_from(brake_of(self.followers)).unwrap_or(i64::MAX)),
        };
        if wanted == 0 || before.saturating_add(wanted) <= most {
            return None;
        }
        let changed = if sync.changes == 0 { "nothing was changed" } else { "nothing more was changed" };
        let meant = sync.suspensions.saturating_add(wanted);
        Some(format!(
            "It would suspend {wanted} of {} accounts, after {before} before; {most} at most without somebody's word: {changed}. \
             Where that is meant, StartOrganizationSync with SuspensionsMax {meant}",
            self.followers
        ))
    }
}

/// From how many accounts runs took access away within a day, and since when that is counted.
fn day(connection: &OrganizationConnection, now: Timestamp) -> (i64, Timestamp) {
    if connection.suspensions_since.plus(DAY) < now {
        return (0, now);
    }
    (connection.suspensions, connection.suspensions_since)
}

fn work_event() -> EventHead {
    EventHead::of_service("sso.amazonaws.com", "OrganizationSync")
}

/// What a run is about, if it is still to be carried out.
struct Task {
    connection: OrganizationConnection,
    sync: OrganizationSync,
    access: OrganizationAccess,
}

fn open_run(rx: &mut Rx<'_>, job: &Job) -> Result<Option<(OrganizationConnection, OrganizationSync)>, Fault> {
    let (begin, _) = job.kind.queue().lanes();
    let id = OrganizationId::parse(job.lane.strip_prefix(begin).unwrap_or_default())?;
    let Some(connection) = organization_connections::find(rx, &id)? else { return Ok(None) };
    let sync = connection.sync.clone().filter(|sync| sync.id == job.subject && is_open(sync));
    Ok(sync.map(|sync| (connection, sync)))
}

fn task(rx: &mut Rx<'_>, job: &Job) -> Result<Option<Task>, Fault> {
    let Some((connection, sync)) = open_run(rx, job)? else { return Ok(None) };
    let instance = store::instances::instances::find_organizations(rx)?
        .ok_or_else(|| Fault::internal("an organization is connected to no instance"))?;
    Ok(Some(Task { access: organization_access(rx, &instance, &connection)?, connection, sync }))
}

/// How a run ends: with why, how many accounts were found, and what it would have changed.
struct End {
    status: OrganizationSyncStatus,
    reason: Option<String>,
    found: i64,
    would: Vec<(Subject, Vec<Step>)>,
}

impl End {
    fn failed(reason: String) -> Self {
        Self { status: OrganizationSyncStatus::Failed, reason: Some(reason), found: 0, would: Vec::new() }
    }
}

/// Carries out a run. An error means that it could not be tried (the database is away): the job runs again.
pub async fn run_one(store: &Store, cx: &Cx, reach: &Reach, job: &Job) -> Result<Ended, Fault> {
    match attempt(store, cx, reach, job).await {
        Ok(ended) => Ok(ended),
        // What fails for a reason of ours fails every time: nobody waits for it for ever.
        Err(fault) if *fault.kind() == FaultKind::Internal && job.attempts >= ATTEMPTS_MAX => {
            tracing::error!(job = job.id, %fault, context = fault.context(), "an organization cannot be followed");
            finish(store, cx, job, End::failed("An internal error: the server's log says which".to_owned()))
                .await
        }
        Err(fault) => Err(fault),
    }
}

async fn attempt(store: &Store, cx: &Cx, reach: &Reach, job: &Job) -> Result<Ended, Fault> {
    let Some(task) = store.read(|rx| task(rx, job))? else { return drop_job(store, cx, job).await };
    let theirs = match organization::read(&task.access, reach).await {
        Ok(theirs) => theirs,
        Err(failure) if failure.passes && job.attempts < ATTEMPTS_MAX => {
            tracing::info!(job = job.id, attempts = job.attempts, %failure, "an organization is read again");
            return Ok(Ended::Later(wait(cx, job.attempts)));
        }
        Err(failure) => return finish(store, cx, job, End::failed(failure.to_string())).await,
    };
    let found = i64::try_from(theirs.accounts.len()).unwrap_or(i64::MAX);
    let end = match brought(store, cx, job, (&task, &theirs)).await {
        Ok(end) => end,
        Err(fault) if is_superseded(&fault) => return Ok(Ended::Done),
        // What cannot be said in the database's absence will be said when it is back.
        Err(fault) if matches!(fault.kind(), FaultKind::Unavailable | FaultKind::Internal) => {
            return Err(fault);
        }
        Err(fault) => End::failed(fault.message().to_owned()),
    };
    finish(store, cx, job, End { found, ..end }).await
}

/// Brings what follows the organization to it, or finds what that would change.
async fn brought(
    store: &Store,
    cx: &Cx,
    job: &Job,
    (task, theirs): (&Task, &Organization),
) -> Result<End, Fault> {
    let is_dry = task.sync.kind == OrganizationSyncKind::DryRun;
    let plan = store.read(|rx| Plan::read(rx, (task.connection.clone(), &task.sync), theirs))?;
    let held = plan.held((&task.sync, cx.now));
    let done = OrganizationSyncStatus::Succeeded;
    let (status, reason) = match held {
        None => (done, None),
        Some(why) if is_dry => (done, Some(format!("A full run would be held. {why}"))),
        Some(why) => (OrganizationSyncStatus::Held, Some(why)),
    };
    if is_dry || status != done {
        return Ok(End { status, reason, found: 0, would: plan.changes });
    }
    let at = Arc::new((plan.following, plan.refused, job.clone()));
    for (subject, steps) in plan.changes {
        let at = Arc::clone(&at);
        let with = move |tx: &mut Tx<'_>, cx: &Cx| bring(tx, cx, &at, &subject);
        // What is refused in every run alike is told of this one, and is no record each time.
        if steps.iter().all(|step| matches!(step, Step::Refuse(_))) {
            store.maintain(cx, with).await?;
        } else {
            store.write(&cx.with_event(work_event()), with).await?;
        }
    }
    Ok(End { status, reason, found: 0, would: Vec::new() })
}

/// Writes what a run would change, behind what it did.
fn tell(
    tx: &mut Tx<'_>,
    id: &OrganizationId,
    sync: &OrganizationSync,
    would: &[(Subject, Vec<Step>)],
) -> Result<(), Fault> {
    let mut count = sync.changes;
    for (subject, steps) in would {
        for step in steps {
            count += 1;
            organization_syncs::insert(tx, id, &change(count, subject, step))?;
        }
    }
    organization_connections::count_changes(tx, id, count)
}

fn change(ordinal: i64, subject: &Subject, step: &Step) -> OrganizationChange {
    let (action, said) = step.told();
    OrganizationChange {
        ordinal,
        target_id: subject.id().to_owned(),
        name: subject.name().to_owned(),
        action,
        said,
    }
}

/// Brings one unit or account to what it is there, as it is now.
fn bring(
    tx: &mut Tx<'_>,
    cx: &Cx,
    (following, refused, job): &(Following, BTreeSet<OrganizationalUnitId>, Job),
    subject: &Subject,
) -> Result<(), Fault> {
    let Some((connection, sync)) = open_run(tx, job)? else { return Err(superseded()) };
    // Another way to it, or another place for it, was decided while it was read.
    if connection.settings != following.connection.settings {
        return Err(Fault::conflict("The connection was changed during the run: start another"));
    }
    let (mut changes, mut suspensions, mut told) = (sync.changes, 0, Vec::new());
    for step in subject.steps(tx, following, (refused, false))? {
        following.take(tx, cx, &step)?;
        changes += 1;
        suspensions += i64::from(step.suspends());
        let change = change(changes, subject, &step);
        told.push(format!("{}: {}", change.action.as_str(), change.said));
        organization_syncs::insert(tx, &connection.id, &change)?;
    }
    let (of_day, since) = day(&connection, cx.now);
    let in_run = (changes, sync.suspensions + suspensions);
    organization_connections::count(tx, &connection, in_run, (of_day + suspensions, since))?;
    let event = cx.event();
    event.touch(KIND, connection.id.as_str());
    event.detail("organizationId", connection.id.as_str());
    event.detail("targetId", subject.id());
    event.detail("changes", told.join("; "));
    Ok(())
}

/// Ends a run, and plans the next one once a whole one went well.
async fn finish(store: &Store, cx: &Cx, job: &Job, end: End) -> Result<Ended, Fault> {
    if end.status != OrganizationSyncStatus::Succeeded {
        let (status, reason) = (end.status.as_str(), end.reason.as_deref());
        tracing::warn!(job = job.id, status, reason, "what follows an organization is not brought to it");
    }
    let (job, end) = (job.clone(), Arc::new(end));
    let head = EventHead::of_service("sso.amazonaws.com", "OrganizationSyncEnd");
    let written = store.write(&cx.with_event(head), move |tx, cx| write_end(tx, cx, &job, &end)).await;
    match written {
        Ok(()) => Ok(Ended::Done),
        Err(fault) if is_superseded(&fault) => Ok(Ended::Done),
        Err(fault) => Err(fault),
    }
}

fn write_end(tx: &mut Tx<'_>, cx: &Cx, job: &Job, end: &End) -> Result<(), Fault> {
    let Some((connection, sync)) = open_run(tx, job)? else {
        return if store::jobs::take(tx, &job.id)? { Ok(()) } else { Err(superseded()) };
    };
    if !store::jobs::take(tx, &job.id)? {
        return Err(superseded());
    }
    let id = &connection.id;
    tell(tx, id, &sync, &end.would)?;
    // By itself it goes on as soon as somebody has asked for a whole run, however that one ends.
    let next = match sync.kind {
        OrganizationSyncKind::Full => connection.settings.sync_every().map(|every| cx.now.plus(every)),
        OrganizationSyncKind::DryRun => connection.next_at,
    };
    let how = (end.status, end.reason.as_deref());
    organization_connections::end(tx, id, how, end.found, (cx.now, next))?;
    let event = cx.event();
    event.touch(KIND, id.as_str());
    event.detail("organizationId", id.as_str());
    event.detail("syncId", sync.id.as_str());
    event.detail("kind", sync.kind.as_str());
    event.detail("status", end.status.as_str());
    if let Some(reason) = &end.reason {
        event.detail("failureReason", reason.as_str());
    }
    Ok(())
}
