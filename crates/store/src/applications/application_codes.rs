//! Codes that applications get when somebody signs in to them here: by their hashes. One that was redeemed is kept until it would have ended, with what it
//! became, so that one that comes twice ends that.

use model::applications::application::ApplicationId;
use model::directory::user::UserId;
use model::fault::Fault;
use model::signin::oauth::FamilyId;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::{json, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO application_codes (code_hash, application_id, session_id, user_id, redirect_uri, code_challenge, scopes, expires_at)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    FIND = "SELECT application_id, session_id, user_id, redirect_uri, code_challenge, scopes, expires_at, family_id FROM application_codes
            WHERE code_hash = ?1";
    REDEEM = "UPDATE application_codes SET family_id = ?2 WHERE code_hash = ?1";
    DELETE_EXPIRED = "DELETE FROM application_codes WHERE code_hash IN
              (SELECT code_hash FROM application_codes WHERE expires_at <= ?1 ORDER BY expires_at LIMIT 500)";
}

/// What a code stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationCode {
    /// The application that it was given to.
    pub application_id: ApplicationId,
    /// The session at the portal of whoever signed in.
    pub session_id: String,
    /// Who that is.
    pub user_id: UserId,
    /// Where it was sent.
    pub redirect_uri: String,
    /// The S256 challenge.
    pub code_challenge: String,
    /// What was asked for; empty for all that the application may have.
    pub scopes: Vec<String>,
    /// When it ends.
    pub expires_at: Timestamp,
    /// What it became, once it was redeemed.
    pub family_id: Option<FamilyId>,
}

/// Adds a code.
pub fn insert(tx: &mut Tx<'_>, hash: &[u8; 32], new: &ApplicationCode) -> Result<(), Fault> {
    tx.insert(
        &INSERT,
        params![
            hash,
            new.application_id.as_str(),
            &new.session_id,
            new.user_id.as_str(),
            &new.redirect_uri,
            &new.code_challenge,
            &json(&new.scopes)?,
            new.expires_at
        ],
    )
}

/// The code of this hash.
pub fn find(rx: &mut Rx<'_>, hash: &[u8; 32]) -> Result<Option<ApplicationCode>, StoreError> {
    rx.first(&FIND, params![hash], |row| {
        Ok(ApplicationCode {
            application_id: ApplicationId::trusted(row.text(0)?),
            session_id: row.text(1)?,
            user_id: UserId::trusted(row.text(2)?),
            redirect_uri: row.text(3)?,
            code_challenge: row.text(4)?,
            scopes: row.json(5)?,
            expires_at: row.time(6)?,
            family_id: row.opt_text(7)?.map(FamilyId::trusted),
        })
    })
}

/// Writes what a code became.
pub fn redeem(tx: &mut Tx<'_>, hash: &[u8; 32], family: &FamilyId) -> Result<(), Fault> {
    tx.execute_one(&REDEEM, params![hash, family.as_str()])
}

/// Removes up to [`crate::signin::sign_outs::EXPIRED_MAX`] codes that ended by `now`; how many.
pub fn delete_expired(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, Fault> {
    Ok(tx.execute(&DELETE_EXPIRED, params![now])?)
}
