//! Finding a person or a group by a part of its name, to be put together with something.

use edge_aws::inside::Op;
use model::fault::Fault;
use serde::Deserialize;
use serde_json::json;

use crate::administrator::Administrator;
use crate::desk::Desk;

/// As many as are shown; whoever looks for another types more of the name.
const MOST: usize = 20;

/// Somebody, or a group.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) id: String,
    pub(crate) name: String,
    /// What tells it from others of the same name.
    pub(crate) more: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Users {
    users: Vec<User>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct User {
    user_id: String,
    #[serde(default)]
    user_name: String,
    #[serde(default)]
    display_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Groups {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Group {
    group_id: String,
    #[serde(default)]
    display_name: String,
    #[serde(default)]
    description: String,
}

/// People.
pub(crate) async fn people(
    desk: &Desk,
    admin: &mut Administrator,
    wanted: &str,
) -> Result<Vec<Found>, Fault> {
    let input = json!({
        "IdentityStoreId": desk.identity_store_id(), "MaxResults": MOST,
        "Query": wanted,
    });
    let found: Users = admin.call(desk, Op("portico", "SearchUsers"), input).await?;
    let one = |user: User| Found { id: user.user_id, name: user.display_name, more: user.user_name };
    Ok(found.users.into_iter().map(one).collect())
}

/// Groups.
pub(crate) async fn groups(
    desk: &Desk,
    admin: &mut Administrator,
    wanted: &str,
) -> Result<Vec<Found>, Fault> {
    let input = json!({
        "IdentityStoreId": desk.identity_store_id(), "MaxResults": MOST,
        "Query": wanted,
    });
    let found: Groups = admin.call(desk, Op("portico", "SearchGroups"), input).await?;
    let one = |group: Group| Found { id: group.group_id, name: group.display_name, more: group.description };
    Ok(found.groups.into_iter().map(one).collect())
}
