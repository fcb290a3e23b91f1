//! What service control policies are attached to, and what that makes of an account.

use model::accounts::account::AccountId;
use model::accounts::organizational_unit::{OrganizationalUnitId, UnitPath};
use model::accounts::service_control_policy::ServiceControlPolicyId;
use model::fault::Fault;
use model::page::PageRequest;

use crate::accounts::accounts;
use crate::error::StoreError;
use crate::row::{list, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO policy_attachments (target_id, policy_id) VALUES (?1, ?2)";
    // Every target that there is gets AWS's own policy.
    ENABLE = "INSERT INTO policy_attachments (target_id, policy_id)
              SELECT root_id, CAST(?1 AS TEXT) FROM organizations UNION ALL SELECT unit_id, CAST(?1 AS TEXT) FROM organizational_units
              UNION ALL SELECT account_id, CAST(?1 AS TEXT) FROM accounts";
    DISABLE = "DELETE FROM policy_attachments";
    IS_ENABLED = "SELECT target_id FROM policy_attachments LIMIT 1";
    IS_ATTACHED = "SELECT target_id FROM policy_attachments WHERE target_id = ?1 AND policy_id = ?2";
    IS_USED = "SELECT target_id FROM policy_attachments WHERE policy_id = ?1 LIMIT 1";
    COUNT_OF_TARGET = "SELECT COUNT(*) FROM policy_attachments WHERE target_id = ?1";
    PAGE_BY_POLICY = "SELECT target_id FROM policy_attachments WHERE policy_id = ?1 AND target_id > ?2 ORDER BY target_id LIMIT ?3";
    BOUNDS = "SELECT t.target_id, p.name, p.content FROM policy_attachments t JOIN service_control_policies p ON p.policy_id = t.policy_id
              WHERE (t.target_id IN (SELECT value FROM json_each(?1)) OR t.target_id IN (SELECT root_id FROM organizations))
              AND NOT EXISTS (SELECT 1 FROM organizations o WHERE o.management_account_id = ?2) ORDER BY t.target_id, p.policy_id";
    DELETE = "DELETE FROM policy_attachments WHERE target_id = ?1 AND policy_id = ?2";
    DELETE_OF_TARGET = "DELETE FROM policy_attachments WHERE target_id = ?1";
}

/// The policies of one level, the root, a unit or an account: name and document of each.
pub type Level = Vec<(String, String)>;

/// Attaches a policy.
pub fn insert(tx: &mut Tx<'_>, target: &str, policy: &ServiceControlPolicyId) -> Result<(), Fault> {
    tx.insert(&INSERT, params![target, policy.as_str()])
}

/// Attaches AWS's own policy to the root, every unit and every account: from now on policies count.
pub fn enable(tx: &mut Tx<'_>) -> Result<(), Fault> {
    tx.execute(&ENABLE, params![ServiceControlPolicyId::FULL_ACCESS])?;
    Ok(())
}

/// Detaches everything: from now on no policy counts.
pub fn disable(tx: &mut Tx<'_>) -> Result<(), Fault> {
    tx.execute(&DISABLE, params![])?;
    Ok(())
}

/// Whether policies count.
pub fn is_enabled(rx: &mut Rx<'_>) -> Result<bool, StoreError> {
    rx.exists(&IS_ENABLED, params![])
}

/// Attaches AWS's own policy to a unit or an account that is new, if policies count.
pub fn insert_new(tx: &mut Tx<'_>, target: &str) -> Result<(), Fault> {
    if is_enabled(tx)? {
        insert(tx, target, &ServiceControlPolicyId::trusted(ServiceControlPolicyId::FULL_ACCESS))?;
    }
    Ok(())
}

/// Whether a policy is attached to a target.
pub fn is_attached(
    rx: &mut Rx<'_>,
    target: &str,
    policy: &ServiceControlPolicyId,
) -> Result<bool, StoreError> {
    rx.exists(&IS_ATTACHED, params![target, policy.as_str()])
}

/// Whether a policy is attached to anything.
pub fn is_used(rx: &mut Rx<'_>, policy: &ServiceControlPolicyId) -> Result<bool, StoreError> {
    rx.exists(&IS_USED, params![policy.as_str()])
}

/// How many policies a target has.
pub fn count_of_target(rx: &mut Rx<'_>, target: &str) -> Result<u64, StoreError> {
    rx.count(&COUNT_OF_TARGET, params![target])
}

/// What a policy is attached to: the ids of targets, in order.
pub fn page_by_policy(
    rx: &mut Rx<'_>,
    policy: &ServiceControlPolicyId,
    page: &PageRequest,
) -> Result<Vec<String>, StoreError> {
    let params = params![policy.as_str(), page.after_or_start(), page.rows()];
    rx.all(&PAGE_BY_POLICY, params, |row| row.text(0))
}

/// What an account may do at most, level by level from the root: each of them must allow. No level where policies do not count, nor for the management account.
pub fn bounds(rx: &mut Rx<'_>, account: &AccountId) -> Result<Vec<Level>, StoreError> {
    if !is_enabled(rx)? {
        return Ok(Vec::new());
    }
    let path = accounts::path_of(rx, account)?;
    bounds_at(rx, account, &path)
}

/// [`bounds`] of an account that lies at `path`.
pub fn bounds_at(rx: &mut Rx<'_>, account: &AccountId, path: &UnitPath) -> Result<Vec<Level>, StoreError> {
    let units: Vec<OrganizationalUnitId> = path.units().collect();
    let below: Vec<&str> = units.iter().map(OrganizationalUnitId::as_str).chain([account.as_str()]).collect();
    let found = rx.all(&BOUNDS, params![&list(below.iter().copied()), account.as_str()], |row| {
        Ok((row.text(0)?, (row.text(1)?, row.text(2)?)))
    })?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    // A level without policies would allow nothing, and that is what an empty one says.
    let mut levels = vec![Level::new(); below.len() + 1];
    for (target, policy) in found {
        let at = below.iter().position(|id| *id == target).map_or(0, |at| at + 1);
        if let Some(level) = levels.get_mut(at) {
            level.push(policy);
        }
    }
    Ok(levels)
}

/// Detaches a policy.
pub fn delete(tx: &mut Tx<'_>, target: &str, policy: &ServiceControlPolicyId) -> Result<(), Fault> {
    tx.execute_one(&DELETE, params![target, policy.as_str()])
}

/// Detaches everything from a target that is gone.
pub fn delete_of_target(tx: &mut Tx<'_>, target: &str) -> Result<(), Fault> {
    tx.execute(&DELETE_OF_TARGET, params![target])?;
    Ok(())
}
