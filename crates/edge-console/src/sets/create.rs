//! A new permission set: one of those that AWS has ready, or an empty one.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use edge_portal::words::sentence::Sentence;
use http::StatusCode;
use model::fault::Fault;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::asked::Asked;
use crate::command;
use crate::desk::Desk;
use crate::fields::Fields;
use crate::page::{Room, Shell, answer, frame, go, refused};
use crate::sent::Sent;
use crate::sets::predefined::{PREDEFINED, predefined};
use crate::sets::set::{durations, place};
use crate::sets::settings::FIELDS;
use crate::sets::told::Told;

/// How long a session is where nobody says otherwise.
const HOUR: &str = "PT1H";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Made {
    permission_set: MadeSet,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MadeSet {
    permission_set_arn: String,
}

struct Ready {
    path: &'static str,
    name: &'static str,
    text: Sentence,
    is_chosen: bool,
}

#[derive(Template)]
#[template(path = "sets/new.html")]
struct NewPage {
    frame: Frame,
    shell: Shell,
    told: Option<Told>,
    ready: Vec<Ready>,
    is_custom: bool,
    name: String,
    description: String,
    session: String,
    durations: Vec<(String, String)>,
    relay: String,
    commands: Vec<String>,
}

fn input(desk: &Desk, form: &Fields, name: &str) -> Value {
    json!({
        "InstanceArn": desk.instance_arn(), "Name": name, "Description": form.some("description"),
        "SessionDuration": form.some("session"), "RelayState": form.some("relay"),
    })
}

fn attached(desk: &Desk, set: &str, policy: &str) -> Value {
    json!({"InstanceArn": desk.instance_arn(), "PermissionSetArn": set, "ManagedPolicyArn": policy})
}

fn page(desk: &Desk, admin: &Administrator, form: &Fields, told: Option<Told>) -> Response {
    let (language, chosen) = (admin.visitor.language, form.text("ready"));
    let ready = PREDEFINED.iter().map(|(path, text)| Ready {
        path,
        name: policy::managed::name(path),
        text: language.say(text),
        is_chosen: *path == chosen,
    });
    let policy = predefined(chosen);
    let name = form.some("name").or(policy.as_ref().map(|(_, name)| *name)).unwrap_or("NAME");
    let mut commands = vec![command::text(Op("sso-admin", "CreatePermissionSet"), &input(desk, form, name))];
    if let Some((arn, _)) = &policy {
        let attach = Op("sso-admin", "AttachManagedPolicyToPermissionSet");
        commands.push(command::text(attach, &attached(desk, "PERMISSION_SET_ARN", arn)));
    }
    let session = form.some("session").unwrap_or(HOUR).to_owned();
    let status = told.as_ref().map_or(StatusCode::OK, |told| told.status);
    let page = NewPage {
        frame: frame(desk, admin),
        shell: Shell::new(desk, admin, Room::PermissionSets),
        told,
        ready: ready.collect(),
        is_custom: policy.is_none(),
        name: form.text("name").to_owned(),
        description: form.whole("description").to_owned(),
        durations: durations(language, &session),
        session,
        relay: form.text("relay").to_owned(),
        commands,
    };
    answer(desk, admin, status, &page)
}

/// The form.
pub(crate) async fn show(State(desk): State<Desk>, Asked { admin, query }: Asked) -> Response {
    page(&desk, &admin, &query, None)
}

/// Makes it.
pub(crate) async fn create(State(desk): State<Desk>, Sent { mut admin, fields: form }: Sent) -> Response {
    let policy = predefined(form.text("ready"));
    let name = form.some("name").or(policy.as_ref().map(|(_, name)| *name));
    let Some(name) = name.map(str::to_owned) else {
        let text = admin.visitor.language.say("sets-name-missing");
        return page(&desk, &admin, &form, Some(Told::at_field("name", &text)));
    };
    let op = Op("sso-admin", "CreatePermissionSet");
    let made: Result<Made, Fault> = admin.call(&desk, op, input(&desk, &form, &name)).await;
    let arn = match made {
        Ok(made) => made.permission_set.permission_set_arn,
        Err(why) => {
            let told = Told::of(&admin, &why, &FIELDS);
            return page(&desk, &admin, &form, Some(told));
        }
    };
    if let Some((policy, _)) = policy {
        let op = Op("sso-admin", "AttachManagedPolicyToPermissionSet");
        // The set is there now; that its policy is not must be said.
        if let Err(why) = admin.act(&desk, op, attached(&desk, &arn, &policy)).await {
            return refused(&desk, &admin, Room::PermissionSets, &why);
        }
    }
    go(&desk, &format!("{}?done=created", place(&arn)))
}
