//! Changing what is decided of an identity provider.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use http::StatusCode;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::asked::Asked;
use crate::desk::Desk;
use crate::field::Trouble;
use crate::fields::Fields;
use crate::identity_providers::form::{Form, Speaks, configuration};
use crate::identity_providers::provider::described;
use crate::page::{Room, Shell, answer, encoded, frame, go, refused};
use crate::sent::Sent;
use crate::{command, seen};

const UPDATE: Op = Op("portico", "UpdateExternalIdPConfigurationForDirectory");

#[derive(Template)]
#[template(path = "identity_providers/edit.html")]
struct EditPage {
    frame: Frame,
    shell: Shell,
    trouble: Option<Trouble>,
    id: String,
    name: String,
    form: Form,
    is_saml: bool,
    is_new: bool,
    seen: String,
    /// Whether somebody else has changed it since the form was opened.
    overtaken: bool,
    command: String,
}

/// The form.
pub(crate) async fn ask(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Asked { mut admin, .. }: Asked,
) -> Response {
    let now = match described(&desk, &mut admin, &id).await {
        Ok(found) => found.configuration,
        Err(why) => return refused(&desk, &admin, Room::IdentityProviders, &why),
    };
    let form = Form::of(admin.visitor.language, &now);
    page(
        &desk,
        &admin,
        StatusCode::OK,
        Shown { id: &id, now: &now, form, trouble: None, overtaken: false, typed: None },
    )
}

/// Changes it, unless somebody else has meanwhile.
pub(crate) async fn edit(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Sent { mut admin, fields }: Sent,
) -> Response {
    let now = match described(&desk, &mut admin, &id).await {
        Ok(found) => found.configuration,
        Err(why) => return refused(&desk, &admin, Room::IdentityProviders, &why),
    };
    let speaks = Speaks::of(fields.text("protocol"));
    let mut form = Form::typed(admin.visitor.language, speaks, &fields);
    if !seen::changed(fields.text("seen"), &now).is_empty() {
        let shown = Shown { id: &id, now: &now, form, trouble: None, overtaken: true, typed: Some(&fields) };
        return page(&desk, &admin, StatusCode::CONFLICT, shown);
    }
    match admin.act(&desk, UPDATE, input(&desk, &id, (speaks, &fields))).await {
        Ok(()) => go(&desk, &format!("/console/identity-providers/{}?done=saved", encoded(&id))),
        Err(why) => {
            let trouble = Trouble::beside(&admin, &why, &form.specs, &mut form.fields);
            let shown = Shown { id: &id, now: &now, form, trouble, overtaken: false, typed: Some(&fields) };
            page(&desk, &admin, Trouble::status(&why), shown)
        }
    }
}

fn input(desk: &Desk, id: &str, (speaks, fields): (Speaks, &Fields)) -> Value {
    json!({
        "IdentityStoreId": desk.identity_store_id(), "ConfigurationId": id,
        "Configuration": configuration(speaks, fields), "ClientSecret": fields.some("password_client"),
    })
}

/// What the page shows.
struct Shown<'a> {
    id: &'a str,
    now: &'a Value,
    form: Form,
    trouble: Option<Trouble>,
    overtaken: bool,
    typed: Option<&'a Fields>,
}

fn page(desk: &Desk, admin: &Administrator, status: StatusCode, shown: Shown<'_>) -> Response {
    let nothing = Fields::default();
    let Shown { id, now, form, trouble, overtaken, typed } = shown;
    let mut command = input(desk, id, (form.speaks, typed.unwrap_or(&nothing)));
    command["ClientSecret"] = Value::Null;
    if typed.is_none() {
        command["Configuration"] = now.clone();
    }
    let page = EditPage {
        frame: frame(desk, admin),
        shell: Shell::new(desk, admin, Room::IdentityProviders),
        trouble,
        id: id.to_owned(),
        name: now["Name"].as_str().unwrap_or_default().to_owned(),
        is_saml: form.speaks == Speaks::Saml,
        is_new: false,
        form,
        seen: seen::mark(now),
        overtaken,
        command: command::text(UPDATE, &command),
    };
    answer(desk, admin, status, &page)
}
