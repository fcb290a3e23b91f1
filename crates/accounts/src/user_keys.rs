//! Access keys of the users of the caller's account, as IAM's operations keep them. What a key opens is read at every call; those of the root are
//! [`access_keys`](crate::access_keys)'s.

use model::access::Context;
use model::accounts::service_user::{ACCESS_KEYS_MAX, AccessKey, LastUse, ServiceUser};
use model::cx::Cx;
use model::fault::Fault;
use policy::require::{Action, require_unnamed, unseen};
use policy::resource;
use serde_json::json;
use store::accounts::{access_keys, service_users};
use store::db::Store;
use store::tx::Rx;

use crate::access_keys::{Change, NewAccessKey};
use crate::iam::{no_entity, own_account};
use crate::role_sessions::require_live;
use crate::users::{change, get, named};

const LAST_USED: Action = Action("iam:GetAccessKeyLastUsed");

/// A new key of a user.
#[derive(Debug, Clone)]
pub struct Made {
    /// Whose.
    pub user: ServiceUser,
    /// The key, whose secret is given out here and never again.
    pub key: NewAccessKey,
}

/// CreateAccessKey.
pub async fn create(store: &Store, cx: &Cx, name: Option<&str>) -> Result<Made, Fault> {
    let name = named(cx, name)?;
    let key = NewAccessKey::make(cx, &own_account(cx)?);
    change(store, cx, (Action("iam:CreateAccessKey"), &name), Context::new(), move |tx, cx, user| {
        require_live(tx, cx)?;
        let holder = (&user.account_id, Some(user.id.as_str()));
        if access_keys::list_by_holder(tx, holder.0, holder.1)?.len() >= ACCESS_KEYS_MAX {
            let most = ACCESS_KEYS_MAX;
            return Err(Fault::quota(format!(
                "Cannot exceed quota for AccessKeysPerUser: {most}: delete one of {}'s first",
                user.name
            )));
        }
        access_keys::insert_of(tx, cx, (&key.id, &key.secret), holder)?;
        cx.event().touch("AWS::IAM::AccessKey", key.id.clone());
        cx.event().respond(json!({"accessKey": {
            "userName": user.name, "accessKeyId": key.id, "status": "Active", "createDate": cx.now.rfc3339(),
        }}));
        Ok(Made { user, key: key.clone() })
    })
    .await
}

/// ListAccessKeys: few.
pub fn list(store: &Store, cx: &Cx, name: Option<&str>) -> Result<(ServiceUser, Vec<AccessKey>), Fault> {
    let (user, _) = get(store, cx, Action("iam:ListAccessKeys"), name)?;
    let keys = store.read(|rx| Ok(access_keys::list_by_holder(rx, &user.account_id, Some(&user.id))?))?;
    Ok((user, keys))
}

/// UpdateAccessKey and DeleteAccessKey.
pub async fn change_key(
    store: &Store,
    cx: &Cx,
    (name, id): (Option<&str>, String),
    what: Change,
) -> Result<(), Fault> {
    let name = named(cx, name)?;
    let action = match what {
        Change::Activate | Change::Deactivate => Action("iam:UpdateAccessKey"),
        Change::Delete => Action("iam:DeleteAccessKey"),
    };
    change(store, cx, (action, &name), Context::new(), move |tx, cx, user| {
        let holder = access_keys::find_holder(tx, &user.account_id, &id)?.flatten();
        if holder.as_ref() != Some(&user.id) {
            return Err(no_key(&id));
        }
        cx.event().touch("AWS::IAM::AccessKey", id.clone());
        match what {
            Change::Activate => access_keys::set_active(tx, &id, true),
            Change::Deactivate => access_keys::set_active(tx, &id, false),
            Change::Delete => access_keys::delete(tx, &id),
        }
    })
    .await
}

fn no_key(id: &str) -> Fault {
    no_entity(format!("The Access Key with id {id} cannot be found."))
}

/// GetAccessKeyLastUsed: of a user of the caller's account.
pub fn last_use(store: &Store, cx: &Cx, id: &str) -> Result<(ServiceUser, Option<LastUse>), Fault> {
    let account = own_account(cx)?;
    store.read(|rx| {
        let user = holder(rx, cx, id)?;
        // Who may ask about some users' keys learns nothing of others'.
        let arn = user.as_ref().map_or_else(|| format!("arn:aws:iam::{account}:user/*"), ServiceUser::arn);
        let resource = [resource::owned(arn, &account)];
        let named = format!("access key {id}");
        require_unnamed(cx, LAST_USED, &resource, &Context::new(), &named)?;
        // The model has no error for a key that is none of the account's: it is one that nobody lets the caller ask about.
        let user = user.ok_or_else(|| unseen(cx, LAST_USED, &named))?;
        Ok((user, access_keys::last_use(rx, id)?))
    })
}

fn holder(rx: &mut Rx<'_>, cx: &Cx, id: &str) -> Result<Option<ServiceUser>, Fault> {
    match access_keys::find_holder(rx, &own_account(cx)?, id)?.flatten() {
        Some(user) => Ok(service_users::find_by_id(rx, &user)?),
        None => Ok(None),
    }
}
