//! Deleting a person: what goes with them, and their name as the proof that it is they who is meant.

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
use crate::owner;
use crate::page::{Room, Shell, answer, frame, go, refused};
use crate::people::person::{Person, Tab};
use crate::sent::Sent;
use crate::thing::{Kind, Thing};

#[derive(Template)]
#[template(path = "people/delete.html")]
struct DeletePage {
    frame: Frame,
    shell: Shell,
    person: Person,
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
    match owner::leads_away(&desk, &mut admin, &Thing::new(Kind::User, &id)).await {
        Ok(Some(away)) => return away,
        Ok(None) => {}
        Err(why) => return refused(&desk, &admin, Room::People, &why),
    }
    match Person::of(&desk, &mut admin, &id, Tab::Overview).await {
        Ok(person) => page(&desk, admin, person, (None, None)).await,
        Err(why) => refused(&desk, &admin, Room::People, &why),
    }
}

/// Deletes them, if it is their name that was typed, and if they are as they were shown.
pub(crate) async fn delete(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Sent { mut admin, fields }: Sent,
) -> Response {
    let person = match Person::of(&desk, &mut admin, &id, Tab::Overview).await {
        Ok(person) => person,
        Err(why) => return refused(&desk, &admin, Room::People, &why),
    };
    let typed = fields.text("confirmed");
    if typed != person.user_name().trim() {
        return page(&desk, admin, person, (Some(typed), None)).await;
    }
    let mut input = input(&desk, &person);
    input["Revision"] = Value::from(fields.text("seen"));
    match admin.act(&desk, Op("identitystore", "DeleteUser"), input).await {
        Ok(()) => go(&desk, "/console/people?done=deleted"),
        Err(why) => page(&desk, admin, person, (None, Some(why))).await,
    }
}

fn input(desk: &Desk, person: &Person) -> Value {
    json!({"IdentityStoreId": desk.identity_store_id(), "UserId": person.id()})
}

/// What goes with them.
async fn losses(desk: &Desk, admin: &mut Administrator, person: &Person) -> Vec<Sentence> {
    let (store, user) = (desk.identity_store_id(), person.id());
    let groups = json!({"IdentityStoreId": store, "MemberId": {"UserId": user}});
    let access = json!({"InstanceArn": desk.instance_arn(), "UserId": user});
    let own = json!({"IdentityStoreId": store, "UserId": user});
    let groups_op = (Op("identitystore", "ListGroupMembershipsForMember"), "GroupMemberships");
    let access_op = (Op("portico", "ListEffectiveAccess"), "EffectiveAccess");
    let counts = [
        (
            Count::of(desk, admin, groups_op, groups).await,
            ("people-loses-groups", "people-loses-groups-more", "people-loses-groups-unknown"),
        ),
        (
            Count::of(desk, admin, access_op, access).await,
            ("people-loses-access", "people-loses-access-more", "people-loses-access-unknown"),
        ),
        (
            Count::of_whole(desk, admin, (Op("portico", "ListMfaDevicesForUser"), "MfaDevices"), own.clone())
                .await,
            ("people-loses-factors", "people-loses-factors-more", "people-loses-factors-unknown"),
        ),
        (
            Count::of(desk, admin, (Op("portico", "ListSessions"), "Sessions"), own).await,
            ("people-loses-sessions", "people-loses-sessions-more", "people-loses-sessions-unknown"),
        ),
    ];
    let language = admin.visitor.language;
    counts.into_iter().filter_map(|(count, names)| count.said(language, names)).collect()
}

async fn page(
    desk: &Desk,
    mut admin: Administrator,
    person: Person,
    (typed, why): (Option<&str>, Option<Fault>),
) -> Response {
    let losses = losses(desk, &mut admin, &person).await;
    let mut input = input(desk, &person);
    input["Revision"] = Value::from(person.revision());
    let page = DeletePage {
        frame: frame(desk, &admin),
        shell: Shell::new(desk, &admin, Room::People),
        trouble: why.as_ref().map(|why| Trouble::of(&admin, why)),
        losses,
        typed: typed.unwrap_or_default().to_owned(),
        wrong: typed.is_some(),
        command: command::text(Op("identitystore", "DeleteUser"), &input),
        person,
    };
    let status = Trouble::status_of_confirming(why.as_ref(), typed.is_some());
    answer(desk, &admin, status, &page)
}
