//! Trusted token issuers.

use model::accounts::account::AccountId;
use model::applications::trusted_token_issuer::{
    ClaimMapping, TrustedTokenIssuer, TrustedTokenIssuerArn, TrustedTokenIssuerId,
};
use model::fault::Fault;
use model::instances::instance::InstanceId;
use model::page::PageRequest;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::{Row, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

/// The columns that [`issuer`] reads.
macro_rules! columns {
    () => {
        "issuer_id, instance_id, account_id, name, issuer_url, claim_path, attribute_path, created_at"
    };
}

statements! {
    INSERT = "INSERT INTO trusted_token_issuers (issuer_id, instance_id, account_id, name, issuer_url, claim_path, attribute_path, created_at,
              client_token, request_digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    VOID = "UPDATE trusted_token_issuers SET not_before = ?2 WHERE issuer_id = ?1 AND not_before < ?2";
    UPDATE = "UPDATE trusted_token_issuers SET name = ?2, claim_path = ?3, attribute_path = ?4 WHERE issuer_id = ?1";
    DELETE = "DELETE FROM trusted_token_issuers WHERE issuer_id = ?1";
    FIND = concat!("SELECT ", columns!(), " FROM trusted_token_issuers WHERE issuer_id = ?1 AND instance_id = ?2 AND account_id = ?3");
    FIND_BY_URL = concat!("SELECT ", columns!(), " FROM trusted_token_issuers WHERE instance_id = ?1 AND issuer_url = ?2");
    FIND_BY_CLIENT_TOKEN = concat!("SELECT ", columns!(), ", request_digest FROM trusted_token_issuers WHERE account_id = ?1 AND client_token = ?2");
    PAGE = concat!("SELECT ", columns!(), " FROM trusted_token_issuers WHERE instance_id = ?1 AND issuer_id > ?2 ORDER BY issuer_id LIMIT ?3");
    COUNT = "SELECT COUNT(*) FROM trusted_token_issuers WHERE instance_id = ?1";
}

fn issuer(row: &Row<'_>) -> Result<TrustedTokenIssuer, StoreError> {
    Ok(TrustedTokenIssuer {
        arn: TrustedTokenIssuerArn {
            id: TrustedTokenIssuerId::trusted(row.text(0)?),
            instance_id: InstanceId::trusted(row.text(1)?),
            account_id: AccountId::trusted(row.text(2)?),
        },
        name: row.text(3)?,
        issuer_url: row.text(4)?,
        mapping: ClaimMapping { claim: row.text(5)?, attribute: row.text(6)? },
        created_at: row.time(7)?,
    })
}

/// Adds an issuer, with the client token that it was asked for with and what else was asked.
pub fn insert(
    tx: &mut Tx<'_>,
    new: &TrustedTokenIssuer,
    (client_token, request_digest): (Option<&str>, &str),
) -> Result<(), Fault> {
    tx.insert(
        &INSERT,
        params![
            new.arn.id.as_str(),
            new.arn.instance_id.as_str(),
            new.arn.account_id.as_str(),
            &new.name,
            &new.issuer_url,
            &new.mapping.claim,
            &new.mapping.attribute,
            new.created_at,
            client_token,
            request_digest
        ],
    )
}

/// Writes name and mapping.
pub fn update(tx: &mut Tx<'_>, changed: &TrustedTokenIssuer) -> Result<(), Fault> {
    let TrustedTokenIssuer { arn, name, mapping, .. } = changed;
    tx.execute_one(&UPDATE, params![arn.id.as_str(), name, &mapping.claim, &mapping.attribute])
}

/// Makes void what was given for an issuer's tokens until `now`.
pub fn void(tx: &mut Tx<'_>, id: &TrustedTokenIssuerId, now: Timestamp) -> Result<(), Fault> {
    tx.execute(&VOID, params![id.as_str(), now])?;
    Ok(())
}

/// Removes an issuer.
pub fn delete(tx: &mut Tx<'_>, id: &TrustedTokenIssuerId) -> Result<(), Fault> {
    tx.execute_one(&DELETE, params![id.as_str()])
}

/// The issuer of this ARN.
pub fn find(rx: &mut Rx<'_>, arn: &TrustedTokenIssuerArn) -> Result<Option<TrustedTokenIssuer>, StoreError> {
    rx.first(&FIND, params![arn.id.as_str(), arn.instance_id.as_str(), arn.account_id.as_str()], issuer)
}

/// The issuer of an instance that calls itself so.
pub fn find_by_url(
    rx: &mut Rx<'_>,
    instance: &InstanceId,
    issuer_url: &str,
) -> Result<Option<TrustedTokenIssuer>, StoreError> {
    rx.first(&FIND_BY_URL, params![instance.as_str(), issuer_url], issuer)
}

/// The issuer that an account asked for with this client token, and the digest of what else was asked.
pub fn find_by_client_token(
    rx: &mut Rx<'_>,
    account: &AccountId,
    client_token: &str,
) -> Result<Option<(TrustedTokenIssuer, String)>, StoreError> {
    rx.first(&FIND_BY_CLIENT_TOKEN, params![account.as_str(), client_token], |row| {
        Ok((issuer(row)?, row.text(8)?))
    })
}

/// Issuers by id.
pub fn page(
    rx: &mut Rx<'_>,
    instance: &InstanceId,
    page: &PageRequest,
) -> Result<Vec<TrustedTokenIssuer>, StoreError> {
    rx.all(&PAGE, params![instance.as_str(), page.after_or_start(), page.rows()], issuer)
}

/// How many an instance has.
pub fn count(rx: &mut Rx<'_>, instance: &InstanceId) -> Result<u64, StoreError> {
    rx.count(&COUNT, params![instance.as_str()])
}
