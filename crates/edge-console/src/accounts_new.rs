//! A new account, and how far it is.

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
use crate::asked::Asked;
use crate::command;
use crate::desk::Desk;
use crate::fields::Fields;
use crate::page::{Room, Shell, answer, encoded, frame, go, refused, show as show_page};
use crate::sent::Sent;

const CREATE: Op = Op("organizations", "CreateAccount");

#[derive(Template)]
#[template(path = "accounts_new.html")]
struct NewPage {
    frame: Frame,
    shell: Shell,
    name: String,
    email: String,
    fault: Option<String>,
    command: String,
}

fn page(desk: &Desk, admin: &Administrator, fields: &Fields, fault: Option<String>) -> NewPage {
    let (name, email) = (fields.text("name"), fields.text("email"));
    let or = |typed: &str, place: &str| if typed.is_empty() { place.to_owned() } else { typed.to_owned() };
    let input = json!({"AccountName": or(name, "NAME"), "Email": or(email, "EMAIL")});
    NewPage {
        frame: frame(desk, admin),
        shell: Shell::new(desk, admin, Room::Accounts),
        name: name.to_owned(),
        email: email.to_owned(),
        fault,
        command: command::text(CREATE, &input),
    }
}

/// `GET /console/accounts/new`
pub(crate) async fn show(State(desk): State<Desk>, Asked { admin, query }: Asked) -> Response {
    show_page(&desk, &admin, &page(&desk, &admin, &query, None))
}

/// Begins an account.
pub(crate) async fn create(State(desk): State<Desk>, Sent { mut admin, fields }: Sent) -> Response {
    let input = json!({"AccountName": fields.text("name"), "Email": fields.text("email")});
    let begun: Result<Value, Fault> = admin.call(&desk, CREATE, input).await;
    match begun {
        Ok(begun) => {
            let id = begun.pointer("/CreateAccountStatus/Id").and_then(Value::as_str).unwrap_or_default();
            go(&desk, &format!("/console/accounts/creations/{}", encoded(id)))
        }
        Err(why) => {
            let fault = admin.visitor.language.told(&why);
            let page = page(&desk, &admin, &fields, Some(fault));
            answer(&desk, &admin, StatusCode::BAD_REQUEST, &page)
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Status {
    account_name: String,
    state: String,
    account_id: Option<String>,
    failure_reason: Option<String>,
}

#[derive(Template)]
#[template(path = "accounts_creation.html")]
struct StatusPage {
    frame: Frame,
    shell: Shell,
    status: Status,
}

impl StatusPage {
    fn is_under_way(&self) -> bool {
        self.status.state == "IN_PROGRESS"
    }
}

/// `GET /console/accounts/creations/{id}`
pub(crate) async fn status(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Asked { mut admin, .. }: Asked,
) -> Response {
    let op = Op("organizations", "DescribeCreateAccountStatus");
    let answer: Result<Value, Fault> = admin.call(&desk, op, json!({"CreateAccountRequestId": id})).await;
    let status = answer.and_then(|answer| {
        let status = answer.get("CreateAccountStatus").cloned().unwrap_or_default();
        serde_json::from_value::<Status>(status).map_err(Fault::internal)
    });
    match status {
        Ok(status) => {
            let page = StatusPage {
                frame: frame(&desk, &admin),
                shell: Shell::new(&desk, &admin, Room::Accounts),
                status,
            };
            show_page(&desk, &admin, &page)
        }
        Err(why) => refused(&desk, &admin, Room::Accounts, &why),
    }
}
