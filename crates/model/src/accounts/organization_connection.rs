//! An organization of AWS that accounts here follow: how it is reached, how a run that reads it goes, and what one changed. Values only: the secret is not among them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::accounts::account::AccountId;
use crate::accounts::account_connection::ConnectionSettings;
use crate::accounts::organization::OrganizationId;
use crate::fault::Fault;
use crate::timestamp::Timestamp;
use crate::words::words;

/// The role by which the management account enters an account that Organizations made.
pub const ACCOUNT_ROLE: &str = "OrganizationAccountAccessRole";
/// How often it is read where nobody says otherwise.
pub const SYNC_MINUTES: i64 = 60;
/// So many accounts may lose their access within a day, however few there are.
pub const BRAKE_FREE: u64 = 5;
/// One account of so many may lose its access within a day.
const BRAKE_SHARE: u64 = 10;

/// What an administrator decides of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationSettings {
    /// An access key: of the organization's management account or of a delegated administrator, or of whoever may take `role_arn`.
    pub access_key_id: String,
    /// The role there to take with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_arn: Option<String>,
    /// What that role wants to hear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Where Organizations is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organizations_endpoint: Option<String>,
    /// Where the accounts' IAM is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iam_endpoint: Option<String>,
    /// Where the accounts' STS is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sts_endpoint: Option<String>,
    /// The Region that requests are signed for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The root or the unit here in which lies what lies in the root there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<String>,
    /// Every how many minutes it is read; 0: only when somebody asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sync_minutes: Option<i64>,
    /// Whether its accounts are connected as they come.
    #[serde(default)]
    pub connects_accounts: bool,
    /// The role in each account to take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_role_name: Option<String>,
    /// What that role wants to hear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_external_id: Option<String>,
    /// The path of the roles that permission sets become there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_path: Option<String>,
    /// What their names begin with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_name_prefix: Option<String>,
    /// Every how many hours each account is looked at whether it stands there as it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift_detection_hours: Option<i64>,
}

impl OrganizationSettings {
    /// How often it is read by itself; none where that is not wanted.
    pub fn sync_every(&self) -> Option<Duration> {
        let minutes = u64::try_from(self.sync_minutes.unwrap_or(SYNC_MINUTES)).unwrap_or(0);
        (minutes > 0).then(|| Duration::from_mins(minutes))
    }

    /// How one of its accounts is reached: with the same key, by a role in it.
    pub fn of_account(&self, account: &AccountId) -> ConnectionSettings {
        let role = self.account_role_name.as_deref().unwrap_or(ACCOUNT_ROLE);
        ConnectionSettings {
            access_key_id: self.access_key_id.clone(),
            role_arn: Some(format!("arn:aws:iam::{account}:role/{role}")),
            external_id: self.account_external_id.clone(),
            iam_endpoint: self.iam_endpoint.clone(),
            sts_endpoint: self.sts_endpoint.clone(),
            region: self.region.clone(),
            role_path: self.role_path.clone(),
            role_name_prefix: self.role_name_prefix.clone(),
            drift_detection_hours: self.drift_detection_hours,
        }
    }

    /// Refuses what cannot be meant: the form of each member is held by whoever reads it.
    pub fn check(&self) -> Result<(), Fault> {
        if self.role_arn.is_none() && self.external_id.is_some() {
            return Err(Fault::validation("ExternalId has no place without RoleArn"));
        }
        Ok(())
    }
}

/// How many accounts may lose their access within a day, of so many that follow an organization.
pub fn brake_of(following: u64) -> u64 {
    (following / BRAKE_SHARE).max(BRAKE_FREE)
}

words! {
    /// What a run is to do.
    OrganizationSyncKind {
        /// Bring everything here to what is there.
        Full = "FULL",
        /// Say what that would change.
        DryRun = "DRY_RUN",
    }
}

words! {
    /// How a run goes.
    OrganizationSyncStatus {
        /// It waits for its turn, or is under way.
        InProgress = "IN_PROGRESS",
        /// All was read, and what differs done or said.
        Succeeded = "SUCCEEDED",
        /// It would have taken access away from more accounts than it may: nothing was changed.
        Held = "HELD",
        /// The organization did not let itself be read, or what follows it could not be brought to it.
        Failed = "FAILED",
    }
}

/// A run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationSync {
    /// Sorts by time.
    pub id: String,
    /// What it is to do.
    pub kind: OrganizationSyncKind,
    /// How it goes.
    pub status: OrganizationSyncStatus,
    /// Why it failed or is held.
    pub reason: Option<String>,
    /// From how many accounts it may take access away, where somebody said so.
    pub suspensions_max: Option<i64>,
    /// Whether accounts and units that were here before follow from now on.
    pub adopts: bool,
    /// From how many accounts it took access away.
    pub suspensions: i64,
    /// How many accounts were found there.
    pub accounts: i64,
    /// How many changes it made, or would make.
    pub changes: i64,
    /// Who asked for it.
    pub requested_by: String,
    /// When.
    pub requested_at: Timestamp,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
}

words! {
    /// What became of an account or a unit.
    OrganizationChangeAction {
        /// It is new here.
        Added = "ADDED",
        /// It was here, and follows the organization from now on.
        Followed = "FOLLOWED",
        /// Its name, address, place or tags are others.
        Updated = "UPDATED",
        /// Nobody is led there any more.
        Suspended = "SUSPENDED",
        /// It may be used again.
        Reopened = "REOPENED",
        /// Permission sets become roles there from now on.
        Connected = "CONNECTED",
        /// It is not there any more.
        Removed = "REMOVED",
        /// It could not be brought to what is there.
        Refused = "REFUSED",
    }
}

/// What a run changed, or would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationChange {
    /// Counts from 1 in its run.
    pub ordinal: i64,
    /// The account's or the unit's id.
    pub target_id: String,
    /// Its name.
    pub name: String,
    /// What became of it.
    pub action: OrganizationChangeAction,
    /// In words for an administrator.
    pub said: String,
}

/// An organization that accounts here follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationConnection {
    /// Its id there.
    pub id: OrganizationId,
    /// What was decided.
    pub settings: OrganizationSettings,
    /// Since when.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
    /// When changed last.
    pub updated_at: Timestamp,
    /// By whom.
    pub updated_by: String,
    /// The latest run; none before the first.
    pub sync: Option<OrganizationSync>,
    /// From how many accounts runs took access away within a day.
    pub suspensions: i64,
    /// When that day began.
    pub suspensions_since: Timestamp,
    /// When it is read next by itself.
    pub next_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenth_may_go_and_five_of_few() {
        assert_eq!([0, 9, 50, 60, 10_000].map(brake_of), [5, 5, 5, 6, 1_000]);
    }
}
