//! DescribeOwner, TakeOwnership, ListOwned, GetOwnedCounts: whose a user or group is, whose it becomes because an administrator says so, and whom a
//! source owns.

use model::cx::Cx;
use model::directory::group::{Group, GroupId};
use model::directory::identity_store::IdentityStoreId;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::directory::owner::{HANDED_OVER_MAX, Owner};
use model::directory::user::{User, UserId};
use model::fault::Fault;
use model::name_key::name_key;
use model::page::{Page, PageRequest};
use model::sources::directory_sync::EntryKind;
use policy::gate::{ALL_GROUPS, ALL_USERS, Gate};
use serde_json::json;
use store::counted::Counted;
use store::db::Store;
use store::directory::external_ids::Holder;
use store::directory::rosters::{GroupNames, UserNames};
use store::directory::{kept_out, owners};
use store::sources::directory_entries;
use store::tx::{Rx, Tx};

use crate::gate::enter;
use crate::ownership::{Named, named};
use crate::principals::{Principal, PrincipalId as _, missing, require_exists};
use crate::source_id::SourceId;
use crate::user_sources;

/// A user or group, for whom ownership is asked about or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owned {
    /// A user.
    User(UserId),
    /// A group.
    Group(GroupId),
}

impl Owned {
    fn arn(&self) -> String {
        match self {
            Self::User(id) => id.arn(),
            Self::Group(id) => id.arn(),
        }
    }
}

/// What is to be handed over.
#[derive(Debug, Clone, Default)]
pub struct HandOver {
    /// Which.
    pub of: Vec<Owned>,
    /// To this source; without one they are the administrators' own again.
    pub to: Option<SourceId>,
}

/// One that was not handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Which.
    pub of: Owned,
    /// Why.
    pub reason: String,
}

/// How many users and groups a source owns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnedCounts {
    /// Users.
    pub users: Counted,
    /// Groups.
    pub groups: Counted,
}

/// ListOwned of users, by id.
pub fn users_of(
    store: &Store,
    cx: &Cx,
    (at, of): (&IdentityStoreRef, &SourceId),
    page: &PageRequest,
) -> Result<Page<(Owner, UserNames)>, Fault> {
    let gate = Gate::own("portico:ListOwned", vec![ALL_USERS.to_owned()]);
    store.read(|rx| {
        let store_id = enter(gate, rx, cx, at)?.identity_store_id;
        let source = of.source_in(rx, cx, &store_id)?;
        Ok(page.page(owners::users_of(rx, &source, page)?, |(_, user)| user.id.to_string()))
    })
}

/// ListOwned of groups, by id.
pub fn groups_of(
    store: &Store,
    cx: &Cx,
    (at, of): (&IdentityStoreRef, &SourceId),
    page: &PageRequest,
) -> Result<Page<(Owner, GroupNames)>, Fault> {
    let gate = Gate::own("portico:ListOwned", vec![ALL_GROUPS.to_owned()]);
    store.read(|rx| {
        let store_id = enter(gate, rx, cx, at)?.identity_store_id;
        let source = of.source_in(rx, cx, &store_id)?;
        Ok(page.page(owners::groups_of(rx, &source, page)?, |(_, group)| group.id.to_string()))
    })
}

/// GetOwnedCounts: how many a source would release if it were deleted now.
pub fn counts(
    store: &Store,
    cx: &Cx,
    (at, of): (&IdentityStoreRef, &SourceId),
) -> Result<OwnedCounts, Fault> {
    let gate = Gate::own("portico:GetOwnedCounts", Vec::new());
    store.read(|rx| {
        let store_id = enter(gate, rx, cx, at)?.identity_store_id;
        let source = of.source_in(rx, cx, &store_id)?;
        Ok(OwnedCounts {
            users: owners::count(rx, &source, Holder::User)?,
            groups: owners::count(rx, &source, Holder::Group)?,
        })
    })
}

/// DescribeOwner: none of what was made here. Also of somebody who is gone whom an administrator had disabled, for as long as that keeps them out.
pub fn describe(store: &Store, cx: &Cx, at: &IdentityStoreRef, of: &Owned) -> Result<Option<Named>, Fault> {
    let gate = Gate::own("portico:DescribeOwner", vec![of.arn()]);
    store.read(|rx| {
        let store_id = enter(gate, rx, cx, at)?.identity_store_id;
        if let Owned::User(id) = of
            && let Some(gone) = kept_out::find(rx, &store_id, id)?
        {
            let disabled_here_at = Some(gone.disabled_here_at);
            let owner = Owner { source: gone.source, since: gone.owned_since, disabled_here_at };
            let deleted_at = Some(gone.deleted_at);
            return Ok(Some(Named { deleted_at, ..named(rx, &store_id, owner)? }));
        }
        let id = match of {
            Owned::User(id) => require_exists::<User>(rx, &store_id, id).map(|()| id.as_str())?,
            Owned::Group(id) => require_exists::<Group>(rx, &store_id, id).map(|()| id.as_str())?,
        };
        let owner = owners::find(rx, id)?;
        owner.map(|owner| named(rx, &store_id, owner)).transpose()
    })
}

/// TakeOwnership: a tenant or a directory owns these users and groups from now on, or nobody but the administrators. Answers those of which nothing came.
pub async fn take(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    hand_over: HandOver,
) -> Result<Vec<Failure>, Fault> {
    let users = hand_over.of.iter().filter(|of| matches!(of, Owned::User(_))).count();
    let groups = hand_over.of.len() - users;
    if hand_over.of.is_empty() || users.max(groups) > HANDED_OVER_MAX {
        return Err(Fault::validation(format!(
            "UserIds and GroupIds must name 1 to {HANDED_OVER_MAX} users, groups or both; they name {users} and {groups}"
        )));
    }
    if matches!(hand_over.to, Some(SourceId::Idp(_))) {
        return Err(Fault::validation(
            "An identity provider is handed nobody: TenantId or DirectoryId says who is",
        ));
    }
    let gate = Gate::own("portico:TakeOwnership", hand_over.of.iter().map(Owned::arn).collect());
    let store_id = store.glance(|rx| enter(gate, rx, cx, at))?.identity_store_id;
    store
        .write(cx, move |tx, cx| {
            let source = hand_over.to.as_ref().map(|to| to.source_in(tx, cx, &store_id)).transpose()?;
            let mut failures = Vec::new();
            for of in &hand_over.of {
                let to = source.as_deref();
                if let Some(reason) = unread_in(tx, &store_id, (of, hand_over.to.as_ref()))? {
                    failures.push(Failure { of: of.clone(), reason });
                    continue;
                }
                let done = match of {
                    Owned::User(id) => {
                        hand_over_in(tx, cx, (&store_id, id), to, user_sources::change_owner_in)?
                    }
                    Owned::Group(id) => hand_over_in(tx, cx, (&store_id, id), to, of_one_source)?,
                };
                failures.extend(done.err().map(|reason| Failure { of: of.clone(), reason }));
            }
            cx.event().respond(json!({ "failures": failures.len() }));
            Ok(failures)
        })
        .await
}

/// Why a directory cannot be handed somebody: its next run links them by their name, so that it must know already who has that there. Else whoever is given
/// the name later would be them.
fn unread_in(
    rx: &mut Rx<'_>,
    store_id: &IdentityStoreId,
    (of, to): (&Owned, Option<&SourceId>),
) -> Result<Option<String>, Fault> {
    let Some(SourceId::Directory(directory)) = to else { return Ok(None) };
    let (kind, name, id) = match of {
        Owned::User(id) => {
            let user = store::directory::users::find(rx, store_id, id)?;
            (EntryKind::User, user.map(|user| user.profile.user_name), id.as_str())
        }
        Owned::Group(id) => {
            let group = store::directory::groups::find(rx, store_id, id)?;
            (EntryKind::Group, group.map(|group| group.display_name), id.as_str())
        }
    };
    // Who is not there is told so by who hands over; whom it has stays its own.
    let Some(name) = name else { return Ok(None) };
    if owners::find(rx, id)?.is_some_and(|owner| owner.source == directory.issuer()) {
        return Ok(None);
    }
    let called = (kind, name_key(&name));
    let mut named = |than: &str| {
        directory_entries::find_other_by_name(rx, directory.as_str(), (called.0, &called.1), than)
    };
    let Some(first) = named("")? else {
        return Ok(Some(format!(
            "The directory {directory} has read nobody called {name}: run StartDirectorySync with FULL first, and look at what it lists"
        )));
    };
    if named(&first.external_id)?.is_some() {
        return Ok(Some(format!("Several entries of the directory {directory} are called {name}")));
    }
    let is_free = first.principal_id.as_deref().is_none_or(|principal| principal == id);
    Ok((!is_free).then(|| format!("{name} of the directory {directory} is somebody else here already")))
}

/// What another owner is for a group, of which no other source speaks.
#[expect(clippy::unnecessary_wraps, reason = "users may have other sources")]
fn of_one_source(_: &mut Tx<'_>, _: &Cx, _: &Group, _: Option<&str>) -> Result<Result<(), String>, Fault> {
    Ok(Ok(()))
}

/// Hands one over, of which `change` does what else another owner means; or says why not.
fn hand_over_in<P: Principal>(
    tx: &mut Tx<'_>,
    cx: &Cx,
    (store_id, id): (&IdentityStoreId, &P::Id),
    source: Option<&str>,
    change: impl Fn(&mut Tx<'_>, &Cx, &P, Option<&str>) -> Result<Result<(), String>, Fault>,
) -> Result<Result<(), String>, Fault> {
    let Some(principal) = P::found(tx, store_id, id)? else {
        return Ok(Err(missing::<P>(id).message().to_owned()));
    };
    cx.event().touch(P::RECORDED.kind, id.arn());
    let before = owners::find(tx, id.text())?;
    if before.as_ref().map(|before| before.source.as_str()) == source {
        return Ok(Ok(()));
    }
    if let Err(reason) = change(tx, cx, &principal, source)? {
        return Ok(Err(reason));
    }
    let Some(source) = source else {
        owners::delete(tx, id.text())?;
        return Ok(Ok(()));
    };
    // Whoever is disabled while nobody owns them was disabled here.
    let disabled_here_at = match before {
        Some(before) => before.disabled_here_at,
        None => principal.is_disabled().then_some(cx.now),
    };
    let owner = Owner { source: source.to_owned(), since: cx.now, disabled_here_at };
    owners::put(tx, P::HOLDER, id.text(), &owner)?;
    Ok(Ok(()))
}
