//! Groups within a group: those that are its members, those that follow, which groups it is within itself; taking one out, and finding one to take in.

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
use crate::field::Trouble;
use crate::fields::Fields;
use crate::find;
use crate::groups::group::{Group, Tab, place};
use crate::names::Named;
use crate::owner::{self, Owner};
use crate::page::{ROWS, Room, Shell, answer, encoded, frame, go, refused};
use crate::part::Part;
use crate::sent::Sent;
use crate::thing::Kind;

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase")]
struct Groups {
    groups: Vec<Nested>,
    next_token: Option<String>,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase")]
struct Nested {
    group_id: String,
    display_name: String,
    is_direct: bool,
}

#[derive(Template)]
#[template(path = "groups/member_groups.html")]
struct MemberGroupsPage {
    frame: Frame,
    shell: Shell,
    group: Group,
    /// The source that owns it.
    owner: Option<Owner>,
    trouble: Option<Trouble>,
    within: Part<Vec<Nested>>,
    around: Part<Vec<Nested>>,
    further: bool,
    next: Option<String>,
    /// Whether more groups are around it than are shown.
    more_around: bool,
    /// What was searched for to be taken in, and what was found.
    query: String,
    found: Option<Part<Vec<Named>>>,
    command: String,
}

/// The page.
pub(crate) async fn show(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Asked { admin, query }: Asked,
) -> Response {
    page(&desk, admin, &id, &query, None).await
}

/// Takes a group in or out.
pub(crate) async fn change(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Sent { mut admin, fields }: Sent,
) -> Response {
    let operation = if fields.text("act") == "remove" { "RemoveMemberGroup" } else { "AddMemberGroup" };
    let input = json!({
        "IdentityStoreId": desk.identity_store_id(), "GroupId": id, "MemberGroupId": fields.text("group"),
    });
    match admin.act(&desk, Op("portico", operation), input).await {
        Ok(()) => go(&desk, &format!("{}?done=saved", place(&id, "/groups"))),
        Err(why) => page(&desk, admin, &id, &fields, Some(why)).await,
    }
}

async fn page(
    desk: &Desk,
    mut admin: Administrator,
    id: &str,
    query: &Fields,
    why: Option<Fault>,
) -> Response {
    let group = match Group::of(desk, &mut admin, id, Tab::Groups).await {
        Ok(group) => group,
        Err(unknown) => return refused(desk, &admin, Room::Groups, &why.unwrap_or(unknown)),
    };
    let owner = match owner::of(desk, &mut admin, ("GroupId", id)).await {
        Ok(owner) => owner,
        Err(unknown) => return refused(desk, &admin, Room::Groups, &why.unwrap_or(unknown)),
    };
    let of = |token: Option<&str>| json!({"IdentityStoreId": desk.identity_store_id(), "GroupId": id, "MaxResults": ROWS, "NextToken": token});
    let within: Result<Groups, Fault> =
        admin.call(desk, Op("portico", "ListGroupsInGroup"), of(query.some("token"))).await;
    let around: Result<Groups, Fault> = admin.call(desk, Op("portico", "ListGroupsForGroup"), of(None)).await;
    let found = find::few_asked(desk, &mut admin, Kind::Group, query).await;
    let next = within.as_ref().ok().and_then(|page| page.next_token.as_ref());
    let input = json!({
        "IdentityStoreId": desk.identity_store_id(), "GroupId": id, "MemberGroupId": "GROUP_ID",
    });
    let page = MemberGroupsPage {
        frame: frame(desk, &admin),
        shell: Shell::new(desk, &admin, Room::Groups).after(&admin, query),
        trouble: why.as_ref().map(|why| Trouble::of(&admin, why)),
        owner,
        further: query.some("token").is_some(),
        next: next.map(|token| format!("{}?token={}", group.below("/groups"), encoded(token))),
        within: Part::of(&admin, within.map(|page| page.groups)),
        more_around: around.as_ref().is_ok_and(|page| page.next_token.is_some()),
        around: Part::of(&admin, around.map(|page| page.groups)),
        query: query.text("q").to_owned(),
        found,
        command: command::text(Op("portico", "AddMemberGroup"), &input),
        group,
    };
    answer(desk, &admin, why.as_ref().map_or(StatusCode::OK, Trouble::status), &page)
}
