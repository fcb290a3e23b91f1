//! DescribeProvisioning, PauseProvisioning, ResumeProvisioning, CancelProvisioning: what administrators do about a request that goes on: a permission set on its
//! way to thousands of accounts, or an account that does not answer. AWS's own calls show such a request as before: in progress, or failed with the reason.

use model::accounts::account_assignment::{ProvisioningRequest, RequestStatus};
use model::cx::Cx;
use model::fault::Fault;
use model::id::RequestId;
use model::instances::instance::InstanceId;
use model::job::Queue;
use policy::require::Action;
use store::accounts::provisioning_requests;
use store::db::Store;
use store::jobs::{self, About};
use store::tx::{Rx, Tx};

use crate::instance::{guarded, require_not_protected};

/// What records call a request.
const KIND: &str = "AWS::SSO::ProvisioningRequest";

/// A request, and how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provisioning {
    /// The request.
    pub request: ProvisioningRequest,
    /// Accounts in which it is still to be done.
    pub waiting: u64,
    /// Whether it waits for somebody to let it go on.
    pub is_paused: bool,
}

fn existing(
    rx: &mut Rx<'_>,
    cx: &Cx,
    action: Action,
    (instance, id): (&InstanceId, &RequestId),
) -> Result<ProvisioningRequest, Fault> {
    guarded(rx, cx, action, instance)?;
    provisioning_requests::find(rx, instance, id)?
        .ok_or_else(|| Fault::not_found(format!("Request {id} was not found")).with_resource_id(id.as_str()))
}

fn known(rx: &mut Rx<'_>, request: ProvisioningRequest) -> Result<Provisioning, Fault> {
    let About { all, paused } = jobs::about(rx, request.id.as_str())?;
    // One that is about every account has a job more, which ends it.
    let ending = u64::from(request.account_id.is_none());
    Ok(Provisioning { waiting: all.saturating_sub(ending), is_paused: paused > 0, request })
}

/// DescribeProvisioning.
pub fn describe(
    store: &Store,
    cx: &Cx,
    (instance, id): (&InstanceId, &RequestId),
) -> Result<Provisioning, Fault> {
    store.read(|rx| {
        let request = existing(rx, cx, Action("portico:DescribeProvisioning"), (instance, id))?;
        known(rx, request)
    })
}

/// A request that has not ended.
fn open(
    tx: &mut Tx<'_>,
    cx: &Cx,
    action: &'static str,
    (instance, id): (&InstanceId, &RequestId),
) -> Result<ProvisioningRequest, Fault> {
    let request = existing(tx, cx, Action(action), (instance, id))?;
    let set = model::accounts::permission_set::PermissionSetArn {
        instance_id: instance.clone(),
        id: request.permission_set_id.clone(),
    };
    require_not_protected(tx, cx, Action(action), &set)?;
    if request.status != RequestStatus::InProgress {
        return Err(Fault::conflict(format!("Request {id} has ended: it is {}", request.status.as_str())));
    }
    cx.event().touch(KIND, id.as_str());
    Ok(request)
}

/// PauseProvisioning: nothing more of it is begun, and it holds up nothing else. What is being done in an account at this moment is done to its end.
pub async fn pause(
    store: &Store,
    cx: &Cx,
    (instance, id): (&InstanceId, &RequestId),
) -> Result<Provisioning, Fault> {
    let (instance, id) = (instance.clone(), id.clone());
    store
        .write(cx, move |tx, cx| {
            let request = open(tx, cx, "portico:PauseProvisioning", (&instance, &id))?;
            jobs::pause(tx, id.as_str())?;
            known(tx, request)
        })
        .await
}

/// ResumeProvisioning: it goes on at once, behind what came meanwhile.
pub async fn resume(
    store: &Store,
    cx: &Cx,
    (instance, id): (&InstanceId, &RequestId),
) -> Result<Provisioning, Fault> {
    let (instance, id) = (instance.clone(), id.clone());
    store
        .write(cx, move |tx, cx| {
            let request = open(tx, cx, "portico:ResumeProvisioning", (&instance, &id))?;
            jobs::resume(tx, id.as_str(), cx.now, &[Queue::Work, Queue::Connected])?;
            known(tx, request)
        })
        .await
}

/// CancelProvisioning: it ends as failed, and says in how many accounts it was not done. What was done stays.
pub async fn cancel(
    store: &Store,
    cx: &Cx,
    (instance, id): (&InstanceId, &RequestId),
) -> Result<Provisioning, Fault> {
    let (instance, id) = (instance.clone(), id.clone());
    store
        .write(cx, move |tx, cx| {
            let request = open(tx, cx, "portico:CancelProvisioning", (&instance, &id))?;
            let Provisioning { waiting, .. } = known(tx, request.clone())?;
            jobs::delete_about(tx, id.as_str())?;
            let by = cx.caller.arn();
            let mut reason =
                format!("It was cancelled by {by} before it was done in {waiting} of its accounts");
            if let Some(before) = &request.failure_reason {
                reason = format!("{reason}; and before: {before}");
            }
            cx.event().detail("failureReason", reason.as_str());
            provisioning_requests::finish(tx, &id, RequestStatus::Failed, Some(&reason))?;
            let (status, failure_reason) = (RequestStatus::Failed, Some(reason));
            known(tx, ProvisioningRequest { status, failure_reason, ..request })
        })
        .await
}
