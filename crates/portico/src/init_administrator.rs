//! The first administrator of a new instance: a person, a permission set and an assignment of it in the management account. Where the seed was
//! read from an instance of Portico they are in it already, and are found again by what they are; whoever only has the name is not made one.

use std::collections::BTreeMap;

use accounts::permission_sets::NewPermissionSet;
use directory::users::NewUser;
use model::accounts::account_assignment::{AccountAssignment, Principal};
use model::accounts::permission_set::PermissionSetId;
use model::cx::Cx;
use model::directory::user::{Name, UserId, UserProfile};
use model::fault::Fault;
use model::instances::instance::Instance;
use signin::hashing::PasswordHash;
use store::tx::Tx;

/// The administrator's permission set. Not `AdministratorAccess`, which nearly every landing zone wants to define itself.
pub(crate) const ADMINISTRATOR_SET: &str = "PorticoAdministrator";
const FULL_ACCESS: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

/// Makes the administrator, as far as the seed has not, and sets their password.
pub(crate) fn settle(
    tx: &mut Tx<'_>,
    cx: &Cx,
    instance: &Instance,
    (user_name, hash): (&str, &PasswordHash),
) -> Result<(), Fault> {
    let set = permission_set(tx, cx, instance)?;
    let key = model::name_key::name_key(user_name);
    let store_id = &instance.identity_store_id;
    if let Some(found) = store::directory::users::find_id_by_user_name(tx, store_id, &key)? {
        let assignment = assignment(instance, set, found.clone());
        if store::accounts::account_assignments::find_each(tx, [&assignment])?.is_empty() {
            return Err(Fault::validation(format!(
                "the seed has a user '{user_name}' who is not assigned {ADMINISTRATOR_SET} in the management account: call the first \
                 administrator otherwise with --administrator, or leave that user out"
            )));
        }
        return signin::passwords::put(tx, cx, &found, hash);
    }
    let administrator = directory::users::insert_in(tx, cx, new_user(instance, user_name))?;
    signin::passwords::put(tx, cx, &administrator.id, hash)?;
    accounts::account_assignments::assign_in(tx, cx, instance, &assignment(instance, set, administrator.id))
}

fn new_user(instance: &Instance, user_name: &str) -> NewUser {
    NewUser::new(
        instance.identity_store_id.clone(),
        UserProfile {
            user_name: user_name.to_owned(),
            display_name: "Administrator of Portico".to_owned(),
            name: Name {
                given_name: Some("Portico".to_owned()),
                family_name: Some("Administrator".to_owned()),
                ..Name::default()
            },
            ..UserProfile::default()
        },
    )
}

fn assignment(instance: &Instance, set: PermissionSetId, user: UserId) -> AccountAssignment {
    AccountAssignment {
        account_id: instance.owner.clone(),
        permission_set_id: set,
        principal: Principal::User(user),
    }
}

fn permission_set(tx: &mut Tx<'_>, cx: &Cx, instance: &Instance) -> Result<PermissionSetId, Fault> {
    let found = store::accounts::permission_sets::find_by_name(tx, &instance.id, ADMINISTRATOR_SET)?;
    if let Some(found) = found {
        let attached = store::accounts::permission_set_policies::managed(tx, &found.id)?;
        if attached.iter().any(|arn| arn == FULL_ACCESS) {
            return Ok(found.id);
        }
        return Err(Fault::validation(format!(
            "the seed's permission set {ADMINISTRATOR_SET} does not have {FULL_ACCESS}: init gives that name to the administrator's own"
        )));
    }
    let set = NewPermissionSet {
        id: None,
        name: ADMINISTRATOR_SET.to_owned(),
        description: Some("Full access to every service".to_owned()),
        session_duration: None,
        relay_state: None,
        tags: BTreeMap::new(),
    };
    let set = accounts::permission_sets::insert_in(tx, cx, &instance.id, &set)?;
    accounts::permission_set_policies::attach_managed_in(tx, &set.id, FULL_ACCESS)?;
    Ok(set.id)
}
