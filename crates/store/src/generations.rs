//! Which tables have changed, so that what was read from them can be known without reading again. Every statement says by its text which table it
//! changes; the writer counts before it commits and once more when that is over, and answers only then. A count that is odd means that nobody
//! can say. Decision 0009 has the law and why it is exact.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

use model::fault::Fault;

use crate::tables::{APART, TABLES, Table};

/// What happens to rows of tables. To add one is another thing than to change or remove one: who was found by a key stays found, whoever else
/// comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Changes {
    added: u128,
    changed: u128,
}

impl Changes {
    /// Nothing at all.
    pub const NONE: Self = Self { added: 0, changed: 0 };
    /// Whatever there is: of a statement that is not understood, and of others' commits.
    pub const ALL: Self = Self { added: u128::MAX, changed: u128::MAX };

    /// Rows of these tables are changed or removed: all that matters to what was found by keys.
    pub const fn to_rows_of(tables: &[Table]) -> Self {
        Self { added: 0, changed: bits(tables) }
    }

    /// Rows of these tables are added, changed or removed: what matters to a list.
    pub const fn to(tables: &[Table]) -> Self {
        Self { added: bits(tables), changed: bits(tables) }
    }

    /// Both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self { added: self.added | other.added, changed: self.changed | other.changed }
    }

    /// What a statement does, by its text. Evaluated when the program is compiled.
    pub(crate) const fn of(sql: &str) -> Self {
        let sql = sql.as_bytes();
        if starts(sql, 0, b"SELECT ") || starts(sql, 0, b"WITH RECURSIVE ") {
            return Self::NONE;
        }
        let (name_at, inserts, updates) = if starts(sql, 0, b"INSERT INTO ") {
            (12, true, contains(sql, b" DO UPDATE "))
        } else if starts(sql, 0, b"UPDATE ") {
            (7, false, true)
        } else if starts(sql, 0, b"DELETE FROM ") {
            (12, false, true)
        } else {
            return Self::ALL;
        };
        let mut at = 0;
        while at < APART.len() {
            if starts(sql, 0, APART[at].0.as_bytes()) {
                return Self::to_rows_of(&[APART[at].1]);
            }
            at += 1;
        }
        let bit = bit_of(sql, name_at);
        if bit == 0 {
            return Self::ALL;
        }
        Self { added: if inserts { bit } else { 0 }, changed: if updates { bit } else { 0 } }
    }
}

const fn bits(tables: &[Table]) -> u128 {
    let (mut bits, mut at) = (0, 0);
    while at < tables.len() {
        bits |= 1 << tables[at] as u32;
        at += 1;
    }
    bits
}

/// The bit of the table whose name stands at `from`.
const fn bit_of(sql: &[u8], from: usize) -> u128 {
    let mut at = 0;
    while at < TABLES.len() {
        let name = TABLES[at].1.as_bytes();
        let end = from + name.len();
        if starts(sql, from, name) && (end == sql.len() || matches!(sql[end], b' ' | b'\n' | b'(')) {
            return 1 << TABLES[at].0 as u32;
        }
        at += 1;
    }
    0
}

const fn starts(text: &[u8], from: usize, with: &[u8]) -> bool {
    let mut at = 0;
    while at < with.len() {
        if from + at >= text.len() || text[from + at] != with[at] {
            return false;
        }
        at += 1;
    }
    true
}

const fn contains(text: &[u8], what: &[u8]) -> bool {
    let mut at = 0;
    while at < text.len() {
        if starts(text, at, what) {
            return true;
        }
        at += 1;
    }
    false
}

/// How often each table has changed: twice the commits that changed it, and one more while such a commit is under way.
#[derive(Debug)]
pub struct Generations {
    added: [AtomicU64; TABLES.len()],
    changed: [AtomicU64; TABLES.len()],
}

impl Default for Generations {
    fn default() -> Self {
        let zeros = || std::array::from_fn(|_| AtomicU64::new(0));
        Self { added: zeros(), changed: zeros() }
    }
}

impl Generations {
    /// Counts once: before a commit, and again when it is over, however it ended.
    pub(crate) fn count(&self, changes: Changes) {
        self.add(changes, 1);
    }

    /// Counts a commit that is over.
    pub(crate) fn count_whole(&self, changes: Changes) {
        self.add(changes, 2);
    }

    fn add(&self, changes: Changes, by: u64) {
        for (counts, bits) in [(&self.added, changes.added), (&self.changed, changes.changed)] {
            for (_, count) in counts.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1) {
                count.fetch_add(by, Ordering::AcqRel);
            }
        }
    }

    /// How often any of this has happened; `None` while it does. Each count only grows, so that one sum is one state.
    pub fn sum(&self, changes: Changes) -> Option<u64> {
        let mut sum = 0;
        for (counts, mut bits) in [(&self.added, changes.added), (&self.changed, changes.changed)] {
            while bits != 0 {
                let count = counts.get(bits.trailing_zeros() as usize)?.load(Ordering::Acquire);
                if count & 1 == 1 {
                    return None;
                }
                sum += count;
                bits &= bits - 1;
            }
        }
        Some(sum)
    }
}

/// What is known of a database: rows, never decisions. The one law: what was read before a commit of its tables is never used after it. What
/// depends on the time is looked at on each use, by whoever uses it. On PostgreSQL, where others change the tables too, nothing is known.
pub struct Known<K, V> {
    from: Changes,
    most: usize,
    weigh: fn(&V) -> usize,
    rows: RwLock<Rows<K, V>>,
}

/// What is remembered, each with the sum that it is of, and what all of it weighs.
struct Rows<K, V> {
    of: HashMap<K, (u64, V)>,
    weight: usize,
}

impl<K, V> std::fmt::Debug for Known<K, V> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // What is known may be secret.
        out.debug_struct("Known").field("from", &self.from).finish_non_exhaustive()
    }
}

impl<K: Eq + Hash, V: Clone> Known<K, V> {
    /// Nothing yet of what is read from tables as `from` says, and never more than `most`.
    pub fn new(from: Changes, most: usize) -> Self {
        Self::weighed(from, most, |_| 1)
    }

    /// [`Self::new`] where one value can be as large as many: all together never weigh more than `most`.
    pub fn weighed(from: Changes, most: usize, weigh: fn(&V) -> usize) -> Self {
        Self { from, most, weigh, rows: RwLock::new(Rows { of: HashMap::new(), weight: 0 }) }
    }

    /// By the store's generations, if it has any: what is known of `key`, or else what `read` finds, which is known from then on. What is not there is not remembered: whoever asks for
    /// what does not exist takes no room.
    pub fn find<Q>(
        &self,
        generations: Option<&Generations>,
        key: &Q,
        read: impl FnOnce() -> Result<Option<V>, Fault>,
    ) -> Result<Option<V>, Fault>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ToOwned<Owned = K> + ?Sized,
    {
        // Before the snapshot in which `read` looks: what is committed between the two is counted later than what was seen.
        self.find_as_of(generations.and_then(|counts| counts.sum(self.from)), key, read)
    }

    /// [`Self::find`] where the sum was taken before, and the snapshot after it.
    pub(crate) fn find_as_of<Q, E>(
        &self,
        sum: Option<u64>,
        key: &Q,
        read: impl FnOnce() -> Result<Option<V>, E>,
    ) -> Result<Option<V>, E>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ToOwned<Owned = K> + ?Sized,
    {
        let Some(sum) = sum else { return read() };
        let known = |(of, value): &(u64, V)| (*of == sum).then(|| value.clone());
        if let Some(value) =
            self.rows.read().unwrap_or_else(PoisonError::into_inner).of.get(key).and_then(known)
        {
            return Ok(Some(value));
        }
        let found = read()?;
        if let Some(value) = &found {
            self.keep(sum, key.to_owned(), value.clone());
        }
        Ok(found)
    }

    /// Knows what was read after the sum was taken.
    pub(crate) fn keep(&self, sum: u64, key: K, value: V) {
        let weight = (self.weigh)(&value);
        if weight > self.most {
            return;
        }
        let mut rows = self.rows.write().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, before)) = rows.of.remove(&key) {
            rows.weight -= (self.weigh)(&before);
        }
        if rows.weight + weight > self.most {
            rows.of.retain(|_, (of, _)| *of == sum);
            rows.weight = rows.of.values().map(|(_, value)| (self.weigh)(value)).sum();
        }
        if rows.weight + weight > self.most {
            rows.of.clear();
            rows.weight = 0;
        }
        rows.weight += weight;
        rows.of.insert(key, (sum, value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Found = Result<Option<u64>, std::convert::Infallible>;
    const USERS: Changes = Changes::to_rows_of(&[Table::Users]);

    #[test]
    fn a_text_says_what_it_changes_and_one_that_is_not_understood_changes_everything() {
        let added = |table| Changes { added: bits(&[table]), changed: 0 };
        assert_eq!(Changes::of("SELECT 1 FROM users"), Changes::NONE);
        assert_eq!(
            Changes::of("INSERT INTO users (a) VALUES (1) ON CONFLICT DO NOTHING"),
            added(Table::Users)
        );
        assert_eq!(
            Changes::of("INSERT INTO roles (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET a = 2"),
            Changes::to(&[Table::Roles])
        );
        assert_eq!(Changes::of("UPDATE users SET a = 1"), USERS);
        assert_eq!(Changes::of("DELETE FROM users"), USERS);
        for unknown in
            ["DELETE FROM users_of_old", "REPLACE INTO users", "WITH x AS (SELECT 1) DELETE FROM users"]
        {
            assert_eq!(Changes::of(unknown), Changes::ALL, "{unknown}");
        }
    }

    #[test]
    fn nothing_is_known_while_a_commit_is_under_way_and_what_was_known_before_it_is_not_after_it() {
        let generations = Generations::default();
        let known = Known::<String, u64>::new(USERS, 8);
        let find = |value: u64| {
            let read = || -> Found { Ok(Some(value)) };
            known.find_as_of(generations.sum(USERS), "jane", read).unwrap()
        };
        assert_eq!((find(1), find(2)), (Some(1), Some(1)));
        generations.count(Changes::of("INSERT INTO users (a) VALUES (1)"));
        assert_eq!(find(2), Some(1), "whoever was found by a key stays found");
        generations.count(USERS);
        assert_eq!(generations.sum(USERS), None);
        assert_eq!((find(3), find(4)), (Some(3), Some(4)), "nobody can say");
        generations.count(USERS);
        assert_eq!((find(5), find(6)), (Some(5), Some(5)));
        generations.count_whole(Changes::ALL);
        assert_eq!(find(7), Some(7));
    }

    #[test]
    fn what_was_read_while_others_committed_is_not_known() {
        let generations = Generations::default();
        let known = Known::<String, u64>::new(USERS, 8);
        let before = generations.sum(USERS);
        let reading = known.find_as_of(before, "jane", || -> Found {
            generations.count_whole(USERS);
            Ok(Some(1))
        });
        assert_eq!(reading.unwrap(), Some(1));
        let again = known.find_as_of(generations.sum(USERS), "jane", || -> Found { Ok(Some(2)) });
        assert_eq!(again.unwrap(), Some(2));
    }

    #[test]
    fn no_more_is_known_than_there_is_room_for_and_nothing_of_what_is_not_there() {
        let known = Known::<u64, u64>::new(USERS, 4);
        for key in 0..100 {
            known.find_as_of(Some(0), &key, || -> Found { Ok(Some(key)) }).unwrap();
            assert!(known.rows.read().unwrap().of.len() <= 4);
        }
        let before = known.rows.read().unwrap().of.len();
        assert_eq!(known.find_as_of(Some(0), &1_000, || -> Found { Ok(None) }).unwrap(), None);
        assert_eq!(known.rows.read().unwrap().of.len(), before);
        assert!(!format!("{known:?}").contains("rows"), "what is known may be secret");
        let known = Known::<u64, usize>::weighed(USERS, 10, |value| *value);
        for (key, value) in [(1, 4), (2, 4), (1, 6), (3, 11), (4, 3), (4, 1)] {
            known.find_as_of(Some(key), &key, || -> Result<_, Fault> { Ok(Some(value)) }).unwrap();
            known.keep(0, key, value);
            let rows = known.rows.read().unwrap();
            assert_eq!(rows.weight, rows.of.values().map(|(_, value)| *value).sum::<usize>());
            assert!(rows.weight <= 10 && !rows.of.contains_key(&3));
        }
    }
}
