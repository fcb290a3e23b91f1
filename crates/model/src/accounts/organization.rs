//! The organization and the making of accounts in it.

use crate::accounts::account::AccountId;
use crate::accounts::organizational_unit::{Parent, UnitPath};
use crate::accounts::service_control_policy::ServiceControlPolicyId;
use crate::id::string_id;
use crate::timestamp::Timestamp;

string_id!(
    /// `o-` and 10 to 32 of `[a-z0-9]`.
    OrganizationId,
    "organization id (o- and 10 to 32 lower-case letters and digits)",
    |value: &str| value.strip_prefix("o-").is_some_and(|rest| (10..=32).contains(&rest.len())
        && rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
);

/// The organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// `o-` and ten of `[a-z0-9]`.
    pub id: String,
    /// The account that owns it.
    pub management_account_id: AccountId,
    /// `r-` and four of `[a-z0-9]`.
    pub root_id: String,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Organization {
    /// `arn:aws:organizations::<management account>:organization/<id>`
    pub fn arn(&self) -> String {
        format!("arn:aws:organizations::{}:organization/{}", self.management_account_id, self.id)
    }

    /// The ARN of its root.
    pub fn root_arn(&self) -> String {
        format!("arn:aws:organizations::{}:root/{}/{}", self.management_account_id, self.id, self.root_id)
    }

    /// The ARN of what is called so: an account, a root, an organizational unit or a policy, whether or not there is one.
    pub fn arn_of(&self, id: &str) -> String {
        if id == ServiceControlPolicyId::FULL_ACCESS {
            return format!("arn:aws:organizations::aws:policy/service_control_policy/{id}");
        }
        let kind = match id.as_bytes() {
            [b'o', b'u', b'-', ..] => "ou",
            [b'r', b'-', ..] => "root",
            [b'p', b'-', ..] => "policy",
            _ => "account",
        };
        let of = if kind == "policy" { "service_control_policy/" } else { "" };
        format!("arn:aws:organizations::{}:{kind}/{}/{of}{id}", self.management_account_id, self.id)
    }

    /// What lies at a path under the root, as `aws:PrincipalOrgPaths` and `Path` have it: `<organization>/<root>/<unit>/…/`.
    pub fn path_of(&self, path: &UnitPath) -> String {
        format!("{}/{}/{}", self.id, self.root_id, path.as_str())
    }

    /// An account's place, as `Paths` of Organizations' accounts have it.
    pub fn account_path(&self, path: &UnitPath, account: &AccountId) -> String {
        format!("{}{account}/", self.path_of(path))
    }

    /// What holds whatever lies at `path`: the innermost unit, or the root.
    pub fn parent_at(&self, path: UnitPath) -> Parent {
        let id = path.innermost().map_or_else(|| self.root_id.clone(), String::from);
        Parent { id, path }
    }

    /// The ARN of one of its accounts.
    pub fn account_arn(&self, account: &AccountId) -> String {
        format!("arn:aws:organizations::{}:account/{}/{account}", self.management_account_id, self.id)
    }
}

/// How far a CreateAccount request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreationState {
    /// Accepted.
    InProgress,
    /// The account is there.
    Succeeded,
    /// It is not; the failure reason says why.
    Failed,
}

impl CreationState {
    /// The wire word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InProgress => "IN_PROGRESS",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
        }
    }

    /// From the wire word.
    pub fn parse(value: &str) -> Option<Self> {
        [Self::InProgress, Self::Succeeded, Self::Failed].into_iter().find(|state| state.as_str() == value)
    }
}

/// A CreateAccount request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountCreation {
    /// `car-` and 32 hexadecimal digits.
    pub id: String,
    /// The id that the account has or would have had.
    pub account_id: AccountId,
    /// Its name.
    pub name: String,
    /// Its address.
    pub email: String,
    /// The role by which the management account reaches it.
    pub role_name: String,
    /// How far it is.
    pub state: CreationState,
    /// `EMAIL_ALREADY_EXISTS` and the like.
    pub failure_reason: Option<String>,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When it was done.
    pub completed_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_organization_is_known_by_its_id() {
        assert!(OrganizationId::parse("o-a1b2c3d4e5").is_ok());
        for bad in ["", "o-", "o-a1b2c3d4e", "o-A1B2C3D4E5", "r-a1b2c3d4e5", "o-a1b2c3d4e5/"] {
            assert!(OrganizationId::parse(bad).is_err(), "{bad}");
        }
    }
}
