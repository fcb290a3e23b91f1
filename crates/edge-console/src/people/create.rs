//! A new person: who they are, and how they come in.

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
use crate::field::{Field, Trouble};
use crate::fields::Fields;
use crate::page::{Room, Shell, answer, frame, go};
use crate::people::person::place;
use crate::people::profile::{self, Shown};
use crate::people::sign_in;
use crate::sent::Sent;

#[derive(Template)]
#[template(path = "people/new.html")]
struct NewPersonPage {
    frame: Frame,
    shell: Shell,
    trouble: Option<Trouble>,
    sections: Vec<Shown>,
    invite: bool,
    command: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Created {
    user_id: String,
}

/// The form.
pub(crate) async fn show(State(desk): State<Desk>, Asked { admin, query: _ }: Asked) -> Response {
    let fields = profile::of_form(admin.visitor.language, &Fields::default());
    page(&desk, &admin, &Fields::default(), fields, None)
}

/// Makes them, and the link by which they come in.
pub(crate) async fn create(State(desk): State<Desk>, Sent { mut admin, fields }: Sent) -> Response {
    let created: Created =
        match admin.call(&desk, Op("identitystore", "CreateUser"), input(&desk, &fields)).await {
            Ok(created) => created,
            Err(why) => return refused(&desk, &admin, &fields, &why),
        };
    if fields.is_ticked("invite") {
        return sign_in::invite(&desk, admin, &created.user_id, None).await;
    }
    go(&desk, &format!("{}?done=created", place(&created.user_id, "")))
}

fn input(desk: &Desk, form: &Fields) -> Value {
    let mut members = profile::new_user(form);
    members.insert("IdentityStoreId".to_owned(), Value::from(desk.identity_store_id()));
    Value::Object(members)
}

fn refused(desk: &Desk, admin: &Administrator, form: &Fields, why: &Fault) -> Response {
    let mut fields = profile::of_form(admin.visitor.language, form);
    let trouble = Trouble::beside(admin, why, &profile::specs(), &mut fields);
    page(desk, admin, form, fields, Some((trouble, why)))
}

fn page(
    desk: &Desk,
    admin: &Administrator,
    form: &Fields,
    fields: Vec<Field>,
    refused: Option<(Option<Trouble>, &Fault)>,
) -> Response {
    let status = refused.as_ref().map_or(StatusCode::OK, |(_, why)| Trouble::status(why));
    let is_new = refused.is_none();
    let shown = if is_new {
        json!({
            "IdentityStoreId": desk.identity_store_id(), "UserName": "USER_NAME", "DisplayName": "DISPLAY_NAME",
            "Name": {"GivenName": "GIVEN_NAME", "FamilyName": "FAMILY_NAME"},
            "Emails": [{"Value": "EMAIL", "Type": "work", "Primary": true}],
        })
    } else {
        input(desk, form)
    };
    let page = NewPersonPage {
        frame: frame(desk, admin),
        shell: Shell::new(desk, admin, Room::People),
        trouble: refused.and_then(|(trouble, _)| trouble),
        sections: profile::shown(fields),
        invite: is_new || form.is_ticked("invite"),
        command: command::text(Op("identitystore", "CreateUser"), &shown),
    };
    answer(desk, admin, status, &page)
}
