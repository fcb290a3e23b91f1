//! Deleting a group: what goes with it, and its name as the proof that it is the one which is meant.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use edge_portal::words::sentence::Sentence;
use model::fault::Fault;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::asked::Asked;
use crate::command;
use crate::count::Count;
use crate::desk::Desk;
use crate::field::Trouble;
use crate::groups::group::{Group, Tab};
use crate::owner;
use crate::page::{Room, Shell, answer, frame, go, refused};
use crate::sent::Sent;
use crate::thing::{Kind, Thing};

#[derive(Template)]
#[template(path = "groups/delete.html")]
struct DeletePage {
    frame: Frame,
    shell: Shell,
    group: Group,
    trouble: Option<Trouble>,
    losses: Vec<Sentence>,
    typed: String,
    wrong: bool,
    command: String,
}

/// The page.
pub(crate) async fn show(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Asked { mut admin, query: _ }: Asked,
) -> Response {
    match owner::leads_away(&desk, &mut admin, &Thing::new(Kind::Group, &id)).await {
        Ok(Some(away)) => return away,
        Ok(None) => {}
        Err(why) => return refused(&desk, &admin, Room::Groups, &why),
    }
    match Group::of(&desk, &mut admin, &id, Tab::Members).await {
        Ok(group) => page(&desk, admin, group, (None, None)).await,
        Err(why) => refused(&desk, &admin, Room::Groups, &why),
    }
}

/// Deletes it, if it is its name that was typed, and if it is as it was shown.
pub(crate) async fn delete(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Sent { mut admin, fields }: Sent,
) -> Response {
    let group = match Group::of(&desk, &mut admin, &id, Tab::Members).await {
        Ok(group) => group,
        Err(why) => return refused(&desk, &admin, Room::Groups, &why),
    };
    let typed = fields.text("confirmed");
    if typed != group.name().trim() {
        return page(&desk, admin, group, (Some(typed), None)).await;
    }
    match admin
        .act(&desk, Op("identitystore", "DeleteGroup"), input(&desk, &group, fields.text("seen")))
        .await
    {
        Ok(()) => go(&desk, "/console/groups?done=deleted"),
        Err(why) => page(&desk, admin, group, (None, Some(why))).await,
    }
}

fn input(desk: &Desk, group: &Group, revision: &str) -> Value {
    json!({"IdentityStoreId": desk.identity_store_id(), "GroupId": group.id(), "Revision": revision})
}

/// What goes with it.
async fn losses(desk: &Desk, admin: &mut Administrator, group: &Group) -> Vec<Sentence> {
    let members = json!({"IdentityStoreId": desk.identity_store_id(), "GroupId": group.id()});
    let members_op = (Op("identitystore", "ListGroupMemberships"), "GroupMemberships");
    let given = json!({
        "InstanceArn": desk.instance_arn(), "PrincipalId": group.id(), "PrincipalType": "GROUP",
    });
    let given_op = (Op("sso-admin", "ListAccountAssignmentsForPrincipal"), "AccountAssignments");
    let counts = [
        (
            Count::of(desk, admin, members_op, members).await,
            ("groups-loses-members", "groups-loses-members-more", "groups-loses-members-unknown"),
        ),
        (
            Count::of(desk, admin, given_op, given).await,
            ("groups-loses-access", "groups-loses-access-more", "groups-loses-access-unknown"),
        ),
    ];
    let language = admin.visitor.language;
    counts.into_iter().filter_map(|(count, names)| count.said(language, names)).collect()
}

async fn page(
    desk: &Desk,
    mut admin: Administrator,
    group: Group,
    (typed, why): (Option<&str>, Option<Fault>),
) -> Response {
    let losses = losses(desk, &mut admin, &group).await;
    let wrong = typed.is_some();
    let page = DeletePage {
        frame: frame(desk, &admin),
        shell: Shell::new(desk, &admin, Room::Groups),
        trouble: why.as_ref().map(|why| Trouble::of(&admin, why)),
        losses,
        typed: typed.unwrap_or_default().to_owned(),
        wrong,
        command: command::text(Op("identitystore", "DeleteGroup"), &input(desk, &group, group.revision())),
        group,
    };
    let status = Trouble::status_of_confirming(why.as_ref(), wrong);
    answer(desk, &admin, status, &page)
}
