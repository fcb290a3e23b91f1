//! Connecting an identity provider by SCIM.

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
use crate::field::{Field, Spec, Trouble};
use crate::fields::Fields;
use crate::page::{Room, Shell, answer, frame, go};
use crate::provisioning_tenants::tenant::place;
use crate::sent::Sent;

const CREATE: Op = Op("portico", "CreateProvisioningTenant");

const NAME: Spec = Spec { name: "name", label: "tenant-name", named: "name", required: true, kind: "text" };

#[derive(Template)]
#[template(path = "provisioning_tenants/new.html")]
struct NewPage {
    frame: Frame,
    shell: Shell,
    trouble: Option<Trouble>,
    field: Field,
    command: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Made {
    tenant_id: String,
}

/// The form.
pub(crate) async fn ask(State(desk): State<Desk>, Asked { admin, .. }: Asked) -> Response {
    page(&desk, &admin, &Fields::default(), None)
}

/// Makes one.
pub(crate) async fn create(State(desk): State<Desk>, Sent { mut admin, fields }: Sent) -> Response {
    let made: Result<Made, Fault> = admin.call(&desk, CREATE, input(&desk, fields.text("name"))).await;
    match made {
        Ok(made) => go(&desk, &place(&made.tenant_id, "?done=created")),
        Err(why) => page(&desk, &admin, &fields, Some(&why)),
    }
}

fn input(desk: &Desk, name: &str) -> Value {
    json!({ "IdentityStoreId": desk.identity_store_id(), "Name": name })
}

fn page(desk: &Desk, admin: &Administrator, form: &Fields, why: Option<&Fault>) -> Response {
    let mut fields = [Field::new(admin.visitor.language, &NAME, form.text("name"))];
    let trouble = why.and_then(|why| Trouble::beside(admin, why, &[NAME], &mut fields));
    let [field] = fields;
    let page = NewPage {
        frame: frame(desk, admin),
        shell: Shell::new(desk, admin, Room::IdentityProviders),
        trouble,
        field,
        command: command::text(CREATE, &input(desk, form.some("name").unwrap_or("NAME"))),
    };
    answer(desk, admin, why.map_or(StatusCode::OK, Trouble::status), &page)
}
