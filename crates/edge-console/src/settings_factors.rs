//! What is asked of people beside passwords.

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
use crate::page::{Room, Shell, answer, frame, go, refused};
use crate::sent::Sent;
use crate::settings_form::{Fact, Outcome, SAVED, Said, fact, locks_out, overtaken, word, yes_or_no};
use crate::{command, seen, settings_form};

const GET: Op = Op("portico", "GetMfaDeviceManagementForDirectory");
const PUT: Op = Op("portico", "PutMfaDeviceManagementForDirectory");

/// A choice: the API's word, what it is called, what it means.
pub(crate) struct Choice {
    pub(crate) value: &'static str,
    pub(crate) name: &'static str,
    pub(crate) help: &'static str,
}

const PROMPTS: [Choice; 3] = [
    Choice { value: "CONTEXT_AWARE", name: "settings-prompt-context", help: "settings-prompt-context-help" },
    Choice { value: "ALWAYS_ON", name: "settings-prompt-always", help: "settings-prompt-always-help" },
    Choice { value: "DISABLED", name: "settings-prompt-never", help: "settings-prompt-never-help" },
];

const WITHOUT: [Choice; 4] = [
    Choice { value: "REGISTER", name: "settings-without-register", help: "settings-without-register-help" },
    Choice { value: "EMAIL_OTP", name: "settings-without-mail", help: "settings-without-mail-help" },
    Choice { value: "BLOCK", name: "settings-without-block", help: "settings-without-block-help" },
    Choice { value: "ALLOW", name: "settings-without-allow", help: "settings-without-allow-help" },
];

const KINDS: [Choice; 2] = [
    Choice { value: "WEBAUTHN", name: "settings-kind-passkey", help: "settings-kind-passkey-help" },
    Choice { value: "TOTP", name: "settings-kind-app", help: "settings-kind-app-help" },
];

/// What is in force.
pub(crate) async fn read(desk: &Desk, admin: &mut Administrator) -> Result<Value, Fault> {
    settings_form::read(desk, admin, GET, "MfaDeviceManagement").await
}

/// The same as people read it.
pub(crate) fn facts(language: Language, now: &Value) -> Vec<(&'static str, Fact)> {
    let text = |member: &str| now.get(member).and_then(Value::as_str).unwrap_or_default();
    let chosen = |choices: &[Choice], value: &str| {
        choices
            .iter()
            .find(|choice| choice.value == value)
            .map_or_else(|| value.to_owned(), |choice| word(language, choice.name))
    };
    let kinds = now.get("AllowedMfaTypes").and_then(Value::as_array);
    let kinds: Vec<String> =
        kinds.into_iter().flatten().filter_map(Value::as_str).map(|kind| chosen(&KINDS, kind)).collect();
    let kinds = if kinds.is_empty() { word(language, "settings-kind-none") } else { kinds.join(", ") };
    vec![
        fact("PromptMode", "settings-prompt", chosen(&PROMPTS, text("PromptMode"))),
        fact("AllowedMfaTypes", "settings-kinds", kinds),
        fact("WithoutDevice", "settings-without", chosen(&WITHOUT, text("WithoutDevice"))),
        fact("PeopleManageDevices", "settings-manage", yes_or_no(language, now.get("PeopleManageDevices"))),
        fact("PasskeysAlone", "settings-alone", yes_or_no(language, now.get("PasskeysAlone"))),
    ]
}

/// The form, as it is in force or as it was filled in.
#[derive(Default)]
struct Form {
    prompt: String,
    kinds: Vec<String>,
    without: String,
    manage: bool,
    alone: bool,
    force: bool,
}

impl Form {
    fn of(now: &Value) -> Self {
        let text = |member: &str| now.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
        let is = |member: &str| now.get(member).and_then(Value::as_bool).unwrap_or_default();
        let kinds = now.get("AllowedMfaTypes").and_then(Value::as_array).into_iter().flatten();
        Self {
            prompt: text("PromptMode"),
            kinds: kinds.filter_map(Value::as_str).map(str::to_owned).collect(),
            without: text("WithoutDevice"),
            manage: is("PeopleManageDevices"),
            alone: is("PasskeysAlone"),
            force: false,
        }
    }

    fn typed(fields: &Fields) -> Self {
        Self {
            prompt: fields.text("prompt").to_owned(),
            kinds: fields.all("kind").map(str::to_owned).collect(),
            without: fields.text("without").to_owned(),
            manage: fields.is_ticked("manage"),
            alone: fields.is_ticked("alone"),
            force: fields.is_ticked("force"),
        }
    }

    fn input(&self, desk: &Desk) -> Value {
        json!({
            "IdentityStoreId": desk.identity_store_id(),
            "MfaDeviceManagement": {
                "PromptMode": self.prompt, "AllowedMfaTypes": self.kinds, "WithoutDevice": self.without,
                "PeopleManageDevices": self.manage, "PasskeysAlone": self.alone,
            },
            "Force": self.force.then_some(true),
        })
    }
}

#[derive(Template)]
#[template(path = "settings_factors.html")]
struct FactorsPage {
    frame: Frame,
    shell: Shell,
    said: Said,
    form: Form,
    /// Whether it was refused because nobody could come in any more: then it may be forced.
    locked_out: bool,
    mails: bool,
    command: String,
}

impl FactorsPage {
    const PROMPTS: [Choice; 3] = PROMPTS;
    const WITHOUT: [Choice; 4] = WITHOUT;
    const KINDS: [Choice; 2] = KINDS;

    fn prompts(&self, choice: &Choice) -> bool {
        self.form.prompt == choice.value
    }

    fn leaves(&self, choice: &Choice) -> bool {
        self.form.without == choice.value
    }

    fn takes(&self, choice: &Choice) -> bool {
        self.form.kinds.iter().any(|kind| kind == choice.value)
    }
}

fn page(
    desk: &Desk,
    admin: &Administrator,
    status: StatusCode,
    (form, said, locked_out): (Form, Said, bool),
) -> Response {
    let page = FactorsPage {
        frame: frame(desk, admin),
        shell: Shell::new(desk, admin, Room::Settings),
        command: command::text(PUT, &form.input(desk)),
        said,
        form,
        locked_out,
        mails: desk.portal.signin.mails,
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
    page(&desk, &admin, StatusCode::OK, (Form::of(&now), said, false))
}

/// The form, sent.
pub(crate) async fn put(State(desk): State<Desk>, Sent { mut admin, fields }: Sent) -> Response {
    let form = Form::typed(&fields);
    let now = match read(&desk, &mut admin).await {
        Ok(now) => now,
        Err(why) => return refused(&desk, &admin, Room::Settings, &why),
    };
    let language = admin.visitor.language;
    if let Some(said) = overtaken(&fields, &now, |now| facts(language, now)) {
        return page(&desk, &admin, StatusCode::CONFLICT, (form, said, false));
    }
    let Err(why) = admin.act(&desk, PUT, form.input(&desk)).await else { return go(&desk, SAVED) };
    let locked_out = locks_out(&why);
    match Outcome::of(&admin, fields.text("seen"), why) {
        Outcome::Done => go(&desk, SAVED),
        Outcome::Again(status, said) => page(&desk, &admin, status, (form, said, locked_out)),
        Outcome::Refused(why) => refused(&desk, &admin, Room::Settings, &why),
    }
}
