//! Trusting an issuer of tokens no longer, by its name as the proof that it is the one which is meant.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use model::fault::Fault;

use crate::administrator::Administrator;
use crate::asked::Asked;
use crate::command;
use crate::desk::Desk;
use crate::field::Trouble;
use crate::page::{Room, Shell, answer, frame, go, refused};
use crate::sent::Sent;
use crate::token_issuers::issuer::{Issuer, input};

const DELETE: Op = Op("sso-admin", "DeleteTrustedTokenIssuer");

#[derive(Template)]
#[template(path = "token_issuers/delete.html")]
struct DeletePage {
    frame: Frame,
    shell: Shell,
    trouble: Option<Trouble>,
    issuer: Issuer,
    typed: String,
    wrong: bool,
    command: String,
}

/// The page.
pub(crate) async fn show(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Asked { mut admin, .. }: Asked,
) -> Response {
    match Issuer::of(&desk, &mut admin, &id).await {
        Ok(issuer) => page(&desk, &admin, issuer, (None, None)),
        Err(why) => refused(&desk, &admin, Room::Applications, &why),
    }
}

/// Deletes it, if it is its name that was typed.
pub(crate) async fn delete(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Sent { mut admin, fields }: Sent,
) -> Response {
    let issuer = match Issuer::of(&desk, &mut admin, &id).await {
        Ok(issuer) => issuer,
        Err(why) => return refused(&desk, &admin, Room::Applications, &why),
    };
    let typed = fields.text("confirmed");
    if typed != issuer.name() {
        return page(&desk, &admin, issuer, (Some(typed), None));
    }
    match admin.act(&desk, DELETE, input(&desk, &id)).await {
        Ok(()) => go(&desk, "/console/applications?done=deleted"),
        Err(why) => page(&desk, &admin, issuer, (None, Some(why))),
    }
}

fn page(
    desk: &Desk,
    admin: &Administrator,
    issuer: Issuer,
    (typed, why): (Option<&str>, Option<Fault>),
) -> Response {
    let wrong = typed.is_some();
    let page = DeletePage {
        frame: frame(desk, admin),
        shell: Shell::new(desk, admin, Room::Applications),
        trouble: why.as_ref().map(|why| Trouble::of(admin, why)),
        typed: typed.unwrap_or_default().to_owned(),
        wrong,
        command: command::text(DELETE, &input(desk, &issuer.id)),
        issuer,
    };
    answer(desk, admin, Trouble::status_of_confirming(why.as_ref(), wrong), &page)
}
