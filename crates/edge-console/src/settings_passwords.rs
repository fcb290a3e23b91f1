//! What is asked of passwords.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use edge_portal::words::language::Language;
use edge_portal::words::sentence::Sentence;
use http::StatusCode;
use model::fault::Fault;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::asked::Asked;
use crate::desk::Desk;
use crate::fields::Fields;
use crate::page::{Room, Shell, answer, frame, go, refused};
use crate::sent::Sent;
use crate::settings_form::{Fact, Outcome, SAVED, Said, beside, fact, overtaken, yes_or_no};
use crate::{command, seen, settings_form};

const GET: Op = Op("portico", "GetPasswordPolicy");
const PUT: Op = Op("portico", "PutPasswordPolicy");

/// What is in force.
pub(crate) async fn read(desk: &Desk, admin: &mut Administrator) -> Result<Value, Fault> {
    settings_form::read(desk, admin, GET, "PasswordPolicy").await
}

/// The same as people read it.
pub(crate) fn facts(language: Language, now: &Value) -> Vec<(&'static str, Fact)> {
    let number = |member: &str| now.get(member).and_then(Value::as_u64).unwrap_or_default().to_string();
    vec![
        fact("MinimumLength", "settings-password-length", number("MinimumLength")),
        fact("RememberedPasswords", "settings-password-remembered", number("RememberedPasswords")),
        fact("RefuseBreached", "settings-password-breached", yes_or_no(language, now.get("RefuseBreached"))),
        fact(
            "RequireCharacterClasses",
            "settings-password-classes",
            yes_or_no(language, now.get("RequireCharacterClasses")),
        ),
    ]
}

/// The form, as it is in force or as it was filled in.
struct Form {
    length: String,
    remembered: String,
    breached: bool,
    classes: bool,
}

impl Form {
    fn of(now: &Value) -> Self {
        let number = |member: &str| now.get(member).map(Value::to_string).unwrap_or_default();
        let is = |member: &str| now.get(member).and_then(Value::as_bool).unwrap_or_default();
        Self {
            length: number("MinimumLength"),
            remembered: number("RememberedPasswords"),
            breached: is("RefuseBreached"),
            classes: is("RequireCharacterClasses"),
        }
    }

    fn typed(fields: &Fields) -> Self {
        Self {
            length: fields.text("length").to_owned(),
            remembered: fields.text("remembered").to_owned(),
            breached: fields.is_ticked("breached"),
            classes: fields.is_ticked("classes"),
        }
    }

    fn length(&self) -> Option<u32> {
        self.length.parse().ok()
    }

    fn remembered(&self) -> Option<u32> {
        self.remembered.parse().ok()
    }

    fn input(&self, desk: &Desk) -> Value {
        json!({
            "IdentityStoreId": desk.identity_store_id(),
            "PasswordPolicy": {
                "MinimumLength": self.length(), "RememberedPasswords": self.remembered(),
                "RefuseBreached": self.breached, "RequireCharacterClasses": self.classes,
            },
        })
    }
}

#[derive(Template)]
#[template(path = "settings_passwords.html")]
struct PasswordsPage {
    frame: Frame,
    shell: Shell,
    said: Said,
    form: Form,
    length_fault: Option<Sentence>,
    remembered_fault: Option<Sentence>,
    command: String,
}

fn page(desk: &Desk, admin: &Administrator, status: StatusCode, (form, said): (Form, Said)) -> Response {
    let language = admin.visitor.language;
    let page = PasswordsPage {
        frame: frame(desk, admin),
        shell: Shell::new(desk, admin, Room::Settings),
        said,
        length_fault: beside(form.length().is_none(), language, "settings-not-a-number"),
        remembered_fault: beside(form.remembered().is_none(), language, "settings-not-a-number"),
        command: command::text(PUT, &form.input(desk)),
        form,
    };
    answer(desk, admin, status, &page)
}

/// The form.
pub(crate) async fn show(State(desk): State<Desk>, Asked { mut admin, .. }: Asked) -> Response {
    let now = match read(&desk, &mut admin).await {
        Ok(now) => now,
        Err(why) => return refused(&desk, &admin, Room::Settings, &why),
    };
    let said = Said { seen: seen::mark(&now), ..Said::default() };
    page(&desk, &admin, StatusCode::OK, (Form::of(&now), said))
}

/// The form, sent.
pub(crate) async fn put(State(desk): State<Desk>, Sent { mut admin, fields }: Sent) -> Response {
    let form = Form::typed(&fields);
    match attempt(&desk, &mut admin, &fields, &form).await {
        Outcome::Done => go(&desk, SAVED),
        Outcome::Again(status, said) => page(&desk, &admin, status, (form, said)),
        Outcome::Refused(why) => refused(&desk, &admin, Room::Settings, &why),
    }
}

async fn attempt(desk: &Desk, admin: &mut Administrator, fields: &Fields, form: &Form) -> Outcome {
    let seen = fields.text("seen");
    if form.length().is_none() || form.remembered().is_none() {
        return Outcome::Again(StatusCode::BAD_REQUEST, Said { seen: seen.to_owned(), ..Said::default() });
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
    match admin.act(desk, PUT, form.input(desk)).await {
        Ok(()) => Outcome::Done,
        Err(why) => Outcome::of(admin, seen, why),
    }
}
