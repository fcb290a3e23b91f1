//! LinkUsersToSource, UnlinkUsersFromSource, ListLinkedUsers, DescribeUserSources: which sources speak of a person beside the one that owns them, because an administrator
//! said so, and whose each attribute is. What comes of it for the person is in [`crate::contributions`].

use model::cx::Cx;
use model::directory::attribute_precedence::HERE;
use model::directory::identity_store::IdentityStoreId;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::directory::owner::{HANDED_OVER_MAX, Owner};
use model::directory::user::{User, UserId, UserProfile};
use model::fault::{Fault, FaultKind};
use model::limits::Mode;
use model::page::{Page, PageRequest};
use model::timestamp::Timestamp;
use policy::gate::{ALL_USERS, Gate};
use serde_json::{Value, json};
use store::db::Store;
use store::directory::user_sources::{self, LinkedUser};
use store::tx::{Rx, Tx};

use crate::attribute_values;
use crate::contributions::{Contributions, Word, become_in};
use crate::gate::enter;
use crate::ownership::{Named, Source, is_sole_in, named};
use crate::principals::{self, arn, missing};
use crate::profile::checked_as_given;
use crate::source_id::SourceId;
use crate::uniqueness;

/// A user of whom nothing came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Who.
    pub user_id: UserId,
    /// Why.
    pub reason: String,
}

/// What becomes of an attribute of somebody.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Whose.
    pub user_id: UserId,
    /// Its path.
    pub path: String,
    /// What it is now.
    pub before: Option<Value>,
    /// What it is then.
    pub after: Option<Value>,
}

/// What came of a call, or would come of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outcome {
    /// Those of whom nothing comes.
    pub failures: Vec<Failure>,
    /// What changes of the others.
    pub changes: Vec<Change>,
}

/// Somebody as they are once all that is said of them is taken together.
pub(crate) struct Settled {
    user: User,
    all: Contributions,
    profile: UserProfile,
}

impl Settled {
    /// Of somebody of whom all this is said; or why they cannot be so.
    pub(crate) fn of_in(
        rx: &mut Rx<'_>,
        user: User,
        all: Contributions,
    ) -> Result<Result<Self, String>, Fault> {
        let settled = all.profile(&user.profile).and_then(|profile| {
            let profile = checked_as_given(profile)?;
            uniqueness::user_surely(rx, &user.identity_store_id, Some(&user.id), &profile)?;
            Ok(profile)
        });
        match settled {
            Ok(profile) => Ok(Ok(Self { user, all, profile })),
            Err(fault) if matches!(fault.kind(), FaultKind::Validation | FaultKind::Conflict(_)) => {
                Ok(Err(fault.message().to_owned()))
            }
            Err(fault) => Err(fault),
        }
    }

    pub(crate) fn changes(&self) -> Result<Vec<Change>, Fault> {
        let (before, after) =
            (attribute_values::of(&self.user.profile)?, attribute_values::of(&self.profile)?);
        let mut paths: Vec<&String> = before.keys().chain(after.keys()).collect();
        paths.sort();
        paths.dedup();
        let changes = paths.into_iter().filter(|path| before.get(*path) != after.get(*path));
        let change = |path: &String| Change {
            user_id: self.user.id.clone(),
            path: path.clone(),
            before: before.get(path).cloned(),
            after: after.get(path).cloned(),
        };
        Ok(changes.map(change).collect())
    }

    pub(crate) fn write_in(self, tx: &mut Tx<'_>, cx: &Cx) -> Result<(), Fault> {
        self.all.write_in(tx, &self.user)?;
        cx.event().touch("AWS::IdentityStore::User", self.user.id.arn());
        if self.profile != self.user.profile {
            become_in(tx, cx, self.user, self.profile)?;
        }
        Ok(())
    }
}

/// A source of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// It, as people know it; none for the administrators here.
    pub source: Option<Named>,
    /// Whether the person is its own.
    pub is_owner: bool,
    /// Since when it speaks of them.
    pub since: Timestamp,
}

/// An attribute of somebody, by the places of sources among those that are described.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnedAttribute {
    /// Its path.
    pub path: String,
    /// Whose it is.
    pub owner: usize,
    /// Who says something of it that is kept aside.
    pub kept_aside: Vec<usize>,
}

/// Refuses what strict mode has not.
pub(crate) fn require_relaxed(cx: &Cx) -> Result<(), Fault> {
    if cx.mode == Mode::Relaxed {
        return Ok(());
    }
    Err(Fault::validation(
        "Nobody has several sources in strict mode: AWS knows no owners, and whoever writes last is right",
    ))
}

fn require_count(ids: &[UserId]) -> Result<(), Fault> {
    if (1..=HANDED_OVER_MAX).contains(&ids.len()) {
        return Ok(());
    }
    Err(Fault::validation(format!("UserIds must name 1 to {HANDED_OVER_MAX} users; it names {}", ids.len())))
}

/// LinkUsersToSource: the source speaks of these people from now on, beside whoever owns them. Nothing changes until it says something.
pub async fn link(
    store: &Store,
    cx: &Cx,
    (at, to): (&IdentityStoreRef, &SourceId),
    ids: Vec<UserId>,
) -> Result<Vec<Failure>, Fault> {
    require_count(&ids)?;
    let gate = Gate::own("portico:LinkUsersToSource", ids.iter().map(UserId::arn).collect());
    let (store_id, to) = (store.glance(|rx| enter(gate, rx, cx, at))?.identity_store_id, to.clone());
    require_relaxed(cx)?;
    store
        .write(cx, move |tx, cx| {
            let source = to.source_in(tx, cx, &store_id)?;
            let mut failures = Vec::new();
            for id in &ids {
                let reason = link_in(tx, cx, (&store_id, id), &source)?.err();
                failures.extend(reason.map(|reason| Failure { user_id: id.clone(), reason }));
            }
            cx.event().respond(json!({ "failures": failures.len() }));
            Ok(failures)
        })
        .await
}

fn link_in(
    tx: &mut Tx<'_>,
    cx: &Cx,
    (store_id, id): (&IdentityStoreId, &UserId),
    source: &str,
) -> Result<Result<(), String>, Fault> {
    let Some(user) = store::directory::users::find(tx, store_id, id)? else {
        return Ok(Err(missing::<User>(id).message().to_owned()));
    };
    cx.event().touch("AWS::IdentityStore::User", id.arn());
    let mut all = match Contributions::find_in(tx, cx, &user)? {
        Some(all) => all,
        None => Contributions::begun_in(tx, &user)?,
    };
    if all.owner == source {
        return Ok(Err(format!("The user {id} is owned by this source already: it speaks of them")));
    }
    all.said_mut(cx, source);
    all.write_in(tx, &user)?;
    Ok(Ok(()))
}

/// UnlinkUsersFromSource: what others said of what this source owned comes forward, and what nobody else says stays, as their owner's. `dry_run` tells what
/// would change, and changes nothing.
pub async fn unlink(
    store: &Store,
    cx: &Cx,
    (at, from): (&IdentityStoreRef, &SourceId),
    (ids, dry_run): (Vec<UserId>, bool),
) -> Result<Outcome, Fault> {
    require_count(&ids)?;
    let gate = Gate::own("portico:UnlinkUsersFromSource", ids.iter().map(UserId::arn).collect());
    let (store_id, from) = (store.glance(|rx| enter(gate, rx, cx, at))?.identity_store_id, from.clone());
    require_relaxed(cx)?;
    let all = move |rx: &mut Rx<'_>, cx: &Cx| {
        let source = from.source_in(rx, cx, &store_id)?;
        let left = ids.iter().map(|id| Ok((id.clone(), left_in(rx, cx, (&store_id, id), &source)?)));
        left.collect::<Result<Vec<_>, Fault>>()
    };
    if dry_run {
        return outcome(store.read(|rx| all(rx, cx))?, |_| Ok(()));
    }
    store
        .write(cx, move |tx, cx| {
            let outcome = outcome(all(tx, cx)?, |settled| settled.write_in(tx, cx))?;
            cx.event().respond(json!({ "failures": outcome.failures.len() }));
            Ok(outcome)
        })
        .await
}

/// What comes of somebody, or why nothing does.
pub(crate) type Judged = (UserId, Result<Settled, String>);

/// What came of people, or would.
pub(crate) fn outcome(
    all: Vec<Judged>,
    mut with: impl FnMut(Settled) -> Result<(), Fault>,
) -> Result<Outcome, Fault> {
    let mut outcome = Outcome::default();
    for (user_id, settled) in all {
        match settled {
            Ok(settled) => {
                outcome.changes.extend(settled.changes()?);
                with(settled)?;
            }
            Err(reason) => outcome.failures.push(Failure { user_id, reason }),
        }
    }
    Ok(outcome)
}

/// Somebody as they are without a source; or why it cannot leave them.
fn left_in(
    rx: &mut Rx<'_>,
    cx: &Cx,
    (store_id, id): (&IdentityStoreId, &UserId),
    source: &str,
) -> Result<Result<Settled, String>, Fault> {
    let Some(user) = store::directory::users::find(rx, store_id, id)? else {
        return Ok(Err(missing::<User>(id).message().to_owned()));
    };
    let Some(mut all) = Contributions::find_in(rx, cx, &user)?.filter(|all| all.of(source).is_some()) else {
        return Ok(Err(format!("The user {id} is not linked to this source")));
    };
    if all.owner == source {
        return Ok(Err(format!(
            "The user {id} is owned by this source: TakeOwnership hands them over, and keeps what it said"
        )));
    }
    all.leave(cx, source);
    Settled::of_in(rx, user, all)
}

/// A source that deletes somebody whom it does not own says nothing of them any more, and they stay. Whether it is so.
pub(crate) fn leave_by_itself_in(tx: &mut Tx<'_>, cx: &Cx, user: &User) -> Result<bool, Fault> {
    let Some(source) = Source::of(cx).0 else { return Ok(false) };
    if is_sole_in(tx, cx, &user.id, &source)? {
        return Ok(false);
    }
    let Some(word) = Word::find_in(tx, cx, user, &source)?.filter(|word| !word.is_owner()) else {
        return Ok(false);
    };
    let mut all = word.all;
    all.leave(cx, &source);
    store::directory::external_ids::delete(tx, user.id.as_str(), &source)?;
    Settled::of_in(tx, user.clone(), all)?.map_err(Fault::conflict)?.write_in(tx, cx)?;
    Ok(true)
}

/// Another source owns somebody from now on, or nobody: what the one before said it says then. Or why they cannot be so.
pub(crate) fn change_owner_in(
    tx: &mut Tx<'_>,
    cx: &Cx,
    user: &User,
    to: Option<&str>,
) -> Result<Result<(), String>, Fault> {
    let Some(mut all) = Contributions::find_in(tx, cx, user)? else { return Ok(Ok(())) };
    all.hand_over(cx, to.unwrap_or(HERE));
    match Settled::of_in(tx, user.clone(), all)? {
        Ok(settled) => settled.write_in(tx, cx).map(Ok),
        Err(reason) => Ok(Err(reason)),
    }
}

/// ListLinkedUsers, by id: of whom a source speaks among several.
pub fn list(
    store: &Store,
    cx: &Cx,
    (at, of): (&IdentityStoreRef, &SourceId),
    page: &PageRequest,
) -> Result<Page<LinkedUser>, Fault> {
    let gate = Gate::own("portico:ListLinkedUsers", vec![ALL_USERS.to_owned()]);
    store.read(|rx| {
        let store_id = enter(gate, rx, cx, at)?.identity_store_id;
        let source = of.source_in(rx, cx, &store_id)?;
        Ok(page.page(user_sources::users_of(rx, &source, page)?, |user| user.names.id.to_string()))
    })
}

/// DescribeUserSources: who speaks of somebody, and whose each of their attributes is.
pub fn describe(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    id: &UserId,
) -> Result<(Vec<Described>, Vec<OwnedAttribute>), Fault> {
    let gate = Gate::own("portico:DescribeUserSources", arn(id));
    store.read(|rx| {
        let store_id = enter(gate, rx, cx, at)?.identity_store_id;
        let user: User = principals::find(rx, &store_id, id)?;
        let all = match Contributions::find_in(rx, cx, &user)? {
            Some(all) => all,
            None => Contributions::begun_in(rx, &user)?,
        };
        let sources = all.sources.iter().map(|one| {
            let owner = Owner { source: one.source.clone(), since: one.linked_at, disabled_here_at: None };
            let source = (one.source != HERE).then(|| named(rx, &store_id, owner)).transpose()?;
            Ok(Described { source, is_owner: one.source == all.owner, since: one.linked_at })
        });
        let sources = sources.collect::<Result<Vec<_>, Fault>>()?;
        let place =
            |source: &str| all.sources.iter().position(|one| one.source == source).unwrap_or_default();
        let attributes = all.paths().into_iter().filter_map(|path| {
            let mut speakers = all.speakers(&path).into_iter().map(|one| place(&one.source));
            let owner = speakers.next()?;
            let kept_aside = speakers.collect();
            Some(OwnedAttribute { path, owner, kept_aside })
        });
        Ok((sources, attributes.collect()))
    })
}
