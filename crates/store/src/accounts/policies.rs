//! Policies that accounts have of their own. What their versions say is [`policy_versions`](super::policy_versions)'s.

use model::accounts::account::AccountId;
use model::accounts::policy::{self, Policy, PolicyName};
use model::fault::Fault;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::{Row, list, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

/// The columns that [`policy`] reads.
macro_rules! columns {
    () => {
        "account_id, policy_name, path, policy_id, description, default_version, last_version, created_at, updated_at"
    };
}

statements! {
    INSERT = "INSERT INTO policies (account_id, policy_name_key, policy_name, path, policy_id, description, default_version, last_version,
              created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    FIND = concat!("SELECT ", columns!(), " FROM policies WHERE account_id = ?1 AND policy_name_key = ?2");
    LIST = concat!("SELECT ", columns!(), " FROM policies WHERE account_id = ?1 ORDER BY policy_name_key");
    COUNT = "SELECT COUNT(*) FROM policies WHERE account_id = ?1";
    DOCUMENTS = "SELECT p.path, p.policy_name, v.document FROM policies p
                 JOIN policy_versions v ON v.account_id = p.account_id AND v.policy_name_key = p.policy_name_key AND v.version = p.default_version
                 WHERE p.account_id = ?1 AND p.policy_name_key IN (SELECT value FROM json_each(?2)) ORDER BY p.policy_name_key";
    SET_DEFAULT = "UPDATE policies SET default_version = ?3 WHERE account_id = ?1 AND policy_name_key = ?2";
    SET_LAST = "UPDATE policies SET last_version = ?3, updated_at = ?4 WHERE account_id = ?1 AND policy_name_key = ?2";
    DELETE = "DELETE FROM policies WHERE account_id = ?1 AND policy_name_key = ?2";
}

/// How a policy's name is compared.
pub fn key(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// Adds a policy.
pub fn insert(tx: &mut Tx<'_>, new: &Policy) -> Result<(), Fault> {
    tx.insert(
        &INSERT,
        params![
            new.account_id.as_str(),
            &key(new.name.as_str()),
            new.name.as_str(),
            &new.path,
            &new.policy_id,
            new.description.as_ref(),
            new.default_version,
            new.last_version,
            new.created_at,
            new.updated_at
        ],
    )
}

/// The policy of this name in an account. Names differ in more than case.
pub fn find(rx: &mut Rx<'_>, account: &AccountId, name: &str) -> Result<Option<Policy>, StoreError> {
    rx.first(&FIND, params![account.as_str(), &key(name)], policy)
}

/// The policy of this ARN.
pub fn find_by_arn(rx: &mut Rx<'_>, arn: &str) -> Result<Option<Policy>, StoreError> {
    let Some((account, name)) = policy::parse_arn(arn) else { return Ok(None) };
    Ok(find(rx, &account, name)?.filter(|policy| policy.arn() == arn))
}

/// All policies of an account by name: a few thousand at most.
pub fn list_by_account(rx: &mut Rx<'_>, account: &AccountId) -> Result<Vec<Policy>, StoreError> {
    rx.all(&LIST, params![account.as_str()], policy)
}

/// How many policies an account has.
pub fn count_in_account(rx: &mut Rx<'_>, account: &AccountId) -> Result<u64, StoreError> {
    rx.count(&COUNT, params![account.as_str()])
}

/// What those of `arns` that are the account's own policies say, as the version that counts has it: ARN and document.
pub fn documents(
    rx: &mut Rx<'_>,
    account: &AccountId,
    arns: &[&str],
) -> Result<Vec<(String, String)>, StoreError> {
    let own = policy::arn_prefix(account);
    let names: Vec<String> =
        arns.iter().filter_map(|arn| arn.strip_prefix(own.as_str())?.rsplit('/').next()).map(key).collect();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let mut found =
        rx.all(&DOCUMENTS, params![account.as_str(), &list(names.iter().map(String::as_str))], |row| {
            Ok((policy::arn(account, &row.text(0)?, &row.text(1)?), row.text(2)?))
        })?;
    found.retain(|(arn, _)| arns.contains(&arn.as_str()));
    Ok(found)
}

/// Says which version counts.
pub fn set_default(tx: &mut Tx<'_>, policy: &Policy, version: i64) -> Result<(), Fault> {
    tx.execute_one(&SET_DEFAULT, params![policy.account_id.as_str(), &key(policy.name.as_str()), version])
}

/// Notes the newest version.
pub fn set_last(tx: &mut Tx<'_>, policy: &Policy, version: i64, now: Timestamp) -> Result<(), Fault> {
    tx.execute_one(&SET_LAST, params![policy.account_id.as_str(), &key(policy.name.as_str()), version, now])
}

/// Removes a policy. Its versions are the caller's to remove.
pub fn delete(tx: &mut Tx<'_>, policy: &Policy) -> Result<(), Fault> {
    tx.execute_one(&DELETE, params![policy.account_id.as_str(), &key(policy.name.as_str())])
}

fn policy(row: &Row<'_>) -> Result<Policy, StoreError> {
    Ok(Policy {
        account_id: AccountId::trusted(row.text(0)?),
        name: PolicyName::trusted(row.text(1)?),
        path: row.text(2)?,
        policy_id: row.text(3)?,
        description: row.opt_text(4)?,
        default_version: row.int(5)?,
        last_version: row.int(6)?,
        created_at: row.time(7)?,
        updated_at: row.time(8)?,
    })
}
