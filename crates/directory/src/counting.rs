//! How many users and groups there are, and which of them has a number: for lists whose pages are asked for by number. Both cost a walk through all that come before, so
//! that they are known until somebody comes or goes.

use std::sync::Arc;

use model::cx::Cx;
use model::directory::identity_store::IdentityStoreId;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::fault::Fault;
use policy::gate::{ALL_GROUPS, ALL_USERS, Gate};
use store::db::Store;
use store::directory::{groups, users};
use store::error::StoreError;
use store::generations::{Changes, Known};
use store::tables::Table;
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

/// From one id that is known by its number to the next.
const STEP: u64 = 1_000;
/// Lists whose number is known at most, and ids in all: ten million people's.
const TOTALS_MAX: usize = 64;
const MARKS_MAX: usize = 10_000;

/// What is known of lists.
#[derive(Debug, Clone)]
pub struct Numbers {
    users: Arc<List>,
    groups: Arc<List>,
}

type Count = fn(&mut Rx<'_>, &IdentityStoreId) -> Result<u64, StoreError>;
type KeyAt = fn(&mut Rx<'_>, &IdentityStoreId, (&str, i64)) -> Result<Option<String>, StoreError>;

/// One kind's, by identity store.
#[derive(Debug)]
struct List {
    count: Count,
    key_at: KeyAt,
    totals: Known<String, u64>,
    /// The last id of every thousand.
    marks: Known<String, Arc<[String]>>,
}

impl List {
    fn new(table: Table, count: Count, key_at: KeyAt) -> Arc<Self> {
        let from = Changes::to(&[table]);
        let marks = Known::weighed(from, MARKS_MAX, |marks: &Arc<[String]>| marks.len() + 1);
        Arc::new(Self { count, key_at, totals: Known::new(from, TOTALS_MAX), marks })
    }
}

impl Default for Numbers {
    fn default() -> Self {
        Self {
            users: List::new(Table::Users, users::count, users::key_at),
            groups: List::new(Table::Groups, groups::count, groups::key_at),
        }
    }
}

impl Numbers {
    /// The place before the user of this number, from 0, in the order of ids.
    pub fn of_user(
        &self,
        store: &Store,
        cx: &Cx,
        at: &IdentityStoreRef,
        number: u64,
    ) -> Result<Position, Fault> {
        let gate = Gate::shared("identitystore:ListUsers", vec![ALL_USERS.to_owned()]);
        self.users.position(store, cx, (gate, at), number)
    }

    /// The place before the group of this number, likewise.
    pub fn of_group(
        &self,
        store: &Store,
        cx: &Cx,
        at: &IdentityStoreRef,
        number: u64,
    ) -> Result<Position, Fault> {
        let gate = Gate::shared("identitystore:ListGroups", vec![ALL_GROUPS.to_owned()]);
        self.groups.position(store, cx, (gate, at), number)
    }
}

impl List {
    fn position(
        &self,
        store: &Store,
        cx: &Cx,
        (gate, at): (Gate, &IdentityStoreRef),
        number: u64,
    ) -> Result<Position, Fault> {
        let store_id = store.glance(|rx| enter(gate, rx, cx, at))?.identity_store_id;
        let total = self.totals.find(store.generations(), store_id.as_str(), || {
            store.glance(|rx| Ok(Some((self.count)(rx, &store_id)?)))
        })?;
        let total = total.unwrap_or_default();
        let Some(before) = number.min(total).checked_sub(1) else {
            return Ok(Position { total, after: None });
        };
        let (mut from, mut left) = (String::new(), before);
        if before >= STEP && store.generations().is_some() {
            let marks = self.marks.find(store.generations(), store_id.as_str(), || {
                store.read(|rx| Ok(Some(self.read_marks(rx, &store_id)?)))
            })?;
            let marked = usize::try_from(before / STEP).unwrap_or(usize::MAX);
            if let Some(mark) = marks.as_deref().and_then(|marks| marks.get(marked.checked_sub(1)?)) {
                from.clone_from(mark);
                left = before % STEP;
            }
        }
        let left = i64::try_from(left).unwrap_or(i64::MAX);
        let after = store.glance(|rx| Ok((self.key_at)(rx, &store_id, (&from, left))?))?;
        // Somebody went meanwhile: the list ends before the place, which is no place at the front.
        let total = if after.is_some() { total } else { before };
        Ok(Position { total, after })
    }

    fn read_marks(&self, rx: &mut Rx<'_>, store_id: &IdentityStoreId) -> Result<Arc<[String]>, StoreError> {
        let mut marks: Vec<String> = Vec::new();
        let last = i64::try_from(STEP).unwrap_or(i64::MAX) - 1;
        while let Some(next) = {
            let after = marks.last().map_or("", String::as_str);
            (self.key_at)(rx, store_id, (after, last))?
        } {
            marks.push(next);
        }
        Ok(marks.into())
    }
}
