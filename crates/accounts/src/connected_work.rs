//! What all work in accounts that are somewhere else has in common: what is known of an account, what should stand there, how a try ends and when the next one is.
//! Knows nothing of what is asked.

use std::time::Duration;

use broker::aws::access::Access;
use broker::aws::roles::Provider;
use broker::aws::steps::Wanted;
use broker::local::INLINE_POLICY_NAME;
use model::accounts::account::AccountId;
use model::accounts::account_connection::AccountConnection;
use model::accounts::role::Role;
use model::cx::Cx;
use model::entropy::{bytes, uuid_by_time};
use model::fault::Fault;
use model::instances::instance::{Instance, InstanceId};
use model::job::{Job, JobKind, Queue};
use store::accounts::{account_connections, roles};
use store::db::Store;
use store::tx::{Rx, Tx};

use crate::provisioning_requests::connected_lane;
use crate::reaching;

/// How often a request is tried that fails on what may pass: about ten minutes.
pub(crate) const ATTEMPTS_MAX: i64 = 14;
/// The longest wait between two tries.
const WAIT_MAX: Duration = Duration::from_secs(64);
/// No permission set has it: they count from 1.
pub(crate) const NO_REVISION: i64 = 0;

/// How a try ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The job is gone.
    Done,
    /// It runs again, after this.
    Later(Duration),
}

/// What an account is known by, and how it is reached.
pub(crate) struct Known {
    pub(crate) instance: Instance,
    pub(crate) connection: AccountConnection,
    pub(crate) access: Access,
    pub(crate) provider: Provider,
    /// What permission sets became there, with the revision of each; [`NO_REVISION`] is of a role that was to go and could not.
    pub(crate) expected: Vec<(Role, i64)>,
}

impl Known {
    pub(crate) fn read(rx: &mut Rx<'_>, account: &AccountId) -> Result<Self, Fault> {
        let instance = store::instances::instances::find_organizations(rx)?
            .ok_or_else(|| Fault::internal("an account is connected to no instance"))?;
        let connection = account_connections::find(rx, account)?
            .ok_or_else(|| Fault::conflict(format!("Account {account} is not connected any more")))?;
        Ok(Self {
            access: reaching::access(rx, &instance, &connection)?,
            provider: reaching::provider(rx, &instance, account)?,
            expected: roles::of_permission_sets(rx, account)?,
            instance,
            connection,
        })
    }

    /// The path of our roles there.
    pub(crate) fn path(&self) -> String {
        let path = self.connection.settings.role_path.clone();
        path.unwrap_or_else(|| broker::local::path(&self.instance.region))
    }
}

/// The account of a job's lane.
pub(crate) fn account_of(job: &Job) -> Result<AccountId, Fault> {
    let (begin, _) = Queue::Connected.lanes();
    let lane = job.lane.strip_prefix(begin).unwrap_or_default();
    AccountId::parse(lane.strip_suffix(OF_SESSIONS).unwrap_or(lane))
}

/// How the lane of an account's sessions ends.
const OF_SESSIONS: &str = "/sessions";

/// The lane in which sessions of an account are made void: beside its own, for provisioning that waits, or a look at hundreds of roles, must not keep somebody in.
pub(crate) fn lane_of_sessions(account: &AccountId) -> String {
    format!("{}{OF_SESSIONS}", connected_lane(account))
}

/// Ends a job that has nothing to do any more.
pub(crate) async fn drop_job(store: &Store, cx: &Cx, job: &Job) -> Result<Ended, Fault> {
    let id = job.id.clone();
    store.maintain(cx, move |tx, _| store::jobs::take(tx, &id)).await?;
    Ok(Ended::Done)
}

/// Adds a job in the account's lane: it waits for the requests before it there.
pub(crate) fn add_job(
    tx: &mut Tx<'_>,
    cx: &Cx,
    account: &AccountId,
    (kind, subject): (JobKind, &str),
) -> Result<(), Fault> {
    let job = uuid_by_time(cx.entropy(), cx.now).to_string();
    store::jobs::insert(tx, &job, kind, (&connected_lane(account), subject), cx.now)
}

/// A role of ours as an account that is somewhere else is to have it.
pub(crate) fn wanted(role: &Role, instance: &InstanceId) -> Wanted {
    let inline = role.inline_policies.iter().find(|(name, _)| name == INLINE_POLICY_NAME);
    Wanted {
        name: role.name.to_string(),
        path: role.path.clone(),
        description: role.description.clone().unwrap_or_default(),
        max_session_seconds: role.max_session_seconds,
        trust: role.trust_policy.clone(),
        mark: instance.to_string(),
        attached: role.managed_policies.iter().cloned().collect(),
        inline: inline.map(|(_, text)| text.clone()),
        boundary: role.permissions_boundary.clone(),
    }
}

/// Twice as long each time, up to a limit; somewhere in the second half of that, so that many do not come back at once.
pub(crate) fn wait(cx: &Cx, attempts: i64) -> Duration {
    let most = Duration::from_secs(1 << attempts.clamp(0, 6)).min(WAIT_MAX);
    let share = u32::from(u16::from_le_bytes(bytes::<2>(cx.entropy())));
    most / 2 + most / 2 * share / u32::from(u16::MAX)
}
