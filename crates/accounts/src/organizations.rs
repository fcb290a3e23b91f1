//! The organization: a root with all accounts directly under it. There are no organizational units yet.

use model::account::AccountId;
use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use model::organization::Organization;
use model::page::{Page, PageRequest};
use policy::require::{Action, require};
use policy::resource;
use store::db::Store;

use crate::accounts::organization;

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
        let management = store::accounts::find(rx, owner)?;
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

/// The organization, for a caller who may do `action` on what is called `id`.
fn guarded(store: &Store, cx: &Cx, action: Action, id: &str) -> Result<Organization, Fault> {
    store.read(|rx| {
        let organization = organization(rx)?;
        let arn = organization.arn_of(id);
        require(cx, action, &[resource::owned(arn, &organization.management_account_id)])?;
        Ok(organization)
    })
}

/// The organizational units under a parent: the root has none, and nothing else is a parent.
pub fn units(store: &Store, cx: &Cx, parent: &str) -> Result<(), Fault> {
    let action = Action("organizations:ListOrganizationalUnitsForParent");
    require_root(&guarded(store, cx, action, parent)?, parent)
}

/// The id of the parent of an account, which is the root's.
pub fn parent(store: &Store, cx: &Cx, child: &str) -> Result<String, Fault> {
    let organization = guarded(store, cx, Action("organizations:ListParents"), child)?;
    let found = match AccountId::parse(child) {
        Ok(id) => store.read(|rx| Ok(store::accounts::find(rx, &id)?))?,
        Err(_) => None,
    };
    let message = "You specified a child that doesn't exist.";
    found
        .map(|_| organization.root_id)
        .ok_or_else(|| Fault::new(FaultKind::Service("ChildNotFoundException"), message))
}

/// The ids of the accounts under a parent.
pub fn children(store: &Store, cx: &Cx, parent: &str, page: &PageRequest) -> Result<Page<String>, Fault> {
    require_root(&guarded(store, cx, Action("organizations:ListChildren"), parent)?, parent)?;
    let rows = store.read(|rx| Ok(store::accounts::page(rx, page)?))?;
    Ok(page.page(rows, |account| account.id.to_string()).map(|account| account.id.to_string()))
}

fn require_root(organization: &Organization, parent: &str) -> Result<(), Fault> {
    if parent == organization.root_id {
        return Ok(());
    }
    let message = "You specified parent that doesn't exist.";
    Err(Fault::new(FaultKind::Service("ParentNotFoundException"), message))
}
