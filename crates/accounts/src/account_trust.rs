//! Has connected accounts trust the keys that the instance signs assertions with, when those change: what roles there trust is brought to what is published,
//! before a new key signs.

use broker::aws::access::Reach;
use broker::aws::roles;
use model::cx::Cx;
use model::event::EventHead;
use model::fault::{Fault, FaultKind};
use model::job::{Job, JobKind};
use store::accounts::{account_connections, drift_findings};
use store::db::Store;
use store::tx::Tx;

use crate::account_connections::KIND;
use crate::connected_work::{ATTEMPTS_MAX, Ended, Known, account_of, add_job, drop_job, wait};
use crate::provisioning::{is_superseded, superseded};

/// Has every connected account hear which keys are published now.
pub fn renew(tx: &mut Tx<'_>, cx: &Cx) -> Result<(), Fault> {
    for account in account_connections::accounts(tx)? {
        add_job(tx, cx, &account, (JobKind::ProviderUpdate, account.as_str()))?;
    }
    Ok(())
}

/// Tells one account. An error means that it could not be tried (the database is away): the job runs again.
pub async fn run_one(store: &Store, cx: &Cx, reach: &Reach, job: &Job) -> Result<Ended, Fault> {
    let account = account_of(job)?;
    let known = match store.read(|rx| Known::read(rx, &account)) {
        Ok(known) => known,
        // It is not connected any more.
        Err(fault) if matches!(fault.kind(), FaultKind::Conflict(_) | FaultKind::NotFound(_)) => {
            return drop_job(store, cx, job).await;
        }
        Err(fault) => return Err(fault),
    };
    if known.expected.is_empty() {
        // Nothing there trusts anything of ours: whoever makes the first role makes the provider.
        return drop_job(store, cx, job).await;
    }
    let outcome = match roles::ensure_provider(&known.access, reach, &known.provider).await {
        Err(failure) if failure.passes && job.attempts < ATTEMPTS_MAX => {
            tracing::info!(job = job.id, attempts = job.attempts, %failure, "an account hears of keys later");
            return Ok(Ended::Later(wait(cx, job.attempts)));
        }
        outcome => outcome.map_err(|failure| failure.to_string()),
    };
    if let Err(reason) = &outcome {
        tracing::warn!(%account, reason, "an account does not trust the instance's new key");
    }
    let head = EventHead::of_service("sso.amazonaws.com", "AccountTrustUpdate");
    let (id, provider) = (job.id.clone(), known.provider.arn);
    let written = store
        .write(&cx.with_event(head), move |tx, cx| {
            if !store::jobs::take(tx, &id)? {
                return Err(superseded());
            }
            let event = cx.event();
            event.touch(KIND, account.as_str());
            event.detail("accountId", account.as_str());
            if let Err(reason) = &outcome {
                event.detail("failureReason", reason.as_str());
                return Ok(());
            }
            drift_findings::delete_by_resource(tx, &account, &provider).map(|_| ())
        })
        .await;
    written.or_else(|fault| if is_superseded(&fault) { Ok(()) } else { Err(fault) })?;
    Ok(Ended::Done)
}
