//! Everything that a person may use, as their portal shows it: by name, searched by words, a page at a time. Whoever reaches ten thousand accounts asks
//! for it at every key, so the whole of it is known while no row of it changes.

use std::collections::HashMap;
use std::sync::Arc;

use model::accounts::account::{Account, AccountId};
use model::accounts::account_connection::{ConnectionSettings, is_plain_address};
use model::accounts::search::{Wanted, folded};
use model::cx::Cx;
use model::directory::user::UserId;
use model::fault::Fault;
use store::accounts::{account_connections, effective_access};
use store::db::Store;
use store::generations::{Changes, Known};
use store::tables::Table;
use store::tx::Rx;

use crate::effective_access::{OF_REACH, person};

/// Bytes of it known at most, of all people together.
const KNOWN_BYTES_MAX: usize = 48 * 1024 * 1024;
/// Roles of one page at most, and accounts: a page is some 30 KB, however much there is.
const PAGE_ROLES_MAX: usize = 80;
const PAGE_ACCOUNTS_MAX: usize = 25;

/// A permission set, as the portal calls it: a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnRole {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    folded: Box<str>,
}

/// Where the services of an account are that is connected. What is not said is where AWS has it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Elsewhere {
    /// Its Region, if another one than the instance's is said.
    pub region: Option<String>,
    /// Where its IAM is.
    pub iam_endpoint: Option<String>,
    /// Where its STS is.
    pub sts_endpoint: Option<String>,
}

/// An account, with the roles in it by their places among all roles.
#[derive(Debug)]
struct OwnAccount {
    account: Account,
    elsewhere: Option<Box<Elsewhere>>,
    folded: Box<str>,
    roles: Box<[u32]>,
}

/// Everything that a person may use.
#[derive(Debug, Default)]
pub struct OwnAccess {
    /// By name, then by id.
    accounts: Vec<OwnAccount>,
    /// How many roles each account has: all that is looked at of most of them.
    counts: Vec<u32>,
    /// By name.
    roles: Vec<OwnRole>,
    /// Places of the accounts, by id.
    by_id: Vec<u32>,
    weight: usize,
}

/// An account with those of its roles that are shown.
#[derive(Debug, Clone)]
pub struct Reached<'a> {
    /// The account.
    pub account: &'a Account,
    /// Where its services are, if it is connected.
    pub elsewhere: Option<&'a Elsewhere>,
    /// The roles, by name.
    pub roles: Vec<&'a OwnRole>,
    /// How many there are in all, of those that were looked for.
    pub of: usize,
}

/// A page of what was found.
#[derive(Debug, Clone)]
pub struct Found<'a> {
    /// The accounts of this page.
    pub accounts: Vec<Reached<'a>>,
    /// How many accounts there are on all pages.
    pub total: usize,
    /// Which page it is: the first is 1.
    pub page: usize,
    /// How many pages there are: at least one.
    pub pages: usize,
}

impl OwnAccess {
    fn read(rx: &mut Rx<'_>, user: &UserId) -> Result<Self, Fault> {
        let mut accounts = effective_access::accounts(rx, user, "", i64::MAX)?;
        accounts.sort_unstable_by(|one, other| (&one.name, &one.id).cmp(&(&other.name, &other.id)));
        let sets = effective_access::sets(rx, user)?;
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let account_at: HashMap<&str, u32> =
            accounts.iter().enumerate().map(|(at, account)| (account.id.as_str(), place(at))).collect();
        let set_at: HashMap<&str, u32> =
            sets.iter().enumerate().map(|(at, (id, ..))| (id.as_str(), place(at))).collect();
        let mut places: Vec<(u32, u32)> = Vec::new();
        effective_access::places(rx, user, |account, set| {
            // An account that is suspended is in no list of accounts.
            if let (Some(account), Some(set)) = (account_at.get(account), set_at.get(set)) {
                places.push((*account, *set));
            }
            Ok(())
        })?;
        places.sort_unstable();
        places.dedup();
        let roles: Vec<OwnRole> = sets
            .into_iter()
            .map(|(_, name, description)| OwnRole { folded: folded(&name).into(), name, description })
            .collect();
        drop(account_at);
        let connected = account_connections::settings_among(rx, accounts.iter().map(|account| &account.id))?;
        let connected = connected.into_iter().map(|(account, settings)| {
            let ConnectionSettings { region, iam_endpoint, sts_endpoint, .. } = settings;
            let plain = |place: Option<String>| place.filter(|place| is_plain_address(place));
            let (iam_endpoint, sts_endpoint) = (plain(iam_endpoint), plain(sts_endpoint));
            (account, Elsewhere { region, iam_endpoint, sts_endpoint })
        });
        Ok(Self::of(accounts, &places, roles, connected.collect()))
    }

    /// Of accounts and the names of the roles in each, for whoever writes texts about them.
    pub fn made_of<'n>(accounts: impl Iterator<Item = (Account, &'n [&'n str])>) -> Self {
        let mut accounts: Vec<(Account, &[&str])> = accounts.collect();
        accounts.sort_unstable_by(|(one, _), (other, _)| (&one.name, &one.id).cmp(&(&other.name, &other.id)));
        let mut names: Vec<&str> = accounts.iter().flat_map(|(_, roles)| roles.iter().copied()).collect();
        names.sort_unstable();
        names.dedup();
        let place = |name: &&str| names.binary_search(name).ok().and_then(|at| u32::try_from(at).ok());
        let mut places: Vec<(u32, u32)> = Vec::new();
        for (at, (_, roles)) in (0_u32..).zip(&accounts) {
            places.extend(roles.iter().filter_map(|role| Some((at, place(role)?))));
        }
        places.sort_unstable();
        let role = |name: &&str| OwnRole {
            name: (*name).to_owned(),
            description: None,
            folded: folded(name).into(),
        };
        Self::of(
            accounts.into_iter().map(|(account, _)| account).collect(),
            &places,
            names.iter().map(role).collect(),
            HashMap::new(),
        )
    }

    fn of(
        accounts: Vec<Account>,
        places: &[(u32, u32)],
        roles: Vec<OwnRole>,
        mut connected: HashMap<AccountId, Elsewhere>,
    ) -> Self {
        let mut rest = places;
        let accounts: Vec<OwnAccount> = (0_u32..)
            .zip(accounts)
            .map(|(at, account)| {
                let (own, others) = rest.split_at(rest.partition_point(|(of, _)| *of <= at));
                rest = others;
                let text = [folded(&account.name), account.id.to_string(), folded(shown_email(&account))];
                OwnAccount {
                    elsewhere: connected.remove(&account.id).map(Box::new),
                    account,
                    folded: text.join("\n").into(),
                    roles: own.iter().map(|(_, set)| *set).collect(),
                }
            })
            .collect();
        let counts = accounts.iter().map(|own| u32::try_from(own.roles.len()).unwrap_or(u32::MAX)).collect();
        let mut by_id: Vec<u32> = (0_u32..).take(accounts.len()).collect();
        by_id.sort_unstable_by_key(|at| accounts.get(*at as usize).map(|own| own.account.id.as_str()));
        let of_accounts: usize = accounts.iter().map(weight).sum();
        let of_roles: usize = roles
            .iter()
            .map(|role| 96 + 2 * role.name.len() + role.description.as_ref().map_or(0, String::len))
            .sum();
        Self { counts, by_id, weight: 256 + of_accounts + of_roles, accounts, roles }
    }

    /// How many accounts there are.
    pub const fn len(&self) -> usize {
        self.accounts.len()
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.accounts.is_empty()
    }

    /// How many roles there are in all accounts together.
    pub fn roles_in_all(&self) -> usize {
        self.counts.iter().map(|count| *count as usize).sum()
    }

    /// Every account with its roles, by name.
    pub fn all(&self) -> impl Iterator<Item = Reached<'_>> {
        self.accounts.iter().map(|own| self.whole(own))
    }

    /// The account of this id, with its roles.
    pub fn find(&self, id: &str) -> Option<Reached<'_>> {
        self.accounts.get(self.place(id)?).map(|own| self.whole(own))
    }

    /// The role of this name in an account.
    pub fn role(&self, account: &str, name: &str) -> Option<(&Account, &OwnRole)> {
        let own = self.accounts.get(self.place(account)?)?;
        let role = own.roles.iter().filter_map(|at| self.roles.get(*at as usize));
        role.into_iter().find(|role| role.name == name).map(|role| (&own.account, role))
    }

    /// Where the services of an account are, if it is connected.
    pub fn elsewhere(&self, account: &AccountId) -> Option<&Elsewhere> {
        self.accounts.get(self.place(account.as_str())?)?.elsewhere.as_deref()
    }

    fn place(&self, id: &str) -> Option<usize> {
        let id_at = |at: &u32| self.accounts.get(*at as usize).map_or("", |own| own.account.id.as_str());
        let found = self.by_id.binary_search_by(|at| id_at(at).cmp(id)).ok()?;
        self.by_id.get(found).map(|at| *at as usize)
    }

    fn whole<'a>(&'a self, own: &'a OwnAccount) -> Reached<'a> {
        let roles: Vec<&OwnRole> = own.roles.iter().filter_map(|at| self.roles.get(*at as usize)).collect();
        Reached { account: &own.account, elsewhere: own.elsewhere.as_deref(), of: roles.len(), roles }
    }

    /// What holds every word, the accounts of `first` before all others; one page of it. A page that there is none of is the last one.
    ///
    /// A word is held by an account (its name, id or address) or by a role of it: where the account holds all words, all its roles are found.
    pub fn search(&self, wanted: &Wanted, first: &[AccountId], page: usize) -> Found<'_> {
        let first: Vec<usize> = first.iter().filter_map(|id| self.place(id.as_str())).collect();
        let others = (0..self.accounts.len()).filter(|at| !first.contains(at));
        let missing: Vec<u128> = if wanted.is_empty() {
            Vec::new()
        } else {
            self.roles.iter().map(|role| wanted.missing(&role.folded)).collect()
        };
        let mut pager = Pager { wanted: page.max(1), page: 1, ..Pager::default() };
        for at in first.iter().copied().chain(others) {
            if let Some(hit) = self.hit(wanted, &missing, at) {
                pager.take(hit);
            }
        }
        let (total, pages) = (pager.total, pager.page);
        let (page, parts) = pager.shown.unwrap_or((pages, pager.parts));
        let accounts = parts.into_iter().filter_map(|part| self.shown(part, &missing)).collect();
        Found { accounts, total, page, pages }
    }

    fn hit(&self, wanted: &Wanted, missing: &[u128], at: usize) -> Option<Hit> {
        if wanted.is_empty() {
            let roles = self.counts.get(at).map_or(0, |count| *count as usize);
            return (roles > 0).then_some(Hit { at, roles, lacks: 0 });
        }
        let own = self.accounts.get(at)?;
        let lacks = wanted.missing(&own.folded);
        let roles = own.roles.iter().filter(|role| holds(missing, **role, lacks)).count();
        (roles > 0).then_some(Hit { at, roles, lacks })
    }

    fn shown(&self, part: Part, missing: &[u128]) -> Option<Reached<'_>> {
        let Part { hit, from, roles } = part;
        let own = self.accounts.get(hit.at)?;
        let held = own.roles.iter().filter(|role| hit.lacks == 0 || holds(missing, **role, hit.lacks));
        let shown = held.skip(from).take(roles).filter_map(|role| self.roles.get(*role as usize));
        let elsewhere = own.elsewhere.as_deref();
        Some(Reached { account: &own.account, elsewhere, roles: shown.collect(), of: hit.roles })
    }
}

/// Whether a role holds every word that its account lacks.
fn holds(missing: &[u128], role: u32, lacks: u128) -> bool {
    lacks & missing.get(role as usize).copied().unwrap_or(u128::MAX) == 0
}

/// The address of an account, if it is one: what Portico makes up where nobody gave any is nobody's (RFC 2606, section 2).
pub fn shown_email(account: &Account) -> &str {
    if account.email.to_ascii_lowercase().ends_with(".invalid") { "" } else { &account.email }
}

/// What an account takes in memory, about.
fn weight(own: &OwnAccount) -> usize {
    let texts = own.account.name.len() + own.account.email.len() + own.folded.len();
    let place = own.elsewhere.as_ref().map_or(0, |_| 256);
    256 + texts + place + 4 * own.roles.len()
}

/// An account that was found, as far as it must be known to tell pages apart.
#[derive(Clone, Copy)]
struct Hit {
    at: usize,
    roles: usize,
    /// The words that its roles must hold.
    lacks: u128,
}

/// What a page shows of an account: some of its roles, from one on.
#[derive(Clone, Copy)]
struct Part {
    hit: Hit,
    from: usize,
    roles: usize,
}

/// Puts accounts on pages, and keeps the one that is wanted. An account is on one page, unless it has more roles than a page.
#[derive(Default)]
struct Pager {
    wanted: usize,
    total: usize,
    page: usize,
    roles: usize,
    parts: Vec<Part>,
    shown: Option<(usize, Vec<Part>)>,
}

impl Pager {
    fn take(&mut self, hit: Hit) {
        self.total += 1;
        let mut from = 0;
        while from < hit.roles {
            let roles = (hit.roles - from).min(PAGE_ROLES_MAX);
            if self.roles + roles > PAGE_ROLES_MAX || self.parts.len() >= PAGE_ACCOUNTS_MAX {
                self.turn();
            }
            self.parts.push(Part { hit, from, roles });
            self.roles += roles;
            from += roles;
        }
    }

    fn turn(&mut self) {
        if self.page == self.wanted {
            self.shown = Some((self.page, std::mem::take(&mut self.parts)));
        }
        self.parts.clear();
        self.page += 1;
        self.roles = 0;
    }
}

/// What is known of what people may use. Cheap to clone.
#[derive(Debug, Clone)]
pub struct OwnAccesses(Arc<Known<UserId, Arc<OwnAccess>>>);

impl Default for OwnAccesses {
    fn default() -> Self {
        let from = OF_REACH.and(Changes::to(&[Table::AccountConnections, Table::OrganizationConnections]));
        Self(Arc::new(Known::weighed(from, KNOWN_BYTES_MAX, |own| own.weight)))
    }
}

impl OwnAccesses {
    /// Everything that the caller may use now. Where it must be read, it takes its time: nobody else waits for it.
    pub async fn of_caller(&self, store: &Store, cx: &Cx) -> Result<Arc<OwnAccess>, Fault> {
        let user = person(cx)?.user_id.clone();
        // What is not there is not remembered, so this only looks.
        if let Some(known) = self.0.find(store.generations(), &user, || Ok(None))? {
            return Ok(known);
        }
        let known = self.0.clone();
        let read = store.aside(move |store| {
            known.find(store.generations(), &user, || {
                store.read(|rx| OwnAccess::read(rx, &user)).map(|own| Some(Arc::new(own)))
            })
        });
        Ok(read.await?.unwrap_or_default())
    }
}
