//! Accounts and roles as lists of pages show them: what an account is for, where a role leads. However much somebody reaches, a list is one page of it.

use std::collections::{BTreeSet, HashMap};

use accounts::own_access::{Found, OwnAccess, Reached, shown_email};
use accounts::portal_choices;
use askama::Template;
use model::accounts::account::AccountId;
use model::accounts::portal_choice::{ChoiceKind, PortalChoice};
use model::accounts::search::Wanted;
use model::fault::Fault;
use model::instances::tag::Tags;

use crate::form;
use crate::form::encoded;
use crate::message::Frame;
use crate::portal::Portal;
use crate::visitor::Visitor;

/// Characters of a description, a tag's key or its value in a list.
const ABOUT_MAX: usize = 140;
const TAG_MAX: usize = 32;
/// Tags of an account in a list.
const TAGS_MAX: usize = 5;
/// So few accounts stand open.
const OPEN_MAX: usize = 5;

/// A role on a page.
pub(crate) struct RoleRow {
    pub(crate) name: String,
    pub(crate) encoded: String,
    pub(crate) description: String,
}

/// An account on a page, with its roles.
pub(crate) struct AccountRow {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) email: String,
    /// The organizational units around it.
    pub(crate) place: String,
    pub(crate) tags: Vec<String>,
    /// Tags that are not shown.
    pub(crate) more_tags: usize,
    pub(crate) roles: Vec<RoleRow>,
    /// How many of its roles were found, here or on other pages.
    pub(crate) of: usize,
    pub(crate) marked: bool,
    /// Whether it is administered at a console.
    pub(crate) console: bool,
}

/// A role that the person took lately.
pub(crate) struct RecentRow {
    pub(crate) role: RoleRow,
    pub(crate) account_id: String,
    pub(crate) account: String,
    pub(crate) console: bool,
}

/// A page of a person's accounts.
#[derive(Template)]
#[template(path = "start_list.html")]
pub(crate) struct Listing<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) query: &'a str,
    pub(crate) recent: Vec<RecentRow>,
    pub(crate) accounts: Vec<AccountRow>,
    /// Accounts that the person reaches, and those that were found.
    pub(crate) total: usize,
    pub(crate) found: usize,
    pub(crate) page: usize,
    pub(crate) pages: usize,
    pub(crate) open: bool,
}

/// What a person asks to see, by the query of an address.
pub(crate) struct Asked<'a> {
    pub(crate) query: &'a str,
    pub(crate) wanted: Wanted,
    pub(crate) page: usize,
}

impl<'a> Asked<'a> {
    pub(crate) fn read(pairs: &'a [(String, String)]) -> Result<Self, Fault> {
        let query = form::field(pairs, "q").unwrap_or_default().trim();
        let page = form::field(pairs, "page").map_or(Ok(1), str::parse);
        let page = page.map_err(|_| Fault::validation("page must be a number from 1 on"))?;
        Ok(Self { query, wanted: Wanted::parse(query)?, page })
    }
}

impl<'a> Listing<'a> {
    /// What is found of what a person reaches.
    pub(crate) fn new(
        (portal, visitor, frame): (&Portal, &Visitor, &'a Frame),
        own: &OwnAccess,
        asked: &Asked<'a>,
    ) -> Result<Self, Fault> {
        let choices = portal_choices::list_own(&portal.store, &visitor.cx)?;
        let is_marked = |choice: &&PortalChoice| choice.kind == ChoiceKind::Favourite;
        let mut marked: Vec<AccountId> =
            choices.iter().filter(is_marked).map(|choice| choice.account_id.clone()).collect();
        marked.sort_unstable_by_key(|id| own.find(id.as_str()).map(|found| found.account.name.clone()));
        let found = own.search(&asked.wanted, &marked, asked.page);
        let recent = if asked.wanted.is_empty() && found.page == 1 {
            choices.iter().filter_map(|choice| recent(portal, own, choice)).collect()
        } else {
            Vec::new()
        };
        Ok(Self {
            frame,
            query: asked.query,
            recent,
            open: found.total <= OPEN_MAX,
            total: own.len(),
            found: found.total,
            page: found.page,
            pages: found.pages,
            accounts: rows(portal, &found, &marked)?,
        })
    }

    /// Whether there is an account on the page without a console.
    fn lacks_console(&self) -> bool {
        self.accounts.iter().any(|account| !account.console)
    }

    /// The address of a page of the same.
    fn at(&self, page: usize) -> String {
        address(self.query, page)
    }
}

/// The address of a page of what is looked for.
pub(crate) fn address(query: &str, page: usize) -> String {
    let query = if query.is_empty() { String::new() } else { format!("q={}", encoded(query)) };
    let page = if page > 1 { format!("page={page}") } else { String::new() };
    let both: Vec<String> = [query, page].into_iter().filter(|part| !part.is_empty()).collect();
    if both.is_empty() { "/start".to_owned() } else { format!("/start?{}", both.join("&")) }
}

/// The accounts of a page, each with what it is for.
pub(crate) fn rows(
    portal: &Portal,
    found: &Found<'_>,
    marked: &[AccountId],
) -> Result<Vec<AccountRow>, Fault> {
    let ids = found.accounts.iter().map(|reached| &reached.account.id);
    let mut tags: HashMap<AccountId, Tags> = accounts::organization_tags::of_accounts(&portal.store, ids)?;
    let places = found.accounts.iter().map(|reached| &reached.account.path);
    let places = accounts::organizational_units::names_around(&portal.store, places)?;
    let marked: BTreeSet<&AccountId> = marked.iter().collect();
    let row = |reached: &Reached<'_>| {
        let account = reached.account;
        let tags = tags.remove(&account.id).unwrap_or_default();
        AccountRow {
            id: account.id.to_string(),
            name: account.name.clone(),
            email: shown_email(account).to_owned(),
            place: places
                .get(&account.path)
                .map(|names| brief(&names.join(" / "), ABOUT_MAX))
                .unwrap_or_default(),
            more_tags: tags.len().saturating_sub(TAGS_MAX),
            tags: tags.into_iter().take(TAGS_MAX).map(tag).collect(),
            roles: reached
                .roles
                .iter()
                .map(|role| role_row(&role.name, role.description.as_deref()))
                .collect(),
            of: reached.of,
            marked: marked.contains(&account.id),
            console: has_console(portal, &account.id),
        }
    };
    Ok(found.accounts.iter().map(row).collect())
}

/// Whether an account has a console here: the one that the instance belongs to. Whatever Portico keeps of other accounts has none.
pub(crate) fn has_console(portal: &Portal, account: &AccountId) -> bool {
    *account == portal.instance.owner
}

fn role_row(name: &str, description: Option<&str>) -> RoleRow {
    RoleRow {
        name: name.to_owned(),
        encoded: encoded(name),
        description: brief(description.unwrap_or_default(), ABOUT_MAX),
    }
}

fn recent(portal: &Portal, own: &OwnAccess, choice: &PortalChoice) -> Option<RecentRow> {
    if choice.kind != ChoiceKind::Recent {
        return None;
    }
    let (account, role) = own.role(choice.account_id.as_str(), &choice.role_name)?;
    Some(RecentRow {
        role: role_row(&role.name, None),
        account_id: account.id.to_string(),
        account: account.name.clone(),
        console: has_console(portal, &account.id),
    })
}

fn tag((key, value): (String, String)) -> String {
    let key = brief(&key, TAG_MAX);
    if value.is_empty() { key } else { format!("{key}: {}", brief(&value, TAG_MAX)) }
}

/// The beginning of a text, where it is long.
fn brief(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most).collect();
    format!("{}…", kept.trim_end())
}
