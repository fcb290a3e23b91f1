//! Who may use an application: the people and groups that it is assigned to, taken out and found to be taken in; and whether it wants that at all.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use http::StatusCode;
use model::fault::Fault;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::applications::application::{Application, At, Tab};
use crate::asked::Asked;
use crate::command;
use crate::desk::Desk;
use crate::field::Trouble;
use crate::fields::Fields;
use crate::find;
use crate::names::{Named, Names};
use crate::page::{ROWS, Room, Shell, answer, encoded, frame, go, refused};
use crate::part::Part;
use crate::sent::Sent;
use crate::thing::{Kind, Thing};

const ASSIGN: Op = Op("sso-admin", "CreateApplicationAssignment");
const REQUIRE: Op = Op("sso-admin", "PutApplicationAssignmentConfiguration");

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    #[serde(default)]
    application_assignments: Vec<Row>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    principal_id: String,
    principal_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Wants {
    assignment_required: bool,
}

#[derive(Template)]
#[template(path = "applications/assignments.html")]
struct AssignmentsPage {
    frame: Frame,
    shell: Shell,
    app: Application,
    trouble: Option<Trouble>,
    assigned: Vec<Named>,
    further: bool,
    next: Option<String>,
    /// Whether only those may use it; nothing where the role may not know.
    required: Option<bool>,
    /// The kind that is looked for, what was typed, and who was found.
    kind: Kind,
    query: String,
    found: Option<Part<Vec<Named>>>,
    command: String,
    require_command: String,
}

impl AssignmentsPage {
    fn is(&self, kind: Kind) -> bool {
        self.kind == kind
    }
}

/// The page.
pub(crate) async fn show(
    State(desk): State<Desk>,
    Path(at): Path<At>,
    Asked { admin, query }: Asked,
) -> Response {
    page(&desk, admin, &at, (&query, None)).await
}

/// Assigns it to somebody, takes that back, or says whether it has to be assigned.
pub(crate) async fn change(
    State(desk): State<Desk>,
    Path(at): Path<At>,
    Sent { mut admin, fields }: Sent,
) -> Response {
    let of = |fields: &Fields| match Thing::asked(fields) {
        Some(whom) => at.with(&desk, principal(&whom)),
        None => at.input(&desk),
    };
    let done = match fields.text("act") {
        "remove" => admin.act(&desk, Op("sso-admin", "DeleteApplicationAssignment"), of(&fields)).await,
        "require" => admin.act(&desk, REQUIRE, at.with(&desk, json!({"AssignmentRequired": true}))).await,
        "open" => admin.act(&desk, REQUIRE, at.with(&desk, json!({"AssignmentRequired": false}))).await,
        _ => admin.act(&desk, ASSIGN, of(&fields)).await,
    };
    match done {
        Ok(()) => go(&desk, &at.below("/assignments?done=saved")),
        Err(why) => page(&desk, admin, &at, (&Fields::default(), Some(why))).await,
    }
}

fn principal(whom: &Thing) -> Value {
    json!({ "PrincipalType": whom.principal_type(), "PrincipalId": whom.id })
}

async fn page(
    desk: &Desk,
    mut admin: Administrator,
    at: &At,
    (query, why): (&Fields, Option<Fault>),
) -> Response {
    let (app, listed, required) = match look(desk, &mut admin, at, query).await {
        Ok(found) => found,
        Err(unknown) => return refused(desk, &admin, Room::Applications, &why.unwrap_or(unknown)),
    };
    let rows = listed.application_assignments.iter();
    let whom: Vec<Thing> = rows.map(|row| Thing::principal(&row.principal_type, &row.principal_id)).collect();
    let names = Names::of(desk, &mut admin, whom.iter().cloned()).await;
    let kind = if query.text("by") == Kind::Group.name() { Kind::Group } else { Kind::User };
    let found = find::few_asked(desk, &mut admin, kind, query).await;
    let nobody = json!({ "PrincipalType": "GROUP", "PrincipalId": "GROUP_ID" });
    let other = json!({ "AssignmentRequired": !required.unwrap_or(true) });
    let page = AssignmentsPage {
        frame: frame(desk, &admin),
        shell: Shell::new(desk, &admin, Room::Applications).after(&admin, query),
        trouble: why.as_ref().map(|why| Trouble::of(&admin, why)),
        assigned: whom.iter().map(|thing| names.named(thing)).collect(),
        further: query.some("token").is_some(),
        next: listed.next_token.map(|token| at.below(&format!("/assignments?token={}", encoded(&token)))),
        required,
        kind,
        query: query.text("q").to_owned(),
        found,
        command: command::text(ASSIGN, &at.with(desk, nobody)),
        require_command: command::text(REQUIRE, &at.with(desk, other)),
        app,
    };
    answer(desk, &admin, why.as_ref().map_or(StatusCode::OK, Trouble::status), &page)
}

async fn look(
    desk: &Desk,
    admin: &mut Administrator,
    at: &At,
    query: &Fields,
) -> Result<(Application, Listed, Option<bool>), Fault> {
    let app = Application::of(desk, admin, at, Tab::Assignments).await?;
    let input = at.with(desk, json!({ "MaxResults": ROWS, "NextToken": query.some("token") }));
    let listed = admin.call(desk, Op("sso-admin", "ListApplicationAssignments"), input).await?;
    let op = Op("sso-admin", "GetApplicationAssignmentConfiguration");
    let wants: Option<Wants> = admin.call_if_allowed(desk, op, at.input(desk)).await?;
    Ok((app, listed, wants.map(|wants| wants.assignment_required)))
}
