//! A permission set: what a role of the same name may do in each account that it is provisioned to.

use crate::fault::Fault;
use crate::id::string_id;
use crate::instances::instance::InstanceId;
use crate::limits::{SESSION_DURATION_MAX, SESSION_DURATION_MIN};
use crate::timestamp::Timestamp;

string_id!(
    /// `ps-` and sixteen of `[a-zA-Z0-9-./]`.
    PermissionSetId,
    "permission set id",
    |value: &str| {
        value.strip_prefix("ps-").is_some_and(|rest| {
            rest.len() == 16 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-./".contains(&byte))
        })
    }
);

/// A permission set's ARN: `arn:aws:sso:::permissionSet/<instance>/<permission set>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PermissionSetArn {
    /// The instance.
    pub instance_id: InstanceId,
    /// The permission set.
    pub id: PermissionSetId,
}

impl PermissionSetArn {
    /// From its text; `None` when it is not one.
    pub fn parse(arn: &str) -> Option<Self> {
        let (instance, id) = arn.strip_prefix("arn:aws:sso:::permissionSet/")?.split_once('/')?;
        Some(Self { instance_id: InstanceId::parse(instance).ok()?, id: PermissionSetId::parse(id).ok()? })
    }
}

impl std::fmt::Display for PermissionSetArn {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "arn:aws:sso:::permissionSet/{}/{}", self.instance_id, self.id)
    }
}

/// How long role credentials live: an ISO 8601 duration of hours, minutes and seconds, from one hour to twelve. Remembers how it was
/// written, `PT60M` or `PT1H`, since what is read back must be what was written: Terraform plans a change for ever otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionDuration {
    text: String,
    seconds: u64,
}

impl SessionDuration {
    /// From its text.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let allowed = SESSION_DURATION_MIN.as_secs()..=SESSION_DURATION_MAX.as_secs();
        let seconds = iso_seconds(text).filter(|seconds| allowed.contains(seconds)).ok_or_else(|| {
            Fault::validation(format!(
                "SessionDuration is '{text}': it must be an ISO 8601 duration from PT1H to PT12H"
            ))
        })?;
        Ok(Self { text: text.to_owned(), seconds })
    }

    /// As kept: in seconds, and as it was written. What was kept before that was remembered has no text.
    pub fn trusted(seconds: u64, text: Option<String>) -> Self {
        Self { text: text.unwrap_or_else(|| iso_text(seconds)), seconds }
    }

    /// In seconds.
    pub const fn seconds(&self) -> u64 {
        self.seconds
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl Default for SessionDuration {
    fn default() -> Self {
        Self::trusted(SESSION_DURATION_MIN.as_secs(), None)
    }
}

/// `PT1H`, `PT90M`, `PT1H30M`: each unit once, the greater first.
fn iso_seconds(text: &str) -> Option<u64> {
    let (mut seconds, mut digits, mut last) = (0_u64, String::new(), 0);
    for letter in text.strip_prefix("PT")?.chars() {
        let (unit, rank) = match letter {
            '0'..='9' if digits.len() < 6 => {
                digits.push(letter);
                continue;
            }
            'H' => (3_600, 1),
            'M' => (60, 2),
            'S' => (1, 3),
            _ => return None,
        };
        if rank <= last {
            return None;
        }
        seconds += digits.parse::<u64>().ok()? * unit;
        digits.clear();
        last = rank;
    }
    (digits.is_empty() && last > 0).then_some(seconds)
}

fn iso_text(seconds: u64) -> String {
    let parts = [(seconds / 3_600, 'H'), (seconds / 60 % 60, 'M'), (seconds % 60, 'S')];
    let given = parts.iter().filter(|(count, _)| *count > 0);
    given.fold("PT".to_owned(), |text, (count, unit)| format!("{text}{count}{unit}"))
}

/// A permission set, without its policies and tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermissionSet {
    /// The id.
    pub id: PermissionSetId,
    /// The instance.
    pub instance_id: InstanceId,
    /// 1 to 32 of `[\w+=,.@-]`, unique in the instance, never changed.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// How long role credentials live.
    pub session_duration: SessionDuration,
    /// Where the console opens.
    pub relay_state: Option<String>,
    /// Counts up with every change of what a provisioned role would be; compared with the revision that an account has.
    pub revision: i64,
    /// When made.
    pub created_at: Timestamp,
}

impl PermissionSet {
    /// The ARN.
    pub fn arn(&self) -> PermissionSetArn {
        PermissionSetArn { instance_id: self.instance_id.clone(), id: self.id.clone() }
    }
}

/// A customer managed policy, named by what it is called in each account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CustomerManagedPolicyReference {
    /// 1 to 128 characters.
    pub name: String,
    /// `/` or `/…/`.
    pub path: String,
}

/// The one permissions boundary of a permission set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PermissionsBoundary {
    /// An AWS managed policy, by ARN.
    ManagedPolicyArn(String),
    /// A customer managed policy, by name and path.
    CustomerManaged(CustomerManagedPolicyReference),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_from_one_hour_to_twelve_are_kept_as_written() {
        for (text, seconds) in
            [("PT1H", 3_600), ("PT60M", 3_600), ("PT12H", 43_200), ("PT1H30M", 5_400), ("PT3600S", 3_600)]
        {
            let duration = SessionDuration::parse(text).unwrap();
            assert_eq!((duration.seconds(), duration.as_str()), (seconds, text));
        }
        for bad in [
            "PT59M",
            "PT12H1S",
            "PT",
            "P1D",
            "1H",
            "PT1",
            "PT1M1H",
            "PT1H1H",
            "PT-1H",
            "PT1.5H",
            "PT9999999H",
            "",
        ] {
            assert!(SessionDuration::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(SessionDuration::trusted(5_400, None).as_str(), "PT1H30M");
        assert_eq!(SessionDuration::default().as_str(), "PT1H");
    }
}
