//! Requests in accounts that are somewhere else: what one comes to is read, done there outside any transaction, and written in one if it still comes to the
//! same, else it runs again. Whatever is done there can be done twice, so that killing the process anywhere leaves it done or to be done again.

use std::time::Duration;

use broker::aws::access::{Access, Reach};
use broker::aws::failure::Failure;
use broker::aws::roles::{self, Provider};
use broker::aws::steps::Wanted;
use model::accounts::account::AccountId;
use model::accounts::account_assignment::{ProvisioningRequest, RequestStatus};
use model::cx::Cx;
use model::fault::{ConflictReason, Fault, FaultKind};
use model::instances::instance::{Instance, InstanceId};
use model::job::{Job, Queue};
use store::db::Store;
use store::tx::{Rx, Tx};

use crate::connected_work::{ATTEMPTS_MAX, Ended, NO_REVISION, wait, wanted};
use crate::drift_repair;
use crate::provisioned_roles::Change;
use crate::provisioning::{Work, carry_out, fail, is_superseded, plan, superseded, take, work_event};
use crate::reaching;

/// How what was done there ended: with the id of a role that stands, or with why a role that was to go still stands.
type Outcome = Result<Option<String>, String>;
/// Why a try is for nothing: what it came to has changed while it was done.
const CHANGED: &str = "What the request comes to has changed meanwhile";

/// What is to be done in the account itself.
#[derive(Debug, Clone, PartialEq, Eq)]
enum There {
    Nothing,
    Ensure(Box<Wanted>),
    Remove { name: String, path: String },
}

impl There {
    fn of(work: &Work, instance: &Instance) -> Self {
        match &work.role {
            Change::None => Self::Nothing,
            Change::Write { role, .. } => Self::Ensure(Box::new(wanted(role, &instance.id))),
            Change::Remove { role: Some(role), name, .. } => {
                Self::Remove { name: name.clone(), path: role.path.clone() }
            }
            // Only the note of it is there: the role was never made.
            Change::Remove { role: None, .. } => Self::Nothing,
        }
    }
}

/// What a try needs to know.
struct Task {
    instance: Instance,
    there: There,
    access: Access,
    provider: Provider,
}

impl Task {
    /// Does it; answers the id of a role that stands.
    async fn carry_out(&self, reach: &Reach) -> Result<Option<String>, Failure> {
        match &self.there {
            There::Nothing => Ok(None),
            There::Ensure(wanted) => {
                roles::ensure(&self.access, reach, &self.provider, wanted).await.map(Some)
            }
            There::Remove { name, path } => {
                let mark = self.instance.id.as_str();
                roles::remove(&self.access, reach, (name, path), mark).await.map(|()| None)
            }
        }
    }
}

/// Tries to carry out one job. An error means that it could not be tried (the database is away): the job runs again.
pub async fn run_one(store: &Store, cx: &Cx, reach: &Reach, job: &Job) -> Result<Ended, Fault> {
    let (begin, _) = Queue::Connected.lanes();
    let account = AccountId::parse(job.lane.strip_prefix(begin).unwrap_or_default())?;
    let account = &account;
    let failed = |fault: Fault| async move {
        let cx = cx.with_event(work_event());
        fail(store, &cx, (job, account), &fault).await.map(|()| Ended::Done)
    };
    let task = match store.read(|rx| task(rx, cx, job, account)) {
        Ok(task) => task,
        Err(fault) if *fault.kind() == FaultKind::Unavailable => return Err(fault),
        Err(fault) => return failed(fault).await,
    };
    let Some(task) = task else {
        // Nothing is left to do: the request was over before.
        return finish(store, cx, (job, account), (There::Nothing, Ok(None))).await;
    };
    let outcome = match task.carry_out(reach).await {
        Ok(role_id) => Ok(role_id),
        Err(failure) if failure.passes && job.attempts < ATTEMPTS_MAX => {
            tracing::info!(job = job.id, attempts = job.attempts, %failure, "an account is tried again");
            return Ok(Ended::Later(wait(cx, job.attempts)));
        }
        // Nobody keeps access because the account does not cooperate.
        Err(failure) if let There::Remove { name, .. } = &task.there => {
            Err(format!("{failure}. The assignment is ended, and the role {name} still stands there"))
        }
        Err(failure) => return failed(Fault::validation(failure.to_string())).await,
    };
    match finish(store, cx, (job, account), (task.there, outcome)).await {
        Err(fault) if *fault.kind() == FaultKind::Unavailable => Err(fault),
        Err(fault) => failed(fault).await,
        done => done,
    }
}

/// The request of a job, if it is still to be carried out.
fn open_request(rx: &mut Rx<'_>, job: &Job) -> Result<Option<(ProvisioningRequest, InstanceId)>, Fault> {
    let found = store::accounts::provisioning_requests::find_any(rx, &job.subject)?;
    Ok(found.filter(|(request, _)| request.status == RequestStatus::InProgress))
}

fn planned(
    rx: &mut Rx<'_>,
    cx: &Cx,
    (request, instance): (&ProvisioningRequest, &InstanceId),
    account: &AccountId,
) -> Result<(Instance, Work), Fault> {
    let instance = store::instances::instances::find(rx, instance)?
        .ok_or_else(|| Fault::not_found(format!("Instance {instance} not found")))?;
    let work = plan(rx, cx, (&instance, None), (request, account))?;
    Ok((instance, work))
}

fn task(rx: &mut Rx<'_>, cx: &Cx, job: &Job, account: &AccountId) -> Result<Option<Task>, Fault> {
    let Some((request, instance)) = open_request(rx, job)? else { return Ok(None) };
    let (instance, work) = planned(rx, cx, (&request, &instance), account)?;
    let connection = store::accounts::account_connections::find(rx, account)?
        .ok_or_else(|| Fault::conflict(format!("Account {account} is not connected any more")))?;
    Ok(Some(Task {
        there: There::of(&work, &instance),
        access: reaching::access(rx, &instance, &connection)?,
        provider: reaching::provider(rx, &instance, account)?,
        instance,
    }))
}

/// Writes what was done.
async fn finish(
    store: &Store,
    cx: &Cx,
    (job, account): (&Job, &AccountId),
    (there, outcome): (There, Outcome),
) -> Result<Ended, Fault> {
    if let Err(reason) = &outcome {
        tracing::warn!(job = job.id, %account, reason, "provisioning failed");
    }
    let result = if outcome.is_ok() { "done" } else { "failed" };
    let (job, account) = (job.clone(), account.clone());
    let written = store
        .write(&cx.with_event(work_event()), move |tx, cx| {
            write(tx, cx, (&job, &account), (&there, &outcome))
        })
        .await;
    match written {
        Ok(()) => {
            tracing::trace!(target: model::counted::TARGET, what = "job", result);
            Ok(Ended::Done)
        }
        Err(fault) if fault.message() == CHANGED => Ok(Ended::Later(Duration::ZERO)),
        Err(fault) if is_superseded(&fault) => Ok(Ended::Done),
        Err(fault) => Err(fault),
    }
}

fn write(
    tx: &mut Tx<'_>,
    cx: &Cx,
    (job, account): (&Job, &AccountId),
    (there, outcome): (&There, &Outcome),
) -> Result<(), Fault> {
    let Some((request, instance)) = open_request(tx, job)? else {
        return if store::jobs::take(tx, &job.id)? { Ok(()) } else { Err(superseded()) };
    };
    let (instance, mut work) = planned(tx, cx, (&request, &instance), account)?;
    if There::of(&work, &instance) != *there {
        return Err(Fault::new(FaultKind::Conflict(ConflictReason::ConcurrentModification), CHANGED));
    }
    take(tx, cx, job)?;
    cx.event().detail("kind", request.kind.as_str());
    match (&mut work.role, outcome) {
        (Change::Write { role, .. }, Ok(Some(id))) => id.clone_into(&mut role.role_id),
        // The note of it stays, as the role does, which may be shut or empty by now: the next assignment makes it whole.
        (role, Err(_)) => {
            if let Change::Remove { set, name, .. } = role {
                let state = (name.as_str(), NO_REVISION);
                store::accounts::provisioned_permission_sets::upsert(tx, account, set, state, cx.now)?;
            }
            *role = Change::None;
        }
        _ => {}
    }
    carry_out(tx, cx, account, &work)?;
    if outcome.is_ok() {
        drift_repair::put_right(tx, &instance.id, &work.role)?;
    }
    // One account of many: the request ends when all have.
    if request.account_id.is_some() {
        let reason = outcome.as_ref().err().map(String::as_str);
        let status = if reason.is_none() { RequestStatus::Succeeded } else { RequestStatus::Failed };
        if let Some(reason) = reason {
            cx.event().detail("accountId", account.as_str());
            cx.event().detail("failureReason", reason);
        }
        store::accounts::provisioning_requests::finish(tx, &request.id, status, reason)?;
    }
    Ok(())
}
