//! Registered OAuth clients.

use model::fault::Fault;
use model::signin::oauth::{ClientId, GrantType, OAuthClient};
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::{json, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO oauth_clients (client_id, secret_hash, client_name, client_type, scopes, grant_types, redirect_uris,
              issuer_url, created_at, expires_at) VALUES (?1, ?2, ?3, 'public', ?4, ?5, ?6, ?7, ?8, ?9)";
    FIND = "SELECT client_id, secret_hash, client_name, scopes, grant_types, redirect_uris, issuer_url, created_at, expires_at
              FROM oauth_clients WHERE client_id = ?1
              AND created_at > (SELECT COALESCE(MAX(not_before), 0) FROM instances)";
    DELETE_EXPIRED = "DELETE FROM oauth_clients WHERE client_id IN
              (SELECT client_id FROM oauth_clients WHERE expires_at <= ?1 ORDER BY expires_at LIMIT 500)";
}

/// Adds a client.
pub fn insert(tx: &mut Tx<'_>, secret_hash: &[u8; 32], new: &OAuthClient) -> Result<(), Fault> {
    let words: Vec<&str> = new.grant_types.iter().map(|grant| grant.as_str()).collect();
    tx.execute_one(
        &INSERT,
        params![
            new.id.as_str(),
            secret_hash,
            &new.name,
            &json(&new.scopes)?,
            &json(&words)?,
            &json(&new.redirect_uris)?,
            new.issuer_url.as_ref(),
            new.created_at,
            new.expires_at
        ],
    )
}

/// A client and the hash of its secret; one that registered before the instance's mark is void.
pub fn find(rx: &mut Rx<'_>, id: &ClientId) -> Result<Option<(OAuthClient, Vec<u8>)>, StoreError> {
    rx.first(&FIND, params![id.as_str()], |row| {
        let words: Vec<String> = row.json(4)?;
        let grants = words.iter().map(|word| {
            GrantType::parse(word).ok_or_else(|| StoreError::Corrupt(format!("{word:?} is not a grant type")))
        });
        let client = OAuthClient {
            id: ClientId::trusted(row.text(0)?),
            name: row.text(2)?,
            scopes: row.json(3)?,
            grant_types: grants.collect::<Result<_, _>>()?,
            redirect_uris: row.json(5)?,
            issuer_url: row.opt_text(6)?,
            created_at: row.time(7)?,
            expires_at: row.time(8)?,
        };
        Ok((client, row.blob(1)?))
    })
}

/// Removes up to [`crate::signin::sign_outs::EXPIRED_MAX`] registrations that ended by `now`; how many.
pub fn delete_expired(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, Fault> {
    Ok(tx.execute(&DELETE_EXPIRED, params![now])?)
}
