//! Taking a directory away: what becomes of whom it owns, and its name as the proof that it is the one which is meant.

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
use crate::directories::directory::{Directory, input};
use crate::field::Trouble;
use crate::owned::source::{Counts, Source};
use crate::page::{Room, Shell, answer, frame, go, refused};
use crate::sent::Sent;

const DELETE: Op = Op("portico", "DeleteDirectory");

#[derive(Template)]
#[template(path = "directories/delete.html")]
struct DeletePage {
    frame: Frame,
    shell: Shell,
    trouble: Option<Trouble>,
    directory: Directory,
    source: Source,
    counts: Option<Counts>,
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
    match Directory::of(&desk, &mut admin, &id).await {
        Ok(directory) => page(&desk, admin, directory, (None, None)).await,
        Err(why) => refused(&desk, &admin, Room::IdentityProviders, &why),
    }
}

/// Deletes it, if it is its name that was typed.
pub(crate) async fn delete(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Sent { mut admin, fields }: Sent,
) -> Response {
    let directory = match Directory::of(&desk, &mut admin, &id).await {
        Ok(directory) => directory,
        Err(why) => return refused(&desk, &admin, Room::IdentityProviders, &why),
    };
    let typed = fields.text("confirmed");
    if typed != directory.name().trim() {
        return page(&desk, admin, directory, (Some(typed), None)).await;
    }
    match admin.act(&desk, DELETE, input(&desk, &id)).await {
        Ok(()) => go(&desk, "/console/identity-providers?done=deleted"),
        Err(why) => page(&desk, admin, directory, (None, Some(why))).await,
    }
}

async fn page(
    desk: &Desk,
    mut admin: Administrator,
    directory: Directory,
    (typed, why): (Option<&str>, Option<Fault>),
) -> Response {
    let source = Source::Directory(directory.directory_id.clone());
    let counts = match source.counts(desk, &mut admin).await {
        Ok(counts) => counts,
        Err(unknown) => {
            return refused(desk, &admin, Room::IdentityProviders, &why.unwrap_or(unknown));
        }
    };
    let wrong = typed.is_some();
    let page = DeletePage {
        frame: frame(desk, &admin),
        shell: Shell::new(desk, &admin, Room::IdentityProviders),
        trouble: why.as_ref().map(|why| Trouble::of(&admin, why)),
        source,
        counts,
        typed: typed.unwrap_or_default().to_owned(),
        wrong,
        command: command::text(DELETE, &input(desk, &directory.directory_id)),
        directory,
    };
    answer(desk, &admin, Trouble::status_of_confirming(why.as_ref(), wrong), &page)
}
