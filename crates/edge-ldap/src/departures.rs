//! Who is taken away, at the end of a run, once it has read all: who may not sign in there is disabled here, who is not found any more too (a group is
//! emptied), and is deleted when they were not found for long. Whatever it is, the brake is asked first.

use directory::{groups, users};
use ldap::id::EntryId;
use model::directory::group::GroupId;
use model::directory::user::UserId;
use model::fault::Fault;
use model::sources::directory_sync::{ChangeKind, EntryKind, EntryStanding, SyncKind, SyncPhase, Taken};
use model::timestamp::Timestamp;
use outbound::ldap::directory::Directory as Connected;
use sources::directory_brake;
use sources::directory_connections::{connect, moment};
use store::directory::owners;
use store::sources::directory_entries::{self, Entry};
use store::sources::directory_members;
use store::tx::Tx;

use crate::members::{counted_empty, empty, leaving_losses, losses, lost_by};
use crate::people::{counted, disable, is_refusal};
use crate::run::{AT_ONCE, Noted, Run, Stop, change};

/// Whom a whole pass has not seen is not found from now on.
pub(crate) async fn lose_unseen(run: &mut Run) -> Result<(), Stop> {
    if run.is_dry() {
        return Ok(());
    }
    loop {
        let unseen = run
            .work
            .store
            .read(|rx| Ok(directory_entries::list_unseen(rx, &run.list, &run.sync.id, ("", AT_ONCE))?))?;
        if unseen.is_empty() {
            return Ok(());
        }
        let (list, ids) = (run.list.clone(), unseen.into_iter().map(|entry| entry.external_id));
        let ids: Vec<String> = ids.collect();
        run.note(Noted::default(), move |tx, cx| {
            directory_entries::lose(tx, &list, ids.iter().map(String::as_str), cx.now)
        })
        .await?;
    }
}

/// Takes away whom the brake lets pass.
pub(crate) async fn settle(run: &mut Run) -> Result<(), Stop> {
    run.sync.phase = SyncPhase::Departures;
    if run.is_dry() {
        return plan(run).await;
    }
    // Who is in which group is settled by now.
    require_let_pass(run, 0)?;
    disable_leaving(run).await?;
    match run.sync.kind {
        SyncKind::Full => {
            let since = directory_brake::long_gone((&run.directory, &run.sync), run.work.clock.now());
            delete_gone(run, since).await
        }
        SyncKind::Incremental | SyncKind::DryRun => Ok(()),
    }
}

/// Refuses to go on, before anything is taken away, where that would be more than may be: people, groups and memberships.
pub(crate) fn ask_brake(run: &Run) -> Result<(), Stop> {
    let losses = losses(run)?;
    if run.sync.kind != SyncKind::Incremental
        && let Some(why) = directory_brake::disbelieved_members(losses.going, losses.remaining)
    {
        return Err(Stop::Failed(why));
    }
    if run.is_dry() {
        return Ok(());
    }
    require_let_pass(run, losses.going)
}

fn require_let_pass(run: &Run, of_others: u64) -> Result<(), Stop> {
    let going = of_others + leaving_losses(run)?;
    let (of, now) = ((&run.directory, &run.sync), run.work.clock.now());
    let wanted = run.work.store.read(|rx| directory_brake::wanted(rx, of, (going, now)))?;
    if wanted.is_held() { Err(Stop::Held(wanted)) } else { Ok(()) }
}

/// A refusal is noted, and the run goes on; anything else ends it.
fn noted_refusal(noted: &mut Noted, entry: &Entry, result: Result<(), Fault>) -> Result<bool, Stop> {
    match result {
        Ok(()) => Ok(true),
        Err(fault) if is_refusal(&fault) => {
            noted.counts.skipped += 1;
            noted.changes.push(change(ChangeKind::Skip, entry, fault.message()));
            Ok(false)
        }
        Err(fault) => Err(fault.into()),
    }
}

async fn disable_leaving(run: &mut Run) -> Result<(), Stop> {
    let (mut asked, mut after) = (None, String::new());
    loop {
        let leaving =
            run.work.store.read(|rx| Ok(directory_entries::list_leaving(rx, &run.list, &after, AT_ONCE)?))?;
        let Some(last) = leaving.last() else { return Ok(()) };
        after.clone_from(&last.external_id);
        let mut noted = Noted::default();
        let (mut done, mut back) = (Vec::with_capacity(leaving.len()), Vec::new());
        for entry in leaving {
            if is_there(run, &mut asked, &entry).await? {
                // How they are there is for the next run that reads all.
                run.wants_full = true;
                back.push(entry.external_id);
                continue;
            }
            let lost = lost_by(run, &entry)?;
            let result = match entry.kind {
                EntryKind::User => disable(run, &entry).await,
                EntryKind::Group => empty(run, &entry).await,
            };
            if !noted_refusal(&mut noted, &entry, result)? {
                // What is the directory's and could not be done is tried again by the next run; of what is others' nothing more is to come.
                if !is_ours(run, &entry)? {
                    done.push(entry.external_id);
                }
                continue;
            }
            if entry.principal_id.is_some() {
                noted.counts.add(match entry.kind {
                    EntryKind::User => counted(1, 0),
                    EntryKind::Group => counted_empty(lost),
                });
            }
            done.push(entry.external_id);
        }
        let list = run.list.clone();
        run.note(noted, move |tx, _| {
            for id in &back {
                directory_entries::find_again(tx, &list, id)?;
            }
            done.iter().try_for_each(|id| directory_entries::set_standing(tx, &list, id, EntryStanding::Out))
        })
        .await?;
    }
}

/// Whether the user or group is there still, and the directory's.
fn is_ours(run: &Run, entry: &Entry) -> Result<bool, Fault> {
    let Some(id) = &entry.principal_id else { return Ok(false) };
    let owner = run.work.store.read(|rx| Ok(owners::find(rx, id)?))?;
    Ok(owner.is_some_and(|owner| owner.source == run.issuer))
}

/// Whether somebody whom a pass did not see is there all the same: who is moved from below one base to below another while it reads is in neither.
async fn is_there(run: &Run, asked: &mut Option<Connected>, entry: &Entry) -> Result<bool, Stop> {
    let Some(id) = EntryId::parse(&entry.external_id) else { return Ok(false) };
    if entry.gone_at.is_none() || entry.kind != EntryKind::User {
        return Ok(false);
    }
    let connected = match asked.take() {
        Some(connected) => connected,
        None => connect(&run.work.store, &run.work.outbound, &run.directory)?,
    };
    let found = connected.read(&id, moment(run.work.clock.now())?).await?;
    *asked = Some(connected);
    Ok(found.is_some())
}

async fn delete_gone(run: &mut Run, since: Timestamp) -> Result<(), Stop> {
    let mut after = String::new();
    loop {
        let gone = run
            .work
            .store
            .read(|rx| Ok(directory_entries::list_gone(rx, &run.list, since, (&after, AT_ONCE))?))?;
        let Some(last) = gone.last() else { return Ok(()) };
        after.clone_from(&last.external_id);
        let mut noted = Noted::default();
        let mut done = Vec::with_capacity(gone.len());
        for entry in gone {
            let result = delete(run, &entry).await;
            if noted_refusal(&mut noted, &entry, result)? {
                if entry.principal_id.is_some() {
                    noted.counts.add(counted(0, 1));
                }
            } else if is_ours(run, &entry)? {
                continue;
            }
            done.push(entry.external_id);
        }
        let list = run.list.clone();
        run.note(noted, move |tx, _| {
            done.iter().try_for_each(|id| {
                directory_members::delete_by_group(tx, &list, id)?;
                directory_entries::delete(tx, &list, id)
            })
        })
        .await?;
    }
}

async fn delete(run: &Run, entry: &Entry) -> Result<(), Fault> {
    let Some(id) = &entry.principal_id else { return Ok(()) };
    let (store, list, external_id) = (&run.work.store, run.list.clone(), entry.external_id.clone());
    let ours = run.still_ours();
    let still = move |tx: &mut Tx<'_>| {
        ours(tx)?;
        let now = directory_entries::find_each(tx, &list, [external_id.as_str()])?;
        let is_gone = now.get(&external_id).is_some_and(|entry| entry.gone_at.is_some());
        if is_gone { Ok(()) } else { Err(Fault::conflict("It was found in the directory again")) }
    };
    match entry.kind {
        EntryKind::User => {
            let which = (&UserId::trusted(id.as_str()), None);
            users::delete_if(store, &run.cx("DeleteUser"), &run.at, which, still).await
        }
        EntryKind::Group => {
            let which = (&GroupId::trusted(id.as_str()), None);
            groups::delete_if(store, &run.cx("DeleteGroup"), &run.at, which, still).await
        }
    }
}

/// What a dry run says of who would be taken away.
async fn plan(run: &mut Run) -> Result<(), Stop> {
    let now = run.work.clock.now();
    let since = directory_brake::long_gone((&run.directory, &run.sync), now);
    let directory = run.directory.id.as_str().to_owned();
    let mut wanted = 0;
    let mut after = String::new();
    loop {
        let leaving =
            run.work.store.read(|rx| Ok(directory_entries::list_leaving(rx, &run.list, &after, AT_ONCE)?))?;
        let Some(last) = leaving.last() else { break };
        after.clone_from(&last.external_id);
        let mut noted = Noted::default();
        for entry in &leaving {
            wanted += 1;
            noted.counts.disabled += 1;
            noted.changes.push(change(ChangeKind::Disable, entry, "disabled in the directory"));
        }
        run.note(noted, |_, _| Ok(())).await?;
    }
    after.clear();
    loop {
        let lists = (directory.as_str(), run.list.as_str());
        let missing =
            run.work.store.read(|rx| Ok(directory_entries::list_missing(rx, lists, (&after, AT_ONCE))?))?;
        let Some(last) = missing.last() else { break };
        after.clone_from(&last.external_id);
        let mut noted = Noted::default();
        for entry in &missing {
            let is_long_gone = entry.gone_at.is_some_and(|at| at <= since);
            match entry.standing {
                EntryStanding::Out if is_long_gone => {
                    noted.counts.deleted += 1;
                    noted.changes.push(change(
                        ChangeKind::Delete,
                        entry,
                        "not found in the directory for long",
                    ));
                }
                EntryStanding::Out => continue,
                EntryStanding::In | EntryStanding::Leaving => {
                    noted.counts.disabled += 1;
                    noted.counts.members_removed += lost_by(run, entry)?;
                    noted.changes.push(change(ChangeKind::Disable, entry, "not found in the directory"));
                }
            }
            wanted += 1;
        }
        run.note(noted, |_, _| Ok(())).await?;
    }
    let (of, memberships) = ((&run.directory, &run.sync), run.sync.counts.members_removed);
    let taken = Taken { entries: wanted, memberships };
    let wanted = run.work.store.read(|rx| directory_brake::allowed(rx, of, (taken, now)))?;
    run.sync.reason = wanted.would_be();
    Ok(())
}
