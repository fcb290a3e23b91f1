//! People: who is there, and what becomes of them.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use serde::Deserialize;
use serde_json::json;

use crate::asked::Asked;
use crate::desk::Desk;
use crate::page::{Room, Shell, encoded, frame, refused, show};

/// Rows of a page.
const ROWS: usize = 50;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Users {
    users: Vec<User>,
    next_token: Option<String>,
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

#[derive(Template)]
#[template(path = "people.html")]
struct PeoplePage {
    frame: Frame,
    shell: Shell,
    query: String,
    users: Vec<User>,
    next: Option<String>,
}

/// The list.
pub(crate) async fn list(State(desk): State<Desk>, Asked { mut admin, query }: Asked) -> Response {
    let input = json!({
        "IdentityStoreId": desk.identity_store_id(), "MaxResults": ROWS, "NextToken": query.some("token"),
    });
    let found: Users = match admin.call(&desk, Op("identitystore", "ListUsers"), input).await {
        Ok(found) => found,
        Err(why) => return refused(&desk, &admin, Room::People, &why),
    };
    let page = PeoplePage {
        frame: frame(&desk, &admin),
        shell: Shell::new(&desk, &admin, Room::People).after(&admin, &query),
        query: query.text("q").to_owned(),
        users: found.users,
        next: found.next_token.map(|token| format!("/console/people?token={}", encoded(&token))),
    };
    show(&desk, &admin, &page)
}
