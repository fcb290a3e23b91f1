//! The list of people.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use serde::Deserialize;
use serde_json::json;

use crate::asked::Asked;
use crate::desk::Desk;
use crate::page::{ROWS, Room, Shell, encoded, frame, refused, show};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Users {
    users: Vec<User>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Email {
    #[serde(default)]
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct User {
    user_id: String,
    #[serde(default)]
    user_name: String,
    #[serde(default)]
    display_name: String,
    #[serde(default)]
    emails: Vec<Email>,
    #[serde(default)]
    user_status: String,
}

impl User {
    fn email(&self) -> &str {
        self.emails.first().map_or("", |email| &email.value)
    }

    fn is_enabled(&self) -> bool {
        self.user_status != "DISABLED"
    }
}

#[derive(Template)]
#[template(path = "people/list.html")]
struct PeoplePage {
    frame: Frame,
    shell: Shell,
    query: String,
    users: Vec<User>,
    /// Whether this is not the first page.
    further: bool,
    next: Option<String>,
}

/// The list.
pub(crate) async fn list(State(desk): State<Desk>, Asked { mut admin, query }: Asked) -> Response {
    let wanted = query.text("q").to_owned();
    let mut input = json!({"IdentityStoreId": desk.identity_store_id(), "MaxResults": ROWS, "NextToken": query.some("token")});
    if !wanted.is_empty() {
        input["Filters"] = json!([{"AttributePath": "UserName", "AttributeValue": wanted}]);
    }
    let found: Users = match admin.call(&desk, Op("identitystore", "ListUsers"), input).await {
        Ok(found) => found,
        Err(why) => return refused(&desk, &admin, Room::People, &why),
    };
    let page = PeoplePage {
        frame: frame(&desk, &admin),
        shell: Shell::new(&desk, &admin, Room::People).after(&admin, &query),
        users: found.users,
        further: query.some("token").is_some(),
        next: found
            .next_token
            .map(|token| format!("/console/people?q={}&token={}", encoded(&wanted), encoded(&token))),
        query: wanted,
    };
    show(&desk, &admin, &page)
}
