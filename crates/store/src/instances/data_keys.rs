//! Data keys, each sealed by the root key: none in an instance that never replaced one. Number 0 is the first root key itself, and gets its row with the
//! second one, or with the second root key.

use model::cx::Cx;
use model::fault::Fault;
use model::instances::data_key::DataKey;
use model::instances::instance::InstanceId;
use model::timestamp::Timestamp;

use crate::db::Store;
use crate::error::StoreError;
use crate::generations::Changes;
use crate::instances::key_checks;
use crate::migrate;
use crate::row::params;
use crate::sealing::{Keyring, Wrapped};
use crate::statement::statements;
use crate::tables::Table;
use crate::tx::{Rx, Tx};

statements! {
    LIST = "SELECT number, created_at, seals_from, resealed_at, failure, retired_at FROM data_keys ORDER BY number";
    WRAPPED = "SELECT number, sealed_key, seals_from, resealed_at, retired_at FROM data_keys ORDER BY number";
    INSERT = "INSERT INTO data_keys (number, sealed_key, created_at, seals_from, resealed_at) VALUES (?1, ?2, ?3, ?4, ?5)";
    REWRAP = "UPDATE data_keys SET sealed_key = ?2 WHERE number = ?1";
    RESEALED = "UPDATE data_keys SET resealed_at = ?2, failure = NULL WHERE number = ?1";
    FAIL = "UPDATE data_keys SET failure = ?2 WHERE number = ?1";
    RETIRE = "UPDATE data_keys SET retired_at = ?2 WHERE number = ?1";
}

fn number(value: i64) -> Result<u32, StoreError> {
    u32::try_from(value).map_err(|_| StoreError::Corrupt(format!("{value} is no number of a data key")))
}

/// Every data key that has a row, by its number.
pub fn list(rx: &mut Rx<'_>) -> Result<Vec<DataKey>, StoreError> {
    rx.all(&LIST, params![], |row| {
        Ok(DataKey {
            number: number(row.int(0)?)?,
            created_at: row.time(1)?,
            seals_from: row.time(2)?,
            resealed_at: row.opt_time(3)?,
            failure: row.opt_text(4)?,
            retired_at: row.opt_time(5)?,
        })
    })
}

fn wrapped(rx: &mut Rx<'_>) -> Result<Vec<Wrapped>, StoreError> {
    rx.all(&WRAPPED, params![], |row| {
        Ok(Wrapped {
            number: number(row.int(0)?)?,
            sealed: row.blob(1)?,
            seals_from: row.time(2)?,
            is_resealed: row.opt_time(3)?.is_some(),
            is_retired: row.opt_time(4)?.is_some(),
        })
    })
}

/// Has the store's keyring go by what the database says of data keys now. Fails, and changes nothing, where one does not open with the root key; on a schema
/// of before there is nothing to go by.
pub fn know(store: &Store, now: Timestamp) -> Result<(), Fault> {
    let known = wrapped_now(store)?;
    let done = store.keyring().know(&known, now);
    store.changed(KNOWN);
    done
}

/// [`know`] with another root key, whose keyring takes the place of the store's.
pub fn know_by(root: &Keyring, store: &Store, now: Timestamp) -> Result<(), Fault> {
    root.know(&wrapped_now(store)?, now)?;
    store.keyring().take(root);
    store.changed(KNOWN);
    Ok(())
}

/// What was opened by a key is known no longer than the key.
const KNOWN: Changes = Changes::to(&[Table::DataKeys]);

fn wrapped_now(store: &Store) -> Result<Vec<Wrapped>, Fault> {
    store.read(|rx| {
        let is_there = migrate::has_run(rx, "_data_keys")?;
        Ok(if is_there { wrapped(rx)? } else { Vec::new() })
    })
}

/// The data keys as they are sealed: another root key has taken its place when they are other ones.
pub fn sealed(rx: &mut Rx<'_>) -> Result<Vec<Vec<u8>>, StoreError> {
    Ok(wrapped(rx)?.into_iter().map(|one| one.sealed).collect())
}

/// Adds a data key that is to be used from then on; its number. Refused where this store's root key is not the instance's any more.
pub fn insert(tx: &mut Tx<'_>, cx: &Cx, instance: &InstanceId, seals_from: Timestamp) -> Result<u32, Fault> {
    require_root(tx, instance)?;
    let known = wrapped(tx)?;
    if known.is_empty() {
        let first = tx.keyring().first_data_key_for(cx.entropy(), tx.keyring())?;
        insert_first(tx, cx, &first)?;
    }
    let new = known.last().map_or(1, |newest| newest.number + 1);
    let sealed = tx.keyring().new_data_key(cx.entropy(), new)?;
    tx.execute_one(&INSERT, params![i64::from(new), &sealed, cx.now, seals_from, None::<Timestamp>])?;
    Ok(new)
}

fn insert_first(tx: &mut Tx<'_>, cx: &Cx, sealed: &[u8]) -> Result<(), Fault> {
    // It has sealed everything so far, since before anybody counted.
    let since = Timestamp::from_seconds(0);
    tx.execute_one(&INSERT, params![0_i64, sealed, cx.now, since, Some(since)])
}

/// Another command may have replaced the root key since this one read it.
fn require_root(rx: &mut Rx<'_>, instance: &InstanceId) -> Result<(), Fault> {
    if key_checks::fits(rx, instance)? {
        return Ok(());
    }
    Err(Fault::conflict(
        "The root key was replaced meanwhile: run the command again, with the one that is in portico.key now",
    ))
}

/// Makes another root key the instance's: it seals the data keys from now on, and what they seal stays as it is.
pub fn take_root(tx: &mut Tx<'_>, cx: &Cx, instance: &InstanceId, root: &Keyring) -> Result<(), Fault> {
    require_root(tx, instance)?;
    let known = wrapped(tx)?;
    if known.is_empty() {
        let first = tx.keyring().first_data_key_for(cx.entropy(), root)?;
        insert_first(tx, cx, &first)?;
    }
    for one in known {
        let sealed = tx.keyring().rewrap(cx.entropy(), root, (one.number, &one.sealed))?;
        tx.execute_one(&REWRAP, params![i64::from(one.number), &sealed])?;
    }
    key_checks::replace(tx, cx, instance, root)
}

/// Notes that nothing that is kept is sealed with a former key than this any more.
pub fn set_resealed(tx: &mut Tx<'_>, cx: &Cx, number: u32) -> Result<(), Fault> {
    tx.execute_one(&RESEALED, params![i64::from(number), cx.now])
}

/// Notes why something stays sealed with a former key than this.
pub fn set_failure(tx: &mut Tx<'_>, number: u32, why: &str) -> Result<(), Fault> {
    tx.execute_one(&FAIL, params![i64::from(number), why])
}

/// From now on nothing that this key sealed or signed is believed.
pub fn retire(tx: &mut Tx<'_>, cx: &Cx, number: u32) -> Result<(), Fault> {
    tx.execute_one(&RETIRE, params![i64::from(number), cx.now])
}
