//! Access keys: of service users, and of the root of the account that owns the instance. Two of each at most, so that one can take the place of the
//! other without a gap.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::access::Context;
use model::accounts::account::AccountId;
use model::accounts::service_user::{ACCESS_KEYS_MAX, AccessKey, LastUse, ServiceUserName};
use model::cx::Cx;
use model::entropy::bytes;
use model::fault::Fault;
use model::instances::instance::{Instance, InstanceId};
use model::secret::Secret;
use policy::require::{Action, require, require_unnamed};
use policy::resource;
use store::accounts::{access_keys, service_users};
use store::db::Store;
use store::tx::{Rx, Tx};

use crate::instance::find;
use crate::key_ids::{self, access_key_id};
use crate::role_sessions::require_live;
use crate::service_users::{existing, guarded, has_keys};

/// A new key: its secret is given out here and never again.
#[derive(Debug, Clone)]
pub struct NewAccessKey {
    /// `AKIA…`
    pub id: String,
    /// Forty characters.
    pub secret: Secret,
}

impl NewAccessKey {
    pub(crate) fn make(cx: &Cx, account: &AccountId) -> Self {
        let secret = STANDARD.encode(bytes::<30>(cx.entropy()));
        Self { id: access_key_id("AKIA", account, cx.entropy()), secret: Secret::new(secret) }
    }
}

fn root_arn(account: &AccountId) -> String {
    format!("arn:aws:iam::{account}:root")
}

/// The instance and the id of the holder, once the caller may do `action` to it: a service user, or the account's root.
fn holder(
    rx: &mut Rx<'_>,
    cx: &Cx,
    action: Action,
    (instance, name): (&InstanceId, Option<&ServiceUserName>),
) -> Result<(Instance, Option<String>), Fault> {
    if let Some(name) = name {
        let instance = guarded(rx, cx, action, (instance, Some(name)))?;
        let user = existing(rx, &instance, name)?;
        return Ok((instance, Some(user.id)));
    }
    let instance = find(rx, cx, action, instance)?;
    require(cx, action, &[resource::owned(root_arn(&instance.owner), &instance.owner)])?;
    has_keys(cx, &instance)?;
    Ok((instance, None))
}

/// CreateAccessKey: of a service user, or of the root of the account that owns the instance.
pub async fn create(
    store: &Store,
    cx: &Cx,
    of: (&InstanceId, Option<&ServiceUserName>),
) -> Result<NewAccessKey, Fault> {
    let (instance, name) = (of.0.clone(), of.1.cloned());
    let new = NewAccessKey::make(cx, &cx.owner);
    let kept = new.clone();
    store
        .write(cx, move |tx, cx| {
            let action = Action("portico:CreateAccessKey");
            let (instance, holder) = holder(tx, cx, action, (&instance, name.as_ref()))?;
            require_live(tx, cx)?;
            insert(tx, cx, (&instance.owner, holder.as_deref()), &kept)
        })
        .await?;
    Ok(new)
}

fn insert(
    tx: &mut Tx<'_>,
    cx: &Cx,
    (owner, holder): (&AccountId, Option<&str>),
    new: &NewAccessKey,
) -> Result<(), Fault> {
    if access_keys::list_by_holder(tx, owner, holder)?.len() >= ACCESS_KEYS_MAX {
        return Err(Fault::quota(format!(
            "There are {ACCESS_KEYS_MAX} access keys already, which is the most: delete one first"
        )));
    }
    cx.event().touch("AWS::IAM::AccessKey", new.id.clone());
    access_keys::insert_of(tx, cx, (&new.id, &new.secret), (owner, holder))
}

/// ListAccessKeys: few.
pub fn list(
    store: &Store,
    cx: &Cx,
    of: (&InstanceId, Option<&ServiceUserName>),
) -> Result<Vec<AccessKey>, Fault> {
    store.read(|rx| {
        let (instance, holder) = holder(rx, cx, Action("portico:ListAccessKeys"), of)?;
        Ok(access_keys::list_by_holder(rx, &instance.owner, holder.as_deref())?)
    })
}

/// What becomes of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It opens what its holder may.
    Activate,
    /// It opens nothing until it is activated again.
    Deactivate,
    /// It is gone.
    Delete,
}

/// UpdateAccessKey and DeleteAccessKey. The last active key of the root is not taken away unless `forced`: who holds no other way in would be locked
/// out.
pub async fn change(
    store: &Store,
    cx: &Cx,
    (instance, id): (&InstanceId, &str),
    change: Change,
    forced: bool,
) -> Result<(), Fault> {
    let (instance, id) = (instance.clone(), id.to_owned());
    store
        .write(cx, move |tx, cx| {
            let action = match change {
                Change::Activate | Change::Deactivate => Action("portico:UpdateAccessKey"),
                Change::Delete => Action("portico:DeleteAccessKey"),
            };
            let instance = find(tx, cx, action, &instance)?;
            let of = access_keys::find_holder(tx, &instance.owner, &id)?;
            let user = match &of {
                Some(Some(user)) => service_users::find_by_id(tx, user)?,
                _ => None,
            };
            // Who may change keys of some learns nothing of others'.
            let arn = user.map_or_else(|| root_arn(&instance.owner), |user| user.arn());
            let named = format!("arn:aws:iam::{}:access-key/{id}", instance.owner);
            let holder_of = [resource::owned(arn, &instance.owner)];
            require_unnamed(cx, action, &holder_of, &Context::new(), &named)?;
            has_keys(cx, &instance)?;
            let holder = of.ok_or_else(|| Fault::not_found(format!("There is no access key {id}")))?;
            cx.event().touch("AWS::IAM::AccessKey", id.clone());
            if holder.is_none() && change != Change::Activate && !forced {
                require_another(tx, &instance.owner, &id)?;
            }
            match change {
                Change::Activate => access_keys::set_active(tx, &id, true),
                Change::Deactivate => access_keys::set_active(tx, &id, false),
                Change::Delete => access_keys::delete(tx, &id),
            }
        })
        .await
}

fn require_another(rx: &mut Rx<'_>, owner: &AccountId, id: &str) -> Result<(), Fault> {
    let keys = access_keys::list_by_holder(rx, owner, None)?;
    if keys.iter().any(|key| key.active && key.id != id) || !keys.iter().any(|key| key.active && key.id == id)
    {
        return Ok(());
    }
    Err(Fault::conflict(
        "This is the root's last active key. If you have another way in, say so with Force; `portico root-access-key rotate` on the host makes a new one",
    ))
}

/// A new key of the root, made by whoever holds the data directory; all others end. There is no permission to check.
pub async fn rotate_root(store: &Store, cx: &Cx, instance: &Instance) -> Result<NewAccessKey, Fault> {
    let (owner, new) = (instance.owner.clone(), NewAccessKey::make(cx, &instance.owner));
    let kept = new.clone();
    store
        .write(cx, move |tx, cx| {
            end_root_keys(tx, &owner)?;
            insert(tx, cx, (&owner, None), &kept)
        })
        .await?;
    Ok(new)
}

/// Ends every key of the root, for whoever holds the data directory; how many.
pub async fn disable_root(store: &Store, cx: &Cx, instance: &Instance) -> Result<usize, Fault> {
    let owner = instance.owner.clone();
    store.write(cx, move |tx, _| end_root_keys(tx, &owner)).await
}

fn end_root_keys(tx: &mut Tx<'_>, owner: &AccountId) -> Result<usize, Fault> {
    let keys = access_keys::list_by_holder(tx, owner, None)?;
    for key in &keys {
        access_keys::delete(tx, &key.id)?;
    }
    Ok(keys.len())
}

/// GetAccessKeyInfo: the account of a key, which a temporary one says by itself.
pub fn account_of(store: &Store, cx: &Cx, id: &str) -> Result<AccountId, Fault> {
    require(cx, Action("sts:GetAccessKeyInfo"), &[])?;
    let found = store.read(|rx| {
        if id.starts_with("AKIA") {
            return Ok(access_keys::find_account(rx, id)?);
        }
        match key_ids::account_of(id) {
            Some(account) => Ok(store::accounts::accounts::find(rx, &account)?.map(|_| account)),
            None => Ok(None),
        }
    })?;
    found.ok_or_else(|| {
        Fault::validation(format!("AccessKeyId is {id}, which is no access key of an account here"))
    })
}

/// Writes for what a key was used, which is known to about an hour.
pub async fn note_use(store: &Store, cx: &Cx, id: String, used: LastUse) -> Result<(), Fault> {
    store.maintain(cx, move |tx, _| access_keys::note_use(tx, &id, &used)).await
}
