//! Accounts of the organization, as Organizations shows them.

use model::access::Context;
use model::accounts::account::{Account, AccountId, AccountState};
use model::accounts::organization::Organization;
use model::accounts::organizational_unit::UnitPath;
use model::cx::Cx;
use model::entropy::bytes;
use model::fault::{Fault, FaultKind};
use model::instances::instance::InstanceStatus;
use model::page::{Page, PageRequest};
use policy::require::{Action, require};
use store::db::Store;
use store::instances::account_instances;
use store::tx::{Rx, Tx};

use crate::organization::{constraint, guarded, organization};

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
    store::accounts::policy_attachments::insert_new(tx, account.id.as_str())?;
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
        Ok((existing(rx, id)?, organization))
    })
}

/// The account, in the words of Organizations if there is none.
pub(crate) fn existing(rx: &mut Rx<'_>, id: &AccountId) -> Result<Account, Fault> {
    store::accounts::accounts::find(rx, id)?.ok_or_else(|| {
        let message = "You specified an account that doesn't exist.";
        Fault::new(FaultKind::Service("AccountNotFoundException"), message)
    })
}

/// CloseAccount: suspended from the next request on. Nobody is led there any more, sessions of its roles end, it administers nothing, and an instance of its own is deleted. What is assigned and
/// provisioned there stays, as at AWS, and is of no use.
pub async fn close(store: &Store, cx: &Cx, id: AccountId) -> Result<(), Fault> {
    store
        .write(cx, move |tx, cx| {
            let action = Action("organizations:CloseAccount");
            let organization = guarded(tx, cx, action, id.as_str(), &Context::new())?;
            let account = existing(tx, &id)?;
            if id == organization.management_account_id {
                let message = "You cannot close the organization's management account".to_owned();
                return Err(constraint("CANNOT_CLOSE_MANAGEMENT_ACCOUNT", message));
            }
            if account.state != AccountState::Active {
                return Err(Fault::new(
                    FaultKind::Service("AccountAlreadyClosedException"),
                    "You attempted to close an account that is already closed.",
                ));
            }
            store::accounts::accounts::set_state(tx, &id, AccountState::Suspended, cx.now)?;
            store::accounts::accounts::set_delegated(tx, &id, None)?;
            // Whoever could end it is of this account.
            let own = account_instances::find_by_owner(tx, &id)?;
            if let Some(own) = own.filter(|own| own.status != InstanceStatus::DeleteInProgress) {
                account_instances::end(tx, cx, &own.instance)?;
                cx.event().touch("AWS::SSO::Instance", own.instance.id.arn());
            }
            cx.event().touch("AWS::Organizations::Account", organization.account_arn(&id));
            Ok(())
        })
        .await
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
