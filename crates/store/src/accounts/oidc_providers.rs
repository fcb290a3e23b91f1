//! OpenID Connect providers of IAM.

use model::accounts::account::AccountId;
use model::accounts::oidc_provider::OidcProvider;
use model::fault::Fault;

use crate::error::StoreError;
use crate::row::{Row, json, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

/// The columns that [`provider`] reads.
macro_rules! columns {
    () => {
        "account_id, url, client_ids, thumbprints, created_at"
    };
}

statements! {
    INSERT = "INSERT INTO oidc_providers (account_id, name, url, client_ids, thumbprints, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    FIND = concat!("SELECT ", columns!(), " FROM oidc_providers WHERE account_id = ?1 AND name = ?2");
    LIST = concat!("SELECT ", columns!(), " FROM oidc_providers WHERE account_id = ?1 ORDER BY name");
    COUNT = "SELECT COUNT(*) FROM oidc_providers WHERE account_id = ?1";
    UPDATE = "UPDATE oidc_providers SET client_ids = ?3, thumbprints = ?4 WHERE account_id = ?1 AND name = ?2";
    DELETE = "DELETE FROM oidc_providers WHERE account_id = ?1 AND name = ?2";
}

fn provider(row: &Row<'_>) -> Result<OidcProvider, StoreError> {
    Ok(OidcProvider {
        account_id: AccountId::trusted(row.text(0)?),
        url: row.text(1)?,
        client_ids: row.json(2)?,
        thumbprints: row.json(3)?,
        created_at: row.time(4)?,
    })
}

/// Adds a provider.
pub fn insert(tx: &mut Tx<'_>, new: &OidcProvider) -> Result<(), Fault> {
    let (client_ids, thumbprints) = (json(&new.client_ids)?, json(&new.thumbprints)?);
    tx.insert(
        &INSERT,
        params![new.account_id.as_str(), new.name(), &new.url, &client_ids, &thumbprints, new.created_at],
    )
}

/// The provider of this name in an account.
pub fn find(rx: &mut Rx<'_>, account: &AccountId, name: &str) -> Result<Option<OidcProvider>, StoreError> {
    rx.first(&FIND, params![account.as_str(), name], provider)
}

/// An account's providers by name: about a hundred at most.
pub fn list(rx: &mut Rx<'_>, account: &AccountId) -> Result<Vec<OidcProvider>, StoreError> {
    rx.all(&LIST, params![account.as_str()], provider)
}

/// How many providers an account has.
pub fn count_in_account(rx: &mut Rx<'_>, account: &AccountId) -> Result<u64, StoreError> {
    rx.count(&COUNT, params![account.as_str()])
}

/// Writes a provider's client ids and thumbprints.
pub fn update(tx: &mut Tx<'_>, of: &OidcProvider) -> Result<(), Fault> {
    let (client_ids, thumbprints) = (json(&of.client_ids)?, json(&of.thumbprints)?);
    tx.execute_one(&UPDATE, params![of.account_id.as_str(), of.name(), &client_ids, &thumbprints])
}

/// Removes a provider.
pub fn delete(tx: &mut Tx<'_>, of: &OidcProvider) -> Result<(), Fault> {
    tx.execute_one(&DELETE, params![of.account_id.as_str(), of.name()])
}
