//! Provisioning: asking for permission sets to be provisioned, what is provisioned where, and how every asynchronous request is carried
//! out: in the transaction that accepts it where that can be, else by the worker. The worker runs one request at a time for each account;
//! each runs in one transaction with its status, the end of its job and its record, so that killing the process anywhere leaves it either
//! done or to be done again. A request for every account is a job in each account's lane and one that waits for them.

use std::time::Duration;

use model::accounts::account::AccountId;
use model::accounts::account_assignment::{
    AccountAssignment, Principal, ProvisioningRequest, RequestKind, RequestStatus,
};
use model::accounts::permission_set::{PermissionSet, PermissionSetArn};
use model::accounts::role::Role;
use model::caller::Caller;
use model::cx::Cx;
use model::event::{EventHead, Outcome};
use model::fault::{ConflictReason, Fault, FaultKind};
use model::instances::instance::{Instance, InstanceId};
use model::job::Job;
use model::limits::PROVISION_ALL_CALLS_MAX;
use model::page::{Page, PageRequest};
use policy::require::Action;
use policy::resource;
use serde_json::json;
use store::accounts::provisioned_permission_sets::Latest;
use store::db::Store;
use store::tx::{Rx, Tx};

use crate::instance::{find, guarded_set, guarded_set_everywhere, has_accounts, require_account};
use crate::provisioned_roles::{Change, ensured, permission_set, provisioned, removed};
use crate::provisioning_requests::{accept, new_id};

/// How soon to look again whether every account of a request is done.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
/// Why an assignment that is not there cannot be deleted.
pub(crate) const ASSIGNMENT_ABSENT: &str = "Received a 404 status error: Assignment not found.";
/// What a caller reads of a failure of ours (AWS's text, aws-capabilities §1.3).
const OUR_FAILURE: &str = "An unexpected internal service exception was encountered";

/// Asks for a permission set to be provisioned again: in one account, or wherever it stands (`None`).
pub async fn provision(
    store: &Store,
    cx: &Cx,
    instance: &InstanceId,
    arn: &PermissionSetArn,
    account: Option<AccountId>,
) -> Result<ProvisioningRequest, Fault> {
    let (instance, arn) = (instance.clone(), arn.clone());
    store
        .write(cx, move |tx, cx| {
            let action = Action("sso:ProvisionPermissionSet");
            let (found, set) = if let Some(account) = &account {
                let found = guarded_set(tx, cx, action, (&instance, &arn), Some(account))?;
                require_account(tx, account)?;
                found
            } else {
                let found = guarded_set_everywhere(tx, cx, action, (&instance, &arn))?;
                require_room(tx, cx, &instance)?;
                found
            };
            let request = ProvisioningRequest {
                id: new_id(cx),
                kind: RequestKind::Provision,
                status: RequestStatus::InProgress,
                failure_reason: None,
                permission_set_id: arn.id.clone(),
                account_id: account.clone(),
                principal: None,
                created_at: cx.now,
            };
            ask(tx, cx, (&found, set), &request)?;
            cx.event().touch("AWS::SSO::PermissionSet", arn.to_string());
            cx.event().respond(json!({"permissionSetProvisioningStatus": {
                "status": request.status.as_str(), "requestId": request.id.as_str(),
                "accountId": request.account_id.as_ref().map(AccountId::as_str), "permissionSetArn": arn.to_string(),
            }}));
            Ok(request)
        })
        .await
}

/// Accepts a request. What can be done at once is done in the same transaction, of which the caller hears no sooner than of anything else:
/// as at AWS a call answers that the request is under way.
pub(crate) fn ask(
    tx: &mut Tx<'_>,
    cx: &Cx,
    (instance, set): (&Instance, PermissionSet),
    request: &ProvisioningRequest,
) -> Result<(), Fault> {
    let Some((account, work)) = doable_at_once(tx, cx, (instance, set), request)? else {
        return accept(tx, cx, &instance.id, request);
    };
    let done = ProvisioningRequest { status: RequestStatus::Succeeded, ..request.clone() };
    store::accounts::provisioning_requests::insert(tx, &instance.id, &done)?;
    let own = cx.of_service(work_event());
    own.event().detail("requestId", request.id.as_str());
    own.event().detail("kind", request.kind.as_str());
    carry_out(tx, &own, account, &work)?;
    store::audit::audit_records::insert(tx, &own.record(Outcome::Success))
}

/// The one place that decides whether a request waits for the worker: the account that it is about and what it comes to, if nobody is before
/// it in that account's lane and nothing must be refused. A refusal comes from the worker, as at AWS: the request ends FAILED.
fn doable_at_once<'r>(
    rx: &mut Rx<'_>,
    cx: &Cx,
    (instance, set): (&Instance, PermissionSet),
    request: &'r ProvisioningRequest,
) -> Result<Option<(&'r AccountId, Work)>, Fault> {
    let Some(account) = &request.account_id else { return Ok(None) };
    // What is done somewhere else is done outside any transaction.
    if store::jobs::in_lane(rx, account.as_str())?
        || store::accounts::account_connections::exists(rx, account)?
    {
        return Ok(None);
    }
    match plan(rx, cx, (instance, Some(set)), (request, account)) {
        Ok(work) => Ok(Some((account, work))),
        Err(fault) if *fault.kind() == FaultKind::Unavailable => Err(fault),
        Err(_) => Ok(None),
    }
}

/// Strict mode admits a few calls for all accounts at a time.
fn require_room(tx: &mut Tx<'_>, cx: &Cx, instance: &InstanceId) -> Result<(), Fault> {
    let quota = cx.mode.quota(PROVISION_ALL_CALLS_MAX);
    let open = store::accounts::provisioning_requests::count_open_everywhere(tx, instance)?;
    if quota != u64::MAX && open >= quota {
        return Err(Fault::conflict(format!(
            "{quota} calls for all accounts are under way, which is the most"
        )));
    }
    Ok(())
}

/// The accounts that hold a permission set.
pub fn accounts(
    store: &Store,
    cx: &Cx,
    (instance, arn): (&InstanceId, &PermissionSetArn),
    latest: Latest,
    page: &PageRequest,
) -> Result<Page<AccountId>, Fault> {
    store.read(|rx| {
        let action = Action("sso:ListAccountsForProvisionedPermissionSet");
        let (_, set) = guarded_set(rx, cx, action, (instance, arn), None)?;
        let rows = store::accounts::provisioned_permission_sets::accounts(rx, &set.id, latest, page)?;
        Ok(page.page(rows, ToString::to_string))
    })
}

/// The permission sets that an account holds.
pub fn permission_sets(
    store: &Store,
    cx: &Cx,
    (instance, account): (&InstanceId, &AccountId),
    latest: Latest,
    page: &PageRequest,
) -> Result<Page<PermissionSetArn>, Fault> {
    store.read(|rx| {
        let action = Action("sso:ListPermissionSetsProvisionedToAccount");
        let found = find(rx, cx, action, instance)?;
        let tags = store::instances::tags::all_of(rx, &instance.arn())?;
        let resources = [resource::instance(&found, tags), resource::account(account, &found.owner)];
        policy::require::require(cx, action, &resources)?;
        has_accounts(cx, &found)?;
        let rows = store::accounts::provisioned_permission_sets::permission_sets(rx, account, latest, page)?;
        let arn = |id| PermissionSetArn { instance_id: instance.clone(), id };
        Ok(page.page(rows, ToString::to_string).map(arn))
    })
}

/// Carries out one job. An error means that it could not be tried (the database is away): the job runs again.
pub async fn run_one(store: &Store, cx: &Cx, job: &Job) -> Result<(), Fault> {
    let cx = cx.with_event(work_event());
    // Work in an account is in the account's lane; what is in another lane waits for such work.
    let Ok(account) = AccountId::parse(job.lane.clone()) else {
        return end_everywhere(store, &cx, job).await;
    };
    let done = {
        let (job, account) = (job.clone(), account.clone());
        store.write(&cx, move |tx, cx| attempt(tx, cx, &job, &account)).await
    };
    match done {
        Err(fault) if *fault.kind() == FaultKind::Unavailable => Err(fault),
        Err(fault) if is_superseded(&fault) => Ok(()),
        // Another event: what the attempt touched was taken back.
        Err(fault) => {
            let cx = cx.with_event(work_event());
            fail(store, &cx, (job, &account), &fault).await
        }
        Ok(()) => {
            tracing::trace!(target: model::counted::TARGET, what = "job", result = "done");
            Ok(())
        }
    }
}

/// The event of work on a request.
pub(crate) fn work_event() -> EventHead {
    EventHead::of_service("sso.amazonaws.com", "ProvisionRole")
}

/// Rolls back an attempt whose job another worker has ended since the claim lapsed: its result stands and nothing is to be recorded.
pub(crate) fn superseded() -> Fault {
    Fault::new(
        FaultKind::Conflict(ConflictReason::ConcurrentModification),
        "The job has been done by another worker",
    )
}

pub(crate) fn is_superseded(fault: &Fault) -> bool {
    *fault.kind() == FaultKind::Conflict(ConflictReason::ConcurrentModification)
}

/// Takes the job and finds its request, if that is still to be carried out.
pub(crate) fn take(
    tx: &mut Tx<'_>,
    cx: &Cx,
    job: &Job,
) -> Result<Option<(ProvisioningRequest, InstanceId)>, Fault> {
    if !store::jobs::take(tx, &job.id)? {
        return Err(superseded());
    }
    cx.event().detail("requestId", job.subject.as_str());
    let found = store::accounts::provisioning_requests::find_any(tx, &job.subject)?;
    Ok(found.filter(|(request, _)| request.status == RequestStatus::InProgress))
}

fn attempt(tx: &mut Tx<'_>, cx: &Cx, job: &Job, account: &AccountId) -> Result<(), Fault> {
    let Some((request, instance_id)) = take(tx, cx, job)? else { return Ok(()) };
    let instance = store::instances::instances::find(tx, &instance_id)?
        .ok_or_else(|| Fault::not_found(format!("Instance {instance_id} not found")))?;
    cx.event().detail("kind", request.kind.as_str());
    let work = plan(tx, cx, (&instance, None), (&request, account))?;
    carry_out(tx, cx, account, &work)?;
    // One account of many: the request ends when all have.
    if request.account_id.is_some() {
        store::accounts::provisioning_requests::finish(tx, &request.id, RequestStatus::Succeeded, None)?;
    }
    Ok(())
}

/// What a request comes to in one account.
pub(crate) struct Work {
    assignment: Edit,
    pub(crate) role: Change,
}

pub(crate) enum Edit {
    None,
    Add(AccountAssignment),
    Remove(AccountAssignment),
}

/// Finds out what a request comes to; `set` is its permission set, if that was read already. Only reads, so that whatever must be refused is
/// refused before anything is changed.
pub(crate) fn plan(
    rx: &mut Rx<'_>,
    cx: &Cx,
    (instance, set): (&Instance, Option<PermissionSet>),
    (request, account): (&ProvisioningRequest, &AccountId),
) -> Result<Work, Fault> {
    let id = &request.permission_set_id;
    let wanted = |rx: &mut Rx<'_>| set.map_or_else(|| permission_set(rx, instance, id), Ok);
    match (request.kind, &request.principal) {
        (RequestKind::CreateAssignment, Some(principal)) => {
            let set = wanted(rx)?;
            let role = ensured(rx, cx, (instance, Some(&request.id)), set, account)?;
            Ok(Work { assignment: Edit::Add(assignment(request, account, principal)), role })
        }
        (RequestKind::DeleteAssignment, Some(principal)) => {
            let assignment = assignment(request, account, principal);
            if !store::accounts::account_assignments::exists(rx, &assignment)? {
                return Err(Fault::not_found(ASSIGNMENT_ABSENT));
            }
            let is_last = !store::accounts::account_assignments::others(rx, &assignment)?;
            let role = if is_last { removed(rx, id, account)? } else { Change::None };
            Ok(Work { assignment: Edit::Remove(assignment), role })
        }
        // An account that has given the permission set up since every account was asked for has nothing to renew.
        (RequestKind::Provision, _)
            if request.account_id.is_none()
                && store::accounts::provisioned_permission_sets::find(rx, account, id)?.is_none() =>
        {
            Ok(Work { assignment: Edit::None, role: Change::None })
        }
        (RequestKind::Provision, _) => {
            let set = wanted(rx)?;
            Ok(Work {
                assignment: Edit::None,
                role: provisioned(rx, cx, (instance, Some(&request.id)), set, account)?,
            })
        }
        _ => Err(Fault::internal(format!("request {} lacks its principal", request.id))),
    }
}

/// Does what was found out, and records what became of the role.
pub(crate) fn carry_out(tx: &mut Tx<'_>, cx: &Cx, account: &AccountId, work: &Work) -> Result<(), Fault> {
    work.role.apply(tx, cx)?;
    match &work.assignment {
        Edit::None => {}
        Edit::Add(new) => {
            store::accounts::account_assignments::insert(tx, new, cx.now)?;
        }
        Edit::Remove(old) => store::accounts::account_assignments::delete(tx, old, cx.now)?,
    }
    record_change(tx, cx, account, &work.role)
}

fn assignment(
    request: &ProvisioningRequest,
    account: &AccountId,
    principal: &Principal,
) -> AccountAssignment {
    AccountAssignment {
        account_id: account.clone(),
        permission_set_id: request.permission_set_id.clone(),
        principal: principal.clone(),
    }
}

/// The change of a role in the words of its account's own trail: what AWSServiceRoleForSSO did there.
pub(crate) fn record_change(
    tx: &mut Tx<'_>,
    cx: &Cx,
    account: &AccountId,
    change: &Change,
) -> Result<(), Fault> {
    let (name, role): (&str, &Role) = match change {
        Change::None | Change::Remove { role: None, .. } => return Ok(()),
        Change::Write { role, stood: false, .. } => ("CreateRole", role),
        Change::Write { role, stood: true, .. } => ("UpdateRole", role),
        Change::Remove { role: Some(role), .. } => ("DeleteRole", role),
    };
    cx.event().touch("AWS::IAM::Role", role.arn());
    let head = EventHead {
        source: "iam.amazonaws.com".into(),
        name: name.into(),
        request_parameters: json!({"roleName": role.name.as_str(), "path": role.path}).into(),
        ..EventHead::default()
    };
    let mut theirs = cx.with_event(head).with_caller(Caller::service(account.clone()));
    theirs.owner = account.clone();
    theirs.event().touch("AWS::IAM::Role", role.arn());
    store::audit::audit_records::insert(tx, &theirs.record(Outcome::Success))
}

/// What a caller reads of why something failed.
pub(crate) fn reason(fault: &Fault, job: &str) -> String {
    match fault.kind() {
        FaultKind::Internal => {
            tracing::error!(job, context = fault.context(), "a provisioning request failed");
            OUR_FAILURE.to_owned()
        }
        _ => fault.message().to_owned(),
    }
}

/// Says that a request failed, and why; of one that is about every account, that this one did.
pub(crate) async fn fail(
    store: &Store,
    cx: &Cx,
    (job, account): (&Job, &AccountId),
    fault: &Fault,
) -> Result<(), Fault> {
    let reason = reason(fault, &job.id);
    tracing::warn!(job = job.id, %account, reason, "provisioning failed");
    tracing::trace!(target: model::counted::TARGET, what = "job", result = "failed");
    let (job, account) = (job.clone(), account.clone());
    let said = store
        .write(cx, move |tx, cx| {
            let Some((request, _)) = take(tx, cx, &job)? else { return Ok(()) };
            cx.event().detail("kind", request.kind.as_str());
            cx.event().detail("accountId", account.as_str());
            cx.event().detail("failureReason", reason.clone());
            if request.account_id.is_some() {
                let failed = RequestStatus::Failed;
                return store::accounts::provisioning_requests::finish(
                    tx,
                    &request.id,
                    failed,
                    Some(&reason),
                );
            }
            // What an account elsewhere refused names it already.
            let named = format!("Account {account}: ");
            let reason = if reason.starts_with(&named) { reason.clone() } else { named + &reason };
            store::accounts::provisioning_requests::note_failure(tx, &request.id, &reason)
        })
        .await;
    said.or_else(|fault| if is_superseded(&fault) { Ok(()) } else { Err(fault) })
}

/// Ends a request for every account once each of them is done; until then its job comes back.
async fn end_everywhere(store: &Store, cx: &Cx, job: &Job) -> Result<(), Fault> {
    if store.read(|rx| Ok(store::jobs::others(rx, &job.subject, &job.id)?))? {
        let job = job.clone();
        return store.maintain(cx, move |tx, cx| store::jobs::retry(tx, &job, cx.now.plus(LOOK_AGAIN))).await;
    }
    let job = job.clone();
    let ended = store
        .write(cx, move |tx, cx| {
            let Some((request, _)) = take(tx, cx, &job)? else { return Ok(()) };
            cx.event().detail("kind", request.kind.as_str());
            let status = match &request.failure_reason {
                None => RequestStatus::Succeeded,
                Some(reason) => {
                    cx.event().detail("failureReason", reason.as_str());
                    RequestStatus::Failed
                }
            };
            store::accounts::provisioning_requests::finish(
                tx,
                &request.id,
                status,
                request.failure_reason.as_deref(),
            )
        })
        .await;
    ended.or_else(|fault| if is_superseded(&fault) { Ok(()) } else { Err(fault) })
}
