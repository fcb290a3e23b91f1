//! IAM roles of the local account plane.

use model::accounts::account::AccountId;
use model::accounts::organizational_unit::UnitPath;
use model::accounts::permission_set::PermissionSetId;
use model::accounts::role::{Role, RoleName, RoleReference};
use model::fault::Fault;
use model::page::PageRequest;

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
    FIND_REFERENCE = "SELECT account_id, role_name, path, role_id FROM roles WHERE account_id = ?1 AND role_name_key = ?2";
    FIND_BINDING = "SELECT r.role_id, r.path, r.managed_policies, r.inline_policies, r.permissions_boundary, a.path
                    FROM roles r JOIN accounts a ON a.account_id = r.account_id
                    WHERE r.account_id = ?1 AND r.role_name_key = ?2 AND a.state = 'ACTIVE'";
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
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// Where its account lies in the organization.
    pub account_path: UnitPath,
}

/// What binds the sessions of the role of this name.
pub fn find_binding(
    rx: &mut Rx<'_>,
    account: &AccountId,
    name: &str,
) -> Result<Option<RoleBinding>, StoreError> {
    rx.first(&FIND_BINDING, params![account.as_str(), &key(name)], |row| {
        Ok(RoleBinding {
            role_id: row.text(0)?,
            path: row.text(1)?,
            managed_policies: row.text(2)?,
            inline_policies: row.text(3)?,
            permissions_boundary: row.opt_text(4)?,
            account_path: UnitPath::trusted(row.text(5)?),
        })
    })
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
