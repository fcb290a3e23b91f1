//! Who is assigned what, as it was assigned: in one account with every permission set, or one permission set in every account. What becomes of it
//! for people is [`crate::access`].

use model::accounts::account::AccountId;
use model::accounts::account_assignment::AccountAssignment;
use model::accounts::permission_set::{PermissionSetArn, PermissionSetId};
use model::cx::Cx;
use model::fault::Fault;
use model::instances::instance::InstanceId;
use model::page::{Page, PageRequest};
use policy::require::Action;
use store::accounts::account_assignments as rows;
use store::accounts::provisioned_permission_sets::{Latest, accounts};
use store::db::Store;
use store::tx::Rx;

use crate::access::{Of, guarded as guarded_of, require_there};

/// Accounts of a permission set that are looked into for one page, at most. A page may end there, short, and another follows.
const LOOKS_MAX: usize = 128;

/// Where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In an account.
    Account(AccountId),
    /// With a permission set.
    PermissionSet(PermissionSetArn),
}

/// The assignments of a place. A page may hold fewer than were asked for, and more follow.
pub fn list(
    store: &Store,
    cx: &Cx,
    (instance_id, place): (&InstanceId, &Place),
    page: &PageRequest,
) -> Result<Page<AccountAssignment>, Fault> {
    let of = match place {
        Place::Account(id) => Of::Account(id.clone()),
        Place::PermissionSet(arn) => Of::PermissionSet(arn.clone()),
    };
    store.read(|rx| {
        let asked = (instance_id, std::slice::from_ref(&of));
        let instance = guarded_of(rx, cx, Action("portico:ListAssignments"), asked)?;
        require_there(rx, &instance, &of)?;
        match place {
            Place::Account(id) => Ok(page.page(rows::page_by_account(rx, id, page)?, rows::account_key)),
            Place::PermissionSet(arn) => everywhere(rx, &arn.id, page),
        }
    })
}

/// The key of a row of a permission set.
fn key(row: &AccountAssignment) -> String {
    format!("{} {}", row.account_id, rows::key(row))
}

/// A permission set's assignments, account by account. An account holds a permission set as long as anybody is assigned it there, so that hardly any
/// look is in vain.
fn everywhere(
    rx: &mut Rx<'_>,
    set: &PermissionSetId,
    page: &PageRequest,
) -> Result<Page<AccountAssignment>, Fault> {
    let (first, within) = page.after_or_start().split_once(' ').unwrap_or((page.after_or_start(), ""));
    let mut found = Vec::new();
    let mut look = |rx: &mut Rx<'_>, account: &AccountId, after: &str| {
        let limit = page.limit.saturating_sub(found.len());
        let after = (!after.is_empty()).then(|| after.to_owned());
        found.extend(rows::page(rx, account, set, &PageRequest { after, limit })?);
        Ok::<bool, Fault>(found.len() > page.limit)
    };
    let mut is_full = !within.is_empty() && look(rx, &AccountId::parse(first)?, within)?;
    let ask = PageRequest { after: Some(first.to_owned()), limit: LOOKS_MAX };
    let holders = if is_full { Vec::new() } else { accounts(rx, set, Latest::Any, &ask)? };
    let (mut last, mut looks) = (None, 0);
    for account in &holders {
        if looks == LOOKS_MAX || is_full {
            break;
        }
        is_full = look(rx, account, "")?;
        looks += 1;
        last = Some(account);
    }
    let has_more = holders.len() > LOOKS_MAX;
    if is_full || !has_more {
        return Ok(page.page(found, key));
    }
    Ok(Page { items: found, next: last.map(AccountId::to_string) })
}
