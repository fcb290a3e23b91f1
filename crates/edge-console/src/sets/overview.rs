//! What a permission set is, on one page.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use edge_portal::message::Frame;
use edge_portal::words::language::Language;
use model::fault::Fault;
use policy::document::{Document, Kind};

use crate::administrator::Administrator;
use crate::asked::Asked;
use crate::desk::Desk;
use crate::page::{Room, Shell, frame, refused, show as show_page};
use crate::sets::accounts::{Latest, Place, places};
use crate::sets::editor::inline;
use crate::sets::policies::{Attached, attached};
use crate::sets::set::{Set, Tab};
use crate::sets::words::{Said, said};

#[derive(Template)]
#[template(path = "sets/overview.html")]
struct OverviewPage {
    frame: Frame,
    shell: Shell,
    set: Set,
    language: Language,
    attached: Attached,
    inline: String,
    statements: Vec<Said>,
    behind: Vec<Place>,
    latest: Vec<Place>,
    more: bool,
}

/// Everything that the page shows.
struct Found {
    set: Set,
    attached: Attached,
    inline: String,
    behind: (Vec<Place>, Option<String>),
    latest: (Vec<Place>, Option<String>),
}

async fn found(desk: &Desk, admin: &mut Administrator, id: &str) -> Result<Found, Fault> {
    let set = Set::of(desk, admin, id, Tab::Overview).await?;
    Ok(Found {
        attached: attached(desk, admin, &set).await?,
        inline: inline(desk, admin, &set).await?,
        behind: places(desk, admin, &set, (Latest::No, None)).await?,
        latest: places(desk, admin, &set, (Latest::Yes, None)).await?,
        set,
    })
}

/// The page.
pub(crate) async fn show(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Asked { mut admin, query }: Asked,
) -> Response {
    let found = match found(&desk, &mut admin, &id).await {
        Ok(found) => found,
        Err(why) => return refused(&desk, &admin, Room::PermissionSets, &why),
    };
    let language = admin.visitor.language;
    // What could not be read any more is shown as the text that it is, on its own page.
    let document = Document::parse(&found.inline, Kind::Identity).unwrap_or_default();
    let page = OverviewPage {
        frame: frame(&desk, &admin),
        shell: Shell::new(&desk, &admin, Room::PermissionSets).after(&admin, &query),
        set: found.set,
        language,
        attached: found.attached,
        statements: said(language, &document),
        inline: found.inline,
        more: found.behind.1.is_some() || found.latest.1.is_some(),
        behind: found.behind.0,
        latest: found.latest.0,
    };
    show_page(&desk, &admin, &page)
}
