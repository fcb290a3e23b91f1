//! Account assignments: asked for here, carried out by [`crate::provisioning`], listed.

use model::accounts::account::AccountId;
use model::accounts::account_assignment::{
    AccountAssignment, Principal, ProvisioningRequest, RequestKind, RequestStatus,
};
use model::accounts::permission_set::{PermissionSet, PermissionSetArn};
use model::cx::Cx;
use model::fault::Fault;
use model::instances::instance::{Instance, InstanceId};
use model::limits::ASSIGNMENT_CALLS_OUTSTANDING_MAX;
use model::page::{Page, PageRequest};
use policy::require::{Action, require};
use policy::resource;
use serde_json::json;
use store::db::Store;
use store::tx::Tx;

use crate::instance::{find, guarded_set, has_accounts, require_account};
use crate::provisioned_roles::{ensured, permission_set};
use crate::provisioning_requests::new_id;

/// What a call asks for: who, what, where.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The instance.
    pub instance: InstanceId,
    /// What.
    pub permission_set: PermissionSetArn,
    /// Where.
    pub account: AccountId,
    /// Who.
    pub principal: Principal,
}

/// Asks for an assignment. One that is there already ends SUCCEEDED.
pub async fn create(store: &Store, cx: &Cx, ask: Ask) -> Result<ProvisioningRequest, Fault> {
    store
        .write(cx, move |tx, cx| {
            let (instance, set) = check(tx, cx, Action("sso:CreateAccountAssignment"), &ask)?;
            require_account(tx, &ask.account)?;
            store::directory::principals::require(tx, &instance.identity_store_id, &ask.principal)?;
            ask_for(tx, cx, (instance, set), (&ask, RequestKind::CreateAssignment))
        })
        .await
}

/// Asks for an assignment's end. One that is not there ends FAILED.
pub async fn delete(store: &Store, cx: &Cx, ask: Ask) -> Result<ProvisioningRequest, Fault> {
    store
        .write(cx, move |tx, cx| {
            let found = check(tx, cx, Action("sso:DeleteAccountAssignment"), &ask)?;
            ask_for(tx, cx, found, (&ask, RequestKind::DeleteAssignment))
        })
        .await
}

fn check(tx: &mut Tx<'_>, cx: &Cx, action: Action, ask: &Ask) -> Result<(Instance, PermissionSet), Fault> {
    guarded_set(tx, cx, action, (&ask.instance, &ask.permission_set), Some(&ask.account))
}

fn ask_for(
    tx: &mut Tx<'_>,
    cx: &Cx,
    (instance, set): (Instance, PermissionSet),
    (ask, kind): (&Ask, RequestKind),
) -> Result<ProvisioningRequest, Fault> {
    let quota = cx.mode.quota(ASSIGNMENT_CALLS_OUTSTANDING_MAX);
    if quota != u64::MAX
        && store::accounts::provisioning_requests::count_open(tx, &ask.instance, kind)? >= quota
    {
        return Err(Fault::conflict(format!(
            "{quota} calls of this kind are under way, which is the most: wait for one to end"
        )));
    }
    let request = ProvisioningRequest {
        id: new_id(cx),
        kind,
        status: RequestStatus::InProgress,
        failure_reason: None,
        permission_set_id: ask.permission_set.id.clone(),
        account_id: Some(ask.account.clone()),
        principal: Some(ask.principal.clone()),
        created_at: cx.now,
    };
    crate::provisioning::ask(tx, cx, (&instance, set), &request)?;
    cx.event().touch("AWS::SSO::PermissionSet", ask.permission_set.to_string());
    let member = match kind {
        RequestKind::DeleteAssignment => "accountAssignmentDeletionStatus",
        RequestKind::CreateAssignment | RequestKind::Provision => "accountAssignmentCreationStatus",
    };
    cx.event().respond(json!({member: {
        "status": request.status.as_str(), "requestId": request.id.as_str(), "targetId": ask.account.as_str(),
        "targetType": "AWS_ACCOUNT", "permissionSetArn": ask.permission_set.to_string(),
        "principalType": ask.principal.kind(), "principalId": ask.principal.id(),
    }}));
    Ok(request)
}

/// Provisions and assigns in one transaction, with no question of who asks: for the seed.
pub fn assign_in(
    tx: &mut Tx<'_>,
    cx: &Cx,
    instance: &Instance,
    new: &AccountAssignment,
) -> Result<(), Fault> {
    let set = permission_set(tx, instance, &new.permission_set_id)?;
    ensured(tx, cx, (instance, None), set, &new.account_id)?.apply(tx, cx)?;
    store::accounts::account_assignments::insert(tx, new, cx.now)?;
    Ok(())
}

/// Who is assigned a permission set in an account.
pub fn list(
    store: &Store,
    cx: &Cx,
    (instance, arn): (&InstanceId, &PermissionSetArn),
    account: &AccountId,
    page: &PageRequest,
) -> Result<Page<AccountAssignment>, Fault> {
    store.read(|rx| {
        let (_, set) =
            guarded_set(rx, cx, Action("sso:ListAccountAssignments"), (instance, arn), Some(account))?;
        let rows = store::accounts::account_assignments::page(rx, account, &set.id, page)?;
        Ok(page.page(rows, store::accounts::account_assignments::key))
    })
}

/// What a principal reaches; for a user what their groups reach too, each row naming the group.
pub fn list_for_principal(
    store: &Store,
    cx: &Cx,
    (instance_id, principal): (&InstanceId, &Principal),
    account: Option<&AccountId>,
    page: &PageRequest,
) -> Result<Page<AccountAssignment>, Fault> {
    store.read(|rx| {
        let action = Action("sso:ListAccountAssignmentsForPrincipal");
        let instance = find(rx, cx, action, instance_id)?;
        let tags = store::instances::tags::all_of(rx, &instance_id.arn())?;
        require(cx, action, &[resource::instance(&instance, tags)])?;
        has_accounts(cx, &instance)?;
        let rows = store::accounts::account_assignments::page_by_principal(rx, principal, account, page)?;
        Ok(page.page(rows, store::accounts::account_assignments::principal_key))
    })
}
