//! The list of applications, looked through for what is typed, and below it whose tokens they may bring.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use model::fault::Fault;
use serde::Deserialize;
use serde_json::json;

use crate::administrator::Administrator;
use crate::applications::application::{At, provider, speaks};
use crate::asked::Asked;
use crate::desk::Desk;
use crate::fields::Fields;
use crate::find::is_like;
use crate::page::{Room, Shell, encoded, frame, refused, show};
use crate::token_issuers::issuer::{self, Summary};

const LIST: Op = Op("sso-admin", "ListApplications");
/// Rows of a call: the most that there are.
const ROWS: usize = 100;
/// Calls that look for a name: an instance has a few hundred applications.
const CALLS: usize = 10;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    #[serde(default)]
    applications: Vec<Row>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    application_arn: String,
    application_provider_arn: String,
    name: String,
    #[serde(default)]
    description: String,
    status: String,
}

/// An application as the page shows it.
struct Tile {
    place: String,
    name: String,
    description: String,
    speaks: &'static str,
    is_enabled: bool,
}

impl Row {
    fn tile(self) -> Result<Option<Tile>, Fault> {
        let speaks = provider(&self.application_provider_arn)?.map_or("–", speaks);
        Ok(At::of(&self.application_arn).map(|at| Tile {
            place: at.below(""),
            name: self.name,
            description: self.description,
            speaks,
            is_enabled: self.status == "ENABLED",
        }))
    }
}

#[derive(Template)]
#[template(path = "applications/list.html")]
struct ApplicationsPage {
    frame: Frame,
    shell: Shell,
    query: String,
    tiles: Vec<Tile>,
    is_later: bool,
    next: Option<String>,
    /// Nothing where the role may not know.
    issuers: Option<Vec<Summary>>,
}

/// The list.
pub(crate) async fn list(State(desk): State<Desk>, Asked { mut admin, query }: Asked) -> Response {
    let (tiles, next, issuers) = match look(&desk, &mut admin, &query).await {
        Ok(found) => found,
        Err(why) => return refused(&desk, &admin, Room::Applications, &why),
    };
    let at = |token: String| {
        format!("/console/applications?q={}&token={}", encoded(query.text("q")), encoded(&token))
    };
    let page = ApplicationsPage {
        frame: frame(&desk, &admin),
        shell: Shell::new(&desk, &admin, Room::Applications).after(&admin, &query),
        query: query.text("q").to_owned(),
        tiles,
        is_later: query.some("token").is_some(),
        next: next.map(at),
        issuers,
    };
    show(&desk, &admin, &page)
}

type Found = (Vec<Tile>, Option<String>, Option<Vec<Summary>>);

async fn look(desk: &Desk, admin: &mut Administrator, query: &Fields) -> Result<Found, Fault> {
    let (mut tiles, mut token) = (Vec::new(), query.some("token").map(str::to_owned));
    let sought = query.text("q");
    for _ in 0..CALLS {
        let input = json!({"InstanceArn": desk.instance_arn(), "MaxResults": ROWS, "NextToken": token});
        let found: Listed = admin.call(desk, LIST, input).await?;
        for row in found.applications {
            if is_like(sought, &[&row.name, &row.description]) {
                tiles.extend(row.tile()?);
            }
        }
        token = found.next_token;
        if token.is_none() || sought.is_empty() || tiles.len() >= ROWS {
            break;
        }
    }
    tiles.sort_by_cached_key(|tile| tile.name.to_lowercase());
    let issuers = issuer::all_if_allowed(desk, admin).await?;
    Ok((tiles, token, issuers))
}
