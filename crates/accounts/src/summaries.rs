//! The first look at an instance: how much there is of everything, and what needs attention. What is counted costs the same however large the company is, and says
//! where it stopped.

use std::time::Duration;

use model::cx::Cx;
use model::directory::user::UserStatus;
use model::fault::Fault;
use model::instances::instance::{Instance, InstanceId};
use model::limits::{ACCESS_KEY_OLD, FAILURE_RECENT};
use model::page::PageRequest;
use model::timestamp::Timestamp;
use policy::require::Action;
use store::accounts::summaries;
use store::counted::Counted;
use store::db::Store;
use store::tx::Rx;

use crate::instance::guarded;
use crate::unused_access;

/// Unused access that is counted at most.
const UNUSED_MAX: usize = 1_000;

/// What there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// People who may come in.
    pub enabled_users: Counted,
    /// Those who may not.
    pub disabled_users: Counted,
    /// Groups.
    pub groups: Counted,
    /// Service users.
    pub service_users: Counted,
    /// Permission sets.
    pub permission_sets: Counted,
    /// Accounts.
    pub accounts: Counted,
    /// Account assignments.
    pub account_assignments: Counted,
    /// Requests that failed lately.
    pub failed_requests: Counted,
    /// People who could come in by a password alone.
    pub users_without_mfa_device: Counted,
    /// Active access keys that are old.
    pub old_access_keys: Counted,
    /// What differs in connected accounts and nobody decided about.
    pub drift_findings: Counted,
    /// What people could have used and did not.
    pub unused_access: Counted,
    /// Since when it is known what is used.
    pub tracked_since: Timestamp,
}

/// GetInstanceSummary. `age`: for how long access must not have been used to be counted.
pub fn get(store: &Store, cx: &Cx, (instance_id, age): (&InstanceId, Duration)) -> Result<Summary, Fault> {
    store.read(|rx| {
        let instance = guarded(rx, cx, Action("portico:GetInstanceSummary"), instance_id)?;
        look(rx, cx.now, &instance, age)
    })
}

fn look(rx: &mut Rx<'_>, now: Timestamp, instance: &Instance, age: Duration) -> Result<Summary, Fault> {
    let (at, owner) = (&instance.identity_store_id, &instance.owner);
    let unused = unused_access::page_of(rx, at, now.minus(age), &PageRequest::first(UNUSED_MAX))?;
    Ok(Summary {
        enabled_users: summaries::users(rx, at, UserStatus::Enabled)?,
        disabled_users: summaries::users(rx, at, UserStatus::Disabled)?,
        groups: summaries::groups(rx, at)?,
        service_users: summaries::service_users(rx, owner)?,
        permission_sets: summaries::permission_sets(rx, &instance.id)?,
        accounts: summaries::accounts(rx)?,
        account_assignments: summaries::assignments(rx)?,
        failed_requests: summaries::failed(rx, &instance.id, now.minus(FAILURE_RECENT))?,
        users_without_mfa_device: summaries::users_without_mfa_device(rx, at)?,
        old_access_keys: summaries::old_access_keys(rx, owner, now.minus(ACCESS_KEY_OLD))?,
        drift_findings: summaries::drift_findings(rx)?,
        unused_access: Counted {
            count: u64::try_from(unused.page.items.len()).unwrap_or(u64::MAX),
            at_least: unused.page.next.is_some(),
        },
        tracked_since: unused.tracked_since,
    })
}
