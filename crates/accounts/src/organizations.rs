//! The organization: a root with all accounts directly under it. There are no organizational units yet.

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

/// The organization, for a caller who may do `action` on its tree.
pub fn tree(store: &Store, cx: &Cx, action: Action) -> Result<Organization, Fault> {
    store.read(|rx| {
        let organization = organization(rx)?;
        require(cx, action, &[resource::owned("*", &organization.management_account_id)])?;
        Ok(organization)
    })
}

/// Refuses a parent that is not the root.
pub fn require_root(organization: &Organization, parent: &str) -> Result<(), Fault> {
    if parent == organization.root_id {
        return Ok(());
    }
    let message = "You specified parent that doesn't exist.";
    Err(Fault::new(FaultKind::Service("ParentNotFoundException"), message))
}

/// Whether an account is in the organization: every account's parent is the root.
pub fn require_child(store: &Store, child: &str) -> Result<(), Fault> {
    let found = match model::account::AccountId::parse(child) {
        Ok(id) => store.read(|rx| Ok(store::accounts::find(rx, &id)?))?,
        Err(_) => None,
    };
    let message = "You specified a child that doesn't exist.";
    found.map(|_| ()).ok_or_else(|| Fault::new(FaultKind::Service("ChildNotFoundException"), message))
}

/// The ids of the accounts under the root.
pub fn children(store: &Store, page: &PageRequest) -> Result<Page<String>, Fault> {
    let rows = store.read(|rx| Ok(store::accounts::page(rx, page)?))?;
    Ok(page.page(rows, |account| account.id.to_string()).map(|account| account.id.to_string()))
}
