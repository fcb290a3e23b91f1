//! Which accounts are somewhere else, and how they are reached. An account that holds permission sets changes side neither way: its roles would be left
//! behind where they are. The one that owns the instance stays here, since whoever administers it does so by roles in it.

use broker::aws::access::Reach;
use broker::aws::trial::{self, Tried};
use model::accounts::account::AccountId;
use model::accounts::account_connection::{AccountConnection, ConnectionSettings, is_plain_address};
use model::cx::Cx;
use model::fault::Fault;
use model::instances::instance::{Instance, InstanceId};
use model::page::{Page, PageRequest};
use model::secret::Secret;
use outbound::address::Address;
use outbound::client::Outbound;
use policy::require::{Action, require};
use policy::resource;
use serde_json::json;
use store::accounts::{
    account_connections, account_drifts, connected_sessions, drift_findings, organization_connections,
    provisioned_permission_sets,
};
use store::db::Store;
use store::sealing::Purpose;
use store::tx::{Rx, Tx};

use crate::drift_schedule;
use crate::instance::{find, guarded, require_account};
use crate::provisioning_requests::connected_lane;
use crate::reaching;

/// How the Regions of AWS's other partitions begin.
const OTHER_PARTITIONS: [&str; 5] = ["cn-", "us-gov-", "us-iso", "eu-isoe-", "eusc-"];
/// What records call a connection.
pub(crate) const KIND: &str = "AWS::SSO::AccountConnection";

/// The account, once the caller may do `action` to it.
pub(crate) fn enter(
    rx: &mut Rx<'_>,
    cx: &Cx,
    action: &'static str,
    (instance, account): (&InstanceId, &AccountId),
) -> Result<Instance, Fault> {
    let action = Action(action);
    let instance = find(rx, cx, action, instance)?;
    let tags = store::instances::tags::all_of(rx, &instance.id.arn())?;
    let resources = [resource::instance(&instance, tags), resource::account(account, &instance.owner)];
    require(cx, action, &resources)?;
    require_account(rx, account)?;
    Ok(instance)
}

/// How it is connected; refused where it is not.
pub(crate) fn existing(rx: &mut Rx<'_>, account: &AccountId) -> Result<AccountConnection, Fault> {
    account_connections::find(rx, account)?.ok_or_else(|| {
        Fault::not_found(format!("Account {account} is not connected")).with_resource_id(account.as_str())
    })
}

/// Refuses where anything of permission sets is in the account, or on its way there.
pub(crate) fn require_empty(rx: &mut Rx<'_>, account: &AccountId) -> Result<(), Fault> {
    let held = provisioned_permission_sets::count_in_account(rx, account)?;
    if held > 0 {
        return Err(Fault::conflict(format!(
            "Account {account} holds {held} permission sets: take their assignments away before it changes side"
        )));
    }
    if store::jobs::in_lane_or_paused(rx, account.as_str())?
        || store::jobs::in_lane_or_paused(rx, &connected_lane(account))?
    {
        return Err(Fault::conflict(format!("Requests are under way in account {account}: wait for them")));
    }
    Ok(())
}

/// What of a way can be judged before it is gone.
pub(crate) struct Way<'a> {
    pub(crate) region: Option<&'a str>,
    pub(crate) role_arn: Option<&'a str>,
    /// By the names of the members that hold them.
    pub(crate) endpoints: &'a [(&'static str, Option<&'a str>)],
}

/// Refuses a way that could not be gone whatever lies at its end.
pub(crate) fn check_way(outbound: &Outbound, way: &Way<'_>) -> Result<(), Fault> {
    // ARNs of ours are of the partition aws.
    let elsewhere = way.region.filter(|region| OTHER_PARTITIONS.iter().any(|of| region.starts_with(of)));
    if let Some(region) = elsewhere {
        return Err(Fault::validation(format!(
            "Region {region} is of another partition than aws: its accounts cannot be connected"
        )));
    }
    if let Some(arn) = way.role_arn.filter(|arn| !arn.starts_with("arn:aws:")) {
        return Err(Fault::validation(format!("RoleArn {arn} is of another partition than aws")));
    }
    for (field, given) in way.endpoints {
        let Some(given) = given else { continue };
        let refused = |why: String| Fault::validation(format!("{field}: {why}"));
        if !is_plain_address(given) {
            let message = format!(
                "{given} must hold nothing but letters, digits and -._~:/[]: people paste it into their shells"
            );
            return Err(refused(message));
        }
        let address = Address::parse(given).map_err(|flaw| refused(flaw.to_string()))?;
        outbound.admits(&address).map_err(|failure| refused(failure.to_string()))?;
    }
    Ok(())
}

/// Refuses addresses that could not be asked whatever lies behind them.
fn checked(
    outbound: &Outbound,
    account: &AccountId,
    settings: ConnectionSettings,
) -> Result<ConnectionSettings, Fault> {
    settings.check(account)?;
    check_way(
        outbound,
        &Way {
            region: settings.region.as_deref(),
            role_arn: settings.role_arn.as_deref(),
            endpoints: &[
                ("IamEndpoint", settings.iam_endpoint.as_deref()),
                ("StsEndpoint", settings.sts_endpoint.as_deref()),
            ],
        },
    )?;
    Ok(settings)
}

fn seal(tx: &Tx<'_>, cx: &Cx, account: &AccountId, secret: &Secret) -> Result<Vec<u8>, Fault> {
    let plain = secret.expose().as_bytes();
    tx.keyring().seal(cx.entropy(), Purpose::AccountSecret, account.as_str(), plain)
}

/// CreateAccountConnection.
pub async fn create(
    store: &Store,
    cx: &Cx,
    outbound: &Outbound,
    (instance, account): (&InstanceId, &AccountId),
    (settings, secret): (ConnectionSettings, Secret),
) -> Result<AccountConnection, Fault> {
    let (instance, account) = (instance.clone(), account.clone());
    let checked = checked(outbound, &account, settings);
    store
        .write(cx, move |tx, cx| {
            let instance = enter(tx, cx, "portico:CreateAccountConnection", (&instance, &account))?;
            let settings = checked.clone()?;
            if account == instance.owner {
                return Err(Fault::validation(format!(
                    "Account {account} owns the instance: it cannot be connected"
                )));
            }
            if account_connections::exists(tx, &account)? {
                return Err(Fault::conflict(format!("Account {account} is connected already")));
            }
            require_empty(tx, &account)?;
            let by = cx.caller.arn();
            let new = AccountConnection {
                account_id: account.clone(),
                organization_id: None,
                settings,
                created_at: cx.now,
                created_by: by.clone(),
                updated_at: cx.now,
                updated_by: by,
            };
            account_connections::insert(tx, &new, &seal(tx, cx, &account, &secret)?)?;
            account_drifts::insert(tx, &account)?;
            drift_schedule::plan(tx, cx, &account, &new.settings)?;
            cx.event().touch(KIND, account.as_str());
            cx.event().respond(json!({"accountId": account.as_str()}));
            Ok(new)
        })
        .await
}

/// UpdateAccountConnection: the whole of its settings. The secret stays where none is given and the key is the same.
pub async fn update(
    store: &Store,
    cx: &Cx,
    outbound: &Outbound,
    (instance, account): (&InstanceId, &AccountId),
    (settings, secret): (ConnectionSettings, Option<Secret>),
) -> Result<AccountConnection, Fault> {
    let (instance, account) = (instance.clone(), account.clone());
    let checked = checked(outbound, &account, settings);
    store
        .write(cx, move |tx, cx| {
            enter(tx, cx, "portico:UpdateAccountConnection", (&instance, &account))?;
            let old = existing(tx, &account)?;
            let settings = checked.clone()?;
            let names = |settings: &ConnectionSettings| {
                (settings.role_path.clone(), settings.role_name_prefix.clone())
            };
            if names(&settings) != names(&old.settings) {
                require_empty(tx, &account)?;
            }
            let sealed = match &secret {
                Some(secret) => Some(seal(tx, cx, &account, secret)?),
                None if settings.access_key_id == old.settings.access_key_id => {
                    account_connections::sealed_secret(tx, &account)?
                }
                None => None,
            };
            let sealed = sealed.ok_or_else(|| match &old.organization_id {
                Some(id) => Fault::validation(format!(
                    "SecretAccessKey is missing: the account is reached by organization {id} so far, and gets a key of its own"
                )),
                None => Fault::validation("SecretAccessKey is missing: AccessKeyId is another than before"),
            })?;
            if settings.drift_detection_every() != old.settings.drift_detection_every() {
                drift_schedule::plan(tx, cx, &account, &settings)?;
            }
            let new = AccountConnection {
                organization_id: None,
                settings,
                updated_at: cx.now,
                updated_by: cx.caller.arn(),
                ..old
            };
            account_connections::update(tx, &new, &sealed)?;
            cx.event().touch(KIND, account.as_str());
            Ok(new)
        })
        .await
}

/// DescribeAccountConnection.
pub fn describe(
    store: &Store,
    cx: &Cx,
    (instance, account): (&InstanceId, &AccountId),
) -> Result<AccountConnection, Fault> {
    store.read(|rx| {
        enter(rx, cx, "portico:DescribeAccountConnection", (instance, account))?;
        existing(rx, account)
    })
}

/// ListAccountConnections, by account.
pub fn list(
    store: &Store,
    cx: &Cx,
    instance: &InstanceId,
    page: &PageRequest,
) -> Result<Page<AccountConnection>, Fault> {
    store.read(|rx| {
        guarded(rx, cx, Action("portico:ListAccountConnections"), instance)?;
        let rows = account_connections::page(rx, page)?;
        Ok(page.page(rows, |connection| connection.account_id.to_string()))
    })
}

/// DeleteAccountConnection: the account is local again. Nothing is done in it; what of ours stands there yet (the SAML provider) stays.
pub async fn delete(
    store: &Store,
    cx: &Cx,
    (instance, account): (&InstanceId, &AccountId),
) -> Result<(), Fault> {
    let (instance, account) = (instance.clone(), account.clone());
    store
        .write(cx, move |tx, cx| {
            enter(tx, cx, "portico:DeleteAccountConnection", (&instance, &account))?;
            let old = existing(tx, &account)?;
            if let Some(id) = &old.organization_id
                && store::accounts::accounts::follows(tx, &account)?.as_ref() == Some(id)
                && organization_connections::find(tx, id)?.is_some_and(|found| found.settings.connects_accounts)
            {
                return Err(Fault::conflict(format!(
                    "Organization {id} has its accounts connected, and would connect {account} again: UpdateOrganizationConnection with ConnectAccounts false ends that"
                )));
            }
            require_empty(tx, &account)?;
            cx.event().touch(KIND, account.as_str());
            disconnect_in(tx, &account)
        })
        .await
}

/// Forgets how an account is reached that holds nothing, and what is known of it there.
pub(crate) fn disconnect_in(tx: &mut Tx<'_>, account: &AccountId) -> Result<(), Fault> {
    connected_sessions::delete_by_account(tx, account)?;
    drift_findings::delete_by_account(tx, account)?;
    account_drifts::delete(tx, account)?;
    account_connections::delete(tx, account)
}

/// TestAccountConnection: step by step.
pub async fn test(
    store: &Store,
    cx: &Cx,
    reach: &Reach,
    (instance, account): (&InstanceId, &AccountId),
) -> Result<Vec<Tried>, Fault> {
    let (access, path) = store.read(|rx| {
        let instance = enter(rx, cx, "portico:TestAccountConnection", (instance, account))?;
        let connection = existing(rx, account)?;
        let path = connection.settings.role_path.clone();
        let path = path.unwrap_or_else(|| broker::local::path(&instance.region));
        Ok::<_, Fault>((reaching::access(rx, &instance, &connection)?, path))
    })?;
    cx.event().touch(KIND, account.as_str());
    Ok(trial::attempt(&access, reach, &path).await)
}
