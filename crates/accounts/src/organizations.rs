//! The organization as a tree: a root, units within one another, accounts in them.

use model::access::Context;
use model::accounts::account::{Account, AccountId};
use model::accounts::organization::Organization;
use model::accounts::organizational_unit::{OrganizationalUnit, OrganizationalUnitId, Parent};
use model::cx::Cx;
use model::fault::Fault;
use model::page::{Page, PageRequest};
use model::timestamp::Timestamp;
use policy::require::{Action, require};
use policy::resource;
use store::db::Store;
use store::tx::Rx;

use crate::delegated_administrators::IDENTITY_CENTER;
use crate::organization::{absent, guarded, organization, parent};

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

/// What holds accounts and units, for a caller who may do `action` with it, whether or not it is there.
fn ask_parent(
    rx: &mut Rx<'_>,
    cx: &Cx,
    action: &'static str,
    id: &str,
) -> Result<(Parent, Organization), Fault> {
    let organization = guarded(rx, cx, Action(action), id, &Context::new())?;
    let found = parent(rx, &organization, id)?;
    Ok((found.ok_or_else(|| absent("ParentNotFoundException", "parent"))?, organization))
}

/// The units in a root or a unit, by id.
pub fn units(
    store: &Store,
    cx: &Cx,
    parent: &str,
    page: &PageRequest,
) -> Result<(Page<OrganizationalUnit>, Organization), Fault> {
    store.read(|rx| {
        let (parent, organization) =
            ask_parent(rx, cx, "organizations:ListOrganizationalUnitsForParent", parent)?;
        let rows = store::accounts::organizational_units::page_by_path(rx, &parent.path, page)?;
        Ok((page.page(rows, |unit| unit.id.to_string()), organization))
    })
}

/// What an account or a unit lies in.
pub fn parent_of(store: &Store, cx: &Cx, child: &str) -> Result<Parent, Fault> {
    store.read(|rx| {
        let organization = guarded(rx, cx, Action("organizations:ListParents"), child, &Context::new())?;
        let path = match (AccountId::parse(child), OrganizationalUnitId::parse(child)) {
            (Ok(id), _) => store::accounts::accounts::find(rx, &id)?.map(|account| account.path),
            (_, Ok(id)) => store::accounts::organizational_units::find(rx, &id)?.map(|unit| unit.path),
            // A root has no parent.
            _ => None,
        };
        let path = path.ok_or_else(|| absent("ChildNotFoundException", "a child"))?;
        Ok(organization.parent_at(path))
    })
}

/// What is in a root or a unit: its units, or its accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Children {
    /// Accounts.
    Accounts,
    /// Organizational units.
    Units,
}

/// The ids of the children under a parent that are of one kind.
pub fn children(
    store: &Store,
    cx: &Cx,
    (parent, kind): (&str, Children),
    page: &PageRequest,
) -> Result<Page<String>, Fault> {
    store.read(|rx| {
        let (parent, _) = ask_parent(rx, cx, "organizations:ListChildren", parent)?;
        let ids: Vec<String> = match kind {
            Children::Accounts => {
                let rows = store::accounts::accounts::page_by_path(rx, &parent.path, page)?;
                rows.into_iter().map(|account| account.id.into()).collect()
            }
            Children::Units => {
                let rows = store::accounts::organizational_units::page_by_path(rx, &parent.path, page)?;
                rows.into_iter().map(|unit| unit.id.into()).collect()
            }
        };
        Ok(page.page(ids, String::clone))
    })
}

/// The accounts under a parent.
pub fn accounts(
    store: &Store,
    cx: &Cx,
    parent: &str,
    page: &PageRequest,
) -> Result<(Page<Account>, Organization), Fault> {
    store.read(|rx| {
        let (parent, organization) = ask_parent(rx, cx, "organizations:ListAccountsForParent", parent)?;
        let rows = store::accounts::accounts::page_by_path(rx, &parent.path, page)?;
        Ok((page.page(rows, |account| account.id.to_string()), organization))
    })
}

/// The services that work in every account, with the time since when: the identity center, from its beginning.
pub fn trusted_services(store: &Store, cx: &Cx) -> Result<Vec<(&'static str, Timestamp)>, Fault> {
    tree(store, cx, Action("organizations:ListAWSServiceAccessForOrganization"))?;
    let instance = store.read(|rx| Ok(store::instances::instances::find_organizations(rx)?))?;
    Ok(instance.map(|instance| (IDENTITY_CENTER, instance.created_at)).into_iter().collect())
}
