//! Data keys, and the root key that seals them, as whoever holds the data directory replaces them: no caller of a service can. Servers go on meanwhile:
//! they hear of a new key before anything is sealed with it, and open what any key sealed until that is retired.

use std::sync::Arc;
use std::time::Duration;

use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use model::instances::data_key::{DataKey, EncryptionStatus};
use model::instances::instance::Instance;
use model::timestamp::Timestamp;
use store::db::Store;
use store::instances::{data_keys, resealing};
use store::sealing::Keyring;

use crate::instances::KIND;

/// How long every server has to hear of a new key before one seals with it.
pub const HEARD: Duration = Duration::from_secs(15);
/// How long after that one may still seal with the former.
pub const SETTLED: Duration = Duration::from_secs(5);
/// What is told of a value that does not open.
const BROKEN: &str = "Something that is kept does not open and stays as it is; the server's log names it";

/// How far what is kept is encrypted with the key in use, and why not all of it is.
pub fn encryption(store: &Store) -> Result<(EncryptionStatus, Option<String>), Fault> {
    let newest = store.glance(|rx| Ok(data_keys::list(rx)?.pop()))?;
    Ok((EncryptionStatus::of(newest.as_ref()), newest.and_then(|newest| newest.failure)))
}

/// A data key, and how many values that are kept are sealed with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// The key.
    pub key: DataKey,
    /// How many values.
    pub sealed: usize,
}

/// Every data key, and the number of the one in use. An instance that never replaced one has number 0 alone, which is its root key.
pub fn list(store: &Store, instance: &Instance, now: Timestamp) -> Result<(Vec<Counted>, u32), Fault> {
    store.read(|rx| {
        let mut known = data_keys::list(rx)?;
        if known.is_empty() {
            known.push(DataKey {
                number: 0,
                created_at: instance.created_at,
                seals_from: instance.created_at,
                resealed_at: Some(instance.created_at),
                failure: None,
                retired_at: None,
            });
        }
        let in_use = in_use(&known, now);
        let counted =
            known.into_iter().map(|key| Ok(Counted { sealed: resealing::count(rx, key.number)?, key }));
        Ok((counted.collect::<Result<_, Fault>>()?, in_use))
    })
}

fn in_use(known: &[DataKey], now: Timestamp) -> u32 {
    known.iter().rev().find(|key| key.seals_from <= now).map_or(0, |key| key.number)
}

/// Makes a data key that servers seal with once `heard` is over; its number. What is kept is sealed anew after that: [`reseal`].
pub async fn rotate(store: &Store, cx: &Cx, instance: &Instance, heard: Duration) -> Result<u32, Fault> {
    let arn = instance.id.arn();
    store
        .write(cx, move |tx, cx| {
            if let Some(newest) = data_keys::list(tx)?.last()
                && newest.resealed_at.is_none()
            {
                return Err(Fault::conflict(format!(
                    "Data key {} is being taken into use: `portico keys list` says how far that is",
                    newest.number
                )));
            }
            let number = data_keys::insert(tx, cx, cx.now.plus(heard))?;
            cx.event().touch(KIND, arn.clone());
            cx.event().add("dataKey", number);
            Ok(number)
        })
        .await
}

/// Seals what is kept with the newest data key, if it is in use everywhere and that was not done yet; how many values were. `told` hears how many so far.
pub async fn reseal(store: &Store, cx: &Cx, told: impl FnMut(usize)) -> Result<Option<usize>, Fault> {
    let Some(newest) = store.glance(|rx| Ok(data_keys::list(rx)?.pop()))? else { return Ok(None) };
    if newest.resealed_at.is_some() || newest.seals_from.plus(SETTLED) > cx.now {
        return Ok(None);
    }
    data_keys::know(store, cx.now)?;
    let done = resealing::run(store, cx, told).await;
    let number = newest.number;
    match &done {
        Ok(_) => store.maintain(cx, move |tx, cx| data_keys::set_resealed(tx, cx, number)).await?,
        // A database that is away says nothing about what it holds.
        Err(fault) if *fault.kind() == FaultKind::Internal && newest.failure.as_deref() != Some(BROKEN) => {
            store.maintain(cx, move |tx, _| data_keys::set_failure(tx, number, BROKEN)).await?;
        }
        Err(_) => {}
    }
    done.map(Some)
}

/// Retires a data key: what it sealed or signed is not believed any more. Refused while it is in use, or anything that is kept is sealed with it.
pub async fn retire(store: &Store, cx: &Cx, instance: &Instance, number: u32) -> Result<(), Fault> {
    let arn = instance.id.arn();
    store
        .write(cx, move |tx, cx| {
            let known = data_keys::list(tx)?;
            let newer = "make a newer one with `portico keys rotate` first";
            let Some(key) = known.iter().find(|key| key.number == number) else {
                return Err(match (number, known.is_empty()) {
                    (0, true) => Fault::conflict(format!("Data key 0 is in use: {newer}")),
                    _ => Fault::not_found(format!("There is no data key {number}")),
                });
            };
            if number >= in_use(&known, cx.now) {
                return Err(Fault::conflict(format!("Data key {number} is in use: {newer}")));
            }
            if key.retired_at.is_some() {
                return Err(Fault::conflict(format!("Data key {number} is retired already")));
            }
            let left = resealing::count(tx, number)?;
            if left > 0 || known.last().is_some_and(|newest| newest.resealed_at.is_none()) {
                return Err(Fault::conflict(format!(
                    "{left} values are still sealed with data key {number}, and some may be added: wait until `portico keys list` says that the newest is in use everywhere"
                )));
            }
            data_keys::retire(tx, cx, number)?;
            cx.event().touch(KIND, arn.clone());
            cx.event().add("dataKey", number);
            Ok(())
        })
        .await
}

/// Makes another root key the instance's.
pub async fn take_root(store: &Store, cx: &Cx, instance: &Instance, root: Arc<Keyring>) -> Result<(), Fault> {
    let id = instance.id.clone();
    store
        .write(cx, move |tx, cx| {
            data_keys::take_root(tx, cx, &id, &root)?;
            cx.event().touch(KIND, id.arn());
            Ok(())
        })
        .await
}
