//! External identity providers, with what they last said of themselves and, sealed, the secret that they gave us.

use model::directory::identity_store::IdentityStoreId;
use model::fault::Fault;
use model::page::PageRequest;
use model::sources::external_idp::{ExternalIdp, ExternalIdpId, ExternalIdpStatus};
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::{Row, json, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

/// The columns that [`external_idp`] reads.
macro_rules! columns {
    () => {
        "external_idp_id, identity_store_id, status, issuer, settings, document, fetched_at, fetch_error, created_at, created_by, updated_at, updated_by"
    };
}

statements! {
    INSERT = "INSERT INTO external_idps (external_idp_id, identity_store_id, status, issuer, settings, document, fetched_at, tried_at, created_at,
              created_by, updated_at, updated_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8, ?9, ?8, ?9)";
    UPDATE = "UPDATE external_idps SET status = ?2, settings = ?3, updated_at = ?4, updated_by = ?5 WHERE external_idp_id = ?1";
    SET_DOCUMENT = "UPDATE external_idps SET document = ?2, fetched_at = ?3, tried_at = ?3, fetch_error = NULL WHERE external_idp_id = ?1";
    SET_KEY_SET = "UPDATE external_idps SET key_set = ?2, tried_at = ?3, fetch_error = NULL WHERE external_idp_id = ?1";
    SET_ERROR = "UPDATE external_idps SET fetch_error = ?2, tried_at = ?3 WHERE external_idp_id = ?1";
    SET_SECRET = "UPDATE external_idps SET sealed_secret = ?2 WHERE external_idp_id = ?1";
    FIND = concat!("SELECT ", columns!(), " FROM external_idps WHERE external_idp_id = ?1");
    FIND_IN = concat!("SELECT ", columns!(), " FROM external_idps WHERE external_idp_id = ?1 AND identity_store_id = ?2");
    FIND_BY_ISSUER = concat!("SELECT ", columns!(), " FROM external_idps WHERE identity_store_id = ?1 AND issuer = ?2");
    PAGE = concat!("SELECT ", columns!(), " FROM external_idps WHERE identity_store_id = ?1 AND external_idp_id > ?2 ORDER BY external_idp_id LIMIT ?3");
    ENABLED = concat!("SELECT ", columns!(), " FROM external_idps WHERE identity_store_id = ?1 AND status = 'ENABLED' ORDER BY external_idp_id LIMIT 100");
    LIST = concat!("SELECT ", columns!(), " FROM external_idps WHERE identity_store_id = ?1 ORDER BY external_idp_id LIMIT 100");
    STALE = concat!("SELECT ", columns!(), " FROM external_idps WHERE status = 'ENABLED' AND tried_at <= ?1 ORDER BY external_idp_id LIMIT 100");
    KEYS_ASKED_UNTIL = "SELECT keys_asked_until FROM external_idps WHERE external_idp_id = ?1";
    SET_KEYS_ASKED_UNTIL = "UPDATE external_idps SET keys_asked_until = ?2 WHERE external_idp_id = ?1";
    KEPT = "SELECT sealed_secret, key_set FROM external_idps WHERE external_idp_id = ?1";
    COUNT = "SELECT COUNT(*) FROM external_idps WHERE identity_store_id = ?1";
    DELETE = "DELETE FROM external_idps WHERE external_idp_id = ?1";
}

fn external_idp(row: &Row<'_>) -> Result<ExternalIdp, StoreError> {
    Ok(ExternalIdp {
        id: ExternalIdpId::trusted(row.text(0)?),
        identity_store_id: IdentityStoreId::trusted(row.text(1)?),
        status: row.word(2, ExternalIdpStatus::parse)?,
        issuer: row.text(3)?,
        settings: row.json(4)?,
        document: row.text(5)?,
        fetched_at: row.time(6)?,
        fetch_error: row.opt_text(7)?,
        created_at: row.time(8)?,
        created_by: row.text(9)?,
        updated_at: row.time(10)?,
        updated_by: row.text(11)?,
    })
}

/// What is kept of a provider that nobody is shown.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The secret that it gave us, sealed.
    pub sealed_secret: Option<Vec<u8>>,
    /// Its key set, as it was fetched.
    pub key_set: Option<String>,
}

/// Adds a provider.
pub fn insert(tx: &mut Tx<'_>, new: &ExternalIdp) -> Result<(), Fault> {
    tx.insert(
        &INSERT,
        params![
            new.id.as_str(),
            new.identity_store_id.as_str(),
            new.status.as_str(),
            &new.issuer,
            &json(&new.settings)?,
            &new.document,
            new.fetched_at,
            new.created_at,
            &new.created_by
        ],
    )
}

/// Writes status and settings of a provider.
pub fn update(tx: &mut Tx<'_>, changed: &ExternalIdp) -> Result<(), Fault> {
    let settings = json(&changed.settings)?;
    tx.execute_one(
        &UPDATE,
        params![
            changed.id.as_str(),
            changed.status.as_str(),
            &settings,
            changed.updated_at,
            &changed.updated_by
        ],
    )
}

/// Writes what it says of itself.
pub fn set_document(
    tx: &mut Tx<'_>,
    id: &ExternalIdpId,
    document: &str,
    now: Timestamp,
) -> Result<(), Fault> {
    tx.execute_one(&SET_DOCUMENT, params![id.as_str(), document, now])
}

/// Writes its key set; nothing happens where it is gone.
pub fn set_key_set(tx: &mut Tx<'_>, id: &ExternalIdpId, key_set: &str, now: Timestamp) -> Result<(), Fault> {
    tx.execute(&SET_KEY_SET, params![id.as_str(), key_set, now])?;
    Ok(())
}

/// Writes why it could not be asked; nothing happens where it is gone.
pub fn set_error(tx: &mut Tx<'_>, id: &ExternalIdpId, error: &str, now: Timestamp) -> Result<(), Fault> {
    tx.execute(&SET_ERROR, params![id.as_str(), error, now])?;
    Ok(())
}

/// Writes the secret that it gave us, sealed; none takes it away.
pub fn set_secret(tx: &mut Tx<'_>, id: &ExternalIdpId, sealed: Option<&[u8]>) -> Result<(), Fault> {
    tx.execute_one(&SET_SECRET, params![id.as_str(), sealed])
}

/// The provider of this id, whosever it is.
pub fn find(rx: &mut Rx<'_>, id: &ExternalIdpId) -> Result<Option<ExternalIdp>, StoreError> {
    rx.first(&FIND, params![id.as_str()], external_idp)
}

/// The provider of this id in a store.
pub fn find_in(
    rx: &mut Rx<'_>,
    store: &IdentityStoreId,
    id: &ExternalIdpId,
) -> Result<Option<ExternalIdp>, StoreError> {
    rx.first(&FIND_IN, params![id.as_str(), store.as_str()], external_idp)
}

/// The provider of this issuer in a store.
pub fn find_by_issuer(
    rx: &mut Rx<'_>,
    store: &IdentityStoreId,
    issuer: &str,
) -> Result<Option<ExternalIdp>, StoreError> {
    rx.first(&FIND_BY_ISSUER, params![store.as_str(), issuer], external_idp)
}

/// A store's providers by id.
pub fn page(
    rx: &mut Rx<'_>,
    store: &IdentityStoreId,
    page: &PageRequest,
) -> Result<Vec<ExternalIdp>, StoreError> {
    rx.all(&PAGE, params![store.as_str(), page.after_or_start(), page.rows()], external_idp)
}

/// A store's providers by which people can sign in.
pub fn list_enabled(rx: &mut Rx<'_>, store: &IdentityStoreId) -> Result<Vec<ExternalIdp>, StoreError> {
    rx.all(&ENABLED, params![store.as_str()], external_idp)
}

/// All of a store's providers.
pub fn list(rx: &mut Rx<'_>, store: &IdentityStoreId) -> Result<Vec<ExternalIdp>, StoreError> {
    rx.all(&LIST, params![store.as_str()], external_idp)
}

/// Providers by which people can sign in and that were not asked since.
pub fn list_stale(rx: &mut Rx<'_>, since: Timestamp) -> Result<Vec<ExternalIdp>, StoreError> {
    rx.all(&STALE, params![since], external_idp)
}

/// What is kept of a provider that nobody is shown.
pub fn kept(rx: &mut Rx<'_>, id: &ExternalIdpId) -> Result<Option<Kept>, StoreError> {
    rx.first(&KEPT, params![id.as_str()], |row| {
        Ok(Kept { sealed_secret: row.opt_blob(0)?, key_set: row.opt_text(1)? })
    })
}

/// Until when its keys were asked for, if they ever were because a token named another one.
pub fn keys_asked_until(rx: &mut Rx<'_>, id: &ExternalIdpId) -> Result<Option<Timestamp>, StoreError> {
    Ok(rx.first(&KEYS_ASKED_UNTIL, params![id.as_str()], |row| row.opt_time(0))?.flatten())
}

/// They are asked for now, which counts until then; nothing happens where the provider is gone.
pub fn set_keys_asked_until(tx: &mut Tx<'_>, id: &ExternalIdpId, until: Timestamp) -> Result<(), Fault> {
    tx.execute(&SET_KEYS_ASKED_UNTIL, params![id.as_str(), until])?;
    Ok(())
}

/// How many providers a store has.
pub fn count(rx: &mut Rx<'_>, store: &IdentityStoreId) -> Result<u64, StoreError> {
    rx.count(&COUNT, params![store.as_str()])
}

/// Removes a provider. Its certificates and sign-ins are the caller's to remove.
pub fn delete(tx: &mut Tx<'_>, id: &ExternalIdpId) -> Result<(), Fault> {
    tx.execute_one(&DELETE, params![id.as_str()])
}
