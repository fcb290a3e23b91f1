//! Long-lived access keys: the root key of an account. SigV4 needs the secret itself, so it is sealed, not hashed.

use model::accounts::account::AccountId;
use model::cx::Cx;
use model::fault::Fault;
use model::secret::Secret;

use crate::row::params;
use crate::sealing::Purpose;
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO access_keys (access_key_id, account_id, sealed_secret, active, created_at) VALUES (?1, ?2, ?3, 1, ?4)";
    FIND_ACTIVE = "SELECT k.account_id, k.sealed_secret FROM access_keys k JOIN accounts a ON a.account_id = k.account_id
                   WHERE k.access_key_id = ?1 AND k.active = 1 AND a.state = 'ACTIVE'";
}

/// Adds an active key.
pub fn insert(tx: &mut Tx<'_>, cx: &Cx, id: &str, account: &AccountId, secret: &Secret) -> Result<(), Fault> {
    let sealed = tx.keyring().seal(cx.entropy(), Purpose::AccessKey, id, secret.expose().as_bytes())?;
    tx.insert(&INSERT, params![id, account.as_str(), &sealed, cx.now])
}

/// The account and secret of an active key of an active account. Who is no account of the organization is nobody here: members may read what strangers may not.
pub fn find_active(rx: &mut Rx<'_>, id: &str) -> Result<Option<(AccountId, Secret)>, Fault> {
    let found = rx.first(&FIND_ACTIVE, params![id], |row| Ok((row.text(0)?, row.blob(1)?)))?;
    let Some((account, sealed)) = found else { return Ok(None) };
    let secret = rx
        .keyring()
        .open(Purpose::AccessKey, id, &sealed)
        .and_then(|secret| String::from_utf8(secret.to_vec()).ok())
        .ok_or_else(|| Fault::internal(format!("the secret of {id} does not open with this root key")))?;
    Ok(Some((AccountId::trusted(account), Secret::new(secret))))
}
