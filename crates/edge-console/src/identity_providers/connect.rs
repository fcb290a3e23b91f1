//! Connecting an identity provider.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::asked::Asked;
use crate::command;
use crate::desk::Desk;
use crate::field::Trouble;
use crate::fields::Fields;
use crate::identity_providers::form::{Form, Speaks, configuration};
use crate::page::{Room, Shell, answer, frame, go};
use crate::sent::Sent;

const CREATE: Op = Op("portico", "CreateExternalIdPConfigurationForDirectory");

#[derive(Template)]
#[template(path = "identity_providers/new.html")]
struct NewPage {
    frame: Frame,
    shell: Shell,
    trouble: Option<Trouble>,
    form: Form,
    is_saml: bool,
    is_new: bool,
    command: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Made {
    configuration_id: String,
}

/// The form.
pub(crate) async fn ask(State(desk): State<Desk>, Asked { admin, query }: Asked) -> Response {
    let speaks = Speaks::of(query.text("protocol"));
    let form = Form::new(admin.visitor.language, speaks);
    page(&desk, &admin, StatusCode::OK, (form, None, &Fields::default()))
}

/// Connects one.
pub(crate) async fn connect(State(desk): State<Desk>, Sent { mut admin, fields }: Sent) -> Response {
    let speaks = Speaks::of(fields.text("protocol"));
    let made: Result<Made, _> = admin.call(&desk, CREATE, input(&desk, speaks, &fields)).await;
    match made {
        Ok(made) => go(&desk, &format!("/console/identity-providers/{}?done=created", made.configuration_id)),
        Err(why) => {
            let mut form = Form::typed(admin.visitor.language, speaks, &fields);
            let trouble = Trouble::beside(&admin, &why, &form.specs, &mut form.fields);
            page(&desk, &admin, Trouble::status(&why), (form, trouble, &fields))
        }
    }
}

fn input(desk: &Desk, speaks: Speaks, fields: &Fields) -> Value {
    json!({
        "IdentityStoreId": desk.identity_store_id(), "Configuration": configuration(speaks, fields),
        "ClientSecret": fields.some("password_client"),
    })
}

fn page(
    desk: &Desk,
    admin: &Administrator,
    status: StatusCode,
    (form, trouble, typed): (Form, Option<Trouble>, &Fields),
) -> Response {
    let mut shown = input(desk, form.speaks, typed);
    shown["ClientSecret"] = typed.some("password_client").map_or(Value::Null, |_| "SECRET".into());
    let page = NewPage {
        frame: frame(desk, admin),
        shell: Shell::new(desk, admin, Room::IdentityProviders),
        trouble,
        is_saml: form.speaks == Speaks::Saml,
        is_new: true,
        form,
        command: command::text(CREATE, &shown),
    };
    answer(desk, admin, status, &page)
}
