//! The organization: a root with all accounts directly under it. There are no organizational units, policies or delegated administrators,
//! and what is asked about them is answered so.

use model::access::Context;
use model::accounts::account::Account;
use model::accounts::organization::Organization;
use model::cx::Cx;
use model::fault::Fault;
use model::page::{Page, PageRequest};
use model::timestamp::Timestamp;
use policy::require::{Action, require, require_with};
use policy::resource;
use store::db::Store;

use crate::organization::{absent, guarded, is_there, no_target, organization};

/// The organization and its management account's address. Member accounts may ask too.
pub fn describe(store: &Store, cx: &Cx) -> Result<(Organization, String), Fault> {
    store.read(|rx| {
        let organization = organization(rx)?;
        let owner = &organization.management_account_id;
        require(
            cx,
            Action("organizations:DescribeOrganization"),
            &[resource::shared(resource::owned("*", owner))],
        )?;
        let management = store::accounts::accounts::find(rx, owner)?;
        Ok((organization, management.map(|account| account.email).unwrap_or_default()))
    })
}

/// The organization, for a caller who may do `action` in it.
pub fn tree(store: &Store, cx: &Cx, action: Action) -> Result<Organization, Fault> {
    store.read(|rx| {
        let organization = organization(rx)?;
        require(cx, action, &[resource::owned("*", &organization.management_account_id)])?;
        Ok(organization)
    })
}

fn ask(store: &Store, cx: &Cx, action: &'static str, id: &str) -> Result<Organization, Fault> {
    store.read(|rx| guarded(rx, cx, Action(action), id, &Context::new()))
}

/// The organizational units under a parent: the root has none, and nothing else is a parent.
pub fn units(store: &Store, cx: &Cx, parent: &str) -> Result<(), Fault> {
    require_root(&ask(store, cx, "organizations:ListOrganizationalUnitsForParent", parent)?, parent)
}

/// The id of the parent of an account, which is the root's.
pub fn parent(store: &Store, cx: &Cx, child: &str) -> Result<String, Fault> {
    let organization = ask(store, cx, "organizations:ListParents", child)?;
    // A root has no parent.
    let is_child = child != organization.root_id && store.read(|rx| is_there(rx, &organization, child))?;
    if is_child { Ok(organization.root_id) } else { Err(absent("ChildNotFoundException", "a child")) }
}

/// The ids of the accounts under a parent.
pub fn children(store: &Store, cx: &Cx, parent: &str, page: &PageRequest) -> Result<Page<String>, Fault> {
    require_root(&ask(store, cx, "organizations:ListChildren", parent)?, parent)?;
    let rows = store.read(|rx| Ok(store::accounts::accounts::page(rx, page)?))?;
    Ok(page.page(rows, |account| account.id.to_string()).map(|account| account.id.to_string()))
}

fn require_root(organization: &Organization, parent: &str) -> Result<(), Fault> {
    if parent == organization.root_id {
        return Ok(());
    }
    Err(absent("ParentNotFoundException", "parent"))
}

/// The accounts under a parent.
pub fn accounts(
    store: &Store,
    cx: &Cx,
    parent: &str,
    page: &PageRequest,
) -> Result<(Page<Account>, Organization), Fault> {
    let organization = ask(store, cx, "organizations:ListAccountsForParent", parent)?;
    require_root(&organization, parent)?;
    let rows = store.read(|rx| Ok(store::accounts::accounts::page(rx, page)?))?;
    Ok((page.page(rows, |account| account.id.to_string()), organization))
}

/// The services that work in every account, with the time since when: the identity center, from its beginning.
pub fn trusted_services(store: &Store, cx: &Cx) -> Result<Vec<(&'static str, Timestamp)>, Fault> {
    tree(store, cx, Action("organizations:ListAWSServiceAccessForOrganization"))?;
    let instances = store.read(|rx| Ok(store::instances::instances::list(rx)?))?;
    Ok(instances.first().map(|instance| ("sso.amazonaws.com", instance.created_at)).into_iter().collect())
}

/// The delegated administrators, of which there are none.
pub fn delegated_administrators(store: &Store, cx: &Cx, service: Option<&str>) -> Result<(), Fault> {
    store.read(|rx| {
        let owner = organization(rx)?.management_account_id;
        let further =
            service.map(|name| ("organizations:ServicePrincipal".to_owned(), vec![name.to_owned()]));
        let action = Action("organizations:ListDelegatedAdministrators");
        require_with(cx, action, &[resource::owned("*", &owner)], &further.into_iter().collect())
    })
}

fn of_type(kind: &str) -> Context {
    Context::from([("organizations:PolicyType".to_owned(), vec![kind.to_owned()])])
}

/// The policies of a type, of which there are none: no type is enabled in the root.
pub fn policies(store: &Store, cx: &Cx, kind: &str) -> Result<(), Fault> {
    store.read(|rx| {
        let owner = organization(rx)?.management_account_id;
        let action = Action("organizations:ListPolicies");
        require_with(cx, action, &[resource::owned("*", &owner)], &of_type(kind))
    })
}

/// The policies of a type that are attached to a root or an account.
pub fn policies_of(store: &Store, cx: &Cx, target: &str, kind: &str) -> Result<(), Fault> {
    store.read(|rx| {
        let action = Action("organizations:ListPoliciesForTarget");
        let organization = guarded(rx, cx, action, target, &of_type(kind))?;
        if is_there(rx, &organization, target)? { Ok(()) } else { Err(no_target()) }
    })
}
