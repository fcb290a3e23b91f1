//! The list of groups.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::asked::Asked;
use crate::desk::Desk;
use crate::page::{ROWS, Room, Shell, encoded, frame, refused, show};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Groups {
    groups: Vec<Group>,
    next_token: Option<String>,
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

#[derive(Template)]
#[template(path = "groups/list.html")]
struct GroupsPage {
    frame: Frame,
    shell: Shell,
    query: String,
    groups: Vec<Group>,
    /// Whether this is not the first page.
    further: bool,
    next: Option<String>,
}

/// The list.
pub(crate) async fn list(State(desk): State<Desk>, Asked { mut admin, query }: Asked) -> Response {
    let wanted = query.text("q").to_owned();
    let mut input = json!({
        "IdentityStoreId": desk.identity_store_id(), "MaxResults": ROWS, "NextToken": query.some("token"),
    });
    if !wanted.is_empty() {
        input["Query"] = Value::from(wanted.as_str());
    }
    let found: Groups = match admin.call(&desk, Op("portico", "SearchGroups"), input).await {
        Ok(found) => found,
        Err(why) => return refused(&desk, &admin, Room::Groups, &why),
    };
    let next = |token: String| format!("/console/groups?q={}&token={}", encoded(&wanted), encoded(&token));
    let page = GroupsPage {
        frame: frame(&desk, &admin),
        shell: Shell::new(&desk, &admin, Room::Groups).after(&admin, &query),
        groups: found.groups,
        further: query.some("token").is_some(),
        next: found.next_token.map(next),
        query: wanted,
    };
    show(&desk, &admin, &page)
}
