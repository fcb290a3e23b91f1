//! Rows of account instances: how far each is, and by which call it was made. Its name, once it is active, is in its row of `instances`.

use model::accounts::account::AccountId;
use model::cx::Cx;
use model::entropy;
use model::fault::Fault;
use model::instances::instance::{Instance, InstanceId, InstanceStatus};
use model::job::JobKind;

use crate::error::StoreError;
use crate::instances::instances::{self, joined};
use crate::jobs;
use crate::row::{Row, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

/// The columns that [`account_instance`] reads.
macro_rules! columns {
    () => {
        "instance_id, owner_account_id, identity_store_id, name, region, created_at, status, client_token, request_digest"
    };
}

statements! {
    INSERT = concat!("INSERT INTO account_instances (", columns!(), ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
    FIND = concat!("SELECT ", columns!(), " FROM account_instances WHERE instance_id = ?1");
    FIND_BY_OWNER = concat!("SELECT ", columns!(), " FROM account_instances WHERE owner_account_id = ?1");
    SET_STATUS = "UPDATE account_instances SET status = ?2 WHERE instance_id = ?1";
    DELETE = "DELETE FROM account_instances WHERE instance_id = ?1";
}

/// An account instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountInstance {
    /// The instance, as it was asked for.
    pub instance: Instance,
    /// How far it is.
    pub status: InstanceStatus,
    /// `ClientToken` of the call that made it.
    pub client_token: Option<String>,
    /// A digest of what else that call asked for.
    pub request_digest: String,
}

fn account_instance(row: &Row<'_>) -> Result<AccountInstance, StoreError> {
    Ok(AccountInstance {
        instance: joined(row, 0)?,
        status: row.word(6, InstanceStatus::parse)?,
        client_token: row.opt_text(7)?,
        request_digest: row.text(8)?,
    })
}

/// Adds an account instance.
pub fn insert(tx: &mut Tx<'_>, new: &AccountInstance) -> Result<(), Fault> {
    let AccountInstance { instance, status, client_token, request_digest } = new;
    tx.execute_one(
        &INSERT,
        params![
            instance.id.as_str(),
            instance.owner.as_str(),
            instance.identity_store_id.as_str(),
            instance.name.as_ref(),
            &instance.region,
            instance.created_at,
            status.as_str(),
            client_token.as_ref(),
            request_digest
        ],
    )
}

/// The account instance of this id.
pub fn find(rx: &mut Rx<'_>, id: &InstanceId) -> Result<Option<AccountInstance>, StoreError> {
    rx.first(&FIND, params![id.as_str()], account_instance)
}

/// The instance that an account has.
pub fn find_by_owner(rx: &mut Rx<'_>, owner: &AccountId) -> Result<Option<AccountInstance>, StoreError> {
    rx.first(&FIND_BY_OWNER, params![owner.as_str()], account_instance)
}

/// Says how far one is.
pub fn set_status(tx: &mut Tx<'_>, id: &InstanceId, status: InstanceStatus) -> Result<(), Fault> {
    tx.execute_one(&SET_STATUS, params![id.as_str(), status.as_str()])
}

/// Leaves a step of one to the worker: what is done for one account, in order.
pub fn ask(tx: &mut Tx<'_>, cx: &Cx, kind: JobKind, instance: &Instance) -> Result<(), Fault> {
    let job = entropy::uuid_by_time(cx.entropy(), cx.now).to_string();
    let lane = format!("instance/{}", instance.owner);
    jobs::insert(tx, &job, kind, (&lane, instance.id.as_str()), cx.now)
}

/// Ends one: nobody finds it from now on, and the worker clears away what it held.
pub fn end(tx: &mut Tx<'_>, cx: &Cx, instance: &Instance) -> Result<(), Fault> {
    set_status(tx, &instance.id, InstanceStatus::DeleteInProgress)?;
    instances::delete(tx, &instance.id)?;
    ask(tx, cx, JobKind::DeleteInstance, instance)
}

/// Removes the row, after all else of the instance.
pub fn delete(tx: &mut Tx<'_>, id: &InstanceId) -> Result<(), Fault> {
    tx.execute_one(&DELETE, params![id.as_str()])
}
