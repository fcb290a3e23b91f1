//! The tags of a permission set.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use http::StatusCode;
use model::fault::Fault;
use serde::Deserialize;
use serde_json::json;

use crate::administrator::Administrator;
use crate::asked::Asked;
use crate::command;
use crate::desk::Desk;
use crate::fields::Fields;
use crate::page::{Room, Shell, answer, frame, go, refused};
use crate::sent::Sent;
use crate::sets::set::{Set, Tab};
use crate::sets::told::Told;

/// The fields of the form, and how refusals name them.
const FIELDS: [(&str, &str); 2] = [("key", "key"), ("value", "tags.1.member.value")];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    key: String,
    #[serde(default)]
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tags {
    tags: Vec<Tag>,
    next_token: Option<String>,
}

#[derive(Template)]
#[template(path = "sets/tags.html")]
struct TagsPage {
    frame: Frame,
    shell: Shell,
    set: Set,
    told: Option<Told>,
    tags: Vec<Tag>,
    next: Option<String>,
    key: String,
    value: String,
    command: String,
}

async fn page(
    desk: &Desk,
    admin: &mut Administrator,
    set: Set,
    form: &Fields,
    told: Option<Told>,
) -> Result<Response, Fault> {
    let input = set.tagged(json!({"NextToken": form.some("token")}));
    let found: Tags = admin.call(desk, Op("sso-admin", "ListTagsForResource"), input).await?;
    let typed = json!({"Tags": [{"Key": form.some("key").unwrap_or("KEY"), "Value": form.some("value").unwrap_or("VALUE")}]});
    let status = told.as_ref().map_or(StatusCode::OK, |told| told.status);
    let page = TagsPage {
        frame: frame(desk, admin),
        shell: Shell::new(desk, admin, Room::PermissionSets).after(admin, form),
        told,
        tags: found.tags,
        next: found
            .next_token
            .map(|token| set.below(&format!("/tags?token={}", crate::page::encoded(&token)))),
        key: form.text("key").to_owned(),
        value: form.text("value").to_owned(),
        command: command::text(Op("sso-admin", "TagResource"), &set.tagged(typed)),
        set,
    };
    Ok(answer(desk, admin, status, &page))
}

/// The page.
pub(crate) async fn show(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Asked { mut admin, query }: Asked,
) -> Response {
    let shown = match Set::of(&desk, &mut admin, &id, Tab::Tags).await {
        Ok(set) => page(&desk, &mut admin, set, &query, None).await,
        Err(why) => Err(why),
    };
    shown.unwrap_or_else(|why| refused(&desk, &admin, Room::PermissionSets, &why))
}

/// Adds a tag or takes one away.
pub(crate) async fn change(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Sent { mut admin, fields: form }: Sent,
) -> Response {
    let set = match Set::of(&desk, &mut admin, &id, Tab::Tags).await {
        Ok(set) => set,
        Err(why) => return refused(&desk, &admin, Room::PermissionSets, &why),
    };
    let (operation, more, done) = if form.text("act") == "remove" {
        ("UntagResource", json!({"TagKeys": [form.whole("key")]}), "deleted")
    } else {
        ("TagResource", json!({"Tags": [{"Key": form.text("key"), "Value": form.text("value")}]}), "saved")
    };
    match admin.act(&desk, Op("sso-admin", operation), set.tagged(more)).await {
        Ok(()) => go(&desk, &set.below(&format!("/tags?done={done}"))),
        Err(why) => {
            let told = Told::of(&admin, &why, &FIELDS);
            let shown = page(&desk, &mut admin, set, &form, Some(told)).await;
            shown.unwrap_or_else(|why| refused(&desk, &admin, Room::PermissionSets, &why))
        }
    }
}
