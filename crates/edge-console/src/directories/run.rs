//! One run of a directory: how far it is, what it counts, whom it is about; stopping it, or letting it pass where the brake held it. Without scripts the page
//! loads itself again while the run is under way.

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
use crate::page::{ROWS, Room, Shell, answer, encoded, frame, go, refused};
use crate::sent::Sent;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Described {
    sync: Run,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Changes {
    changes: Vec<Change>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Begun {
    directory_sync_id: String,
}

/// What it would do to somebody, or why nothing came of them.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Change {
    kind: String,
    entry: String,
    name: String,
    user_id: Option<String>,
    group_id: Option<String>,
    detail: String,
}

impl Change {
    fn kind(&self) -> (&'static str, &'static str) {
        match self.kind.as_str() {
            "CREATE" => (" good", "dir-change-create"),
            "UPDATE" => ("", "dir-change-update"),
            "ENABLE" => (" good", "dir-change-enable"),
            "DISABLE" => (" bad", "dir-change-disable"),
            "DELETE" => (" bad", "dir-change-delete"),
            "MEMBERS" => ("", "dir-change-members"),
            _ => (" warn", "dir-change-skip"),
        }
    }

    fn is_group(&self) -> bool {
        self.entry == "GROUP"
    }

    /// Where the page of that person or group is, where they are here already.
    fn page(&self) -> Option<String> {
        let user = self.user_id.as_deref().map(|id| crate::people::person::place(id, ""));
        user.or_else(|| self.group_id.as_deref().map(|id| crate::groups::group::place(id, "")))
    }
}

#[derive(Template)]
#[template(path = "directories/run.html")]
struct RunPage {
    frame: Frame,
    shell: Shell,
    trouble: Option<Trouble>,
    directory: Directory,
    run: Run,
    changes: Vec<Change>,
    further: bool,
    next: Option<String>,
    command: String,
}

impl RunPage {
    /// Whether it is this run that the brake holds now.
    fn is_held_now(&self) -> bool {
        self.directory.held_sync_id.as_deref() == Some(self.run.directory_sync_id.as_str())
    }

    fn at(&self) -> String {
        self.directory.below(&format!("/runs/{}", encoded(&self.run.directory_sync_id)))
    }
}

/// The page.
pub(crate) async fn show(
    State(desk): State<Desk>,
    Path(which): Path<(String, String)>,
    Asked { admin, query }: Asked,
) -> Response {
    page(&desk, admin, &which, (&query, None)).await
}

/// Stops it, or lets it pass.
pub(crate) async fn act(
    State(desk): State<Desk>,
    Path(which): Path<(String, String)>,
    Sent { mut admin, fields }: Sent,
) -> Response {
    let asked = input_of(&desk, &which);
    let done = if fields.text("act") == "pass" {
        let begun = admin.call::<Begun>(&desk, Op("portico", "ResolveDirectoryBrake"), asked).await;
        begun.map(|begun| begun.directory_sync_id)
    } else {
        let stopped = admin.act(&desk, Op("portico", "StopDirectorySync"), asked).await;
        stopped.map(|()| which.1.clone())
    };
    match done {
        Ok(run) => go(&desk, &place(&which.0, &format!("/runs/{}", encoded(&run)))),
        Err(why) => page(&desk, admin, &which, (&Fields::default(), Some(why))).await,
    }
}

fn input_of(desk: &Desk, (id, run): &(String, String)) -> Value {
    let mut asked = input(desk, id);
    asked["DirectorySyncId"] = json!(run);
    asked
}

async fn page(
    desk: &Desk,
    mut admin: Administrator,
    which: &(String, String),
    (query, why): (&Fields, Option<Fault>),
) -> Response {
    let (directory, run, changes) = match look(desk, &mut admin, which, query).await {
        Ok(found) => found,
        Err(unknown) => {
            return refused(desk, &admin, Room::IdentityProviders, &why.unwrap_or(unknown));
        }
    };
    let operation = if run.is_held() { "ResolveDirectoryBrake" } else { "StopDirectorySync" };
    let mut page = RunPage {
        frame: frame(desk, &admin),
        shell: Shell::new(desk, &admin, Room::IdentityProviders).after(&admin, query),
        trouble: why.as_ref().map(|why| Trouble::of(&admin, why)),
        directory,
        run,
        changes: changes.changes,
        further: query.some("token").is_some(),
        next: None,
        command: command::text(Op("portico", operation), &input_of(desk, which)),
    };
    page.next = changes.next_token.map(|token| format!("{}?token={}", page.at(), encoded(&token)));
    answer(desk, &admin, why.as_ref().map_or(StatusCode::OK, Trouble::status), &page)
}

async fn look(
    desk: &Desk,
    admin: &mut Administrator,
    which: &(String, String),
    query: &Fields,
) -> Result<(Directory, Run, Changes), Fault> {
    let directory = Directory::of(desk, admin, &which.0).await?;
    let mut asked = input_of(desk, which);
    let found: Described = admin.call(desk, Op("portico", "DescribeDirectorySync"), asked.clone()).await?;
    asked["MaxResults"] = json!(ROWS);
    asked["NextToken"] = query.some("token").map_or(Value::Null, Value::from);
    let changes = admin.call(desk, Op("portico", "ListDirectorySyncChanges"), asked).await?;
    Ok((directory, found.sync, changes))
}
