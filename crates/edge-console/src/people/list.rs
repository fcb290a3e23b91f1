//! The list of people.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::asked::Asked;
use crate::desk::Desk;
use crate::fields::Fields;
use crate::moment::Moment;
use crate::page::{ROWS, Room, Shell, encoded, frame, refused, show};

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
    user_name: String,
    display_name: String,
    user_status: String,
    #[serde(default)]
    email_address: String,
    created_at: Moment,
}

impl User {
    fn is_enabled(&self) -> bool {
        self.user_status != "DISABLED"
    }

    /// What stands before the `@` of the address, behind which a narrow line ends.
    fn mailbox(&self) -> &str {
        self.email_address.rsplit_once('@').map_or("", |(mailbox, _)| mailbox)
    }

    /// The rest of the address.
    fn at_host(&self) -> &str {
        self.email_address.get(self.mailbox().len()..).unwrap_or_default()
    }
}

/// What narrows and orders the list, as the address says it: each page of it the same.
struct Wanted {
    query: String,
    /// `enabled`, `disabled`, or everybody.
    status: &'static str,
    /// Whether by display name; by user name otherwise.
    by_display_name: bool,
}

impl Wanted {
    fn of(query: &Fields) -> Self {
        let status = match query.text("status") {
            "enabled" => "enabled",
            "disabled" => "disabled",
            _ => "",
        };
        Self {
            query: query.text("q").to_owned(),
            status,
            by_display_name: query.text("sort") == "display-name",
        }
    }

    /// What SearchUsers takes. What is found by a text comes in the order of that text.
    fn input(&self, desk: &Desk, token: Option<&str>) -> Value {
        let mut input =
            json!({"IdentityStoreId": desk.identity_store_id(), "MaxResults": ROWS, "NextToken": token});
        if !self.status.is_empty() {
            input["UserStatus"] = Value::from(self.status.to_uppercase());
        }
        if !self.query.is_empty() {
            input["Query"] = Value::from(self.query.as_str());
        } else if self.by_display_name {
            input["SortBy"] = Value::from("DISPLAY_NAME");
        }
        input
    }

    fn address(&self, status: &str, by_display_name: bool) -> String {
        let sort = if by_display_name { "&sort=display-name" } else { "" };
        format!("/console/people?q={}&status={}{sort}", encoded(&self.query), encoded(status))
    }

    /// The first page.
    fn first(&self) -> String {
        self.address(self.status, self.by_display_name)
    }

    /// The page after one that ends so.
    fn next(&self, token: &str) -> String {
        format!("{}&token={}", self.first(), encoded(token))
    }

    fn is_narrowed(&self) -> bool {
        !self.query.is_empty() || !self.status.is_empty()
    }
}

#[derive(Template)]
#[template(path = "people/list.html")]
struct PeoplePage {
    frame: Frame,
    shell: Shell,
    wanted: Wanted,
    users: Vec<User>,
    /// Whether this is not the first page.
    further: bool,
    next: Option<String>,
}

/// The list.
pub(crate) async fn list(State(desk): State<Desk>, Asked { mut admin, query }: Asked) -> Response {
    let wanted = Wanted::of(&query);
    let input = wanted.input(&desk, query.some("token"));
    let found: Users = match admin.call(&desk, Op("portico", "SearchUsers"), input).await {
        Ok(found) => found,
        Err(why) => return refused(&desk, &admin, Room::People, &why),
    };
    let page = PeoplePage {
        frame: frame(&desk, &admin),
        shell: Shell::new(&desk, &admin, Room::People).after(&admin, &query),
        users: found.users,
        further: query.some("token").is_some(),
        next: found.next_token.map(|token| wanted.next(&token)),
        wanted,
    };
    show(&desk, &admin, &page)
}
