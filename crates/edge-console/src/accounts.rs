//! Accounts: the tree of organizational units with the accounts in them, and a search over all of them.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use edge_portal::message::Frame;
use model::fault::Fault;

use crate::administrator::Administrator;
use crate::asked::Asked;
use crate::desk::Desk;
use crate::fields::Fields;
use crate::find::{Found, Sought, find};
use crate::page::{ROWS, Room, Shell, encoded, frame, refused, show};
use crate::thing::Kind;
use crate::unit::{self, Accounts, Unit, Units};
use crate::{accounts_account, accounts_drift, accounts_move, accounts_new, accounts_units};

/// The routes of the room.
pub(crate) fn routes() -> Router<Desk> {
    Router::new()
        .route("/console/accounts", get(list))
        .route("/console/accounts/new", get(accounts_new::show).post(accounts_new::create))
        .route("/console/accounts/creations/{id}", get(accounts_new::status))
        .route("/console/accounts/move", get(accounts_move::show).post(accounts_move::send))
        .route("/console/accounts/units/new", get(accounts_units::new).post(accounts_units::create))
        .route("/console/accounts/units/{id}", get(accounts_units::edit).post(accounts_units::rename))
        .route(
            "/console/accounts/units/{id}/delete",
            get(accounts_units::ask_delete).post(accounts_units::delete),
        )
        .route("/console/accounts/drift", get(accounts_drift::show))
        .route("/console/accounts/drift/{account}/detect", post(accounts_drift::detect))
        .route("/console/accounts/drift/{account}/{finding}/repair", post(accounts_drift::repair))
        .route("/console/accounts/drift/{account}/{finding}/accept", post(accounts_drift::accept))
        .route("/console/accounts/{id}", get(accounts_account::show))
        .route("/console/accounts/{id}/tag", post(accounts_account::tag))
        .route("/console/accounts/{id}/untag", post(accounts_account::untag))
}

#[derive(Template)]
#[template(path = "accounts.html")]
struct TreePage {
    frame: Frame,
    shell: Shell,
    unit: Unit,
    above: Vec<Unit>,
    units: Units,
    accounts: Accounts,
    is_later: bool,
    next: Option<String>,
    more_units: Option<String>,
}

#[derive(Template)]
#[template(path = "accounts_found.html")]
struct FoundPage {
    frame: Frame,
    shell: Shell,
    query: String,
    found: Found,
    is_later: bool,
    next: Option<String>,
}

impl FoundPage {
    fn first(&self) -> String {
        format!("/console/accounts?q={}", encoded(&self.query))
    }
}

/// `GET /console/accounts`
pub(crate) async fn list(State(desk): State<Desk>, Asked { mut admin, query }: Asked) -> Response {
    if let Some(typed) = query.some("q") {
        return search(&desk, admin, (typed, &query)).await;
    }
    match tree(&desk, &mut admin, &query).await {
        Ok(page) => show(&desk, &admin, &page),
        Err(why) => refused(&desk, &admin, Room::Accounts, &why),
    }
}

async fn tree(desk: &Desk, admin: &mut Administrator, query: &Fields) -> Result<TreePage, Fault> {
    let unit = unit::find(desk, admin, query.text("unit")).await?;
    let above = unit::above(desk, admin, &unit.id).await?;
    let units = unit::units_in(desk, admin, (&unit.id, query.some("units"))).await?;
    let accounts = unit::accounts_in(desk, admin, (&unit.id, query.some("token"))).await?;
    let here = format!("/console/accounts?unit={}", encoded(&unit.id));
    Ok(TreePage {
        frame: frame(desk, admin),
        shell: Shell::new(desk, admin, Room::Accounts).after(admin, query),
        next: accounts.next_token.as_deref().map(|token| format!("{here}&token={}", encoded(token))),
        more_units: units.next_token.as_deref().map(|token| format!("{here}&units={}", encoded(token))),
        is_later: query.some("token").is_some() || query.some("units").is_some(),
        unit,
        above,
        units,
        accounts,
    })
}

async fn search(desk: &Desk, mut admin: Administrator, (typed, query): (&str, &Fields)) -> Response {
    let sought = Sought { query: typed, unit: None, token: query.some("token"), rows: ROWS };
    let found = match find(desk, &mut admin, Kind::Account, &sought).await {
        Ok(found) => found,
        Err(why) => return refused(desk, &admin, Room::Accounts, &why),
    };
    let at = format!("/console/accounts?q={}", encoded(typed));
    let page = FoundPage {
        frame: frame(desk, &admin),
        shell: Shell::new(desk, &admin, Room::Accounts),
        query: typed.to_owned(),
        next: found.next.as_deref().map(|token| format!("{at}&token={}", encoded(token))),
        is_later: query.some("token").is_some(),
        found,
    };
    show(desk, &admin, &page)
}
