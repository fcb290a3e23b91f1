//! Letters, until they are sent. What one says is sealed and its place is its own row; it goes with the end of the letter, however it ended.

use model::directory::user::UserId;
use model::fault::Fault;
use model::signin::letter::{LetterKind, LetterState};
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::{Row, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO mails (mail_id, kind, user_id, recipient, sealed_content, state, attempts, created_at, expires_at)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7, ?8)";
    FIND = "SELECT mail_id, kind, user_id, recipient, sealed_content, state, attempts, created_at, expires_at FROM mails WHERE mail_id = ?1";
    NOTE = "UPDATE mails SET attempts = attempts + 1, last_error = ?2 WHERE mail_id = ?1";
    END = "UPDATE mails SET state = ?2, sealed_content = NULL, last_error = ?3, ended_at = ?4 WHERE mail_id = ?1";
    OVERDUE = "SELECT mail_id FROM mails WHERE state = ?1 AND expires_at <= ?2 ORDER BY expires_at LIMIT 100";
    DELETE_BY_USER = "DELETE FROM mails WHERE user_id = ?1";
    DELETE_ENDED = "DELETE FROM mails WHERE mail_id IN (SELECT mail_id FROM mails WHERE ended_at < ?1 ORDER BY ended_at LIMIT 500)";
}

/// A letter as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Its id.
    pub id: String,
    /// Why it is sent.
    pub kind: LetterKind,
    /// To whom.
    pub user_id: UserId,
    /// To which address.
    pub recipient: String,
    /// What it says, sealed for its id; `None` once it ended.
    pub sealed_content: Option<Vec<u8>>,
    /// What became of it.
    pub state: LetterState,
    /// How often it was tried.
    pub attempts: i64,
    /// When it was written.
    pub created_at: Timestamp,
    /// From when on it is not worth sending.
    pub expires_at: Timestamp,
}

fn mail(row: &Row<'_>) -> Result<Mail, StoreError> {
    Ok(Mail {
        id: row.text(0)?,
        kind: row.word(1, LetterKind::parse)?,
        user_id: UserId::trusted(row.text(2)?),
        recipient: row.text(3)?,
        sealed_content: row.opt_blob(4)?,
        state: row.word(5, LetterState::parse)?,
        attempts: row.int(6)?,
        created_at: row.time(7)?,
        expires_at: row.time(8)?,
    })
}

/// Adds a letter.
pub fn insert(tx: &mut Tx<'_>, new: &Mail) -> Result<(), Fault> {
    tx.insert(
        &INSERT,
        params![
            &new.id,
            new.kind.as_str(),
            new.user_id.as_str(),
            &new.recipient,
            new.sealed_content.as_ref(),
            new.state.as_str(),
            new.created_at,
            new.expires_at
        ],
    )
}

/// The letter with this id.
pub fn find(rx: &mut Rx<'_>, id: &str) -> Result<Option<Mail>, StoreError> {
    rx.first(&FIND, params![id], mail)
}

/// Notes an attempt that came to nothing.
pub fn note(tx: &mut Tx<'_>, id: &str, error: &str) -> Result<(), Fault> {
    tx.execute(&NOTE, params![id, error])?;
    Ok(())
}

/// Ends a letter: what it says goes.
pub fn end(
    tx: &mut Tx<'_>,
    id: &str,
    (state, error): (LetterState, Option<&str>),
    now: Timestamp,
) -> Result<(), Fault> {
    tx.execute(&END, params![id, state.as_str(), error, now])?;
    Ok(())
}

/// Up to a hundred letters that wait and are not worth sending any more.
pub fn overdue(rx: &mut Rx<'_>, now: Timestamp) -> Result<Vec<String>, StoreError> {
    rx.all(&OVERDUE, params![LetterState::Waiting.as_str(), now], |row| row.text(0))
}

/// Removes the letters to a user, sent or not.
pub fn delete_by_user(tx: &mut Tx<'_>, user: &UserId) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_USER, params![user.as_str()])?;
    Ok(())
}

/// Removes up to [`crate::signin::sign_outs::EXPIRED_MAX`] letters that ended before `before`; how many.
pub fn delete_ended(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, Fault> {
    Ok(tx.execute(&DELETE_ENDED, params![before])?)
}
