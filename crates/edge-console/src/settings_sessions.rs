//! How long people stay signed in.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use edge_portal::words::language::Language;
use http::StatusCode;
use model::fault::Fault;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::asked::Asked;
use crate::desk::Desk;
use crate::fields::Fields;
use crate::length::{self, Length};
use crate::page::{Room, Shell, answer, frame, go, refused};
use crate::sent::Sent;
use crate::settings_form::{Fact, Outcome, SAVED, Said, fact, overtaken};
use crate::{command, seen, settings_form};

const GET: Op = Op("portico", "GetSessionSettings");
const PUT: Op = Op("portico", "PutSessionSettings");

/// The members, their fields, and what they are called.
const MEMBERS: [(&str, &str, &str); 5] = [
    ("SessionMinutes", "session", "settings-session-length"),
    ("IdleMinutes", "idle", "settings-session-idle"),
    ("AccessTokenMinutes", "access", "settings-session-access"),
    ("RefreshTokenMinutes", "refresh", "settings-session-refresh"),
    ("BackgroundSessionMinutes", "background", "settings-session-background"),
];

/// What is in force.
pub(crate) async fn read(desk: &Desk, admin: &mut Administrator) -> Result<Value, Fault> {
    settings_form::read(desk, admin, GET, "SessionSettings").await
}

/// The same as people read it.
pub(crate) fn facts(language: Language, now: &Value) -> Vec<(&'static str, Fact)> {
    let said = |(member, _, name): &(&'static str, _, &'static str)| {
        let value = match now.get(*member).and_then(Value::as_u64) {
            Some(minutes) => length::said(language, minutes),
            None if *member == "IdleMinutes" => language.say("settings-never"),
            None => language.say("settings-as-session"),
        };
        fact(member, name, value)
    };
    MEMBERS.iter().map(said).collect()
}

/// A field, and what is wrong with it.
struct Field {
    length: Length,
    label: &'static str,
    help: &'static str,
    required: bool,
    fault: bool,
}

#[derive(Template)]
#[template(path = "settings_sessions.html")]
struct SessionsPage {
    frame: Frame,
    shell: Shell,
    said: Said,
    fields: Vec<Field>,
    command: String,
}

fn field(length: Length) -> Field {
    let (label, help) = match length.name {
        "session" => ("settings-session-length", "settings-session-length-help"),
        "idle" => ("settings-session-idle", "settings-session-idle-help"),
        "access" => ("settings-session-access", "settings-session-access-help"),
        "background" => ("settings-session-background", "settings-session-background-help"),
        _ => ("settings-session-refresh", "settings-session-refresh-help"),
    };
    let required = matches!(length.name, "session" | "access" | "background");
    let fault = length.minutes().is_err() || required && length.amount.is_empty();
    Field { length, label, help, required, fault }
}

fn page(
    desk: &Desk,
    admin: &Administrator,
    status: StatusCode,
    (lengths, said): (Vec<Length>, Said),
) -> Response {
    let page = SessionsPage {
        frame: frame(desk, admin),
        shell: Shell::new(desk, admin, Room::Settings),
        said,
        command: command::text(PUT, &input(desk, &lengths)),
        fields: lengths.into_iter().map(field).collect(),
    };
    answer(desk, admin, status, &page)
}

fn input(desk: &Desk, lengths: &[Length]) -> Value {
    let members = MEMBERS.iter().zip(lengths);
    let given = members.filter_map(|((member, ..), length)| Some((*member, length.minutes().ok()??)));
    let given: serde_json::Map<String, Value> =
        given.map(|(member, minutes)| (member.to_owned(), minutes.into())).collect();
    json!({ "IdentityStoreId": desk.identity_store_id(), "SessionSettings": given })
}

/// The form.
pub(crate) async fn show(State(desk): State<Desk>, Asked { mut admin, .. }: Asked) -> Response {
    let now = match read(&desk, &mut admin).await {
        Ok(now) => now,
        Err(why) => return refused(&desk, &admin, Room::Settings, &why),
    };
    let value = |member: &str| now.get(member).and_then(Value::as_u64);
    let lengths = MEMBERS.iter().map(|(member, name, _)| Length::of(name, value(member))).collect();
    let said = Said { seen: seen::mark(&now), ..Said::default() };
    page(&desk, &admin, StatusCode::OK, (lengths, said))
}

/// The form, sent.
pub(crate) async fn put(State(desk): State<Desk>, Sent { mut admin, fields }: Sent) -> Response {
    let lengths: Vec<Length> = MEMBERS.iter().map(|(_, name, _)| Length::typed(name, &fields)).collect();
    match attempt(&desk, &mut admin, &fields, &lengths).await {
        Outcome::Done => go(&desk, SAVED),
        Outcome::Again(status, said) => page(&desk, &admin, status, (lengths, said)),
        Outcome::Refused(why) => refused(&desk, &admin, Room::Settings, &why),
    }
}

async fn attempt(desk: &Desk, admin: &mut Administrator, fields: &Fields, lengths: &[Length]) -> Outcome {
    let seen = fields.text("seen").to_owned();
    if lengths.iter().cloned().map(field).any(|field| field.fault) {
        return Outcome::Again(StatusCode::BAD_REQUEST, Said { seen, ..Said::default() });
    }
    let language = admin.visitor.language;
    match read(desk, admin).await {
        Ok(now) => {
            if let Some(said) = overtaken(fields, &now, |now| facts(language, now)) {
                return Outcome::Again(StatusCode::CONFLICT, said);
            }
        }
        Err(why) => return Outcome::Refused(why),
    }
    match admin.act(desk, PUT, input(desk, lengths)).await {
        Ok(()) => Outcome::Done,
        Err(why) => Outcome::of(admin, &seen, why),
    }
}
