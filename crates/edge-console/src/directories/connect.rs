//! Connecting a directory. It is paused until somebody has tried it and lets it begin.

use askama::Template;
use axum::extract::State;
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
use crate::directories::directory::place;
use crate::directories::form::{BLANK, configuration, secrets};
use crate::field::Trouble;
use crate::fields::Fields;
use crate::page::{Room, Shell, answer, frame, go};
use crate::sent::Sent;
use crate::sheet::Sheet;

const CREATE: Op = Op("portico", "CreateDirectory");

#[derive(Template)]
#[template(path = "directories/new.html")]
struct NewPage {
    frame: Frame,
    shell: Shell,
    trouble: Option<Trouble>,
    form: Sheet,
    is_new: bool,
    command: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Made {
    directory_id: String,
}

/// The form.
pub(crate) async fn ask(State(desk): State<Desk>, Asked { admin, .. }: Asked) -> Response {
    page(&desk, &admin, &Fields::of([("watch", "yes")]), None)
}

/// Connects one.
pub(crate) async fn connect(State(desk): State<Desk>, Sent { mut admin, fields }: Sent) -> Response {
    let mut input = secrets(&fields);
    input["IdentityStoreId"] = desk.identity_store_id().into();
    input["Configuration"] = configuration(&fields);
    let made: Result<Made, Fault> = admin.call(&desk, CREATE, input).await;
    match made {
        Ok(made) => go(&desk, &place(&made.directory_id, "?done=created")),
        Err(why) => page(&desk, &admin, &fields, Some(&why)),
    }
}

fn page(desk: &Desk, admin: &Administrator, typed: &Fields, why: Option<&Fault>) -> Response {
    let mut form = Sheet::typed(admin.visitor.language, &BLANK, typed);
    let shown = json!({
        "IdentityStoreId": desk.identity_store_id(), "Configuration": configuration(typed),
        "BindPassword": typed.some("bind_dn").map_or(Value::Null, |_| "PASSWORD".into()),
    });
    let page = NewPage {
        frame: frame(desk, admin),
        shell: Shell::new(desk, admin, Room::IdentityProviders),
        trouble: why.and_then(|why| form.refuse(admin, why)),
        form,
        is_new: true,
        command: command::text(CREATE, &shown),
    };
    answer(desk, admin, why.map_or(StatusCode::OK, Trouble::status), &page)
}
