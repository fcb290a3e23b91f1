//! Puts right in a connected account what a check found and somebody asked to have put right: a role or the SAML provider is brought to what was made there, a
//! role that should not be there is taken away. And what a provisioning put right on its way, which then differs no more.

use broker::aws::access::Reach;
use broker::aws::failure::Failure;
use broker::aws::roles;
use model::accounts::account::AccountId;
use model::accounts::account_drift::{DriftFinding, DriftKind, DriftResource, FindingId, FindingStatus};
use model::cx::Cx;
use model::event::EventHead;
use model::fault::Fault;
use model::instances::instance::InstanceId;
use model::job::Job;
use store::accounts::drift_findings;
use store::db::Store;
use store::tx::{Rx, Tx};

use crate::account_connections::KIND;
use crate::account_drifts::FINDING;
use crate::connected_work::{ATTEMPTS_MAX, Ended, Known, NO_REVISION, account_of, drop_job, wait, wanted};
use crate::drift_detection::gone;
use crate::provisioned_roles::Change;
use crate::provisioning::{is_superseded, superseded};

/// Carries out a repair. An error means that it could not be tried (the database is away): the job runs again.
pub async fn run_one(store: &Store, cx: &Cx, reach: &Reach, job: &Job) -> Result<Ended, Fault> {
    let account = account_of(job)?;
    let read = store.read(|rx| {
        let finding = open_finding(rx, &account, job)?;
        finding.map(|finding| Ok((finding, Known::read(rx, &account)?))).transpose()
    })?;
    let Some((finding, known)) = read else { return drop_job(store, cx, job).await };
    let outcome = match repair(&finding, &known, reach).await {
        Err(failure) if failure.passes && job.attempts < ATTEMPTS_MAX => {
            tracing::info!(job = job.id, attempts = job.attempts, %failure, "a repair is tried again");
            return Ok(Ended::Later(wait(cx, job.attempts)));
        }
        outcome => outcome.map_err(|failure| failure.to_string()),
    };
    let head = EventHead::of_service("sso.amazonaws.com", "AccountDriftRepair");
    let (job, known) = (job.clone(), std::sync::Arc::new(known));
    let written = store
        .write(&cx.with_event(head), move |tx, cx| {
            write(tx, cx, (&job, &account), &known, outcome.as_ref().copied().map_err(String::as_str))
        })
        .await;
    written.or_else(|fault| if is_superseded(&fault) { Ok(()) } else { Err(fault) })?;
    Ok(Ended::Done)
}

/// The finding of a job, if it is still to be put right.
fn open_finding(rx: &mut Rx<'_>, account: &AccountId, job: &Job) -> Result<Option<DriftFinding>, Fault> {
    let found = drift_findings::find(rx, account, &FindingId::trusted(job.subject.clone()))?;
    Ok(found.filter(|finding| finding.status == FindingStatus::Repairing))
}

async fn repair(finding: &DriftFinding, known: &Known, reach: &Reach) -> Result<(), Failure> {
    let (access, provider, instance) = (&known.access, &known.provider, &known.instance.id);
    let found = &finding.found;
    if found.resource == DriftResource::SamlProvider {
        return roles::ensure_provider(access, reach, provider).await;
    }
    let expected = known.expected.iter().find(|(role, _)| role.arn() == found.arn);
    match expected {
        Some((role, revision)) if *revision != NO_REVISION => {
            roles::ensure(access, reach, provider, &wanted(role, instance)).await.map(|_| ())
        }
        _ if found.kind == DriftKind::Unexpected => {
            let name = found.arn.rsplit('/').next().unwrap_or_default();
            roles::remove(access, reach, (name, &known.path()), instance.as_str()).await
        }
        // Nothing should be there any more, and nothing was.
        _ => Ok(()),
    }
}

fn write(
    tx: &mut Tx<'_>,
    cx: &Cx,
    (job, account): (&Job, &AccountId),
    known: &Known,
    outcome: Result<(), &str>,
) -> Result<(), Fault> {
    let finding = open_finding(tx, account, job)?;
    if !store::jobs::take(tx, &job.id)? {
        return Err(superseded());
    }
    let Some(finding) = finding else { return Ok(()) };
    let event = cx.event();
    event.touch(KIND, account.as_str());
    event.touch(FINDING, finding.id.as_str());
    event.touch(finding.found.resource.as_str(), finding.found.arn.as_str());
    event.detail("accountId", account.as_str());
    if let Err(reason) = outcome {
        event.detail("failureReason", reason);
        return drift_findings::fail(tx, &finding.id, reason);
    }
    drift_findings::delete(tx, &finding.id)?;
    let expected = known.expected.iter().find(|(role, _)| role.arn() == finding.found.arn);
    match expected {
        // The role that could not be taken away is gone now.
        Some((role, NO_REVISION)) => match &role.permission_set_id {
            Some(set) => gone(account, set, role).apply(tx, cx),
            None => Ok(()),
        },
        // Whoever makes a role whole makes the provider that it trusts.
        Some(_) => drift_findings::delete_by_resource(tx, account, &known.provider.arn).map(|_| ()),
        None => Ok(()),
    }
}

/// What a provisioning brought to what it should be differs no more.
pub(crate) fn put_right(tx: &mut Tx<'_>, instance: &InstanceId, change: &Change) -> Result<(), Fault> {
    let (role, is_made) = match change {
        Change::Write { role, .. } => (role, true),
        Change::Remove { role: Some(role), .. } => (role, false),
        Change::None | Change::Remove { role: None, .. } => return Ok(()),
    };
    let account = &role.account_id;
    drift_findings::delete_by_resource(tx, account, &role.arn())?;
    if is_made {
        let provider = broker::local::saml_provider_arn(account, instance);
        drift_findings::delete_by_resource(tx, account, &provider)?;
    }
    Ok(())
}
