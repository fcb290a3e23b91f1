//! Users: create, describe, list, update, delete, find by what they are known by, enable and disable.

use model::cx::Cx;
use model::directory::identity_store::IdentityStoreId;
use model::directory::user::{ExternalId, User, UserId, UserProfile, UserStatus};
use model::fault::Fault;
use model::instances::instance::Instance;
use model::limits;
use model::name_key::name_key;
use model::page::{Page, PageRequest};
use store::db::Store;
use store::directory::external_ids::Holder;
use store::directory::users::UserRow;
use store::tx::{Rx, Tx};

use crate::contributions;
use crate::gate::enter;
use crate::kept_out;
use crate::patch::{self, Update};
use crate::principals::{self, PrincipalId as _, arn, changed, missing, within};
use crate::profile;
use crate::saving::save_in;
use crate::uniqueness;
use crate::user_sources;
use model::directory::identity_store_ref::IdentityStoreRef;
use policy::gate::{ALL_USERS, Gate};

/// A user to be made.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Where.
    pub identity_store_id: IdentityStoreId,
    /// Its id; `None` for a fresh one.
    pub id: Option<UserId>,
    /// What callers set.
    pub profile: UserProfile,
    /// Whether it may sign in.
    pub status: UserStatus,
    /// Identifiers given by others.
    pub external_ids: Vec<ExternalId>,
}

impl NewUser {
    /// An enabled user with a fresh id and no external ids.
    pub fn new(identity_store_id: IdentityStoreId, profile: UserProfile) -> Self {
        Self { identity_store_id, id: None, profile, status: UserStatus::Enabled, external_ids: Vec::new() }
    }
}

/// What identifies a user besides its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserKey {
    /// The user name, in any case.
    UserName(String),
    /// The primary address, in any case.
    Email(String),
    /// An identifier given by another system.
    ExternalId(ExternalId),
}

/// The extensions of a user that a caller asks for; the others are not answered.
pub fn require_extensions(names: &[String]) -> Result<(), Fault> {
    names.iter().try_for_each(|name| crate::document::require_extension(name))
}

/// CreateUser.
pub async fn create(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    profile: UserProfile,
) -> Result<User, Fault> {
    let gate = Gate::own("identitystore:CreateUser", vec![]);
    let instance = store.glance(|rx| enter(gate, rx, cx, at))?;
    let new = NewUser { id: Some(UserId::fresh(cx)), ..NewUser::new(instance.identity_store_id, profile) };
    store
        .write(cx, move |tx, cx| {
            let user = insert_in(tx, cx, new.clone())?;
            kept_out::forget_in(tx, cx, &user)?;
            changed(cx, &user);
            Ok(user)
        })
        .await
}

/// Adds a user inside a transaction: no policy is asked and no event named, which is the caller's part ([`create`], a seed file,
/// provisioning). Every rule of the directory holds.
pub fn insert_in(tx: &mut Tx<'_>, cx: &Cx, new: NewUser) -> Result<User, Fault> {
    insert_checked_in(tx, cx, NewUser { profile: profile::checked(new.profile)?, ..new })
}

/// [`insert_in`] of a profile that has been checked.
pub(crate) fn insert_checked_in(tx: &mut Tx<'_>, cx: &Cx, new: NewUser) -> Result<User, Fault> {
    let profile = new.profile;
    profile::check_external_ids(&new.external_ids)?;
    let count = || store::directory::users::count(tx, &new.identity_store_id);
    within(cx.mode.quota(limits::USERS_MAX), count, "users")?;
    uniqueness::user(tx, &new.identity_store_id, None, &profile)?;
    uniqueness::external_ids(tx, &new.identity_store_id, Holder::User, &new.external_ids)?;
    let by = cx.caller.arn();
    let user = User {
        id: new.id.unwrap_or_else(|| UserId::fresh(cx)),
        identity_store_id: new.identity_store_id,
        profile,
        status: new.status,
        external_ids: new.external_ids,
        revision: 1,
        created_at: cx.now,
        created_by: by.clone(),
        updated_at: cx.now,
        updated_by: by,
    };
    store::directory::users::insert(tx, &user)?;
    Ok(user)
}

/// DescribeUser: what `with` makes of the user as it is kept, which nobody here needs to take apart.
pub fn describe<T>(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    id: &UserId,
    with: impl Fn(&UserRow<'_>) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let gate = Gate::shared("identitystore:DescribeUser", arn(id));
    store.glance(|rx| {
        let enter = |instance: Option<&Instance>| gate.pass(cx, at, instance).map(|_| ());
        store::directory::users::describe(rx, (at.id(), id), enter, with)?.ok_or_else(|| missing::<User>(id))
    })
}

/// ListUsers: by id; or the one of this name.
pub fn list(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    user_name: Option<&str>,
    page: &PageRequest,
) -> Result<Page<User>, Fault> {
    let gate = Gate::shared("identitystore:ListUsers", vec![ALL_USERS.to_owned()]);
    let named = user_name.map(|name| {
        move |rx: &mut Rx<'_>, store: &IdentityStoreId| {
            store::directory::users::find_by_user_name(rx, store, &name_key(name))
        }
    });
    principals::list(store, cx, (gate, at), page, named)
}

/// Users who have this address besides their primary one, by id.
pub fn list_by_other_address(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    address: &str,
    page: &PageRequest,
) -> Result<Page<UserId>, Fault> {
    let gate = Gate::shared("identitystore:ListUsers", vec![ALL_USERS.to_owned()]);
    store.read(|rx| {
        let store_id = enter(gate, rx, cx, at)?.identity_store_id;
        let found = store::directory::user_texts::page_by_other_address(rx, &store_id, address, page)?;
        Ok(page.page(found, |id| id.as_str().to_owned()))
    })
}

/// UpdateUser: all operations or none.
pub async fn update(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    id: &UserId,
    change: Update,
) -> Result<User, Fault> {
    let gate = Gate::own("identitystore:UpdateUser", arn(id));
    let Update { operations, revision } = change;
    principals::on_one(store, cx, (gate, at), (id, revision), move |tx, cx, user: User| {
        let with = |profile: &UserProfile| patch::user(profile, &operations);
        let user = contributions::change_here_in(tx, cx, user, with)?;
        changed(cx, &user);
        Ok(user)
    })
    .await
}

/// DeleteUser. A source that speaks of somebody beside their owner says nothing of them any more by that, and they stay. The user's memberships, external ids, password, devices and sessions go too; account assignments stay and grant nothing.
pub async fn delete(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    id: &UserId,
    revision: Option<String>,
) -> Result<(), Fault> {
    delete_if(store, cx, at, (id, revision), |_| Ok(())).await
}

/// The same, if `still` does not refuse it in the same transaction.
pub async fn delete_if(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    (id, revision): (&UserId, Option<String>),
    still: impl Fn(&mut Tx<'_>) -> Result<(), Fault> + Send + 'static,
) -> Result<(), Fault> {
    let (gate, store_id) = (Gate::own("identitystore:DeleteUser", arn(id)), at.id().clone());
    let with = move |tx: &mut Tx<'_>, cx: &Cx, id: &UserId| {
        still(tx)?;
        kept_out::keep_in(tx, cx, &store_id, id)?;
        store::directory::memberships::delete_by_user(tx, id, cx.now)?;
        store::directory::user_sources::delete_by_user(tx, id)?;
        store::signin::sign_outs::forget(tx, id, cx.now)?;
        store::directory::users::delete(tx, id, cx.now)
    };
    principals::on_one(store, cx, (gate, at), (id, revision), move |tx, cx, user: User| {
        if user_sources::leave_by_itself_in(tx, cx, &user)? {
            cx.event().touch("AWS::IdentityStore::User", user.id.arn());
            return Ok(());
        }
        principals::delete_in(tx, cx, &user, &with)
    })
    .await
}

/// GetUserId.
pub fn get_id(store: &Store, cx: &Cx, at: &IdentityStoreRef, key: &UserKey) -> Result<UserId, Fault> {
    let gate = Gate::shared("identitystore:GetUserId", vec![]);
    principals::get_id::<User>(store, cx, (gate, at), |rx, store_id| match key {
        UserKey::UserName(name) => {
            store::directory::users::find_id_by_user_name(rx, store_id, &name_key(name))
        }
        UserKey::Email(email) => store::directory::users::find_id_by_email(rx, store_id, &name_key(email)),
        UserKey::ExternalId(external) => {
            Ok(store::directory::external_ids::find(rx, store_id, Holder::User, external)?
                .map(UserId::trusted))
        }
    })
}

/// EnableUser and DisableUser. A disabled user's sessions and tokens, and the role credentials that were handed out, end and do not come back.
/// Whoever owns the user: somebody who leaves must be stopped here at once, and their source does not let them in again. None, where EnableUser means
/// somebody whom their source deleted since: they come back enabled.
pub async fn set_status(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    id: &UserId,
    status: UserStatus,
) -> Result<Option<User>, Fault> {
    let action = match status {
        UserStatus::Enabled => "portico:EnableUser",
        UserStatus::Disabled => "portico:DisableUser",
    };
    let gate = Gate::own(action, arn(id));
    let (store_id, id) = (store.glance(|rx| enter(gate, rx, cx, at))?.identity_store_id, id.clone());
    store
        .write(cx, move |tx, cx| {
            let is_enabled = status == UserStatus::Enabled;
            cx.event().touch("AWS::IdentityStore::User", id.arn());
            let Some(user) = store::directory::users::find(tx, &store_id, &id)? else {
                let was_kept_out = is_enabled && kept_out::forget_gone_in(tx, cx, (&store_id, &id))?;
                return if was_kept_out { Ok(None) } else { Err(missing::<User>(&id)) };
            };
            if is_enabled {
                kept_out::forget_in(tx, cx, &user)?;
            }
            let disabled_at = (!is_enabled).then_some(cx.now);
            store::directory::owners::set_disabled_here(tx, user.id.as_str(), disabled_at)?;
            set_status_in(tx, cx, user, status).map(Some)
        })
        .await
}

/// [`set_status`] inside a transaction: no policy is asked and no event named.
pub fn set_status_in(tx: &mut Tx<'_>, cx: &Cx, user: User, status: UserStatus) -> Result<User, Fault> {
    if status == UserStatus::Disabled {
        sign_out_in(tx, cx, &user.id)?;
    }
    if user.status == status {
        return Ok(user);
    }
    save_in(tx, cx, User { status, ..user })
}

/// Ends whatever a user has open, and what waits to be used: whoever is disabled has nothing left.
pub(crate) fn sign_out_in(tx: &mut Tx<'_>, cx: &Cx, id: &UserId) -> Result<(), Fault> {
    store::signin::sign_outs::of_user(tx, id, cx.now)?;
    store::signin::invitations::delete_by_user(tx, id)?;
    Ok(())
}
