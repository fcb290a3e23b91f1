//! Jobs: rows that the worker takes. A job is claimed for a while, not removed; a worker that dies leaves a claim that lapses, or that
//! the next worker gives back when it begins, and the job is taken again. Jobs of one lane run one after another in the order of their ids.

use std::time::Duration;

use model::fault::Fault;
use model::job::{Job, JobKind};
use model::permission_set::PermissionSetId;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::params;
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO jobs (job_id, kind, lane, subject, attempts, run_at, claimed_until) VALUES (?1, ?2, ?3, ?4, 0, ?5, 0)";
    // The first job of each lane, unless it is claimed or not due: a lane's order is never overtaken. Beyond ?3 lies what was written
    // before the clock was set back.
    READY = "SELECT j.job_id, j.kind, j.lane, j.subject, j.attempts, j.run_at FROM jobs j
             WHERE (j.run_at <= ?1 OR j.run_at > ?3) AND (j.claimed_until <= ?1 OR j.claimed_until > ?3)
               AND NOT EXISTS (SELECT 1 FROM jobs e WHERE e.lane = j.lane AND e.job_id < j.job_id)
             ORDER BY j.job_id LIMIT ?2";
    CLAIM = "UPDATE jobs SET claimed_until = ?2, attempts = attempts + 1 WHERE job_id = ?1";
    RETRY = "UPDATE jobs SET claimed_until = 0, run_at = ?2 WHERE job_id = ?1";
    RELEASE = "UPDATE jobs SET claimed_until = 0 WHERE claimed_until > 0";
    DELETE = "DELETE FROM jobs WHERE job_id = ?1";
    COUNT = "SELECT COUNT(*) FROM jobs";
    ANY = "SELECT job_id FROM jobs LIMIT 1";
    FAN_OUT = "INSERT INTO jobs (job_id, kind, lane, subject, attempts, run_at, claimed_until)
               SELECT CAST(?1 AS TEXT) || '-' || p.account_id, CAST(?2 AS TEXT), p.account_id, CAST(?3 AS TEXT), 0, CAST(?4 AS BIGINT), 0
               FROM provisioned_permission_sets p WHERE p.permission_set_id = ?5";
    OTHERS = "SELECT job_id FROM jobs WHERE subject = ?1 AND job_id <> ?2 LIMIT 1";
}

/// No job is claimed or put off for longer. A time further ahead comes from a clock that was wrong, and would hold a job up until then.
const AHEAD_MAX: Duration = Duration::from_secs(120);

/// Adds a job, due at `now`.
pub fn insert(
    tx: &mut Tx<'_>,
    id: &str,
    kind: JobKind,
    (lane, subject): (&str, &str),
    now: Timestamp,
) -> Result<(), Fault> {
    tx.note_job();
    tx.execute_one(&INSERT, params![id, kind.as_str(), lane, subject, now])
}

/// Takes up to `limit` jobs that are due, at most one a lane, for `claim`.
pub fn claim(tx: &mut Tx<'_>, now: Timestamp, claim: Duration, limit: i64) -> Result<Vec<Job>, Fault> {
    let ready = tx.all(&READY, params![now, limit, now.plus(AHEAD_MAX)], |row| {
        Ok(Job {
            id: row.text(0)?,
            kind: row.word(1, JobKind::parse)?,
            lane: row.text(2)?,
            subject: row.text(3)?,
            attempts: row.int(4)?,
            run_at: row.time(5)?,
        })
    })?;
    for job in &ready {
        tx.execute_one(&CLAIM, params![&job.id, now.plus(claim)])?;
    }
    Ok(ready)
}

/// Gives every claimed job back. For a worker that begins, or does not know what it claimed: whoever else claimed them is most likely dead,
/// and where it is not, a job that two carry out is done by one of them.
pub fn release(tx: &mut Tx<'_>) -> Result<u64, Fault> {
    Ok(tx.execute(&RELEASE, params![])?)
}

/// Gives a job back, to run again at `run_at`; nothing happens to one that somebody has done.
pub fn retry(tx: &mut Tx<'_>, id: &str, run_at: Timestamp) -> Result<(), Fault> {
    tx.execute(&RETRY, params![id, run_at])?;
    Ok(())
}

/// Removes a job that is done. Belongs in the transaction that writes its result.
pub fn delete(tx: &mut Tx<'_>, id: &str) -> Result<(), Fault> {
    tx.execute_one(&DELETE, params![id])
}

/// Removes a job as the first step of carrying it out; `false` when somebody else has done so since it was claimed, who then has done
/// all of it.
pub fn take(tx: &mut Tx<'_>, id: &str) -> Result<bool, Fault> {
    Ok(tx.execute(&DELETE, params![id])? == 1)
}

/// Adds a job about `subject` in the lane of each account that holds the permission set; their ids begin with `id`.
pub fn fan_out(
    tx: &mut Tx<'_>,
    (id, kind): (&str, JobKind),
    subject: &str,
    set: &PermissionSetId,
    now: Timestamp,
) -> Result<u64, Fault> {
    tx.note_job();
    Ok(tx.execute(&FAN_OUT, params![id, kind.as_str(), subject, now, set.as_str()])?)
}

/// Whether jobs other than `id` are still about `subject`.
pub fn others(rx: &mut Rx<'_>, subject: &str, id: &str) -> Result<bool, StoreError> {
    rx.exists(&OTHERS, params![subject, id])
}

/// Whether any job waits or runs.
pub fn any(rx: &mut Rx<'_>) -> Result<bool, StoreError> {
    rx.exists(&ANY, params![])
}

/// How many jobs wait or run.
pub fn count(rx: &mut Rx<'_>) -> Result<u64, Fault> {
    Ok(rx.count(&COUNT, params![])?)
}
