//! Accounts on their way to another unit: many at once, one call each. One that somebody else moved meanwhile stays where they put it.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use edge_portal::words::sentence::Sentence;
use http::StatusCode;
use model::fault::Fault;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::asked::Asked;
use crate::command;
use crate::desk::Desk;
use crate::fields::Fields;
use crate::names::{Named, Names};
use crate::page::{Room, Shell, answer, encoded, frame, go, refused};
use crate::sent::Sent;
use crate::thing::{Kind, Thing};
use crate::unit::{self, Unit, Units};

const MOVE: Op = Op("organizations", "MoveAccount");
/// Accounts that are moved at once, at most: each is a call.
const AT_ONCE: usize = 50;

/// An account, from where.
struct Mover {
    account: Named,
    from: Unit,
    /// Why it could not be moved.
    why: Option<String>,
}

impl Mover {
    /// As the form carries it.
    fn token(&self) -> String {
        format!("{}:{}", self.account.thing.id, self.from.id)
    }
}

#[derive(Template)]
#[template(path = "accounts_move.html")]
struct MovePage {
    frame: Frame,
    shell: Shell,
    movers: Vec<Mover>,
    to: Unit,
    above: Vec<Unit>,
    units: Units,
    trouble: Option<Sentence>,
    commands: Vec<String>,
}

impl MovePage {
    /// The same accounts, to another unit.
    fn link(&self, to: &Unit) -> String {
        let accounts: Vec<String> = self.movers.iter().map(|mover| mover.account.thing.query()).collect();
        format!("/console/accounts/move?to={}&{}", encoded(&to.id), accounts.join("&"))
    }

    /// How many are somewhere else.
    fn count(&self) -> usize {
        self.movers.iter().filter(|mover| mover.from.id != self.to.id).count()
    }
}

/// `GET /console/accounts/move?account=&to=`
pub(crate) async fn show(State(desk): State<Desk>, Asked { mut admin, query }: Asked) -> Response {
    let chosen = Thing::chosen(&query, Kind::Account);
    if chosen.is_empty() {
        return go(&desk, Room::Accounts.path());
    }
    let language = admin.visitor.language;
    let many = language.say("accounts-move-too-many").count("count", chosen.len()).count("most", AT_ONCE);
    let trouble = (chosen.len() > AT_ONCE).then_some(many);
    let mut movers = Vec::new();
    for account in chosen.into_iter().take(AT_ONCE) {
        match unit::parent(&desk, &mut admin, &account.id).await {
            Ok(from) => movers.push((account, from, None)),
            Err(why) => return refused(&desk, &admin, Room::Accounts, &why),
        }
    }
    page(&desk, admin, (query.text("to"), movers), trouble).await
}

/// An account, where it is, why it stays.
type Moving = (Thing, String, Option<String>);

async fn page(
    desk: &Desk,
    mut admin: Administrator,
    (to, movers): (&str, Vec<Moving>),
    trouble: Option<Sentence>,
) -> Response {
    let is_wrong = trouble.is_some();
    match made(desk, &mut admin, (to, movers), trouble).await {
        Ok(page) => {
            let status = if is_wrong { StatusCode::BAD_REQUEST } else { StatusCode::OK };
            answer(desk, &admin, status, &page)
        }
        Err(why) => refused(desk, &admin, Room::Accounts, &why),
    }
}

async fn made(
    desk: &Desk,
    admin: &mut Administrator,
    (to, movers): (&str, Vec<Moving>),
    trouble: Option<Sentence>,
) -> Result<MovePage, Fault> {
    let to = unit::find(desk, admin, to).await?;
    let above = unit::above(desk, admin, &to.id).await?;
    let units = unit::units_in(desk, admin, (&to.id, None)).await?;
    let names = Names::of(desk, admin, movers.iter().map(|(account, ..)| account.clone())).await;
    let mut known: Vec<Unit> = Vec::new();
    let mut found = Vec::new();
    for (account, from, why) in movers {
        let from = match known.iter().find(|unit| unit.id == from) {
            Some(unit) => unit.clone(),
            None => unit::find(desk, admin, &from).await?,
        };
        known.push(from.clone());
        found.push(Mover { account: names.named(&account), from, why });
    }
    let commands = found
        .iter()
        .filter(|mover| mover.from.id != to.id)
        .map(|mover| command::text(MOVE, &input((&mover.account.thing.id, &mover.from.id), &to.id)));
    Ok(MovePage {
        commands: commands.collect(),
        frame: frame(desk, admin),
        shell: Shell::new(desk, admin, Room::Accounts),
        movers: found,
        to,
        above,
        units,
        trouble,
    })
}

fn input((account, from): (&str, &str), to: &str) -> Value {
    json!({"AccountId": account, "SourceParentId": from, "DestinationParentId": to})
}

/// Moves them one by one, and shows those that stayed.
pub(crate) async fn send(State(desk): State<Desk>, Sent { mut admin, fields }: Sent) -> Response {
    let to = fields.text("to").to_owned();
    let mut stayed: Vec<Moving> = Vec::new();
    let mut moved = 0;
    for (account, from) in movers(&fields) {
        match admin.act(&desk, MOVE, input((&account, &from), &to)).await {
            Ok(()) => moved += 1,
            Err(why) => {
                let why = admin.visitor.language.told(&why);
                stayed.push((Thing::new(Kind::Account, &account), from, Some(why)));
            }
        }
    }
    if stayed.is_empty() {
        return go(&desk, &format!("/console/accounts?unit={}&done=saved", encoded(&to)));
    }
    let said = admin.visitor.language.say("accounts-some-stayed");
    let said = said.count("moved", moved).count("stayed", stayed.len());
    // Where they are now is asked anew: somebody may have moved them.
    for (account, from, _) in &mut stayed {
        if let Ok(now) = unit::parent(&desk, &mut admin, &account.id).await {
            *from = now;
        }
    }
    page(&desk, admin, (&to, stayed), Some(said)).await
}

/// The accounts of the form, each from where it was seen, as far as they are somewhere else.
fn movers(fields: &Fields) -> Vec<(String, String)> {
    let read = |token: &str| {
        let (account, from) = token.split_once(':')?;
        (from != fields.text("to")).then(|| (account.to_owned(), from.to_owned()))
    };
    fields.all("move").filter_map(read).take(AT_ONCE).collect()
}
