//! Permission sets, with their inline policy and boundary.

use std::collections::HashMap;

use model::accounts::permission_set::{
    CustomerManagedPolicyReference, PermissionSet, PermissionSetId, PermissionsBoundary, SessionDuration,
};
use model::fault::Fault;
use model::instances::instance::InstanceId;
use model::page::PageRequest;

use crate::accounts::access_uses;
use crate::error::StoreError;
use crate::row::{Row, list, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO permission_sets (permission_set_id, instance_id, name, description, session_seconds, relay_state, revision,
              created_at, session_duration) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    FIND = "SELECT permission_set_id, instance_id, name, description, session_seconds, relay_state, revision, created_at,
            session_duration FROM permission_sets WHERE permission_set_id = ?1 AND instance_id = ?2";
    FIND_BY_NAME = "SELECT permission_set_id, instance_id, name, description, session_seconds, relay_state, revision, created_at,
            session_duration FROM permission_sets WHERE instance_id = ?1 AND name = ?2";
    PAGE = "SELECT permission_set_id, instance_id, name, description, session_seconds, relay_state, revision, created_at,
            session_duration FROM permission_sets WHERE instance_id = ?1 AND permission_set_id > ?2 ORDER BY permission_set_id LIMIT ?3";
    PAGE_BY_NAME = "SELECT permission_set_id, instance_id, name, description, session_seconds, relay_state, revision, created_at,
            session_duration FROM permission_sets WHERE instance_id = ?1 AND name > ?2 AND lower(name) LIKE ?3 ESCAPE '!' ORDER BY name LIMIT ?4";
    FIND_EACH = "SELECT permission_set_id, instance_id, name, description, session_seconds, relay_state, revision, created_at,
            session_duration FROM permission_sets WHERE instance_id = ?1 AND permission_set_id IN (SELECT value FROM json_each(?2))";
    COUNT = "SELECT COUNT(*) FROM permission_sets WHERE instance_id = ?1";
    UPDATE = "UPDATE permission_sets SET description = ?2, session_seconds = ?3, relay_state = ?4,
              session_duration = ?5 WHERE permission_set_id = ?1";
    TOUCH = "UPDATE permission_sets SET revision = revision + 1 WHERE permission_set_id = ?1";
    DELETE = "DELETE FROM permission_sets WHERE permission_set_id = ?1";
    INLINE_POLICY = "SELECT inline_policy FROM permission_sets WHERE permission_set_id = ?1";
    SET_INLINE_POLICY = "UPDATE permission_sets SET inline_policy = ?2 WHERE permission_set_id = ?1";
    BOUNDARY = "SELECT boundary_managed_policy_arn, boundary_policy_name, boundary_policy_path FROM permission_sets
                WHERE permission_set_id = ?1";
    POLICIES_OF_EACH = "SELECT boundary_managed_policy_arn, boundary_policy_name, boundary_policy_path, permission_set_id, inline_policy
                FROM permission_sets WHERE permission_set_id IN (SELECT value FROM json_each(?1))";
    SET_BOUNDARY = "UPDATE permission_sets SET boundary_managed_policy_arn = ?2, boundary_policy_name = ?3, boundary_policy_path = ?4
                    WHERE permission_set_id = ?1";
}

/// Adds a permission set.
pub fn insert(tx: &mut Tx<'_>, new: &PermissionSet) -> Result<(), Fault> {
    tx.execute_one(
        &INSERT,
        params![
            new.id.as_str(),
            new.instance_id.as_str(),
            &new.name,
            new.description.as_ref(),
            seconds(&new.session_duration),
            new.relay_state.as_ref(),
            new.revision,
            new.created_at,
            new.session_duration.as_str()
        ],
    )
}

/// The permission set with this id, in this instance.
pub fn find(
    rx: &mut Rx<'_>,
    instance: &InstanceId,
    id: &PermissionSetId,
) -> Result<Option<PermissionSet>, StoreError> {
    rx.first(&FIND, params![id.as_str(), instance.as_str()], permission_set)
}

/// The permission set of this name.
pub fn find_by_name(
    rx: &mut Rx<'_>,
    instance: &InstanceId,
    name: &str,
) -> Result<Option<PermissionSet>, StoreError> {
    rx.first(&FIND_BY_NAME, params![instance.as_str(), name], permission_set)
}

/// Which of these permission sets there are in this instance.
pub fn find_each<'a>(
    rx: &mut Rx<'_>,
    instance: &InstanceId,
    ids: impl IntoIterator<Item = &'a PermissionSetId>,
) -> Result<HashMap<PermissionSetId, PermissionSet>, StoreError> {
    let ids = list(ids.into_iter().map(PermissionSetId::as_str));
    let found = rx.all(&FIND_EACH, params![instance.as_str(), &ids], permission_set)?;
    Ok(found.into_iter().map(|set| (set.id.clone(), set)).collect())
}

/// Permission sets by id.
pub fn page(
    rx: &mut Rx<'_>,
    instance: &InstanceId,
    page: &PageRequest,
) -> Result<Vec<PermissionSet>, StoreError> {
    rx.all(&PAGE, params![instance.as_str(), page.after_or_start(), page.rows()], permission_set)
}

/// Permission sets by name: those in whose names `part` stands, in whatever case.
pub fn page_by_name(
    rx: &mut Rx<'_>,
    instance: &InstanceId,
    part: &str,
    page: &PageRequest,
) -> Result<Vec<PermissionSet>, StoreError> {
    let mut like = "%".to_owned();
    for letter in part.to_ascii_lowercase().chars() {
        if matches!(letter, '%' | '_' | '!') {
            like.push('!');
        }
        like.push(letter);
    }
    like.push('%');
    rx.all(
        &PAGE_BY_NAME,
        params![instance.as_str(), page.after_or_start(), &like, page.rows()],
        permission_set,
    )
}

/// How many an instance has.
pub fn count(rx: &mut Rx<'_>, instance: &InstanceId) -> Result<u64, StoreError> {
    rx.count(&COUNT, params![instance.as_str()])
}

/// Changes description, session duration and relay state.
pub fn update(tx: &mut Tx<'_>, set: &PermissionSet) -> Result<(), Fault> {
    let (duration, text) = (seconds(&set.session_duration), set.session_duration.as_str());
    tx.execute_one(
        &UPDATE,
        params![set.id.as_str(), set.description.as_ref(), duration, set.relay_state.as_ref(), text],
    )
}

/// Counts the revision up: what accounts hold is no longer the latest.
pub fn touch(tx: &mut Tx<'_>, id: &PermissionSetId) -> Result<(), Fault> {
    tx.execute_one(&TOUCH, params![id.as_str()])
}

/// Removes a permission set.
pub fn delete(tx: &mut Tx<'_>, id: &PermissionSetId) -> Result<(), Fault> {
    access_uses::delete_by_permission_set(tx, id)?;
    tx.execute_one(&DELETE, params![id.as_str()])
}

/// The inline policy's text.
pub fn inline_policy(rx: &mut Rx<'_>, id: &PermissionSetId) -> Result<Option<String>, StoreError> {
    Ok(rx.first(&INLINE_POLICY, params![id.as_str()], |row| row.opt_text(0))?.flatten())
}

/// Sets or takes away the inline policy.
pub fn set_inline_policy(tx: &mut Tx<'_>, id: &PermissionSetId, policy: Option<&str>) -> Result<(), Fault> {
    tx.execute_one(&SET_INLINE_POLICY, params![id.as_str(), policy])
}

/// The permissions boundary.
pub fn boundary(rx: &mut Rx<'_>, id: &PermissionSetId) -> Result<Option<PermissionsBoundary>, StoreError> {
    Ok(rx.first(&BOUNDARY, params![id.as_str()], boundary_of)?.flatten())
}

fn boundary_of(row: &Row<'_>) -> Result<Option<PermissionsBoundary>, StoreError> {
    Ok(match (row.opt_text(0)?, row.opt_text(1)?, row.opt_text(2)?) {
        (Some(arn), _, _) => Some(PermissionsBoundary::ManagedPolicyArn(arn)),
        (None, Some(name), Some(path)) => {
            Some(PermissionsBoundary::CustomerManaged(CustomerManagedPolicyReference { name, path }))
        }
        _ => None,
    })
}

/// The inline policy's text and the permissions boundary.
pub type OwnPolicies = (Option<String>, Option<PermissionsBoundary>);

/// What each of these permission sets has itself.
pub fn policies_of_each<'a>(
    rx: &mut Rx<'_>,
    ids: impl IntoIterator<Item = &'a PermissionSetId>,
) -> Result<HashMap<PermissionSetId, OwnPolicies>, StoreError> {
    let ids = list(ids.into_iter().map(PermissionSetId::as_str));
    let found = rx.all(&POLICIES_OF_EACH, params![&ids], |row| {
        Ok((PermissionSetId::trusted(row.text(3)?), (row.opt_text(4)?, boundary_of(row)?)))
    })?;
    Ok(found.into_iter().collect())
}

/// Sets or takes away the permissions boundary.
pub fn set_boundary(
    tx: &mut Tx<'_>,
    id: &PermissionSetId,
    boundary: Option<&PermissionsBoundary>,
) -> Result<(), Fault> {
    let (arn, name, path) = match boundary {
        None => (None, None, None),
        Some(PermissionsBoundary::ManagedPolicyArn(arn)) => (Some(arn), None, None),
        Some(PermissionsBoundary::CustomerManaged(policy)) => (None, Some(&policy.name), Some(&policy.path)),
    };
    tx.execute_one(&SET_BOUNDARY, params![id.as_str(), arn, name, path])
}

fn seconds(duration: &SessionDuration) -> i64 {
    i64::try_from(duration.seconds()).unwrap_or(i64::MAX)
}

fn permission_set(row: &Row<'_>) -> Result<PermissionSet, StoreError> {
    Ok(PermissionSet {
        id: PermissionSetId::trusted(row.text(0)?),
        instance_id: InstanceId::trusted(row.text(1)?),
        name: row.text(2)?,
        description: row.opt_text(3)?,
        session_duration: SessionDuration::trusted(u64::try_from(row.int(4)?).unwrap_or(0), row.opt_text(8)?),
        relay_state: row.opt_text(5)?,
        revision: row.int(6)?,
        created_at: row.time(7)?,
    })
}
