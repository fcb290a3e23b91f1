//! When somebody last took a role that they may use: known to the day (UTC), so that only the first time of a day is written. Whether it is the first is read with
//! the role itself and remembered beside it; the row decides, so that forgetting costs a write that changes nothing.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use model::cx::Cx;
use model::directory::user::UserId;
use model::fault::Fault;
use model::timestamp::Timestamp;
use store::accounts::access::Place;
use store::accounts::access_uses;
use store::db::Store;
use store::tx::Rx;

use crate::access_pages::Access;

/// The script since which it is kept: see the migration of this name.
const KEPT_SINCE: &str = "_last_use";

/// To which it is known.
pub(crate) const DAY: Duration = Duration::from_hours(24);

/// When the day of a moment began (UTC).
pub(crate) fn day_of(at: Timestamp) -> Timestamp {
    let day = i64::try_from(DAY.as_micros()).unwrap_or(i64::MAX);
    Timestamp::from_micros(at.micros().div_euclid(day) * day)
}

/// Since when it is known what is used: nobody can say of anything before that it was not.
pub(crate) fn tracked_since(rx: &mut Rx<'_>) -> Result<Timestamp, Fault> {
    store::migrate::ran_at(rx, KEPT_SINCE)
}

/// That somebody may use a role, to be noted when they do.
#[derive(Debug)]
pub struct Use {
    user: UserId,
    place: Place,
    /// When they last did, as far as is written; microseconds.
    noted_at: AtomicI64,
}

impl Use {
    pub(crate) fn new(user: UserId, place: Place, used_at: Option<Timestamp>) -> Self {
        Self { user, place, noted_at: AtomicI64::new(used_at.map_or(i64::MIN, Timestamp::micros)) }
    }

    /// Who may use it.
    pub(crate) fn user(&self) -> &UserId {
        &self.user
    }

    /// In which account, of which permission set.
    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// Whether this is the first time of a day; true once for whoever asks first.
    fn is_first(&self, now: Timestamp) -> bool {
        let known = self.noted_at.load(Ordering::Relaxed);
        known < day_of(now).micros()
            && self
                .noted_at
                .compare_exchange(known, now.micros(), Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }

    /// Writes that somebody took a role, unless that is known of today. Whether it can be written decides nothing: what was asked for is made; the next time
    /// tries again.
    pub async fn note(self: &Arc<Self>, store: &Store, cx: &Cx) {
        if !self.is_first(cx.now) {
            return;
        }
        let used = Arc::clone(self);
        let written = store.maintain(cx, move |tx, cx| {
            access_uses::note(tx, &used.user, &used.place, (cx.now, day_of(cx.now)))
        });
        if let Err(fault) = written.await {
            self.noted_at.store(i64::MIN, Ordering::Relaxed);
            tracing::warn!(%fault, context = fault.context(), "that a role was used is not written");
        }
    }
}

/// When the people of these rows last used what they reach, in the order of the rows.
pub(crate) fn of_rows(rx: &mut Rx<'_>, rows: &[Access]) -> Result<Vec<Option<Timestamp>>, Fault> {
    let users = unique(rows.iter().map(|row| &row.user_id));
    let accounts = unique(rows.iter().map(|row| &row.account_id));
    let found: HashMap<(UserId, Place), Timestamp> = access_uses::among(rx, users, accounts)?
        .into_iter()
        .map(|(user, (place, at))| ((user, place), at))
        .collect();
    let place = |row: &Access| (row.user_id.clone(), (row.account_id.clone(), row.permission_set_id.clone()));
    Ok(rows.iter().map(|row| found.get(&place(row)).copied()).collect())
}

fn unique<'a, T: Ord>(all: impl Iterator<Item = &'a T>) -> std::collections::BTreeSet<&'a T> {
    all.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(at: Option<i64>) -> Use {
        let set = model::accounts::permission_set::PermissionSetId::trusted("ps-1");
        let place = (model::accounts::account::AccountId::trusted("111122223333"), set);
        Use::new(UserId::trusted("u"), place, at.map(Timestamp::from_seconds))
    }

    #[test]
    fn a_use_is_the_first_of_its_day_once() {
        let at = Timestamp::from_seconds;
        let never = used(None);
        assert!(never.is_first(at(100)));
        assert!(!never.is_first(at(100)) && !never.is_first(at(86_399)));
        assert!(never.is_first(at(86_400)));
        // A clock that is set back writes nothing.
        assert!(!never.is_first(at(86_000)));
        let today = used(Some(86_500));
        assert!(!today.is_first(at(90_000)) && today.is_first(at(172_800)));
        assert_eq!(day_of(at(-1)), at(-86_400));
    }
}
