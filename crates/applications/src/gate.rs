//! The way to an application: it is asked about as its ARN names it, before it is looked for. An application is its account's; the account that owns the
//! instance reaches those of every account, and no account reaches another's.

use model::accounts::account::AccountId;
use model::accounts::organizational_unit::UnitPath;
use model::applications::application::{Application, ApplicationArn};
use model::cx::Cx;
use model::fault::Fault;
use model::instances::instance::{Instance, InstanceId};
use policy::gate::{is_to_be_seen, require_organizations};
use policy::require::{Action, require, unseen};
use policy::resource;
use store::tx::Rx;

use crate::catalog::{self, Protocol};

/// The instance of this id, if the caller may know of it; otherwise the answer is that of one that is not there.
pub(crate) fn instance(rx: &mut Rx<'_>, cx: &Cx, action: Action, id: &InstanceId) -> Result<Instance, Fault> {
    let found = store::instances::instances::find(rx, id)?.filter(|found| is_to_be_seen(cx, found));
    found.ok_or_else(|| unseen(cx, action, &id.arn()))
}

/// Whether an account is one of the organization.
pub(crate) fn is_member(rx: &mut Rx<'_>, account: &AccountId) -> Result<bool, Fault> {
    Ok(store::accounts::accounts::find(rx, account)?.is_some())
}

/// The application and its instance, once the caller may do `action` on it. Who may not learns nothing of what is there.
pub fn guarded(
    rx: &mut Rx<'_>,
    cx: &Cx,
    action: Action,
    arn: &ApplicationArn,
) -> Result<(Instance, Application), Fault> {
    // Whether there is the instance is told no more than whether there is the application.
    let instance = store::instances::instances::find(rx, &arn.instance_id)?
        .ok_or_else(|| unseen(cx, action, &arn.to_string()))?;
    let tags = store::instances::tags::all_of(rx, &arn.to_string())?;
    let path = match cx.caller.account_id() {
        Some(own) if *own == arn.account_id => UnitPath::ROOT,
        _ => store::accounts::accounts::path_of(rx, &arn.account_id)?,
    };
    require(cx, action, &[resource::application(cx, arn, &instance, tags, path)])?;
    let found = store::applications::applications::find(rx, &arn.id)?;
    match found.filter(|found| found.arn() == *arn) {
        Some(application) => Ok((instance, application)),
        None => Err(not_found(arn)),
    }
}

/// The application, if it is one that speaks this protocol.
pub(crate) fn speaking(
    rx: &mut Rx<'_>,
    cx: &Cx,
    action: Action,
    arn: &ApplicationArn,
    protocol: Protocol,
) -> Result<Application, Fault> {
    let (_, application) = guarded(rx, cx, action, arn)?;
    if catalog::find(application.provider_id.as_str())?.is_some_and(|it| it.protocol == protocol) {
        return Ok(application);
    }
    Err(Fault::validation(format!(
        "{arn} is of the application provider {}, which does not speak {}",
        application.provider_id.arn(),
        protocol.name()
    )))
}

/// Whether an application may be told of the people of an instance by a protocol: its account owns the instance. Whoever administers another account would
/// otherwise learn what everybody is called who follows a link.
pub(crate) fn told_of_people(
    rx: &mut Rx<'_>,
    cx: &Cx,
    action: Action,
    arn: &ApplicationArn,
) -> Result<(), Fault> {
    let instance = instance(rx, cx, action, &arn.instance_id)?;
    require_organizations(cx, &instance, "pages at which its people sign in by SAML or OpenID Connect")?;
    let owner = instance.owner;
    if owner == arn.account_id {
        return Ok(());
    }
    Err(Fault::validation(format!(
        "ApplicationArn is of account {}: only applications of account {owner}, which owns the instance, are told of its people by SAML or OpenID Connect",
        arn.account_id
    )))
}

/// There is no such application.
pub(crate) fn not_found(arn: &ApplicationArn) -> Fault {
    Fault::not_found(format!("Application {arn} was not found")).with_resource_id(arn.to_string())
}
