//! Managed and customer managed policies of permission sets.

use std::collections::HashMap;

use model::accounts::permission_set::{CustomerManagedPolicyReference, PermissionSetId};
use model::fault::Fault;

use crate::error::StoreError;
use crate::row::{list, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT_MANAGED = "INSERT INTO permission_set_managed_policies (permission_set_id, policy_arn) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    DELETE_MANAGED = "DELETE FROM permission_set_managed_policies WHERE permission_set_id = ?1 AND policy_arn = ?2";
    MANAGED = "SELECT policy_arn FROM permission_set_managed_policies WHERE permission_set_id = ?1 ORDER BY policy_arn";
    INSERT_CUSTOMER = "INSERT INTO permission_set_customer_policies (permission_set_id, policy_path, policy_name) VALUES (?1, ?2, ?3)
                       ON CONFLICT DO NOTHING";
    DELETE_CUSTOMER = "DELETE FROM permission_set_customer_policies WHERE permission_set_id = ?1 AND policy_path = ?2 AND policy_name = ?3";
    CUSTOMER = "SELECT policy_name, policy_path FROM permission_set_customer_policies WHERE permission_set_id = ?1
                ORDER BY policy_path, policy_name";
    MANAGED_OF_EACH = "SELECT permission_set_id, policy_arn FROM permission_set_managed_policies
                WHERE permission_set_id IN (SELECT value FROM json_each(?1)) ORDER BY permission_set_id, policy_arn";
    CUSTOMER_OF_EACH = "SELECT permission_set_id, policy_name, policy_path FROM permission_set_customer_policies
                WHERE permission_set_id IN (SELECT value FROM json_each(?1)) ORDER BY permission_set_id, policy_path, policy_name";
    DELETE_ALL_MANAGED = "DELETE FROM permission_set_managed_policies WHERE permission_set_id = ?1";
    DELETE_ALL_CUSTOMER = "DELETE FROM permission_set_customer_policies WHERE permission_set_id = ?1";
}

/// Attaches an AWS managed policy; `false` when it was attached already.
pub fn insert_managed(tx: &mut Tx<'_>, set: &PermissionSetId, arn: &str) -> Result<bool, Fault> {
    Ok(tx.execute(&INSERT_MANAGED, params![set.as_str(), arn])? == 1)
}

/// Detaches an AWS managed policy; `false` when it was not attached.
pub fn delete_managed(tx: &mut Tx<'_>, set: &PermissionSetId, arn: &str) -> Result<bool, Fault> {
    Ok(tx.execute(&DELETE_MANAGED, params![set.as_str(), arn])? == 1)
}

/// The AWS managed policies, by ARN. Few: a permission set has 25 policies at most.
pub fn managed(rx: &mut Rx<'_>, set: &PermissionSetId) -> Result<Vec<String>, StoreError> {
    rx.all(&MANAGED, params![set.as_str()], |row| row.text(0))
}

/// Attaches a customer managed policy; `false` when it was attached already.
pub fn insert_customer(
    tx: &mut Tx<'_>,
    set: &PermissionSetId,
    policy: &CustomerManagedPolicyReference,
) -> Result<bool, Fault> {
    Ok(tx.execute(&INSERT_CUSTOMER, params![set.as_str(), &policy.path, &policy.name])? == 1)
}

/// Detaches a customer managed policy; `false` when it was not attached.
pub fn delete_customer(
    tx: &mut Tx<'_>,
    set: &PermissionSetId,
    policy: &CustomerManagedPolicyReference,
) -> Result<bool, Fault> {
    Ok(tx.execute(&DELETE_CUSTOMER, params![set.as_str(), &policy.path, &policy.name])? == 1)
}

/// The customer managed policies, by path and name.
pub fn customer(
    rx: &mut Rx<'_>,
    set: &PermissionSetId,
) -> Result<Vec<CustomerManagedPolicyReference>, StoreError> {
    rx.all(&CUSTOMER, params![set.as_str()], |row| {
        Ok(CustomerManagedPolicyReference { name: row.text(0)?, path: row.text(1)? })
    })
}

/// What is attached: AWS managed policies, by ARN, and customer managed ones, by path and name.
pub type Attached = (Vec<String>, Vec<CustomerManagedPolicyReference>);

/// What is attached to each of these permission sets that has any.
pub fn of_each<'a>(
    rx: &mut Rx<'_>,
    ids: impl IntoIterator<Item = &'a PermissionSetId>,
) -> Result<HashMap<PermissionSetId, Attached>, StoreError> {
    let ids = list(ids.into_iter().map(PermissionSetId::as_str));
    let mut attached = HashMap::<PermissionSetId, Attached>::new();
    rx.all(&MANAGED_OF_EACH, params![&ids], |row| {
        attached.entry(PermissionSetId::trusted(row.text(0)?)).or_default().0.push(row.text(1)?);
        Ok(())
    })?;
    rx.all(&CUSTOMER_OF_EACH, params![&ids], |row| {
        let policy = CustomerManagedPolicyReference { name: row.text(1)?, path: row.text(2)? };
        attached.entry(PermissionSetId::trusted(row.text(0)?)).or_default().1.push(policy);
        Ok(())
    })?;
    Ok(attached)
}

/// Detaches everything.
pub fn delete_all(tx: &mut Tx<'_>, set: &PermissionSetId) -> Result<(), Fault> {
    tx.execute(&DELETE_ALL_MANAGED, params![set.as_str()])?;
    tx.execute(&DELETE_ALL_CUSTOMER, params![set.as_str()])?;
    Ok(())
}
