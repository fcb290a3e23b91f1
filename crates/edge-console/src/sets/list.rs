//! The list of permission sets.

use std::borrow::Borrow;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use edge_portal::words::language::Language;
use serde::Deserialize;
use serde_json::json;

use crate::asked::Asked;
use crate::desk::Desk;
use crate::page::{Room, Shell, encoded, frame, refused, show};
use crate::sets::set::{duration, place};

/// Rows of a page.
const ROWS: usize = 50;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Found {
    permission_sets: Vec<Detail>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Detail {
    permission_set_arn: String,
    name: String,
    #[serde(default)]
    description: String,
    session_duration: String,
    managed_policies: Vec<Named>,
    customer_managed_policies: Vec<Named>,
    #[serde(default)]
    inline_policy: String,
}

impl Detail {
    fn place(&self) -> String {
        place(&self.permission_set_arn)
    }

    fn session(&self, language: impl Borrow<Language>) -> String {
        duration(*language.borrow(), &self.session_duration)
    }

    fn policies(&self) -> impl Iterator<Item = &str> {
        self.managed_policies.iter().chain(&self.customer_managed_policies).map(|policy| policy.name.as_str())
    }

    fn has_none(&self) -> bool {
        self.inline_policy.is_empty() && self.policies().next().is_none()
    }
}

#[derive(Template)]
#[template(path = "sets/list.html")]
struct ListPage {
    frame: Frame,
    shell: Shell,
    query: String,
    sets: Vec<Detail>,
    is_first: bool,
    next: Option<String>,
}

/// The list.
pub(crate) async fn list(State(desk): State<Desk>, Asked { mut admin, query }: Asked) -> Response {
    let input = json!({
        "InstanceArn": desk.instance_arn(), "NameContains": query.some("q"), "MaxResults": ROWS, "NextToken": query.some("token"),
    });
    let found: Found = match admin.call(&desk, Op("portico", "ListPermissionSetsWithDetails"), input).await {
        Ok(found) => found,
        Err(why) => return refused(&desk, &admin, Room::PermissionSets, &why),
    };
    let text = query.text("q").to_owned();
    let next = found
        .next_token
        .map(|token| format!("/console/permission-sets?q={}&token={}", encoded(&text), encoded(&token)));
    let page = ListPage {
        frame: frame(&desk, &admin),
        shell: Shell::new(&desk, &admin, Room::PermissionSets).after(&admin, &query),
        query: text,
        sets: found.permission_sets,
        is_first: query.some("token").is_none(),
        next,
    };
    show(&desk, &admin, &page)
}
