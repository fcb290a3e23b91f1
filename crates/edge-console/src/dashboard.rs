//! `/console`: how much there is, and what needs attention. And the choice of the role that one acts as.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use edge_portal::visitor::set_cookie;
use model::fault::{Fault, FaultKind};
use serde_json::json;

use crate::administrator::{Administrator, ROLE_COOKIE};
use crate::asked::Asked;
use crate::attention::Attention;
use crate::desk::Desk;
use crate::first_steps::Step;
use crate::page::{Room, Shell, encoded, frame, go, refused, show as show_page};
use crate::sent::Sent;
use crate::summary::Tile;
use crate::trail_record::{Events, Record};
use crate::{attention, attention_expiry, first_steps, summary};

#[derive(Template)]
#[template(path = "dashboard.html")]
struct DashboardPage {
    frame: Frame,
    shell: Shell,
    tiles: Vec<Tile>,
    attention: Attention,
    steps: Option<Vec<Step>>,
    /// The last changes; `None` where the role may not see the trail.
    latest: Option<Vec<Record>>,
}

/// Changes that are shown, of so many records that are looked at: sign-ins are most of them, and have their own place in the trail.
const LATEST: usize = 6;
const LOOKED_AT: usize = 50;

/// The first page. `?role_name=` chooses a role of one's own, as links of the access portal do.
pub(crate) async fn show(State(desk): State<Desk>, Asked { mut admin, query }: Asked) -> Response {
    if let Some(role) = query.some("role_name") {
        return remember(&desk, &admin, role);
    }
    let ((tiles, attention), steps, latest) = match look(&desk, &mut admin).await {
        Ok(found) => found,
        Err(why) => return refused(&desk, &admin, Room::Dashboard, &why),
    };
    let page = DashboardPage {
        frame: frame(&desk, &admin),
        shell: Shell::new(&desk, &admin, Room::Dashboard).after(&admin, &query),
        tiles,
        attention,
        steps,
        latest,
    };
    show_page(&desk, &admin, &page)
}

type Found = ((Vec<Tile>, Attention), Option<Vec<Step>>, Option<Vec<Record>>);

async fn look(desk: &Desk, admin: &mut Administrator) -> Result<Found, Fault> {
    let mut attention = attention::look(desk, admin).await?;
    attention_expiry::look(desk, admin, &mut attention).await?;
    let tiles = summary::look(desk, admin, &mut attention).await?;
    let steps = first_steps::look(desk, admin).await?;
    let input = json!({
        "LookupAttributes": [{ "AttributeKey": "ReadOnly", "AttributeValue": "false" }], "MaxResults": LOOKED_AT,
    });
    let latest = match admin.call::<Events>(desk, Op("cloudtrail", "LookupEvents"), input).await {
        Ok(found) => {
            let all = found.events.into_iter().map(Record::read);
            Some(all.filter(|record| record.source != "signin.amazonaws.com").take(LATEST).collect())
        }
        Err(why) if matches!(why.kind(), FaultKind::AccessDenied) => None,
        Err(why) => return Err(why),
    };
    Ok(((tiles, attention), steps, latest))
}

/// Another role.
pub(crate) async fn choose_role(State(desk): State<Desk>, Sent { admin, fields }: Sent) -> Response {
    remember(&desk, &admin, fields.text("role_name"))
}

/// A role that is not the visitor's is not remembered: the page then shows the one that they act as.
fn remember(desk: &Desk, admin: &Administrator, role: &str) -> Response {
    let mut response = go(desk, Room::Dashboard.path());
    if admin.roles.iter().any(|own| own == role) {
        set_cookie(&desk.portal, &mut response, ROLE_COOKIE, &encoded(role), None);
    }
    response
}
