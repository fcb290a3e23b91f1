//! How what stands in an account that is somewhere else differs from what was made there: a check of an account, and what it found. Values only.

use serde::{Deserialize, Serialize};

use crate::accounts::account::AccountId;
use crate::accounts::permission_set::{PermissionSetArn, PermissionSetId};
use crate::id::string_id;
use crate::timestamp::Timestamp;
use crate::words::words;

/// How often an account is looked at where nobody says otherwise: once a day.
pub const DETECTION_HOURS: i64 = 24;

words! {
    /// How a check goes. Words of CloudFormation's DescribeStackDriftDetectionStatus.
    DetectionStatus {
        /// It waits for its turn, or is under way.
        InProgress = "DETECTION_IN_PROGRESS",
        /// All was looked at.
        Complete = "DETECTION_COMPLETE",
        /// The account did not let itself be looked at.
        Failed = "DETECTION_FAILED",
    }
}

words! {
    /// What is wrong with a resource. The first two are words of CloudFormation's DescribeStackResourceDrifts.
    DriftKind {
        /// It is there, and otherwise than it was made.
        Modified = "MODIFIED",
        /// It is not there.
        Deleted = "DELETED",
        /// It is ours and should not be there.
        Unexpected = "UNEXPECTED",
    }
}

words! {
    /// What becomes of a finding.
    FindingStatus {
        /// Nobody decided.
        Open = "OPEN",
        /// It is to be so, until it changes.
        Accepted = "ACCEPTED",
        /// It is being put right.
        Repairing = "REPAIRING",
    }
}

words! {
    /// How a property differs: words of CloudFormation's PropertyDifference.
    DifferenceType {
        /// It is there and should not be.
        Add = "ADD",
        /// It should be there and is not.
        Remove = "REMOVE",
        /// It is another.
        NotEqual = "NOT_EQUAL",
    }
}

words! {
    /// What a finding is about, as CloudFormation names types.
    DriftResource {
        /// A role.
        Role = "AWS::IAM::Role",
        /// The SAML provider that roles trust.
        SamlProvider = "AWS::IAM::SAMLProvider",
    }
}

/// One property that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PropertyDifference {
    /// Which: `/MaxSessionDuration`, `/Policies/AwsSSOInlinePolicy`.
    pub path: String,
    /// How.
    pub kind: DifferenceType,
    /// What it should be; nothing where it should not be there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What it is; nothing where it is not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual: Option<String>,
}

string_id!(
    /// Names a finding: one difference of one resource. Where the difference becomes another, so does the finding.
    FindingId,
    "finding id (as ListAccountDriftFindings shows it)",
    |value: &str| uuid::Uuid::try_parse(value).is_ok_and(|id| id.to_string() == value)
);

/// What was found of one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DriftFound {
    /// What it is.
    pub resource: DriftResource,
    /// Its ARN.
    pub arn: String,
    /// Of which permission set it is, where that is known.
    pub permission_set_id: Option<PermissionSetId>,
    /// What is wrong with it.
    pub kind: DriftKind,
    /// Which of its properties differ; none where it is not there, or should not be.
    pub differences: Vec<PropertyDifference>,
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DriftFinding {
    /// Its id.
    pub id: FindingId,
    /// In which account.
    pub account_id: AccountId,
    /// What was found.
    pub found: DriftFound,
    /// What becomes of it.
    pub status: FindingStatus,
    /// By the check that whom asked for.
    pub found_by: String,
    /// When.
    pub found_at: Timestamp,
    /// Who decided last.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// Why it could not be put right, where somebody tried.
    pub reason: Option<String>,
}

/// How the checks of an account go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountDrift {
    /// The account.
    pub account_id: AccountId,
    /// The latest check; none before the first.
    pub detection: Option<Detection>,
    /// When an account was last looked at from end to end.
    pub checked_at: Option<Timestamp>,
    /// When it is looked at next by itself: none where that is not wanted, or not yet decided.
    pub next_at: Option<Timestamp>,
}

/// A check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detection {
    /// Its id.
    pub id: String,
    /// How it goes.
    pub status: DetectionStatus,
    /// Who asked for it.
    pub requested_by: String,
    /// When.
    pub requested_at: Timestamp,
    /// Why it failed.
    pub reason: Option<String>,
    /// The name of the last role that it is done with: a check that is disturbed goes on behind it.
    pub done_to: String,
}

/// Which findings are listed.
#[derive(Debug, Clone, Default)]
pub struct FindingFilter {
    /// Those of an account.
    pub account: Option<AccountId>,
    /// Those of a permission set.
    pub permission_set: Option<PermissionSetArn>,
    /// Those of a status.
    pub status: Option<FindingStatus>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_named_by_an_id_of_ours_alone() {
        assert!(FindingId::parse("3b9c62a4-6a5e-4b44-93a5-1d7a0e6e5f11".to_owned()).is_ok());
        for wrong in ["", "x", "3B9C62A4-6A5E-4B44-93A5-1D7A0E6E5F11", "3b9c62a46a5e4b4493a51d7a0e6e5f11"] {
            assert!(FindingId::parse(wrong.to_owned()).is_err(), "{wrong}");
        }
    }
}
