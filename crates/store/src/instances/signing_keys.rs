//! Keys that this server signs with: the private key sealed, its certificate in the open. Of the keys for a purpose the newest signs;
//! the certificates of all are believed, so that a key can be replaced while its messages are on their way.

use model::cx::Cx;
use model::fault::Fault;
use zeroize::Zeroizing;

use crate::error::StoreError;
use crate::row::params;
use crate::sealing::Purpose;
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO signing_keys (key_id, purpose, sealed_private_key, certificate, created_at) VALUES (?1, ?2, ?3, ?4, ?5)";
    FIND = "SELECT key_id, sealed_private_key, certificate FROM signing_keys WHERE purpose = ?1
              ORDER BY created_at DESC, key_id DESC LIMIT 1";
    PUBLISHED = "SELECT key_id, certificate FROM signing_keys WHERE purpose = ?1 ORDER BY created_at DESC, key_id DESC";
    CERTIFICATES = "SELECT certificate FROM signing_keys WHERE purpose = ?1 ORDER BY created_at DESC, key_id DESC";
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

/// Adds a key for a purpose.
pub fn insert(tx: &mut Tx<'_>, cx: &Cx, purpose: &str, new: &SigningKey) -> Result<(), Fault> {
    let sealed = tx.keyring().seal(cx.entropy(), Purpose::SigningKey, &new.id, &new.private_key)?;
    tx.execute_one(&INSERT, params![&new.id, purpose, &sealed, &new.certificate, cx.now])
}

/// The key that signs for a purpose.
pub fn find(rx: &mut Rx<'_>, purpose: &str) -> Result<Option<SigningKey>, Fault> {
    let found = rx.first(&FIND, params![purpose], |row| Ok((row.text(0)?, row.blob(1)?, row.blob(2)?)))?;
    let Some((id, sealed, certificate)): Option<(String, Vec<u8>, Vec<u8>)> = found else { return Ok(None) };
    let private_key = rx.keyring().open_signing_key(&id, &sealed)?;
    Ok(Some(SigningKey { id, private_key, certificate }))
}

/// What is published of every key for a purpose, the newest first: its id and its certificate. No private key is opened for it.
pub fn published(rx: &mut Rx<'_>, purpose: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
    rx.all(&PUBLISHED, params![purpose], |row| Ok((row.text(0)?, row.blob(1)?)))
}

/// The certificates of every key for a purpose, the newest first.
pub fn certificates(rx: &mut Rx<'_>, purpose: &str) -> Result<Vec<Vec<u8>>, StoreError> {
    rx.all(&CERTIFICATES, params![purpose], |row| row.blob(0))
}
