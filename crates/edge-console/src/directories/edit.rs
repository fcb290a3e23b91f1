//! Changing what is decided of a directory, as a whole. A password and a key that are not typed stay.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use http::StatusCode;
use model::fault::Fault;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::asked::Asked;
use crate::desk::Desk;
use crate::directories::directory::{Directory, input, place};
use crate::directories::form::{BLANK, configuration, of, secrets};
use crate::field::Trouble;
use crate::fields::Fields;
use crate::page::{Room, Shell, answer, frame, go, refused};
use crate::sent::Sent;
use crate::sheet::Sheet;
use crate::{command, seen};

const UPDATE: Op = Op("portico", "UpdateDirectory");

#[derive(Template)]
#[template(path = "directories/edit.html")]
struct EditPage {
    frame: Frame,
    shell: Shell,
    trouble: Option<Trouble>,
    directory: Directory,
    form: Sheet,
    is_new: bool,
    seen: String,
    overtaken: bool,
    command: String,
}

/// What the page shows.
struct Shown<'a> {
    form: Sheet,
    configuration: Value,
    why: Option<&'a Fault>,
    overtaken: bool,
}

/// The form.
pub(crate) async fn ask(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Asked { mut admin, .. }: Asked,
) -> Response {
    match Directory::of(&desk, &mut admin, &id).await {
        Ok(directory) => {
            let configuration = directory.configuration.clone();
            let form = of(admin.visitor.language, &configuration);
            page(&desk, &admin, directory, Shown { form, configuration, why: None, overtaken: false })
        }
        Err(why) => refused(&desk, &admin, Room::IdentityProviders, &why),
    }
}

/// Changes it, unless somebody else has meanwhile.
pub(crate) async fn edit(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Sent { mut admin, fields }: Sent,
) -> Response {
    let directory = match Directory::of(&desk, &mut admin, &id).await {
        Ok(directory) => directory,
        Err(why) => return refused(&desk, &admin, Room::IdentityProviders, &why),
    };
    let form = Sheet::typed(admin.visitor.language, &BLANK, &fields);
    let configuration = configuration(&fields);
    if !seen::changed(fields.text("seen"), &directory.configuration).is_empty() {
        let shown = Shown { form, configuration, why: None, overtaken: true };
        return page(&desk, &admin, directory, shown);
    }
    match admin.act(&desk, UPDATE, asked(&desk, &id, (&configuration, &fields))).await {
        Ok(()) => go(&desk, &place(&id, "?done=saved")),
        Err(why) => {
            let shown = Shown { form, configuration, why: Some(&why), overtaken: false };
            page(&desk, &admin, directory, shown)
        }
    }
}

fn asked(desk: &Desk, id: &str, (configuration, typed): (&Value, &Fields)) -> Value {
    let (mut asked, secrets) = (input(desk, id), secrets(typed));
    asked["Configuration"] = configuration.clone();
    asked["BindPassword"] = secrets["BindPassword"].clone();
    asked["ClientKey"] = secrets["ClientKey"].clone();
    asked
}

fn page(desk: &Desk, admin: &Administrator, directory: Directory, shown: Shown<'_>) -> Response {
    let Shown { mut form, configuration, why, overtaken } = shown;
    let mut command = input(desk, &directory.directory_id);
    command["Configuration"] = json!(configuration);
    let unless_refused = if overtaken { StatusCode::CONFLICT } else { StatusCode::OK };
    let page = EditPage {
        frame: frame(desk, admin),
        shell: Shell::new(desk, admin, Room::IdentityProviders),
        trouble: why.and_then(|why| form.refuse(admin, why)),
        seen: seen::mark(&directory.configuration),
        form,
        is_new: false,
        overtaken,
        command: command::text(UPDATE, &command),
        directory,
    };
    answer(desk, admin, why.map_or(unless_refused, Trouble::status), &page)
}
