//! Whom a long-lived key speaks for, as they are now: an account's root, or a user with its policies, those of its groups and its boundary; and what the
//! organization lets their account do. Knows nothing of signatures.

use std::sync::Arc;

use model::access::{Authority, Unrestricted};
use model::accounts::account::AccountId;
use model::accounts::service_user::ServiceUser;
use model::caller::{Caller, IamUser, KeySession};
use model::fault::Fault;
use serde_json::Value;
use store::accounts::access_keys::ActiveKey;
use store::accounts::policy_attachments::Level;
use store::accounts::roles::RoleBinding;
use store::accounts::{iam_groups, policies, policy_attachments, service_users};
use store::generations::Changes;
use store::instances::tags;
use store::tables::Table;
use store::tx::Rx;

use crate::session_policies::authority;

/// Allows everything.
const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

/// What a caller that was found by a key hangs on.
pub fn hangs_on() -> Changes {
    let rows = [Table::AccessKeys, Table::Accounts, Table::ServiceUsers, Table::IamGroups];
    // What a user has may be added to it.
    let beside = [
        Table::IamGroupMembers,
        Table::Policies,
        Table::PolicyVersions,
        Table::Tags,
        Table::AccountConnections,
        Table::PolicyAttachments,
        Table::ServiceControlPolicies,
    ];
    Changes::to_rows_of(&rows).and(Changes::to(&beside))
}

/// The caller behind a key, which calls by the key itself or by a session that was made with it; nobody where the user is gone, or its account's IAM is
/// somewhere else. `id` is the one that the call brings.
pub fn caller(
    rx: &mut Rx<'_>,
    (key, id): (&ActiveKey, &str),
    session: Option<KeySession>,
) -> Result<Option<Caller>, Fault> {
    let bounds = if key.is_bounded { policy_attachments::bounds(rx, &key.account_id)? } else { Vec::new() };
    let Some(user_id) = &key.service_user_id else {
        let authority: Arc<dyn Authority> =
            if bounds.is_empty() { Arc::new(Unrestricted) } else { authority(&of_root(bounds), &[])? };
        return Ok(Some(Caller::root_by(key.account_id.clone(), id, session, authority)));
    };
    let Some((user, standing)) = service_users::find_standing(rx, user_id)? else { return Ok(None) };
    let (mut binding, _) = binding(rx, &user)?;
    binding.service_controls = bounds;
    let authority = authority(&binding, &[])?;
    let user = IamUser {
        tags: tags::all_of(rx, &user.arn())?,
        account_id: user.account_id,
        account_path: standing.account_path,
        is_delegated: standing.is_delegated,
        name: user.name,
        path: user.path,
        id: user.id,
        access_key_id: id.to_owned(),
        session,
    };
    Ok(Some(Caller::user(user, authority)))
}

/// What binds an account's root, which may do everything that the organization lets its account do.
fn of_root(service_controls: Vec<Level>) -> RoleBinding {
    RoleBinding {
        managed_policies: format!("[\"{ADMINISTRATOR}\"]"),
        inline_policies: "[]".to_owned(),
        service_controls,
        ..RoleBinding::default()
    }
}

/// What binds a user of itself and by its groups, as a role's row has it; and where each of its inline policies stands.
pub(crate) fn binding(rx: &mut Rx<'_>, user: &ServiceUser) -> Result<(RoleBinding, Vec<String>), Fault> {
    let groups = iam_groups::list_of_user(rx, &user.id)?;
    let mut managed: Vec<&String> = user.managed_policies.iter().collect();
    managed.extend(groups.iter().flat_map(|group| &group.managed_policies));
    managed.sort_unstable();
    managed.dedup();
    let own = user.inline_policies.iter().map(|policy| (policy, user.arn()));
    let of_groups =
        groups.iter().flat_map(|group| group.inline_policies.iter().map(move |policy| (policy, group.arn())));
    let (inline, holders): (Vec<_>, Vec<_>) = own.chain(of_groups).unzip();
    let binding = RoleBinding {
        role_id: user.id.clone(),
        path: user.path.clone(),
        ..bound(rx, &user.account_id, (&managed, &inline), user.permissions_boundary.as_deref())?
    };
    Ok((binding, holders))
}

/// What these policies and this boundary bind, as a role's row has it: of no id and path yet.
pub(crate) fn bound(
    rx: &mut Rx<'_>,
    account: &AccountId,
    (managed, inline): (&[&String], &[&(String, String)]),
    boundary: Option<&str>,
) -> Result<RoleBinding, Fault> {
    let document = |(name, text): &&(String, String)| {
        Ok((name.clone(), serde_json::from_str(text).map_err(Fault::internal)?))
    };
    let inline: Vec<(String, Value)> = inline.iter().map(document).collect::<Result<_, Fault>>()?;
    let arns: Vec<&str> = managed.iter().map(|arn| arn.as_str()).chain(boundary).collect();
    Ok(RoleBinding {
        managed_policies: serde_json::to_string(managed).map_err(Fault::internal)?,
        inline_policies: serde_json::to_string(&inline).map_err(Fault::internal)?,
        permissions_boundary: boundary.map(str::to_owned),
        customer_policies: policies::documents(rx, account, &arns)?,
        ..RoleBinding::default()
    })
}
