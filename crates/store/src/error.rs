//! What can go wrong between us and a database, and how the domain sees it.

use model::fault::{Fault, FaultKind};
use model::saying::Saying;

/// What a Region's database says of a change that is the primary's, by triggers of ours: a class that PostgreSQL does not have (15, appendix A).
pub(crate) const ELSEWHERE: &str = "PRT01";
/// `unique_violation` (PostgreSQL, appendix A).
const UNIQUE_VIOLATION: &str = "23505:";

/// A failure of the store.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The transaction lost a race (serialization failure, deadlock, a uniqueness race) and may be run again from its start.
    #[error("the transaction must be run again: {0}")]
    Race(String),
    /// The database does not answer, or cannot write (disk full, read-only).
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// The database went away, or failed, while it committed: the change may be there or not.
    #[error("nobody knows whether the transaction was committed: {0}")]
    InDoubt(String),
    /// The change belongs to the primary Region; the text says so, for whoever asked.
    #[error("{0}")]
    Elsewhere(String),
    /// A row does not hold what it must, or a statement is wrong: our bug or a tampered database.
    #[error("the database holds something unexpected: {0}")]
    Corrupt(String),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Race(_) | StoreError::Unavailable(_) => {
                Fault::say(FaultKind::Unavailable, Saying::Unavailable).with_context(error)
            }
            StoreError::InDoubt(_) => Fault::say(FaultKind::Unavailable, Saying::InDoubt).with_context(error),
            StoreError::Elsewhere(why) => Self::access_denied(why),
            StoreError::Corrupt(_) => Fault::internal(error),
        }
    }
}

impl StoreError {
    /// Whether a row with the same key was there: a race, if whoever inserts has looked before.
    pub(crate) fn is_same_key(&self) -> bool {
        // As `From<tokio_postgres::Error>` writes it.
        matches!(self, Self::Race(reason) if reason.contains(UNIQUE_VIOLATION))
    }

    /// The same failure, when it was the commit that failed. What the database itself refused was not committed; a database that was cut
    /// off, or could not say whether its disk took the data, may have.
    pub(crate) fn of_commit(self) -> Self {
        match self {
            Self::Unavailable(why) => Self::InDoubt(why),
            other => other,
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{
            CannotOpen, DatabaseBusy, DatabaseLocked, DiskFull, OperationInterrupted, PermissionDenied,
            ReadOnly, SystemIoFailure,
        };
        let text = error.to_string();
        match error.sqlite_error_code() {
            Some(
                DatabaseBusy | DatabaseLocked | DiskFull | ReadOnly | SystemIoFailure | CannotOpen
                | PermissionDenied | OperationInterrupted,
            ) => Self::Unavailable(text),
            _ => Self::Corrupt(text),
        }
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        use tokio_postgres::error::SqlState;
        let text = match error.as_db_error() {
            Some(db) => format!("{}: {}", db.code().code(), db.message()),
            None => error.to_string(),
        };
        match error.code() {
            Some(code)
                if *code == SqlState::T_R_SERIALIZATION_FAILURE
                    || *code == SqlState::T_R_DEADLOCK_DETECTED
                    || *code == SqlState::UNIQUE_VIOLATION =>
            {
                Self::Race(text)
            }
            // 08 connection, 53 resources, 57 operator intervention (shutdown, crash), 58 system, 25006 read-only.
            Some(code) if ["08", "53", "57", "58"].iter().any(|class| code.code().starts_with(class)) => {
                Self::Unavailable(text)
            }
            Some(code) if code.code() == ELSEWHERE => {
                Self::Elsewhere(error.as_db_error().map_or(text, |db| db.message().to_owned()))
            }
            Some(code) if *code == SqlState::READ_ONLY_SQL_TRANSACTION => Self::Unavailable(text),
            Some(_) => Self::Corrupt(text),
            None => Self::Unavailable(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_that_was_cut_off_is_never_called_unchanged() {
        let lost = StoreError::Unavailable("connection closed".to_owned());
        let before = Fault::from(lost.clone());
        assert!(before.message().contains("Nothing was changed"));
        let during = Fault::from(lost.of_commit());
        assert_eq!(*during.kind(), FaultKind::Unavailable);
        assert!(during.message().contains("is not known"), "{}", during.message());
        let raced = StoreError::Race("40001".to_owned()).of_commit();
        assert!(matches!(raced, StoreError::Race(_)), "what the database refused was not committed");
    }
}
