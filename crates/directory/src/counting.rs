//! How many users and groups there are, and which of them has a number: for lists whose pages are asked for by number.

use model::cx::Cx;
use model::directory::identity_store::IdentityStoreId;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::fault::Fault;
use policy::gate::{ALL_GROUPS, ALL_USERS, Gate};
use store::db::Store;
use store::directory::{groups, users};
use store::error::StoreError;
use store::tx::Rx;

use crate::gate::enter;

/// A place in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// How many the list has.
    pub total: u64,
    /// After which id the place is; `None` at the front.
    pub after: Option<String>,
}

type Rows = (
    fn(&mut Rx<'_>, &IdentityStoreId) -> Result<u64, StoreError>,
    fn(&mut Rx<'_>, &IdentityStoreId, i64) -> Result<Option<String>, StoreError>,
);

/// The place before the user of this number, from 0, in the order of ids.
pub fn of_user(store: &Store, cx: &Cx, at: &IdentityStoreRef, number: u64) -> Result<Position, Fault> {
    let gate = Gate::shared("identitystore:ListUsers", vec![ALL_USERS.to_owned()]);
    position(store, cx, (gate, at), number, (users::count, users::key_at))
}

/// The place before the group of this number, likewise.
pub fn of_group(store: &Store, cx: &Cx, at: &IdentityStoreRef, number: u64) -> Result<Position, Fault> {
    let gate = Gate::shared("identitystore:ListGroups", vec![ALL_GROUPS.to_owned()]);
    position(store, cx, (gate, at), number, (groups::count, groups::key_at))
}

fn position(
    store: &Store,
    cx: &Cx,
    (gate, at): (Gate, &IdentityStoreRef),
    number: u64,
    (count, key_at): Rows,
) -> Result<Position, Fault> {
    store.read(|rx| {
        let store_id = enter(gate, rx, cx, at)?.identity_store_id;
        let total = count(rx, &store_id)?;
        let before = number.min(total).checked_sub(1).and_then(|before| i64::try_from(before).ok());
        let after = before.map(|before| key_at(rx, &store_id, before)).transpose()?.flatten();
        Ok(Position { total, after })
    })
}
