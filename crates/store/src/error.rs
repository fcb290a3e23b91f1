//! What can go wrong between us and a database, and how the domain sees it.

use model::fault::{Fault, FaultKind};

/// A failure of the store.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The transaction lost a race (serialization failure, deadlock, a uniqueness race) and may be run again from its start.
    #[error("the transaction must be run again: {0}")]
    Race(String),
    /// The database does not answer, or cannot write (disk full, read-only).
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// A row does not hold what it must, or a statement is wrong: our bug or a tampered database.
    #[error("the database holds something unexpected: {0}")]
    Corrupt(String),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Race(_) | StoreError::Unavailable(_) => Fault::new(
                FaultKind::Unavailable,
                "The service is unavailable for a moment. Nothing was changed; try again.",
            )
            .with_context(error),
            StoreError::Corrupt(_) => Fault::internal(error),
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
            Some(code) if *code == SqlState::READ_ONLY_SQL_TRANSACTION => Self::Unavailable(text),
            Some(_) => Self::Corrupt(text),
            None => Self::Unavailable(text),
        }
    }
}
