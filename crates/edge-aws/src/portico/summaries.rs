//! GetInstanceSummary.

use std::time::Duration;

use accounts::summaries;
use model::cx::Cx;
use model::fault::Fault;
use store::counted::Counted;
use wire::generated::portico::shapes::{CountOf, GetInstanceSummaryRequest, GetInstanceSummaryResponse};

use crate::app::App;
use crate::identitystore::ids::seconds;
use crate::sso_admin::ids;

/// For how many days access must not have been used, unless a call says otherwise.
const DAYS: i64 = 90;

/// For how long access must not have been used; the model holds the limits.
pub(super) fn age(days: Option<i64>) -> Duration {
    Duration::from_hours(24 * u64::try_from(days.unwrap_or(DAYS)).unwrap_or_default())
}

/// As an answer has it.
pub(super) fn count(of: Counted) -> CountOf {
    CountOf { count: i64::try_from(of.count).unwrap_or(i64::MAX), at_least: of.at_least }
}

pub(crate) async fn get(
    app: App,
    cx: Cx,
    input: GetInstanceSummaryRequest,
) -> Result<GetInstanceSummaryResponse, Fault> {
    let instance = ids::instance(&cx, &input.instance_arn)?;
    let found = summaries::get(&app.store, &cx, (&instance, age(input.unused_access_age)))?;
    Ok(GetInstanceSummaryResponse {
        enabled_users: count(found.enabled_users),
        disabled_users: count(found.disabled_users),
        groups: count(found.groups),
        service_users: count(found.service_users),
        permission_sets: count(found.permission_sets),
        accounts: count(found.accounts),
        account_assignments: count(found.account_assignments),
        failed_requests: count(found.failed_requests),
        users_without_mfa_device: count(found.users_without_mfa_device),
        old_access_keys: count(found.old_access_keys),
        drift_findings: count(found.drift_findings),
        unused_access: count(found.unused_access),
        tracked_since: seconds(found.tracked_since),
    })
}
