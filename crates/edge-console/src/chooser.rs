//! The first page of a room whose pages are each about one thing: of which kind, and which. Found by the server, a page at a time.

use askama::Template;
use axum::response::Response;
use edge_portal::message::Frame;
use edge_portal::words::sentence::Sentence;

use crate::administrator::Administrator;
use crate::desk::Desk;
use crate::fields::Fields;
use crate::find::{Found, Sought, find};
use crate::page::{ROWS, Room, Shell, encoded, frame, refused, show};
use crate::thing::Kind;

/// What such a room says of itself.
pub(crate) struct About {
    pub(crate) room: Room,
    /// Under its heading.
    pub(crate) lead: Sentence,
    /// What to begin there: where, and what it is called.
    pub(crate) act: Option<(&'static str, Sentence)>,
    /// The kind that is offered first.
    pub(crate) first: Kind,
}

#[derive(Template)]
#[template(path = "chooser.html")]
struct ChooserPage {
    frame: Frame,
    shell: Shell,
    room: Room,
    lead: Sentence,
    act: Option<(&'static str, Sentence)>,
    kind: Kind,
    query: String,
    found: Found,
    /// Whether it is a later page of the list.
    is_later: bool,
    next: Option<String>,
}

impl ChooserPage {
    fn is(&self, kind: Kind) -> bool {
        self.kind == kind
    }

    fn first(&self) -> String {
        format!("{}?by={}&q={}", self.room.path(), self.kind.name(), encoded(&self.query))
    }
}

/// The page.
pub(crate) async fn page(desk: &Desk, mut admin: Administrator, query: &Fields, about: About) -> Response {
    let kind = Kind::named(query.text("by")).unwrap_or(about.first);
    let sought = Sought { query: query.text("q"), unit: None, token: query.some("token"), rows: ROWS };
    let found = match find(desk, &mut admin, kind, &sought).await {
        Ok(found) => found,
        Err(why) => return refused(desk, &admin, about.room, &why),
    };
    let path = about.room.path();
    let at = format!("{path}?by={}&q={}", kind.name(), encoded(query.text("q")));
    let page = ChooserPage {
        frame: frame(desk, &admin),
        shell: Shell::new(desk, &admin, about.room).after(&admin, query),
        room: about.room,
        lead: about.lead,
        act: about.act,
        kind,
        query: query.text("q").to_owned(),
        next: found.next.as_deref().map(|token| format!("{at}&token={}", encoded(token))),
        is_later: query.some("token").is_some(),
        found,
    };
    show(desk, &admin, &page)
}
