//! The keys that sign what applications are told: the private key sealed, its certificate in the open. Each is of one application, so that what one is told
//! proves nothing to another, nor to an account.

use model::applications::application::{ApplicationArn, ApplicationId};
use model::applications::saml_application::CertificateKey;
use model::applications::saml_certificate::SamlCertificate;
use model::cx::Cx;
use model::fault::Fault;
use model::instances::instance::InstanceId;
use model::timestamp::Timestamp;
use zeroize::Zeroizing;

use crate::applications::applications;
use crate::error::StoreError;
use crate::row::{Row, params};
use crate::sealing::Purpose;
use crate::statement::statements;
use crate::tx::{Rx, Tx};

/// The columns that [`certificate`] reads.
macro_rules! columns {
    () => {
        "certificate_id, is_active, key_kind, certificate, not_after, created_at, created_by"
    };
}

statements! {
    INSERT = "INSERT INTO saml_certificates (application_id, certificate_id, is_active, key_kind, sealed_private_key, certificate, not_after, created_at, created_by)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    LIST = concat!("SELECT ", columns!(), " FROM saml_certificates WHERE application_id = ?1 ORDER BY is_active DESC, created_at, certificate_id");
    ACTIVE = concat!("SELECT ", columns!(), ", sealed_private_key FROM saml_certificates WHERE application_id = ?1 AND is_active = 1");
    ENDING = "SELECT a.application_id, a.instance_id, a.account_id, a.name, c.certificate_id, c.not_after
              FROM saml_certificates c CROSS JOIN applications a
              WHERE c.not_after <= ?2 AND c.is_active = 1 AND a.application_id = c.application_id AND a.instance_id = ?1 AND a.status = 'ENABLED'
              ORDER BY c.not_after, c.certificate_id";
    DEACTIVATE = "UPDATE saml_certificates SET is_active = 0 WHERE application_id = ?1 AND is_active = 1";
    ACTIVATE = "UPDATE saml_certificates SET is_active = 1 WHERE application_id = ?1 AND certificate_id = ?2";
    DELETE = "DELETE FROM saml_certificates WHERE application_id = ?1 AND certificate_id = ?2";
    DELETE_BY_APPLICATION = "DELETE FROM saml_certificates WHERE application_id = ?1";
}

fn certificate(row: &Row<'_>) -> Result<SamlCertificate, StoreError> {
    Ok(SamlCertificate {
        id: row.text(0)?,
        is_active: row.flag(1)?,
        key: row.word(2, CertificateKey::parse)?,
        der: row.blob(3)?,
        not_after: row.time(4)?,
        created_at: row.time(5)?,
        created_by: row.text(6)?,
    })
}

/// Where a sealed key stands.
pub(crate) fn place(application: &ApplicationId, certificate: &str) -> String {
    format!("saml application {application} {certificate}")
}

/// Adds a certificate and its private key (PKCS#8, DER).
pub fn insert(
    tx: &mut Tx<'_>,
    cx: &Cx,
    application: &ApplicationId,
    (new, private_key): (&SamlCertificate, &[u8]),
) -> Result<(), Fault> {
    let place = place(application, &new.id);
    let sealed = tx.keyring().seal(cx.entropy(), Purpose::SigningKey, &place, private_key)?;
    tx.execute_one(
        &INSERT,
        params![
            application.as_str(),
            &new.id,
            new.is_active,
            new.key.as_str(),
            &sealed,
            &new.der,
            new.not_after,
            new.created_at,
            &new.created_by
        ],
    )
}

/// An application's certificates, the one that signs first.
pub fn list(rx: &mut Rx<'_>, application: &ApplicationId) -> Result<Vec<SamlCertificate>, StoreError> {
    rx.all(&LIST, params![application.as_str()], certificate)
}

/// A certificate whose key signs, and whose it is.
#[derive(Debug, Clone)]
pub struct Ending {
    /// The application.
    pub application: ApplicationArn,
    /// What people call it.
    pub name: String,
    /// SHA-256 of the certificate's DER, hexadecimal.
    pub id: String,
    /// Until when it is valid.
    pub not_after: Timestamp,
}

/// The certificates of an instance's enabled applications whose keys sign and that end at a moment or before it, the soonest first.
pub fn ending(rx: &mut Rx<'_>, instance: &InstanceId, upto: Timestamp) -> Result<Vec<Ending>, StoreError> {
    rx.all(&ENDING, params![instance.as_str(), upto], |row| {
        Ok(Ending {
            application: applications::arn(row)?,
            name: row.text(3)?,
            id: row.text(4)?,
            not_after: row.time(5)?,
        })
    })
}

/// A key that signs. It has no `Debug`.
pub struct ActiveKey {
    /// Its certificate.
    pub certificate: SamlCertificate,
    /// PKCS#8, DER.
    pub private_key: Zeroizing<Vec<u8>>,
}

/// The key of an application that signs.
pub fn active(rx: &mut Rx<'_>, application: &ApplicationId) -> Result<Option<ActiveKey>, Fault> {
    let found =
        rx.first(&ACTIVE, params![application.as_str()], |row| Ok((certificate(row)?, row.blob(7)?)))?;
    let Some((certificate, sealed)) = found else { return Ok(None) };
    let place = place(application, &certificate.id);
    let private_key = rx.keyring().open_signing_key(&place, &sealed)?;
    Ok(Some(ActiveKey { certificate, private_key }))
}

/// Has the key of this certificate sign from now on; false where there is no such certificate.
pub fn activate(tx: &mut Tx<'_>, application: &ApplicationId, id: &str) -> Result<bool, Fault> {
    tx.execute(&DEACTIVATE, params![application.as_str()])?;
    Ok(tx.execute(&ACTIVATE, params![application.as_str(), id])? > 0)
}

/// Removes a certificate and its key; whether there was one.
pub fn delete(tx: &mut Tx<'_>, application: &ApplicationId, id: &str) -> Result<bool, Fault> {
    Ok(tx.execute(&DELETE, params![application.as_str(), id])? > 0)
}

/// Removes all of an application.
pub(crate) fn delete_by_application(tx: &mut Tx<'_>, application: &ApplicationId) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_APPLICATION, params![application.as_str()])?;
    Ok(())
}
