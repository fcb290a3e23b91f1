//! Description, session duration and relay state of a permission set. Its name never changes.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use http::StatusCode;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::asked::Asked;
use crate::desk::Desk;
use crate::fields::Fields;
use crate::page::{Room, Shell, answer, frame, go, refused};
use crate::seen;
use crate::sent::Sent;
use crate::sets::set::{Set, Tab, durations};
use crate::sets::told::Told;

/// The fields of the forms of a permission set, and how refusals name them.
pub(crate) const FIELDS: [(&str, &str); 5] = [
    ("description", "description"),
    ("session", "sessionDuration"),
    ("relay", "relayState"),
    ("name", "'name'"),
    ("name", "PermissionSet with name"),
];

#[derive(Template)]
#[template(path = "sets/edit.html")]
struct EditPage {
    frame: Frame,
    shell: Shell,
    set: Set,
    told: Option<Told>,
    seen: String,
    /// What somebody else made of it since the form was opened: what it is called, what is there now.
    meanwhile: Vec<(&'static str, String)>,
    description: String,
    session: String,
    durations: Vec<(String, String)>,
    relay: String,
    command: String,
}

fn input(form: &Fields) -> Value {
    json!({
        "Description": form.some("description"), "SessionDuration": form.some("session"), "RelayState": form.some("relay"),
    })
}

fn facts(set: &Set) -> Value {
    let it = &set.it;
    json!({"Description": it.description, "SessionDuration": it.session_duration, "RelayState": it.relay_state})
}

fn page(desk: &Desk, admin: &Administrator, set: Set, form: &Fields, told: Option<Told>) -> Response {
    let facts = facts(&set);
    let changed = if form.has("seen") { seen::changed(form.text("seen"), &facts) } else { Vec::new() };
    let meanwhile = [
        ("Description", "sets-description", set.it.description.clone()),
        ("SessionDuration", "sets-session", set.session(admin.visitor.language)),
        ("RelayState", "sets-relay", set.it.relay_state.clone()),
    ];
    let is_changed = |member: &str| changed.iter().any(|name| name == member);
    let meanwhile = meanwhile.into_iter().filter(|(member, ..)| is_changed(member));
    let session = form.some("session").unwrap_or(&set.it.session_duration).to_owned();
    let status = told.as_ref().map_or(StatusCode::OK, |told| told.status);
    let page = EditPage {
        frame: frame(desk, admin),
        shell: Shell::new(desk, admin, Room::PermissionSets),
        told,
        seen: seen::mark(&facts),
        meanwhile: meanwhile.map(|(_, label, now)| (label, now)).collect(),
        description: form.whole("description").to_owned(),
        durations: durations(admin.visitor.language, &session),
        session,
        relay: form.text("relay").to_owned(),
        command: set.command("UpdatePermissionSet", input(form)),
        set,
    };
    answer(desk, admin, status, &page)
}

/// The form.
pub(crate) async fn show(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Asked { mut admin, query: _ }: Asked,
) -> Response {
    match Set::of(&desk, &mut admin, &id, Tab::Overview).await {
        Ok(set) => {
            let it = &set.it;
            let now = Fields::of([
                ("description", it.description.as_str()),
                ("session", it.session_duration.as_str()),
                ("relay", it.relay_state.as_str()),
            ]);
            page(&desk, &admin, set, &now, None)
        }
        Err(why) => refused(&desk, &admin, Room::PermissionSets, &why),
    }
}

/// Changes it.
pub(crate) async fn save(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Sent { mut admin, fields: form }: Sent,
) -> Response {
    let set = match Set::of(&desk, &mut admin, &id, Tab::Overview).await {
        Ok(set) => set,
        Err(why) => return refused(&desk, &admin, Room::PermissionSets, &why),
    };
    if !seen::changed(form.text("seen"), &facts(&set)).is_empty() {
        let text = admin.visitor.language.say("sets-changed-meanwhile");
        return page(&desk, &admin, set, &form, Some(Told::whole(StatusCode::CONFLICT, text)));
    }
    // AWS keeps a description that is left out: there is no call that empties it.
    if form.some("description").is_none() && !set.it.description.is_empty() {
        let text = admin.visitor.language.say("sets-description-stays");
        return page(&desk, &admin, set, &form, Some(Told::at_field("description", &text)));
    }
    match admin.act(&desk, Op("sso-admin", "UpdatePermissionSet"), set.with(input(&form))).await {
        Ok(()) => go(&desk, &set.below("?done=saved")),
        Err(why) => {
            let told = Told::of(&admin, &why, &FIELDS);
            page(&desk, &admin, set, &form, Some(told))
        }
    }
}
