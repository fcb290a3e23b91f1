//! `/console`: what needs attention. And the choice of the role that one acts as.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use edge_portal::message::Frame;
use edge_portal::visitor::set_cookie;

use crate::administrator::{Administrator, ROLE_COOKIE};
use crate::asked::Asked;
use crate::desk::Desk;
use crate::page::{Room, Shell, encoded, frame, go, show as show_page};
use crate::sent::Sent;

#[derive(Template)]
#[template(path = "dashboard.html")]
struct DashboardPage {
    frame: Frame,
    shell: Shell,
}

/// The first page. `?role_name=` chooses a role of one's own, as links of the access portal do.
pub(crate) async fn show(State(desk): State<Desk>, Asked { admin, query }: Asked) -> Response {
    if let Some(role) = query.some("role_name") {
        return remember(&desk, &admin, role);
    }
    let page = DashboardPage {
        frame: frame(&desk, &admin),
        shell: Shell::new(&desk, &admin, Room::Dashboard).after(&admin, &query),
    };
    show_page(&desk, &admin, &page)
}

/// Another role.
pub(crate) async fn choose_role(State(desk): State<Desk>, Sent { admin, fields }: Sent) -> Response {
    remember(&desk, &admin, fields.text("role_name"))
}

/// A role that is not the visitor's is not remembered: the page then shows the one that they act as.
fn remember(desk: &Desk, admin: &Administrator, role: &str) -> Response {
    let mut response = go(desk, Room::Dashboard.path());
    if admin.roles.iter().any(|own| own == role) {
        set_cookie(&desk.portal, &mut response, ROLE_COOKIE, &encoded(role), None);
    }
    response
}
