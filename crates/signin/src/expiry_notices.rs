//! GetExpiryNotices and PutExpiryNotices: who is told before what identity providers call or sign with ends; and the telling: 30 days, 7 days and a day
//! ahead, each once, as letters that are rows. Never learns what a source is.

use std::time::Duration;

use model::cx::Cx;
use model::directory::identity_store::IdentityStoreId;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::directory::user::{UserId, UserStatus};
use model::fault::Fault;
use model::signin::letter::LetterKind;
use model::timestamp::Timestamp;
use policy::gate::Gate;
use serde::{Deserialize, Serialize};
use store::db::Store;
use store::directory::users;
use store::sources::expiry_notices;
use store::tx::Tx;

use crate::config::Config;
use crate::gate::{enter, require_user};
use crate::letters::{self, Ending, Person};
use crate::mails::{self, NewLetter};
use crate::portal_settings;
use crate::settings::{self, Setting};

/// Days ahead of an end, the farthest first.
const DAYS: [i64; 3] = [30, 7, 1];
const DAY: Duration = Duration::from_hours(24);
/// How far ahead an end is announced at the earliest.
pub const AHEAD: Duration = Duration::from_hours(30 * 24);
/// How long it is kept what was announced: longer than anything is announced ahead.
const KEPT: Duration = Duration::from_hours(60 * 24);

/// Who is told.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExpiryNotices {
    /// Ids of users: ten at most, which the model of the call says.
    pub user_ids: Vec<String>,
}

impl Setting for ExpiryNotices {
    const NAME: &'static str = "expiry_notices";
}

/// GetExpiryNotices.
pub fn get(store: &Store, cx: &Cx, at: &IdentityStoreRef) -> Result<ExpiryNotices, Fault> {
    store.read(|rx| {
        let instance = enter(Gate::own("portico:GetExpiryNotices", vec![]), rx, cx, at)?;
        settings::find(rx, &instance.identity_store_id)
    })
}

/// PutExpiryNotices.
pub async fn put(store: &Store, cx: &Cx, at: &IdentityStoreRef, new: ExpiryNotices) -> Result<(), Fault> {
    let at = at.clone();
    store
        .write(cx, move |tx, cx| {
            let instance = enter(Gate::own("portico:PutExpiryNotices", vec![]), tx, cx, &at)?;
            let mut kept = ExpiryNotices::default();
            for reference in &new.user_ids {
                let user = UserId::from_reference(reference)?;
                require_user(tx, &instance, &user)?;
                if !kept.user_ids.iter().any(|known| known == user.as_str()) {
                    kept.user_ids.push(user.to_string());
                }
            }
            settings::put(tx, cx, &instance.identity_store_id, &kept)
        })
        .await
}

/// How many days ahead an end is to be announced now: of the steps that have come, the last.
fn step(now: Timestamp, at: Timestamp) -> Option<i64> {
    if at <= now {
        return None;
    }
    let left = at.since(now);
    let has_come = |days: &i64| left <= DAY.saturating_mul(u32::try_from(*days).unwrap_or(u32::MAX));
    DAYS.into_iter().rev().find(has_come)
}

/// Announces what was not announced yet; how many letters that makes. While nobody is named, or nobody of them can be written to, nothing counts as
/// announced.
pub async fn announce(store: &Store, cx: &Cx, config: &Config, ending: Vec<Ending>) -> Result<usize, Fault> {
    if !config.mails {
        return Ok(0);
    }
    let due = store.read(|rx| {
        let mut due = Vec::new();
        // Most never name anybody: what ends soon is then looked at each time, and nothing is written for it.
        let named: ExpiryNotices = settings::find(rx, &config.identity_store_id)?;
        if named.user_ids.is_empty() {
            return Ok(due);
        }
        for one in ending {
            let Some(step) = step(cx.now, one.at) else { continue };
            if expiry_notices::find(rx, &one.id)?.is_none_or(|told| told > step) {
                due.push((one, step));
            }
        }
        Ok(due)
    })?;
    if due.is_empty() {
        return Ok(0);
    }
    let config = config.clone();
    store.maintain(cx, move |tx, cx| announce_in(tx, cx, &config, &due)).await
}

fn announce_in(tx: &mut Tx<'_>, cx: &Cx, config: &Config, due: &[(Ending, i64)]) -> Result<usize, Fault> {
    let store_id = &config.identity_store_id;
    let named: ExpiryNotices = settings::find(tx, store_id)?;
    let portal = portal_settings::shown(tx, store_id)?.name;
    let mut letters = 0_usize;
    for (ending, days) in due {
        // Somebody else may have announced it meanwhile.
        if expiry_notices::find(tx, &ending.id)?.is_some_and(|told| told <= *days) {
            continue;
        }
        let before = letters;
        for user in &named.user_ids {
            let user = &UserId::trusted(user.as_str());
            letters += usize::from(tell_in(tx, cx, (config, store_id, portal.as_deref()), (user, ending))?);
        }
        if letters > before {
            expiry_notices::put(tx, (&ending.id, *days), cx.now)?;
        }
    }
    Ok(letters)
}

/// Whether there is somebody to write to.
fn tell_in(
    tx: &mut Tx<'_>,
    cx: &Cx,
    (config, store_id, portal): (&Config, &IdentityStoreId, Option<&str>),
    (user, ending): (&UserId, &Ending),
) -> Result<bool, Fault> {
    let Some(user) = users::find(tx, store_id, user)? else { return Ok(false) };
    let Some(to) = mails::address_of(&user).filter(|_| user.status == UserStatus::Enabled) else {
        return Ok(false);
    };
    let text = letters::expiry(Person::of(&user, config, portal), ending);
    let until = Some(ending.at);
    mails::send_in(
        tx,
        cx,
        &NewLetter { kind: LetterKind::Expiry, user: &user.id, to: &to, text: &text, until },
    )?;
    Ok(true)
}

/// Forgets what was announced long ago; how many.
pub(crate) fn delete_old(tx: &mut Tx<'_>, cx: &Cx) -> Result<u64, Fault> {
    expiry_notices::delete_old(tx, cx.now.minus(KEPT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_step_that_has_come_is_the_one_to_be_told() {
        let now = Timestamp::from_seconds(1_764_000_000);
        let days = |hours: u64| step(now, now.plus(Duration::from_hours(hours)));
        let expected = [
            (24 * 31, None),
            (24 * 30, Some(30)),
            (24 * 8, Some(30)),
            (24 * 7, Some(7)),
            (25, Some(7)),
            (24, Some(1)),
            (1, Some(1)),
            (0, None),
        ];
        for (hours, step) in expected {
            assert_eq!(days(hours), step, "{hours} hours ahead");
        }
        assert_eq!(step(now, now.minus(DAY)), None);
    }
}
