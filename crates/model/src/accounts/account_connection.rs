//! How an account is reached whose IAM and STS are somewhere else. Values only: the secret is not among them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::accounts::account::AccountId;
use crate::accounts::account_drift::DETECTION_HOURS;
use crate::accounts::organization::OrganizationId;
use crate::fault::Fault;
use crate::timestamp::Timestamp;

/// What the name of every role begins with at AWS.
pub const ROLE_NAME_PREFIX: &str = "AWSReservedSSO_";

/// What an administrator decides of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionSettings {
    /// An access key: of the account, or of whoever may take `role_arn`.
    pub access_key_id: String,
    /// The role in the account to take with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_arn: Option<String>,
    /// What that role wants to hear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Where its IAM is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iam_endpoint: Option<String>,
    /// Where its STS is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sts_endpoint: Option<String>,
    /// The Region that requests are signed for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The path of its roles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_path: Option<String>,
    /// What their names begin with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_name_prefix: Option<String>,
    /// Every how many hours it is looked at whether it stands there as it was made; 0: only when somebody asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift_detection_hours: Option<i64>,
}

/// Whether every shell, in quotes or not, reads an address as it stands: people paste it.
pub fn is_plain_address(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/[]".contains(&byte);
    text.bytes().all(is_plain)
}

impl ConnectionSettings {
    /// How often it is looked at by itself; none where that is not wanted.
    pub fn drift_detection_every(&self) -> Option<Duration> {
        let hours = u64::try_from(self.drift_detection_hours.unwrap_or(DETECTION_HOURS)).unwrap_or(0);
        (hours > 0).then(|| Duration::from_hours(hours))
    }

    /// Refuses what cannot be meant: the form of each member is held by whoever reads it.
    pub fn check(&self, account: &AccountId) -> Result<(), Fault> {
        match &self.role_arn {
            None if self.external_id.is_some() => {
                Err(Fault::validation("ExternalId has no place without RoleArn"))
            }
            Some(arn) if arn.split(':').nth(4) != Some(account.as_str()) => {
                Err(Fault::validation(format!("RoleArn is {arn}: it must be a role of account {account}")))
            }
            _ => Ok(()),
        }
    }
}

/// A connected account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountConnection {
    /// Which.
    pub account_id: AccountId,
    /// The organization by whose key it is reached, as that one's settings say; none where it has settings of its own.
    pub organization_id: Option<OrganizationId>,
    /// What was decided.
    pub settings: ConnectionSettings,
    /// Since when.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
    /// When changed last.
    pub updated_at: Timestamp,
    /// By whom.
    pub updated_by: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_of_the_account_and_an_external_id_of_a_role() {
        let account = AccountId::trusted("444455556666");
        let mut settings = ConnectionSettings {
            access_key_id: "AKIA".to_owned(),
            role_arn: None,
            external_id: Some("x".to_owned()),
            iam_endpoint: None,
            sts_endpoint: None,
            region: None,
            role_path: None,
            role_name_prefix: None,
            drift_detection_hours: None,
        };
        assert!(settings.check(&account).unwrap_err().message().contains("ExternalId"));
        settings.role_arn = Some("arn:aws:iam::111122223333:role/Hub".to_owned());
        assert!(settings.check(&account).unwrap_err().message().contains("111122223333"));
        settings.role_arn = Some("arn:aws:iam::444455556666:role/Hub".to_owned());
        assert!(settings.check(&account).is_ok());
    }
}
