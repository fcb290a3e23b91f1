//! A person's profile as a form. What somebody else changed since it was opened is said, and nothing of it is overwritten unseen.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use http::StatusCode;
use model::fault::{ConflictReason, Fault, FaultKind};
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::asked::Asked;
use crate::command;
use crate::desk::Desk;
use crate::field::{Field, Trouble};
use crate::fields::Fields;
use crate::owner;
use crate::page::{Room, Shell, answer, frame, go, refused};
use crate::people::person::{Person, Tab};
use crate::people::profile::{self, Shown};
use crate::sent::Sent;
use crate::thing::{Kind, Thing};

#[derive(Template)]
#[template(path = "people/edit.html")]
struct EditPage {
    frame: Frame,
    shell: Shell,
    person: Person,
    trouble: Option<Trouble>,
    changed: bool,
    sections: Vec<Shown>,
    command: String,
}

/// What is said about the form.
#[derive(Default)]
struct Said {
    trouble: Option<Trouble>,
    changed: bool,
    status: StatusCode,
}

/// The form.
pub(crate) async fn show(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Asked { mut admin, query: _ }: Asked,
) -> Response {
    match owner::leads_away(&desk, &mut admin, &Thing::new(Kind::User, &id)).await {
        Ok(Some(away)) => return away,
        Ok(None) => {}
        Err(why) => return refused(&desk, &admin, Room::People, &why),
    }
    match Person::of(&desk, &mut admin, &id, Tab::Overview).await {
        Ok(person) => {
            let fields = profile::of_user(admin.visitor.language, &person.user);
            page(&desk, &admin, person, fields, Said::default())
        }
        Err(why) => refused(&desk, &admin, Room::People, &why),
    }
}

/// Changes what was changed in the form.
pub(crate) async fn save(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Sent { mut admin, fields: form }: Sent,
) -> Response {
    let person = match Person::of(&desk, &mut admin, &id, Tab::Overview).await {
        Ok(person) => person,
        Err(why) => return refused(&desk, &admin, Room::People, &why),
    };
    let (fields, changed) = profile::against(admin.visitor.language, &form, &person.user);
    if changed {
        let said = Said { changed, status: StatusCode::CONFLICT, ..Said::default() };
        return page(&desk, &admin, person, fields, said);
    }
    let operations = profile::operations(&person.user, &form);
    let saved = format!("{}?done=saved", person.at(Tab::Overview));
    if operations.is_empty() {
        return go(&desk, &saved);
    }
    let input = input(&desk, &person, &operations);
    match admin.act(&desk, Op("identitystore", "UpdateUser"), input).await {
        Ok(()) => go(&desk, &saved),
        Err(why) => again(&desk, admin, person, &form, &why).await,
    }
}

fn input(desk: &Desk, person: &Person, operations: &[Value]) -> Value {
    json!({
        "IdentityStoreId": desk.identity_store_id(), "UserId": person.id(), "Operations": operations,
        "Revision": person.revision(),
    })
}

/// The form again. Somebody may have been faster by a moment: then it shows what they did.
async fn again(
    desk: &Desk,
    mut admin: Administrator,
    person: Person,
    form: &Fields,
    why: &Fault,
) -> Response {
    let was_late = *why.kind() == FaultKind::Conflict(ConflictReason::ConcurrentModification);
    let person = match Person::of(desk, &mut admin, person.id(), Tab::Overview).await {
        Ok(newest) if was_late => newest,
        _ => person,
    };
    let (mut fields, changed) = profile::against(admin.visitor.language, form, &person.user);
    let trouble = Trouble::beside(&admin, why, &profile::specs(), &mut fields).filter(|_| !changed);
    page(desk, &admin, person, fields, Said { trouble, changed, status: Trouble::status(why) })
}

fn page(desk: &Desk, admin: &Administrator, person: Person, fields: Vec<Field>, said: Said) -> Response {
    let typed = fields.iter().any(|field| field.was.as_deref() != Some(field.value.as_str()));
    let example = vec![json!({"AttributePath": "title", "AttributeValue": "TITLE"})];
    let operations = if typed { profile::operations_of(&person.user, &fields) } else { example };
    let page = EditPage {
        frame: frame(desk, admin),
        shell: Shell::new(desk, admin, Room::People),
        command: command::text(Op("identitystore", "UpdateUser"), &input(desk, &person, &operations)),
        person,
        trouble: said.trouble,
        changed: said.changed,
        sections: profile::shown(fields),
    };
    answer(desk, admin, said.status, &page)
}
