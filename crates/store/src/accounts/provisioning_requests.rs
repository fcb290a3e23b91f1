//! Asynchronous requests and their statuses.

use model::accounts::account::AccountId;
use model::accounts::account_assignment::{Principal, ProvisioningRequest, RequestKind, RequestStatus};
use model::accounts::permission_set::{PermissionSetArn, PermissionSetId};
use model::directory::group::GroupId;
use model::directory::user::UserId;
use model::fault::Fault;
use model::id::RequestId;
use model::instances::instance::InstanceId;
use model::page::PageRequest;

use crate::error::StoreError;
use crate::row::{Row, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO provisioning_requests (request_id, instance_id, kind, status, failure_reason, permission_set_id, account_id,
              principal_type, principal_id, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    FIND = "SELECT request_id, kind, status, failure_reason, permission_set_id, account_id, principal_type, principal_id, created_at
            FROM provisioning_requests WHERE request_id = ?1 AND instance_id = ?2";
    FIND_ANY = "SELECT request_id, kind, status, failure_reason, permission_set_id, account_id, principal_type, principal_id, created_at,
            instance_id FROM provisioning_requests WHERE request_id = ?1";
    PAGE = "SELECT request_id, kind, status, failure_reason, permission_set_id, account_id, principal_type, principal_id, created_at
            FROM provisioning_requests WHERE instance_id = ?1 AND kind = ?2 AND request_id > ?3
            ORDER BY request_id LIMIT ?4";
    PAGE_BY_STATUS = "SELECT request_id, kind, status, failure_reason, permission_set_id, account_id, principal_type, principal_id, created_at
            FROM provisioning_requests WHERE instance_id = ?1 AND kind = ?2 AND status = ?3 AND request_id > ?4
            ORDER BY request_id LIMIT ?5";
    FINISH = "UPDATE provisioning_requests SET status = ?2, failure_reason = ?3 WHERE request_id = ?1";
    COUNT_OPEN = "SELECT COUNT(*) FROM provisioning_requests WHERE instance_id = ?1 AND kind = ?2 AND status = 'IN_PROGRESS'";
    COUNT_OPEN_EVERYWHERE = "SELECT COUNT(*) FROM provisioning_requests WHERE instance_id = ?1 AND kind = 'PROVISION'
                             AND status = 'IN_PROGRESS' AND account_id IS NULL";
    IS_ASSIGNING = "SELECT request_id FROM provisioning_requests WHERE instance_id = ?1 AND kind = 'CREATE_ASSIGNMENT'
                    AND status = 'IN_PROGRESS' AND permission_set_id = ?2 AND account_id = ?3";
    NOTE_FAILURE = "UPDATE provisioning_requests SET failure_reason = ?2 WHERE request_id = ?1 AND failure_reason IS NULL";
}

/// Adds a request.
pub fn insert(tx: &mut Tx<'_>, instance: &InstanceId, new: &ProvisioningRequest) -> Result<(), Fault> {
    tx.insert(
        &INSERT,
        params![
            new.id.as_str(),
            instance.as_str(),
            new.kind.as_str(),
            new.status.as_str(),
            new.failure_reason.as_ref(),
            new.permission_set_id.as_str(),
            new.account_id.as_ref().map(AccountId::as_str),
            new.principal.as_ref().map(Principal::kind),
            new.principal.as_ref().map(Principal::id),
            new.created_at
        ],
    )
}

/// The request with this id, in this instance.
pub fn find(
    rx: &mut Rx<'_>,
    instance: &InstanceId,
    id: &RequestId,
) -> Result<Option<ProvisioningRequest>, StoreError> {
    rx.first(&FIND, params![id.as_str(), instance.as_str()], request)
}

/// The request with this id and its instance: for the worker.
pub fn find_any(rx: &mut Rx<'_>, id: &str) -> Result<Option<(ProvisioningRequest, InstanceId)>, StoreError> {
    rx.first(&FIND_ANY, params![id], |row| Ok((request(row)?, InstanceId::trusted(row.text(9)?))))
}

/// Requests of a kind, oldest first.
pub fn page(
    rx: &mut Rx<'_>,
    instance: &InstanceId,
    kind: RequestKind,
    status: Option<RequestStatus>,
    page: &PageRequest,
) -> Result<Vec<ProvisioningRequest>, StoreError> {
    let (instance, kind, after, rows) =
        (instance.as_str(), kind.as_str(), page.after_or_start(), page.rows());
    match status {
        None => rx.all(&PAGE, params![instance, kind, after, rows], request),
        Some(status) => {
            rx.all(&PAGE_BY_STATUS, params![instance, kind, status.as_str(), after, rows], request)
        }
    }
}

/// Whether a permission set is being assigned in an account.
pub fn is_assigning(
    rx: &mut Rx<'_>,
    set: &PermissionSetArn,
    account: &AccountId,
) -> Result<bool, StoreError> {
    rx.exists(&IS_ASSIGNING, params![set.instance_id.as_str(), set.id.as_str(), account.as_str()])
}

/// Says how a request ended.
pub fn finish(
    tx: &mut Tx<'_>,
    id: &RequestId,
    status: RequestStatus,
    reason: Option<&str>,
) -> Result<(), Fault> {
    tx.execute_one(&FINISH, params![id.as_str(), status.as_str(), reason])
}

/// How many of a kind are under way.
pub fn count_open(rx: &mut Rx<'_>, instance: &InstanceId, kind: RequestKind) -> Result<u64, StoreError> {
    rx.count(&COUNT_OPEN, params![instance.as_str(), kind.as_str()])
}

/// How many are under way that are about every account.
pub fn count_open_everywhere(rx: &mut Rx<'_>, instance: &InstanceId) -> Result<u64, StoreError> {
    rx.count(&COUNT_OPEN_EVERYWHERE, params![instance.as_str()])
}

/// Keeps why a part of a request failed, unless a part before it did, until all of it has ended.
pub fn note_failure(tx: &mut Tx<'_>, id: &RequestId, reason: &str) -> Result<(), Fault> {
    tx.execute(&NOTE_FAILURE, params![id.as_str(), reason])?;
    Ok(())
}

fn request(row: &Row<'_>) -> Result<ProvisioningRequest, StoreError> {
    let principal = match (row.opt_text(6)?.as_deref(), row.opt_text(7)?) {
        (Some("USER"), Some(id)) => Some(Principal::User(UserId::trusted(id))),
        (Some("GROUP"), Some(id)) => Some(Principal::Group(GroupId::trusted(id))),
        _ => None,
    };
    Ok(ProvisioningRequest {
        id: RequestId::trusted(row.text(0)?),
        kind: row.word(1, RequestKind::parse)?,
        status: row.word(2, RequestStatus::parse)?,
        failure_reason: row.opt_text(3)?,
        permission_set_id: PermissionSetId::trusted(row.text(4)?),
        account_id: row.opt_text(5)?.map(AccountId::trusted),
        principal,
        created_at: row.time(8)?,
    })
}
