//! Taking an application away: what goes with it, and its name as the proof that it is the one which is meant.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use edge_portal::words::sentence::Sentence;
use model::fault::Fault;

use crate::administrator::Administrator;
use crate::applications::application::{Application, At, Tab};
use crate::asked::Asked;
use crate::command;
use crate::count::Count;
use crate::desk::Desk;
use crate::field::Trouble;
use crate::page::{Room, Shell, answer, frame, go, refused};
use crate::sent::Sent;

const DELETE: Op = Op("sso-admin", "DeleteApplication");
const ASSIGNED: Op = Op("sso-admin", "ListApplicationAssignments");

#[derive(Template)]
#[template(path = "applications/delete.html")]
struct DeletePage {
    frame: Frame,
    shell: Shell,
    trouble: Option<Trouble>,
    app: Application,
    assigned: Option<Sentence>,
    typed: String,
    wrong: bool,
    command: String,
}

/// The page.
pub(crate) async fn show(
    State(desk): State<Desk>,
    Path(at): Path<At>,
    Asked { mut admin, .. }: Asked,
) -> Response {
    match Application::of(&desk, &mut admin, &at, Tab::Overview).await {
        Ok(app) => page(&desk, admin, app, (None, None)).await,
        Err(why) => refused(&desk, &admin, Room::Applications, &why),
    }
}

/// Deletes it, if it is its name that was typed.
pub(crate) async fn delete(
    State(desk): State<Desk>,
    Path(at): Path<At>,
    Sent { mut admin, fields }: Sent,
) -> Response {
    let app = match Application::of(&desk, &mut admin, &at, Tab::Overview).await {
        Ok(app) => app,
        Err(why) => return refused(&desk, &admin, Room::Applications, &why),
    };
    let typed = fields.text("confirmed");
    if typed != app.name().trim() {
        return page(&desk, admin, app, (Some(typed), None)).await;
    }
    match admin.act(&desk, DELETE, at.input(&desk)).await {
        Ok(()) => go(&desk, "/console/applications?done=deleted"),
        Err(why) => page(&desk, admin, app, (None, Some(why))).await,
    }
}

async fn page(
    desk: &Desk,
    mut admin: Administrator,
    app: Application,
    (typed, why): (Option<&str>, Option<Fault>),
) -> Response {
    let count = Count::of(desk, &mut admin, (ASSIGNED, "ApplicationAssignments"), app.at.input(desk)).await;
    let wrong = typed.is_some();
    let page = DeletePage {
        frame: frame(desk, &admin),
        shell: Shell::new(desk, &admin, Room::Applications),
        trouble: why.as_ref().map(|why| Trouble::of(&admin, why)),
        assigned: count.said(
            admin.visitor.language,
            ("app-delete-assigned", "app-delete-assigned-more", "app-delete-assigned-unknown"),
        ),
        typed: typed.unwrap_or_default().to_owned(),
        wrong,
        command: command::text(DELETE, &app.at.input(desk)),
        app,
    };
    answer(desk, &admin, Trouble::status_of_confirming(why.as_ref(), wrong), &page)
}
