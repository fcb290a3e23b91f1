//! A transaction on a borrowed connection. It begins with the first statement and goes to the database in as few round trips as can be: what
//! nobody waits for goes with what is asked next, or with the commit. Knows nothing of hosts, or who may have how many connections.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_postgres::Row;
use tokio_postgres::error::SqlState;

use super::connection::{Answer, Ask, Failed, gone};
use super::pool::{CONNECTION_WAIT, Lent, Pool};
use crate::error::StoreError;
use crate::row::{Param, Value};
use crate::statement::Statement;

/// How long a statement may take. A database whose process or host stands still keeps its connections and never answers.
const STATEMENT_WAIT: Duration = Duration::from_secs(10);
/// Statements that go together at most.
const TOGETHER_MAX: usize = 256;

/// What a transaction may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Read one snapshot.
    Read,
    /// Read by one statement, which sees one snapshot by itself.
    Glance,
    /// Decide by what it reads, and change.
    Write,
    /// For migrations: what another one committed while this one waited for its lock is seen.
    Alter,
    /// Add rows whatever else there is.
    Append,
}

impl Access {
    const fn begin(self) -> Option<&'static str> {
        match self {
            Self::Glance => None,
            Self::Read => Some("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),
            Self::Write => Some("BEGIN ISOLATION LEVEL SERIALIZABLE"),
            Self::Alter | Self::Append => Some("BEGIN ISOLATION LEVEL READ COMMITTED"),
        }
    }
}

/// How far it has come.
#[derive(Debug, Clone)]
enum Stage {
    /// Nothing was sent.
    New,
    Open,
    /// The database refused a statement, and with it the whole.
    Refused(StoreError),
    /// A statement had no answer: the connection is of no use, not even to say so to the database.
    Lost(StoreError),
}

/// A transaction.
#[derive(Debug)]
pub(crate) struct PgTransaction {
    pool: Arc<Pool>,
    lent: Lent,
    access: Access,
    stage: Stage,
    /// What changes rows and nobody has waited for yet.
    later: Vec<(&'static Statement, Vec<Value>)>,
}

impl PgTransaction {
    pub(super) fn new(pool: Arc<Pool>, access: Access) -> Result<Self, StoreError> {
        let lent = pool.lend()?;
        Ok(Self { pool, lent, access, stage: Stage::New, later: Vec::new() })
    }

    pub(crate) fn query(
        &mut self,
        statement: &Statement,
        params: &[Param<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        self.run(Some(Ask::Rows(statement, params))).map(|answer| answer.rows)
    }

    pub(crate) fn execute(&mut self, statement: &Statement, params: &[Param<'_>]) -> Result<u64, StoreError> {
        self.run(Some(Ask::Count(statement, params))).map(|answer| answer.changed)
    }

    /// Runs a statement with what is waited for next, or with the commit.
    pub(crate) fn execute_later(
        &mut self,
        statement: &'static Statement,
        params: &[Param<'_>],
    ) -> Result<(), StoreError> {
        self.later.push((statement, params.iter().map(Value::from).collect()));
        if self.later.len() < TOGETHER_MAX { Ok(()) } else { self.run(None).map(|_| ()) }
    }

    /// Runs a script, however long it takes: an index over a large table takes its time, and so does another migration.
    pub(crate) fn script(&mut self, sql: &str) -> Result<(), StoreError> {
        // What was put off, and the beginning, which a script does not bring about.
        self.run(None)?;
        self.lent.connection.script(sql).inspect_err(|error| self.fail(error))
    }

    /// Ends the transaction. Unless that is done in order, its connection is closed, never lent again.
    pub(super) fn end(mut self, keep: bool) -> Result<(), StoreError> {
        let begun = self.access != Access::Glance && !matches!(self.stage, Stage::New);
        let (result, in_order) = match self.stage.clone() {
            Stage::Lost(error) => (Err(error), false),
            Stage::Refused(error) => (Err(error), !begun || self.tell("ROLLBACK")),
            Stage::New | Stage::Open if keep && self.changes() => {
                let result = self.commit();
                (result, matches!(self.stage, Stage::Open))
            }
            Stage::New => {
                // It may be the one that was to try whether the database is back, and did not need to: let another.
                self.pool.answered();
                (Ok(()), true)
            }
            // What was read is read, whatever becomes of the snapshot; and what is not committed is gone.
            Stage::Open => (Ok(()), !begun || self.tell(if keep { "COMMIT" } else { "ROLLBACK" })),
        };
        if in_order {
            self.pool.give_back(self.lent);
        }
        if keep { result } else { Ok(()) }
    }

    /// Whether there may be something to commit.
    const fn changes(&self) -> bool {
        let may = !matches!(self.access, Access::Glance | Access::Read);
        may && (!matches!(self.stage, Stage::New) || !self.later.is_empty())
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        self.begin()?;
        let later = std::mem::take(&mut self.later);
        let params: Vec<Vec<Param<'_>>> = later.iter().map(|(_, values)| borrowed(values)).collect();
        let mut asks: Vec<Ask<'_>> = counts(&later, &params).collect();
        asks.push(Ask::Command("COMMIT"));
        let Err(failed) = self.ask(&asks, false) else { return Ok(()) };
        let ended = matches!(&failed, Failed::Asked(_, error) if error.as_db_error().is_some());
        // Where the database itself refused a statement before it, nothing was committed, and nobody needs to doubt.
        let refused = matches!(&failed, Failed::Asked(at, _) if ended && at + 1 < asks.len());
        let unsent = matches!(failed, Failed::Unprepared(_));
        let error = self.failure(failed);
        if ended && !matches!(self.stage, Stage::Lost(_)) {
            // The COMMIT that came behind has rolled it back: the connection is as good as before.
            self.stage = Stage::Open;
        }
        Err(if refused || unsent { error } else { error.of_commit() })
    }

    /// Begins, unless it has begun: before a change nothing else may go with it, or what changes rows would do so outside of a transaction
    /// if it were refused.
    fn begin(&mut self) -> Result<(), StoreError> {
        match self.access.begin() {
            Some(begin) if matches!(self.stage, Stage::New) => self.first(&[Ask::Command(begin)]).map(|_| ()),
            _ => Ok(()),
        }
    }

    /// Runs what was put off, and then this.
    fn run(&mut self, last: Option<Ask<'_>>) -> Result<Answer, StoreError> {
        let new = match &self.stage {
            Stage::New => true,
            Stage::Open => false,
            Stage::Refused(error) | Stage::Lost(error) => return Err(error.clone()),
        };
        if new && self.later.is_empty() && matches!(last, Some(Ask::Rows(..))) {
            let begin = self.access.begin().map(Ask::Command);
            let asks: Vec<Ask<'_>> = begin.into_iter().chain(last).collect();
            return self.first(&asks);
        }
        self.begin()?;
        let later = std::mem::take(&mut self.later);
        let params: Vec<Vec<Param<'_>>> = later.iter().map(|(_, values)| borrowed(values)).collect();
        let asks: Vec<Ask<'_>> = counts(&later, &params).chain(last).collect();
        self.ask(&asks, false).map_err(|failed| self.failure(failed))
    }

    /// The first round trip: nothing has changed before it, so it may be tried again on another connection.
    fn first(&mut self, asks: &[Ask<'_>]) -> Result<Answer, StoreError> {
        let tried = Instant::now();
        loop {
            let failed = match self.ask(asks, true) {
                Ok(answer) => {
                    self.stage = Stage::Open;
                    self.pool.answered();
                    return Ok(answer);
                }
                Err(failed) => failed,
            };
            // A connection that broke since it was used last is only noticed when it is used again; and where a host was given up, there may
            // be another.
            let again = matches!(failed, Failed::Closed)
                || self.lent.connection.is_closed()
                || self.pool.several_hosts();
            let late = matches!(failed, Failed::Late(_));
            let error = self.failure(failed);
            if !matches!(error, StoreError::Unavailable(_)) || late {
                self.pool.answered();
                return Err(error);
            }
            if !again || tried.elapsed() > CONNECTION_WAIT {
                self.pool.away(&error);
                return Err(error);
            }
            self.lent.renew(&self.pool)?;
            self.stage = Stage::New;
        }
    }

    fn ask(&mut self, asks: &[Ask<'_>], idle: bool) -> Result<Answer, Failed> {
        if asks.is_empty() {
            return Ok(Answer::default());
        }
        self.lent.connection.ask(&self.pool, asks, (STATEMENT_WAIT, idle))
    }

    /// Says how it ends, and does not wait for the answer; whether it could be said.
    fn tell(&mut self, how: &'static str) -> bool {
        self.lent.connection.tell(how).is_ok()
    }

    /// What a failure means, and what becomes of the transaction.
    fn failure(&mut self, failed: Failed) -> StoreError {
        let error = match failed {
            Failed::Closed => gone(),
            Failed::Late(limit) => StoreError::Unavailable(format!("no answer in {} s", limit.as_secs())),
            Failed::Dead => {
                self.pool.give_up(&self.lent, "it does not answer");
                StoreError::Unavailable("the host does not answer".to_owned())
            }
            Failed::Asked(_, error) | Failed::Unprepared(error) => {
                if error.code() == Some(&SqlState::READ_ONLY_SQL_TRANSACTION) {
                    self.pool.give_up(&self.lent, "it takes no changes");
                }
                error.into()
            }
        };
        self.fail(&error);
        error
    }

    fn fail(&mut self, error: &StoreError) {
        self.stage = match error {
            StoreError::Unavailable(_) => Stage::Lost(error.clone()),
            _ => Stage::Refused(error.clone()),
        };
    }
}

fn borrowed(values: &[Value]) -> Vec<Param<'_>> {
    values.iter().map(Param::from).collect()
}

fn counts<'a>(
    later: &'a [(&'static Statement, Vec<Value>)],
    params: &'a [Vec<Param<'a>>],
) -> impl Iterator<Item = Ask<'a>> {
    later.iter().zip(params).map(|((statement, _), params)| Ask::Count(statement, params))
}
