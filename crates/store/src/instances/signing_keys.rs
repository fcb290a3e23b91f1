//! Keys that this server signs with: the private key sealed, its certificate in the open. Of the keys for a purpose the one signs whose time came last; the
//! certificates of all are published and believed, so that a key can be replaced while its messages are on their way.

use model::cx::Cx;
use model::fault::Fault;
use model::timestamp::Timestamp;
use zeroize::Zeroizing;

use crate::error::StoreError;
use crate::row::{Row, params};
use crate::sealing::Purpose;
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO signing_keys (key_id, purpose, sealed_private_key, certificate, created_at, signs_from) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    SIGNING = "SELECT key_id, sealed_private_key, certificate FROM signing_keys WHERE purpose = ?1 AND signs_from <= ?2
              ORDER BY signs_from DESC, created_at DESC, key_id DESC LIMIT 1";
    // What a clock that was set back, or is behind, has sign: better early than nothing.
    EARLIEST = "SELECT key_id, sealed_private_key, certificate FROM signing_keys WHERE purpose = ?1 ORDER BY signs_from, created_at, key_id LIMIT 1";
    ALL_OF = "SELECT key_id, sealed_private_key, certificate FROM signing_keys WHERE purpose = ?1 ORDER BY signs_from DESC, created_at DESC, key_id DESC";
    PUBLISHED = "SELECT key_id, certificate FROM signing_keys WHERE purpose = ?1 ORDER BY signs_from DESC, created_at DESC, key_id DESC";
    CERTIFICATES = "SELECT certificate FROM signing_keys WHERE purpose = ?1 ORDER BY signs_from DESC, created_at DESC, key_id DESC";
    LIST = "SELECT key_id, purpose, created_at, signs_from FROM signing_keys ORDER BY purpose, signs_from DESC, created_at DESC, key_id DESC";
    DELETE = "DELETE FROM signing_keys WHERE key_id = ?1";
}

/// The purpose of the key that the instance signs SAML assertions with.
pub const SAML_IDP: &str = "saml-idp";

/// A key with its private part. It has no `Debug`.
pub struct SigningKey {
    /// Its id.
    pub id: String,
    /// PKCS#8, DER.
    pub private_key: Zeroizing<Vec<u8>>,
    /// X.509, DER.
    pub certificate: Vec<u8>,
}

/// What is known of a key, but for the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its id.
    pub id: String,
    /// What it is for.
    pub purpose: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it signs, unless a later one does.
    pub signs_from: Timestamp,
}

/// Adds a key for a purpose, which signs until another one does.
pub fn insert(tx: &mut Tx<'_>, cx: &Cx, purpose: &str, new: &SigningKey) -> Result<(), Fault> {
    insert_ahead(tx, cx, purpose, (new, Timestamp::from_seconds(0)))
}

/// Adds a key for a purpose, which signs from then on.
pub fn insert_ahead(
    tx: &mut Tx<'_>,
    cx: &Cx,
    purpose: &str,
    (new, signs_from): (&SigningKey, Timestamp),
) -> Result<(), Fault> {
    let sealed = tx.keyring().seal(cx.entropy(), Purpose::SigningKey, &new.id, &new.private_key)?;
    tx.execute_one(&INSERT, params![&new.id, purpose, &sealed, &new.certificate, cx.now, signs_from])
}

/// A row, its private key still sealed.
type Sealed = (String, Vec<u8>, Vec<u8>);

fn sealed(row: &Row<'_>) -> Result<Sealed, StoreError> {
    Ok((row.text(0)?, row.blob(1)?, row.blob(2)?))
}

fn opened(rx: &Rx<'_>, (id, sealed, certificate): Sealed) -> Result<SigningKey, Fault> {
    let private_key = rx.keyring().open_signing_key(&id, &sealed)?;
    Ok(SigningKey { id, private_key, certificate })
}

/// The key that signs for a purpose now.
pub fn signing(rx: &mut Rx<'_>, purpose: &str, now: Timestamp) -> Result<Option<SigningKey>, Fault> {
    let found = match rx.first(&SIGNING, params![purpose, now], sealed)? {
        Some(found) => Some(found),
        None => rx.first(&EARLIEST, params![purpose], sealed)?,
    };
    found.map(|found| opened(rx, found)).transpose()
}

/// Every key for a purpose, the one that signs last first: others may have encrypted to any.
pub fn all(rx: &mut Rx<'_>, purpose: &str) -> Result<Vec<SigningKey>, Fault> {
    let found = rx.all(&ALL_OF, params![purpose], sealed)?;
    found.into_iter().map(|found| opened(rx, found)).collect()
}

/// What is known of every key, by purpose, the one that signs last first.
pub fn list(rx: &mut Rx<'_>) -> Result<Vec<Listed>, StoreError> {
    rx.all(&LIST, params![], |row| {
        Ok(Listed {
            id: row.text(0)?,
            purpose: row.text(1)?,
            created_at: row.time(2)?,
            signs_from: row.time(3)?,
        })
    })
}

/// Removes a key: what it signed is believed no more.
pub fn delete(tx: &mut Tx<'_>, id: &str) -> Result<(), Fault> {
    tx.execute_one(&DELETE, params![id])
}

/// What is published of every key for a purpose, the newest first: its id and its certificate. No private key is opened for it.
pub fn published(rx: &mut Rx<'_>, purpose: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
    rx.all(&PUBLISHED, params![purpose], |row| Ok((row.text(0)?, row.blob(1)?)))
}

/// The certificates of every key for a purpose, the newest first.
pub fn certificates(rx: &mut Rx<'_>, purpose: &str) -> Result<Vec<Vec<u8>>, StoreError> {
    rx.all(&CERTIFICATES, params![purpose], |row| row.blob(0))
}
