//! Service control policies. What they are attached to is [`policy_attachments`](super::policy_attachments)'s.

use model::accounts::service_control_policy::{ServiceControlPolicy, ServiceControlPolicyId};
use model::fault::Fault;
use model::page::PageRequest;

use crate::error::StoreError;
use crate::row::{Row, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO service_control_policies (policy_id, name, description, content) VALUES (?1, ?2, ?3, ?4)";
    FIND = "SELECT policy_id, name, description, content FROM service_control_policies WHERE policy_id = ?1";
    FIND_NAMED = "SELECT policy_id, name, description, content FROM service_control_policies WHERE name = ?1";
    PAGE = "SELECT policy_id, name, description, content FROM service_control_policies WHERE policy_id > ?1 ORDER BY policy_id LIMIT ?2";
    PAGE_OF_TARGET = "SELECT p.policy_id, p.name, p.description, p.content FROM policy_attachments t
                      JOIN service_control_policies p ON p.policy_id = t.policy_id
                      WHERE t.target_id = ?1 AND t.policy_id > ?2 ORDER BY t.policy_id LIMIT ?3";
    COUNT = "SELECT COUNT(*) FROM service_control_policies";
    UPDATE = "UPDATE service_control_policies SET name = ?2, description = ?3, content = ?4 WHERE policy_id = ?1";
    DELETE = "DELETE FROM service_control_policies WHERE policy_id = ?1";
}

/// Adds a policy.
pub fn insert(tx: &mut Tx<'_>, new: &ServiceControlPolicy) -> Result<(), Fault> {
    tx.insert(&INSERT, params![new.id.as_str(), &new.name, &new.description, &new.content])
}

/// The policy with this id.
pub fn find(
    rx: &mut Rx<'_>,
    id: &ServiceControlPolicyId,
) -> Result<Option<ServiceControlPolicy>, StoreError> {
    rx.first(&FIND, params![id.as_str()], policy)
}

/// The policy of this name.
pub fn find_named(rx: &mut Rx<'_>, name: &str) -> Result<Option<ServiceControlPolicy>, StoreError> {
    rx.first(&FIND_NAMED, params![name], policy)
}

/// Policies by id.
pub fn page(rx: &mut Rx<'_>, page: &PageRequest) -> Result<Vec<ServiceControlPolicy>, StoreError> {
    rx.all(&PAGE, params![page.after_or_start(), page.rows()], policy)
}

/// Policies that are attached to a root, a unit or an account, by id.
pub fn page_of_target(
    rx: &mut Rx<'_>,
    target: &str,
    page: &PageRequest,
) -> Result<Vec<ServiceControlPolicy>, StoreError> {
    rx.all(&PAGE_OF_TARGET, params![target, page.after_or_start(), page.rows()], policy)
}

/// How many there are, AWS's own among them.
pub fn count(rx: &mut Rx<'_>) -> Result<u64, StoreError> {
    rx.count(&COUNT, params![])
}

/// Writes what may change of a policy.
pub fn update(tx: &mut Tx<'_>, of: &ServiceControlPolicy) -> Result<(), Fault> {
    tx.execute_one(&UPDATE, params![of.id.as_str(), &of.name, &of.description, &of.content])
}

/// Removes a policy that is attached to nothing.
pub fn delete(tx: &mut Tx<'_>, id: &ServiceControlPolicyId) -> Result<(), Fault> {
    tx.execute_one(&DELETE, params![id.as_str()])
}

fn policy(row: &Row<'_>) -> Result<ServiceControlPolicy, StoreError> {
    Ok(ServiceControlPolicy {
        id: ServiceControlPolicyId::trusted(row.text(0)?),
        name: row.text(1)?,
        description: row.text(2)?,
        content: row.text(3)?,
    })
}
