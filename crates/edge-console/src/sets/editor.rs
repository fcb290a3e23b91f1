//! The inline policy as text: checked, said in words, saved, taken away.

use askama::Template;
use axum::extract::{Path, State};
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
use crate::desk::Desk;
use crate::page::{Room, Shell, answer, frame, go, refused};
use crate::seen;
use crate::sent::Sent;
use crate::sets::set::{Set, Tab};
use crate::sets::source::{Examined, examine, spread, typed};
use crate::sets::told::Told;

/// What an empty editor begins with.
const BEGINNING: &str = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\n      \"Effect\": \"Allow\",\n      \"Action\": [\n        \"s3:ListAllMyBuckets\"\n      ],\n      \"Resource\": \"*\"\n    }\n  ]\n}\n";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Inline {
    #[serde(default)]
    inline_policy: String,
}

/// The inline policy of a set; empty where there is none.
pub(crate) async fn inline(desk: &Desk, admin: &mut Administrator, set: &Set) -> Result<String, Fault> {
    let op = Op("sso-admin", "GetInlinePolicyForPermissionSet");
    let found: Inline = admin.call(desk, op, set.with(json!({}))).await?;
    Ok(found.inline_policy)
}

#[derive(Template)]
#[template(path = "sets/inline.html")]
struct InlinePage {
    frame: Frame,
    shell: Shell,
    set: Set,
    told: Option<Told>,
    language: Language,
    seen: String,
    policy: String,
    examined: Examined,
    /// Whether the page answers the button that checks.
    checked: bool,
    exists: bool,
    /// What somebody else saved since the form was opened.
    meanwhile: Option<String>,
    command: String,
}

/// What is shown beside the text itself.
#[derive(Default)]
struct Beside {
    told: Option<Told>,
    checked: bool,
    meanwhile: Option<String>,
    status: StatusCode,
}

fn facts(now: &str) -> Value {
    json!({"InlinePolicy": now})
}

fn page(
    desk: &Desk,
    admin: &Administrator,
    set: Set,
    (now, policy): (&str, String),
    beside: Beside,
) -> Response {
    let language = admin.visitor.language;
    let page = InlinePage {
        frame: frame(desk, admin),
        shell: Shell::new(desk, admin, Room::PermissionSets),
        told: beside.told,
        language,
        seen: seen::mark(&facts(now)),
        examined: examine(language, &policy),
        checked: beside.checked,
        exists: !now.is_empty(),
        meanwhile: beside.meanwhile,
        command: set.command("PutInlinePolicyToPermissionSet", json!({"InlinePolicy": policy})),
        policy,
        set,
    };
    answer(desk, admin, beside.status, &page)
}

/// The editor.
pub(crate) async fn show(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Asked { mut admin, query }: Asked,
) -> Response {
    match found(&desk, &mut admin, &id).await {
        Ok((set, now)) => {
            let text = if now.is_empty() { BEGINNING.to_owned() } else { spread(&now) };
            let language = admin.visitor.language;
            let shell = Shell::new(&desk, &admin, Room::PermissionSets).after(&admin, &query);
            let page = InlinePage {
                frame: frame(&desk, &admin),
                shell,
                told: None,
                language,
                seen: seen::mark(&facts(&now)),
                examined: examine(language, &text),
                checked: false,
                exists: !now.is_empty(),
                meanwhile: None,
                command: set.command("PutInlinePolicyToPermissionSet", json!({"InlinePolicy": text})),
                policy: text,
                set,
            };
            answer(&desk, &admin, StatusCode::OK, &page)
        }
        Err(why) => refused(&desk, &admin, Room::PermissionSets, &why),
    }
}

async fn found(desk: &Desk, admin: &mut Administrator, id: &str) -> Result<(Set, String), Fault> {
    let set = Set::of(desk, admin, id, Tab::Inline).await?;
    let now = inline(desk, admin, &set).await?;
    Ok((set, now))
}

/// Checks, saves or takes away, by the button that was pressed.
pub(crate) async fn save(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Sent { mut admin, fields: form }: Sent,
) -> Response {
    let (set, now) = match found(&desk, &mut admin, &id).await {
        Ok(found) => found,
        Err(why) => return refused(&desk, &admin, Room::PermissionSets, &why),
    };
    let (language, policy) = (admin.visitor.language, typed(form.whole("policy")));
    if form.text("act") == "check" {
        let beside = Beside { checked: true, ..Beside::default() };
        return page(&desk, &admin, set, (&now, policy), beside);
    }
    if !seen::changed(form.text("seen"), &facts(&now)).is_empty() {
        let told = Told::whole(StatusCode::CONFLICT, language.say("sets-inline-meanwhile"));
        let meanwhile = Some(spread(&now));
        let beside = Beside { told: Some(told), meanwhile, status: StatusCode::CONFLICT, checked: false };
        return page(&desk, &admin, set, (&now, policy), beside);
    }
    let (op, input, done) = if form.text("act") == "remove" {
        (Op("sso-admin", "DeleteInlinePolicyFromPermissionSet"), set.with(json!({})), "deleted")
    } else {
        (
            Op("sso-admin", "PutInlinePolicyToPermissionSet"),
            set.with(json!({"InlinePolicy": policy})),
            "saved",
        )
    };
    match admin.act(&desk, op, input).await {
        Ok(()) => go(&desk, &set.below(&format!("/inline?done={done}"))),
        Err(why) => {
            let told = Told::of(&admin, &why, &[]);
            let status = told.status;
            // What is wrong with the text is said with its place, below.
            let is_said = examine(language, &policy).fault.is_some();
            let told = (!is_said).then_some(told);
            page(&desk, &admin, set, (&now, policy), Beside { told, status, checked: true, meanwhile: None })
        }
    }
}
