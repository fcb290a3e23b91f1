//! What SAML providers answered, until the browser that asked fetches it, once. What was asked is sealed in the browser's cookie: nobody can fill this
//! table but a provider that an administrator trusts.

use model::fault::Fault;
use model::sources::external_idp::ExternalIdpId;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::params;
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO external_answers (ticket_hash, external_idp_id, sealed_answer, expires_at) VALUES (?1, ?2, ?3, ?4)";
    FIND = "SELECT external_idp_id, sealed_answer, expires_at FROM external_answers WHERE ticket_hash = ?1";
    DELETE = "DELETE FROM external_answers WHERE ticket_hash = ?1";
    DELETE_BY_IDP = "DELETE FROM external_answers WHERE external_idp_id = ?1";
    DELETE_EXPIRED = "DELETE FROM external_answers WHERE ticket_hash IN
              (SELECT ticket_hash FROM external_answers WHERE expires_at <= ?1 ORDER BY expires_at LIMIT 500)";
}

/// An answer that waits.
#[derive(Debug, Clone)]
pub struct ExternalAnswer {
    /// Whose it is.
    pub external_idp_id: ExternalIdpId,
    /// What it says, sealed.
    pub sealed: Vec<u8>,
    /// Until when it waits.
    pub expires_at: Timestamp,
}

/// Adds an answer by the hash of its ticket.
pub fn insert(tx: &mut Tx<'_>, ticket_hash: &[u8; 32], new: &ExternalAnswer) -> Result<(), Fault> {
    tx.insert(&INSERT, params![ticket_hash, new.external_idp_id.as_str(), &new.sealed, new.expires_at])
}

/// The answer whose ticket has this hash.
pub fn find(rx: &mut Rx<'_>, ticket_hash: &[u8; 32]) -> Result<Option<ExternalAnswer>, StoreError> {
    rx.first(&FIND, params![ticket_hash], |row| {
        Ok(ExternalAnswer {
            external_idp_id: ExternalIdpId::trusted(row.text(0)?),
            sealed: row.blob(1)?,
            expires_at: row.time(2)?,
        })
    })
}

/// Removes an answer; false when it was gone.
pub fn delete(tx: &mut Tx<'_>, ticket_hash: &[u8; 32]) -> Result<bool, Fault> {
    Ok(tx.execute(&DELETE, params![ticket_hash])? > 0)
}

/// Removes those of a provider.
pub fn delete_by_idp(tx: &mut Tx<'_>, idp: &ExternalIdpId) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_IDP, params![idp.as_str()])?;
    Ok(())
}

/// Removes up to [`crate::signin::sign_outs::EXPIRED_MAX`] answers that nobody fetched by `now`; how many.
pub fn delete_expired(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, Fault> {
    Ok(tx.execute(&DELETE_EXPIRED, params![now])?)
}
