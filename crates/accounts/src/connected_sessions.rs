//! Sessions that the STS of a connected account gave: noted before they are given, so that whoever loses what they reached loses these too, at once. By level, not by
//! event: every few moments it is looked whose session lives while its person is not let in, or reaches the permission set there no more, whatever the reason
//! was. RevokeUserRoleSessions does the same for somebody who keeps their access.

use std::collections::BTreeSet;

use broker::aws::access::Reach;
use broker::aws::revocation;
use model::accounts::account::AccountId;
use model::cx::Cx;
use model::directory::user::UserId;
use model::entropy::uuid_by_time;
use model::event::EventHead;
use model::fault::Fault;
use model::instances::instance::InstanceId;
use model::job::{Job, JobKind};
use policy::require::Action;
use serde_json::json;
use store::accounts::connected_sessions::{self, Place};
use store::db::Store;
use store::tx::Tx;

use crate::account_connections::KIND;
use crate::connected_work::{ATTEMPTS_MAX, Ended, Known, account_of, drop_job, lane_of_sessions, wait};
use crate::instance::guarded;
use crate::provisioning::{is_superseded, superseded};

/// Sessions that are looked at in one transaction.
const BATCH: i64 = 200;

/// Makes sessions void: by rows now, in their accounts by a job each role.
fn revoke_in(tx: &mut Tx<'_>, cx: &Cx, sessions: &[Place]) -> Result<(), Fault> {
    let mut roles = BTreeSet::new();
    for session in sessions {
        connected_sessions::revoke(tx, session, cx.now)?;
        roles.insert((session.0.clone(), session.1.clone()));
    }
    refresh(tx, cx, roles)
}

/// Has roles say anew which of their sessions are void.
fn refresh(tx: &mut Tx<'_>, cx: &Cx, roles: BTreeSet<(AccountId, String)>) -> Result<(), Fault> {
    for (account, role) in roles {
        if store::accounts::account_connections::exists(tx, &account)? {
            let job = uuid_by_time(cx.entropy(), cx.now).to_string();
            store::jobs::insert(
                tx,
                &job,
                JobKind::SessionRevocation,
                (&lane_of_sessions(&account), &role),
                cx.now,
            )?;
        }
    }
    Ok(())
}

/// RevokeUserRoleSessions: how many names of sessions are void now.
pub async fn revoke(
    store: &Store,
    cx: &Cx,
    instance: &InstanceId,
    (user, account): (&UserId, Option<&AccountId>),
) -> Result<usize, Fault> {
    let (instance, user, account) = (instance.clone(), user.clone(), account.cloned());
    store
        .write(cx, move |tx, cx| {
            guarded(tx, cx, Action("portico:RevokeUserRoleSessions"), &instance)?;
            let sessions = connected_sessions::of_user(tx, &user, account.as_ref(), cx.now)?;
            revoke_in(tx, cx, &sessions)?;
            cx.event().touch("AWS::IdentityStore::User", user.as_str());
            cx.event().respond(json!({"revokedSessions": sessions.len()}));
            Ok(sessions.len())
        })
        .await
}

/// Looks whose sessions outlive what they reached, and which have ended; how many there were.
pub async fn sweep(store: &Store, cx: &Cx) -> Result<usize, Fault> {
    let is_any = store.read(|rx| {
        Ok(!connected_sessions::lost(rx, cx.now, 1)?.is_empty()
            || !connected_sessions::ended(rx, cx.now, 1)?.is_empty())
    })?;
    if !is_any {
        return Ok(0);
    }
    let settle = |tx: &mut Tx<'_>, cx: &Cx| {
        let lost = connected_sessions::lost(tx, cx.now, BATCH)?;
        revoke_in(tx, cx, &lost)?;
        let ended = connected_sessions::ended(tx, cx.now, BATCH)?;
        let mut roles = BTreeSet::new();
        for (session, was_void) in &ended {
            connected_sessions::delete(tx, session)?;
            if *was_void {
                roles.insert((session.0.clone(), session.1.clone()));
            }
        }
        refresh(tx, cx, roles)?;
        Ok(lost.len() + ended.len())
    };
    store.maintain(cx, settle).await
}

/// Carries out a job: has one role say which of its sessions are void. An error means that it could not be tried (the database is away): the job runs again.
pub async fn run_one(store: &Store, cx: &Cx, reach: &Reach, job: &Job) -> Result<Ended, Fault> {
    let account = account_of(job)?;
    let read = store.read(|rx| {
        let role = store::accounts::roles::find(rx, &account, &job.subject)?;
        let sessions = connected_sessions::revoked(rx, &account, &job.subject, cx.now)?;
        // A role that is gone took its sessions along.
        role.map(|role| Ok((Known::read(rx, &account)?, role, sessions))).transpose()
    })?;
    let Some((known, role, sessions)) = read else { return drop_job(store, cx, job).await };
    let beside = role.inline_policies.iter().map(|(_, text)| text.to_string().len()).sum();
    let place = (role.name.as_str(), role.path.as_str(), known.instance.id.as_str());
    let outcome = match revocation::put(&known.access, reach, place, (&sessions, beside)).await {
        // For as long as any of them lives: nobody else would think of it.
        Err(failure) if failure.passes && (!sessions.is_empty() || job.attempts < ATTEMPTS_MAX) => {
            tracing::info!(job = job.id, attempts = job.attempts, %failure, "sessions are revoked again");
            return Ok(Ended::Later(wait(cx, job.attempts)));
        }
        Err(failure) => {
            tracing::error!(%account, role = role.name.as_str(), %failure, "sessions that should be void are not");
            Some(failure.to_string())
        }
        Ok(()) => None,
    };
    let head = EventHead::of_service("sso.amazonaws.com", "RoleSessionRevocation");
    let job = job.clone();
    let written = store
        .write(&cx.with_event(head), move |tx, cx| {
            if !store::jobs::take(tx, &job.id)? {
                return Err(superseded());
            }
            let event = cx.event();
            event.touch(KIND, account.as_str());
            event.touch("AWS::IAM::Role", role.arn());
            event.detail("accountId", account.as_str());
            let names: Vec<&str> = sessions.iter().map(|(name, _)| name.as_str()).collect();
            event.detail("sessions", json!(names));
            if let Some(reason) = &outcome {
                event.detail("failureReason", reason.as_str());
            }
            Ok(())
        })
        .await;
    written.or_else(|fault| if is_superseded(&fault) { Ok(()) } else { Err(fault) })?;
    Ok(Ended::Done)
}
