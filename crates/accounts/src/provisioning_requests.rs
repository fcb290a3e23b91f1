//! Asynchronous requests: accepted with their job in one transaction, read by their status calls.

use model::accounts::account::AccountId;
use model::accounts::account_assignment::{ProvisioningRequest, RequestKind, RequestStatus};
use model::cx::Cx;
use model::entropy;
use model::fault::Fault;
use model::id::RequestId;
use model::instances::instance::InstanceId;
use model::job::{JobKind, Queue};
use model::page::{Page, PageRequest};
use policy::require::Action;
use store::db::Store;
use store::tx::Tx;

use crate::instance::guarded;

/// Accepts a request: its row and its job. One that is about every account has a job for each account that holds the permission set now,
/// and one in a lane of its own that ends it.
pub(crate) fn accept(
    tx: &mut Tx<'_>,
    cx: &Cx,
    instance: &InstanceId,
    request: &ProvisioningRequest,
) -> Result<(), Fault> {
    store::accounts::provisioning_requests::insert(tx, instance, request)?;
    let job = entropy::uuid_by_time(cx.entropy(), cx.now).to_string();
    let (kind, subject) = (JobKind::Provisioning, request.id.as_str());
    // One account's roles are worked on in order; accounts side by side.
    if let Some(account) = &request.account_id {
        if store::accounts::account_connections::exists(tx, account)? {
            let (kind, lane) = (JobKind::ConnectedProvisioning, connected_lane(account));
            return store::jobs::insert(tx, &job, kind, (&lane, subject), cx.now);
        }
        return store::jobs::insert(tx, &job, kind, (account.as_str(), subject), cx.now);
    }
    store::jobs::fan_out(tx, (&job, kind), subject, &request.permission_set_id, cx.now)?;
    store::jobs::insert(tx, &job, kind, (subject, subject), cx.now)
}

/// The lane of an account that is somewhere else.
pub(crate) fn connected_lane(account: &AccountId) -> String {
    let (begin, _) = Queue::Connected.lanes();
    format!("{begin}{account}")
}

/// A new request's id: sorts by time.
pub(crate) fn new_id(cx: &Cx) -> RequestId {
    RequestId::trusted(entropy::uuid_by_time(cx.entropy(), cx.now).to_string())
}

const fn describe_action(kind: RequestKind) -> Action {
    Action(match kind {
        RequestKind::CreateAssignment => "sso:DescribeAccountAssignmentCreationStatus",
        RequestKind::DeleteAssignment => "sso:DescribeAccountAssignmentDeletionStatus",
        RequestKind::Provision => "sso:DescribePermissionSetProvisioningStatus",
    })
}

const fn list_action(kind: RequestKind) -> Action {
    Action(match kind {
        RequestKind::CreateAssignment => "sso:ListAccountAssignmentCreationStatus",
        RequestKind::DeleteAssignment => "sso:ListAccountAssignmentDeletionStatus",
        RequestKind::Provision => "sso:ListPermissionSetProvisioningStatus",
    })
}

/// A request of this kind.
pub fn describe(
    store: &Store,
    cx: &Cx,
    instance: &InstanceId,
    kind: RequestKind,
    id: &RequestId,
) -> Result<ProvisioningRequest, Fault> {
    store.read(|rx| {
        guarded(rx, cx, describe_action(kind), instance)?;
        let found = store::accounts::provisioning_requests::find(rx, instance, id)?
            .filter(|request| request.kind == kind);
        found
            .ok_or_else(|| {
                Fault::not_found(format!("Request {id} was not found")).with_resource_id(id.as_str())
            })
            .map(as_shown)
    })
}

/// Requests of this kind, oldest first.
pub fn list(
    store: &Store,
    cx: &Cx,
    instance: &InstanceId,
    (kind, status): (RequestKind, Option<RequestStatus>),
    page: &PageRequest,
) -> Result<Page<ProvisioningRequest>, Fault> {
    store.read(|rx| {
        guarded(rx, cx, list_action(kind), instance)?;
        let rows = store::accounts::provisioning_requests::page(rx, instance, kind, status, page)?;
        Ok(page.page(rows, |request| request.id.to_string()).map(as_shown))
    })
}

/// A reason is kept from the first account that failed on; it is shown when the request has ended.
fn as_shown(request: ProvisioningRequest) -> ProvisioningRequest {
    match request.status {
        RequestStatus::InProgress => ProvisioningRequest { failure_reason: None, ..request },
        RequestStatus::Succeeded | RequestStatus::Failed => request,
    }
}
