//! The secrets by which applications prove who they are, found by the keyed hash of what they are.

use model::applications::application::{ApplicationArn, ApplicationId};
use model::applications::oidc_client::ClientSecret;
use model::fault::Fault;
use model::instances::instance::InstanceId;
use model::timestamp::Timestamp;

use crate::applications::applications;
use crate::error::StoreError;
use crate::row::{Row, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

/// The columns that [`secret`] reads.
macro_rules! columns {
    () => {
        "secret_id, name, created_at, created_by, expires_at, last_used_at"
    };
}

statements! {
    INSERT = "INSERT INTO oidc_secrets (application_id, secret_id, secret_hash, name, created_at, created_by, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    LIST = concat!("SELECT ", columns!(), " FROM oidc_secrets WHERE application_id = ?1 ORDER BY secret_id");
    FIND_BY_HASH = concat!("SELECT ", columns!(), " FROM oidc_secrets WHERE secret_hash = ?2 AND application_id = ?1 AND (expires_at IS NULL OR expires_at > ?3)");
    ENDING = "SELECT a.application_id, a.instance_id, a.account_id, a.name, s.secret_id, s.name, s.expires_at, s.last_used_at
              FROM oidc_secrets s CROSS JOIN applications a
              WHERE s.expires_at <= ?2 AND a.application_id = s.application_id AND a.instance_id = ?1 AND a.status = 'ENABLED'
              ORDER BY s.expires_at, s.secret_id";
    COUNT_LIVING = "SELECT COUNT(*) FROM oidc_secrets WHERE application_id = ?1 AND (expires_at IS NULL OR expires_at > ?2)";
    USE = "UPDATE oidc_secrets SET last_used_at = ?3 WHERE application_id = ?1 AND secret_id = ?2";
    DELETE = "DELETE FROM oidc_secrets WHERE application_id = ?1 AND secret_id = ?2";
    DELETE_BY_APPLICATION = "DELETE FROM oidc_secrets WHERE application_id = ?1";
}

fn secret(row: &Row<'_>) -> Result<ClientSecret, StoreError> {
    Ok(ClientSecret {
        id: row.text(0)?,
        name: row.opt_text(1)?,
        created_at: row.time(2)?,
        created_by: row.text(3)?,
        expires_at: row.opt_time(4)?,
        last_used_at: row.opt_time(5)?,
    })
}

/// Adds a secret with the hash of what it is.
pub fn insert(
    tx: &mut Tx<'_>,
    application: &ApplicationId,
    (new, hash): (&ClientSecret, &[u8; 32]),
) -> Result<(), Fault> {
    tx.insert(
        &INSERT,
        params![
            application.as_str(),
            &new.id,
            hash,
            new.name.as_ref(),
            new.created_at,
            &new.created_by,
            new.expires_at
        ],
    )
}

/// An application's secrets by id, which is by when they were made.
pub fn list(rx: &mut Rx<'_>, application: &ApplicationId) -> Result<Vec<ClientSecret>, StoreError> {
    rx.all(&LIST, params![application.as_str()], secret)
}

/// The application's secret of this hash, if it has not ended.
pub fn find_by_hash(
    rx: &mut Rx<'_>,
    application: &ApplicationId,
    (hash, now): (&[u8; 32], Timestamp),
) -> Result<Option<ClientSecret>, StoreError> {
    rx.first(&FIND_BY_HASH, params![application.as_str(), hash, now], secret)
}

/// A secret that ends, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// The application.
    pub application: ApplicationArn,
    /// What people call the application.
    pub application_name: String,
    /// The secret's id.
    pub id: String,
    /// What people call the secret.
    pub name: Option<String>,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was last used, to about a day.
    pub last_used_at: Option<Timestamp>,
}

/// The secrets of an instance's enabled applications that end at a moment or before it, the soonest first.
pub fn ending(rx: &mut Rx<'_>, instance: &InstanceId, upto: Timestamp) -> Result<Vec<Ending>, StoreError> {
    rx.all(&ENDING, params![instance.as_str(), upto], |row| {
        Ok(Ending {
            application: applications::arn(row)?,
            application_name: row.text(3)?,
            id: row.text(4)?,
            name: row.opt_text(5)?,
            expires_at: row.time(6)?,
            last_used_at: row.opt_time(7)?,
        })
    })
}

/// How many secrets of an application have not ended by then.
pub fn count_living(rx: &mut Rx<'_>, application: &ApplicationId, now: Timestamp) -> Result<u64, StoreError> {
    rx.count(&COUNT_LIVING, params![application.as_str(), now])
}

/// Writes that a secret was used.
pub fn note_use(tx: &mut Tx<'_>, application: &ApplicationId, id: &str, at: Timestamp) -> Result<(), Fault> {
    tx.execute(&USE, params![application.as_str(), id, at])?;
    Ok(())
}

/// Removes a secret; whether there was one.
pub fn delete(tx: &mut Tx<'_>, application: &ApplicationId, id: &str) -> Result<bool, Fault> {
    Ok(tx.execute(&DELETE, params![application.as_str(), id])? > 0)
}

/// Removes all of an application.
pub(crate) fn delete_by_application(tx: &mut Tx<'_>, application: &ApplicationId) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_APPLICATION, params![application.as_str()])?;
    Ok(())
}
