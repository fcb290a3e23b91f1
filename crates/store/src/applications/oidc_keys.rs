//! The keys that sign what applications are told: the private part sealed, the public one as it is published. Each is of one application.

use model::applications::application::ApplicationId;
use model::applications::oidc_application::SigningAlgorithm;
use model::applications::oidc_client::OidcKey;
use model::cx::Cx;
use model::fault::Fault;
use zeroize::Zeroizing;

use crate::error::StoreError;
use crate::row::{Row, params};
use crate::sealing::Purpose;
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO oidc_keys (application_id, key_id, algorithm, sealed_private_key, public_key, signs_from) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    LIST = "SELECT key_id, algorithm, public_key, signs_from FROM oidc_keys WHERE application_id = ?1 ORDER BY signs_from DESC, key_id DESC";
    SEALED = "SELECT sealed_private_key FROM oidc_keys WHERE application_id = ?1 AND key_id = ?2";
    DELETE = "DELETE FROM oidc_keys WHERE application_id = ?1 AND key_id = ?2";
    DELETE_BY_APPLICATION = "DELETE FROM oidc_keys WHERE application_id = ?1";
}

fn key(row: &Row<'_>) -> Result<OidcKey, StoreError> {
    Ok(OidcKey {
        id: row.text(0)?,
        algorithm: row.word(1, SigningAlgorithm::parse)?,
        public_key: row.text(2)?,
        signs_from: row.time(3)?,
    })
}

/// Where a sealed key stands.
pub(crate) fn place(application: &ApplicationId, key: &str) -> String {
    format!("oidc application {application} {key}")
}

/// Adds a key and its private part (PKCS#8, DER).
pub fn insert(
    tx: &mut Tx<'_>,
    cx: &Cx,
    application: &ApplicationId,
    (new, private_key): (&OidcKey, &[u8]),
) -> Result<(), Fault> {
    let place = place(application, &new.id);
    let sealed = tx.keyring().seal(cx.entropy(), Purpose::SigningKey, &place, private_key)?;
    tx.execute_one(
        &INSERT,
        params![
            application.as_str(),
            &new.id,
            new.algorithm.as_str(),
            &sealed,
            &new.public_key,
            new.signs_from
        ],
    )
}

/// An application's keys, the one that signs last first.
pub fn list(rx: &mut Rx<'_>, application: &ApplicationId) -> Result<Vec<OidcKey>, StoreError> {
    rx.all(&LIST, params![application.as_str()], key)
}

/// The private part of a key (PKCS#8, DER).
pub fn private(rx: &mut Rx<'_>, application: &ApplicationId, id: &str) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let place = place(application, id);
    let sealed = rx.first(&SEALED, params![application.as_str(), id], |row| row.blob(0))?;
    let sealed = sealed.ok_or_else(|| Fault::internal(format!("there is no key of {place}")))?;
    rx.keyring().open_signing_key(&place, &sealed)
}

/// Removes a key.
pub fn delete(tx: &mut Tx<'_>, application: &ApplicationId, id: &str) -> Result<(), Fault> {
    tx.execute(&DELETE, params![application.as_str(), id])?;
    Ok(())
}

/// Removes all of an application.
pub(crate) fn delete_by_application(tx: &mut Tx<'_>, application: &ApplicationId) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_APPLICATION, params![application.as_str()])?;
    Ok(())
}
