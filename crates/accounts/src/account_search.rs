//! Accounts found by words of their names, ids and addresses, with where they lie and their tags: for lists that somebody types into.

use model::accounts::account::Account;
use model::accounts::organizational_unit::{OrganizationalUnit, OrganizationalUnitId};
use model::cx::Cx;
use model::fault::Fault;
use model::instances::instance::InstanceId;
use model::instances::tag::Tags;
use model::name_key::name_key;
use model::page::{Page, PageRequest};
use policy::require::{Action, require};
use policy::resource;
use store::db::Store;
use store::tx::Rx;

use crate::instance::{ALL_ACCOUNTS, find, has_accounts};
use crate::organization::organization;

/// Accounts that are looked at for one page. What a page of this many does not find, the next one looks for.
const LOOKED_AT_MAX: usize = 5_000;
/// Accounts that are read at once.
const STEP: usize = 500;

/// Which accounts.
#[derive(Debug, Clone, Default)]
pub struct AccountSearch {
    /// Words, each of which stands in the name, the id or the address, in any case. Hyphens in ids are as if they were not there.
    pub query: Option<String>,
    /// Only what lies in this unit, or in one within it.
    pub unit: Option<OrganizationalUnitId>,
}

/// An account as it is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundAccount {
    /// The account.
    pub account: Account,
    /// The units around it from the outermost.
    pub units: Vec<OrganizationalUnit>,
    /// Its tags.
    pub tags: Tags,
}

/// A word as it was typed, and as the digits of an id if it can be some.
struct Word {
    text: String,
    digits: Option<String>,
}

fn words(query: &str) -> Vec<Word> {
    let word = |text: &str| {
        let digits: String = text.chars().filter(|letter| *letter != '-').collect();
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        Word { text: text.to_owned(), digits: is_number.then_some(digits) }
    };
    name_key(query).split_whitespace().map(word).collect()
}

fn has(account: &Account, words: &[Word]) -> bool {
    if words.is_empty() {
        return true;
    }
    let (name, email) = (name_key(&account.name), name_key(&account.email));
    words.iter().all(|word| {
        name.contains(&word.text)
            || email.contains(&word.text)
            || word.digits.as_ref().is_some_and(|digits| account.id.as_str().contains(digits.as_str()))
    })
}

/// SearchAccounts: by id. A page may be short, and even empty, while another follows.
pub fn search(
    store: &Store,
    cx: &Cx,
    (instance_id, search): (&InstanceId, &AccountSearch),
    page: &PageRequest,
) -> Result<Page<FoundAccount>, Fault> {
    let action = Action("portico:SearchAccounts");
    store.read(|rx| {
        let instance = find(rx, cx, action, instance_id)?;
        let tags = store::instances::tags::all_of(rx, &instance_id.arn())?;
        let asked = [resource::instance(&instance, tags), resource::owned(ALL_ACCOUNTS, &instance.owner)];
        require(cx, action, &asked)?;
        has_accounts(cx, &instance)?;
        let inside = match &search.unit {
            Some(id) => {
                let unit = store::accounts::organizational_units::find(rx, id)?;
                let missing = || {
                    let message = format!("OrganizationalUnitId: {id} is not in the organization");
                    Fault::not_found(message).with_resource_id(id.as_str())
                };
                unit.ok_or_else(missing)?.inside()
            }
            None => <_>::default(),
        };
        let words = words(search.query.as_deref().unwrap_or_default());
        let found = scan(rx, page, |account| {
            account.path.as_str().starts_with(inside.as_str()) && has(account, &words)
        })?;
        Ok(Page { items: described(rx, found.items)?, next: found.next })
    })
}

/// The next accounts that `wanted` takes, of as many as are looked at for one page.
fn scan(
    rx: &mut Rx<'_>,
    page: &PageRequest,
    wanted: impl Fn(&Account) -> bool,
) -> Result<Page<Account>, Fault> {
    let mut step = PageRequest { limit: STEP, after: page.after.clone() };
    let (mut items, mut looked_at) = (Vec::new(), 0);
    loop {
        let rows = store::accounts::accounts::page(rx, &step)?;
        let read = step.page(rows, |account| account.id.to_string());
        for account in read.items {
            looked_at += 1;
            if items.len() == page.limit {
                let next = items.last().map(|last: &Account| last.id.to_string());
                return Ok(Page { items, next });
            }
            if wanted(&account) {
                items.push(account);
            }
        }
        match read.next {
            Some(_) if looked_at < LOOKED_AT_MAX => step.after = read.next,
            next => return Ok(Page { items, next }),
        }
    }
}

fn described(rx: &mut Rx<'_>, accounts: Vec<Account>) -> Result<Vec<FoundAccount>, Fault> {
    let organization = organization(rx)?;
    let arns: Vec<String> = accounts.iter().map(|account| organization.account_arn(&account.id)).collect();
    let mut tags = store::instances::tags::all_of_each(rx, arns.iter().map(String::as_str))?;
    let around: std::collections::BTreeSet<OrganizationalUnitId> =
        accounts.iter().flat_map(|account| account.path.units()).collect();
    let units = store::accounts::organizational_units::find_each(rx, &around)?;
    let found = accounts.into_iter().zip(&arns).map(|(account, arn)| FoundAccount {
        units: account.path.units().filter_map(|id| units.get(&id).cloned()).collect(),
        tags: tags.remove(arn).unwrap_or_default(),
        account,
    });
    Ok(found.collect())
}

#[cfg(test)]
mod tests {
    use model::accounts::account::{AccountId, AccountState};
    use model::accounts::organizational_unit::UnitPath;
    use model::timestamp::Timestamp;

    use super::*;

    #[test]
    fn every_word_must_stand_somewhere_and_hyphens_in_ids_do_not_count() {
        let account = Account {
            id: AccountId::trusted("222233334444"),
            name: "Payments prod".to_owned(),
            email: "aws+pay@acme.example".to_owned(),
            state: AccountState::Active,
            joined_method: "CREATED".to_owned(),
            joined_at: Timestamp::default(),
            path: UnitPath::ROOT,
        };
        for good in ["", " ", "PROD pay", "2222-3333-4444", "3333", "acme payments 2222", "aws+pay@"] {
            assert!(has(&account, &words(good)), "{good}");
        }
        for bad in ["payments dev", "2222-4444", "-", "acme 9"] {
            assert!(!has(&account, &words(bad)), "{bad}");
        }
    }
}
