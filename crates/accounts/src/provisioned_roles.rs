//! The roles that permission sets become in accounts: what is to become of one, and that done inside a caller's transaction. Knows nothing of
//! requests, jobs or who asks.

use broker::spec::{Naming, RoleSpec};
use model::accounts::account::{AccountId, AccountState};
use model::accounts::account_connection::ROLE_NAME_PREFIX;
use model::accounts::permission_set::{PermissionSet, PermissionSetId, PermissionsBoundary};
use model::accounts::role::{Role, RoleName};
use model::cx::Cx;
use model::fault::Fault;
use model::id::RequestId;
use model::instances::instance::Instance;
use model::limits::PERMISSION_SETS_PER_ACCOUNT_MAX;
use serde_json::Value;
use store::tx::{Rx, Tx};

/// What is to become of a role: found by reading alone, with whatever must be refused, before anything is changed.
#[derive(Debug)]
pub(crate) enum Change {
    /// It stands as the permission set is now, or is not there and need not be.
    None,
    /// It is made, or brought up to date.
    Write {
        /// As it will stand.
        role: Role,
        /// What it is the role of, in which revision.
        set: PermissionSet,
        /// Whether it stands already.
        stood: bool,
    },
    /// It is removed.
    Remove {
        /// Where.
        account: AccountId,
        /// What it is the role of.
        set: PermissionSetId,
        /// Its name.
        name: String,
        /// As it stands; nothing when only the note of it is there.
        role: Option<Role>,
    },
}

impl Change {
    /// Does it.
    pub(crate) fn apply(&self, tx: &mut Tx<'_>, cx: &Cx) -> Result<(), Fault> {
        match self {
            Self::None => Ok(()),
            Self::Write { role, set, .. } => {
                store::accounts::roles::upsert(tx, role)?;
                let state = (role.name.as_str(), set.revision);
                store::accounts::provisioned_permission_sets::upsert(
                    tx,
                    &role.account_id,
                    &set.id,
                    state,
                    cx.now,
                )
            }
            Self::Remove { account, set, name, .. } => {
                store::accounts::roles::delete(tx, account, name)?;
                store::accounts::provisioned_permission_sets::delete(tx, account, set, cx.now)
            }
        }
    }
}

/// For which request something is to become of a role; none where it is done at once, which in a connected account nothing is.
pub(crate) type By<'r> = Option<&'r RequestId>;

/// What it takes that the account holds the permission set as it is now; a role that is the latest is left alone.
pub(crate) fn ensured(
    rx: &mut Rx<'_>,
    cx: &Cx,
    (instance, by): (&Instance, By<'_>),
    set: PermissionSet,
    account: &AccountId,
) -> Result<Change, Fault> {
    let held = store::accounts::provisioned_permission_sets::find(rx, account, &set.id)?;
    if held.as_ref().is_some_and(|(_, revision)| *revision == set.revision) {
        return Ok(Change::None);
    }
    written(rx, cx, (instance, by), (set, account), held.map(|(name, _)| name))
}

/// What it takes to make or renew the role of a permission set in an account.
pub(crate) fn provisioned(
    rx: &mut Rx<'_>,
    cx: &Cx,
    (instance, by): (&Instance, By<'_>),
    set: PermissionSet,
    account: &AccountId,
) -> Result<Change, Fault> {
    let held = store::accounts::provisioned_permission_sets::find(rx, account, &set.id)?;
    written(rx, cx, (instance, by), (set, account), held.map(|(name, _)| name))
}

/// What it takes that an account has no role of a permission set.
pub(crate) fn removed(rx: &mut Rx<'_>, set: &PermissionSetId, account: &AccountId) -> Result<Change, Fault> {
    let Some((name, _)) = store::accounts::provisioned_permission_sets::find(rx, account, set)? else {
        return Ok(Change::None);
    };
    let role = store::accounts::roles::find(rx, account, &name)?;
    Ok(Change::Remove { account: account.clone(), set: set.clone(), name, role })
}

/// The permission set, as it must be there for its role.
pub(crate) fn permission_set(
    rx: &mut Rx<'_>,
    instance: &Instance,
    id: &PermissionSetId,
) -> Result<PermissionSet, Fault> {
    store::accounts::permission_sets::find(rx, &instance.id, id)?.ok_or_else(|| {
        Fault::not_found(format!("Received a 404 status error: Permission set {id} not found."))
    })
}

/// The account must be there and usable: AWS cannot reach into a suspended one (its text, aws-capabilities §1.3).
fn require_usable(rx: &mut Rx<'_>, account: &AccountId) -> Result<(), Fault> {
    match store::accounts::accounts::find(rx, account)? {
        Some(found) if found.state == AccountState::Active => Ok(()),
        Some(_) => Err(Fault::conflict(format!(
            "AWS SSO is unable to complete your request at this time. Obtaining permissions to manage your AWS account '{account}' takes \
             longer than usual. The account is suspended."
        ))),
        None => Err(Fault::not_found(format!("Received a 404 status error: Account {account} not found."))),
    }
}

fn check_quota(rx: &mut Rx<'_>, cx: &Cx, account: &AccountId) -> Result<(), Fault> {
    let quota = cx.mode.quota(PERMISSION_SETS_PER_ACCOUNT_MAX);
    if quota != u64::MAX
        && store::accounts::provisioned_permission_sets::count_in_account(rx, account)? >= quota
    {
        return Err(Fault::quota(format!(
            "Account {account} holds {quota} permission sets, which is the most"
        )));
    }
    Ok(())
}

/// Why nothing is done in a connected account by whoever does it at once.
pub(crate) fn connected_refusal(account: &AccountId) -> String {
    format!(
        "Account {account} is connected: its assignments are made and taken away one at a time, by CreateAccountAssignment and DeleteAccountAssignment"
    )
}

/// In an account that is somewhere else roles of permission sets may have names that the account's own, of before, have here: those are not overwritten.
fn require_free(rx: &mut Rx<'_>, account: &AccountId, name: &str) -> Result<(), Fault> {
    match store::accounts::roles::find_reference(rx, account, name)? {
        Some(_) => Err(Fault::conflict(format!("Account {account} has a role {name} of its own here"))),
        None => Ok(()),
    }
}

fn written(
    rx: &mut Rx<'_>,
    cx: &Cx,
    (instance, by): (&Instance, By<'_>),
    (set, account): (PermissionSet, &AccountId),
    held: Option<String>,
) -> Result<Change, Fault> {
    require_usable(rx, account)?;
    if held.is_none() {
        check_quota(rx, cx, account)?;
    }
    let connection = store::accounts::account_connections::find(rx, account)?;
    let naming = match (&connection, by) {
        (None, _) => None,
        (Some(_), None) => return Err(Fault::conflict(connected_refusal(account))),
        (Some(connection), Some(request)) => Some(Naming {
            path: connection.settings.role_path.as_deref(),
            prefix: connection.settings.role_name_prefix.as_deref().unwrap_or(ROLE_NAME_PREFIX),
            seed: request.as_str(),
        }),
    };
    let is_elsewhere = naming.is_some();
    let managed = store::accounts::permission_set_policies::managed(rx, &set.id)?;
    let customer = store::accounts::permission_set_policies::customer(rx, &set.id)?;
    let boundary = store::accounts::permission_sets::boundary(rx, &set.id)?;
    let boundary_policy = match &boundary {
        Some(PermissionsBoundary::CustomerManaged(policy)) => Some(policy),
        _ => None,
    };
    // Attaching one that is not there fails, as it does at AWS. What an account that is somewhere else has is for that account to say.
    for policy in customer.iter().chain(boundary_policy).filter(|_| !is_elsewhere) {
        let arn = broker::local::customer_policy_arn(account, policy);
        if store::accounts::policies::find_by_arn(rx, &arn)?.is_none() {
            return Err(Fault::not_found(format!(
                "Received a 404 status error: Not supported policy {arn}."
            )));
        }
    }
    let inline = store::accounts::permission_sets::inline_policy(rx, &set.id)?
        .map(|text| serde_json::from_str::<Value>(&text).map_err(Fault::internal))
        .transpose()?;
    let spec = RoleSpec {
        account_id: account,
        region: &instance.region,
        permission_set: &set,
        managed_policies: &managed,
        customer_policies: &customer,
        inline_policy: inline.as_ref(),
        boundary: boundary.as_ref(),
        naming,
    };
    let mut role = broker::local::role(&spec, cx);
    let stood = held.is_some();
    if is_elsewhere && !stood {
        require_free(rx, account, role.name.as_str())?;
    }
    if let Some(name) = held {
        // A role that stands keeps its name, whatever a new one would be called.
        role.name = RoleName::trusted(name);
    }
    Ok(Change::Write { role, set, stood })
}
