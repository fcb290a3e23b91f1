//! Who gets letters before what identity providers call or sign with ends: by name, one taken in or out at a time.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use edge_portal::words::language::Language;
use http::StatusCode;
use model::fault::Fault;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::asked::Asked;
use crate::command;
use crate::desk::Desk;
use crate::field::Trouble;
use crate::fields::Fields;
use crate::find;
use crate::names::{Named, Names};
use crate::page::{Room, Shell, answer, frame, go, refused};
use crate::part::Part;
use crate::sent::Sent;
use crate::settings_form::{Fact, fact, word};
use crate::thing::{Kind, Thing};

const GET: Op = Op("portico", "GetExpiryNotices");
const PUT: Op = Op("portico", "PutExpiryNotices");
/// Where the page is.
const PLACE: &str = "/console/settings/notices";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    expiry_notices: Notices,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Notices {
    user_ids: Vec<String>,
}

#[derive(Template)]
#[template(path = "settings_notices.html")]
struct NoticesPage {
    frame: Frame,
    shell: Shell,
    trouble: Option<Trouble>,
    mails: bool,
    people: Vec<Named>,
    /// Who was searched for, and found.
    query: String,
    found: Option<Part<Vec<Named>>>,
    command: String,
}

async fn ids(desk: &Desk, admin: &mut Administrator) -> Result<Vec<String>, Fault> {
    let input = json!({ "IdentityStoreId": desk.identity_store_id() });
    let answer: Answer = admin.call(desk, GET, input).await?;
    Ok(answer.expiry_notices.user_ids)
}

/// Who gets them.
pub(crate) async fn read(desk: &Desk, admin: &mut Administrator) -> Result<Vec<Named>, Fault> {
    let ids = ids(desk, admin).await?;
    let things: Vec<Thing> = ids.iter().map(|id| Thing::new(Kind::User, id)).collect();
    let names = Names::of(desk, admin, things.iter().cloned()).await;
    Ok(things.iter().map(|thing| names.named(thing)).collect())
}

/// The same as people read it.
pub(crate) fn facts(language: Language, people: &[Named]) -> Vec<(&'static str, Fact)> {
    let names: Vec<&str> = people.iter().map(|one| one.title.as_str()).collect();
    let said = if names.is_empty() { word(language, "settings-notices-nobody") } else { names.join(", ") };
    vec![fact("UserIds", "settings-notices-who", said)]
}

/// The page.
pub(crate) async fn show(State(desk): State<Desk>, Asked { admin, query }: Asked) -> Response {
    page(&desk, admin, &query, None).await
}

/// Takes somebody in or out.
pub(crate) async fn put(State(desk): State<Desk>, Sent { mut admin, fields }: Sent) -> Response {
    let done = match ids(&desk, &mut admin).await {
        Ok(mut ids) => {
            let user = fields.text("user");
            ids.retain(|known| known != user);
            if fields.text("act") != "remove" {
                ids.push(user.to_owned());
            }
            admin.act(&desk, PUT, input(&desk, &ids)).await
        }
        Err(why) => Err(why),
    };
    match done {
        Ok(()) => go(&desk, &format!("{PLACE}?done=saved")),
        Err(why) => page(&desk, admin, &fields, Some(why)).await,
    }
}

fn input(desk: &Desk, ids: &[String]) -> Value {
    json!({ "IdentityStoreId": desk.identity_store_id(), "ExpiryNotices": { "UserIds": ids } })
}

async fn page(desk: &Desk, mut admin: Administrator, query: &Fields, why: Option<Fault>) -> Response {
    let people = match read(desk, &mut admin).await {
        Ok(people) => people,
        Err(unknown) => return refused(desk, &admin, Room::Settings, &why.unwrap_or(unknown)),
    };
    let found = find::few_asked(desk, &mut admin, Kind::User, query).await;
    let ids: Vec<String> = people.iter().map(|one| one.thing.id.clone()).collect();
    let page = NoticesPage {
        frame: frame(desk, &admin),
        shell: Shell::new(desk, &admin, Room::Settings).after(&admin, query),
        trouble: why.as_ref().map(|why| Trouble::of(&admin, why)),
        mails: desk.portal.signin.mails,
        people,
        query: query.text("q").to_owned(),
        found,
        command: command::text(PUT, &input(desk, &ids)),
    };
    answer(desk, &admin, why.as_ref().map_or(StatusCode::OK, Trouble::status), &page)
}
