//! Who can reach what: by person, group, permission set or account, now or at a past moment; as a table, and drawn.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use edge_portal::message::Frame;
use edge_portal::words::language::Language;
use edge_portal::words::sentence::Sentence;
use http::StatusCode;
use model::fault::{Fault, FaultKind};

use crate::access_drawing::Drawing;
use crate::access_file;
use crate::access_graph::Graph;
use crate::access_unused;
use crate::administrator::Administrator;
use crate::asked::Asked;
use crate::chooser::{self, About};
use crate::desk::Desk;
use crate::fields::Fields;
use crate::moment::Moment;
use crate::names::{Named, Names};
use crate::page::{ROWS, Room, Shell, answer, encoded, frame, refused};
use crate::reached::{AT_ONCE, Access, Question, Reached};
use crate::thing::{Kind, Thing};

/// Rows that a picture is drawn from, at most.
const DRAWN: usize = 200;

/// The routes of the room.
pub(crate) fn routes() -> Router<Desk> {
    Router::new()
        .route("/console/access", get(show))
        .route("/console/access.csv", get(access_file::download))
        .route(access_unused::PATH, get(access_unused::show))
}

/// A row of the table.
struct Line {
    who: Named,
    set: Named,
    account: Named,
    direct: bool,
    groups: Vec<Named>,
    used: Option<Moment>,
}

#[derive(Template)]
#[template(path = "access.html")]
struct AccessPage {
    frame: Frame,
    shell: Shell,
    question: Question,
    heading: Sentence,
    of: Named,
    lines: Vec<Line>,
    drawing: Option<Drawing>,
    fault: Option<String>,
    is_later: bool,
    next: Option<String>,
}

impl AccessPage {
    /// Whether the table has a column of this kind: not of the one that the page is about.
    fn shows(&self, kind: Kind) -> bool {
        self.question.of.kind != kind
    }

    fn link(&self, one: &Named) -> String {
        format!("/console/access?{}", self.question.also(&one.thing))
    }
}

const fn heading(language: Language, kind: Kind) -> Sentence {
    match kind {
        Kind::User => language.say("access-of-person"),
        Kind::Group => language.say("access-of-group"),
        Kind::Set => language.say("access-of-set"),
        Kind::Account => language.say("access-of-account"),
    }
}

/// `GET /console/access`
pub(crate) async fn show(State(desk): State<Desk>, Asked { mut admin, query }: Asked) -> Response {
    let language = admin.visitor.language;
    let Some(question) = Question::asked(&query) else {
        let lead = language.say("access-lead");
        let act = Some((access_unused::PATH, language.say("unused")));
        let about = About { room: Room::Access, lead, act, first: Kind::User };
        return chooser::page(&desk, admin, &query, about).await;
    };
    if question.is_garbled() {
        let fault = language.say("access-no-moment").with("typed", &question.typed).to_string();
        return look(&desk, admin, (question, &query), Err(fault)).await;
    }
    let token = query.some("token");
    match question.page(&desk, &mut admin, (ROWS, token)).await {
        Ok(found) => look(&desk, admin, (question, &query), Ok(found)).await,
        // A moment of which nothing is known: that is said at the field.
        Err(why) if *why.kind() == FaultKind::Validation && !question.typed.is_empty() => {
            let fault = language.told(&why);
            look(&desk, admin, (question, &query), Err(fault)).await
        }
        Err(why) => refused(&desk, &admin, Room::Access, &why),
    }
}

/// The page with what was found, or with what is wrong with the moment.
async fn look(
    desk: &Desk,
    mut admin: Administrator,
    (question, query): (Question, &Fields),
    found: Result<Reached, String>,
) -> Response {
    let language = admin.visitor.language;
    let is_later = query.some("token").is_some();
    let (found, fault) = match found {
        Ok(found) => (found, None),
        Err(fault) => (Reached { rows: Vec::new(), next_token: None }, Some(fault)),
    };
    let drawn = if is_later || found.rows.is_empty() {
        None
    } else {
        match drawn(desk, &mut admin, &question, &found).await {
            Ok(drawn) => Some(drawn),
            Err(why) => return refused(desk, &admin, Room::Access, &why),
        }
    };
    let graph = drawn.map(|(rows, has_more)| Graph::of(&question.of, &rows, has_more));
    let things = found.rows.iter().flat_map(Access::things).chain([question.of.clone()]);
    let things: Vec<Thing> = things.chain(graph.iter().flat_map(Graph::things)).collect();
    let names = Names::of(desk, &mut admin, things).await;
    let of = names.named(&question.of);
    let status = if fault.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let page = AccessPage {
        frame: frame(desk, &admin),
        shell: Shell::new(desk, &admin, Room::Access),
        heading: heading(language, of.thing.kind).with("what", &of.title),
        lines: found.rows.iter().map(|row| line(&names, row)).collect(),
        drawing: graph.map(|graph| Drawing::of(&graph, &names, &question, language)),
        next: found
            .next_token
            .map(|token| format!("/console/access?{}&token={}", question.query(), encoded(&token))),
        of,
        question,
        fault,
        is_later,
    };
    answer(desk, &admin, status, &page)
}

/// The rows that a picture is drawn from, and whether there are more.
async fn drawn(
    desk: &Desk,
    admin: &mut Administrator,
    question: &Question,
    first: &Reached,
) -> Result<(Vec<Access>, bool), Fault> {
    let mut rows = first.rows.clone();
    let mut token = first.next_token.clone();
    while rows.len() < DRAWN
        && let Some(from) = token.as_deref()
    {
        let more = question.page(desk, admin, (AT_ONCE, Some(from))).await?;
        let is_empty = more.rows.is_empty();
        rows.extend(more.rows);
        token = more.next_token;
        if is_empty {
            break;
        }
    }
    Ok((rows, token.is_some()))
}

fn line(names: &Names, row: &Access) -> Line {
    Line {
        who: names.named(&row.who()),
        set: names.named(&row.what()),
        account: names.named(&row.place()),
        direct: row.is_direct(),
        groups: row.groups().map(|group| names.named(&group)).collect(),
        used: row.last_accessed_at,
    }
}
