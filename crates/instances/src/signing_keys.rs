//! Keys that the instance signs with, as whoever holds the data directory replaces them. A new one is published at once and signs later, so that everybody who
//! keeps a copy of what is published can have it by then; the former is published until it is retired.

use std::collections::BTreeMap;

use model::cx::Cx;
use model::fault::Fault;
use model::instances::instance::Instance;
use model::timestamp::Timestamp;
use store::db::Store;
use store::instances::signing_keys::{self, Listed, SigningKey};
use store::tx::Tx;

use crate::instances::KIND;

/// Tells whoever is told, rather than asks, which keys of a purpose there are now.
pub type Tell = fn(&mut Tx<'_>, &Cx, &str) -> Result<(), Fault>;

/// A key as it stands to the others of its purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The key.
    pub key: Listed,
    /// Whether it is the one that signs.
    pub signs: bool,
}

/// Every key.
pub fn list(store: &Store, now: Timestamp) -> Result<Vec<Standing>, Fault> {
    let all = store.glance(|rx| Ok(signing_keys::list(rx)?))?;
    Ok(standing(all, now))
}

/// By purpose, the last to sign first, as they are listed: of each purpose the first whose time has come signs, or else the one whose time comes next.
fn standing(all: Vec<Listed>, now: Timestamp) -> Vec<Standing> {
    let mut signing: BTreeMap<String, (bool, String)> = BTreeMap::new();
    for key in &all {
        let is_due = key.signs_from <= now;
        match signing.get(&key.purpose) {
            Some((true, _)) => {}
            _ => drop(signing.insert(key.purpose.clone(), (is_due, key.id.clone()))),
        }
    }
    let signs = |key: &Listed| signing.get(&key.purpose).is_some_and(|(_, id)| *id == key.id);
    all.into_iter().map(|key| Standing { signs: signs(&key), key }).collect()
}

/// Adds a key of a purpose that signs from then on. Refused while another one is on its way, and where none is needed yet.
pub async fn rotate(
    store: &Store,
    cx: &Cx,
    instance: &Instance,
    (purpose, new, signs_from): (&'static str, SigningKey, Timestamp),
    tell: Tell,
) -> Result<(), Fault> {
    let arn = instance.id.arn();
    store
        .write(cx, move |tx, cx| {
            let mut of_it = signing_keys::list(tx)?.into_iter().filter(|key| key.purpose == purpose);
            let Some(last) = of_it.next() else {
                return Err(Fault::conflict(format!(
                    "There is no key for {purpose} yet: the first is made when it is needed"
                )));
            };
            if last.signs_from > cx.now {
                return Err(Fault::conflict(format!(
                    "Key {} is on its way: it signs from {}",
                    last.id,
                    last.signs_from.rfc3339()
                )));
            }
            signing_keys::insert_ahead(tx, cx, purpose, (&new, signs_from))?;
            cx.event().touch(KIND, arn.clone());
            cx.event().add("keyId", new.id.as_str());
            cx.event().add("purpose", purpose);
            tell(tx, cx, purpose)
        })
        .await
}

/// Retires a key: it is published no more. Refused for the one that signs.
pub async fn retire(
    store: &Store,
    cx: &Cx,
    instance: &Instance,
    id: String,
    tell: Tell,
) -> Result<(), Fault> {
    let arn = instance.id.arn();
    store
        .write(cx, move |tx, cx| {
            let all = standing(signing_keys::list(tx)?, cx.now);
            let Some(found) = all.into_iter().find(|one| one.key.id == id) else {
                return Err(Fault::not_found(format!("There is no signing key {id}")));
            };
            if found.signs {
                return Err(Fault::conflict(format!(
                    "Key {id} signs: make another one with `portico keys rotate-signing` first"
                )));
            }
            signing_keys::delete(tx, &id)?;
            cx.event().touch(KIND, arn.clone());
            cx.event().add("keyId", id.as_str());
            cx.event().add("purpose", found.key.purpose.as_str());
            tell(tx, cx, &found.key.purpose)
        })
        .await
}
