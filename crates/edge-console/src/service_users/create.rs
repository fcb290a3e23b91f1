//! A new service user.

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
use crate::field::{Field, Spec, Trouble};
use crate::fields::Fields;
use crate::page::{Room, Shell, answer, frame, go};
use crate::sent::Sent;
use crate::service_users::holder::Holder;

const FIELDS: [Spec; 2] = [
    Spec { name: "user_name", label: "console-name", named: "username", required: true, kind: "text" },
    Spec {
        name: "description",
        label: "groups-description",
        named: "description",
        required: false,
        kind: "text",
    },
];

#[derive(Template)]
#[template(path = "service_users/new.html")]
struct NewPage {
    frame: Frame,
    shell: Shell,
    trouble: Option<Trouble>,
    fields: Vec<Field>,
    command: String,
}

/// The form.
pub(crate) async fn ask(State(desk): State<Desk>, Asked { admin, query: _ }: Asked) -> Response {
    page(&desk, &admin, &Fields::default(), None)
}

/// Makes one.
pub(crate) async fn create(State(desk): State<Desk>, Sent { mut admin, fields }: Sent) -> Response {
    let name = fields.text("user_name");
    let made = admin.act(&desk, Op("portico", "CreateServiceUser"), input(&desk, &fields, "")).await;
    match made {
        Ok(()) => go(&desk, &format!("{}?done=created", Holder(Some(name.to_owned())).below(""))),
        Err(why) => page(&desk, &admin, &fields, Some(&why)),
    }
}

fn input(desk: &Desk, form: &Fields, placeholder: &str) -> Value {
    json!({
        "InstanceArn": desk.instance_arn(), "UserName": form.some("user_name").unwrap_or(placeholder),
        "Description": form.some("description"),
    })
}

fn page(desk: &Desk, admin: &Administrator, form: &Fields, why: Option<&Fault>) -> Response {
    let language = admin.visitor.language;
    let mut fields = FIELDS.map(|spec| Field::new(language, &spec, form.text(spec.name)));
    let trouble = why.and_then(|why| Trouble::beside(admin, why, &FIELDS, &mut fields));
    let page = NewPage {
        frame: frame(desk, admin),
        shell: Shell::new(desk, admin, Room::ServiceUsers),
        trouble,
        fields: fields.into(),
        command: command::text(Op("portico", "CreateServiceUser"), &input(desk, form, "NAME")),
    };
    answer(desk, admin, why.map_or(StatusCode::OK, Trouble::status), &page)
}
