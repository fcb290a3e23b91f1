//! What a person signed in to the portal may see of their own access. Whoever is behind the token asks about themselves; nobody else can.

use model::account::{Account, AccountId};
use model::caller::{Identity, PortalUser};
use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use model::page::{Page, PageRequest};
use store::db::Store;
use store::effective_access::ReachableRole;

/// Rows of the portal page at most; beyond that a person searches.
const EVERYTHING_MAX: i64 = 10_000;

/// An account and the roles in it that a person may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReachableAccount {
    /// The account.
    pub account: Account,
    /// The roles, by name, with the description of each one's permission set.
    pub roles: Vec<(ReachableRole, Option<String>)>,
}

/// The person at the portal; anybody else is refused.
pub(crate) fn person(cx: &Cx) -> Result<&PortalUser, Fault> {
    match &cx.caller.identity {
        Identity::PortalUser(user) => Ok(user),
        _ => Err(unknown_session()),
    }
}

/// AWS's words for a token or session that opens nothing.
pub(crate) fn unknown_session() -> Fault {
    Fault::new(FaultKind::Unauthorized, "Session token not found or invalid")
}

/// The accounts in which the caller may use a role.
pub fn accounts(store: &Store, cx: &Cx, page: &PageRequest) -> Result<Page<Account>, Fault> {
    let user = person(cx)?;
    let rows = store.read(|rx| {
        Ok(store::effective_access::accounts(rx, &user.user_id, page.after_or_start(), page.rows())?)
    })?;
    Ok(page.page(rows, |account| account.id.to_string()))
}

/// The roles that the caller may use in an account; none is an empty list for an account of the organization and not found for others.
pub fn roles(
    store: &Store,
    cx: &Cx,
    account: &AccountId,
    page: &PageRequest,
) -> Result<Page<ReachableRole>, Fault> {
    let user = person(cx)?;
    let rows = store.read(|rx| {
        Ok(store::effective_access::roles(rx, &user.user_id, account, page.after_or_start(), page.rows())?)
    })?;
    if rows.is_empty() && page.after.is_none() {
        // The same answer for an account that is not there and one that the caller has no role in: nothing is learned.
        return Err(Fault::new(
            FaultKind::NotFound(model::fault::ResourceType::Other),
            format!("No access to account {account}"),
        ));
    }
    Ok(page.page(rows, |role| role.permission_set_name.clone()))
}

/// Everything that the caller may use, for the portal page. Ten thousand rows take their time: nobody else waits for it.
pub async fn everything(store: &Store, cx: &Cx) -> Result<Vec<ReachableAccount>, Fault> {
    let user = person(cx)?.user_id.clone();
    let rows = store
        .read_aside(move |rx| Ok(store::effective_access::everything(rx, &user, EVERYTHING_MAX)?))
        .await?;
    let mut accounts: Vec<ReachableAccount> = Vec::new();
    for (account, role, description) in rows {
        match accounts.last_mut() {
            Some(last) if last.account.id == account.id => last.roles.push((role, description)),
            _ => accounts.push(ReachableAccount { account, roles: vec![(role, description)] }),
        }
    }
    Ok(accounts)
}
