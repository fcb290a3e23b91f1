//! Whether the root key at hand is the one that a database was made with. The instance's row holds a value that opens with that key alone;
//! a database of the first release, which has none, is judged by the secrets that it holds.

use model::cx::Cx;
use model::fault::Fault;
use model::instances::instance::InstanceId;

use crate::error::StoreError;
use crate::migrate::{self, Standing};
use crate::row::params;
use crate::sealing::{Keyring, Purpose};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    FIND = "SELECT key_check FROM instances WHERE instance_id = ?1 AND key_check IS NOT NULL";
    SET = "UPDATE instances SET key_check = ?2 WHERE instance_id = ?1 AND key_check IS NULL";
    REPLACE = "UPDATE instances SET key_check = ?2 WHERE instance_id = ?1";
    AN_ACCESS_KEY = "SELECT access_key_id, sealed_secret FROM access_keys ORDER BY access_key_id LIMIT 1";
    A_SIGNING_KEY = "SELECT key_id, sealed_private_key FROM signing_keys ORDER BY key_id LIMIT 1";
}

/// From this version of the schema on, an instance's row holds a check value.
const SINCE: i64 = 3;
/// What is sealed. Any text does: that it opens says all.
const PLAIN: &[u8] = b"portico";

/// Whether the root key is this instance's. Works on every version of the schema.
pub fn fits(rx: &mut Rx<'_>, id: &InstanceId) -> Result<bool, StoreError> {
    let kept = match migrate::standing_in(rx)? {
        Standing::Nothing => None,
        Standing::Behind(version) if version < SINCE => None,
        _ => rx.first(&FIND, params![id.as_str()], |row| row.blob(0))?,
    };
    if let Some(sealed) = kept {
        return Ok(rx.keyring().is_root_of(id.as_str(), &sealed));
    }
    for (statement, purpose) in [(&AN_ACCESS_KEY, Purpose::AccessKey), (&A_SIGNING_KEY, Purpose::SigningKey)]
    {
        let found = rx.first(statement, params![], |row| Ok((row.text(0)?, row.blob(1)?)))?;
        if found.is_some_and(|(place, sealed)| rx.keyring().open(purpose, &place, &sealed).is_none()) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Gives the instance its check value, unless it has one.
pub fn put(tx: &mut Tx<'_>, cx: &Cx, id: &InstanceId) -> Result<(), Fault> {
    let sealed = tx.keyring().seal_check(cx.entropy(), id.as_str(), PLAIN)?;
    tx.execute(&SET, params![id.as_str(), &sealed])?;
    Ok(())
}

/// Makes a root key the instance's, in the place of the one that was.
pub(crate) fn replace(tx: &mut Tx<'_>, cx: &Cx, id: &InstanceId, root: &Keyring) -> Result<(), Fault> {
    let sealed = root.seal_check(cx.entropy(), id.as_str(), PLAIN)?;
    tx.execute_one(&REPLACE, params![id.as_str(), &sealed])
}
