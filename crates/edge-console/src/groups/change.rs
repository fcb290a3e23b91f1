//! A new group, and what a group is called. What somebody else changed since the form was opened is said, and nothing of it is overwritten unseen.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use http::StatusCode;
use model::fault::{ConflictReason, Fault, FaultKind};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::asked::Asked;
use crate::command;
use crate::desk::Desk;
use crate::field::{Field, Spec, Trouble};
use crate::fields::Fields;
use crate::groups::group::{Group, Tab, place};
use crate::owner;
use crate::page::{Room, Shell, answer, frame, go, refused};
use crate::sent::Sent;
use crate::thing::{Kind, Thing};

const NAME: Spec =
    Spec { name: "display_name", label: "console-name", named: "displayname", required: true, kind: "text" };
const DESCRIPTION: Spec = Spec {
    name: "description",
    label: "groups-description",
    named: "description",
    required: false,
    kind: "text",
};

#[derive(Template)]
#[template(path = "groups/change.html")]
struct FormPage {
    frame: Frame,
    shell: Shell,
    /// Which is changed; a new one without.
    group: Option<Group>,
    trouble: Option<Trouble>,
    changed: bool,
    fields: Vec<Field>,
    command: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Created {
    group_id: String,
}

/// What is said about the form.
#[derive(Default)]
struct Said {
    why: Option<Fault>,
    changed: bool,
}

/// The form of a new group.
pub(crate) async fn ask(State(desk): State<Desk>, Asked { admin, query: _ }: Asked) -> Response {
    let language = admin.visitor.language;
    let fields = vec![Field::new(language, &NAME, ""), Field::new(language, &DESCRIPTION, "")];
    page(&desk, &admin, None, fields, &Said::default())
}

/// Makes it.
pub(crate) async fn create(State(desk): State<Desk>, Sent { mut admin, fields }: Sent) -> Response {
    let language = admin.visitor.language;
    let input = new_group(&desk, fields.text("display_name"), fields.text("description"));
    let created: Result<Created, Fault> = admin.call(&desk, Op("identitystore", "CreateGroup"), input).await;
    match created {
        Ok(created) => go(&desk, &format!("{}?done=created", place(&created.group_id, ""))),
        Err(why) => {
            let typed = [NAME, DESCRIPTION].map(|spec| Field::new(language, &spec, fields.text(spec.name)));
            page(&desk, &admin, None, typed.into(), &Said { why: Some(why), changed: false })
        }
    }
}

fn new_group(desk: &Desk, name: &str, description: &str) -> Value {
    let description = Some(description).filter(|text| !text.is_empty());
    json!({"IdentityStoreId": desk.identity_store_id(), "DisplayName": name, "Description": description})
}

/// The form of a group that is there.
pub(crate) async fn show(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Asked { mut admin, query: _ }: Asked,
) -> Response {
    match owner::leads_away(&desk, &mut admin, &Thing::new(Kind::Group, &id)).await {
        Ok(Some(away)) => return away,
        Ok(None) => {}
        Err(why) => return refused(&desk, &admin, Room::Groups, &why),
    }
    let group = match Group::of(&desk, &mut admin, &id, Tab::Members).await {
        Ok(group) => group,
        Err(why) => return refused(&desk, &admin, Room::Groups, &why),
    };
    let language = admin.visitor.language;
    let field =
        |spec: &Spec, text: &str| Field { was: Some(text.to_owned()), ..Field::new(language, spec, text) };
    let fields = vec![field(&NAME, group.name()), field(&DESCRIPTION, group.description())];
    page(&desk, &admin, Some(group), fields, &Said::default())
}

/// Changes what was changed in the form.
pub(crate) async fn save(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Sent { mut admin, fields: form }: Sent,
) -> Response {
    let group = match Group::of(&desk, &mut admin, &id, Tab::Members).await {
        Ok(group) => group,
        Err(why) => return refused(&desk, &admin, Room::Groups, &why),
    };
    let (fields, changed) = against(&admin, &form, &group);
    if changed {
        return page(&desk, &admin, Some(group), fields, &Said { why: None, changed });
    }
    let saved = format!("{}?done=saved", group.below(""));
    let operations = operations(&group, &fields);
    if operations.is_empty() {
        return go(&desk, &saved);
    }
    let input = update(&desk, &group, &operations);
    match admin.act(&desk, Op("identitystore", "UpdateGroup"), input).await {
        Ok(()) => go(&desk, &saved),
        Err(why) => again(&desk, admin, group, &form, why).await,
    }
}

/// The form again. Somebody may have been faster by a moment: then it shows what they did.
async fn again(desk: &Desk, mut admin: Administrator, group: Group, form: &Fields, why: Fault) -> Response {
    let was_late = *why.kind() == FaultKind::Conflict(ConflictReason::ConcurrentModification);
    let group = match Group::of(desk, &mut admin, group.id(), Tab::Members).await {
        Ok(newest) if was_late => newest,
        _ => group,
    };
    let (fields, changed) = against(&admin, form, &group);
    page(desk, &admin, Some(group), fields, &Said { why: Some(why).filter(|_| !changed), changed })
}

/// The fields with what was typed, each saying what became of it meanwhile; and whether anything did.
fn against(admin: &Administrator, form: &Fields, group: &Group) -> (Vec<Field>, bool) {
    let language = admin.visitor.language;
    let now = [(NAME, group.name()), (DESCRIPTION, group.description())];
    let fields =
        now.map(|(spec, now)| Field::new(language, &spec, form.text(spec.name)).against(language, form, now));
    let changed = fields.iter().any(|field| field.meanwhile.is_some());
    (fields.into(), changed)
}

fn operations(group: &Group, fields: &[Field]) -> Vec<Value> {
    let now =
        [("displayName", "display_name", group.name()), ("description", "description", group.description())];
    let changed = now.into_iter().filter_map(|(path, name, now)| {
        let typed = fields.iter().find(|field| field.name == name)?.value.as_str();
        let value = if typed.is_empty() { Value::Null } else { Value::from(typed) };
        (typed != now.trim()).then(|| json!({"AttributePath": path, "AttributeValue": value}))
    });
    changed.collect()
}

fn update(desk: &Desk, group: &Group, operations: &[Value]) -> Value {
    json!({
        "IdentityStoreId": desk.identity_store_id(), "GroupId": group.id(), "Operations": operations,
        "Revision": group.revision(),
    })
}

fn page(
    desk: &Desk,
    admin: &Administrator,
    group: Option<Group>,
    mut fields: Vec<Field>,
    said: &Said,
) -> Response {
    let or = |text: &str, placeholder: &str| {
        if text.is_empty() { placeholder.to_owned() } else { text.to_owned() }
    };
    let command = if let Some(group) = &group {
        let example = || vec![json!({"AttributePath": "description", "AttributeValue": "DESCRIPTION"})];
        let wanted = Some(operations(group, &fields)).filter(|wanted| !wanted.is_empty());
        let input = update(desk, group, &wanted.unwrap_or_else(example));
        command::text(Op("identitystore", "UpdateGroup"), &input)
    } else {
        let typed = |at: usize| fields.get(at).map_or("", |field| field.value.as_str());
        let input = new_group(desk, &or(typed(0), "NAME"), &or(typed(1), "DESCRIPTION"));
        command::text(Op("identitystore", "CreateGroup"), &input)
    };
    let trouble =
        said.why.as_ref().and_then(|why| Trouble::beside(admin, why, &[NAME, DESCRIPTION], &mut fields));
    let status = match (&said.why, said.changed) {
        (Some(why), _) => Trouble::status(why),
        (None, true) => StatusCode::CONFLICT,
        (None, false) => StatusCode::OK,
    };
    let page = FormPage {
        frame: frame(desk, admin),
        shell: Shell::new(desk, admin, Room::Groups),
        group,
        trouble,
        changed: said.changed,
        fields,
        command,
    };
    answer(desk, admin, status, &page)
}
