//! What surrounds every page of the console: where one is, as which role, what was just done, which commands do the same. And the page that says why
//! not.

use askama::Template;
use axum::response::Response;
use edge_portal::headers;
use edge_portal::message::{self, Frame, render};
use edge_portal::words::sentence::Sentence;
use http::StatusCode;
use model::fault::{Fault, FaultKind};

pub(crate) use crate::address::encoded;
use crate::administrator::Administrator;
use crate::desk::Desk;
use crate::fields::Fields;

/// Rows of a page.
pub(crate) const ROWS: usize = 50;

/// A room of the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    /// What needs attention.
    Dashboard,
    /// People.
    People,
    /// The audit trail.
    Trail,
    /// Settings.
    Settings,
    /// Groups.
    Groups,
    /// Identity providers outside.
    IdentityProviders,
    /// Service users.
    ServiceUsers,
    /// Permission sets.
    PermissionSets,
    /// Who is assigned what.
    Assignments,
    /// Who reaches what.
    Access,
    /// Accounts and their units.
    Accounts,
    /// Applications, and whose tokens they may bring.
    Applications,
}

impl Room {
    /// Where it is.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Dashboard => "/console",
            Self::People => "/console/people",
            Self::Trail => "/console/trail",
            Self::Settings => "/console/settings",
            Self::Groups => "/console/groups",
            Self::IdentityProviders => "/console/identity-providers",
            Self::ServiceUsers => "/console/service-users",
            Self::PermissionSets => "/console/permission-sets",
            Self::Assignments => "/console/assignments",
            Self::Access => "/console/access",
            Self::Accounts => "/console/accounts",
            Self::Applications => "/console/applications",
        }
    }

    /// What it is called in the catalogs.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Dashboard => "console-dashboard",
            Self::People => "console-people",
            Self::Trail => "console-trail",
            Self::Settings => "console-settings",
            Self::Groups => "console-groups",
            Self::IdentityProviders => "console-identity-providers",
            Self::ServiceUsers => "console-service-users",
            Self::PermissionSets => "console-permission-sets",
            Self::Assignments => "console-assignments",
            Self::Access => "console-access",
            Self::Accounts => "console-accounts",
            Self::Applications => "console-applications",
        }
    }
}

/// What was done before a page is shown, by its name in the address: from a closed list, so that no link makes the page say anything else.
const DONE: [(&str, &str); 5] = [
    ("created", "console-done-created"),
    ("saved", "console-done-saved"),
    ("deleted", "console-done-deleted"),
    ("ended", "console-done-ended"),
    ("begun", "console-done-begun"),
];

/// What surrounds a page.
pub(crate) struct Shell {
    pub(crate) room: Room,
    pub(crate) role: String,
    pub(crate) roles: Vec<String>,
    pub(crate) commands: Vec<String>,
    pub(crate) done: Option<Sentence>,
    pub(crate) csrf: String,
}

impl Shell {
    /// The rooms, as they are listed.
    pub(crate) const ROOMS: [Room; 12] = [
        Room::Dashboard,
        Room::People,
        Room::Groups,
        Room::IdentityProviders,
        Room::ServiceUsers,
        Room::PermissionSets,
        Room::Accounts,
        Room::Assignments,
        Room::Access,
        Room::Applications,
        Room::Trail,
        Room::Settings,
    ];

    /// Whether a page is in this room.
    pub(crate) fn is_in(&self, room: Room) -> bool {
        self.room == room
    }

    /// Whether the person acts as this role.
    pub(crate) fn acts_as(&self, role: &str) -> bool {
        self.role == role
    }

    /// For a page of `room`. Made last: it lists the calls of the page.
    pub(crate) fn new(desk: &Desk, admin: &Administrator, room: Room) -> Self {
        Self {
            room,
            role: admin.role.clone(),
            roles: admin.roles.clone(),
            commands: admin.commands().to_vec(),
            done: None,
            csrf: admin.visitor.csrf(&desk.portal),
        }
    }

    /// The same, saying what the address says was just done.
    #[must_use]
    pub(crate) fn after(self, admin: &Administrator, query: &Fields) -> Self {
        let done = DONE.iter().find(|(name, _)| *name == query.text("done"));
        Self { done: done.map(|(_, said)| admin.visitor.language.say(said)), ..self }
    }
}

/// The frame of a page.
pub(crate) fn frame(desk: &Desk, admin: &Administrator) -> Frame {
    Frame::new(&desk.portal, &admin.visitor)
}

/// Shows a page.
pub(crate) fn show(desk: &Desk, admin: &Administrator, page: &impl Template) -> Response {
    answer(desk, admin, StatusCode::OK, page)
}

/// Shows a form again that was refused, with what was typed in it.
pub(crate) fn answer(
    desk: &Desk,
    admin: &Administrator,
    status: StatusCode,
    page: &impl Template,
) -> Response {
    render(&desk.portal, &admin.visitor, status, page, None)
}

/// Goes on to a page after something was done: so Back and Forward ask nobody to send a form again.
pub(crate) fn go(desk: &Desk, to: &str) -> Response {
    headers::redirect(to, desk.portal.is_secure())
}

#[derive(Template)]
#[template(path = "refused.html")]
struct RefusedPage {
    frame: Frame,
    shell: Shell,
    heading: Sentence,
    text: String,
    next: Option<Sentence>,
    request_id: String,
}

/// Says in the console why a page cannot be shown, or an act was not done. The call that was refused is recorded already.
pub(crate) fn refused(desk: &Desk, admin: &Administrator, room: Room, why: &Fault) -> Response {
    let language = admin.visitor.language;
    let (status, heading, next) = message::words(language, why.kind());
    let request_id = admin.visitor.cx.request_id.to_string();
    if matches!(why.kind(), FaultKind::Internal) {
        tracing::error!(request_id, context = why.context(), "internal fault");
    }
    let next = match why.kind() {
        FaultKind::AccessDenied => Some(language.say("console-refused-next").with("role", &admin.role)),
        _ => next,
    };
    let page = RefusedPage {
        frame: frame(desk, admin),
        shell: Shell::new(desk, admin, room),
        heading,
        text: language.told(why),
        next,
        request_id,
    };
    headers::retry_after(answer(desk, admin, status, &page), why.kind())
}
