//! A transaction, seen by an aggregate: run a statement, read rows. [`Rx`] can only read; [`Tx`] can also change and lends
//! itself as an `Rx`.

use std::cell::Cell;
use std::ops::{Deref, DerefMut};

use model::fault::Fault;
use model::job::Queue;

use crate::engine::postgres::PgTransaction;
use crate::error::StoreError;
use crate::generations::Changes;
use crate::instances::known_instances::KnownInstances;
use crate::row::{Param, Row};
use crate::sealing::Keyring;
use crate::statement::Statement;
use crate::wakers::Added;

/// The connection of one engine, inside a transaction.
#[derive(Debug)]
pub(crate) enum Link<'c> {
    Sqlite(&'c rusqlite::Connection),
    Postgres(&'c mut PgTransaction),
}

/// A transaction that reads one snapshot.
#[derive(Debug)]
pub struct Rx<'c> {
    link: Link<'c>,
    keyring: &'c Keyring,
    raced: bool,
    index_decides: bool,
    instances: Option<(&'c KnownInstances, u64)>,
    /// Whether somebody left a look out for it.
    skipped: Cell<bool>,
    /// How many statements it may still run, where there is a bound.
    looks: Option<u32>,
}

impl<'c> Rx<'c> {
    pub(crate) const fn new(link: Link<'c>, keyring: &'c Keyring) -> Self {
        Self {
            link,
            keyring,
            raced: false,
            index_decides: false,
            instances: None,
            skipped: Cell::new(false),
            looks: None,
        }
    }

    /// The same, knowing the instances as of a generation from before this snapshot.
    pub(crate) const fn knowing(mut self, instances: &'c KnownInstances, as_of: Option<u64>) -> Self {
        if let Some(as_of) = as_of {
            self.instances = Some((instances, as_of));
        }
        self
    }

    /// The instances that are known, and as of when.
    pub(crate) const fn instances(&self) -> Option<(&'c KnownInstances, u64)> {
        self.instances
    }

    /// The same for one statement alone, which sees one snapshot without a transaction.
    pub(crate) const fn for_one_statement(mut self) -> Self {
        self.looks = Some(1);
        self
    }

    fn look(&mut self) -> Result<(), StoreError> {
        let Some(left) = &mut self.looks else { return Ok(()) };
        *left = left.checked_sub(1).ok_or_else(|| {
            StoreError::Corrupt("a second statement in a glance, which would see another snapshot".to_owned())
        })?;
        Ok(())
    }

    /// Whether a look for a key that must be unique may be left out, because the index decides, and whatever fails then runs again with the
    /// look, which has the words for it. On PostgreSQL looking for what is not there locks a page of the index against everybody who adds
    /// to it: decision 0006.
    pub fn index_decides(&self) -> bool {
        if self.index_decides {
            self.skipped.set(true);
        }
        self.index_decides
    }

    /// Whether a look was left out.
    pub(crate) const fn skipped(&self) -> bool {
        self.skipped.get()
    }

    /// The keys for sealed columns and token hashes.
    pub fn keyring(&self) -> &'c Keyring {
        self.keyring
    }

    /// Whether a statement lost a race, so that the whole must run again.
    pub(crate) const fn raced(&self) -> bool {
        self.raced
    }

    /// Whether the engine is PostgreSQL: for the few statements that each engine words in its own way.
    pub(crate) const fn is_postgres(&self) -> bool {
        matches!(self.link, Link::Postgres(_))
    }

    fn note<T>(&mut self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        if matches!(result, Err(StoreError::Race(_))) {
            self.raced = true;
        }
        result
    }

    /// Every row, each turned into a value.
    pub fn all<T>(
        &mut self,
        statement: &Statement,
        params: &[Param<'_>],
        mut map: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        self.look()?;
        let result = match &mut self.link {
            Link::Sqlite(connection) => sqlite_all(connection, statement, params, &mut map),
            Link::Postgres(transaction) => transaction
                .query(statement, params)
                .and_then(|rows| rows.iter().map(|row| map(&Row::Postgres(row))).collect()),
        };
        self.note(result)
    }

    /// The first row, if there is one.
    pub fn first<T>(
        &mut self,
        statement: &Statement,
        params: &[Param<'_>],
        map: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.all(statement, params, map)?.into_iter().next())
    }

    /// The one integer of the one row of a counting statement.
    pub fn count(&mut self, statement: &Statement, params: &[Param<'_>]) -> Result<u64, StoreError> {
        let count = self.first(statement, params, |row| row.int(0))?.unwrap_or(0);
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// Whether the statement finds a row.
    pub fn exists(&mut self, statement: &Statement, params: &[Param<'_>]) -> Result<bool, StoreError> {
        Ok(self.first(statement, params, |_| Ok(()))?.is_some())
    }
}

fn sqlite_all<T>(
    connection: &rusqlite::Connection,
    statement: &Statement,
    params: &[Param<'_>],
    map: &mut impl FnMut(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut prepared = connection.prepare_cached(statement.sql)?;
    let mut rows = prepared.query(rusqlite::params_from_iter(params))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(map(&Row::Sqlite(row))?);
    }
    Ok(found)
}

/// A transaction that changes rows. What it did is durable once [`crate::db::Store::write`] answers, and gone if it fails.
#[derive(Debug)]
pub struct Tx<'c> {
    rx: Rx<'c>,
    added: Added,
    changes: Changes,
}

impl<'c> Tx<'c> {
    pub(crate) const fn new(link: Link<'c>, keyring: &'c Keyring) -> Self {
        Self { rx: Rx::new(link, keyring), added: Added::NONE, changes: Changes::NONE }
    }

    /// The same, with the indexes deciding whether a key is free.
    pub(crate) const fn deciding_by_index(mut self, decides: bool) -> Self {
        self.rx.index_decides = decides;
        self
    }

    /// Notes that there is something new for the worker of this queue, who is woken once it is durable.
    pub(crate) const fn note_job(&mut self, queue: Queue) {
        self.added.note(queue);
    }

    /// The queues that jobs were added to.
    pub(crate) const fn added(&self) -> Added {
        self.added
    }

    /// What was changed.
    pub(crate) const fn changes(&self) -> Changes {
        self.changes
    }

    /// Runs a changing statement; the number of rows changed.
    pub fn execute(&mut self, statement: &Statement, params: &[Param<'_>]) -> Result<u64, StoreError> {
        let result = match &mut self.rx.link {
            Link::Sqlite(connection) => connection
                .prepare_cached(statement.sql)
                .and_then(|mut prepared| prepared.execute(rusqlite::params_from_iter(params)))
                .map(|rows| rows as u64)
                .map_err(StoreError::from),
            Link::Postgres(transaction) => transaction.execute(statement, params),
        };
        if !matches!(result, Ok(0)) {
            self.changes = self.changes.and(statement.changes);
        }
        self.rx.note(result)
    }

    /// Adds rows by a plain INSERT, of which nothing needs to be known but that it did not fail. On PostgreSQL it goes with the statement that
    /// is waited for next, or with the commit, and its failure is theirs: a round trip less.
    pub fn insert(&mut self, statement: &'static Statement, params: &[Param<'_>]) -> Result<(), Fault> {
        let result = match &mut self.rx.link {
            Link::Postgres(transaction) => transaction.execute_later(statement, params),
            Link::Sqlite(_) => return Ok(self.execute(statement, params).map(|_| ())?),
        };
        Ok(self.rx.note(result)?)
    }

    /// Runs a script, as long as it takes: migrations alone have any.
    pub(crate) fn script(&mut self, sql: &str) -> Result<(), StoreError> {
        self.changes = Changes::ALL;
        let result = match &mut self.rx.link {
            Link::Sqlite(connection) => connection.execute_batch(sql).map_err(StoreError::from),
            Link::Postgres(transaction) => transaction.script(sql),
        };
        self.rx.note(result)
    }

    /// Runs a changing statement that must change exactly one row.
    pub fn execute_one(&mut self, statement: &Statement, params: &[Param<'_>]) -> Result<(), Fault> {
        match self.execute(statement, params)? {
            1 => Ok(()),
            rows => Err(Fault::internal(format!("{} changed {rows} rows instead of one", statement.name))),
        }
    }
}

impl<'c> Deref for Tx<'c> {
    type Target = Rx<'c>;

    fn deref(&self) -> &Self::Target {
        &self.rx
    }
}

impl DerefMut for Tx<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.rx
    }
}
