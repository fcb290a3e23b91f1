//! What an administrator decides about second factors: the directory's policy, people's devices, and a way in for who lost theirs.

use std::time::Duration;

use model::cx::Cx;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::directory::user::UserId;
use model::fault::Fault;
use model::instances::instance::Instance;
use model::secret::Secret;
use model::signin::mfa::{CodeKind, DeviceId, MfaDevice, MfaPolicy, device_name};
use model::signin::session_settings::SessionSettings;
use model::timestamp::Timestamp;
use policy::gate::Gate;
use store::db::Store;
use store::signin::{mfa_devices, one_time_codes};
use store::tx::{Rx, Tx};

use crate::config::Config;
use crate::factors::code_hash;
use crate::flows::could_enter;
use crate::gate::{enter, on, require_user};
use crate::settings::{self, Setting};

/// What policies call putting the policy of a directory.
pub const PUT_POLICY: &str = "portico:PutMfaDeviceManagementForDirectory";
/// How long the code of an administrator may wait.
const BYPASS: Duration = Duration::from_hours(24);

/// A policy of the directory: GetMfaDeviceManagementForDirectory, GetSessionSettings.
fn find<S: Setting>(
    store: &Store,
    cx: &Cx,
    (action, at): (&'static str, &IdentityStoreRef),
) -> Result<S, Fault> {
    store.read(|rx| {
        let instance = enter(Gate::own(action, vec![]), rx, cx, at)?;
        settings::find(rx, &instance.identity_store_id)
    })
}

async fn put<S: Setting + Clone + Send + 'static>(
    store: &Store,
    cx: &Cx,
    (action, at): (&'static str, &IdentityStoreRef),
    check: fn(S) -> Result<S, Fault>,
    policy: S,
) -> Result<(), Fault> {
    let at = at.clone();
    store
        .write(cx, move |tx, cx| {
            let instance = enter(Gate::own(action, vec![]), tx, cx, &at)?;
            settings::put(tx, cx, &instance.identity_store_id, &check(policy.clone())?)
        })
        .await
}

/// GetMfaDeviceManagementForDirectory.
pub fn policy(store: &Store, cx: &Cx, at: &IdentityStoreRef) -> Result<MfaPolicy, Fault> {
    find(store, cx, ("portico:GetMfaDeviceManagementForDirectory", at))
}

/// Visits people until it is told that one is enough: see [`NewPolicy::administrators`].
pub type Visit<'v> = &'v mut dyn FnMut(&mut Rx<'_>, &UserId) -> Result<bool, Fault>;

/// A policy that is to be in force.
pub struct NewPolicy<A> {
    /// It.
    pub policy: MfaPolicy,
    /// Whether it is put in force although nobody could sign in who may put another one.
    pub forced: bool,
    /// Has the people visited who may do this action on the identity store.
    pub administrators: A,
}

/// PutMfaDeviceManagementForDirectory: counts at the next sign-in. One that shuts out everybody who may put another one is refused unless it is
/// forced; where nobody may by signing in, nobody is shut out.
pub async fn put_policy<A>(
    store: &Store,
    cx: &Cx,
    config: &Config,
    (at, new): (&IdentityStoreRef, NewPolicy<A>),
) -> Result<(), Fault>
where
    A: Fn(&mut Rx<'_>, &Cx, &Instance, Visit<'_>) -> Result<(), Fault> + Send + 'static,
{
    let (at, config) = (at.clone(), config.clone());
    store
        .write(cx, move |tx, cx| {
            let instance = enter(Gate::own(PUT_POLICY, vec![]), tx, cx, &at)?;
            let policy = new.policy.clone().checked(config.mails)?;
            if !new.forced {
                require_way_in(tx, cx, &config, (&instance, &policy, &new.administrators))?;
            }
            settings::put(tx, cx, &instance.identity_store_id, &policy)
        })
        .await
}

fn require_way_in(
    rx: &mut Rx<'_>,
    cx: &Cx,
    config: &Config,
    (instance, policy, administrators): (
        &Instance,
        &MfaPolicy,
        &impl Fn(&mut Rx<'_>, &Cx, &Instance, Visit<'_>) -> Result<(), Fault>,
    ),
) -> Result<(), Fault> {
    let (mut anybody, mut way_in) = (false, false);
    administrators(rx, cx, instance, &mut |rx, id| {
        anybody = true;
        let found = store::directory::users::find(rx, &instance.identity_store_id, id)?;
        way_in = match found {
            Some(user) => could_enter(rx, cx, config, (&user, policy))?,
            None => false,
        };
        Ok(way_in)
    })?;
    if way_in || !anybody {
        return Ok(());
    }
    Err(Fault::conflict(
        "Under this policy nobody could sign in who may change it again. Have one of them register a device of an allowed kind first, or say with Force that there is another way in",
    ))
}

/// GetSessionSettings.
pub fn session_settings(store: &Store, cx: &Cx, at: &IdentityStoreRef) -> Result<SessionSettings, Fault> {
    find(store, cx, ("portico:GetSessionSettings", at))
}

/// PutSessionSettings: of sessions that begin from now on.
pub async fn put_session_settings(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    new: SessionSettings,
) -> Result<(), Fault> {
    put(store, cx, ("portico:PutSessionSettings", at), SessionSettings::checked, new).await
}

/// ListMfaDevicesForUser: oldest first; few.
pub fn list(
    store: &Store,
    cx: &Cx,
    (at, user): (&IdentityStoreRef, &UserId),
) -> Result<Vec<MfaDevice>, Fault> {
    store.read(|rx| {
        let instance = enter(on("portico:ListMfaDevicesForUser", user), rx, cx, at)?;
        require_user(rx, &instance, user)?;
        Ok(mfa_devices::list_by_user(rx, user)?.into_iter().map(|kept| kept.device).collect())
    })
}

async fn on_device(
    store: &Store,
    cx: &Cx,
    (action, at, user): (&'static str, &IdentityStoreRef, &UserId),
    id: &DeviceId,
    with: impl Fn(&mut Tx<'_>, &UserId, &DeviceId) -> Result<bool, Fault> + Send + 'static,
) -> Result<(), Fault> {
    let (at, user, id) = (at.clone(), user.clone(), id.clone());
    store
        .write(cx, move |tx, cx| {
            let instance = enter(on(action, &user), tx, cx, &at)?;
            require_user(tx, &instance, &user)?;
            cx.event().touch("AWS::IdentityStore::User", user.arn());
            if with(tx, &user, &id)? {
                return Ok(());
            }
            Err(Fault::not_found(format!("The person has no device {id}.")))
        })
        .await
}

/// UpdateMfaDeviceForUser: another name.
pub async fn rename(
    store: &Store,
    cx: &Cx,
    (at, user): (&IdentityStoreRef, &UserId),
    id: &DeviceId,
    name: &str,
) -> Result<(), Fault> {
    let name = device_name(name)?;
    let on = ("portico:UpdateMfaDeviceForUser", at, user);
    on_device(store, cx, on, id, move |tx, user, id| mfa_devices::rename(tx, user, id, &name)).await
}

/// DeleteMfaDeviceForUser.
pub async fn delete(
    store: &Store,
    cx: &Cx,
    (at, user): (&IdentityStoreRef, &UserId),
    id: &DeviceId,
) -> Result<(), Fault> {
    on_device(store, cx, ("portico:DeleteMfaDeviceForUser", at, user), id, crate::devices::remove).await
}

/// CreateMfaBypassForUser: a code that stands for a second factor once, for somebody who lost theirs, and until when. It takes the place of the one before.
pub async fn create_bypass(
    store: &Store,
    cx: &Cx,
    (at, user): (&IdentityStoreRef, &UserId),
) -> Result<(Secret, Timestamp), Fault> {
    let (code, until) = (crate::random::readable(cx, 4), cx.now.plus(BYPASS));
    let (at, user, kept) = (at.clone(), user.clone(), code.clone());
    store
        .write(cx, move |tx, cx| {
            let instance = enter(on("portico:CreateMfaBypassForUser", &user), tx, cx, &at)?;
            require_user(tx, &instance, &user)?;
            cx.event().touch("AWS::IdentityStore::User", user.arn());
            one_time_codes::delete_kind(tx, &user, CodeKind::Bypass)?;
            let hash = code_hash(tx.keyring(), user.as_str(), kept.expose());
            one_time_codes::insert(tx, (&user, CodeKind::Bypass), &hash, cx.now, Some(until))
        })
        .await?;
    Ok((code, until))
}
