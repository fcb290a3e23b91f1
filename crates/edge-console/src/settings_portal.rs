//! Whose portal it is: what its pages are called, their picture and colours, and where people find help.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use edge_portal::words::language::Language;
use http::StatusCode;
use model::fault::Fault;
use serde_json::{Map, Value, json};

use crate::administrator::Administrator;
use crate::asked::Asked;
use crate::desk::Desk;
use crate::fields::Fields;
use crate::page::{Room, Shell, answer, frame, go, refused};
use crate::sent::Sent;
use crate::settings_form::{Fact, Outcome, SAVED, Said, fact, overtaken, word};
use crate::{command, seen, settings_form};

const GET: Op = Op("portico", "GetPortalSettings");
const PUT: Op = Op("portico", "PutPortalSettings");

/// A text of the settings: the member, its field, what it is called, what stands below it, how long it may be.
pub(crate) struct Text {
    member: &'static str,
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) help: &'static str,
    pub(crate) max: u16,
}

static ALL: [Text; 5] = [
    Text {
        member: "Name",
        name: "name",
        label: "settings-portal-name",
        help: "settings-portal-name-help",
        max: 64,
    },
    Text {
        member: "AccentColor",
        name: "color",
        label: "settings-portal-color",
        help: "settings-portal-color-help",
        max: 7,
    },
    Text {
        member: "AccentColorDark",
        name: "color-dark",
        label: "settings-portal-dark",
        help: "settings-portal-dark-help",
        max: 7,
    },
    Text {
        member: "HelpText",
        name: "help",
        label: "settings-portal-help",
        help: "settings-portal-help-help",
        max: 200,
    },
    Text {
        member: "HelpLink",
        name: "help-link",
        label: "settings-portal-help-link",
        help: "settings-portal-help-link-help",
        max: 512,
    },
];

/// What is in force.
pub(crate) async fn read(desk: &Desk, admin: &mut Administrator) -> Result<Value, Fault> {
    settings_form::read(desk, admin, GET, "PortalSettings").await
}

/// The same as people read it.
pub(crate) fn facts(language: Language, now: &Value) -> Vec<(&'static str, Fact)> {
    let text = |member: &str| now.get(member).and_then(Value::as_str);
    let mut found: Vec<(&'static str, Fact)> = ALL
        .iter()
        .map(|one| {
            let by_default = || word(language, "settings-portal-default");
            fact(one.member, one.label, text(one.member).map_or_else(by_default, str::to_owned))
        })
        .collect();
    let logo = if text("Logo").is_some() { "settings-portal-logo-own" } else { "settings-portal-logo-none" };
    found.push(fact("Logo", "settings-portal-logo", word(language, logo)));
    found
}

/// A field, as it is in force or as it was filled in.
struct Field {
    text: &'static Text,
    value: String,
}

#[derive(Template)]
#[template(path = "settings_portal.html")]
struct PortalPage {
    frame: Frame,
    shell: Shell,
    said: Said,
    fields: Vec<Field>,
    /// Whether there is a picture in force.
    has_logo: bool,
    /// What is to become of it: `keep`, `none`, `new`.
    choice: String,
    /// A new one, in base64.
    logo: String,
    command: String,
}

impl PortalPage {
    fn chooses(&self, choice: &str) -> bool {
        self.choice == choice
    }
}

/// What was typed.
struct Typed {
    fields: Vec<Field>,
    choice: String,
    logo: String,
}

impl Typed {
    fn of(now: &Value) -> Self {
        let value = |text: &Text| now.get(text.member).and_then(Value::as_str).unwrap_or_default();
        let fields = ALL.iter().map(|text| Field { text, value: value(text).to_owned() });
        Self { fields: fields.collect(), choice: "keep".to_owned(), logo: String::new() }
    }

    fn read(fields: &Fields) -> Self {
        let typed = ALL.iter().map(|text| Field { text, value: fields.text(text.name).to_owned() });
        let logo = fields.text("logo-data").split_whitespace().collect();
        Self { fields: typed.collect(), choice: fields.text("logo").to_owned(), logo }
    }

    /// `kept`: the picture that is in force.
    fn input(&self, desk: &Desk, kept: Option<&Value>) -> Value {
        let given = self.fields.iter().filter(|field| !field.value.is_empty());
        let mut settings: Map<String, Value> =
            given.map(|field| (field.text.member.to_owned(), field.value.clone().into())).collect();
        let logo = match &*self.choice {
            "new" => Some(self.logo.clone().into()),
            "none" => None,
            _ => kept.cloned(),
        };
        if let Some(logo) = logo {
            settings.insert("Logo".to_owned(), logo);
        }
        json!({ "IdentityStoreId": desk.identity_store_id(), "PortalSettings": settings })
    }
}

fn page(
    desk: &Desk,
    admin: &Administrator,
    status: StatusCode,
    (typed, said, now): (Typed, Said, &Value),
) -> Response {
    let has_logo = now.get("Logo").is_some_and(Value::is_string);
    let stand_in = Value::from("BASE64");
    let shown = Typed {
        fields: ALL
            .iter()
            .zip(&typed.fields)
            .map(|(text, field)| Field { text, value: field.value.clone() })
            .collect(),
        choice: typed.choice.clone(),
        logo: "BASE64".to_owned(),
    };
    let page = PortalPage {
        frame: frame(desk, admin),
        shell: Shell::new(desk, admin, Room::Settings),
        said,
        command: command::text(PUT, &shown.input(desk, has_logo.then_some(&stand_in))),
        fields: typed.fields,
        has_logo,
        choice: typed.choice,
        logo: typed.logo,
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
    page(&desk, &admin, StatusCode::OK, (Typed::of(&now), said, &now))
}

/// The form, sent.
pub(crate) async fn put(State(desk): State<Desk>, Sent { mut admin, fields }: Sent) -> Response {
    let typed = Typed::read(&fields);
    let now = match read(&desk, &mut admin).await {
        Ok(now) => now,
        Err(why) => return refused(&desk, &admin, Room::Settings, &why),
    };
    let language = admin.visitor.language;
    if let Some(said) = overtaken(&fields, &now, |now| facts(language, now)) {
        return page(&desk, &admin, StatusCode::CONFLICT, (typed, said, &now));
    }
    let Err(why) = admin.act(&desk, PUT, typed.input(&desk, now.get("Logo"))).await else {
        return go(&desk, SAVED);
    };
    match Outcome::of(&admin, fields.text("seen"), why) {
        Outcome::Done => go(&desk, SAVED),
        Outcome::Again(status, said) => page(&desk, &admin, status, (typed, said, &now)),
        Outcome::Refused(why) => refused(&desk, &admin, Room::Settings, &why),
    }
}
