//! Accounts of the organization, as Organizations shows them.

use model::access::Context;
use model::accounts::account::{Account, AccountId, AccountState};
use model::accounts::organization::Organization;
use model::accounts::organizational_unit::UnitPath;
use model::cx::Cx;
use model::entropy::bytes;
use model::fault::{Fault, FaultKind};
use model::page::{Page, PageRequest};
use policy::require::{Action, require};
use store::db::Store;
use store::tx::{Rx, Tx};

use crate::organization::{guarded, organization};

/// An account to declare.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// A given id; one is drawn when absent.
    pub id: Option<AccountId>,
    /// 1 to 50 characters.
    pub name: String,
    /// Unique in the organization.
    pub email: String,
    /// Where it is to lie: a path that is there.
    pub path: UnitPath,
}

/// Adds an account in a transaction, with no question of who asks: for account creations and the seed.
pub fn insert_in(tx: &mut Tx<'_>, cx: &Cx, new: &NewAccount, joined_method: &str) -> Result<Account, Fault> {
    if store::accounts::accounts::find_by_email(tx, &new.email)?.is_some() {
        return Err(Fault::conflict(format!(
            "An account with the address {} is in the organization already",
            new.email
        )));
    }
    let id = match &new.id {
        Some(id) if store::accounts::accounts::find(tx, id)?.is_some() => {
            return Err(Fault::conflict(format!("Account {id} is in the organization already")));
        }
        Some(id) => id.clone(),
        None => free_id(tx, cx)?,
    };
    let account = Account {
        id,
        name: new.name.clone(),
        email: new.email.clone(),
        state: AccountState::Active,
        joined_method: joined_method.to_owned(),
        joined_at: cx.now,
        path: new.path.clone(),
    };
    store::accounts::accounts::insert(tx, &account)?;
    Ok(account)
}

/// Twelve random digits that no account has.
pub fn free_id(rx: &mut Rx<'_>, cx: &Cx) -> Result<AccountId, Fault> {
    loop {
        let number = u64::from_be_bytes(bytes::<8>(cx.entropy())) % 900_000_000_000 + 100_000_000_000;
        let id = AccountId::parse(number.to_string())?;
        if store::accounts::accounts::find(rx, &id)?.is_none() {
            return Ok(id);
        }
    }
}

/// An account and the organization that it is in.
pub fn describe(store: &Store, cx: &Cx, id: &AccountId) -> Result<(Account, Organization), Fault> {
    store.read(|rx| {
        let action = Action("organizations:DescribeAccount");
        let organization = guarded(rx, cx, action, id.as_str(), &Context::new())?;
        let found = store::accounts::accounts::find(rx, id)?.ok_or_else(|| {
            let message = "You specified an account that doesn't exist.";
            Fault::new(FaultKind::Service("AccountNotFoundException"), message)
        })?;
        Ok((found, organization))
    })
}

/// Accounts by id.
pub fn list(store: &Store, cx: &Cx, page: &PageRequest) -> Result<(Page<Account>, Organization), Fault> {
    store.read(|rx| {
        let organization = organization(rx)?;
        require(
            cx,
            Action("organizations:ListAccounts"),
            &[policy::resource::owned("*", &organization.management_account_id)],
        )?;
        let rows = store::accounts::accounts::page(rx, page)?;
        Ok((page.page(rows, |account| account.id.to_string()), organization))
    })
}
