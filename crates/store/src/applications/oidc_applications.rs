//! What was decided of applications that speak OAuth 2.0 and OpenID Connect.

use model::applications::application::ApplicationId;
use model::applications::oidc_application::OidcApplication;
use model::fault::Fault;

use crate::error::StoreError;
use crate::row::{json, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    PUT = "INSERT INTO oidc_applications (application_id, settings, updated_at, updated_by) VALUES (?1, ?2, ?3, ?4)
           ON CONFLICT (application_id) DO UPDATE SET settings = excluded.settings, updated_at = excluded.updated_at, updated_by = excluded.updated_by";
    FIND = "SELECT application_id, settings, updated_at, updated_by FROM oidc_applications WHERE application_id = ?1";
    DELETE = "DELETE FROM oidc_applications WHERE application_id = ?1";
}

/// Writes what was decided, in the place of what was before.
pub fn put(tx: &mut Tx<'_>, new: &OidcApplication) -> Result<(), Fault> {
    let settings = json(&new.settings)?;
    tx.execute_one(&PUT, params![new.application_id.as_str(), &settings, new.updated_at, &new.updated_by])
}

/// What was decided of an application, if it speaks OpenID Connect.
pub fn find(rx: &mut Rx<'_>, id: &ApplicationId) -> Result<Option<OidcApplication>, StoreError> {
    rx.first(&FIND, params![id.as_str()], |row| {
        Ok(OidcApplication {
            application_id: ApplicationId::trusted(row.text(0)?),
            settings: row.json(1)?,
            updated_at: row.time(2)?,
            updated_by: row.text(3)?,
        })
    })
}

/// Removes everything of an application's OpenID Connect: settings, secrets, keys, codes, tokens, and what waits for its people.
pub fn delete(tx: &mut Tx<'_>, id: &ApplicationId) -> Result<(), Fault> {
    super::oidc_secrets::delete_by_application(tx, id)?;
    super::oidc_keys::delete_by_application(tx, id)?;
    super::oidc_codes::delete_by_application(tx, id)?;
    super::oidc_tokens::delete_by_application(tx, id)?;
    super::oidc_pushed_requests::delete_by_application(tx, id)?;
    super::oidc_client_tokens::delete_by_application(tx, id)?;
    super::oidc_devices::delete_by_application(tx, id)?;
    super::oidc_participants::delete_by_application(tx, id)?;
    tx.execute(&DELETE, params![id.as_str()])?;
    Ok(())
}
