//! How whoever acts for an application proves that they may.

use model::applications::application::ApplicationId;
use model::applications::authentication_method::{AuthenticationMethod, AuthenticationMethodType};
use model::fault::Fault;

use crate::error::StoreError;
use crate::row::{Row, json, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    UPSERT = "INSERT INTO application_authentication_methods (application_id, method_type, actor_policy) VALUES (?1, ?2, ?3)
              ON CONFLICT (application_id, method_type) DO UPDATE SET actor_policy = excluded.actor_policy";
    FIND = "SELECT method_type, actor_policy FROM application_authentication_methods WHERE application_id = ?1 AND method_type = ?2";
    ALL_OF = "SELECT method_type, actor_policy FROM application_authentication_methods WHERE application_id = ?1 ORDER BY method_type";
    DELETE = "DELETE FROM application_authentication_methods WHERE application_id = ?1 AND method_type = ?2";
    DELETE_BY_APPLICATION = "DELETE FROM application_authentication_methods WHERE application_id = ?1";
}

/// Sets the one of its kind.
pub fn upsert(
    tx: &mut Tx<'_>,
    application: &ApplicationId,
    method: &AuthenticationMethod,
) -> Result<(), Fault> {
    let AuthenticationMethod::Iam { actor_policy } = method;
    let policy = json(actor_policy)?;
    tx.execute_one(&UPSERT, params![application.as_str(), method.kind().as_str(), &policy])
}

/// The one of a kind.
pub fn find(
    rx: &mut Rx<'_>,
    application: &ApplicationId,
    kind: AuthenticationMethodType,
) -> Result<Option<AuthenticationMethod>, StoreError> {
    rx.first(&FIND, params![application.as_str(), kind.as_str()], method)
}

/// All of an application: one of each kind at most.
pub fn all_of(rx: &mut Rx<'_>, application: &ApplicationId) -> Result<Vec<AuthenticationMethod>, StoreError> {
    rx.all(&ALL_OF, params![application.as_str()], method)
}

/// Removes the one of a kind; `false` when it was not there.
pub fn delete(
    tx: &mut Tx<'_>,
    application: &ApplicationId,
    kind: AuthenticationMethodType,
) -> Result<bool, Fault> {
    Ok(tx.execute(&DELETE, params![application.as_str(), kind.as_str()])? == 1)
}

/// Removes all of an application.
pub fn delete_by_application(tx: &mut Tx<'_>, application: &ApplicationId) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_APPLICATION, params![application.as_str()])?;
    Ok(())
}

fn method(row: &Row<'_>) -> Result<AuthenticationMethod, StoreError> {
    match row.word(0, AuthenticationMethodType::parse)? {
        AuthenticationMethodType::Iam => Ok(AuthenticationMethod::Iam { actor_policy: row.json(1)? }),
    }
}
