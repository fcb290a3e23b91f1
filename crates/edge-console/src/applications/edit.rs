//! What an application is called, what it is for, and where people begin who come from the portal.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use http::StatusCode;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::applications::application::{Application, At, Tab};
use crate::asked::Asked;
use crate::desk::Desk;
use crate::field::{Spec, Trouble};
use crate::fields::Fields;
use crate::page::{Room, Shell, answer, frame, go, refused};
use crate::sent::Sent;
use crate::sheet::{Blank, Sheet};
use crate::{command, seen};

const UPDATE: Op = Op("sso-admin", "UpdateApplication");

const BLANK: Blank = Blank {
    specs: &[
        Spec { name: "name", label: "app-name", named: "name", required: true, kind: "text" },
        Spec {
            name: "description",
            label: "app-description",
            named: "description",
            required: false,
            kind: "text",
        },
        Spec { name: "start", label: "app-start-url", named: "applicationurl", required: false, kind: "url" },
    ],
    boxes: &[],
    choices: &[],
};

#[derive(Template)]
#[template(path = "applications/edit.html")]
struct EditPage {
    frame: Frame,
    shell: Shell,
    trouble: Option<Trouble>,
    app: Application,
    form: Sheet,
    seen: String,
    overtaken: bool,
    command: String,
}

/// The form.
pub(crate) async fn ask(
    State(desk): State<Desk>,
    Path(at): Path<At>,
    Asked { mut admin, .. }: Asked,
) -> Response {
    match Application::of(&desk, &mut admin, &at, Tab::Overview).await {
        Ok(app) => {
            let pairs =
                [("name", app.name()), ("description", app.description()), ("start", app.start_url())];
            let now = Fields::of(pairs);
            let form = Sheet::typed(admin.visitor.language, &BLANK, &now);
            page(&desk, &admin, app, (form, &now, None), (StatusCode::OK, false))
        }
        Err(why) => refused(&desk, &admin, Room::Applications, &why),
    }
}

/// Changes it, unless somebody else has meanwhile.
pub(crate) async fn edit(
    State(desk): State<Desk>,
    Path(at): Path<At>,
    Sent { mut admin, fields }: Sent,
) -> Response {
    let app = match Application::of(&desk, &mut admin, &at, Tab::Overview).await {
        Ok(app) => app,
        Err(why) => return refused(&desk, &admin, Room::Applications, &why),
    };
    let mut form = Sheet::typed(admin.visitor.language, &BLANK, &fields);
    if !seen::changed(fields.text("seen"), &app.value).is_empty() {
        return page(&desk, &admin, app, (form, &fields, None), (StatusCode::CONFLICT, true));
    }
    match admin.act(&desk, UPDATE, input(&desk, &app, &fields)).await {
        Ok(()) => go(&desk, &at.below("?done=saved")),
        Err(why) => {
            let trouble = form.refuse(&admin, &why);
            page(&desk, &admin, app, (form, &fields, trouble), (Trouble::status(&why), false))
        }
    }
}

fn input(desk: &Desk, app: &Application, typed: &Fields) -> Value {
    let sign_in = match (typed.some("start"), app.start_url()) {
        (Some(url), _) => json!({ "Origin": "APPLICATION", "ApplicationUrl": url }),
        (None, "") => Value::Null,
        (None, _) => json!({ "Origin": "IDENTITY_CENTER" }),
    };
    // The API takes no empty description: one that was there is asked about, and its refusal names it.
    let description = match (typed.text("description"), app.description()) {
        ("", "") => Value::Null,
        (text, _) => Value::from(text),
    };
    let mut input = json!({ "Name": typed.text("name"), "Description": description });
    if !sign_in.is_null() {
        input["PortalOptions"] = json!({ "SignInOptions": sign_in });
    }
    app.at.with(desk, input)
}

fn page(
    desk: &Desk,
    admin: &Administrator,
    app: Application,
    (form, typed, trouble): (Sheet, &Fields, Option<Trouble>),
    (status, overtaken): (StatusCode, bool),
) -> Response {
    let page = EditPage {
        frame: frame(desk, admin),
        shell: Shell::new(desk, admin, Room::Applications),
        trouble,
        form,
        seen: seen::mark(&app.value),
        overtaken,
        command: command::text(UPDATE, &input(desk, &app, typed)),
        app,
    };
    answer(desk, admin, status, &page)
}
