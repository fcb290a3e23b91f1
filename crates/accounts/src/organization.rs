//! The organization, and what a call names in it, found and guarded.

use model::access::{Context, Resource};
use model::accounts::account::AccountId;
use model::accounts::organization::Organization;
use model::accounts::organizational_unit::{OrganizationalUnitId, Parent, UnitPath};
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
    let asked = named(rx, &organization, &[id])?;
    require_with(cx, action, &asked, further)?;
    Ok(organization)
}

/// What is called so, whether or not it is there, as policies are asked about it.
pub(crate) fn named(
    rx: &mut Rx<'_>,
    organization: &Organization,
    ids: &[&str],
) -> Result<Vec<Resource>, Fault> {
    let owner = &organization.management_account_id;
    let tagged = |id: &&str| {
        let arn = organization.arn_of(id);
        let tags = store::instances::tags::all_of(rx, &arn)?;
        Ok(resource::tagged(arn, owner, tags))
    };
    ids.iter().map(tagged).collect()
}

/// Whether a root, a unit or an account is called so: what policies are attached to.
pub(crate) fn is_there(rx: &mut Rx<'_>, organization: &Organization, id: &str) -> Result<bool, Fault> {
    match AccountId::parse(id) {
        Ok(account) => Ok(store::accounts::accounts::find(rx, &account)?.is_some()),
        Err(_) => Ok(parent(rx, organization, id)?.is_some()),
    }
}

/// The root or the unit that is called so.
pub(crate) fn parent(
    rx: &mut Rx<'_>,
    organization: &Organization,
    id: &str,
) -> Result<Option<Parent>, Fault> {
    if id == organization.root_id {
        return Ok(Some(Parent { id: id.to_owned(), path: UnitPath::ROOT }));
    }
    let Ok(unit) = OrganizationalUnitId::parse(id) else { return Ok(None) };
    let found = store::accounts::organizational_units::find(rx, &unit)?;
    Ok(found.map(|unit| Parent { id: unit.id.to_string(), path: unit.inside() }))
}

/// Refuses to change by hand what follows an organization elsewhere: the next run would change it back.
pub(crate) fn require_own(rx: &mut Rx<'_>, id: &str) -> Result<(), Fault> {
    let followed = match (AccountId::parse(id), OrganizationalUnitId::parse(id)) {
        (Ok(account), _) => store::accounts::accounts::follows(rx, &account)?,
        (_, Ok(unit)) => store::accounts::organizational_units::follows(rx, &unit)?,
        _ => None,
    };
    match followed {
        None => Ok(()),
        Some(organization) => Err(Fault::validation(format!(
            "{id} follows organization {organization}: change it there, and it is brought here by the next run"
        ))),
    }
}

/// A limit of Organizations would be passed: which one, in the model's word.
pub(crate) fn constraint(reason: &'static str, message: String) -> Fault {
    Fault::new(FaultKind::Service("ConstraintViolationException"), message).with_reason(reason)
}

/// What is not there, in the words of Organizations.
pub(crate) fn absent(code: &'static str, what: &str) -> Fault {
    Fault::new(FaultKind::Service(code), format!("You specified {what} that doesn't exist."))
}

/// What is named as the target of policies or tags is not there.
pub(crate) fn no_target() -> Fault {
    absent("TargetNotFoundException", "a target")
}
