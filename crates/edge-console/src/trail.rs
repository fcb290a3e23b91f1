//! The audit trail: what was done, newest first.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use http::StatusCode;
use model::fault::{Fault, FaultKind};
use std::time::Duration;

use crate::asked::Asked;
use crate::desk::Desk;
use crate::page::{Room, Shell, answer, frame, refused};
use crate::trail_filter::{ALL, By, Filter};
use crate::trail_record::{Events, Record};

/// Since when one wants to know, most often: seconds, and what it is called.
const SPANS: [(u64, &str); 4] = [
    (3_600, "trail-last-hour"),
    (86_400, "trail-last-day"),
    (7 * 86_400, "trail-last-week"),
    (30 * 86_400, "trail-last-month"),
];

#[derive(Template)]
#[template(path = "trail.html")]
struct TrailPage {
    frame: Frame,
    shell: Shell,
    filter: Filter,
    /// Why the trail did not take what was asked.
    trouble: Option<String>,
    spans: Vec<(String, &'static str)>,
    records: Vec<Record>,
    next: Option<String>,
}

impl TrailPage {
    const BY: [By; 10] = ALL;

    fn is_by(&self, by: &By) -> bool {
        self.filter.by == *by
    }
}

/// The list.
pub(crate) async fn list(State(desk): State<Desk>, Asked { mut admin, query }: Asked) -> Response {
    let filter = Filter::read(&query, admin.visitor.language);
    let mut trouble = None;
    let mut found = Events::default();
    if filter.is_right() {
        match admin.call(&desk, Op("cloudtrail", "LookupEvents"), filter.input()).await {
            Ok(events) => found = events,
            Err(why) if is_about_the_look(&why) => trouble = Some(admin.visitor.language.told(&why)),
            Err(why) => return refused(&desk, &admin, Room::Trail, &why),
        }
    }
    let wrong = trouble.is_some() || !filter.is_right();
    let now = admin.visitor.cx.now;
    let spans = SPANS.iter().map(|(ago, said)| (filter.since(now.minus(Duration::from_secs(*ago))), *said));
    let page = TrailPage {
        frame: frame(&desk, &admin),
        shell: Shell::new(&desk, &admin, Room::Trail),
        spans: spans.collect(),
        trouble,
        next: found.next_token.map(|token| filter.address(Some(&token))),
        records: found.events.into_iter().map(Record::read).collect(),
        filter,
    };
    answer(&desk, &admin, if wrong { StatusCode::BAD_REQUEST } else { StatusCode::OK }, &page)
}

/// Whether a refusal is about what was typed: said at the form, which keeps it.
fn is_about_the_look(why: &Fault) -> bool {
    matches!(why.kind(), FaultKind::Validation | FaultKind::Service(_))
}
