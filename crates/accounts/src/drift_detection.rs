//! Looks whether an account that is somewhere else is as it was made, by reading alone, and writes what differs: on demand and when its time has come. A look
//! that is disturbed goes on where it was, so that an account that throttles is seen in the end. What was last provisioned is what should be there, not
//! what its permission set says by now.

use std::collections::BTreeSet;
use std::time::Duration;

use broker::aws::access::Reach;
use broker::aws::differences::{difference, differences};
use broker::aws::steps::Standing;
use broker::aws::survey::{Sought, Survey, survey};
use model::accounts::account::{AccountId, AccountState};
use model::accounts::account_connection::ROLE_NAME_PREFIX;
use model::accounts::account_drift::{
    Detection, DetectionStatus, DriftFinding, DriftFound, DriftKind, DriftResource, FindingId, FindingStatus,
};
use model::accounts::permission_set::PermissionSetId;
use model::accounts::role::Role;
use model::cx::Cx;
use model::entropy::uuid_by_time;
use model::event::EventHead;
use model::fault::{ConflictReason, Fault, FaultKind};
use model::instances::instance::InstanceId;
use model::job::{Job, JobKind};
use model::timestamp::Timestamp;
use store::accounts::{account_connections, account_drifts, drift_findings, roles};
use store::db::Store;
use store::tx::{Rx, Tx};

use crate::account_connections::KIND;
use crate::account_drifts::begin;
use crate::connected_work::{ATTEMPTS_MAX, Ended, Known, NO_REVISION, account_of, drop_job, wait, wanted};
use crate::drift_schedule::plan;
use crate::provisioned_roles::Change;
use crate::provisioning::{is_superseded, superseded};

/// Accounts that begin to be looked at by themselves at a time.
const BATCH: i64 = 50;
/// Why a look is for nothing: what should be there has changed while it was taken.
const CHANGED: &str = "What should be in the account has changed meanwhile";

fn sought<'a>(known: &'a Known, path: &'a str, done_to: &'a str) -> Sought<'a> {
    Sought {
        provider_arn: &known.provider.arn,
        path,
        prefix: known.connection.settings.role_name_prefix.as_deref().unwrap_or(ROLE_NAME_PREFIX),
        mark: known.instance.id.as_str(),
        names: known.expected.iter().map(|(role, _)| role.name.to_string()).collect::<BTreeSet<_>>(),
        done_to,
    }
}

/// How a look ended.
#[derive(Debug, Clone)]
enum End {
    /// All was seen.
    Whole,
    /// It goes on behind what was seen, after this.
    GoesOn(Duration),
    /// The account refused.
    Refused(String),
}

/// Carries out a check. An error means that it could not be tried (the database is away): the job runs again.
pub async fn run_one(store: &Store, cx: &Cx, reach: &Reach, job: &Job) -> Result<Ended, Fault> {
    let account = account_of(job)?;
    let read = store.read(|rx| {
        let open = open_detection(rx, &account, job)?;
        open.map(|detection| Ok((detection, Known::read(rx, &account)?))).transpose()
    })?;
    let Some((detection, known)) = read else { return drop_job(store, cx, job).await };
    let path = known.path();
    let seen = survey(&known.access, reach, &sought(&known, &path, &detection.done_to)).await;
    let is_further = seen.done_to != detection.done_to;
    let end = match &seen.failure {
        None => End::Whole,
        Some(failure) if failure.passes && is_further => End::GoesOn(wait(cx, 1)),
        Some(failure) if failure.passes && job.attempts < ATTEMPTS_MAX => {
            tracing::info!(job = job.id, attempts = job.attempts, %failure, "an account is looked at again");
            return Ok(Ended::Later(wait(cx, job.attempts)));
        }
        Some(failure) => End::Refused(failure.to_string()),
    };
    let head = EventHead::of_service("sso.amazonaws.com", "AccountDriftDetection");
    let look = Look { detection, known, seen, end };
    let (of, look) = ((job.clone(), account), std::sync::Arc::new(look));
    let written = store.write(&cx.with_event(head), move |tx, cx| look.write(tx, cx, (&of.0, &of.1))).await;
    match written {
        Ok(()) => Ok(Ended::Done),
        Err(fault) if fault.message() == CHANGED => Ok(Ended::Later(Duration::ZERO)),
        Err(fault) if is_superseded(&fault) => Ok(Ended::Done),
        Err(fault) => Err(fault),
    }
}

/// The check of a job, if it is still to be carried out.
fn open_detection(rx: &mut Rx<'_>, account: &AccountId, job: &Job) -> Result<Option<Detection>, Fault> {
    let detection = account_drifts::find(rx, account)?.and_then(|drift| drift.detection);
    Ok(detection.filter(|one| one.id == job.subject && one.status == DetectionStatus::InProgress))
}

/// What was seen, and of what.
struct Look {
    detection: Detection,
    known: Known,
    seen: Survey,
    end: End,
}

/// What became of findings.
#[derive(Default)]
struct Told {
    found: Vec<String>,
    gone: u64,
}

impl Look {
    fn write(&self, tx: &mut Tx<'_>, cx: &Cx, (job, account): (&Job, &AccountId)) -> Result<(), Fault> {
        if open_detection(tx, account, job)?.is_none() {
            return if store::jobs::take(tx, &job.id)? { Ok(()) } else { Err(superseded()) };
        }
        if roles::of_permission_sets(tx, account)? != self.known.expected {
            return Err(Fault::new(FaultKind::Conflict(ConflictReason::ConcurrentModification), CHANGED));
        }
        if !store::jobs::take(tx, &job.id)? {
            return Err(superseded());
        }
        let mut told = Told::default();
        for (arn, found) in self.compared(account) {
            self.settle(tx, cx, (account, &arn, found), &mut told)?;
        }
        self.forget_gone(tx, cx, account)?;
        let event = cx.event();
        event.touch(KIND, account.as_str());
        event.detail("accountId", account.as_str());
        event.detail("driftDetectionId", self.detection.id.as_str());
        match &self.end {
            End::Whole => {
                told.gone += drift_findings::delete_unseen(tx, account, &self.detection.id)?;
                account_drifts::complete(tx, account, cx.now)?;
            }
            End::GoesOn(wait) => {
                account_drifts::go_on(tx, account, &self.seen.done_to)?;
                let next = uuid_by_time(cx.entropy(), cx.now).to_string();
                let place = (job.lane.as_str(), job.subject.as_str());
                store::jobs::insert(tx, &next, JobKind::DriftDetection, place, cx.now.plus(*wait))?;
                event.detail("doneTo", self.seen.done_to.as_str());
            }
            End::Refused(reason) => {
                account_drifts::fail(tx, account, reason)?;
                event.detail("failureReason", reason.as_str());
            }
        }
        event.detail("newFindings", told.found);
        event.detail("endedFindings", told.gone);
        Ok(())
    }

    /// Each thing that was looked at, by ARN, with what differs of it.
    fn compared(&self, account: &AccountId) -> Vec<(String, Option<DriftFound>)> {
        let known = &self.known;
        let mut all = Vec::new();
        if let Some(seen) = &self.seen.provider {
            let arn = known.provider.arn.clone();
            all.push((arn, self.compared_provider(seen.as_deref())));
        }
        for (name, standing) in &self.seen.roles {
            let expected = known.expected.iter().find(|(role, _)| role.name.as_str() == name);
            let arn = match expected {
                Some((role, _)) => role.arn(),
                None => format!("arn:aws:iam::{account}:role{}{name}", known.path()),
            };
            let found = compared_role(&known.instance.id, expected, standing.as_ref());
            let found = found.map(|(kind, differences)| DriftFound {
                resource: DriftResource::Role,
                arn: arn.clone(),
                permission_set_id: expected.and_then(|(role, _)| role.permission_set_id.clone()),
                kind,
                differences,
            });
            all.push((arn, found));
        }
        all
    }

    /// Roles alone need the provider: where there are none, it may be there or not.
    fn compared_provider(&self, seen: Option<&str>) -> Option<DriftFound> {
        if self.known.expected.iter().all(|(_, revision)| *revision == NO_REVISION) {
            return None;
        }
        let provider = &self.known.provider;
        let kind = if seen.is_none() { DriftKind::Deleted } else { DriftKind::Modified };
        let expected = Some(provider.metadata.clone());
        let path = "/SamlMetadataDocument".to_owned();
        let differs = difference(path, expected, seen.map(str::to_owned))?;
        Some(DriftFound {
            resource: DriftResource::SamlProvider,
            arn: provider.arn.clone(),
            permission_set_id: None,
            kind,
            differences: seen.map(|_| differs).into_iter().collect(),
        })
    }

    fn settle(
        &self,
        tx: &mut Tx<'_>,
        cx: &Cx,
        (account, arn, found): (&AccountId, &str, Option<DriftFound>),
        told: &mut Told,
    ) -> Result<(), Fault> {
        let Some(found) = found else {
            told.gone += drift_findings::delete_by_resource(tx, account, arn)?;
            return Ok(());
        };
        let before = drift_findings::find_by_resource(tx, account, arn)?;
        if let Some(before) = before {
            if before.found == found {
                return drift_findings::see(tx, &before.id, &self.detection.id);
            }
            // Whatever was decided was decided of another difference.
            drift_findings::delete(tx, &before.id)?;
        }
        let id = FindingId::trusted(uuid_by_time(cx.entropy(), cx.now).to_string());
        cx.event().touch(found.resource.as_str(), arn);
        told.found.push(id.to_string());
        let new = DriftFinding {
            id,
            account_id: account.clone(),
            found,
            status: FindingStatus::Open,
            found_by: self.detection.requested_by.clone(),
            found_at: cx.now,
            decided_by: None,
            decided_at: None,
            reason: None,
        };
        drift_findings::insert(tx, &new, &self.detection.id)
    }

    /// Roles that were to go, could not, and are gone or not ours any more: nothing is left of them to note.
    fn forget_gone(&self, tx: &mut Tx<'_>, cx: &Cx, account: &AccountId) -> Result<(), Fault> {
        for (name, standing) in &self.seen.roles {
            let expected = self.known.expected.iter().find(|(role, _)| role.name.as_str() == name);
            let Some((role, NO_REVISION)) = expected else { continue };
            if standing.as_ref().is_some_and(|standing| is_ours(standing, role, &self.known.instance.id)) {
                continue;
            }
            if let Some(set) = &role.permission_set_id {
                gone(account, set, role).apply(tx, cx)?;
            }
        }
        Ok(())
    }
}

/// That a role of a permission set is there no more.
pub(crate) fn gone(account: &AccountId, set: &PermissionSetId, role: &Role) -> Change {
    Change::Remove {
        account: account.clone(),
        set: set.clone(),
        name: role.name.to_string(),
        role: Some(role.clone()),
    }
}

fn is_ours(standing: &Standing, role: &Role, instance: &InstanceId) -> bool {
    standing.path == role.path && standing.mark.as_deref() == Some(instance.as_str())
}

type Differs = (DriftKind, Vec<model::accounts::account_drift::PropertyDifference>);

/// What is wrong with a role. One that bears our mark and should not be there is expected by nobody, or was to go.
fn compared_role(
    instance: &InstanceId,
    expected: Option<&(Role, i64)>,
    standing: Option<&Standing>,
) -> Option<Differs> {
    match (expected, standing) {
        (None | Some((_, NO_REVISION)), None) => None,
        (None, Some(_)) => Some((DriftKind::Unexpected, Vec::new())),
        (Some((role, NO_REVISION)), Some(standing)) => {
            is_ours(standing, role, instance).then(|| (DriftKind::Unexpected, Vec::new()))
        }
        (Some(_), None) => Some((DriftKind::Deleted, Vec::new())),
        (Some((role, _)), Some(standing)) => {
            let differences = differences(standing, &wanted(role, instance));
            (!differences.is_empty()).then_some((DriftKind::Modified, differences))
        }
    }
}

/// Begins to look at accounts whose time has come, and decides when others are looked at; how many were due.
pub async fn schedule(store: &Store, cx: &Cx) -> Result<usize, Fault> {
    if store.read(|rx| Ok(account_drifts::due(rx, cx.now, 1)?))?.is_empty() {
        return Ok(0);
    }
    let begin_due = |tx: &mut Tx<'_>, cx: &Cx| {
        let due = account_drifts::due(tx, cx.now, BATCH)?;
        for (account, at) in &due {
            next(tx, cx, account, *at)?;
        }
        Ok(due.len())
    };
    store.maintain(cx, begin_due).await
}

fn next(tx: &mut Tx<'_>, cx: &Cx, account: &AccountId, due: Option<Timestamp>) -> Result<(), Fault> {
    let Some(connection) = account_connections::find(tx, account)? else {
        return account_drifts::plan(tx, account, None);
    };
    let settings = &connection.settings;
    let (Some(due), Some(every)) = (due, settings.drift_detection_every()) else {
        return plan(tx, cx, account, settings);
    };
    // One that is suspended lets nobody in.
    let found = store::accounts::accounts::find(tx, account)?;
    if found.is_some_and(|found| found.state == AccountState::Active) {
        begin(tx, cx, account)?;
    }
    let then = due.plus(every);
    if then > cx.now {
        account_drifts::plan(tx, account, Some(then))
    } else {
        plan(tx, cx, account, settings)
    }
}
