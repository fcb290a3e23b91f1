//! What a batch of assignments would change, before it is sent: which rows are new, which exist, which cannot be. Sends it when it still is what was shown.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use edge_portal::words::sentence::Sentence;
use http::{StatusCode, header};
use model::fault::Fault;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::asked::Asked;
use crate::assignment::{self, Act, Assignment, BATCH_MAX};
use crate::desk::Desk;
use crate::fields::Fields;
use crate::names::{Named, Names, text};
use crate::page::{Room, Shell, answer, frame, go, refused};
use crate::sent::Sent;
use crate::thing::Kind;
use crate::{command, seen};

/// Rows of each kind that are listed; the counts are of all.
const LISTED: usize = 100;
/// Rows that the command names itself; of more it names a file, which the page offers.
const IN_COMMAND: usize = 25;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Looked {
    existing: Vec<usize>,
    invalid: Vec<Invalid>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Invalid {
    index: usize,
    reason: String,
}

/// A row that is shown.
struct Line {
    who: Named,
    set: Named,
    account: Named,
    why: String,
}

/// Rows of one fate.
struct Fate {
    name: &'static str,
    heading: Sentence,
    lines: Vec<Line>,
    more: usize,
}

#[derive(Template)]
#[template(path = "assignments_preview.html")]
struct PreviewPage {
    frame: Frame,
    shell: Shell,
    act: Act,
    /// What is said at its head: that there is nothing to choose from, that it is too much, that it has changed.
    trouble: Option<Sentence>,
    /// How many would change.
    count: usize,
    fates: Vec<Fate>,
    /// What the address or form asked for.
    carried: Vec<(String, String)>,
    seen: String,
    command: String,
    /// Where the rows are, when they are too many for the command.
    file: Option<String>,
    /// Where to change the choice.
    back: Option<String>,
}

/// What is asked for, and what there is of it.
struct Plan {
    act: Act,
    rows: Vec<Assignment>,
    /// Indexes of the rows that would change, that are so already, and that cannot be, with why.
    changing: Vec<usize>,
    idle: Vec<usize>,
    invalid: Vec<Invalid>,
}

impl Plan {
    async fn of(desk: &Desk, admin: &mut Administrator, fields: &Fields) -> Result<Self, Fault> {
        let act = Act::asked(fields);
        let rows = assignment::asked(desk, fields);
        let input = json!({"InstanceArn": desk.instance_arn(), "Assignments": rows});
        let looked: Value = admin.call(desk, Op("portico", "PreviewAccountAssignments"), input).await?;
        let looked: Looked = serde_json::from_value(looked).map_err(Fault::internal)?;
        let exists = |index: &usize| looked.existing.binary_search(index).is_ok();
        let invalid: Vec<Invalid> = match act {
            Act::Create => looked.invalid,
            // What is gone can be taken away from whoever is left.
            Act::Delete => looked.invalid.into_iter().filter(|bad| !exists(&bad.index)).collect(),
        };
        let is_bad = |index: &usize| invalid.iter().any(|bad| bad.index == *index);
        let good: Vec<usize> = (0..rows.len()).filter(|index| !is_bad(index)).collect();
        let (there, not): (Vec<usize>, Vec<usize>) = good.into_iter().partition(exists);
        let (changing, idle) = if act.is_delete() { (there, not) } else { (not, there) };
        Ok(Self { act, rows, changing, idle, invalid })
    }

    /// What whoever looks at the preview sees of it.
    fn shown(&self) -> Value {
        json!({"Act": self.act.name(), "Rows": self.rows.len(), "Changing": self.changing})
    }

    fn row(&self, index: usize) -> Option<&Assignment> {
        self.rows.get(index)
    }

    fn changing(&self) -> Vec<&Assignment> {
        self.changing.iter().filter_map(|index| self.row(*index)).collect()
    }

    /// What sends it.
    fn input(&self, desk: &Desk) -> Value {
        json!({"InstanceArn": desk.instance_arn(), "Assignments": self.changing()})
    }

    /// The command that does the same.
    fn command(&self, desk: &Desk) -> String {
        if self.changing.len() <= IN_COMMAND {
            return command::text(self.act.operation(), &self.input(desk));
        }
        let short = command::text(self.act.operation(), &json!({"InstanceArn": desk.instance_arn()}));
        format!("{short} \\\n  --assignments file://assignments.json")
    }
}

/// The rows of one fate, the first of them with their names.
async fn fate(
    desk: &Desk,
    admin: &mut Administrator,
    (name, heading): (&'static str, Sentence),
    plan: &Plan,
    of: &[(usize, String)],
) -> Fate {
    let listed: Vec<(&Assignment, &String)> =
        of.iter().take(LISTED).filter_map(|(index, why)| Some((plan.row(*index)?, why))).collect();
    let names = Names::of(desk, admin, listed.iter().flat_map(|(row, _)| row.things())).await;
    let lines = listed.into_iter().map(|(row, why)| {
        let [who, set, account] = row.things();
        let [who, set, account] = [who, set, account].map(|thing| names.named(&thing));
        Line { who, set, account, why: why.clone() }
    });
    Fate { name, heading, more: of.len().saturating_sub(LISTED), lines: lines.collect() }
}

/// What of a form the page carries on.
fn carried(fields: &Fields) -> Vec<(String, String)> {
    let keeps = |name: &str| Kind::named(name).is_some() || name == "row" || name == "act";
    fields.pairs().iter().filter(|(name, _)| keeps(name)).cloned().collect()
}

/// The choice as an address.
fn address(path: &str, fields: &Fields) -> String {
    let pairs = carried(fields);
    let pairs: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{name}={}", crate::page::encoded(value))).collect();
    format!("{path}?{}", pairs.join("&"))
}

/// `GET /console/assignments/preview`
pub(crate) async fn show(State(desk): State<Desk>, Asked { admin, query }: Asked) -> Response {
    preview(&desk, admin, &query, None).await
}

/// The page, which says `trouble` at its head.
async fn preview(
    desk: &Desk,
    mut admin: Administrator,
    fields: &Fields,
    trouble: Option<(StatusCode, Sentence)>,
) -> Response {
    let language = admin.visitor.language;
    let count = assignment::count(fields);
    if count == 0 || count > BATCH_MAX {
        let text = if count == 0 {
            language.say("assignments-none-chosen")
        } else {
            language.say("assignments-too-many").count("count", count).count("most", BATCH_MAX)
        };
        return no_plan(desk, &admin, fields, text);
    }
    let plan = match Plan::of(desk, &mut admin, fields).await {
        Ok(plan) => plan,
        Err(why) => return refused(desk, &admin, Room::Assignments, &why),
    };
    let fates = fates(desk, &mut admin, &plan).await;
    let (status, trouble) = match trouble {
        Some((status, said)) => (status, Some(said)),
        None => (StatusCode::OK, None),
    };
    let page = PreviewPage {
        frame: frame(desk, &admin),
        shell: Shell::new(desk, &admin, Room::Assignments),
        act: plan.act,
        trouble,
        count: plan.changing.len(),
        fates,
        carried: carried(fields),
        command: plan.command(desk),
        file: (plan.changing.len() > IN_COMMAND)
            .then(|| address("/console/assignments/preview.json", fields)),
        back: (!plan.act.is_delete()).then(|| address("/console/assignments/new", fields)),
        seen: seen::mark(&plan.shown()),
    };
    answer(desk, &admin, status, &page)
}

async fn fates(desk: &Desk, admin: &mut Administrator, plan: &Plan) -> Vec<Fate> {
    let language = admin.visitor.language;
    let plain = |indexes: &[usize]| indexes.iter().map(|index| (*index, String::new())).collect();
    let changing: Vec<(usize, String)> = plain(&plan.changing);
    let idle: Vec<(usize, String)> = plain(&plan.idle);
    let invalid: Vec<(usize, String)> =
        plan.invalid.iter().map(|bad| (bad.index, bad.reason.clone())).collect();
    let (first, second) = match plan.act {
        Act::Create => ("assignments-new-rows", "assignments-existing-rows"),
        Act::Delete => ("assignments-gone-rows", "assignments-absent-rows"),
    };
    let mut fates = Vec::new();
    for (name, said, rows) in [
        ("changing", first, &changing),
        ("invalid", "assignments-invalid-rows", &invalid),
        ("idle", second, &idle),
    ] {
        if !rows.is_empty() {
            let heading = language.say(said).count("count", rows.len());
            fates.push(fate(desk, admin, (name, heading), plan, rows).await);
        }
    }
    fates
}

/// Nothing is to be previewed: why.
fn no_plan(desk: &Desk, admin: &Administrator, fields: &Fields, why: Sentence) -> Response {
    let act = Act::asked(fields);
    let back = if act.is_delete() {
        "/console/assignments".to_owned()
    } else {
        address("/console/assignments/new", fields)
    };
    let page = PreviewPage {
        frame: frame(desk, admin),
        shell: Shell::new(desk, admin, Room::Assignments),
        act,
        trouble: Some(why),
        count: 0,
        fates: Vec::new(),
        carried: Vec::new(),
        seen: String::new(),
        command: String::new(),
        file: None,
        back: Some(back),
    };
    answer(desk, admin, StatusCode::BAD_REQUEST, &page)
}

/// The rows that would change, as the command takes them from a file.
pub(crate) async fn file(State(desk): State<Desk>, Asked { mut admin, query }: Asked) -> Response {
    if !(1..=BATCH_MAX).contains(&assignment::count(&query)) {
        return go(&desk, &address("/console/assignments/preview", &query));
    }
    let plan = match Plan::of(&desk, &mut admin, &query).await {
        Ok(plan) => plan,
        Err(why) => return refused(&desk, &admin, Room::Assignments, &why),
    };
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"assignments.json\""),
    ];
    (headers, json!(plan.changing()).to_string()).into_response()
}

/// Sends the batch, if it still is what was shown.
pub(crate) async fn send(State(desk): State<Desk>, Sent { mut admin, fields }: Sent) -> Response {
    let language = admin.visitor.language;
    if !(1..=BATCH_MAX).contains(&assignment::count(&fields)) {
        return preview(&desk, admin, &fields, None).await;
    }
    let plan = match Plan::of(&desk, &mut admin, &fields).await {
        Ok(plan) => plan,
        Err(why) => return refused(&desk, &admin, Room::Assignments, &why),
    };
    if plan.changing.is_empty() || !seen::changed(fields.text("seen"), &plan.shown()).is_empty() {
        let changed = (StatusCode::CONFLICT, language.say("assignments-changed"));
        return preview(&desk, admin, &fields, Some(changed)).await;
    }
    let sent: Result<Value, Fault> = admin.call(&desk, plan.act.operation(), plan.input(&desk)).await;
    match sent {
        Ok(made) => go(&desk, &batch(&made)),
        Err(why) => refused(&desk, &admin, Room::Assignments, &why),
    }
}

/// Where a batch that has begun is shown.
pub(crate) fn batch(made: &Value) -> String {
    let id = crate::page::encoded(text(made, "RequestId"));
    format!("/console/assignments/batches/{id}")
}
