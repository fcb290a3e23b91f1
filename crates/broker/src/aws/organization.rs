//! What lies in an organization of AWS: units, accounts and their tags, read from end to end or not at all. Of thousands of calls some are throttled: each is
//! tried again here, where the others would be lost with it.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_organizations::Client;
use aws_sdk_organizations::types::{self, AccountState, AccountStatus};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use model::accounts::account::AccountId;
use model::accounts::organization::OrganizationId;
use model::accounts::organizational_unit::OrganizationalUnitId;
use model::instances::tag::Tags;
use tokio::task::JoinSet;

use crate::aws::access::{
    ByClock, IdentityCache, LONGEST, Reach, Region, RetryConfig, StalledStreamProtectionConfig,
    TimeoutConfig, Way, config,
};
use crate::aws::failure::{Failure, Place};

/// How often one call is tried.
const TRIES: u32 = 7;
/// The wait after the first try; twice as long after each.
const FIRST_WAIT: Duration = Duration::from_millis(200);
/// Calls under way at once. The service bears few.
const AT_ONCE: usize = 6;
/// How long all of it may take: a role that is taken on the way is held for an hour at most.
const READ_MAX: Duration = Duration::from_mins(55);
/// Pages of one list, some of which may be empty.
const PAGES_MAX: usize = 10_000;
/// Tags of one thing.
const TAGS_MAX: usize = 200;
/// More of one list are not believed: AWS bears 10,000 accounts in an organization.
const LISTED_MAX: usize = 100_000;
/// Units within one another; AWS bears five.
const DEPTH_MAX: usize = 32;
/// What AWS sets itself begins so, and is nobody's to set.
const TAG_OF_AWS: &str = "aws:";

/// How an organization is read.
#[derive(Debug, Clone)]
pub struct OrganizationAccess {
    /// Which.
    pub organization: OrganizationId,
    /// Where Organizations is; AWS's where nothing is said.
    pub endpoint: Option<String>,
    /// As whom we come.
    pub way: Way,
}

/// What lies in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// The account that owns it.
    pub management_account: AccountId,
    /// Its units, outer ones before those within them.
    pub units: Vec<Unit>,
    /// Its accounts, by id.
    pub accounts: Vec<Account>,
}

/// A unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Its id.
    pub id: OrganizationalUnitId,
    /// The units around it, from the outermost.
    pub around: Vec<OrganizationalUnitId>,
    /// Its name.
    pub name: String,
    /// Its tags.
    pub tags: Tags,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// The units around it, from the outermost.
    pub around: Vec<OrganizationalUnitId>,
    /// Its name.
    pub name: String,
    /// Its address.
    pub email: String,
    /// Whether anybody may use it.
    pub state: State,
    /// Its tags.
    pub tags: Tags,
}

/// Whether anybody may use an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is open.
    Open,
    /// It is suspended, being closed, or closed.
    Closed,
    /// Neither is said: it has not begun, or the word is new.
    Unknown,
}

/// Reads all of it.
pub async fn read(access: &OrganizationAccess, reach: &Reach) -> Result<Organization, Failure> {
    let place = Place::Organization(access.organization.clone());
    match tokio::time::timeout(READ_MAX, read_at(&place, access, reach)).await {
        Ok(read) => read,
        Err(_) => Err(Failure::found(&place, "reading it", format!("it took more than {READ_MAX:?}"))),
    }
}

async fn read_at(place: &Place, access: &OrganizationAccess, reach: &Reach) -> Result<Organization, Failure> {
    let place = place.clone();
    let credentials = access.way.credentials(reach, (&place, LONGEST)).await?;
    let asking = Asking { place, client: access.client(reach, credentials) };
    let management_account = asking.management_account(&access.organization).await?;
    let root = asking.root().await?;
    let mut all = Organization { management_account, units: Vec::new(), accounts: Vec::new() };
    asking.below(root, &mut all).await?;
    all.accounts.sort_by(|one, other| one.id.cmp(&other.id));
    asking.require_whole(&all).await?;
    asking.tag(&mut all).await?;
    Ok(all)
}

impl OrganizationAccess {
    fn client(&self, reach: &Reach, credentials: Credentials) -> Client {
        config!(aws_sdk_organizations, self.way, reach, Some(credentials), self.endpoint)
    }
}

/// What can go wrong with a call, as the SDK says it.
type Answered<T, E> = Result<T, SdkError<E, HttpResponse>>;

#[derive(Clone)]
struct Asking {
    place: Place,
    client: Client,
}

impl Asking {
    fn lies(&self, call: &'static str, said: impl Into<String>) -> Failure {
        Failure::found(&self.place, call, said.into())
    }

    /// Asks until there is an answer, or a refusal that stays.
    async fn patiently<T, E, F>(&self, call: &'static str, mut ask: impl FnMut() -> F) -> Result<T, Failure>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        F: Future<Output = Answered<T, E>>,
    {
        let mut wait = FIRST_WAIT;
        for _ in 1..TRIES {
            match ask().await {
                Ok(answer) => return Ok(answer),
                Err(error) => {
                    let failure = Failure::of(&self.place, call, &error);
                    if !failure.passes {
                        return Err(failure);
                    }
                }
            }
            tokio::time::sleep(wait).await;
            wait *= 2;
        }
        ask().await.map_err(|error| Failure::of(&self.place, call, &error))
    }

    /// Every page of a list: also behind one that is empty, which says nothing.
    async fn listed<T, E, F>(
        &self,
        call: &'static str,
        mut ask: impl FnMut(Option<String>) -> F,
    ) -> Result<Vec<T>, Failure>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        F: Future<Output = Answered<(Vec<T>, Option<String>), E>>,
    {
        let (mut all, mut token) = (Vec::new(), None::<String>);
        for _ in 0..PAGES_MAX {
            let (items, next) = self.patiently(call, || ask(token.clone())).await?;
            all.extend(items);
            if next.is_none() {
                return Ok(all);
            }
            if next == token {
                return Err(self.lies(call, "a page leads to itself"));
            }
            if all.len() > LISTED_MAX {
                return Err(self.lies(call, format!("more than {LISTED_MAX} were listed")));
            }
            token = next;
        }
        Err(self.lies(call, format!("more than {PAGES_MAX} pages were listed")))
    }

    /// A text that people are shown, without signs that are none.
    fn text(&self, call: &'static str, text: Option<String>) -> Result<String, Failure> {
        let text = text.unwrap_or_default();
        if text.chars().any(char::is_control) {
            return Err(self.lies(call, format!("a name or a tag holds a control character: {text:?}")));
        }
        Ok(text)
    }

    /// Whose it is; refused where the key leads to another organization.
    async fn management_account(&self, wanted: &OrganizationId) -> Result<AccountId, Failure> {
        let call = "organizations:DescribeOrganization";
        let described = self.patiently(call, || self.client.describe_organization().send()).await?;
        let found = described.organization();
        let id = found.and_then(|found| found.id()).unwrap_or_default();
        if id != wanted.as_str() {
            return Err(self.lies(call, format!("the key is of organization {id}: give one of {wanted}")));
        }
        let owner = found.and_then(|found| found.master_account_id()).unwrap_or_default();
        AccountId::parse(owner).map_err(|_| self.lies(call, "the management account has no id"))
    }

    async fn root(&self) -> Result<String, Failure> {
        let call = "organizations:ListRoots";
        let roots = self
            .listed(call, |token| {
                let asked = self.client.list_roots().set_next_token(token).send();
                async move { asked.await.map(|page| (page.roots.unwrap_or_default(), page.next_token)) }
            })
            .await?;
        let ids: Vec<_> = roots.into_iter().filter_map(|root| root.id).collect();
        <[String; 1]>::try_from(ids)
            .map(|[id]| id)
            .map_err(|ids| self.lies(call, format!("{} roots were listed, where there is one", ids.len())))
    }

    /// Everything under the root.
    async fn below(&self, root: String, all: &mut Organization) -> Result<(), Failure> {
        let mut open = VecDeque::from([(root, Vec::new())]);
        while let Some((parent, around)) = open.pop_front() {
            for account in self.accounts_in(&parent).await? {
                all.accounts.push(self.account(account, around.clone())?);
            }
            let call = "organizations:ListOrganizationalUnitsForParent";
            for unit in self.units_in(call, &parent).await? {
                let unit = self.unit(call, unit, around.clone())?;
                let mut within = around.clone();
                within.push(unit.id.clone());
                if within.len() > DEPTH_MAX {
                    return Err(self.lies(call, "units lie within one another without end"));
                }
                open.push_back((unit.id.to_string(), within));
                all.units.push(unit);
            }
            if all.accounts.len() + all.units.len() > LISTED_MAX {
                return Err(self.lies(call, format!("more than {LISTED_MAX} accounts and units were listed")));
            }
        }
        Ok(())
    }

    async fn accounts_in(&self, parent: &str) -> Result<Vec<types::Account>, Failure> {
        self.listed("organizations:ListAccountsForParent", |token| {
            let asked = self.client.list_accounts_for_parent().parent_id(parent).set_next_token(token).send();
            async move { asked.await.map(|page| (page.accounts.unwrap_or_default(), page.next_token)) }
        })
        .await
    }

    async fn units_in(
        &self,
        call: &'static str,
        parent: &str,
    ) -> Result<Vec<types::OrganizationalUnit>, Failure> {
        self.listed(call, |token| {
            let asked = self.client.list_organizational_units_for_parent();
            let asked = asked.parent_id(parent).set_next_token(token).send();
            async move {
                asked.await.map(|page| (page.organizational_units.unwrap_or_default(), page.next_token))
            }
        })
        .await
    }

    fn unit(
        &self,
        call: &'static str,
        unit: types::OrganizationalUnit,
        around: Vec<OrganizationalUnitId>,
    ) -> Result<Unit, Failure> {
        let id = unit.id.unwrap_or_default();
        let name = self.text(call, unit.name)?;
        let id = OrganizationalUnitId::parse(&id)
            .map_err(|_| self.lies(call, format!("a unit has the id '{id}'")))?;
        Ok(Unit { id, around, name, tags: Tags::new() })
    }

    fn account(
        &self,
        account: types::Account,
        around: Vec<OrganizationalUnitId>,
    ) -> Result<Account, Failure> {
        let call = "organizations:ListAccountsForParent";
        let id = account.id.unwrap_or_default();
        let id =
            AccountId::parse(&id).map_err(|_| self.lies(call, format!("an account has the id '{id}'")))?;
        // Status is what older endpoints say in place of State.
        let state = match (account.state, account.status) {
            (Some(AccountState::Active), _) | (None, Some(AccountStatus::Active)) => State::Open,
            (Some(AccountState::Suspended | AccountState::PendingClosure | AccountState::Closed), _)
            | (None, Some(AccountStatus::Suspended | AccountStatus::PendingClosure)) => State::Closed,
            _ => State::Unknown,
        };
        let (name, email) = (self.text(call, account.name)?, self.text(call, account.email)?);
        Ok(Account { id, around, name, email, state, tags: Tags::new() })
    }

    /// An answer without the account that owns it all is none. One in which something is twice, or not at all though it is listed without its place, was put
    /// together while things moved: the next look finds each once.
    async fn require_whole(&self, all: &Organization) -> Result<(), Failure> {
        let call = "organizations:ListAccountsForParent";
        if !all.accounts.iter().any(|account| account.id == all.management_account) {
            let said = format!("the management account {} is not among those listed", all.management_account);
            return Err(self.lies(call, said));
        }
        let twice =
            all.accounts.iter().zip(all.accounts.iter().skip(1)).find(|(one, other)| one.id == other.id);
        match twice {
            Some((one, _)) => Err(self.moves(call, &format!("account {} was listed twice", one.id))),
            None => self.require_each_placed(all).await,
        }
    }

    async fn require_each_placed(&self, all: &Organization) -> Result<(), Failure> {
        let call = "organizations:ListAccounts";
        let listed = self
            .listed(call, |token| {
                let asked = self.client.list_accounts().set_next_token(token).send();
                async move { asked.await.map(|page| (page.accounts.unwrap_or_default(), page.next_token)) }
            })
            .await?;
        let listed: BTreeSet<String> = listed.into_iter().filter_map(|account| account.id).collect();
        let placed: BTreeSet<&str> = all.accounts.iter().map(|account| account.id.as_str()).collect();
        let lost = listed.iter().find(|id| !placed.contains(id.as_str()));
        match lost {
            Some(id) => Err(self.moves(call, &format!("account {id} was found in no unit"))),
            None => Ok(()),
        }
    }

    fn moves(&self, call: &'static str, said: &str) -> Failure {
        Failure { passes: true, ..self.lies(call, format!("{said}: it is being moved")) }
    }

    /// The tags of everything, several at once.
    async fn tag(&self, all: &mut Organization) -> Result<(), Failure> {
        let units = all.units.iter_mut().map(|unit| (unit.id.to_string(), &mut unit.tags));
        let accounts = all.accounts.iter_mut().map(|account| (account.id.to_string(), &mut account.tags));
        let (ids, mut places): (Vec<String>, Vec<&mut Tags>) = units.chain(accounts).unzip();
        let mut waiting = ids.into_iter().enumerate();
        let mut under_way = JoinSet::new();
        loop {
            while under_way.len() < AT_ONCE
                && let Some((at, id)) = waiting.next()
            {
                let asking = self.clone();
                under_way.spawn(async move { (at, asking.tags_of(&id).await) });
            }
            let Some(ended) = under_way.join_next().await else { return Ok(()) };
            let call = "organizations:ListTagsForResource";
            let (at, tags) = ended.map_err(|error| self.lies(call, error.to_string()))?;
            if let Some(place) = places.get_mut(at) {
                **place = tags?;
            }
        }
    }

    async fn tags_of(&self, id: &str) -> Result<Tags, Failure> {
        let listed = self
            .listed("organizations:ListTagsForResource", |token| {
                let asked = self.client.list_tags_for_resource().resource_id(id).set_next_token(token).send();
                async move { asked.await.map(|page| (page.tags.unwrap_or_default(), page.next_token)) }
            })
            .await?;
        let call = "organizations:ListTagsForResource";
        if listed.len() > TAGS_MAX {
            return Err(self.lies(call, format!("{id} has {} tags", listed.len())));
        }
        let set = listed.into_iter().filter(|tag| !tag.key.to_ascii_lowercase().starts_with(TAG_OF_AWS));
        set.map(|tag| Ok((self.text(call, Some(tag.key))?, self.text(call, Some(tag.value))?))).collect()
    }
}
