//! The applications that were told of a session by OpenID Connect. Whoever ends a session, or finds that one has ended by itself, has jobs written for them in the same transaction,
//! which tell them of it; a row stays until that is done.

use model::applications::application::ApplicationId;
use model::applications::oidc_participant::OidcParticipant;
use model::directory::user::UserId;
use model::fault::Fault;
use model::job::Queue;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::{list, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

/// A job for each that hears of it, due at once, in the lane of its application.
macro_rules! tell {
    ($which:literal) => {
        concat!(
            "INSERT INTO jobs (job_id, kind, lane, subject, attempts, run_at, claimed_until)
              SELECT p.participant_id, 'OIDC_LOGOUT', CAST(?2 AS TEXT) || p.application_id, p.participant_id, 0, 0, 0
              FROM oidc_participants p WHERE p.ended = 0 AND p.",
            $which
        )
    };
}

statements! {
    PUT = "INSERT INTO oidc_participants (participant_id, session_id, sid, application_id, user_id, ended, created_at, expires_at)
              VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7) ON CONFLICT DO NOTHING";
    FIND = "SELECT session_id, sid, application_id, user_id, ended, created_at, expires_at FROM oidc_participants WHERE participant_id = ?1";
    TELL_OF_SESSION = tell!("session_id = ?1");
    TELL_OF_USER = tell!("user_id = ?1");
    TELL_OF = tell!("participant_id IN (SELECT value FROM json_each(?1))");
    END_OF_SESSION = "UPDATE oidc_participants SET ended = 1 WHERE session_id = ?1 AND ended = 0";
    END_OF_USER = "UPDATE oidc_participants SET ended = 1 WHERE user_id = ?1 AND ended = 0";
    END_OF = "UPDATE oidc_participants SET ended = 1 WHERE participant_id IN (SELECT value FROM json_each(?1))";
    MOVE_ALL = "UPDATE oidc_participants SET session_id = ?2, expires_at = COALESCE((SELECT s.expires_at FROM portal_sessions s WHERE s.session_id = ?2), expires_at)
              WHERE session_id = ?1";
    DELETE = "DELETE FROM oidc_participants WHERE participant_id = ?1";
    DELETE_BY_APPLICATION = "DELETE FROM oidc_participants WHERE application_id = ?1";
    EXPIRED = "SELECT participant_id FROM oidc_participants WHERE expires_at <= ?1 AND ended = 0 ORDER BY expires_at LIMIT 500";
    ISSUED = "SELECT participant_id FROM oidc_participants WHERE created_at <= ?1 AND ended = 0 ORDER BY created_at LIMIT ?2";
}

/// Notes that an application was told of a session; once for each that it was told of.
pub fn put(tx: &mut Tx<'_>, new: &OidcParticipant) -> Result<(), Fault> {
    tx.execute(
        &PUT,
        params![
            &new.id,
            &new.session_id,
            &new.sid,
            new.application_id.as_str(),
            new.user_id.as_str(),
            new.created_at,
            new.expires_at
        ],
    )?;
    Ok(())
}

/// The one with this id.
pub fn find(rx: &mut Rx<'_>, id: &str) -> Result<Option<OidcParticipant>, StoreError> {
    rx.first(&FIND, params![id], |row| {
        Ok(OidcParticipant {
            id: id.to_owned(),
            session_id: row.text(0)?,
            sid: row.text(1)?,
            application_id: ApplicationId::trusted(row.text(2)?),
            user_id: UserId::trusted(row.text(3)?),
            has_ended: row.int(4)? != 0,
            created_at: row.time(5)?,
            expires_at: row.time(6)?,
        })
    })
}

/// A session ended: those that were told of it hear that.
pub(crate) fn end_session(tx: &mut Tx<'_>, session: &str) -> Result<(), Fault> {
    if tx.execute(&TELL_OF_SESSION, params![session, Queue::SignOuts.lanes().0])? > 0 {
        tx.note_job(Queue::SignOuts);
        tx.execute(&END_OF_SESSION, params![session])?;
    }
    Ok(())
}

/// Every session of a user ended.
pub(crate) fn end_user(tx: &mut Tx<'_>, user: &UserId) -> Result<(), Fault> {
    if tx.execute(&TELL_OF_USER, params![user.as_str(), Queue::SignOuts.lanes().0])? > 0 {
        tx.note_job(Queue::SignOuts);
        tx.execute(&END_OF_USER, params![user.as_str()])?;
    }
    Ok(())
}

/// Another session takes the place of one: its end is what those hear of that were told of this one.
pub(crate) fn move_all(tx: &mut Tx<'_>, session: &str, to: &str) -> Result<(), Fault> {
    tx.execute(&MOVE_ALL, params![session, to])?;
    Ok(())
}

/// Removes one: it has heard, or never will.
pub fn delete(tx: &mut Tx<'_>, id: &str) -> Result<(), Fault> {
    tx.execute(&DELETE, params![id])?;
    Ok(())
}

/// Removes those of an application.
pub(crate) fn delete_by_application(tx: &mut Tx<'_>, application: &ApplicationId) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_APPLICATION, params![application.as_str()])?;
    Ok(())
}

/// Sessions that ended by themselves by `now`: up to [`crate::signin::sign_outs::EXPIRED_MAX`] of those that were told of them hear that; how many.
pub fn end_expired(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, Fault> {
    let ids = tx.all(&EXPIRED, params![now], |row| row.text(0))?;
    end_all(tx, &ids)
}

/// What was issued until `at` is void: up to `limit` of those that were told of a session until then hear that; how many.
pub(crate) fn end_issued(tx: &mut Tx<'_>, at: Timestamp, limit: i64) -> Result<u64, Fault> {
    let ids = tx.all(&ISSUED, params![at, limit], |row| row.text(0))?;
    end_all(tx, &ids)
}

fn end_all(tx: &mut Tx<'_>, ids: &[String]) -> Result<u64, Fault> {
    if ids.is_empty() {
        return Ok(0);
    }
    let ids = list(ids.iter().map(String::as_str));
    tx.execute(&TELL_OF, params![&ids, Queue::SignOuts.lanes().0])?;
    tx.note_job(Queue::SignOuts);
    Ok(tx.execute(&END_OF, params![&ids])?)
}
