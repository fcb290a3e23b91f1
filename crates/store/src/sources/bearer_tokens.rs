//! Bearer tokens of provisioning tenants, found by the keyed hash of their secret.

use model::accounts::account::AccountId;
use model::directory::identity_store::IdentityStoreId;
use model::fault::Fault;
use model::page::PageRequest;
use model::sources::provisioning_tenant::{BearerToken, BearerTokenId, Provisioner, TenantId};
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::{Row, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO bearer_tokens (token_id, tenant_id, name, token_hash, created_at, created_by, expires_at)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    FIND_BY_HASH = "SELECT b.token_id, b.name, b.tenant_id, t.identity_store_id, i.owner_account_id, b.expires_at, b.last_used_at
              FROM bearer_tokens b JOIN provisioning_tenants t ON t.tenant_id = b.tenant_id
              JOIN instances i ON i.identity_store_id = t.identity_store_id AND i.not_before < b.created_at WHERE b.token_hash = ?1
              AND NOT EXISTS (SELECT 1 FROM accounts a WHERE a.account_id = i.owner_account_id AND a.state <> 'ACTIVE')";
    PAGE = "SELECT token_id, tenant_id, name, created_at, created_by, expires_at, last_used_at FROM bearer_tokens
              WHERE tenant_id = ?1 AND token_id > ?2 ORDER BY token_id LIMIT ?3";
    COUNT_LIVING = "SELECT COUNT(*) FROM bearer_tokens WHERE tenant_id = ?1 AND expires_at > ?2";
    ENDING = "SELECT b.token_id, b.tenant_id, b.name, b.created_at, b.created_by, b.expires_at, b.last_used_at, t.name
              FROM bearer_tokens b CROSS JOIN provisioning_tenants t
              WHERE b.expires_at <= ?2 AND t.tenant_id = b.tenant_id AND t.identity_store_id = ?1 ORDER BY b.expires_at, b.token_id";
    USE = "UPDATE bearer_tokens SET last_used_at = ?2 WHERE token_id = ?1 AND (last_used_at IS NULL OR last_used_at <= ?3)";
    DELETE = "DELETE FROM bearer_tokens WHERE tenant_id = ?1 AND token_id = ?2";
    DELETE_BY_TENANT = "DELETE FROM bearer_tokens WHERE tenant_id = ?1";
}

/// A token that was presented.
#[derive(Debug, Clone)]
pub struct Presented {
    /// Whose it is.
    pub provisioner: Provisioner,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was last used, as far as is written.
    pub last_used_at: Option<Timestamp>,
}

/// Adds a token with the hash of its secret.
pub fn insert(tx: &mut Tx<'_>, new: &BearerToken, hash: &[u8; 32]) -> Result<(), Fault> {
    tx.insert(
        &INSERT,
        params![
            new.id.as_str(),
            new.tenant_id.as_str(),
            new.name.as_ref(),
            hash,
            new.created_at,
            &new.created_by,
            new.expires_at
        ],
    )
}

/// The token whose secret has this hash. What was made before the instance's mark is void, and so is what the
/// instance of a closed account has.
pub fn find_by_hash(rx: &mut Rx<'_>, hash: &[u8; 32]) -> Result<Option<Presented>, StoreError> {
    rx.first(&FIND_BY_HASH, params![hash], |row| {
        Ok(Presented {
            provisioner: Provisioner {
                token_id: BearerTokenId::trusted(row.text(0)?),
                token_name: row.opt_text(1)?,
                tenant_id: TenantId::trusted(row.text(2)?),
                identity_store_id: IdentityStoreId::trusted(row.text(3)?),
                account_id: AccountId::trusted(row.text(4)?),
            },
            expires_at: row.time(5)?,
            last_used_at: row.opt_time(6)?,
        })
    })
}

fn token(row: &Row<'_>) -> Result<BearerToken, StoreError> {
    Ok(BearerToken {
        id: BearerTokenId::trusted(row.text(0)?),
        tenant_id: TenantId::trusted(row.text(1)?),
        name: row.opt_text(2)?,
        created_at: row.time(3)?,
        created_by: row.text(4)?,
        expires_at: row.time(5)?,
        last_used_at: row.opt_time(6)?,
    })
}

/// A tenant's tokens by id.
pub fn page(rx: &mut Rx<'_>, tenant: &TenantId, page: &PageRequest) -> Result<Vec<BearerToken>, StoreError> {
    rx.all(&PAGE, params![tenant.as_str(), page.after_or_start(), page.rows()], token)
}

/// A store's tokens that end at a moment or before it, the soonest first, each with the name of its tenant.
pub fn ending(
    rx: &mut Rx<'_>,
    store: &IdentityStoreId,
    upto: Timestamp,
) -> Result<Vec<(BearerToken, Option<String>)>, StoreError> {
    rx.all(&ENDING, params![store.as_str(), upto], |row| Ok((token(row)?, row.opt_text(7)?)))
}

/// How many tokens of a tenant have not ended by then.
pub fn count_living(rx: &mut Rx<'_>, tenant: &TenantId, now: Timestamp) -> Result<u64, StoreError> {
    rx.count(&COUNT_LIVING, params![tenant.as_str(), now])
}

/// Writes that a token was used, unless a use since `known` is written already.
pub fn note_use(tx: &mut Tx<'_>, id: &BearerTokenId, at: Timestamp, known: Timestamp) -> Result<(), Fault> {
    tx.execute(&USE, params![id.as_str(), at, known])?;
    Ok(())
}

/// Removes a token of a tenant; whether there was one.
pub fn delete(tx: &mut Tx<'_>, tenant: &TenantId, id: &BearerTokenId) -> Result<bool, Fault> {
    Ok(tx.execute(&DELETE, params![tenant.as_str(), id.as_str()])? > 0)
}

/// Removes every token of a tenant.
pub fn delete_by_tenant(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_TENANT, params![tenant.as_str()])?;
    Ok(())
}
