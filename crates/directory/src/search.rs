//! People and groups found by how their names begin: for lists that somebody types into.

use model::cx::Cx;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::directory::user::UserStatus;
use model::fault::Fault;
use model::page::{Page, PageRequest};
use policy::gate::{ALL_GROUPS, ALL_USERS, Gate};
use store::db::Store;
use store::directory::groups::NamedGroup;
use store::directory::user_texts::{self, Found, Sort, Which};

use crate::gate::enter;

/// How often one page is read on, so that who was found by several texts does not make it short; then it is short.
const READS_MAX: usize = 5;

/// Whom to find.
#[derive(Debug, Clone, Default)]
pub struct UserSearch {
    /// How a user name, display name, given or family name or primary address begins, in any case; all without it.
    pub query: Option<String>,
    /// Only those of this status.
    pub status: Option<UserStatus>,
    /// The order of a list without a query.
    pub sort: Option<Sort>,
}

/// The normalised text, which must not be blank.
fn text(query: &str) -> Result<String, Fault> {
    Some(user_texts::key(query))
        .filter(|text| !text.is_empty())
        .ok_or_else(|| Fault::validation("Query is blank: leave it out to list everybody"))
}

/// SearchUsers: by a query in the order of what was found by it, else in the order asked for.
pub fn users(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    search: &UserSearch,
    page: &PageRequest,
) -> Result<Page<Found>, Fault> {
    let gate = Gate::own("portico:SearchUsers", vec![ALL_USERS.to_owned()]);
    store.read(|rx| {
        let instance = enter(gate, rx, cx, at)?;
        let query = search.query.as_deref().map(text).transpose()?;
        let which = match (&query, search.sort) {
            (Some(text), None) => Which::Beginning(text),
            (Some(_), Some(_)) => {
                let why = "SortBy has no meaning with Query: what is found comes in the order of the text that it was found by";
                return Err(Fault::validation(why));
            }
            (None, sort) => Which::All(sort.unwrap_or(Sort::UserName)),
        };
        let of = (which, search.status);
        let (mut step, mut items) = (page.clone(), Vec::new());
        for _ in 0..READS_MAX {
            step.limit = page.limit - items.len();
            // An id has no slash.
            let after = step.after.as_deref().and_then(|key| key.split_once('/'));
            let after = after.map(|(id, text)| (text, id));
            let rows = user_texts::page(rx, &instance.identity_store_id, of, after, step.rows())?;
            let read = step.page(rows, |user| format!("{}/{}", user.id, user.text));
            items.extend(read.items.into_iter().filter(|user| !user.again));
            step.after = read.next;
            if step.after.is_none() || items.len() == page.limit {
                break;
            }
        }
        Ok(Page { items, next: step.after })
    })
}

/// SearchGroups: by display name, those of which it begins with the query.
pub fn groups(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    query: Option<&str>,
    page: &PageRequest,
) -> Result<Page<NamedGroup>, Fault> {
    let gate = Gate::own("portico:SearchGroups", vec![ALL_GROUPS.to_owned()]);
    store.read(|rx| {
        let instance = enter(gate, rx, cx, at)?;
        let begins = query.map(text).transpose()?.unwrap_or_default();
        let store = &instance.identity_store_id;
        let rows = store::directory::groups::page_named(rx, store, &begins, page)?;
        Ok(page.page(rows, |group| group.key.clone()))
    })
}
