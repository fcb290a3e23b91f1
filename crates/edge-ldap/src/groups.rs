//! Groups of a directory: made and renamed as they are read, with their members as the directory names them. Who those are here, when all of it was read,
//! is in [`crate::members`]. Members that no entry in scope is are kept by name: whoever comes into scope later is in the group then.

use std::collections::BTreeSet;

use directory::foreseen::{self, ForeseenGroup, Named};
use directory::provisioned_groups::{self, GroupChange};
use directory::provisioning::Meant;
use ldap::found::{self, Member};
use model::directory::group::{Group, GroupId};
use model::fault::Fault;
use model::name_key::name_key;
use model::sources::directory_sync::{ChangeKind, EntryKind, EntryStanding, SyncChange, SyncKind};
use store::directory::external_ids::Holder;
use store::sources::directory_entries::{self, Entry};
use store::sources::directory_members;

use crate::people::{account_key, dn_key, is_refusal, short};
use crate::run::{Noted, Run, Stop};

/// What a group names as its members is written so.
struct Taken {
    entry: Entry,
    came: Vec<String>,
    went: Vec<String>,
    rename: Option<String>,
}

/// Makes and renames the groups of a page.
pub(crate) async fn take(run: &mut Run, groups: Vec<found::Group>) -> Result<(), Stop> {
    let mut noted = Noted::default();
    let mut all = Vec::with_capacity(groups.len());
    for group in groups {
        noted.counts.read += 1;
        let taken = take_one(run, &mut noted, &group).await?;
        all.push(taken);
    }
    let list = run.list.clone();
    let renames: Vec<(String, String)> = all
        .iter()
        .filter_map(|taken| taken.rename.clone().map(|old| (old, taken.entry.dn_key.clone())))
        .collect();
    run.note(noted, move |tx, _| {
        for Taken { entry, came, went, .. } in &all {
            directory_entries::put(tx, &list, entry)?;
            let at = (list.as_str(), entry.external_id.as_str());
            directory_members::delete_each(tx, at, went.iter().map(String::as_str))?;
            directory_members::insert_each(tx, at, came.iter().map(String::as_str))?;
        }
        directory_members::rename_each(tx, &list, &renames)?;
        let names = all.iter().map(|taken| taken.entry.dn_key.as_str());
        directory_entries::make_stale(tx, &list, names)
    })
    .await
}

async fn take_one(run: &mut Run, noted: &mut Noted, group: &found::Group) -> Result<Taken, Stop> {
    let name = group.name.clone().unwrap_or_else(|| group.dn.first_value());
    let (before, foreseen, there) = run.work.store.read(|rx| {
        let before =
            directory_entries::find_each(rx, &run.list, [group.id.as_str()])?.remove(group.id.as_str());
        let called = Named {
            store_id: &run.directory.identity_store_id,
            issuer: &run.issuer,
            external_id: group.id.as_str(),
        };
        let mut foreseen = foreseen::group(rx, &run.cx("UpdateGroup"), called, &name)?;
        if run.is_dry() && foreseen == ForeseenGroup::Create {
            let key = (EntryKind::Group, short(&name_key(&name)));
            let twin =
                directory_entries::find_other_by_name(rx, &run.list, (key.0, &key.1), group.id.as_str())?;
            if twin.is_some() {
                let why = format!(
                    "Another group of the directory has the name {name} too: it is one group's alone"
                );
                foreseen = ForeseenGroup::Refused { group: None, why };
            }
        }
        Ok((before, foreseen, directory_members::keys(rx, &run.list, group.id.as_str())?))
    })?;
    let principal_id = made(run, noted, (group, &name), foreseen).await?;
    let wanted: BTreeSet<String> = group.members.iter().map(key).collect();
    let came: Vec<String> = wanted.difference(&there).cloned().collect();
    let went: Vec<String> = there.difference(&wanted).cloned().collect();
    if run.sync.kind == SyncKind::Incremental && is_doubtful(run, &came, &went)? {
        // A unit that was moved: its people have other names there of which no change tells.
        run.wants_full = true;
        let (came, went) = (Vec::new(), Vec::new());
        let entry = entry(run, (group, name), (principal_id, before.as_ref()), false);
        return Ok(Taken { entry, came, went, rename: None });
    }
    let rename = before.as_ref().map(|before| before.dn_key.clone()).filter(|old| *old != dn_key(&group.dn));
    let entry = entry(run, (group, name), (principal_id, before.as_ref()), true);
    Ok(Taken { entry, came, went, rename })
}

fn key(member: &Member) -> String {
    match member {
        Member::Dn(dn) => dn_key(dn),
        Member::Account(name) => account_key(name),
    }
}

/// Whether members that are known went while others came that are not: they may be the same.
fn is_doubtful(run: &Run, came: &[String], went: &[String]) -> Result<bool, Fault> {
    if came.is_empty() || went.is_empty() {
        return Ok(false);
    }
    run.work.store.read(|rx| {
        let known_came = directory_members::known(rx, &run.list, came.iter().map(String::as_str))?;
        let known_went = directory_members::known(rx, &run.list, went.iter().map(String::as_str))?;
        Ok(known_came.len() < came.len() && !known_went.is_empty())
    })
}

fn entry(
    run: &Run,
    (group, name): (&found::Group, String),
    (principal_id, before): (Option<String>, Option<&Entry>),
    is_stale: bool,
) -> Entry {
    Entry {
        external_id: group.id.as_str().to_owned(),
        kind: EntryKind::Group,
        principal_id,
        name_key: short(&name_key(&name)),
        name: short(&name),
        dn_key: dn_key(&group.dn),
        account_key: None,
        principal_name_key: None,
        email_key: None,
        group_key: group.key.as_ref().map(|key| key.as_str().to_owned()),
        primary_group: None,
        standing: EntryStanding::In,
        is_stale: is_stale || before.is_some_and(|before| before.is_stale),
        seen: run.sync.id.clone(),
        gone_at: None,
    }
}

/// The group here, once what is foreseen is done.
async fn made(
    run: &Run,
    noted: &mut Noted,
    (group, name): (&found::Group, &str),
    foreseen: ForeseenGroup,
) -> Result<Option<String>, Stop> {
    let note = |kind, detail: String, id: Option<&GroupId>| SyncChange {
        kind,
        entry: EntryKind::Group,
        external_id: group.id.as_str().to_owned(),
        name: name.to_owned(),
        principal_id: id.map(|id| id.as_str().to_owned()),
        detail,
    };
    let id = match &foreseen {
        ForeseenGroup::Create => None,
        ForeseenGroup::AsIs(group) | ForeseenGroup::Change(group) => Some(group.id.clone()),
        ForeseenGroup::Refused { group, .. } => group.clone(),
    };
    let change = GroupChange {
        display_name: name.to_owned(),
        external_id: Some(group.id.as_str().to_owned()),
        members: Vec::new(),
    };
    let (store, at) = (&run.work.store, &run.at);
    let done = match foreseen {
        ForeseenGroup::AsIs(_) => {
            noted.counts.unchanged += 1;
            return Ok(id.map(Into::into));
        }
        ForeseenGroup::Refused { why, .. } => Err(why),
        ForeseenGroup::Create if run.is_dry() => {
            noted.counts.created += 1;
            noted.changes.push(note(ChangeKind::Create, String::new(), None));
            return Ok(None);
        }
        ForeseenGroup::Change(before) if run.is_dry() => {
            noted.counts.updated += 1;
            let detail = format!("DisplayName: {} becomes {name}", before.display_name);
            noted.changes.push(note(ChangeKind::Update, detail, Some(&before.id)));
            return Ok(id.map(Into::into));
        }
        ForeseenGroup::Create => {
            let cx = run.cx("CreateGroup");
            refusal(provisioned_groups::create(store, &cx, at, (change, run.issuer.clone())).await)?
                .inspect(|_| noted.counts.created += 1)
        }
        ForeseenGroup::Change(before) => {
            let meant = Meant { id: before.id, revision: None, issuer: run.issuer.clone() };
            let cx = run.cx("UpdateGroup");
            let with = move |_: &Group| Ok(change.clone());
            refusal(provisioned_groups::change(store, &cx, at, meant, with).await)?
                .inspect(|_| noted.counts.updated += 1)
        }
    };
    match done {
        Ok(group) => Ok(Some(group.id.into())),
        Err(why) => {
            if id.is_none()
                && let Some(made) = run.made_meanwhile(Holder::Group, group.id.as_str())?
            {
                noted.counts.unchanged += 1;
                return Ok(Some(made));
            }
            noted.counts.skipped += 1;
            noted.changes.push(note(ChangeKind::Skip, why, id.as_ref()));
            Ok(id.map(Into::into))
        }
    }
}

/// A refusal as a sentence; what is said of more than this one ends the run.
pub(crate) fn refusal<T>(result: Result<T, Fault>) -> Result<Result<T, String>, Stop> {
    match result {
        Ok(done) => Ok(Ok(done)),
        Err(fault) if is_refusal(&fault) => Ok(Err(fault.message().to_owned())),
        Err(fault) => Err(fault.into()),
    }
}
