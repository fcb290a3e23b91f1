//! The applications that a session of a person was told to. They go with the session: whoever ends one reads them in the same
//! transaction.

use model::applications::application::ApplicationId;
use model::applications::saml_participant::SamlParticipant;
use model::directory::user::UserId;
use model::fault::Fault;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::{Row, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

/// The columns that [`participant`] reads.
macro_rules! columns {
    () => {
        "session_id, user_id, application_id, session_index, name_id, name_id_format, created_at"
    };
}

statements! {
    PUT = "INSERT INTO saml_participants (session_id, user_id, application_id, session_index, name_id, name_id_format, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
           ON CONFLICT (session_id, application_id, session_index) DO UPDATE SET name_id = excluded.name_id, name_id_format = excluded.name_id_format,
           created_at = excluded.created_at";
    OF_SESSION = concat!("SELECT ", columns!(), " FROM saml_participants WHERE session_id = ?1 ORDER BY application_id, session_index LIMIT 500");
    OF_USER = concat!("SELECT ", columns!(), " FROM saml_participants WHERE user_id = ?1 ORDER BY application_id, session_index LIMIT 500");
    NAMED = concat!("SELECT ", columns!(), " FROM saml_participants WHERE application_id = ?1 AND name_id = ?2 ORDER BY session_index LIMIT 500");
    NAMED_BY_INDEX = concat!("SELECT ", columns!(), " FROM saml_participants WHERE application_id = ?1 AND name_id = ?2 AND session_index = ?3 ORDER BY session_id LIMIT 500");
    MOVE_ALL = "UPDATE saml_participants SET session_id = ?2 WHERE session_id = ?1";
    DELETE_BY_SESSION = "DELETE FROM saml_participants WHERE session_id = ?1";
    DELETE_BY_USER = "DELETE FROM saml_participants WHERE user_id = ?1";
    DELETE_BY_APPLICATION = "DELETE FROM saml_participants WHERE application_id = ?1";
    DELETE_OF_EXPIRED_SESSIONS = "DELETE FROM saml_participants WHERE session_id IN
              (SELECT session_id FROM portal_sessions WHERE expires_at <= ?1 ORDER BY expires_at, session_id LIMIT 500)";
}

fn participant(row: &Row<'_>) -> Result<SamlParticipant, StoreError> {
    Ok(SamlParticipant {
        session_id: row.text(0)?,
        user_id: UserId::trusted(row.text(1)?),
        application_id: ApplicationId::trusted(row.text(2)?),
        session_index: row.text(3)?,
        name_id: row.text(4)?,
        name_id_format: row.text(5)?,
        created_at: row.time(6)?,
    })
}

/// Notes that an application was told of a session.
pub fn put(tx: &mut Tx<'_>, new: &SamlParticipant) -> Result<(), Fault> {
    tx.execute_one(
        &PUT,
        params![
            &new.session_id,
            new.user_id.as_str(),
            new.application_id.as_str(),
            &new.session_index,
            &new.name_id,
            &new.name_id_format,
            new.created_at
        ],
    )
}

/// The applications of a session.
pub fn of_session(rx: &mut Rx<'_>, session: &str) -> Result<Vec<SamlParticipant>, StoreError> {
    rx.all(&OF_SESSION, params![session], participant)
}

/// The applications of all sessions of a person.
pub fn of_user(rx: &mut Rx<'_>, user: &UserId) -> Result<Vec<SamlParticipant>, StoreError> {
    rx.all(&OF_USER, params![user.as_str()], participant)
}

/// How many [`named`] finds at most.
pub const NAMED_MAX: usize = 500;

/// What an application was told of a session that it calls so, of whom it calls so.
pub fn named_by_index(
    rx: &mut Rx<'_>,
    application: &ApplicationId,
    (name_id, session_index): (&str, &str),
) -> Result<Vec<SamlParticipant>, StoreError> {
    rx.all(&NAMED_BY_INDEX, params![application.as_str(), name_id, session_index], participant)
}

/// What an application was told of whom it calls so, [`NAMED_MAX`] at most.
pub fn named(
    rx: &mut Rx<'_>,
    application: &ApplicationId,
    name_id: &str,
) -> Result<Vec<SamlParticipant>, StoreError> {
    rx.all(&NAMED, params![application.as_str(), name_id], participant)
}

/// What was told of a session is told of another.
pub(crate) fn move_all(tx: &mut Tx<'_>, session: &str, to: &str) -> Result<(), Fault> {
    tx.execute(&MOVE_ALL, params![session, to])?;
    Ok(())
}

/// Removes those of a session.
pub(crate) fn delete_by_session(tx: &mut Tx<'_>, session: &str) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_SESSION, params![session])?;
    Ok(())
}

/// Removes those of a person.
pub(crate) fn delete_by_user(tx: &mut Tx<'_>, user: &UserId) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_USER, params![user.as_str()])?;
    Ok(())
}

/// Removes those of an application.
pub(crate) fn delete_by_application(tx: &mut Tx<'_>, application: &ApplicationId) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_APPLICATION, params![application.as_str()])?;
    Ok(())
}

/// Removes those of sessions that ended by `now`.
pub(crate) fn delete_of_expired_sessions(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), Fault> {
    tx.execute(&DELETE_OF_EXPIRED_SESSIONS, params![now])?;
    Ok(())
}
