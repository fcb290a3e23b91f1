//! Where service control policies count: whether they do at all, and what they are attached to. The root, every unit and every account has one at least as
//! long as they count, and five at most. Organizations API reference, "AttachPolicy", "EnablePolicyType".

use model::accounts::account::AccountId;
use model::accounts::organization::Organization;
use model::accounts::organizational_unit::OrganizationalUnitId;
use model::accounts::service_control_policy::{
    SERVICE_CONTROL_POLICY, ServiceControlPolicy, ServiceControlPolicyId,
};
use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use model::limits::SERVICE_CONTROL_POLICIES_PER_TARGET_MAX;
use model::page::{Page, PageRequest};
use policy::require::{Action, require_with};
use store::accounts::{account_connections, policy_attachments, service_control_policies};
use store::db::Store;
use store::tx::Rx;

use crate::organization::{absent, constraint, guarded, is_there, named, no_target, organization};
use crate::service_control_policies::{KIND, ask, existing, of_type, require_available};

/// What a policy is attached to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The wire's word for what it is.
    pub kind: &'static str,
}

fn not_enabled() -> Fault {
    let message = format!(
        "The policy type {SERVICE_CONTROL_POLICY} is not enabled in this root: enable it with EnablePolicyType"
    );
    Fault::new(FaultKind::Service("PolicyTypeNotEnabledException"), message)
}

/// The root, once the caller may do `action` on it.
fn root(
    rx: &mut Rx<'_>,
    cx: &Cx,
    action: &'static str,
    (id, kind): (&str, &str),
) -> Result<Organization, Fault> {
    let organization = guarded(rx, cx, Action(action), id, &of_type(kind))?;
    if id == organization.root_id { Ok(organization) } else { Err(absent("RootNotFoundException", "a root")) }
}

/// EnablePolicyType: AWS's own policy, which allows everything, is attached to everything there is, so that nothing changes until another one is attached
/// or this one detached.
pub async fn enable(store: &Store, cx: &Cx, root_id: String, kind: String) -> Result<Organization, Fault> {
    store
        .write(cx, move |tx, cx| {
            let organization = root(tx, cx, "organizations:EnablePolicyType", (&root_id, &kind))?;
            require_available(&kind)?;
            if policy_attachments::is_enabled(tx)? {
                let message = format!("The policy type {kind} is enabled in this root already.");
                return Err(Fault::new(FaultKind::Service("PolicyTypeAlreadyEnabledException"), message));
            }
            policy_attachments::enable(tx)?;
            cx.event().touch("AWS::Organizations::Root", organization.root_arn());
            Ok(organization)
        })
        .await
}

/// DisablePolicyType: every policy is detached from everything. The policies stay.
pub async fn disable(store: &Store, cx: &Cx, root_id: String, kind: String) -> Result<Organization, Fault> {
    store
        .write(cx, move |tx, cx| {
            let organization = root(tx, cx, "organizations:DisablePolicyType", (&root_id, &kind))?;
            if kind != SERVICE_CONTROL_POLICY || !policy_attachments::is_enabled(tx)? {
                let message = format!("The policy type {kind} is not enabled in this root.");
                return Err(Fault::new(FaultKind::Service("PolicyTypeNotEnabledException"), message));
            }
            policy_attachments::disable(tx)?;
            cx.event().touch("AWS::Organizations::Root", organization.root_arn());
            Ok(organization)
        })
        .await
}

/// Whether service control policies count, for who was told of the root.
pub fn is_enabled(store: &Store) -> Result<bool, Fault> {
    store.read(|rx| Ok(policy_attachments::is_enabled(rx)?))
}

/// The policy and the organization, once the caller may do `action` with the policy and the target, and both are there.
fn both(
    rx: &mut Rx<'_>,
    cx: &Cx,
    action: &'static str,
    (id, target): (&ServiceControlPolicyId, &str),
) -> Result<Organization, Fault> {
    let organization = organization(rx)?;
    let asked = named(rx, &organization, &[id.as_str(), target])?;
    require_with(cx, Action(action), &asked, &of_type(SERVICE_CONTROL_POLICY))?;
    existing(rx, id)?;
    if is_there(rx, &organization, target)? { Ok(organization) } else { Err(no_target()) }
}

/// Refuses an account whose IAM is somewhere else: what this organization's policies say would count for nobody there.
fn require_here(rx: &mut Rx<'_>, target: &str, id: &ServiceControlPolicyId) -> Result<(), Fault> {
    let Ok(account) = AccountId::parse(target) else { return Ok(()) };
    if id.is_aws_managed() || !account_connections::exists(rx, &account)? {
        return Ok(());
    }
    Err(Fault::validation(format!(
        "TargetId is {account}, a connected account: what may be done there the organization over there decides, and a policy that is attached here would bind nobody"
    ))
    .with_reason("TARGET_NOT_SUPPORTED"))
}

/// Attaches a policy: it counts at the next request for the accounts that the target is or holds.
pub async fn attach(store: &Store, cx: &Cx, id: ServiceControlPolicyId, target: String) -> Result<(), Fault> {
    store
        .write(cx, move |tx, cx| {
            let organization = both(tx, cx, "organizations:AttachPolicy", (&id, &target))?;
            if !policy_attachments::is_enabled(tx)? {
                return Err(not_enabled());
            }
            if policy_attachments::is_attached(tx, &target, &id)? {
                let message = "The selected policy is already attached to the specified target.";
                return Err(Fault::new(FaultKind::Service("DuplicatePolicyAttachmentException"), message));
            }
            require_here(tx, &target, &id)?;
            let most = SERVICE_CONTROL_POLICIES_PER_TARGET_MAX;
            if policy_attachments::count_of_target(tx, &target)? >= most {
                let message = format!("{target} has {most} service control policies, which is the most");
                return Err(constraint("MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", message));
            }
            policy_attachments::insert(tx, &target, &id)?;
            tell(cx, &organization, (&id, &target));
            Ok(())
        })
        .await
}

/// Detaches a policy, but for the last one.
pub async fn detach(store: &Store, cx: &Cx, id: ServiceControlPolicyId, target: String) -> Result<(), Fault> {
    store
        .write(cx, move |tx, cx| {
            let organization = both(tx, cx, "organizations:DetachPolicy", (&id, &target))?;
            if !policy_attachments::is_attached(tx, &target, &id)? {
                let message = "The policy isn't attached to the specified target in the specified root.";
                return Err(Fault::new(FaultKind::Service("PolicyNotAttachedException"), message));
            }
            if policy_attachments::count_of_target(tx, &target)? == 1 {
                let message = format!(
                    "{id} is the last service control policy of {target}, which must have one at all times: attach another one first, {} to allow everything",
                    ServiceControlPolicyId::FULL_ACCESS
                );
                return Err(constraint("MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", message));
            }
            policy_attachments::delete(tx, &target, &id)?;
            tell(cx, &organization, (&id, &target));
            Ok(())
        })
        .await
}

fn tell(cx: &Cx, organization: &Organization, (id, target): (&ServiceControlPolicyId, &str)) {
    cx.event().touch(KIND, organization.arn_of(id.as_str()));
    cx.event().touch(crate::organization_tags::kind(target), organization.arn_of(target));
}

/// The policies of a type that are attached to a root, a unit or an account themselves, by id.
pub fn of_target(
    store: &Store,
    cx: &Cx,
    (target, kind): (&str, &str),
    page: &PageRequest,
) -> Result<(Page<ServiceControlPolicy>, Organization), Fault> {
    store.read(|rx| {
        let action = Action("organizations:ListPoliciesForTarget");
        let organization = guarded(rx, cx, action, target, &of_type(kind))?;
        if !is_there(rx, &organization, target)? {
            return Err(no_target());
        }
        if kind != SERVICE_CONTROL_POLICY {
            return Ok((Page::default(), organization));
        }
        let rows = service_control_policies::page_of_target(rx, target, page)?;
        Ok((page.page(rows, |policy| policy.id.to_string()), organization))
    })
}

/// What a policy is attached to, by id.
pub fn targets(
    store: &Store,
    cx: &Cx,
    id: &ServiceControlPolicyId,
    page: &PageRequest,
) -> Result<(Page<Target>, Organization), Fault> {
    store.read(|rx| {
        let (_, organization) = ask(rx, cx, "organizations:ListTargetsForPolicy", id)?;
        let rows = policy_attachments::page_by_policy(rx, id, page)?;
        let found = page.page(rows, String::clone);
        let items = found.items.iter().map(|target| shown(rx, target)).collect::<Result<_, _>>()?;
        Ok((Page { items, next: found.next }, organization))
    })
}

fn shown(rx: &mut Rx<'_>, id: &str) -> Result<Target, Fault> {
    let (name, kind) = match (AccountId::parse(id), OrganizationalUnitId::parse(id)) {
        (Ok(account), _) => {
            (store::accounts::accounts::find(rx, &account)?.map(|account| account.name), "ACCOUNT")
        }
        (_, Ok(unit)) => {
            let unit = store::accounts::organizational_units::find(rx, &unit)?;
            (unit.map(|unit| unit.name), "ORGANIZATIONAL_UNIT")
        }
        _ => (Some("Root".to_owned()), "ROOT"),
    };
    Ok(Target { id: id.to_owned(), name: name.unwrap_or_default(), kind })
}
