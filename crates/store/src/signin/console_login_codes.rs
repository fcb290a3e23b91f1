//! Codes of `aws login`. A redeemed code stays until it lapses, so that a second redemption is noticed.

use model::accounts::account::AccountId;
use model::directory::user::UserId;
use model::fault::Fault;
use model::signin::console_login::{ChosenRole, LoginClient, LoginCode};
use model::signin::oauth::FamilyId;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::params;
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO console_login_codes (code_hash, client_id, redirect_uri, code_challenge, user_id, session_id, account_id, role_name,
              login_id, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, NULL, ?9, ?10)";
    FIND = "SELECT client_id, redirect_uri, code_challenge, user_id, session_id, account_id, role_name, login_id, created_at, expires_at
              FROM console_login_codes WHERE code_hash = ?1";
    REDEEM = "UPDATE console_login_codes SET login_id = ?2 WHERE code_hash = ?1 AND login_id IS NULL";
    DELETE_EXPIRED = "DELETE FROM console_login_codes WHERE code_hash IN
              (SELECT code_hash FROM console_login_codes WHERE expires_at <= ?1 ORDER BY expires_at LIMIT 500)";
}

/// Adds a code, not redeemed.
pub fn insert(tx: &mut Tx<'_>, code_hash: &[u8; 32], new: &LoginCode) -> Result<(), Fault> {
    tx.insert(
        &INSERT,
        params![
            code_hash,
            new.client.id(),
            &new.redirect_uri,
            &new.code_challenge,
            new.user_id.as_str(),
            &new.session_id,
            new.chosen.account_id.as_str(),
            &new.chosen.role_name,
            new.created_at,
            new.expires_at
        ],
    )
}

/// The code with this hash.
pub fn find(rx: &mut Rx<'_>, code_hash: &[u8; 32]) -> Result<Option<LoginCode>, StoreError> {
    rx.first(&FIND, params![code_hash], |row| {
        Ok(LoginCode {
            client: row.word(0, LoginClient::find)?,
            redirect_uri: row.text(1)?,
            code_challenge: row.text(2)?,
            user_id: UserId::trusted(row.text(3)?),
            session_id: row.text(4)?,
            chosen: ChosenRole { account_id: AccountId::trusted(row.text(5)?), role_name: row.text(6)? },
            login_id: row.opt_text(7)?.map(FamilyId::trusted),
            created_at: row.time(8)?,
            expires_at: row.time(9)?,
        })
    })
}

/// Marks a code as redeemed for `login`; it must not have been.
pub fn redeem(tx: &mut Tx<'_>, code_hash: &[u8; 32], login: &FamilyId) -> Result<(), Fault> {
    tx.execute_one(&REDEEM, params![code_hash, login.as_str()])
}

/// Removes up to [`crate::signin::sign_outs::EXPIRED_MAX`] codes that lapsed by `before`; how many.
pub fn delete_expired(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, Fault> {
    Ok(tx.execute(&DELETE_EXPIRED, params![before])?)
}
