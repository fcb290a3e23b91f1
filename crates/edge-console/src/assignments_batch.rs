//! A batch of assignments on its way: how far it is, what failed and why, and what failed once more. Without scripts the page loads itself again.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use model::fault::Fault;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::asked::Asked;
use crate::assignment::{Act, Assignment};
use crate::assignments_preview::batch as address_of;
use crate::desk::Desk;
use crate::moment::Moment;
use crate::names::{Named, Names};
use crate::page::{Room, Shell, encoded, frame, go, refused, show as show_page};
use crate::sent::Sent;

/// Failures that are listed; the count is of all.
const LISTED: usize = 100;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Batch {
    request_id: String,
    kind: String,
    status: String,
    counts: Counts,
    failures: Vec<Failure>,
    created_date: Moment,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Counts {
    succeeded: usize,
    failed: usize,
    in_progress: usize,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Failure {
    #[serde(flatten)]
    row: Assignment,
    reason: String,
}

struct Line {
    who: Named,
    set: Named,
    account: Named,
    why: String,
}

#[derive(Template)]
#[template(path = "assignments_batch.html")]
struct BatchPage {
    frame: Frame,
    shell: Shell,
    batch: Batch,
    lines: Vec<Line>,
    more: usize,
}

impl BatchPage {
    fn is_under_way(&self) -> bool {
        self.batch.status == "IN_PROGRESS"
    }

    fn is_delete(&self) -> bool {
        self.batch.kind == "DELETE"
    }

    fn total(&self) -> usize {
        self.batch.counts.succeeded + self.batch.counts.failed + self.batch.counts.in_progress
    }

    fn ended(&self) -> usize {
        self.batch.counts.succeeded + self.batch.counts.failed
    }
}

async fn describe(desk: &Desk, admin: &mut Administrator, id: &str) -> Result<Batch, Fault> {
    let input = json!({"InstanceArn": desk.instance_arn(), "RequestId": id});
    admin.call(desk, Op("portico", "DescribeBatch"), input).await
}

/// `GET /console/assignments/batches/{id}`
pub(crate) async fn show(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Asked { mut admin, .. }: Asked,
) -> Response {
    let batch = match describe(&desk, &mut admin, &id).await {
        Ok(batch) => batch,
        Err(why) => return refused(&desk, &admin, Room::Assignments, &why),
    };
    let listed: Vec<&Failure> = batch.failures.iter().take(LISTED).collect();
    let names = Names::of(&desk, &mut admin, listed.iter().flat_map(|failure| failure.row.things())).await;
    let lines = listed.into_iter().map(|failure| {
        let [who, set, account] = failure.row.things().map(|thing| names.named(&thing));
        Line { who, set, account, why: failure.reason.clone() }
    });
    let page = BatchPage {
        lines: lines.collect(),
        more: batch.failures.len().saturating_sub(LISTED),
        frame: frame(&desk, &admin),
        shell: Shell::new(&desk, &admin, Room::Assignments),
        batch,
    };
    show_page(&desk, &admin, &page)
}

/// Sends what failed once more, as a batch of its own; what cannot be any more is among its failures.
pub(crate) async fn retry(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Sent { mut admin, .. }: Sent,
) -> Response {
    let batch = match describe(&desk, &mut admin, &id).await {
        Ok(batch) => batch,
        Err(why) => return refused(&desk, &admin, Room::Assignments, &why),
    };
    let rows: Vec<Assignment> = batch.failures.into_iter().map(|failure| failure.row).collect();
    if rows.is_empty() {
        return go(&desk, &format!("/console/assignments/batches/{}", encoded(&id)));
    }
    let act = if batch.kind == "DELETE" { Act::Delete } else { Act::Create };
    let input = json!({"InstanceArn": desk.instance_arn(), "Assignments": rows, "OnInvalid": "SKIP"});
    let sent: Result<Value, Fault> = admin.call(&desk, act.operation(), input).await;
    match sent {
        Ok(made) => go(&desk, &address_of(&made)),
        Err(why) => refused(&desk, &admin, Room::Assignments, &why),
    }
}
