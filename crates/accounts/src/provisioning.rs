//! Provisioning: what turns permission sets and assignments into roles in accounts. The worker runs one request at a time for each
//! account; each runs in one transaction with its status, the end of its job and its record, so that killing the process anywhere
//! leaves it either done or to be done again.

use broker::spec::RoleSpec;
use model::account::AccountId;
use model::account_assignment::{
    AccountAssignment, Principal, ProvisioningRequest, RequestKind, RequestStatus,
};
use model::cx::Cx;
use model::event::{EventHead, EventType};
use model::fault::{Fault, FaultKind};
use model::instance::{Instance, InstanceId};
use model::job::Job;
use model::limits::{PERMISSION_SETS_PER_ACCOUNT_MAX, PROVISION_ALL_CALLS_MAX};
use model::page::{Page, PageRequest};
use model::permission_set::{PermissionSetArn, PermissionSetId};
use model::role::Role;
use policy::require::Action;
use serde_json::{Value, json};
use store::db::Store;
use store::provisioned_permission_sets::Latest;
use store::tx::Tx;

use crate::instance::{find, guarded, guarded_set, require_account};
use crate::provisioning_requests::{accept, new_id};

/// Accounts of an all-accounts request that one transaction provisions.
const ACCOUNTS_PER_STEP: usize = 500;

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
            guarded_set(tx, cx, Action("sso:ProvisionPermissionSet"), (&instance, &arn), account.as_ref())?;
            match &account {
                Some(account) => require_account(tx, account)?,
                None => require_room(tx, cx, &instance)?,
            }
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
            accept(tx, cx, &instance, &request)?;
            cx.event().touch("AWS::SSO::PermissionSet", arn.to_string());
            cx.event().respond(json!({"requestId": request.id.as_str(), "status": request.status.as_str()}));
            Ok(request)
        })
        .await
}

/// Strict mode admits a few calls for all accounts at a time.
fn require_room(tx: &mut Tx<'_>, cx: &Cx, instance: &InstanceId) -> Result<(), Fault> {
    let quota = cx.mode.quota(PROVISION_ALL_CALLS_MAX);
    let open = store::provisioning_requests::count_open(tx, instance, RequestKind::Provision)?;
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
        let rows = store::provisioned_permission_sets::accounts(rx, &set.id, latest, page)?;
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
        guarded(rx, cx, action, instance)?;
        policy::require::require(cx, action, &[policy::resource::account(account, &found.owner)])?;
        let rows = store::provisioned_permission_sets::permission_sets(rx, account, latest, page)?;
        let arn = |id| PermissionSetArn { instance_id: instance.clone(), id };
        Ok(page.page(rows, ToString::to_string).map(arn))
    })
}

/// Carries out one request. An error means that it could not be tried (the database is away): the job runs again.
pub async fn run_one(store: &Store, cx: &Cx, job: &Job) -> Result<(), Fault> {
    let head = EventHead {
        source: "sso.amazonaws.com".to_owned(),
        name: "ProvisionRole".to_owned(),
        read_only: false,
        event_type: EventType::AwsServiceEvent,
        request_parameters: Value::Null,
    };
    let cx = cx.with_event(head);
    let done = {
        let job = job.clone();
        store
            .write(&cx, move |tx, cx| {
                let Some((request, instance_id)) = store::provisioning_requests::find_any(tx, &job.subject)?
                else {
                    return store::jobs::delete(tx, &job.id);
                };
                let instance = store::instances::find(tx, &instance_id)?
                    .ok_or_else(|| Fault::not_found("the instance is gone"))?;
                carry_out(tx, cx, &instance, &request)?;
                store::provisioning_requests::finish(tx, &request.id, RequestStatus::Succeeded, None)?;
                store::jobs::delete(tx, &job.id)
            })
            .await
    };
    match done {
        Err(fault) if !matches!(fault.kind(), FaultKind::Unavailable) => fail(store, &cx, job, fault).await,
        other => other,
    }
}

/// Says that a request failed, and why.
async fn fail(store: &Store, cx: &Cx, job: &Job, fault: Fault) -> Result<(), Fault> {
    if *fault.kind() == FaultKind::Internal {
        tracing::error!(job = job.id, context = fault.context(), "a provisioning request failed");
    }
    let job = job.clone();
    let reason = fault.message().to_owned();
    store
        .write(cx, move |tx, cx| {
            cx.event().detail("failureReason", reason.clone());
            if let Some((request, _)) = store::provisioning_requests::find_any(tx, &job.subject)? {
                store::provisioning_requests::finish(tx, &request.id, RequestStatus::Failed, Some(&reason))?;
            }
            store::jobs::delete(tx, &job.id)
        })
        .await
}

fn carry_out(
    tx: &mut Tx<'_>,
    cx: &Cx,
    instance: &Instance,
    request: &ProvisioningRequest,
) -> Result<(), Fault> {
    cx.event().detail("requestId", request.id.as_str());
    cx.event().detail("kind", request.kind.as_str());
    match (request.kind, &request.account_id, &request.principal) {
        (RequestKind::CreateAssignment, Some(account), Some(principal)) => {
            let row = assignment(request, account, principal);
            let held = store::provisioned_permission_sets::find(tx, account, &request.permission_set_id)?;
            if held.is_none() {
                provision_in(tx, cx, instance, &request.permission_set_id, account)?;
            }
            store::account_assignments::insert(tx, &row, cx.now)?;
            Ok(())
        }
        (RequestKind::DeleteAssignment, Some(account), Some(principal)) => {
            if !store::account_assignments::delete(tx, &assignment(request, account, principal))? {
                return Err(Fault::not_found("Received a 404 status error: Assignment not found."));
            }
            if !store::account_assignments::exists_in_account(tx, account, &request.permission_set_id)? {
                deprovision_in(tx, cx, &request.permission_set_id, account)?;
            }
            Ok(())
        }
        (RequestKind::Provision, Some(account), _) => {
            provision_in(tx, cx, instance, &request.permission_set_id, account).map(|_| ())
        }
        (RequestKind::Provision, None, _) => {
            provision_everywhere(tx, cx, instance, &request.permission_set_id)
        }
        _ => Err(Fault::internal(format!("request {} lacks its account or principal", request.id))),
    }
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

fn provision_everywhere(
    tx: &mut Tx<'_>,
    cx: &Cx,
    instance: &Instance,
    set: &PermissionSetId,
) -> Result<(), Fault> {
    let mut page = PageRequest::first(ACCOUNTS_PER_STEP);
    loop {
        let rows = store::provisioned_permission_sets::accounts(tx, set, Latest::Any, &page)?;
        let step = page.page(rows, ToString::to_string);
        for account in &step.items {
            provision_in(tx, cx, instance, set, account)?;
        }
        match step.next {
            Some(next) => page.after = Some(next),
            None => return Ok(()),
        }
    }
}

/// Makes or renews the role of a permission set in an account.
pub(crate) fn provision_in(
    tx: &mut Tx<'_>,
    cx: &Cx,
    instance: &Instance,
    set_id: &PermissionSetId,
    account: &AccountId,
) -> Result<Role, Fault> {
    let set = store::permission_sets::find(tx, &instance.id, set_id)?.ok_or_else(|| {
        Fault::not_found(format!("Received a 404 status error: Permission set {set_id} not found."))
    })?;
    let managed = store::permission_set_policies::managed(tx, set_id)?;
    let customer = store::permission_set_policies::customer(tx, set_id)?;
    let boundary = store::permission_sets::boundary(tx, set_id)?;
    let boundary_policy = match &boundary {
        Some(model::permission_set::PermissionsBoundary::CustomerManaged(policy)) => Some(policy),
        _ => None,
    };
    // The embedded account plane has no customer managed policies: attaching one that is not there fails, as it does at AWS.
    if let Some(absent) = customer.first().or(boundary_policy) {
        let arn = broker::local::customer_policy_arn(account, absent);
        return Err(Fault::not_found(format!("Received a 404 status error: Not supported policy {arn}.")));
    }
    let inline = store::permission_sets::inline_policy(tx, set_id)?
        .map(|text| serde_json::from_str::<Value>(&text).map_err(Fault::internal))
        .transpose()?;
    let held = store::provisioned_permission_sets::find(tx, account, set_id)?;
    let quota = cx.mode.quota(PERMISSION_SETS_PER_ACCOUNT_MAX);
    if held.is_none()
        && quota != u64::MAX
        && store::provisioned_permission_sets::count_in_account(tx, account)? >= quota
    {
        return Err(Fault::quota(format!(
            "Account {account} holds {quota} permission sets, which is the most"
        )));
    }
    let mut role = broker::local::role(
        &RoleSpec {
            account_id: account,
            region: &instance.region,
            permission_set: &set,
            managed_policies: &managed,
            customer_policies: &customer,
            inline_policy: inline.as_ref(),
            boundary: boundary.as_ref(),
        },
        cx,
    );
    if let Some((name, _)) = held {
        // A role that stands keeps its name, whatever a new one would be called.
        role.name = model::role::RoleName::trusted(name);
    }
    store::roles::upsert(tx, &role)?;
    store::provisioned_permission_sets::upsert(
        tx,
        account,
        set_id,
        (role.name.as_str(), set.revision),
        cx.now,
    )?;
    cx.event().touch("AWS::IAM::Role", role.arn());
    Ok(role)
}

fn deprovision_in(tx: &mut Tx<'_>, cx: &Cx, set: &PermissionSetId, account: &AccountId) -> Result<(), Fault> {
    if let Some((role_name, _)) = store::provisioned_permission_sets::find(tx, account, set)? {
        store::roles::delete(tx, account, &role_name)?;
        store::provisioned_permission_sets::delete(tx, account, set)?;
        cx.event().touch("AWS::IAM::Role", format!("arn:aws:iam::{account}:role/{role_name}"));
    }
    Ok(())
}
