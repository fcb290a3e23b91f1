//! A run: an organization is read outside any transaction, compared with what follows it here, and what differs is brought to it, each unit and account in a
//! transaction and a record of its own. Whatever was done is found done, so that killing the process anywhere leaves it to be gone on with.

use std::collections::BTreeSet;

use broker::aws::access::Reach;
use broker::aws::failure::Failure;
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
                None => following.unit(rx, unit),
            },
            Self::Account(account) => following.account(rx, account, refused),
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
        connection: OrganizationConnection,
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
            following: Following { connection, ours, base, management_account },
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

    /// Why nothing of it is done, where it would take access away from too many.
    fn held(&self, sync: &OrganizationSync) -> Option<String> {
        let suspends = self.changes.iter().filter(|(_, steps)| steps.iter().any(Step::suspends)).count();
        let wanted = u64::try_from(suspends).unwrap_or(u64::MAX);
        let most = match sync.suspensions_max {
            Some(most) => u64::try_from(most).unwrap_or(0),
            None => brake_of(self.followers),
        };
        (wanted > most).then(|| {
            format!(
                "It would suspend {wanted} of {} accounts, {most} at most without somebody's word: nothing was changed. \
                 Where that is meant, StartOrganizationSync with SuspensionsMax {wanted}",
                self.followers
            )
        })
    }
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

/// How a run ends.
type End = (OrganizationSyncStatus, Option<String>);

/// Carries out a run. An error means that it could not be tried (the database is away): the job runs again.
pub async fn run_one(store: &Store, cx: &Cx, reach: &Reach, job: &Job) -> Result<Ended, Fault> {
    let Some(task) = store.read(|rx| task(rx, job))? else { return drop_job(store, cx, job).await };
    let theirs = match organization::read(&task.access, reach).await {
        Ok(theirs) => theirs,
        Err(failure) if failure.passes && job.attempts < ATTEMPTS_MAX => {
            tracing::info!(job = job.id, attempts = job.attempts, %failure, "an organization is read again");
            return Ok(Ended::Later(wait(cx, job.attempts)));
        }
        Err(failure) => return finish(store, cx, job, (failed(&failure), 0)).await,
    };
    let found = i64::try_from(theirs.accounts.len()).unwrap_or(i64::MAX);
    let end = match brought(store, cx, job, (&task, &theirs)).await {
        Ok(end) => end,
        Err(fault) if is_superseded(&fault) => return Ok(Ended::Done),
        // What cannot be said in the database's absence will be said when it is back.
        Err(fault) if matches!(fault.kind(), FaultKind::Unavailable | FaultKind::Internal) => {
            return Err(fault);
        }
        Err(fault) => (OrganizationSyncStatus::Failed, Some(fault.message().to_owned())),
    };
    finish(store, cx, job, (end, found)).await
}

fn failed(failure: &Failure) -> End {
    (OrganizationSyncStatus::Failed, Some(failure.to_string()))
}

/// Brings what follows the organization to it, or says what that would change.
async fn brought(
    store: &Store,
    cx: &Cx,
    job: &Job,
    (task, theirs): (&Task, &Organization),
) -> Result<End, Fault> {
    let is_dry = task.sync.kind == OrganizationSyncKind::DryRun;
    let plan = store.read(|rx| Plan::read(rx, task.connection.clone(), theirs))?;
    let held = plan.held(&task.sync);
    if is_dry || held.is_some() {
        let Plan { changes, .. } = plan;
        let job = job.clone();
        let changes = std::sync::Arc::new(changes);
        store.maintain(cx, move |tx, _| tell(tx, &job, &changes)).await?;
        return Ok(match held {
            Some(why) if is_dry => {
                (OrganizationSyncStatus::Succeeded, Some(format!("A full run would be held. {why}")))
            }
            Some(why) => (OrganizationSyncStatus::Held, Some(why)),
            None => (OrganizationSyncStatus::Succeeded, None),
        });
    }
    let at = std::sync::Arc::new((plan.following, plan.refused, job.clone()));
    for (subject, _) in plan.changes {
        let at = std::sync::Arc::clone(&at);
        store.write(&cx.with_event(work_event()), move |tx, cx| bring(tx, cx, &at, &subject)).await?;
    }
    Ok((OrganizationSyncStatus::Succeeded, None))
}

/// Writes what a run would change.
fn tell(tx: &mut Tx<'_>, job: &Job, changes: &[(Subject, Vec<Step>)]) -> Result<(), Fault> {
    let Some((connection, _)) = open_run(tx, job)? else { return Err(superseded()) };
    organization_syncs::delete_all(tx, &connection.id)?;
    let mut count = 0;
    for (subject, steps) in changes {
        for step in steps {
            count += 1;
            organization_syncs::insert(tx, &connection.id, &change(count, subject, step))?;
        }
    }
    organization_connections::count_changes(tx, &connection.id, count)
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
    let mut count = sync.changes;
    let mut told = Vec::new();
    for step in subject.steps(tx, following, (refused, false))? {
        following.take(tx, cx, &step)?;
        count += 1;
        let change = change(count, subject, &step);
        told.push(format!("{}: {}", change.action.as_str(), change.said));
        organization_syncs::insert(tx, &connection.id, &change)?;
    }
    organization_connections::count_changes(tx, &connection.id, count)?;
    let event = cx.event();
    event.touch(KIND, connection.id.as_str());
    event.detail("organizationId", connection.id.as_str());
    event.detail("targetId", subject.id());
    event.detail("changes", told.join("; "));
    Ok(())
}

/// Ends a run, and plans the next one once a whole one went well.
async fn finish(
    store: &Store,
    cx: &Cx,
    job: &Job,
    ((status, reason), accounts): (End, i64),
) -> Result<Ended, Fault> {
    if status != OrganizationSyncStatus::Succeeded {
        tracing::warn!(
            job = job.id,
            status = status.as_str(),
            reason,
            "what follows an organization is not brought to it"
        );
    }
    let job = job.clone();
    let head = EventHead::of_service("sso.amazonaws.com", "OrganizationSyncEnd");
    let written = store
        .write(&cx.with_event(head), move |tx, cx| {
            let Some((connection, sync)) = open_run(tx, &job)? else {
                return if store::jobs::take(tx, &job.id)? { Ok(()) } else { Err(superseded()) };
            };
            if !store::jobs::take(tx, &job.id)? {
                return Err(superseded());
            }
            // By itself it goes on as soon as somebody has asked for a whole run, however that one ends.
            let next = match sync.kind {
                OrganizationSyncKind::Full => {
                    connection.settings.sync_every().map(|every| cx.now.plus(every))
                }
                OrganizationSyncKind::DryRun => connection.next_at,
            };
            let end = (status, reason.as_deref());
            organization_connections::end(tx, &connection.id, end, accounts, (cx.now, next))?;
            let event = cx.event();
            event.touch(KIND, connection.id.as_str());
            event.detail("organizationId", connection.id.as_str());
            event.detail("syncId", sync.id.as_str());
            event.detail("kind", sync.kind.as_str());
            event.detail("status", status.as_str());
            if let Some(reason) = &reason {
                event.detail("failureReason", reason.as_str());
            }
            Ok(())
        })
        .await;
    match written {
        Ok(()) => Ok(Ended::Done),
        Err(fault) if is_superseded(&fault) => Ok(Ended::Done),
        Err(fault) => Err(fault),
    }
}
