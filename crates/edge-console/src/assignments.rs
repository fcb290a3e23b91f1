//! Assignments: who is assigned what, by person, group, permission set or account; where they are taken away from.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::asked::Asked;
use crate::assignment::Assignment;
use crate::chooser::{self, About};
use crate::desk::Desk;
use crate::names::{Named, Names};
use crate::page::{ROWS, Room, Shell, encoded, frame, refused, show};
use crate::thing::{Kind, Thing};
use crate::{assignments_batch, assignments_new, assignments_preview};

/// The routes of the room.
pub(crate) fn routes() -> Router<Desk> {
    Router::new()
        .route("/console/assignments", get(list))
        .route("/console/assignments/new", get(assignments_new::show))
        .route("/console/assignments/new/{step}", get(assignments_new::show_more))
        .route("/console/assignments/preview", get(assignments_preview::show).post(assignments_preview::send))
        .route("/console/assignments/preview.json", get(assignments_preview::file))
        .route("/console/assignments/batches/{id}", get(assignments_batch::show))
        .route("/console/assignments/batches/{id}/retry", post(assignments_batch::retry))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    #[serde(alias = "AccountAssignments")]
    assignments: Vec<Assignment>,
    next_token: Option<String>,
}

/// A row of the table.
struct Line {
    who: Named,
    set: Named,
    account: Named,
    /// What the box of the row says; none where the row is a group's, seen from one of its people.
    token: Option<String>,
}

#[derive(Template)]
#[template(path = "assignments.html")]
struct AssignmentsPage {
    frame: Frame,
    shell: Shell,
    of: Named,
    lines: Vec<Line>,
    is_later: bool,
    next: Option<String>,
}

impl AssignmentsPage {
    fn can_remove(&self) -> bool {
        self.lines.iter().any(|line| line.token.is_some())
    }
}

/// The list of one thing; else the things to choose from.
pub(crate) async fn list(State(desk): State<Desk>, Asked { mut admin, query }: Asked) -> Response {
    let Some(of) = Thing::asked(&query) else {
        let language = admin.visitor.language;
        let about = About {
            room: Room::Assignments,
            lead: language.say("assignments-lead"),
            act: Some(("/console/assignments/new", language.say("assignments-new"))),
            first: Kind::Account,
        };
        return chooser::page(&desk, admin, &query, about).await;
    };
    let (op, mut input) = operation(&desk, &of);
    if let Some(members) = input.as_object_mut() {
        members.insert("MaxResults".to_owned(), json!(ROWS));
        members.insert("NextToken".to_owned(), json!(query.some("token")));
    }
    let found: Listed = match admin.call(&desk, op, input).await {
        Ok(found) => found,
        Err(why) => return refused(&desk, &admin, Room::Assignments, &why),
    };
    let things = found.assignments.iter().flat_map(Assignment::things).chain([of.clone()]);
    let names = Names::of(&desk, &mut admin, things).await;
    let lines = found.assignments.iter().map(|row| line(&names, &of, row)).collect();
    let page = AssignmentsPage {
        frame: frame(&desk, &admin),
        shell: Shell::new(&desk, &admin, Room::Assignments).after(&admin, &query),
        next: found
            .next_token
            .map(|token| format!("/console/assignments?{}&token={}", of.query(), encoded(&token))),
        is_later: query.some("token").is_some(),
        of: names.named(&of),
        lines,
    };
    show(&desk, &admin, &page)
}

/// Which operation lists what a thing has.
fn operation(desk: &Desk, of: &Thing) -> (Op, Value) {
    match of.kind {
        Kind::Set | Kind::Account => (Op("portico", "ListAssignments"), Value::Object(of.input(desk))),
        Kind::User | Kind::Group => {
            let input = json!({
                "InstanceArn": desk.instance_arn(), "PrincipalType": of.principal_type(), "PrincipalId": of.id,
            });
            (Op("sso-admin", "ListAccountAssignmentsForPrincipal"), input)
        }
    }
}

fn line(names: &Names, of: &Thing, row: &Assignment) -> Line {
    let [who, set, account] = row.things();
    let is_own = of.kind != Kind::User || who == *of;
    Line {
        token: is_own.then(|| row.token()),
        who: names.named(&who),
        set: names.named(&set),
        account: names.named(&account),
    }
}
