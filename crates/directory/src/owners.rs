//! DescribeOwner, TakeOwnership, ListOwned, GetOwnedCounts: whose a user or group is, whose it becomes because an administrator says so, and whom a
//! source owns.

use model::cx::Cx;
use model::directory::group::{Group, GroupId};
use model::directory::identity_store::IdentityStoreId;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::directory::owner::{HANDED_OVER_MAX, Owner};
use model::directory::user::{User, UserId};
use model::fault::Fault;
use model::page::{Page, PageRequest};
use model::sources::external_idp::ExternalIdpId;
use model::sources::provisioning_tenant::TenantId;
use policy::gate::{ALL_GROUPS, ALL_USERS, Gate};
use serde_json::json;
use store::counted::Counted;
use store::db::Store;
use store::directory::external_ids::Holder;
use store::directory::rosters::{GroupNames, UserNames};
use store::directory::{kept_out, owners};
use store::sources::{external_idps, provisioning_tenants};
use store::tx::{Rx, Tx};

use crate::gate::enter;
use crate::ownership::{Named, named};
use crate::principals::{Principal, PrincipalId as _, missing, require_exists};

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
    /// To this tenant; without one they are the administrators' own again.
    pub to: Option<TenantId>,
}

/// One that was not handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Which.
    pub of: Owned,
    /// Why.
    pub reason: String,
}

/// A source whose users and groups are asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceId {
    /// A provisioning tenant.
    Tenant(TenantId),
    /// An identity provider outside.
    Idp(ExternalIdpId),
}

impl SourceId {
    /// What owners have of it, if it is there.
    fn source_in(&self, rx: &mut Rx<'_>, cx: &Cx, store_id: &IdentityStoreId) -> Result<String, Fault> {
        match self {
            Self::Tenant(id) => {
                require_tenant(rx, store_id, id)?;
                Ok(id.issuer(&cx.region))
            }
            Self::Idp(id) => {
                let there = external_idps::find_in(rx, store_id, id)?;
                let there = there.ok_or_else(|| {
                    Fault::not_found(format!("There is no identity provider configuration {id}"))
                })?;
                Ok(there.issuer)
            }
        }
    }
}

fn require_tenant(rx: &mut Rx<'_>, store_id: &IdentityStoreId, id: &TenantId) -> Result<(), Fault> {
    match provisioning_tenants::find(rx, store_id, id)? {
        Some(_) => Ok(()),
        None => Err(Fault::not_found(format!("There is no provisioning tenant {id}"))),
    }
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

/// TakeOwnership: a tenant owns these users and groups from now on, or nobody but the administrators. Answers those of which nothing came.
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
    let gate = Gate::own("portico:TakeOwnership", hand_over.of.iter().map(Owned::arn).collect());
    let store_id = store.glance(|rx| enter(gate, rx, cx, at))?.identity_store_id;
    store
        .write(cx, move |tx, cx| {
            let source = match &hand_over.to {
                Some(id) => {
                    require_tenant(tx, &store_id, id)?;
                    Some(id.issuer(&cx.region))
                }
                None => None,
            };
            let mut failures = Vec::new();
            for of in &hand_over.of {
                let done = match of {
                    Owned::User(id) => hand_over_in::<User>(tx, cx, (&store_id, id), source.as_deref())?,
                    Owned::Group(id) => hand_over_in::<Group>(tx, cx, (&store_id, id), source.as_deref())?,
                };
                failures.extend(done.err().map(|reason| Failure { of: of.clone(), reason }));
            }
            cx.event().respond(json!({ "failures": failures.len() }));
            Ok(failures)
        })
        .await
}

/// Hands one over; or says why not.
fn hand_over_in<P: Principal>(
    tx: &mut Tx<'_>,
    cx: &Cx,
    (store_id, id): (&IdentityStoreId, &P::Id),
    source: Option<&str>,
) -> Result<Result<(), String>, Fault> {
    let Some(principal) = P::found(tx, store_id, id)? else {
        return Ok(Err(missing::<P>(id).message().to_owned()));
    };
    cx.event().touch(P::RECORDED.kind, id.arn());
    let Some(source) = source else {
        owners::delete(tx, id.text())?;
        return Ok(Ok(()));
    };
    let before = owners::find(tx, id.text())?;
    if before.as_ref().is_some_and(|before| before.source == source) {
        return Ok(Ok(()));
    }
    // Whoever is disabled while nobody owns them was disabled here.
    let disabled_here_at = match before {
        Some(before) => before.disabled_here_at,
        None => principal.is_disabled().then_some(cx.now),
    };
    let owner = Owner { source: source.to_owned(), since: cx.now, disabled_here_at };
    owners::put(tx, P::HOLDER, id.text(), &owner)?;
    Ok(Ok(()))
}
