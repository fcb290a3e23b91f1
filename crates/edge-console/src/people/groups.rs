//! The groups that a person is in: a page of them by name, leaving one, and finding one to join.

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
use crate::names::Named;
use crate::page::{ROWS, Room, Shell, answer, encoded, frame, go, refused};
use crate::part::Part;
use crate::people::person::{Person, Tab, place};
use crate::sent::Sent;
use crate::thing::Kind;

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase")]
struct Groups {
    groups: Vec<Group>,
    next_token: Option<String>,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase")]
struct Group {
    group_id: String,
    display_name: String,
    membership_id: String,
}

#[derive(Template)]
#[template(path = "people/groups.html")]
struct GroupsPage {
    frame: Frame,
    shell: Shell,
    person: Person,
    trouble: Option<Trouble>,
    groups: Part<Vec<Group>>,
    further: bool,
    next: Option<String>,
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

/// Joins or leaves a group.
pub(crate) async fn change(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Sent { mut admin, fields }: Sent,
) -> Response {
    let store = desk.identity_store_id();
    let done = if fields.text("act") == "remove" {
        let input = json!({"IdentityStoreId": store, "MembershipId": fields.text("membership")});
        admin.act(&desk, Op("identitystore", "DeleteGroupMembership"), input).await
    } else {
        let input =
            json!({"IdentityStoreId": store, "GroupId": fields.text("group"), "MemberId": {"UserId": id}});
        admin.act(&desk, Op("identitystore", "CreateGroupMembership"), input).await
    };
    match done {
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
    let person = match Person::of(desk, &mut admin, id, Tab::Groups).await {
        Ok(person) => person,
        Err(unknown) => return refused(desk, &admin, Room::People, &why.unwrap_or(unknown)),
    };
    let input = json!({
        "IdentityStoreId": desk.identity_store_id(), "UserId": id, "MaxResults": ROWS, "NextToken": query.some("token"),
    });
    let groups: Result<Groups, Fault> = admin.call(desk, Op("portico", "ListGroupsForUser"), input).await;
    let found = find::few_asked(desk, &mut admin, Kind::Group, query).await;
    let next = groups.as_ref().ok().and_then(|page| page.next_token.as_ref());
    let input = json!({
        "IdentityStoreId": desk.identity_store_id(), "GroupId": "GROUP_ID", "MemberId": {"UserId": id},
    });
    let page = GroupsPage {
        frame: frame(desk, &admin),
        shell: Shell::new(desk, &admin, Room::People).after(&admin, query),
        trouble: why.as_ref().map(|why| Trouble::of(&admin, why)),
        further: query.some("token").is_some(),
        next: next.map(|token| format!("{}?token={}", person.at(Tab::Groups), encoded(token))),
        groups: Part::of(&admin, groups.map(|page| page.groups)),
        query: query.text("q").to_owned(),
        found,
        command: command::text(Op("identitystore", "CreateGroupMembership"), &input),
        person,
    };
    answer(desk, &admin, why.as_ref().map_or(StatusCode::OK, Trouble::status), &page)
}
