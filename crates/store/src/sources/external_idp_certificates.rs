//! The certificates that verify what SAML providers sign.

use model::fault::Fault;
use model::sources::external_idp::ExternalIdpId;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::{Row, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    PUT = "INSERT INTO external_idp_certificates (external_idp_id, certificate_id, certificate, imported, added_at) VALUES (?1, ?2, ?3, ?4, ?5)
           ON CONFLICT DO NOTHING";
    LIST = "SELECT certificate_id, certificate, imported, added_at FROM external_idp_certificates WHERE external_idp_id = ?1
           ORDER BY added_at, certificate_id";
    DELETE = "DELETE FROM external_idp_certificates WHERE external_idp_id = ?1 AND certificate_id = ?2";
    DELETE_OF_METADATA = "DELETE FROM external_idp_certificates WHERE external_idp_id = ?1 AND imported = 0";
    DELETE_BY_IDP = "DELETE FROM external_idp_certificates WHERE external_idp_id = ?1";
}

/// A certificate of a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdpCertificate {
    /// SHA-256 of its DER, hexadecimal.
    pub id: String,
    /// X.509, DER.
    pub der: Vec<u8>,
    /// Whether somebody brought it; otherwise it came with the metadata, and goes with it.
    pub imported: bool,
    /// Since when it counts.
    pub added_at: Timestamp,
}

fn certificate(row: &Row<'_>) -> Result<IdpCertificate, StoreError> {
    Ok(IdpCertificate { id: row.text(0)?, der: row.blob(1)?, imported: row.flag(2)?, added_at: row.time(3)? })
}

/// Adds a certificate; false where it is there already.
pub fn put(tx: &mut Tx<'_>, idp: &ExternalIdpId, new: &IdpCertificate) -> Result<bool, Fault> {
    let added = tx.execute(&PUT, params![idp.as_str(), &new.id, &new.der, new.imported, new.added_at])?;
    Ok(added > 0)
}

/// A provider's certificates, the oldest first.
pub fn list(rx: &mut Rx<'_>, idp: &ExternalIdpId) -> Result<Vec<IdpCertificate>, StoreError> {
    rx.all(&LIST, params![idp.as_str()], certificate)
}

/// Removes a certificate; whether there was one.
pub fn delete(tx: &mut Tx<'_>, idp: &ExternalIdpId, id: &str) -> Result<bool, Fault> {
    Ok(tx.execute(&DELETE, params![idp.as_str(), id])? > 0)
}

/// Removes those that came with the metadata.
pub fn delete_of_metadata(tx: &mut Tx<'_>, idp: &ExternalIdpId) -> Result<(), Fault> {
    tx.execute(&DELETE_OF_METADATA, params![idp.as_str()])?;
    Ok(())
}

/// Removes all of a provider.
pub fn delete_by_idp(tx: &mut Tx<'_>, idp: &ExternalIdpId) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_IDP, params![idp.as_str()])?;
    Ok(())
}
