//! What was last heard of the keys of those whose tokens are believed: of trusted token issuers, by their id, and of providers of IAM, by their ARN.

use std::time::Duration;

use model::fault::Fault;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::params;
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    FIND = "SELECT document, key_set, fetched_at FROM issuer_keys WHERE issuer_id = ?1";
    ASKED_UNTIL = "SELECT asked_until FROM issuer_keys WHERE issuer_id = ?1";
    SET_ASKED_UNTIL = "INSERT INTO issuer_keys (issuer_id, asked_until) VALUES (?1, ?2)
                       ON CONFLICT (issuer_id) DO UPDATE SET asked_until = excluded.asked_until";
    SET_KEYS = "UPDATE issuer_keys SET document = ?2, key_set = ?3, fetched_at = ?4 WHERE issuer_id = ?1
                AND (fetched_at IS NULL OR fetched_at <= ?4 OR fetched_at > ?5)";
    DELETE = "DELETE FROM issuer_keys WHERE issuer_id = ?1";
}

/// What an issuer said of itself, and its keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeardKeys {
    /// Its discovery document.
    pub document: String,
    /// Its key set.
    pub key_set: String,
    /// When both were fetched.
    pub fetched_at: Timestamp,
}

/// What was last heard of an issuer; nothing where nobody has asked yet.
pub fn find(rx: &mut Rx<'_>, id: &str) -> Result<Option<HeardKeys>, StoreError> {
    let found =
        rx.first(&FIND, params![id], |row| Ok((row.opt_text(0)?, row.opt_text(1)?, row.opt_time(2)?)))?;
    Ok(match found {
        Some((Some(document), Some(key_set), Some(fetched_at))) => {
            Some(HeardKeys { document, key_set, fetched_at })
        }
        _ => None,
    })
}

/// How much later than another look one may have begun that is over already. What was heard later than that was heard by a clock that was wrong.
pub const LATER_MAX: Duration = Duration::from_secs(600);

/// Writes what was heard; nothing happens where the issuer is gone, or was heard by a look that began later.
pub fn set(tx: &mut Tx<'_>, id: &str, heard: &HeardKeys) -> Result<(), Fault> {
    tx.execute(
        &SET_KEYS,
        params![id, &heard.document, &heard.key_set, heard.fetched_at, heard.fetched_at.plus(LATER_MAX)],
    )?;
    Ok(())
}

/// Until when an issuer was asked.
pub fn asked_until(rx: &mut Rx<'_>, id: &str) -> Result<Option<Timestamp>, StoreError> {
    Ok(rx.first(&ASKED_UNTIL, params![id], |row| row.opt_time(0))?.flatten())
}

/// Writes until when it was.
pub fn set_asked_until(tx: &mut Tx<'_>, id: &str, until: Timestamp) -> Result<(), Fault> {
    tx.insert(&SET_ASKED_UNTIL, params![id, until])
}

/// Forgets an issuer's keys.
pub fn delete(tx: &mut Tx<'_>, id: &str) -> Result<(), Fault> {
    tx.execute(&DELETE, params![id])?;
    Ok(())
}
