//! Organizational units: new ones, other names, and their end.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use edge_portal::words::sentence::Sentence;
use http::StatusCode;
use model::fault::Fault;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::asked::Asked;
use crate::desk::Desk;
use crate::fields::Fields;
use crate::page::{Room, Shell, answer, encoded, frame, go, refused};
use crate::sent::Sent;
use crate::unit::{self, Accounts, Unit, Units};
use crate::{command, seen};

const CREATE: Op = Op("organizations", "CreateOrganizationalUnit");
const UPDATE: Op = Op("organizations", "UpdateOrganizationalUnit");
const DELETE: Op = Op("organizations", "DeleteOrganizationalUnit");

/// The form of a name: of a new unit in `parent`, or of one that is there.
#[derive(Template)]
#[template(path = "accounts_unit.html")]
struct UnitPage {
    frame: Frame,
    shell: Shell,
    /// The unit that is renamed.
    unit: Option<Unit>,
    /// In which one a new one comes to be.
    parent: Unit,
    name: String,
    seen: String,
    fault: Option<String>,
    command: String,
}

fn or<'t>(typed: &'t str, place: &'t str) -> &'t str {
    if typed.is_empty() { place } else { typed }
}

fn shown(unit: &Unit) -> Value {
    json!({"Name": unit.name})
}

/// `GET /console/accounts/units/new?parent=`
pub(crate) async fn new(State(desk): State<Desk>, Asked { admin, query }: Asked) -> Response {
    new_page(&desk, admin, &query, None).await
}

async fn new_page(desk: &Desk, mut admin: Administrator, fields: &Fields, fault: Option<String>) -> Response {
    let parent = match unit::find(desk, &mut admin, fields.text("parent")).await {
        Ok(parent) => parent,
        Err(why) => return refused(desk, &admin, Room::Accounts, &why),
    };
    let name = fields.text("name");
    let status = if fault.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let page = UnitPage {
        frame: frame(desk, &admin),
        shell: Shell::new(desk, &admin, Room::Accounts),
        unit: None,
        name: name.to_owned(),
        seen: String::new(),
        fault,
        command: command::text(CREATE, &json!({"ParentId": parent.id, "Name": or(name, "NAME")})),
        parent,
    };
    answer(desk, &admin, status, &page)
}

/// Makes one.
pub(crate) async fn create(State(desk): State<Desk>, Sent { mut admin, fields }: Sent) -> Response {
    let input = json!({"ParentId": fields.text("parent"), "Name": fields.text("name")});
    let made: Result<Value, Fault> = admin.call(&desk, CREATE, input).await;
    match made {
        Ok(made) => {
            let id = made.pointer("/OrganizationalUnit/Id").and_then(Value::as_str).unwrap_or_default();
            go(&desk, &format!("/console/accounts?unit={}&done=created", encoded(id)))
        }
        Err(why) => {
            let fault = admin.visitor.language.told(&why);
            new_page(&desk, admin, &fields, Some(fault)).await
        }
    }
}

/// `GET /console/accounts/units/{id}`
pub(crate) async fn edit(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Asked { admin, .. }: Asked,
) -> Response {
    edit_page(&desk, admin, &id, None).await
}

/// The form, with what was typed and what is wrong with it.
async fn edit_page(
    desk: &Desk,
    mut admin: Administrator,
    id: &str,
    wrong: Option<(StatusCode, String, String)>,
) -> Response {
    let unit = match unit::find(desk, &mut admin, id).await {
        Ok(unit) => unit,
        Err(why) => return refused(desk, &admin, Room::Accounts, &why),
    };
    let (status, name, fault) = match wrong {
        Some((status, name, fault)) => (status, name, Some(fault)),
        None => (StatusCode::OK, unit.name.clone(), None),
    };
    let input = json!({"OrganizationalUnitId": unit.id, "Name": or(&name, "NAME")});
    let page = UnitPage {
        frame: frame(desk, &admin),
        shell: Shell::new(desk, &admin, Room::Accounts),
        seen: seen::mark(&shown(&unit)),
        parent: unit.clone(),
        unit: Some(unit),
        name,
        fault,
        command: command::text(UPDATE, &input),
    };
    answer(desk, &admin, status, &page)
}

/// Gives it another name, unless somebody else has meanwhile.
pub(crate) async fn rename(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Sent { mut admin, fields }: Sent,
) -> Response {
    let typed = fields.text("name").to_owned();
    let unit = match unit::find(&desk, &mut admin, &id).await {
        Ok(unit) => unit,
        Err(why) => return refused(&desk, &admin, Room::Accounts, &why),
    };
    if !seen::changed(fields.text("seen"), &shown(&unit)).is_empty() {
        let said = admin.visitor.language.say("accounts-unit-changed").with("name", &unit.name);
        return edit_page(&desk, admin, &id, Some((StatusCode::CONFLICT, typed, said.to_string()))).await;
    }
    match admin.act(&desk, UPDATE, json!({"OrganizationalUnitId": id, "Name": typed})).await {
        Ok(()) => go(&desk, &format!("/console/accounts?unit={}&done=saved", encoded(&id))),
        Err(why) => {
            let fault = admin.visitor.language.told(&why);
            edit_page(&desk, admin, &id, Some((StatusCode::BAD_REQUEST, typed, fault))).await
        }
    }
}

#[derive(Template)]
#[template(path = "accounts_unit_delete.html")]
struct DeletePage {
    frame: Frame,
    shell: Shell,
    unit: Unit,
    /// What must be moved away first.
    units: Units,
    accounts: Accounts,
    typed: String,
    fault: Option<Sentence>,
    refusal: Option<String>,
    command: String,
}

impl DeletePage {
    fn is_empty(&self) -> bool {
        self.units.organizational_units.is_empty() && self.accounts.accounts.is_empty()
    }
}

/// `GET /console/accounts/units/{id}/delete`
pub(crate) async fn ask_delete(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Asked { admin, .. }: Asked,
) -> Response {
    delete_page(&desk, admin, (&id, ""), (None, None)).await
}

async fn delete_page(
    desk: &Desk,
    mut admin: Administrator,
    (id, typed): (&str, &str),
    (fault, refusal): (Option<Sentence>, Option<String>),
) -> Response {
    let there = async {
        let unit = unit::find(desk, &mut admin, id).await?;
        let units = unit::units_in(desk, &mut admin, (id, None)).await?;
        let accounts = unit::accounts_in(desk, &mut admin, (id, None)).await?;
        Ok::<_, Fault>((unit, units, accounts))
    };
    let (unit, units, accounts) = match there.await {
        Ok(there) => there,
        Err(why) => return refused(desk, &admin, Room::Accounts, &why),
    };
    let is_wrong = fault.is_some() || refusal.is_some();
    let page = DeletePage {
        frame: frame(desk, &admin),
        shell: Shell::new(desk, &admin, Room::Accounts),
        command: command::text(DELETE, &json!({"OrganizationalUnitId": unit.id})),
        unit,
        units,
        accounts,
        typed: typed.to_owned(),
        fault,
        refusal,
    };
    answer(desk, &admin, if is_wrong { StatusCode::BAD_REQUEST } else { StatusCode::OK }, &page)
}

/// Deletes it, once its name was typed.
pub(crate) async fn delete(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Sent { mut admin, fields }: Sent,
) -> Response {
    let typed = fields.text("confirmed").to_owned();
    let unit = match unit::find(&desk, &mut admin, &id).await {
        Ok(unit) => unit,
        Err(why) => return refused(&desk, &admin, Room::Accounts, &why),
    };
    if typed != unit.name.trim() || typed.is_empty() {
        let said = admin.visitor.language.say("accounts-wrong-name").with("name", &unit.name);
        return delete_page(&desk, admin, (&id, &typed), (Some(said), None)).await;
    }
    let parent = unit::parent(&desk, &mut admin, &id).await.unwrap_or_default();
    match admin.act(&desk, DELETE, json!({"OrganizationalUnitId": id})).await {
        Ok(()) => go(&desk, &format!("/console/accounts?unit={}&done=deleted", encoded(&parent))),
        Err(why) => {
            let refusal = admin.visitor.language.told(&why);
            delete_page(&desk, admin, (&id, &typed), (None, Some(refusal))).await
        }
    }
}
