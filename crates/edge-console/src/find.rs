//! Finds things by what is typed: a page of them, by the operation that lists their kind.

use edge_aws::inside::Op;
use model::fault::Fault;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::desk::Desk;
use crate::fields::Fields;
use crate::names::{Named, text};
use crate::part::Part;
use crate::thing::{Kind, Thing};

/// Pages of permission sets that are looked through for a name: an instance has a few hundred.
const SETS_PAGES: usize = 10;

/// As many are shown to who looks for one to put together with something; for another they type more of the name.
const FEW: usize = 20;

/// A page of what was found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) items: Vec<Named>,
    /// Where the next page begins.
    pub(crate) next: Option<String>,
}

/// What is looked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sought<'s> {
    /// What was typed.
    pub(crate) query: &'s str,
    /// In which unit accounts are.
    pub(crate) unit: Option<&'s str>,
    /// Where the page begins.
    pub(crate) token: Option<&'s str>,
    /// Rows of the page.
    pub(crate) rows: usize,
}

/// A page of the things of a kind that match what was typed.
pub(crate) async fn find(
    desk: &Desk,
    admin: &mut Administrator,
    kind: Kind,
    sought: &Sought<'_>,
) -> Result<Found, Fault> {
    let store = || json!({"IdentityStoreId": desk.identity_store_id()});
    match kind {
        Kind::Set => sets(desk, admin, sought).await,
        Kind::User => search(desk, admin, ("SearchUsers", "Users", user), (sought, store())).await,
        Kind::Group => search(desk, admin, ("SearchGroups", "Groups", group), (sought, store())).await,
        Kind::Account => {
            let of = json!({"InstanceArn": desk.instance_arn(), "OrganizationalUnitId": sought.unit});
            search(desk, admin, ("SearchAccounts", "Accounts", account), (sought, of)).await
        }
    }
}

/// The first few of a kind that match what was typed.
async fn few(desk: &Desk, admin: &mut Administrator, kind: Kind, query: &str) -> Result<Vec<Named>, Fault> {
    let sought = Sought { query, unit: None, token: None, rows: FEW };
    Ok(find(desk, admin, kind, &sought).await?.items)
}

/// The same for a page on which somebody may search; nothing where nobody did.
pub(crate) async fn few_asked(
    desk: &Desk,
    admin: &mut Administrator,
    kind: Kind,
    query: &Fields,
) -> Option<Part<Vec<Named>>> {
    let found = few(desk, admin, kind, query.some("q")?).await;
    Some(Part::of(admin, found))
}

/// The rows of an answer.
fn rows<'v>(answer: &'v Value, member: &str) -> impl Iterator<Item = &'v Value> {
    answer.get(member).and_then(Value::as_array).into_iter().flatten()
}

fn next(answer: &Value) -> Option<String> {
    answer.get("NextToken").and_then(Value::as_str).map(str::to_owned)
}

fn user(row: &Value) -> Named {
    let (name, display) = (text(row, "UserName"), text(row, "DisplayName"));
    let (title, about) = if display.is_empty() { (name, "") } else { (display, name) };
    let thing = Thing::new(Kind::User, text(row, "UserId"));
    Named { title: title.to_owned(), about: about.to_owned(), thing }
}

fn group(row: &Value) -> Named {
    let thing = Thing::new(Kind::Group, text(row, "GroupId"));
    Named { title: text(row, "DisplayName").to_owned(), about: text(row, "Description").to_owned(), thing }
}

fn account(row: &Value) -> Named {
    let id = text(row, "AccountId");
    let title = text(row, "AccountName").to_owned();
    Named { title, about: id.to_owned(), thing: Thing::new(Kind::Account, id) }
}

/// A page of what an operation finds that takes what was typed as `Query`.
async fn search(
    desk: &Desk,
    admin: &mut Administrator,
    (operation, member, row): (&'static str, &str, fn(&Value) -> Named),
    (sought, whose): (&Sought<'_>, Value),
) -> Result<Found, Fault> {
    let mut input = whose;
    if let Some(members) = input.as_object_mut() {
        let query = (!sought.query.is_empty()).then_some(sought.query);
        members.insert("Query".to_owned(), json!(query));
        members.insert("MaxResults".to_owned(), json!(sought.rows));
        members.insert("NextToken".to_owned(), json!(sought.token));
    }
    let answer: Value = admin.call(desk, Op("portico", operation), input).await?;
    Ok(Found { items: rows(&answer, member).map(row).collect(), next: next(&answer) })
}

async fn sets(desk: &Desk, admin: &mut Administrator, sought: &Sought<'_>) -> Result<Found, Fault> {
    let query = sought.query;
    let (mut items, mut token) = (Vec::new(), sought.token.map(str::to_owned));
    for _ in 0..SETS_PAGES {
        let input =
            json!({"InstanceArn": desk.instance_arn(), "MaxResults": sought.rows, "NextToken": token});
        let answer: Value = admin.call(desk, Op("portico", "ListPermissionSetsWithDetails"), input).await?;
        let found = rows(&answer, "PermissionSets").map(|row| Named {
            title: text(row, "Name").to_owned(),
            about: text(row, "Description").to_owned(),
            thing: Thing::new(Kind::Set, text(row, "PermissionSetArn")),
        });
        items.extend(found.filter(|row| is_like(query, &[&row.title, &row.about])));
        token = next(&answer);
        if token.is_none() || query.is_empty() || items.len() >= sought.rows {
            break;
        }
    }
    Ok(Found { items, next: token })
}

/// Whether every word that was typed is in one of these.
pub(crate) fn is_like(query: &str, texts: &[&str]) -> bool {
    let texts: Vec<String> = texts.iter().map(|text| text.to_lowercase()).collect();
    let mut words = query.split_whitespace().map(str::to_lowercase);
    words.all(|word| texts.iter().any(|text| text.contains(&word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_looked_for() {
        for (query, expected) in [("", true), ("pay", true), ("PROD pay", true), ("payments staging", false)]
        {
            assert_eq!(is_like(query, &["payments-prod", "PayMe"]), expected, "{query}");
        }
    }
}
