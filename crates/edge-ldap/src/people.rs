//! People of a directory as they are read: made, changed, or left as they are, each by `directory`'s rules in a transaction of their own; and the entry by
//! which they are found again. Nobody is disabled here: who may not sign in there is marked, for [`crate::departures`].

use std::collections::HashMap;

use aws_lc_rs::digest::{SHA256, digest};
use directory::foreseen::{self, Foreseen, Named};
use directory::provisioning::{self, Meant, Person};
use ldap::found;
use ldap::mapping::Field;
use model::directory::user::{User, UserId, UserStatus};
use model::fault::{Fault, FaultKind};
use model::id::hex;
use model::name_key::name_key;
use model::sources::directory_sync::{ChangeKind, EntryKind, EntryStanding, SyncCounts};
use store::directory::external_ids::Holder;
use store::directory::users;
use store::sources::directory_entries::{self, Entry};
use store::sources::directory_members;
use store::tx::{Rx, Tx};
use tokio::task::JoinSet;

use crate::profiles::profile;
use crate::run::{Noted, Run, Stop, change};

/// Changes that are under way at once: they are committed together.
const SIDE_BY_SIDE: usize = 64;

/// Bytes of a key at most: an index takes no longer ones, and one entry must not end a run.
const KEY_MAX: usize = 512;

/// By what members name an entry. Names that no index takes are known by their hash.
pub(crate) fn dn_key(dn: &ldap::dn::Dn) -> String {
    let key = dn.key();
    if key.len() <= KEY_MAX && !key.contains('\0') {
        return format!("d:{key}");
    }
    format!("h:{}", hex(digest(&SHA256, key.as_bytes()).as_ref()))
}

/// By what members name an account.
pub(crate) fn account_key(name: &str) -> String {
    format!("a:{}", short(&name_key(name)))
}

/// As much of a text as an index takes. Nobody here has a longer name: what is cut belongs to an entry of which nothing comes.
pub(crate) fn short(text: &str) -> String {
    let mut end = text.len().min(KEY_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().replace('\0', "")
}

/// What is decided of a person.
struct Decided {
    entry: Entry,
    before: Option<Entry>,
    foreseen: Foreseen,
    /// Whether they may sign in there.
    is_enabled: bool,
}

/// Makes and changes the people of a page.
pub(crate) async fn take(run: &mut Run, people: Vec<found::Person>) -> Result<(), Stop> {
    let decided = decide(run, people)?;
    let mut noted = Noted::default();
    let mut entries = Vec::with_capacity(decided.len());
    let mut under_way = JoinSet::new();
    let mut waiting = decided.into_iter();
    loop {
        while under_way.len() < SIDE_BY_SIDE {
            let Some(one) = waiting.next() else { break };
            if run.is_dry() || !is_work(&one.foreseen) {
                entries.push(settled(&mut noted, one, Ok(None)));
            } else {
                under_way.spawn(carried_out(run, one));
            }
        }
        let Some(done) = under_way.join_next().await else { break };
        let (mut one, mut result) = done.map_err(Fault::internal)?;
        if result.is_err() && matches!(one.foreseen, Foreseen::Create(_)) {
            let id = run.made_meanwhile(Holder::User, &one.entry.external_id)?.map(UserId::trusted);
            let store_id = &run.directory.identity_store_id;
            let found =
                id.map(|id| run.work.store.read(|rx| Ok(users::find(rx, store_id, &id)?))).transpose()?;
            if let Some(user) = found.flatten() {
                one.entry.principal_id = Some(user.id.as_str().to_owned());
                (one.foreseen, result) = (Foreseen::AsIs(Box::new(user)), Ok(None));
            }
        }
        match result {
            Err(fault) if !is_refusal(&fault) => return Err(fault.into()),
            result => entries.push(settled(&mut noted, one, result)),
        }
    }
    write(run, noted, entries).await
}

/// Whether something is to be done.
const fn is_work(foreseen: &Foreseen) -> bool {
    matches!(foreseen, Foreseen::Create(_) | Foreseen::Change { .. })
}

/// Whether it is said of this one alone, and the run goes on.
pub(crate) fn is_refusal(fault: &Fault) -> bool {
    !matches!(fault.kind(), FaultKind::Unavailable | FaultKind::Internal)
}

fn decide(run: &Run, people: Vec<found::Person>) -> Result<Vec<Decided>, Stop> {
    let cx = run.cx("UpdateUser");
    let decided = run.work.store.read(|rx| {
        let ids = people.iter().map(|person| person.id.as_str());
        let mut before = directory_entries::find_each(rx, &run.list, ids)?;
        let mut decided = Vec::with_capacity(people.len());
        for person in people {
            let before = before.remove(person.id.as_str());
            let foreseen = foresee(run, rx, &cx, &person)?;
            let entry = entry(run, &person, (before.as_ref(), &foreseen));
            decided.push(Decided { entry, before, foreseen, is_enabled: person.state.is_enabled() });
        }
        Ok(decided)
    })?;
    if !run.is_dry() {
        return Ok(decided);
    }
    Ok(refuse_twins(run, decided)?)
}

fn foresee(
    run: &Run,
    rx: &mut Rx<'_>,
    cx: &model::cx::Cx,
    person: &found::Person,
) -> Result<Foreseen, Fault> {
    let called = Named {
        store_id: &run.directory.identity_store_id,
        issuer: &run.issuer,
        external_id: person.id.as_str(),
    };
    let manager = manager(run, rx, person)?;
    foreseen::person(rx, cx, called, |before| {
        let status = match (person.state.is_enabled(), before) {
            (true, _) => UserStatus::Enabled,
            // Not yet: the brake is asked first.
            (false, Some(before)) => before.status,
            (false, None) => UserStatus::Disabled,
        };
        Ok(Person {
            profile: profile(person, before.map(|before| &before.profile), manager.as_deref())?,
            status,
            external_id: Some(person.id.as_str().to_owned()),
        })
    })
}

/// Who a person reports to, if they are here.
fn manager(run: &Run, rx: &mut Rx<'_>, person: &found::Person) -> Result<Option<String>, Fault> {
    let Some(named) = person.fields.get(&Field::Manager).and_then(|values| values.first()) else {
        return Ok(None);
    };
    let Ok(dn) = ldap::dn::Dn::parse(named) else { return Ok(None) };
    let found = directory_entries::find_by_dn(rx, &run.list, &dn_key(&dn))?;
    Ok(found.filter(|entry| entry.kind == EntryKind::User).and_then(|entry| entry.principal_id))
}

/// Two who would have one name, or one address, of whom a run that makes the first refuses the second.
fn refuse_twins(run: &Run, mut decided: Vec<Decided>) -> Result<Vec<Decided>, Fault> {
    let mut names: HashMap<String, String> = HashMap::new();
    for one in &mut decided {
        if !matches!(one.foreseen, Foreseen::Create(_)) {
            continue;
        }
        let entry = &one.entry;
        let mut keys = vec![format!("n{}", entry.name_key)];
        keys.extend(entry.email_key.as_ref().map(|email| format!("e{email}")));
        let mut twin = keys.iter().find_map(|key| names.get(key).cloned());
        if twin.is_none() {
            twin = run.work.store.read(|rx| {
                let own = &entry.external_id;
                let name = (EntryKind::User, entry.name_key.as_str());
                let by_name = directory_entries::find_other_by_name(rx, &run.list, name, own)?;
                let by_email = match &entry.email_key {
                    Some(email) => directory_entries::find_other_by_email(rx, &run.list, email, own)?,
                    None => None,
                };
                Ok(by_name.or(by_email).map(|other| other.name))
            })?;
        }
        match twin {
            Some(other) => {
                let why = format!(
                    "Its user name or e-mail address is that of {other} in the directory too: it is one person's alone"
                );
                one.foreseen = Foreseen::Refused { user: None, why };
            }
            None => names.extend(keys.into_iter().map(|key| (key, entry.name.clone()))),
        }
    }
    Ok(decided)
}

/// The entry of a person, before anything is done to them.
fn entry(run: &Run, person: &found::Person, (before, foreseen): (Option<&Entry>, &Foreseen)) -> Entry {
    let (user, status) = match foreseen {
        Foreseen::Create(person) => (None, person.status),
        Foreseen::AsIs(user) => (Some(&user.id), user.status),
        Foreseen::Change { user, person, .. } => (Some(&user.id), person.status),
        // Whatever else is wrong with them, who may not sign in there does not here: whether they may still, the run finds out at its end.
        Foreseen::Refused { user: Some(user), .. } => (Some(user), UserStatus::Enabled),
        Foreseen::Refused { user: None, .. } => (None, UserStatus::Disabled),
    };
    let standing = match (person.state.is_enabled(), status) {
        (true, _) => EntryStanding::In,
        (false, UserStatus::Enabled) => EntryStanding::Leaving,
        (false, UserStatus::Disabled) => EntryStanding::Out,
    };
    let name = person.user_name.clone().unwrap_or_else(|| person.dn.to_string());
    let email = person.fields.get(&Field::Email).and_then(|emails| emails.first());
    Entry {
        external_id: person.id.as_str().to_owned(),
        kind: EntryKind::User,
        principal_id: user.map(|user| user.as_str().to_owned()),
        name_key: short(&name_key(&name)),
        name: short(&name),
        dn_key: dn_key(&person.dn),
        account_key: person.account_name.as_deref().map(account_key),
        principal_name_key: person.principal_name.as_deref().map(|name| short(&name_key(name))),
        email_key: email.map(|email| short(&name_key(email))),
        group_key: None,
        primary_group: person.primary_group.as_ref().map(|key| key.as_str().to_owned()),
        standing,
        is_stale: before.is_some_and(|before| before.is_stale),
        seen: run.sync.id.clone(),
        gone_at: None,
    }
}

/// Does it, in a transaction of its own.
fn carried_out(
    run: &Run,
    one: Decided,
) -> impl Future<Output = (Decided, Result<Option<User>, Fault>)> + Send + use<> {
    let name = if matches!(one.foreseen, Foreseen::Create(_)) { "CreateUser" } else { "UpdateUser" };
    let (cx, store, at, issuer) = (run.cx(name), run.work.store.clone(), run.at.clone(), run.issuer.clone());
    let then = written_with(run, &one.entry);
    async move {
        let result = match one.foreseen.clone() {
            Foreseen::Create(person) => {
                provisioning::create(&store, &cx, &at, (*person, issuer), then).await.map(Some)
            }
            Foreseen::Change { user, person, .. } => {
                let meant = Meant { id: user.id, revision: Some(user.revision.to_string()), issuer };
                let with = move |_: &User| Ok((*person).clone());
                provisioning::change(&store, &cx, &at, meant, (with, Some(then))).await.map(Some)
            }
            Foreseen::AsIs(_) | Foreseen::Refused { .. } => Ok(None),
        };
        (one, result)
    }
}

/// The entry is written with who it is of, so that nobody is made twice; and nothing is made by a run that is not this runner's any more.
fn written_with(
    run: &Run,
    entry: &Entry,
) -> impl Fn(&mut Tx<'_>, &model::cx::Cx, &User) -> Result<(), Fault> + Send + use<> {
    let (list, entry) = (run.list.clone(), entry.clone());
    let still = run.still_ours();
    move |tx, _, user| {
        still(tx)?;
        let entry = Entry { principal_id: Some(user.id.as_str().to_owned()), ..entry.clone() };
        directory_entries::put(tx, &list, &entry)
    }
}

/// What is counted and noted of a person, and their entry as it is then.
fn settled(noted: &mut Noted, one: Decided, done: Result<Option<User>, Fault>) -> Settled {
    let Decided { mut entry, before, foreseen, is_enabled } = one;
    let counts = &mut noted.counts;
    counts.read += 1;
    let mut skipped = None;
    match (done, foreseen) {
        (Err(fault), _) => skipped = Some(fault.message().to_owned()),
        (Ok(_), Foreseen::Refused { why, .. }) => skipped = Some(why),
        (Ok(_), Foreseen::AsIs(_)) => counts.unchanged += 1,
        (Ok(user), Foreseen::Create(person)) => {
            counts.created += 1;
            let is_done = user.is_some();
            if let Some(user) = user {
                entry.principal_id = Some(user.id.as_str().to_owned());
            }
            if !is_done {
                let detail = if person.status == UserStatus::Disabled { "disabled" } else { "enabled" };
                noted.changes.push(change(ChangeKind::Create, &entry, detail));
            }
        }
        (Ok(done), Foreseen::Change { user, person, differences }) => {
            counts.updated += 1;
            if done.is_none() {
                if person.status == UserStatus::Enabled && user.status == UserStatus::Disabled {
                    noted.changes.push(change(ChangeKind::Enable, &entry, "enabled there"));
                }
                if !differences.is_empty() {
                    noted.changes.push(change(ChangeKind::Update, &entry, differences.join("; ")));
                }
            }
        }
    }
    if let Some(why) = skipped {
        counts.skipped += 1;
        noted.changes.push(change(ChangeKind::Skip, &entry, why));
        if is_enabled {
            entry.standing = EntryStanding::In;
        }
    }
    Settled { entry, before }
}

/// An entry as it is from now on, and as it was.
struct Settled {
    entry: Entry,
    before: Option<Entry>,
}

/// Writes the entries of a page, and which groups have to look at their members again.
async fn write(run: &mut Run, noted: Noted, all: Vec<Settled>) -> Result<(), Stop> {
    let list = run.list.clone();
    let mut seen = Vec::new();
    let (mut puts, mut renames, mut keys, mut primary) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for Settled { entry, before } in all {
        let as_before = before
            .as_ref()
            .is_some_and(|before| Entry { seen: entry.seen.clone(), ..before.clone() } == entry);
        if as_before {
            seen.push(entry.external_id);
            continue;
        }
        let was_here = before
            .as_ref()
            .is_some_and(|before| before.principal_id == entry.principal_id && before.gone_at.is_none());
        let is_renamed = before.as_ref().is_some_and(|before| before.dn_key != entry.dn_key);
        if let Some(before) = &before {
            if is_renamed {
                renames.push((before.dn_key.clone(), entry.dn_key.clone()));
            }
            if before.primary_group != entry.primary_group {
                primary.extend(before.primary_group.clone());
            }
        }
        if !was_here || is_renamed {
            keys.push(entry.dn_key.clone());
            keys.extend(entry.account_key.clone());
        }
        if before.as_ref().is_none_or(|before| before.primary_group != entry.primary_group) || !was_here {
            primary.extend(entry.primary_group.clone());
        }
        puts.push(entry);
    }
    let sync = run.sync.id.clone();
    run.note(noted, move |tx, _| {
        directory_entries::see(tx, &list, seen.iter().map(String::as_str), &sync)?;
        for entry in &puts {
            directory_entries::put(tx, &list, entry)?;
        }
        directory_members::rename_each(tx, &list, &renames)?;
        if !keys.is_empty() {
            directory_entries::make_stale(tx, &list, keys.iter().map(String::as_str))?;
        }
        if !primary.is_empty() {
            directory_entries::make_primary_stale(tx, &list, primary.iter().map(String::as_str))?;
        }
        Ok(())
    })
    .await
}

/// Makes one who is disabled here somebody who may not sign in: see [`crate::departures`].
pub(crate) async fn disable(run: &Run, entry: &Entry) -> Result<(), Fault> {
    let Some(id) = &entry.principal_id else { return Ok(()) };
    let meant = Meant { id: UserId::trusted(id.as_str()), revision: None, issuer: run.issuer.clone() };
    let issuer = run.issuer.clone();
    let with = move |user: &User| {
        Ok(Person {
            profile: user.profile.clone(),
            status: UserStatus::Disabled,
            external_id: provisioning::external_id(&user.external_ids, &issuer).map(str::to_owned),
        })
    };
    let (list, external_id, still) = (run.list.clone(), entry.external_id.clone(), run.still_ours());
    let then = move |tx: &mut Tx<'_>, _: &model::cx::Cx, _: &User| {
        still(tx)?;
        directory_entries::set_standing(tx, &list, &external_id, EntryStanding::Out)
    };
    let cx = run.cx("UpdateUser");
    cx.event().detail(
        "standing",
        if entry.gone_at.is_some() { "not found in the directory" } else { "disabled in the directory" },
    );
    provisioning::change(&run.work.store, &cx, &run.at, meant, (with, Some(then))).await.map(|_| ())
}

/// What is counted of one who was disabled or deleted.
pub(crate) fn counted(disabled: u64, deleted: u64) -> SyncCounts {
    SyncCounts { disabled, deleted, ..SyncCounts::default() }
}
