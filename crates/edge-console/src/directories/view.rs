//! One directory: how it stands, its runs, and what can be done: try it, see what would come of it, read it now, pause it, let a held run pass.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use http::StatusCode;
use model::fault::Fault;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::asked::Asked;
use crate::command;
use crate::desk::Desk;
use crate::directories::directory::{Directory, Run, input, place};
use crate::field::Trouble;
use crate::fields::Fields;
use crate::owned::source::{Counts, Source};
use crate::page::{Room, Shell, answer, encoded, frame, go, refused};
use crate::sent::Sent;

/// Runs of a page.
const RUNS: usize = 10;

const START: Op = Op("portico", "StartDirectorySync");
/// The kinds of runs that a form may ask for.
const KINDS: [&str; 3] = ["DRY_RUN", "FULL", "INCREMENTAL"];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Runs {
    syncs: Vec<Run>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Begun {
    directory_sync_id: String,
}

#[derive(Template)]
#[template(path = "directories/directory.html")]
struct DirectoryPage {
    frame: Frame,
    shell: Shell,
    trouble: Option<Trouble>,
    directory: Directory,
    counts: Option<Counts>,
    source: Source,
    runs: Vec<Run>,
    further: bool,
    next: Option<String>,
    test_command: String,
    start_command: String,
    status_command: String,
}

/// The page.
pub(crate) async fn show(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Asked { admin, query }: Asked,
) -> Response {
    page(&desk, admin, &id, (&query, None)).await
}

/// Begins a run, schedules runs, or pauses them.
pub(crate) async fn act(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Sent { mut admin, fields }: Sent,
) -> Response {
    let done = match fields.text("act") {
        "run" => begin(&desk, &mut admin, (&id, fields.text("kind"))).await,
        "enable" => status(&desk, &mut admin, (&id, "EnableDirectory")).await,
        _ => status(&desk, &mut admin, (&id, "PauseDirectory")).await,
    };
    match done {
        Ok(to) => go(&desk, &to),
        Err(why) => page(&desk, admin, &id, (&Fields::default(), Some(why))).await,
    }
}

async fn begin(desk: &Desk, admin: &mut Administrator, (id, kind): (&str, &str)) -> Result<String, Fault> {
    let kind = KINDS.into_iter().find(|known| *known == kind).unwrap_or("DRY_RUN");
    let mut asked = input(desk, id);
    asked["Kind"] = kind.into();
    let begun: Begun = admin.call(desk, START, asked).await?;
    Ok(place(id, &format!("/runs/{}", encoded(&begun.directory_sync_id))))
}

async fn status(
    desk: &Desk,
    admin: &mut Administrator,
    (id, operation): (&str, &'static str),
) -> Result<String, Fault> {
    admin.act(desk, Op("portico", operation), input(desk, id)).await?;
    Ok(place(id, "?done=saved"))
}

/// The page, with why something was not done.
pub(crate) async fn page(
    desk: &Desk,
    mut admin: Administrator,
    id: &str,
    (query, why): (&Fields, Option<Fault>),
) -> Response {
    let (directory, runs, counts) = match look(desk, &mut admin, id, query).await {
        Ok(found) => found,
        Err(unknown) => {
            return refused(desk, &admin, Room::IdentityProviders, &why.unwrap_or(unknown));
        }
    };
    let of = |op: Op, more: Option<(&str, &str)>| {
        let mut asked = input(desk, id);
        if let Some((member, value)) = more {
            asked[member] = value.into();
        }
        command::text(op, &asked)
    };
    let status = if directory.is_enabled() { "PauseDirectory" } else { "EnableDirectory" };
    let page = DirectoryPage {
        frame: frame(desk, &admin),
        shell: Shell::new(desk, &admin, Room::IdentityProviders).after(&admin, query),
        trouble: why.as_ref().map(|why| Trouble::of(&admin, why)),
        source: Source::Directory(id.to_owned()),
        counts,
        further: query.some("token").is_some(),
        next: runs.next_token.map(|token| place(id, &format!("?token={}", encoded(&token)))),
        runs: runs.syncs,
        test_command: of(Op("portico", "TestDirectory"), None),
        start_command: of(START, Some(("Kind", "DRY_RUN"))),
        status_command: of(Op("portico", status), None),
        directory,
    };
    answer(desk, &admin, why.as_ref().map_or(StatusCode::OK, Trouble::status), &page)
}

async fn look(
    desk: &Desk,
    admin: &mut Administrator,
    id: &str,
    query: &Fields,
) -> Result<(Directory, Runs, Option<Counts>), Fault> {
    let directory = Directory::of(desk, admin, id).await?;
    let mut asked = input(desk, id);
    asked["MaxResults"] = json!(RUNS);
    asked["NextToken"] = query.some("token").map_or(Value::Null, Value::from);
    let runs = admin.call(desk, Op("portico", "ListDirectorySyncs"), asked).await?;
    let counts = Source::Directory(id.to_owned()).counts(desk, admin).await?;
    Ok((directory, runs, counts))
}
