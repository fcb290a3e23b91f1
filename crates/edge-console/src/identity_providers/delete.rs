//! Taking an identity provider away: what that does to people, and its name as the proof that it is the one which is meant.

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
use crate::identity_providers::provider::{described, of};
use crate::owned::source::{Counts, Source};
use crate::page::{Room, Shell, answer, frame, go, refused};
use crate::sent::Sent;

const DELETE: Op = Op("portico", "DeleteExternalIdPConfigurationForDirectory");

#[derive(Template)]
#[template(path = "identity_providers/delete.html")]
struct DeletePage {
    frame: Frame,
    shell: Shell,
    trouble: Option<Trouble>,
    id: String,
    name: String,
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
    Asked { admin, .. }: Asked,
) -> Response {
    page(&desk, admin, &id, (None, None)).await
}

/// Deletes it, if it is its name that was typed.
pub(crate) async fn delete(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Sent { mut admin, fields }: Sent,
) -> Response {
    let typed = fields.text("confirmed").to_owned();
    let is_meant = match described(&desk, &mut admin, &id).await {
        Ok(found) => found.name() == typed,
        Err(why) => return refused(&desk, &admin, Room::IdentityProviders, &why),
    };
    if !is_meant {
        return page(&desk, admin, &id, (Some(&typed), None)).await;
    }
    match admin.act(&desk, DELETE, of(&desk, &id)).await {
        Ok(()) => go(&desk, "/console/identity-providers?done=deleted"),
        Err(why) => page(&desk, admin, &id, (None, Some(why))).await,
    }
}

async fn page(
    desk: &Desk,
    mut admin: Administrator,
    id: &str,
    (typed, why): (Option<&str>, Option<Fault>),
) -> Response {
    let source = Source::Provider(id.to_owned());
    let (name, counts) = match look(desk, &mut admin, (id, &source)).await {
        Ok(found) => found,
        Err(unknown) => return refused(desk, &admin, Room::IdentityProviders, &why.unwrap_or(unknown)),
    };
    let wrong = typed.is_some();
    let page = DeletePage {
        frame: frame(desk, &admin),
        shell: Shell::new(desk, &admin, Room::IdentityProviders),
        trouble: why.as_ref().map(|why| Trouble::of(&admin, why)),
        id: id.to_owned(),
        name,
        source,
        counts,
        typed: typed.unwrap_or_default().to_owned(),
        wrong,
        command: command::text(DELETE, &of(desk, id)),
    };
    let status = Trouble::status_of_confirming(why.as_ref(), wrong);
    answer(desk, &admin, status, &page)
}

async fn look(
    desk: &Desk,
    admin: &mut Administrator,
    (id, source): (&str, &Source),
) -> Result<(String, Option<Counts>), Fault> {
    let name = described(desk, admin, id).await?.name().to_owned();
    Ok((name, source.counts(desk, admin).await?))
}
