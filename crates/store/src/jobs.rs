//! Jobs: rows that the worker takes. A job is claimed for a while, not removed; a worker that dies leaves a claim that lapses, or that
//! the next worker gives back when it begins, and the job is taken again. Jobs of one lane run one after another in the order of their ids.

use std::collections::HashSet;
use std::time::Duration;

use model::accounts::permission_set::PermissionSetId;
use model::fault::Fault;
use model::job::{Job, JobKind, Queue};
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::{Row, list, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO jobs (job_id, kind, lane, subject, attempts, run_at, claimed_until) VALUES (?1, ?2, ?3, ?4, 0, ?5, 0)";
    // The first job of each lane behind ?4, unless it is claimed or not due: a lane's order is never overtaken. Steps from lane to lane, so
    // that a long lane costs as little as a short one, no further than to the last that is taken, and not out of the queue (?5). Nothing is joined that an engine could
    // take in another order. Beyond ?3 lies what was written before the clock was set back.
    READY = "WITH RECURSIVE lanes (lane) AS (
               SELECT MIN(lane) FROM jobs WHERE lane > ?4 AND lane < ?5
               UNION ALL
               SELECT (SELECT MIN(n.lane) FROM jobs n WHERE n.lane > l.lane AND n.lane < ?5) FROM lanes l WHERE l.lane IS NOT NULL)
             SELECT due FROM
               (SELECT (SELECT j.job_id FROM jobs j WHERE j.job_id = (SELECT MIN(f.job_id) FROM jobs f WHERE f.lane = l.lane)
                 AND (j.run_at <= ?1 OR j.run_at > ?3) AND (j.claimed_until <= ?1 OR j.claimed_until > ?3)) AS due FROM lanes l) firsts
             WHERE due IS NOT NULL LIMIT ?2";
    FIND = "SELECT job_id, kind, lane, subject, attempts, run_at FROM jobs WHERE job_id = ?1";
    CLAIM = "UPDATE jobs SET claimed_until = ?2, attempts = attempts + 1 WHERE job_id = ?1";
    // Every claim counts an attempt: by it a claim that lapsed is told from the one that came after.
    HOLD = "UPDATE jobs SET claimed_until = ?2 WHERE job_id = ?1 AND attempts = ?3";
    RETRY = "UPDATE jobs SET claimed_until = 0, run_at = ?2 WHERE job_id = ?1 AND attempts = ?3";
    RELEASE = "UPDATE jobs SET claimed_until = 0 WHERE claimed_until > 0 AND lane > ?1 AND lane < ?2";
    PUT_ASIDE = "UPDATE jobs SET lane = ?2 WHERE job_id = ?1";
    DELETE = "DELETE FROM jobs WHERE job_id = ?1";
    DELETE_LANE = "DELETE FROM jobs WHERE lane = ?1";
    COUNT = "SELECT COUNT(*) FROM jobs";
    COUNT_OF = "SELECT COUNT(*) FROM jobs WHERE lane > ?1 AND lane < ?2";
    // A connected account's job is in its own lane of another queue: ?6 begins it, ?7 is its kind.
    FAN_OUT = "INSERT INTO jobs (job_id, kind, lane, subject, attempts, run_at, claimed_until)
               SELECT CAST(?1 AS TEXT) || '-' || p.account_id, CASE WHEN c.account_id IS NULL THEN CAST(?2 AS TEXT) ELSE CAST(?7 AS TEXT) END,
               CASE WHEN c.account_id IS NULL THEN p.account_id ELSE CAST(?6 AS TEXT) || p.account_id END, CAST(?3 AS TEXT), 0, CAST(?4 AS BIGINT), 0
               FROM provisioned_permission_sets p LEFT JOIN account_connections c ON c.account_id = p.account_id WHERE p.permission_set_id = ?5";
    IN_LANE = "SELECT job_id FROM jobs WHERE lane = ?1 LIMIT 1";
    IN_LANES = "SELECT job_id FROM jobs WHERE lane IN (?1, ?2) LIMIT 1";
    // What is paused is in a lane behind those of every queue, so that nobody takes it and it holds up nothing.
    PAUSE = "UPDATE jobs SET lane = CAST(?2 AS TEXT) || lane WHERE subject = ?1 AND lane < CAST(?2 AS TEXT)";
    RESUME = "UPDATE jobs SET lane = substr(lane, 2), run_at = ?3 WHERE subject = ?1 AND lane >= CAST(?2 AS TEXT)";
    COUNT_ABOUT = "SELECT COUNT(*) FROM jobs WHERE subject = ?1";
    COUNT_PAUSED = "SELECT COUNT(*) FROM jobs WHERE subject = ?1 AND lane >= CAST(?2 AS TEXT)";
    DELETE_ABOUT = "DELETE FROM jobs WHERE subject = ?1";
    BUSY = "SELECT DISTINCT lane FROM jobs WHERE lane IN (SELECT value FROM json_each(?1))";
    OTHERS = "SELECT job_id FROM jobs WHERE subject = ?1 AND job_id <> ?2 LIMIT 1";
}

/// Adds a job, due at `now`.
pub fn insert(
    tx: &mut Tx<'_>,
    id: &str,
    kind: JobKind,
    (lane, subject): (&str, &str),
    now: Timestamp,
) -> Result<(), Fault> {
    tx.note_job(kind.queue());
    tx.execute_one(&INSERT, params![id, kind.as_str(), lane, subject, now])
}

/// What a worker takes at once.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// Of which queue.
    pub queue: Queue,
    /// The lane of the job taken last, or nothing: lanes behind it have their turn first, so that none waits for ever.
    pub after: &'a str,
    /// How many jobs at most, each of another lane.
    pub limit: usize,
    /// For how long.
    pub hold: Duration,
}

/// Takes jobs that are due, the first of each lane.
pub fn claim(tx: &mut Tx<'_>, now: Timestamp, claim: &Claim<'_>) -> Result<Vec<Job>, Fault> {
    let (begin, _) = claim.queue.lanes();
    let mut ids = ready(tx, now, claim.queue, (claim.after.max(begin), claim.limit))?;
    if ids.len() < claim.limit && claim.after > begin {
        // From the first lane on; those that were found just now are met again at the end.
        let rest = ready(tx, now, claim.queue, (begin, claim.limit))?;
        let further: Vec<String> = rest.into_iter().filter(|id| !ids.contains(id)).collect();
        ids.extend(further);
        ids.truncate(claim.limit);
    }
    let mut taken = Vec::with_capacity(ids.len());
    for id in ids {
        taken.extend(tx.first(&FIND, params![&id], job)?);
        tx.execute_one(&CLAIM, params![&id, now.plus(claim.hold)])?;
    }
    Ok(taken)
}

fn ready(
    rx: &mut Rx<'_>,
    now: Timestamp,
    queue: Queue,
    (after, limit): (&str, usize),
) -> Result<Vec<String>, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let (_, end) = queue.lanes();
    rx.all(&READY, params![now, limit, now.plus(queue.ahead_max()), after, end], |row| row.text(0))
}

fn job(row: &Row<'_>) -> Result<Job, StoreError> {
    Ok(Job {
        id: row.text(0)?,
        kind: row.word(1, JobKind::parse)?,
        lane: row.text(2)?,
        subject: row.text(3)?,
        attempts: row.int(4)?,
        run_at: row.time(5)?,
    })
}

/// Gives every claimed job of a queue back. For a worker that begins, or does not know what it claimed: whoever else claimed them is most likely dead,
/// and where it is not, a job that two carry out is done by one of them.
pub fn release(tx: &mut Tx<'_>, queue: Queue) -> Result<u64, Fault> {
    let (begin, end) = queue.lanes();
    Ok(tx.execute(&RELEASE, params![begin, end])?)
}

/// Holds a claimed job longer: it is still worked on. `false` when it is not ours any more: somebody has done it, or has claimed it since.
pub fn hold(tx: &mut Tx<'_>, job: &Job, until: Timestamp) -> Result<bool, Fault> {
    Ok(tx.execute(&HOLD, params![&job.id, until, job.attempts + 1])? == 1)
}

/// Gives a job back, to run again at `run_at`; nothing happens to one that somebody has done or has claimed since.
pub fn retry(tx: &mut Tx<'_>, job: &Job, run_at: Timestamp) -> Result<(), Fault> {
    tx.execute(&RETRY, params![&job.id, run_at, job.attempts + 1])?;
    Ok(())
}

/// Gives a job a lane of its own beside the one that it is in: it holds up nothing there any more. Nothing happens to one that somebody has done.
pub fn put_aside(tx: &mut Tx<'_>, job: &Job) -> Result<(), Fault> {
    let suffix = format!("/{}", job.id);
    if !job.lane.ends_with(&suffix) {
        tx.execute(&PUT_ASIDE, params![&job.id, &format!("{}{suffix}", job.lane)])?;
    }
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

/// Removes every job of a lane, with what it is about: whoever works on one finds it gone.
pub fn delete_lane(tx: &mut Tx<'_>, lane: &str) -> Result<(), Fault> {
    tx.execute(&DELETE_LANE, params![lane])?;
    Ok(())
}

/// Adds a job about `subject` in the lane of each account that holds the permission set; their ids begin with `id`.
pub fn fan_out(
    tx: &mut Tx<'_>,
    (id, kind): (&str, JobKind),
    subject: &str,
    set: &PermissionSetId,
    now: Timestamp,
) -> Result<u64, Fault> {
    tx.note_job(kind.queue());
    tx.note_job(Queue::Connected);
    let (begin, _) = Queue::Connected.lanes();
    let connected = JobKind::ConnectedProvisioning.as_str();
    Ok(tx.execute(&FAN_OUT, params![id, kind.as_str(), subject, now, set.as_str(), begin, connected])?)
}

/// Whether jobs other than `id` are still about `subject`.
pub fn others(rx: &mut Rx<'_>, subject: &str, id: &str) -> Result<bool, StoreError> {
    rx.exists(&OTHERS, params![subject, id])
}

/// What paused lanes begin with: behind the end of every queue ([`Queue::lanes`]).
const PAUSED: &str = "\u{80}";

/// How many jobs there are about something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About {
    /// All of them.
    pub all: u64,
    /// Those that are paused.
    pub paused: u64,
}

/// How many jobs are about `subject`.
pub fn about(rx: &mut Rx<'_>, subject: &str) -> Result<About, StoreError> {
    let all = rx.count(&COUNT_ABOUT, params![subject])?;
    Ok(About { all, paused: rx.count(&COUNT_PAUSED, params![subject, PAUSED])? })
}

/// Takes every job about `subject` out of its lane: nobody takes it, and what comes after it there goes on. One that is claimed is done to its end.
pub fn pause(tx: &mut Tx<'_>, subject: &str) -> Result<(), Fault> {
    tx.execute(&PAUSE, params![subject, PAUSED])?;
    Ok(())
}

/// Puts what was paused back into its lanes, of these queues, due at `now`.
pub fn resume(tx: &mut Tx<'_>, subject: &str, now: Timestamp, queues: &[Queue]) -> Result<(), Fault> {
    tx.execute(&RESUME, params![subject, PAUSED, now])?;
    for queue in queues {
        tx.note_job(*queue);
    }
    Ok(())
}

/// Removes every job about `subject`: whoever works on one finds it gone.
pub fn delete_about(tx: &mut Tx<'_>, subject: &str) -> Result<(), Fault> {
    tx.execute(&DELETE_ABOUT, params![subject])?;
    Ok(())
}

/// Whether any job of a lane waits, runs or is paused.
pub fn in_lane_or_paused(rx: &mut Rx<'_>, lane: &str) -> Result<bool, StoreError> {
    rx.exists(&IN_LANES, params![lane, &format!("{PAUSED}{lane}")])
}

/// Whether any job of a lane waits or runs.
pub fn in_lane(rx: &mut Rx<'_>, lane: &str) -> Result<bool, StoreError> {
    rx.exists(&IN_LANE, params![lane])
}

/// Whether there is a job of the queue to be taken.
pub fn is_ready(rx: &mut Rx<'_>, now: Timestamp, queue: Queue) -> Result<bool, StoreError> {
    let (begin, _) = queue.lanes();
    Ok(!ready(rx, now, queue, (begin, 1))?.is_empty())
}

/// In which of these lanes any job waits or runs.
pub fn busy<'a>(
    rx: &mut Rx<'_>,
    lanes: impl IntoIterator<Item = &'a str>,
) -> Result<HashSet<String>, StoreError> {
    Ok(rx.all(&BUSY, params![&list(lanes)], |row| row.text(0))?.into_iter().collect())
}

/// How many jobs wait or run.
pub fn count(rx: &mut Rx<'_>) -> Result<u64, Fault> {
    Ok(rx.count(&COUNT, params![])?)
}

/// How many jobs of a queue wait or run.
pub fn count_of(rx: &mut Rx<'_>, queue: Queue) -> Result<u64, Fault> {
    let (begin, end) = queue.lanes();
    Ok(rx.count(&COUNT_OF, params![begin, end])?)
}
