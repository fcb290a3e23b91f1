//! People who can sign in with a password alone, and when they last did.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use serde::Deserialize;
use serde_json::json;

use crate::asked::Asked;
use crate::desk::Desk;
use crate::moment::Moment;
use crate::page::{ROWS, Room, Shell, encoded, frame, refused, show as show_page};
use crate::people::person::place;

/// Where it is.
const PATH: &str = "/console/people/without-mfa-device";

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
    last_signed_in_at: Option<Moment>,
}

impl User {
    /// The page on which they are invited, and given a way in.
    fn page(&self) -> String {
        place(&self.user_id, "/sign-in")
    }
}

#[derive(Template)]
#[template(path = "people/without_mfa_device.html")]
struct UnguardedPage {
    frame: Frame,
    shell: Shell,
    users: Vec<User>,
    /// Whether this is not the first page.
    further: bool,
    next: Option<String>,
}

/// The list.
pub(crate) async fn show(State(desk): State<Desk>, Asked { mut admin, query }: Asked) -> Response {
    let token = query.some("token");
    let input = json!({"IdentityStoreId": desk.identity_store_id(), "MaxResults": ROWS, "NextToken": token});
    let found: Users = match admin.call(&desk, Op("portico", "ListUsersWithoutMfaDevice"), input).await {
        Ok(found) => found,
        Err(why) => return refused(&desk, &admin, Room::People, &why),
    };
    let page = UnguardedPage {
        frame: frame(&desk, &admin),
        shell: Shell::new(&desk, &admin, Room::People),
        users: found.users,
        further: token.is_some(),
        next: found.next_token.map(|token| format!("{PATH}?token={}", encoded(&token))),
    };
    show_page(&desk, &admin, &page)
}
