//! How much there is of everything, for the first look at an instance. Nothing is counted beyond [`crate::counted::COUNTED_MAX`]: every count walks an index so far and no further,
//! so that it costs the same in a company of a million people.

use model::accounts::account::AccountId;
use model::directory::identity_store::IdentityStoreId;
use model::directory::user::UserStatus;
use model::instances::instance::InstanceId;
use model::timestamp::Timestamp;

use crate::counted::{Counted, counted};
use crate::error::StoreError;
use crate::row::params;
use crate::statement::statements;
use crate::tx::Rx;

statements! {
    // Everybody has one row of place 0.
    USERS = counted!("user_texts WHERE identity_store_id = ?1 AND place = 0 AND status = ?2");
    GROUPS = counted!("groups WHERE identity_store_id = ?1");
    SERVICE_USERS = counted!("service_users WHERE account_id = ?1");
    PERMISSION_SETS = counted!("permission_sets WHERE instance_id = ?1");
    ACCOUNTS = counted!("accounts");
    ASSIGNMENTS = counted!("account_assignments");
    FAILED = counted!("provisioning_requests WHERE instance_id = ?1 AND status = 'FAILED' AND created_at > ?2");
    WITHOUT_MFA_DEVICE = counted!("users_without_mfa_device WHERE identity_store_id = ?1");
    DRIFT = counted!("drift_findings WHERE status = 'OPEN'");
    OLD_KEYS = counted!("access_keys WHERE account_id = ?1 AND active = 1 AND created_at <= ?2");
}

/// People of this status.
pub fn users(rx: &mut Rx<'_>, store: &IdentityStoreId, status: UserStatus) -> Result<Counted, StoreError> {
    rx.count(&USERS, params![store.as_str(), status.as_str()]).map(Counted::of)
}

/// Groups.
pub fn groups(rx: &mut Rx<'_>, store: &IdentityStoreId) -> Result<Counted, StoreError> {
    rx.count(&GROUPS, params![store.as_str()]).map(Counted::of)
}

/// Service users of the account that owns the instance.
pub fn service_users(rx: &mut Rx<'_>, owner: &AccountId) -> Result<Counted, StoreError> {
    rx.count(&SERVICE_USERS, params![owner.as_str()]).map(Counted::of)
}

/// Permission sets.
pub fn permission_sets(rx: &mut Rx<'_>, instance: &InstanceId) -> Result<Counted, StoreError> {
    rx.count(&PERMISSION_SETS, params![instance.as_str()]).map(Counted::of)
}

/// Accounts of the organization.
pub fn accounts(rx: &mut Rx<'_>) -> Result<Counted, StoreError> {
    rx.count(&ACCOUNTS, params![]).map(Counted::of)
}

/// Account assignments.
pub fn assignments(rx: &mut Rx<'_>) -> Result<Counted, StoreError> {
    rx.count(&ASSIGNMENTS, params![]).map(Counted::of)
}

/// Requests for assignments and provisioning that were made after a moment and failed.
pub fn failed(rx: &mut Rx<'_>, instance: &InstanceId, after: Timestamp) -> Result<Counted, StoreError> {
    rx.count(&FAILED, params![instance.as_str(), after]).map(Counted::of)
}

/// People who could come in by a password alone.
pub fn users_without_mfa_device(rx: &mut Rx<'_>, store: &IdentityStoreId) -> Result<Counted, StoreError> {
    rx.count(&WITHOUT_MFA_DEVICE, params![store.as_str()]).map(Counted::of)
}

/// What was found to differ in connected accounts and nobody decided about.
pub fn drift_findings(rx: &mut Rx<'_>) -> Result<Counted, StoreError> {
    rx.count(&DRIFT, params![]).map(Counted::of)
}

/// Active access keys, of service users and of the account's root, that were made at a moment or before.
pub fn old_access_keys(rx: &mut Rx<'_>, owner: &AccountId, upto: Timestamp) -> Result<Counted, StoreError> {
    rx.count(&OLD_KEYS, params![owner.as_str(), upto]).map(Counted::of)
}
