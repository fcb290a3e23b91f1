//! Attributes for access control: a row for each instance that has them switched on.

use model::accounts::access_control_attribute::AccessControlAttribute;
use model::fault::Fault;
use model::instances::instance::InstanceId;

use crate::error::StoreError;
use crate::row::params;
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    PUT = "INSERT INTO access_control_attributes (instance_id, attributes) VALUES (?1, ?2)
              ON CONFLICT (instance_id) DO UPDATE SET attributes = excluded.attributes";
    FIND = "SELECT attributes FROM access_control_attributes WHERE instance_id = ?1";
    DELETE = "DELETE FROM access_control_attributes WHERE instance_id = ?1";
}

/// Writes the attributes of an instance, in the place of those before.
pub fn put(
    tx: &mut Tx<'_>,
    instance: &InstanceId,
    attributes: &[AccessControlAttribute],
) -> Result<(), Fault> {
    let attributes = serde_json::to_string(attributes).map_err(Fault::internal)?;
    tx.execute_one(&PUT, params![instance.as_str(), &attributes])
}

/// The attributes of an instance; none where they are switched off.
pub fn find(
    rx: &mut Rx<'_>,
    instance: &InstanceId,
) -> Result<Option<Vec<AccessControlAttribute>>, StoreError> {
    rx.first(&FIND, params![instance.as_str()], |row| row.json(0))
}

/// Switches the attributes of an instance off.
pub fn delete(tx: &mut Tx<'_>, instance: &InstanceId) -> Result<(), Fault> {
    tx.execute_one(&DELETE, params![instance.as_str()])
}
