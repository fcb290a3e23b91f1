//! Trusting an issuer of tokens.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use http::StatusCode;
use model::fault::Fault;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::asked::Asked;
use crate::command;
use crate::desk::Desk;
use crate::field::Trouble;
use crate::fields::Fields;
use crate::page::{Room, Shell, answer, frame, go};
use crate::sent::Sent;
use crate::sheet::Sheet;
use crate::token_issuers::form::{NEW, configuration};

const CREATE: Op = Op("sso-admin", "CreateTrustedTokenIssuer");

#[derive(Template)]
#[template(path = "token_issuers/new.html")]
struct NewPage {
    frame: Frame,
    shell: Shell,
    trouble: Option<Trouble>,
    form: Sheet,
    command: String,
}

/// The form.
pub(crate) async fn ask(State(desk): State<Desk>, Asked { admin, .. }: Asked) -> Response {
    page(&desk, &admin, &Fields::of([("claim", "email"), ("attribute", "emails.value"), ("url", "")]), None)
}

/// Makes one.
pub(crate) async fn create(State(desk): State<Desk>, Sent { mut admin, fields }: Sent) -> Response {
    match admin.act(&desk, CREATE, input(&desk, &fields)).await {
        Ok(()) => go(&desk, "/console/applications?done=created"),
        Err(why) => page(&desk, &admin, &fields, Some(&why)),
    }
}

fn input(desk: &Desk, typed: &Fields) -> Value {
    json!({
        "InstanceArn": desk.instance_arn(), "Name": typed.text("name"), "TrustedTokenIssuerType": "OIDC_JWT",
        "TrustedTokenIssuerConfiguration": configuration(typed),
    })
}

fn page(desk: &Desk, admin: &Administrator, typed: &Fields, why: Option<&Fault>) -> Response {
    let mut form = Sheet::typed(admin.visitor.language, &NEW, typed);
    let page = NewPage {
        frame: frame(desk, admin),
        shell: Shell::new(desk, admin, Room::Applications),
        trouble: why.and_then(|why| form.refuse(admin, why)),
        form,
        command: command::text(CREATE, &input(desk, typed)),
    };
    answer(desk, admin, why.map_or(StatusCode::OK, Trouble::status), &page)
}
