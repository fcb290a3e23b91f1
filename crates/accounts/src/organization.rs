//! The organization, and what a call names in it, found and guarded.

use model::access::Context;
use model::accounts::account::AccountId;
use model::accounts::organization::Organization;
use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use policy::require::{Action, require_with};
use policy::resource;
use store::tx::Rx;

/// The organization, which `init` made.
pub(crate) fn organization(rx: &mut Rx<'_>) -> Result<Organization, Fault> {
    store::accounts::organizations::find(rx)?.ok_or_else(|| {
        let message = "Your account is not a member of an organization.";
        Fault::new(FaultKind::Service("AWSOrganizationsNotInUseException"), message)
    })
}

/// The organization, once the caller may do `action` on what is called `id`, whether or not it is there.
pub(crate) fn guarded(
    rx: &mut Rx<'_>,
    cx: &Cx,
    action: Action,
    id: &str,
    further: &Context,
) -> Result<Organization, Fault> {
    let organization = organization(rx)?;
    let arn = organization.arn_of(id);
    let tags = store::instances::tags::all_of(rx, &arn)?;
    let asked = resource::tagged(arn, &organization.management_account_id, tags);
    require_with(cx, action, &[asked], further)?;
    Ok(organization)
}

/// Whether a root or an account is called so. There is nothing else: no organizational unit, no policy.
pub(crate) fn is_there(rx: &mut Rx<'_>, organization: &Organization, id: &str) -> Result<bool, Fault> {
    match AccountId::parse(id) {
        Ok(account) => Ok(store::accounts::accounts::find(rx, &account)?.is_some()),
        Err(_) => Ok(id == organization.root_id),
    }
}

/// What is not there, in the words of Organizations.
pub(crate) fn absent(code: &'static str, what: &str) -> Fault {
    Fault::new(FaultKind::Service(code), format!("You specified {what} that doesn't exist."))
}

/// What is named as the target of policies or tags is not there.
pub(crate) fn no_target() -> Fault {
    absent("TargetNotFoundException", "a target")
}
