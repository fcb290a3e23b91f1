//! Who is in a group: a page of them by name, taking one out, and finding one to take in.

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
use crate::applications::reached::{self, Reached};
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
use crate::thing::{Kind, Thing};

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase")]
struct Members {
    members: Vec<Member>,
    next_token: Option<String>,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase")]
struct Member {
    membership_id: String,
    user_id: String,
    user_name: String,
    display_name: String,
    user_status: String,
}

impl Member {
    fn is_enabled(&self) -> bool {
        self.user_status != "DISABLED"
    }
}

#[derive(Template)]
#[template(path = "groups/members.html")]
struct MembersPage {
    frame: Frame,
    shell: Shell,
    group: Group,
    /// The source that owns it.
    owner: Option<Owner>,
    trouble: Option<Trouble>,
    members: Part<Vec<Member>>,
    further: bool,
    next: Option<String>,
    /// What was searched for to be taken in, and who was found.
    query: String,
    found: Option<Part<Vec<Named>>>,
    /// The applications that are assigned to it; nothing where the role may not know.
    reached: Option<Vec<Reached>>,
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

/// Takes somebody in or out.
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
            json!({"IdentityStoreId": store, "GroupId": id, "MemberId": {"UserId": fields.text("user")}});
        admin.act(&desk, Op("identitystore", "CreateGroupMembership"), input).await
    };
    match done {
        Ok(()) => go(&desk, &format!("{}?done=saved", place(&id, ""))),
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
    let group = match Group::of(desk, &mut admin, id, Tab::Members).await {
        Ok(group) => group,
        Err(unknown) => return refused(desk, &admin, Room::Groups, &why.unwrap_or(unknown)),
    };
    let owner = match owner::of(desk, &mut admin, ("GroupId", id)).await {
        Ok(owner) => owner,
        Err(unknown) => return refused(desk, &admin, Room::Groups, &why.unwrap_or(unknown)),
    };
    let input = json!({
        "IdentityStoreId": desk.identity_store_id(), "GroupId": id, "MaxResults": ROWS, "NextToken": query.some("token"),
    });
    let members: Result<Members, Fault> = admin.call(desk, Op("portico", "ListMembersInGroup"), input).await;
    let found = find::few_asked(desk, &mut admin, Kind::User, query).await;
    let reached = match reached::of(desk, &mut admin, &Thing::new(Kind::Group, id)).await {
        Ok(reached) => reached,
        Err(unknown) => return refused(desk, &admin, Room::Groups, &why.unwrap_or(unknown)),
    };
    let next = members.as_ref().ok().and_then(|page| page.next_token.as_ref());
    let input = json!({
        "IdentityStoreId": desk.identity_store_id(), "GroupId": id, "MemberId": {"UserId": "USER_ID"},
    });
    let page = MembersPage {
        frame: frame(desk, &admin),
        shell: Shell::new(desk, &admin, Room::Groups).after(&admin, query),
        trouble: why.as_ref().map(|why| Trouble::of(&admin, why)),
        owner,
        further: query.some("token").is_some(),
        next: next.map(|token| format!("{}?token={}", group.below(""), encoded(token))),
        members: Part::of(&admin, members.map(|page| page.members)),
        query: query.text("q").to_owned(),
        found,
        reached,
        command: command::text(Op("identitystore", "CreateGroupMembership"), &input),
        group,
    };
    answer(desk, &admin, why.as_ref().map_or(StatusCode::OK, Trouble::status), &page)
}
