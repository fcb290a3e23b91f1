//! DetectAccountDrift, DescribeAccountDrift, ListAccountDriftFindings, RepairAccountDriftFinding, AcceptAccountDriftFinding: whether connected accounts are as they
//! were made, and what is decided where one is not. Nothing is put right that nobody asked for. What a check does is `drift_detection`'s, what a repair does
//! `drift_repair`'s.

use model::accounts::account::AccountId;
use model::accounts::account_drift::{
    AccountDrift, Detection, DetectionStatus, DriftFinding, FindingFilter, FindingId, FindingStatus,
};
use model::accounts::permission_set::PermissionSetArn;
use model::cx::Cx;
use model::entropy::uuid_by_time;
use model::fault::Fault;
use model::instances::instance::InstanceId;
use model::job::JobKind;
use model::page::{Page, PageRequest};
use policy::require::Action;
use serde_json::json;
use store::accounts::{account_drifts, drift_findings};
use store::db::Store;
use store::tx::{Rx, Tx};

use crate::account_connections::{KIND, enter, existing};
use crate::connected_work::add_job;
use crate::instance::{existing_set, guarded, require_not_protected};

/// What records call a finding.
pub(crate) const FINDING: &str = "AWS::SSO::AccountDriftFinding";

/// How looking at an account goes, and whether anything was found.
pub type Known = (AccountDrift, bool);

fn drift(rx: &mut Rx<'_>, account: &AccountId) -> Result<AccountDrift, Fault> {
    existing(rx, account)?;
    account_drifts::find(rx, account)?
        .ok_or_else(|| Fault::internal(format!("account {account} is connected without a row of its drift")))
}

fn known(rx: &mut Rx<'_>, account: &AccountId) -> Result<Known, Fault> {
    let found = drift(rx, account)?;
    let has_findings = drift_findings::is_any(rx, account)?;
    Ok((found, has_findings))
}

/// A check of an account begins, unless one is under way.
pub(crate) fn begin(tx: &mut Tx<'_>, cx: &Cx, account: &AccountId) -> Result<(), Fault> {
    let is_open = |detection: &Detection| detection.status == DetectionStatus::InProgress;
    if drift(tx, account)?.detection.as_ref().is_some_and(is_open) {
        return Ok(());
    }
    let new = Detection {
        id: uuid_by_time(cx.entropy(), cx.now).to_string(),
        status: DetectionStatus::InProgress,
        requested_by: cx.caller.arn(),
        requested_at: cx.now,
        reason: None,
        done_to: String::new(),
    };
    account_drifts::begin(tx, account, &new)?;
    add_job(tx, cx, account, (JobKind::DriftDetection, &new.id))
}

/// DetectAccountDrift: answers the check that is under way, which may have been before.
pub async fn detect(
    store: &Store,
    cx: &Cx,
    (instance, account): (&InstanceId, &AccountId),
) -> Result<Known, Fault> {
    let (instance, account) = (instance.clone(), account.clone());
    store
        .write(cx, move |tx, cx| {
            enter(tx, cx, "portico:DetectAccountDrift", (&instance, &account))?;
            begin(tx, cx, &account)?;
            let found = known(tx, &account)?;
            cx.event().touch(KIND, account.as_str());
            let id = found.0.detection.as_ref().map(|detection| detection.id.as_str());
            cx.event().respond(json!({"driftDetectionId": id}));
            Ok(found)
        })
        .await
}

/// DescribeAccountDrift.
pub fn describe(
    store: &Store,
    cx: &Cx,
    (instance, account): (&InstanceId, &AccountId),
) -> Result<Known, Fault> {
    store.read(|rx| {
        enter(rx, cx, "portico:DescribeAccountDrift", (instance, account))?;
        known(rx, account)
    })
}

/// ListAccountDriftFindings, the oldest first.
pub fn list(
    store: &Store,
    cx: &Cx,
    (instance, filter): (&InstanceId, &FindingFilter),
    page: &PageRequest,
) -> Result<Page<DriftFinding>, Fault> {
    store.read(|rx| {
        guarded(rx, cx, Action("portico:ListAccountDriftFindings"), instance)?;
        if let Some(arn) = &filter.permission_set {
            existing_set(rx, instance, arn)?;
        }
        let rows = drift_findings::page(rx, filter, page)?;
        Ok(page.page(rows, |finding| finding.id.to_string()))
    })
}

/// A finding that somebody decides about.
fn decided(
    tx: &mut Tx<'_>,
    cx: &Cx,
    action: &'static str,
    (instance, account, id): (&InstanceId, &AccountId, &FindingId),
) -> Result<DriftFinding, Fault> {
    enter(tx, cx, action, (instance, account))?;
    existing(tx, account)?;
    let found = drift_findings::find(tx, account, id)?.ok_or_else(|| {
        Fault::not_found(format!(
            "Account {account} has no finding {id}: it differs no more, or otherwise than before. ListAccountDriftFindings says how"
        ))
        .with_resource_id(id.as_str())
    })?;
    if let Some(set) = &found.found.permission_set_id {
        let arn = PermissionSetArn { instance_id: instance.clone(), id: set.clone() };
        require_not_protected(tx, cx, Action(action), &arn)?;
    }
    if found.status == FindingStatus::Repairing {
        return Err(Fault::conflict(format!("Finding {id} is being put right: wait until that has ended")));
    }
    cx.event().touch(KIND, account.as_str());
    cx.event().touch(FINDING, id.as_str());
    cx.event().touch(found.found.resource.as_str(), found.found.arn.as_str());
    Ok(found)
}

fn decide(
    tx: &mut Tx<'_>,
    cx: &Cx,
    found: &DriftFinding,
    status: FindingStatus,
) -> Result<DriftFinding, Fault> {
    let by = cx.caller.arn();
    drift_findings::decide(tx, &found.id, status, (&by, cx.now))?;
    Ok(DriftFinding { status, decided_by: Some(by), decided_at: Some(cx.now), reason: None, ..found.clone() })
}

/// RepairAccountDriftFinding: it is brought to what was made there, by a job in the account's lane.
pub async fn repair(
    store: &Store,
    cx: &Cx,
    (instance, account): (&InstanceId, &AccountId),
    id: &FindingId,
) -> Result<DriftFinding, Fault> {
    let (instance, account, id) = (instance.clone(), account.clone(), id.clone());
    store
        .write(cx, move |tx, cx| {
            let action = "portico:RepairAccountDriftFinding";
            let found = decided(tx, cx, action, (&instance, &account, &id))?;
            add_job(tx, cx, &account, (JobKind::DriftRepair, id.as_str()))?;
            decide(tx, cx, &found, FindingStatus::Repairing)
        })
        .await
}

/// AcceptAccountDriftFinding: it is to be so, until it changes.
pub async fn accept(
    store: &Store,
    cx: &Cx,
    (instance, account): (&InstanceId, &AccountId),
    id: &FindingId,
) -> Result<DriftFinding, Fault> {
    let (instance, account, id) = (instance.clone(), account.clone(), id.clone());
    store
        .write(cx, move |tx, cx| {
            let action = "portico:AcceptAccountDriftFinding";
            let found = decided(tx, cx, action, (&instance, &account, &id))?;
            decide(tx, cx, &found, FindingStatus::Accepted)
        })
        .await
}
