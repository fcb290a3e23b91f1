//! Who is in which group: who those are here whom groups name as their members, and how many would be taken out. Each group is looked at when all was read,
//! and the brake is asked before anybody is taken out of any ([`crate::departures`]).

use std::collections::BTreeMap;

use directory::provisioned_groups::{self, GroupChange, Members, MembersChange, NamedMember};
use directory::provisioning::{Meant, external_id};
use model::directory::group::{Group, GroupId};
use model::directory::user::UserId;
use model::fault::Fault;
use model::sources::directory_sync::{ChangeKind, EntryKind, EntryStanding, SyncCounts, SyncPhase};
use store::sources::directory_entries::{self, Entry};
use store::sources::directory_members::{self, Member};
use store::tx::Rx;

use crate::groups::refusal;
use crate::run::{AT_ONCE, Noted, Run, Stop, change};

/// Members that a plan names at most; the rest is counted.
const SHOWN: usize = 100;

/// What groups would lose, of those who stay.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Losses {
    /// Memberships that would go.
    pub(crate) going: u64,
    /// Memberships that there would be.
    pub(crate) remaining: u64,
}

/// What the groups would lose of which members may have changed. Nothing is done.
pub(crate) fn losses(run: &Run) -> Result<Losses, Stop> {
    let (mut losses, mut after) = (Losses::default(), String::new());
    loop {
        let stale =
            run.work.store.read(|rx| Ok(directory_entries::list_stale(rx, &run.list, &after, AT_ONCE)?))?;
        let Some(last) = stale.last() else { return Ok(losses) };
        after.clone_from(&last.external_id);
        for group in stale.iter().filter(|group| group.standing == EntryStanding::In) {
            let seen = run.work.store.read(|rx| look(run, rx, group))?;
            losses.going += seen.going;
            losses.remaining += seen.remaining;
        }
    }
}

/// What the groups would lose that are emptied, since the directory has them no more.
pub(crate) fn leaving_losses(run: &Run) -> Result<u64, Stop> {
    let (mut going, mut after) = (0, String::new());
    loop {
        let leaving =
            run.work.store.read(|rx| Ok(directory_entries::list_leaving(rx, &run.list, &after, AT_ONCE)?))?;
        let Some(last) = leaving.last() else { return Ok(going) };
        after.clone_from(&last.external_id);
        for group in &leaving {
            going += lost_by(run, group)?;
        }
    }
}

/// How many of those who stay are in a group.
pub(crate) fn lost_by(run: &Run, group: &Entry) -> Result<u64, Fault> {
    let (EntryKind::Group, Some(id)) = (group.kind, &group.principal_id) else { return Ok(0) };
    run.work.store.read(|rx| {
        let there = provisioned_groups::all_of(rx, &GroupId::trusted(id.as_str()))?;
        let all = goes(&there, &Members::default());
        Ok(directory_entries::count_staying(rx, &run.list, all.iter().map(String::as_str))?)
    })
}

/// Says who is in which group, for each group of which that may have changed.
pub(crate) async fn settle_members(run: &mut Run) -> Result<(), Stop> {
    run.sync.phase = SyncPhase::Members;
    let mut after = String::new();
    loop {
        let stale =
            run.work.store.read(|rx| Ok(directory_entries::list_stale(rx, &run.list, &after, AT_ONCE)?))?;
        let Some(last) = stale.last() else { return Ok(()) };
        after.clone_from(&last.external_id);
        let mut noted = Noted::default();
        let mut looked_at = Vec::with_capacity(stale.len());
        for group in stale {
            settle_group(run, &mut noted, &group).await?;
            looked_at.push(group.external_id);
        }
        let list = run.list.clone();
        run.note(noted, move |tx, _| {
            looked_at.iter().try_for_each(|id| directory_entries::clear_stale(tx, &list, id))
        })
        .await?;
    }
}

/// Who should be in a group, who is, and whom nobody knows.
struct Seen {
    wanted: Members,
    there: Members,
    /// Those who are made by the same run: a dry run knows them by name alone.
    to_come: Vec<String>,
    unknown: u64,
    /// Keys that mean several entries, and therefore nobody.
    ambiguous: Vec<String>,
    /// Memberships that go of those who stay: whoever leaves is counted as a person.
    going: u64,
    /// Memberships that there are then of those who stay or are made.
    remaining: u64,
}

/// Those of the members whose key means one entry, and the keys that mean several.
fn plain(resolved: Vec<Member>) -> (Vec<Member>, Vec<String>) {
    let mut by_key: BTreeMap<String, Vec<Member>> = BTreeMap::new();
    for member in resolved {
        by_key.entry(member.key.clone()).or_default().push(member);
    }
    let (mut plain, mut ambiguous) = (Vec::with_capacity(by_key.len()), Vec::new());
    for (key, mut members) in by_key {
        match members.pop() {
            Some(member) if members.is_empty() => plain.push(member),
            _ => ambiguous.push(key),
        }
    }
    (plain, ambiguous)
}

fn look(run: &Run, rx: &mut Rx<'_>, group: &Entry) -> Result<Seen, Fault> {
    let named = directory_members::keys(rx, &run.list, &group.external_id)?.len();
    let (resolved, mut ambiguous) = plain(directory_members::resolved(rx, &run.list, &group.external_id)?);
    let unknown = u64::try_from(named.saturating_sub(resolved.len())).unwrap_or(u64::MAX);
    let (mut wanted, mut to_come) = (Members::default(), Vec::new());
    for member in resolved {
        match member.principal_id {
            Some(id) => insert(&mut wanted, member.kind, id),
            None => to_come.push(member.external_id),
        }
    }
    let mut gone = directory_members::gone(rx, &run.list, &group.external_id)?
        .into_iter()
        .filter_map(|member| Some((member.kind, member.principal_id?)))
        .collect::<Vec<_>>();
    if let Some(key) = &group.group_key {
        let primary = directory_entries::list_by_primary_group(rx, &run.list, key)?;
        let is_one_groups = directory_entries::count_by_group_key(rx, &run.list, key)? <= 1;
        if !is_one_groups {
            ambiguous.push(format!("primary group {key}"));
        }
        for entry in primary.into_iter().filter(|_| is_one_groups) {
            match (entry.gone_at, entry.principal_id) {
                (None, Some(id)) => insert(&mut wanted, EntryKind::User, id),
                (Some(_), Some(id)) => gone.push((EntryKind::User, id)),
                (_, None) => {}
            }
        }
    }
    let there = match &group.principal_id {
        Some(id) => provisioned_groups::all_of(rx, &GroupId::trusted(id.as_str()))?,
        None => Members::default(),
    };
    let remaining = wanted.users.len() + wanted.groups.len() + to_come.len();
    // Who is gone is in no group anew, and stays in what they are in: they are disabled, and may come back.
    for (kind, id) in gone {
        let is_there = match kind {
            EntryKind::User => there.users.contains(&UserId::trusted(id.as_str())),
            EntryKind::Group => there.groups.contains(&GroupId::trusted(id.as_str())),
        };
        if is_there {
            insert(&mut wanted, kind, id);
        }
    }
    let going = goes(&there, &wanted);
    let going = directory_entries::count_staying(rx, &run.list, going.iter().map(String::as_str))?;
    let remaining = u64::try_from(remaining).unwrap_or(u64::MAX);
    Ok(Seen { wanted, there, to_come, unknown, ambiguous, going, remaining })
}

fn insert(members: &mut Members, kind: EntryKind, id: String) {
    match kind {
        EntryKind::User => members.users.insert(UserId::trusted(id)),
        EntryKind::Group => members.groups.insert(GroupId::trusted(id)),
    };
}

/// Who is there and not wanted.
fn goes(there: &Members, wanted: &Members) -> Vec<String> {
    let users = there.users.difference(&wanted.users).map(|id| id.as_str().to_owned());
    users.chain(there.groups.difference(&wanted.groups).map(|id| id.as_str().to_owned())).collect()
}

async fn settle_group(run: &Run, noted: &mut Noted, group: &Entry) -> Result<(), Stop> {
    if group.standing != EntryStanding::In {
        return Ok(());
    }
    let seen = run.work.store.read(|rx| look(run, rx, group))?;
    noted.counts.members_unknown += seen.unknown;
    let mut refused = Vec::new();
    if !seen.ambiguous.is_empty() {
        refused.push(unclear(&seen.ambiguous));
    }
    if run.is_dry() {
        noted.counts.members_removed += seen.going;
        plan(run, noted, group, &seen)?;
    } else if let Some(id) = &group.principal_id
        && seen.wanted != seen.there
    {
        refused.extend(change_members(run, id, &seen).await?);
        noted.counts.members_changed += 1;
        noted.counts.members_removed += seen.going;
    }
    if !refused.is_empty() {
        noted.counts.skipped += 1;
        noted.changes.push(change(ChangeKind::Skip, group, refused.join("; ")));
    }
    Ok(())
}

/// What is said of keys that mean several entries.
fn unclear(keys: &[String]) -> String {
    format!(
        "Several entries of the directory are meant by each of these, and therefore none: {}",
        listed(keys, keys.len())
    )
}

/// The first names of so many, and how many more there are.
fn listed(names: &[String], all: usize) -> String {
    let mut said: Vec<&str> = names.iter().take(SHOWN).map(String::as_str).collect();
    let rest = all.saturating_sub(SHOWN.min(names.len()));
    let more = format!("{rest} more");
    if rest > 0 {
        said.push(&more);
    }
    said.join(", ")
}

/// Makes the members of a group those who are wanted; of whom nothing came.
async fn change_members(run: &Run, id: &str, seen: &Seen) -> Result<Vec<String>, Stop> {
    let all = named(&seen.wanted);
    let Err(why) = refusal(put(run, id, vec![MembersChange::Only(all)]).await)? else {
        return Ok(Vec::new());
    };
    // A directory may have circles of groups, or more of them than there can be here: the people first, then each group that fits.
    let users = Members {
        groups: seen.there.groups.intersection(&seen.wanted.groups).cloned().collect(),
        ..seen.wanted.clone()
    };
    let mut refused = match refusal(put(run, id, vec![MembersChange::Only(named(&users))]).await)? {
        Ok(_) => Vec::new(),
        Err(_) => vec![why],
    };
    for member in seen.wanted.groups.difference(&users.groups) {
        let add = vec![MembersChange::Add(vec![NamedMember::Group(member.clone())])];
        refused.extend(refusal(put(run, id, add).await)?.err());
    }
    Ok(refused)
}

fn named(members: &Members) -> Vec<NamedMember> {
    let users = members.users.iter().cloned().map(NamedMember::User);
    users.chain(members.groups.iter().cloned().map(NamedMember::Group)).collect()
}

/// Changes the members of a group, and nothing else of it.
async fn put(run: &Run, id: &str, members: Vec<MembersChange>) -> Result<Group, Fault> {
    let meant = Meant { id: GroupId::trusted(id), revision: None, issuer: run.issuer.clone() };
    let issuer = run.issuer.clone();
    let with = move |group: &Group| {
        Ok(GroupChange {
            display_name: group.display_name.clone(),
            external_id: external_id(&group.external_ids, &issuer).map(str::to_owned),
            members: members.clone(),
        })
    };
    provisioned_groups::change(&run.work.store, &run.cx("UpdateGroup"), &run.at, meant, with).await
}

/// What a dry run says of the members of a group.
fn plan(run: &Run, noted: &mut Noted, group: &Entry, seen: &Seen) -> Result<(), Fault> {
    let come: Vec<String> = seen
        .wanted
        .users
        .difference(&seen.there.users)
        .map(|id| id.as_str().to_owned())
        .chain(seen.wanted.groups.difference(&seen.there.groups).map(|id| id.as_str().to_owned()))
        .collect();
    let go = goes(&seen.there, &seen.wanted);
    if come.is_empty() && go.is_empty() && seen.to_come.is_empty() {
        return Ok(());
    }
    let new = run.work.store.read(|rx| {
        let ids = seen.to_come.iter().take(SHOWN).map(String::as_str);
        let mut names: Vec<String> =
            directory_entries::find_each(rx, &run.list, ids)?.into_values().map(|entry| entry.name).collect();
        names.sort_unstable();
        Ok(names)
    })?;
    let shown = |what: &str, names: &[String], all: usize| {
        (all > 0).then(|| format!("{what}: {}", listed(names, all)))
    };
    let said = [
        shown("come", &come, come.len()),
        shown("come who are made by the run", &new, seen.to_come.len()),
        shown("go", &go, go.len()),
    ];
    noted.counts.members_changed += 1;
    let said = said.into_iter().flatten().collect::<Vec<_>>().join("; ");
    noted.changes.push(change(ChangeKind::Members, group, said));
    Ok(())
}

/// Takes everybody out of a group that the directory has no more.
pub(crate) async fn empty(run: &Run, entry: &Entry) -> Result<(), Fault> {
    let Some(id) = &entry.principal_id else { return Ok(()) };
    put(run, id, vec![MembersChange::Only(Vec::new())]).await.map(|_| ())
}

/// What a run counts of a group that was emptied, of so many who stay.
pub(crate) fn counted_empty(members_removed: u64) -> SyncCounts {
    SyncCounts { disabled: 1, members_removed, ..SyncCounts::default() }
}
