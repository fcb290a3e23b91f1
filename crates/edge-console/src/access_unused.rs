//! Access that was not used for so many days: who, what, where, and what grants it, to be taken away.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use edge_portal::words::sentence::Sentence;
use http::StatusCode;
use model::fault::Fault;
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;

use crate::administrator::Administrator;
use crate::asked::Asked;
use crate::assignment::Assignment;
use crate::desk::Desk;
use crate::fields::Fields;
use crate::moment::Moment;
use crate::names::{Named, Names};
use crate::page::{ROWS, Room, Shell, answer, encoded, frame, refused};
use crate::reached::Access;

/// Where it is.
pub(crate) const PATH: &str = "/console/access/unused";
/// Days that are asked about unless somebody says otherwise.
const DAYS: u64 = 90;
/// At most: the model's.
const DAYS_MAX: u64 = 400;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Unused {
    unused_access: Vec<Row>,
    tracked_since: Moment,
    next_token: Option<String>,
}

#[derive(Deserialize)]
struct Row {
    #[serde(flatten)]
    access: Access,
    #[serde(rename = "GrantedAt")]
    granted_at: Moment,
}

/// A row of the table.
struct Line {
    /// As the form that takes it away says it: where the person is assigned it themselves.
    token: Option<String>,
    who: Named,
    set: Named,
    account: Named,
    groups: Vec<Named>,
    since: Moment,
    used: Option<Moment>,
}

#[derive(Template)]
#[template(path = "access_unused.html")]
struct UnusedPage {
    frame: Frame,
    shell: Shell,
    /// As it was typed.
    days: String,
    fault: Option<Sentence>,
    lines: Vec<Line>,
    tracked_since: Option<Moment>,
    /// Whether it is not known for so long what is used.
    is_early: bool,
    further: bool,
    next: Option<String>,
}

impl UnusedPage {
    fn can_remove(&self) -> bool {
        self.lines.iter().any(|line| line.token.is_some())
    }
}

/// `GET /console/access/unused`
pub(crate) async fn show(State(desk): State<Desk>, Asked { admin, query }: Asked) -> Response {
    let typed = query.some("days").map_or_else(|| DAYS.to_string(), str::to_owned);
    let Some(days) = typed.trim().parse().ok().filter(|days| (1..=DAYS_MAX).contains(days)) else {
        return garbled(&desk, &admin, typed);
    };
    look(&desk, admin, (days, &query)).await
}

fn garbled(desk: &Desk, admin: &Administrator, typed: String) -> Response {
    let language = admin.visitor.language;
    let page = UnusedPage {
        frame: frame(desk, admin),
        shell: Shell::new(desk, admin, Room::Access),
        fault: Some(language.say("unused-no-days").with("typed", &typed)),
        days: typed,
        lines: Vec::new(),
        tracked_since: None,
        is_early: false,
        further: false,
        next: None,
    };
    answer(desk, admin, StatusCode::BAD_REQUEST, &page)
}

async fn look(desk: &Desk, mut admin: Administrator, (days, query): (u64, &Fields)) -> Response {
    let token = query.some("token");
    let input = json!({
        "InstanceArn": desk.instance_arn(), "UnusedAccessAge": days, "MaxResults": ROWS, "NextToken": token,
    });
    let found: Result<Unused, Fault> = admin.call(desk, Op("portico", "ListUnusedAccess"), input).await;
    let found = match found {
        Ok(found) => found,
        Err(why) => return refused(desk, &admin, Room::Access, &why),
    };
    let things = found.unused_access.iter().flat_map(|row| row.access.things());
    let names = Names::of(desk, &mut admin, things).await;
    let cutoff = admin.visitor.cx.now.minus(Duration::from_hours(24 * days));
    let page = UnusedPage {
        frame: frame(desk, &admin),
        shell: Shell::new(desk, &admin, Room::Access),
        lines: found.unused_access.iter().map(|row| line(&names, row)).collect(),
        next: found.next_token.map(|token| format!("{PATH}?days={days}&token={}", encoded(&token))),
        days: days.to_string(),
        fault: None,
        tracked_since: Some(found.tracked_since),
        is_early: found.tracked_since.is_after(cutoff),
        further: token.is_some(),
    };
    answer(desk, &admin, StatusCode::OK, &page)
}

fn line(names: &Names, row: &Row) -> Line {
    let access = &row.access;
    Line {
        token: access.is_direct().then(|| Assignment::of(access).token()),
        who: names.named(&access.who()),
        set: names.named(&access.what()),
        account: names.named(&access.place()),
        groups: access.groups().map(|group| names.named(&group)).collect(),
        since: row.granted_at,
        used: access.last_accessed_at,
    }
}
