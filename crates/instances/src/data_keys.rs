//! Data keys, and the root key that seals them, as whoever holds the data directory replaces them: no caller of a service can. Servers go on meanwhile:
//! they hear of a new key before anything is sealed with it, and open what any key sealed until that is retired.

use std::sync::Arc;
use std::time::Duration;

use model::cx::Cx;
use model::fault::Fault;
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

/// The number of the data key that servers seal with at a moment.
pub fn in_use(known: &[DataKey], now: Timestamp) -> u32 {
    let is_in_use = |key: &&DataKey| key.seals_from <= now || key.resealed_at.is_some();
    known.iter().rev().find(is_in_use).map_or(0, |key| key.number)
}

/// Makes a data key that servers seal with from then on, which has to leave them time to hear of it ([`HEARD`]); its number. What is kept is sealed anew after that: [`reseal`].
pub async fn rotate(
    store: &Store,
    cx: &Cx,
    instance: &Instance,
    seals_from: Timestamp,
) -> Result<u32, Fault> {
    let id = instance.id.clone();
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
            let number = data_keys::insert(tx, cx, &id, seals_from)?;
            cx.event().touch(KIND, id.arn());
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
    let done = resealing::run(store, cx, told).await?;
    let number = newest.number;
    if done.broken.is_empty() {
        store.maintain(cx, move |tx, cx| data_keys::set_resealed(tx, cx, number)).await?;
        return Ok(Some(done.values));
    }
    if newest.failure.as_deref() != Some(BROKEN) {
        store.maintain(cx, move |tx, _| data_keys::set_failure(tx, number, BROKEN)).await?;
    }
    Err(Fault::internal(format!("these do not open: {}", done.broken.join(", "))))
}

/// Seals once more what a server whose clock is behind may have sealed with a former key since; what does not open is left.
pub async fn sweep(store: &Store, cx: &Cx) -> Result<(), Fault> {
    data_keys::know(store, cx.now)?;
    resealing::run(store, cx, |_| {}).await.map(|_| ())
}

/// Retires a data key: what it sealed or signed is not believed any more. Refused while it is in use, or anything that is kept is sealed with it, unless that is
/// to be given up (`force`).
pub async fn retire(
    store: &Store,
    cx: &Cx,
    instance: &Instance,
    (number, force): (u32, bool),
) -> Result<(), Fault> {
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
            let settled = |at: Timestamp| at.plus(SETTLED) <= cx.now;
            let is_settled = known.last().and_then(|newest| newest.resealed_at).is_some_and(settled);
            if !force && (left > 0 || !is_settled) {
                return Err(Fault::conflict(format!(
                    "{left} values are still sealed with data key {number}, and some may be added: `portico keys list` says how far it is. --force gives them up"
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
