//! IAM roles of the local account plane.

use model::accounts::account::AccountId;
use model::accounts::organizational_unit::UnitPath;
use model::accounts::permission_set::PermissionSetId;
use model::accounts::policy;
use model::accounts::role::{Role, RoleName, RoleReference};
use model::fault::Fault;
use model::page::PageRequest;

use crate::accounts::policy_attachments::Level;
use crate::accounts::{policies, policy_attachments};
use crate::error::StoreError;
use crate::row::{Row, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    // While the note of what the account holds is of the revision that the role has still.
    KEEP_POLICIES = "INSERT INTO former_role_policies (permission_set_id, revision, managed_policies, inline_policies, permissions_boundary)
              SELECT p.permission_set_id, p.revision, r.managed_policies, r.inline_policies, r.permissions_boundary
              FROM roles r JOIN provisioned_permission_sets p ON p.account_id = r.account_id AND p.permission_set_id = r.permission_set_id
              WHERE r.account_id = ?1 AND r.role_name_key = ?2 ON CONFLICT DO NOTHING";
    UPSERT = "INSERT INTO roles (account_id, role_name_key, role_name, path, role_id, description, max_session_seconds, trust_policy,
              managed_policies, inline_policies, permissions_boundary, permission_set_id, created_at)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
              ON CONFLICT (account_id, role_name_key) DO UPDATE SET description = excluded.description,
              max_session_seconds = excluded.max_session_seconds, trust_policy = excluded.trust_policy,
              managed_policies = excluded.managed_policies, inline_policies = excluded.inline_policies,
              permissions_boundary = excluded.permissions_boundary";
    FIND = "SELECT account_id, role_name, path, role_id, description, max_session_seconds, trust_policy, managed_policies,
            inline_policies, permissions_boundary, permission_set_id, created_at FROM roles WHERE account_id = ?1 AND role_name_key = ?2";
    PAGE = "SELECT account_id, role_name, path, role_id, description, max_session_seconds, trust_policy, managed_policies,
            inline_policies, permissions_boundary, permission_set_id, created_at FROM roles
            WHERE account_id = ?1 AND role_name_key > ?2 ORDER BY role_name_key LIMIT ?3";
    OF_PERMISSION_SETS = "SELECT r.account_id, r.role_name, r.path, r.role_id, r.description, r.max_session_seconds, r.trust_policy, r.managed_policies,
            r.inline_policies, r.permissions_boundary, r.permission_set_id, r.created_at, p.revision FROM provisioned_permission_sets p
            JOIN roles r ON r.account_id = p.account_id AND r.permission_set_id = p.permission_set_id
            WHERE p.account_id = ?1 ORDER BY r.role_name_key";
    FIND_REFERENCE = "SELECT account_id, role_name, path, role_id FROM roles WHERE account_id = ?1 AND role_name_key = ?2";
    // What an account has of its own opens nothing while its IAM is somewhere else.
    FIND_BINDING = "SELECT r.role_id, r.path, r.managed_policies, r.inline_policies, r.permissions_boundary, a.path, a.delegated_at,
                    (SELECT MIN(target_id) FROM policy_attachments) FROM roles r JOIN accounts a ON a.account_id = r.account_id
                    WHERE r.account_id = ?1 AND r.role_name_key = ?2 AND a.state = 'ACTIVE' AND (r.permission_set_id IS NOT NULL
                    OR NOT EXISTS (SELECT 1 FROM account_connections c WHERE c.account_id = r.account_id))";
    ATTACHMENTS = "SELECT role_name, role_id, path, managed_policies, permissions_boundary FROM roles WHERE account_id = ?1 ORDER BY role_name_key";
    COUNT = "SELECT COUNT(*) FROM roles WHERE account_id = ?1";
    DELETE = "DELETE FROM roles WHERE account_id = ?1 AND role_name_key = ?2";
}

/// Adds a role, or changes what may change of one: its id, path and date stay. What it was allowed as a permission set's role is kept, once for
/// all accounts: call it before the account is noted to hold another revision.
pub fn upsert(tx: &mut Tx<'_>, role: &Role) -> Result<(), Fault> {
    let text = |value: &serde_json::Value| value.to_string();
    let managed = serde_json::to_string(&role.managed_policies).map_err(Fault::internal)?;
    let inline = serde_json::to_string(&role.inline_policies).map_err(Fault::internal)?;
    tx.insert(&KEEP_POLICIES, params![role.account_id.as_str(), &key(role.name.as_str())])?;
    tx.execute_one(
        &UPSERT,
        params![
            role.account_id.as_str(),
            &key(role.name.as_str()),
            role.name.as_str(),
            &role.path,
            &role.role_id,
            role.description.as_ref(),
            role.max_session_seconds,
            &text(&role.trust_policy),
            &managed,
            &inline,
            role.permissions_boundary.as_ref(),
            role.permission_set_id.as_ref().map(PermissionSetId::as_str),
            role.created_at
        ],
    )
}

/// The role of this name in an account. Names differ in more than case.
pub fn find(rx: &mut Rx<'_>, account: &AccountId, name: &str) -> Result<Option<Role>, StoreError> {
    rx.first(&FIND, params![account.as_str(), &key(name)], role)
}

/// What permission sets became in an account, each with the revision that it was made of.
pub fn of_permission_sets(rx: &mut Rx<'_>, account: &AccountId) -> Result<Vec<(Role, i64)>, StoreError> {
    rx.all(&OF_PERMISSION_SETS, params![account.as_str()], |row| Ok((role(row)?, row.int(12)?)))
}

/// Which role has this name in an account, without its policies.
pub fn find_reference(
    rx: &mut Rx<'_>,
    account: &AccountId,
    name: &str,
) -> Result<Option<RoleReference>, StoreError> {
    rx.first(&FIND_REFERENCE, params![account.as_str(), &key(name)], |row| {
        Ok(RoleReference {
            account_id: AccountId::trusted(row.text(0)?),
            name: RoleName::trusted(row.text(1)?),
            path: row.text(2)?,
            role_id: row.text(3)?,
        })
    })
}

/// What binds the sessions of a role, as the texts that stand in its row: read at every call that such a session makes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleBinding {
    /// `AROA…`
    pub role_id: String,
    /// `/` or `/…/`
    pub path: String,
    /// ARNs of attached policies: a JSON list.
    pub managed_policies: String,
    /// Inline policies: a JSON list of pairs of a name and a document.
    pub inline_policies: String,
    /// The boundary's ARN.
    pub permissions_boundary: Option<String>,
    /// What those of the attached policies and the boundary say that are the account's own: ARN and document.
    pub customer_policies: Vec<(String, String)>,
    /// What the organization lets its account do at most.
    pub service_controls: Vec<Level>,
    /// Where its account lies in the organization.
    pub account_path: UnitPath,
    /// Whether its account administers the organization's instance for the management account.
    pub is_delegated: bool,
}

/// What binds the sessions of the role of this name.
pub fn find_binding(
    rx: &mut Rx<'_>,
    account: &AccountId,
    name: &str,
) -> Result<Option<RoleBinding>, StoreError> {
    let found = rx.first(&FIND_BINDING, params![account.as_str(), &key(name)], |row| {
        let binding = RoleBinding {
            role_id: row.text(0)?,
            path: row.text(1)?,
            managed_policies: row.text(2)?,
            inline_policies: row.text(3)?,
            permissions_boundary: row.opt_text(4)?,
            account_path: UnitPath::trusted(row.text(5)?),
            is_delegated: row.opt_time(6)?.is_some(),
            ..RoleBinding::default()
        };
        Ok((binding, row.opt_text(7)?.is_some()))
    })?;
    let Some((mut binding, is_bounded)) = found else { return Ok(None) };
    if is_bounded {
        binding.service_controls = policy_attachments::bounds_at(rx, account, &binding.account_path)?;
    }
    Ok(Some(binding.with_customer_policies(rx, account)?))
}

impl RoleBinding {
    /// With what the account's own policies among the attached ones say. Most roles have none of those, which their row tells: nothing else is read.
    pub(crate) fn with_customer_policies(
        mut self,
        rx: &mut Rx<'_>,
        account: &AccountId,
    ) -> Result<Self, StoreError> {
        let own = policy::arn_prefix(account);
        let boundary = self.permissions_boundary.as_deref();
        if !self.managed_policies.contains(&own) && !boundary.is_some_and(|arn| arn.starts_with(&own)) {
            return Ok(self);
        }
        let attached: Vec<String> = serde_json::from_str(&self.managed_policies)
            .map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let arns: Vec<&str> = attached.iter().map(String::as_str).chain(boundary).collect();
        self.customer_policies = policies::documents(rx, account, &arns)?;
        Ok(self)
    }
}

/// What is attached to a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachments {
    /// Its name.
    pub name: String,
    /// `AROA…`
    pub role_id: String,
    /// `/` or `/…/`
    pub path: String,
    /// ARNs of attached policies.
    pub managed_policies: Vec<String>,
    /// The boundary's ARN.
    pub permissions_boundary: Option<String>,
}

/// What is attached to each role of an account, by name.
pub fn attachments(rx: &mut Rx<'_>, account: &AccountId) -> Result<Vec<Attachments>, StoreError> {
    rx.all(&ATTACHMENTS, params![account.as_str()], |row| {
        Ok(Attachments {
            name: row.text(0)?,
            role_id: row.text(1)?,
            path: row.text(2)?,
            managed_policies: row.json(3)?,
            permissions_boundary: row.opt_text(4)?,
        })
    })
}

/// How many roles an account has.
pub fn count_in_account(rx: &mut Rx<'_>, account: &AccountId) -> Result<u64, StoreError> {
    rx.count(&COUNT, params![account.as_str()])
}

/// Roles of an account by name; [`key`] names a row's place.
pub fn page_by_account(
    rx: &mut Rx<'_>,
    account: &AccountId,
    page: &PageRequest,
) -> Result<Vec<Role>, StoreError> {
    rx.all(&PAGE, params![account.as_str(), page.after_or_start(), page.rows()], role)
}

/// Removes a role; whether there was one. What it was allowed is kept, as [`upsert`] does.
pub fn delete(tx: &mut Tx<'_>, account: &AccountId, name: &str) -> Result<bool, Fault> {
    tx.insert(&KEEP_POLICIES, params![account.as_str(), &key(name)])?;
    Ok(tx.execute(&DELETE, params![account.as_str(), &key(name)])? == 1)
}

/// How a role's name is compared.
pub fn key(name: &str) -> String {
    name.to_ascii_lowercase()
}

fn role(row: &Row<'_>) -> Result<Role, StoreError> {
    Ok(Role {
        account_id: AccountId::trusted(row.text(0)?),
        name: RoleName::trusted(row.text(1)?),
        path: row.text(2)?,
        role_id: row.text(3)?,
        description: row.opt_text(4)?,
        max_session_seconds: row.int(5)?,
        trust_policy: row.json(6)?,
        managed_policies: row.json(7)?,
        inline_policies: row.json(8)?,
        permissions_boundary: row.opt_text(9)?,
        permission_set_id: row.opt_text(10)?.map(PermissionSetId::trusted),
        created_at: row.time(11)?,
    })
}
