//! The list of service users.

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
use crate::service_users::holder::Holder;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ServiceUsers {
    service_users: Vec<ServiceUser>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ServiceUser {
    user_name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    managed_policies: Vec<String>,
    inline_policy: Option<String>,
}

impl ServiceUser {
    fn place(&self) -> String {
        Holder(Some(self.user_name.clone())).below("")
    }

    fn policies(&self) -> usize {
        self.managed_policies.len() + usize::from(self.inline_policy.is_some())
    }
}

#[derive(Template)]
#[template(path = "service_users/list.html")]
struct ServiceUsersPage {
    frame: Frame,
    shell: Shell,
    users: Vec<ServiceUser>,
    /// Whether this is not the first page.
    further: bool,
    next: Option<String>,
}

/// The list.
pub(crate) async fn list(State(desk): State<Desk>, Asked { mut admin, query }: Asked) -> Response {
    let input =
        json!({"InstanceArn": desk.instance_arn(), "MaxResults": ROWS, "NextToken": query.some("token")});
    let found: ServiceUsers = match admin.call(&desk, Op("portico", "ListServiceUsers"), input).await {
        Ok(found) => found,
        Err(why) => return refused(&desk, &admin, Room::ServiceUsers, &why),
    };
    let next = |token: String| format!("/console/service-users?token={}", encoded(&token));
    let page = ServiceUsersPage {
        frame: frame(&desk, &admin),
        shell: Shell::new(&desk, &admin, Room::ServiceUsers).after(&admin, &query),
        users: found.service_users,
        further: query.some("token").is_some(),
        next: found.next_token.map(next),
    };
    show(&desk, &admin, &page)
}
