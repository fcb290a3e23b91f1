//! One trusted token issuer: what it is called, and by what its tokens name people. That counts from the next token on.

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
use crate::field::Trouble;
use crate::fields::Fields;
use crate::page::{Room, Shell, answer, frame, go, refused};
use crate::sent::Sent;
use crate::sheet::Sheet;
use crate::token_issuers::form::{KNOWN, configuration};
use crate::token_issuers::issuer::{self, Issuer, place};
use crate::{command, seen};

const UPDATE: Op = Op("sso-admin", "UpdateTrustedTokenIssuer");

#[derive(Template)]
#[template(path = "token_issuers/edit.html")]
struct EditPage {
    frame: Frame,
    shell: Shell,
    trouble: Option<Trouble>,
    issuer: Issuer,
    form: Sheet,
    seen: String,
    overtaken: bool,
    command: String,
}

/// The page.
pub(crate) async fn ask(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Asked { mut admin, query }: Asked,
) -> Response {
    match Issuer::of(&desk, &mut admin, &id).await {
        Ok(issuer) => {
            let now = [
                ("name", issuer.name()),
                ("claim", issuer.claim()),
                ("attribute", issuer.attribute()),
                ("done", query.text("done")),
            ];
            let now = Fields::of(now);
            page(&desk, &admin, issuer, &now, (StatusCode::OK, None, false))
        }
        Err(why) => refused(&desk, &admin, Room::Applications, &why),
    }
}

/// Changes it, unless somebody else has meanwhile.
pub(crate) async fn edit(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Sent { mut admin, fields }: Sent,
) -> Response {
    let issuer = match Issuer::of(&desk, &mut admin, &id).await {
        Ok(issuer) => issuer,
        Err(why) => return refused(&desk, &admin, Room::Applications, &why),
    };
    if !seen::changed(fields.text("seen"), &issuer.value).is_empty() {
        return page(&desk, &admin, issuer, &fields, (StatusCode::CONFLICT, None, true));
    }
    match admin.act(&desk, UPDATE, input(&desk, &id, &fields)).await {
        Ok(()) => go(&desk, &place(&id, "?done=saved")),
        Err(why) => page(&desk, &admin, issuer, &fields, (Trouble::status(&why), Some(&why), false)),
    }
}

fn input(desk: &Desk, id: &str, typed: &Fields) -> Value {
    let mut input = issuer::input(desk, id);
    input["Name"] = json!(typed.text("name"));
    input["TrustedTokenIssuerConfiguration"] = configuration(typed);
    input
}

fn page(
    desk: &Desk,
    admin: &Administrator,
    issuer: Issuer,
    typed: &Fields,
    (status, why, overtaken): (StatusCode, Option<&Fault>, bool),
) -> Response {
    let mut form = Sheet::typed(admin.visitor.language, &KNOWN, typed);
    let page = EditPage {
        frame: frame(desk, admin),
        shell: Shell::new(desk, admin, Room::Applications).after(admin, typed),
        trouble: why.and_then(|why| form.refuse(admin, why)),
        form,
        seen: seen::mark(&issuer.value),
        overtaken,
        command: command::text(UPDATE, &input(desk, &issuer.id, typed)),
        issuer,
    };
    answer(desk, admin, status, &page)
}
