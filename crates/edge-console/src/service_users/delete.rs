//! Deleting a service user: what goes with it, and its name as the proof that it is the one which is meant.

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
use crate::service_users::holder::Holder;
use crate::service_users::user::{Described, described};

#[derive(Template)]
#[template(path = "service_users/delete.html")]
struct DeletePage {
    frame: Frame,
    shell: Shell,
    trouble: Option<Trouble>,
    holder: Holder,
    name: String,
    /// Keys of it that open something.
    active: usize,
    typed: String,
    wrong: bool,
    command: String,
}

/// The page.
pub(crate) async fn show(
    State(desk): State<Desk>,
    Path(name): Path<String>,
    Asked { admin, query: _ }: Asked,
) -> Response {
    page(&desk, admin, &name, (None, None)).await
}

/// Deletes it, if it is its name that was typed.
pub(crate) async fn delete(
    State(desk): State<Desk>,
    Path(name): Path<String>,
    Sent { mut admin, fields }: Sent,
) -> Response {
    let typed = fields.text("confirmed");
    if typed != name {
        return page(&desk, admin, &name, (Some(typed), None)).await;
    }
    let input = Holder(Some(name.clone())).input(&desk);
    match admin.act(&desk, Op("portico", "DeleteServiceUser"), input).await {
        Ok(()) => go(&desk, "/console/service-users?done=deleted"),
        Err(why) => page(&desk, admin, &name, (None, Some(why))).await,
    }
}

async fn page(
    desk: &Desk,
    mut admin: Administrator,
    name: &str,
    (typed, why): (Option<&str>, Option<Fault>),
) -> Response {
    let Described { service_user, access_keys } = match described(desk, &mut admin, name).await {
        Ok(found) => found,
        Err(unknown) => return refused(desk, &admin, Room::ServiceUsers, &why.unwrap_or(unknown)),
    };
    let holder = Holder(Some(name.to_owned()));
    let wrong = typed.is_some();
    let page = DeletePage {
        frame: frame(desk, &admin),
        shell: Shell::new(desk, &admin, Room::ServiceUsers),
        trouble: why.as_ref().map(|why| Trouble::of(&admin, why)),
        name: service_user.user_name,
        active: access_keys.iter().filter(|key| key.is_active()).count(),
        typed: typed.unwrap_or_default().to_owned(),
        wrong,
        command: command::text(Op("portico", "DeleteServiceUser"), &holder.input(desk)),
        holder,
    };
    let status = Trouble::status_of_confirming(why.as_ref(), wrong);
    answer(desk, &admin, status, &page)
}
