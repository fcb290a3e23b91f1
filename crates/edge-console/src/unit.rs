//! The tree of organizational units: what one is called, what is in it, what is above it. The root is a unit without a name of its own.

use edge_aws::inside::Op;
use model::fault::Fault;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::desk::Desk;
use crate::names::text;

/// Units are at most so deep below the root at AWS.
const DEPTH_MAX: usize = 6;
/// Rows of a list of organizations' at most.
pub(crate) const ROWS: usize = 20;

/// A unit.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Unit {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) name: String,
}

impl Unit {
    pub(crate) fn is_root(&self) -> bool {
        self.id.starts_with("r-")
    }
}

/// A page of units.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Units {
    pub(crate) organizational_units: Vec<Unit>,
    pub(crate) next_token: Option<String>,
}

/// An account as organizations tells of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) status: String,
}

impl Account {
    pub(crate) fn is_active(&self) -> bool {
        self.status == "ACTIVE"
    }
}

/// A page of accounts.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Accounts {
    pub(crate) accounts: Vec<Account>,
    pub(crate) next_token: Option<String>,
}

const fn organizations(operation: &'static str) -> Op {
    Op("organizations", operation)
}

/// The root.
pub(crate) async fn root(desk: &Desk, admin: &mut Administrator) -> Result<Unit, Fault> {
    let answer: Value = admin.call(desk, organizations("ListRoots"), json!({})).await?;
    let id = answer.pointer("/Roots/0/Id").and_then(Value::as_str);
    let id = id.ok_or_else(|| Fault::internal("an organization without a root"))?;
    Ok(Unit { id: id.to_owned(), name: String::new() })
}

/// The unit of this id; an empty one is the root's.
pub(crate) async fn find(desk: &Desk, admin: &mut Administrator, id: &str) -> Result<Unit, Fault> {
    if id.is_empty() {
        return root(desk, admin).await;
    }
    if id.starts_with("r-") {
        return Ok(Unit { id: id.to_owned(), name: String::new() });
    }
    let input = json!({"OrganizationalUnitId": id});
    let answer: Value = admin.call(desk, organizations("DescribeOrganizationalUnit"), input).await?;
    let name = answer.pointer("/OrganizationalUnit/Name").and_then(Value::as_str).unwrap_or_default();
    Ok(Unit { id: id.to_owned(), name: name.to_owned() })
}

/// What is above a unit or an account, the root first.
pub(crate) async fn above(desk: &Desk, admin: &mut Administrator, id: &str) -> Result<Vec<Unit>, Fault> {
    let (mut found, mut at) = (Vec::new(), id.to_owned());
    while !at.starts_with("r-") && found.len() < DEPTH_MAX {
        let parent = parent(desk, admin, &at).await?;
        found.push(find(desk, admin, &parent).await?);
        at = parent;
    }
    found.reverse();
    Ok(found)
}

/// In which unit a unit or an account is.
pub(crate) async fn parent(desk: &Desk, admin: &mut Administrator, id: &str) -> Result<String, Fault> {
    let answer: Value = admin.call(desk, organizations("ListParents"), json!({"ChildId": id})).await?;
    let first = answer.pointer("/Parents/0");
    Ok(first.map(|parent| text(parent, "Id").to_owned()).unwrap_or_default())
}

/// A page of the units in a unit.
pub(crate) async fn units_in(
    desk: &Desk,
    admin: &mut Administrator,
    (id, token): (&str, Option<&str>),
) -> Result<Units, Fault> {
    let input = json!({"ParentId": id, "MaxResults": ROWS, "NextToken": token});
    admin.call(desk, organizations("ListOrganizationalUnitsForParent"), input).await
}

/// A page of the accounts in a unit.
pub(crate) async fn accounts_in(
    desk: &Desk,
    admin: &mut Administrator,
    (id, token): (&str, Option<&str>),
) -> Result<Accounts, Fault> {
    let input = json!({"ParentId": id, "MaxResults": ROWS, "NextToken": token});
    admin.call(desk, organizations("ListAccountsForParent"), input).await
}
