//! What a person signed in to the portal may see of their own access. Whoever is behind the token asks about themselves; nobody else can.

use std::sync::{Arc, OnceLock};

use model::accounts::account::{Account, AccountId};
use model::caller::{Identity, PortalUser};
use model::cx::Cx;
use model::directory::group::GroupId;
use model::directory::user::UserId;
use model::fault::{Fault, FaultKind};
use model::instances::instance::InstanceId;
use model::page::{Page, PageRequest};
use model::saying::Saying;
use store::accounts::access::Moment;
use store::accounts::effective_access::ReachableRole;
use store::db::Store;
use store::generations::{Changes, Known};
use store::tables::Table;

use crate::access_pages::{Access, Looking, of_user};
use crate::access_ways::{self, Beside};

/// The person at the portal; anybody else is refused.
pub(crate) fn person(cx: &Cx) -> Result<&PortalUser, Fault> {
    match cx.caller.identity() {
        Identity::PortalUser(user) => Ok(user),
        _ => Err(unknown_session()),
    }
}

/// AWS's words for a token or session that opens nothing.
pub(crate) fn unknown_session() -> Fault {
    Fault::say(FaultKind::Unauthorized, Saying::SessionUnknown)
}

/// Rows of pages known at most, of each kind, a page itself counted as one: some 20 MB.
const KNOWN_MAX: usize = 65_536;

/// Bytes of written pages for administrators known at most.
const GRANTED_BYTES_MAX: usize = 6 * 1024 * 1024;

/// A page of somebody's reach: whose, in which account if it is of roles, after what, how many rows.
type Place = (UserId, Option<AccountId>, String, i64);

/// A page, and how whoever answers with it writes it.
#[derive(Debug)]
pub struct Listed<T> {
    page: Page<T>,
    written: OnceLock<Box<str>>,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self::from(Page::default())
    }
}

impl<T> From<Page<T>> for Listed<T> {
    fn from(page: Page<T>) -> Self {
        Self { page, written: OnceLock::new() }
    }
}

impl<T> Listed<T> {
    /// The page.
    pub const fn page(&self) -> &Page<T> {
        &self.page
    }

    /// The page as `write` writes it, once for as long as it is known: the same is always written of it.
    pub fn written(&self, write: impl FnOnce(&Page<T>) -> String) -> &str {
        self.written.get_or_init(|| write(&self.page).into())
    }
}

/// What is known of who reaches what.
#[derive(Debug)]
pub struct Reach {
    accounts: Known<Place, Arc<Listed<Arc<Account>>>>,
    roles: Known<Place, Arc<Listed<ReachableRole>>>,
    /// The accounts of each principal by itself, by id: when somebody joins or leaves a group, nothing else of anybody's reach is read anew.
    principals: Known<String, Arc<[Arc<Account>]>>,
    /// What somebody reaches and what grants it, as it is written for administrators: the rows themselves would take twice as much.
    granted: Known<(InstanceId, UserId, String, i64), Arc<str>>,
}

/// What the accounts of a principal by itself are read from. These are lists: a row that is added belongs into one.
const OF_PRINCIPALS: Changes =
    Changes::to(&[Table::AccountAssignments, Table::ProvisionedPermissionSets, Table::Accounts]);
/// What somebody reaches is read from.
pub(crate) const OF_REACH: Changes =
    OF_PRINCIPALS.and(Changes::to(&[Table::Memberships, Table::NestedGroups, Table::PermissionSets]));

impl Default for Reach {
    fn default() -> Self {
        Self {
            accounts: Known::weighed(OF_REACH, KNOWN_MAX, |listed| listed.page.items.len() + 1),
            roles: Known::weighed(OF_REACH, KNOWN_MAX, |listed| listed.page.items.len() + 1),
            principals: Known::weighed(OF_PRINCIPALS, KNOWN_MAX, |accounts| accounts.len() + 1),
            // Whether the person is enabled counts too.
            granted: Known::weighed(
                OF_REACH.and(Changes::to_rows_of(&[Table::Users])),
                GRANTED_BYTES_MAX,
                |written| written.len() + 256,
            ),
        }
    }
}

impl Reach {
    /// What a person of the instance reaches now, with what grants it, as `write` writes it. Whoever asks may know it.
    pub(crate) fn granted(
        &self,
        store: &Store,
        (instance, user): (&InstanceId, &UserId),
        page: &PageRequest,
        write: impl FnOnce(&Page<Access>, &Beside) -> Result<String, Fault>,
    ) -> Result<Arc<str>, Fault> {
        let place = (instance.clone(), user.clone(), page.after_or_start().to_owned(), page.rows());
        let found = self.granted.find(store.generations(), &place, || {
            let (found, ways) = store.read(|rx| {
                let found = of_user(&mut Looking::new(rx, Moment::Now, page), user)?;
                let ways = access_ways::of_rows(rx, Moment::Now, &found.items)?;
                Ok((found, ways))
            })?;
            write(&found, &Beside { ways, ..Beside::default() }).map(|written| Some(written.into()))
        })?;
        found.ok_or_else(|| Fault::internal("what was written is not there"))
    }

    /// The accounts in which the caller may use a role.
    pub fn accounts(
        &self,
        store: &Store,
        cx: &Cx,
        page: &PageRequest,
    ) -> Result<Arc<Listed<Arc<Account>>>, Fault> {
        let user = &person(cx)?.user_id;
        let place = (user.clone(), None, page.after_or_start().to_owned(), page.rows());
        let found = self.accounts.find(store.generations(), &place, || {
            let rows = match self.put_together(store, user, page)? {
                Some(rows) => rows,
                None => store
                    .read(|rx| {
                        let (after, rows) = (page.after_or_start(), page.rows());
                        Ok(store::accounts::effective_access::accounts(rx, user, after, rows)?)
                    })?
                    .into_iter()
                    .map(Arc::new)
                    .collect(),
            };
            Ok(some(page.page(rows, |account| account.id.to_string())))
        })?;
        Ok(found.unwrap_or_default())
    }

    /// The rows of a page of accounts, from what is known of the person's principals; `None` where nothing is known, and where anything was
    /// committed meanwhile, since what was read before and after that belongs to no one state.
    fn put_together(
        &self,
        store: &Store,
        user: &UserId,
        page: &PageRequest,
    ) -> Result<Option<Vec<Arc<Account>>>, Fault> {
        let Some(generations) = store.generations() else { return Ok(None) };
        let Some(as_of) = generations.sum(OF_REACH) else { return Ok(None) };
        let groups = store.read(|rx| Ok(store::directory::memberships::groups(rx, user)?))?;
        let principals = groups.iter().map(GroupId::as_str).chain([user.as_str()]);
        let limit = page.limit.saturating_add(1);
        let mut all: Vec<Arc<Account>> = Vec::new();
        for principal in principals {
            let accounts = self.principals.find(Some(generations), principal, || {
                let read =
                    store.read(|rx| Ok(store::accounts::effective_access::accounts_of(rx, principal)?))?;
                Ok(Some(read.into_iter().map(Arc::new).collect()))
            })?;
            let accounts = accounts.as_deref().unwrap_or_default();
            let given = accounts.partition_point(|account| account.id.as_str() <= page.after_or_start());
            all.extend(accounts.iter().skip(given).take(limit).cloned());
        }
        all.sort_unstable_by(|one, other| one.id.cmp(&other.id));
        all.dedup_by(|one, other| one.id == other.id);
        all.truncate(limit);
        Ok((generations.sum(OF_REACH) == Some(as_of)).then_some(all))
    }

    /// The roles that the caller may use in an account; none is not found, whether the account is there or not.
    pub fn roles(
        &self,
        store: &Store,
        cx: &Cx,
        account: &AccountId,
        page: &PageRequest,
    ) -> Result<Arc<Listed<ReachableRole>>, Fault> {
        let user = &person(cx)?.user_id;
        let place = (user.clone(), Some(account.clone()), page.after_or_start().to_owned(), page.rows());
        let found = self.roles.find(store.generations(), &place, || {
            let rows = store.read(|rx| {
                Ok(store::accounts::effective_access::roles(
                    rx,
                    user,
                    account,
                    page.after_or_start(),
                    page.rows(),
                )?)
            })?;
            Ok(some(page.page(rows, |role| role.permission_set_name.clone())))
        })?;
        if found.is_none() && page.after.is_none() {
            // The same answer for an account that is not there and one that the caller has no role in: nothing is learned.
            return Err(Fault::new(
                FaultKind::NotFound(model::fault::ResourceType::Other),
                format!("No access to account {account}"),
            ));
        }
        Ok(found.unwrap_or_default())
    }
}

/// A page that is worth knowing: one with rows.
fn some<T>(page: Page<T>) -> Option<Arc<Listed<T>>> {
    (!page.items.is_empty()).then(|| Arc::new(page.into()))
}
