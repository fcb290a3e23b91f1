//! A person's first page: who they are, and whether they may come in.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use edge_portal::words::sentence::Sentence;
use http::StatusCode;
use model::fault::Fault;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::applications::reached::{self, Reached};
use crate::asked::Asked;
use crate::desk::Desk;
use crate::field::Trouble;
use crate::fields::Fields;
use crate::moment::Moment;
use crate::owner::{self, Owner};
use crate::page::{Room, Shell, answer, frame, go, refused};
use crate::people::person::{Person, Tab};
use crate::people::profile;
use crate::people::sources::{self, Attribute};
use crate::sent::Sent;
use crate::thing::{Kind, Thing};

/// How it stands with their coming in.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SignIn {
    last_signed_in_at: Option<Moment>,
    tracked_since: Moment,
    has_password: bool,
    mfa_devices: usize,
}

#[derive(Template)]
#[template(path = "people/overview.html")]
struct OverviewPage {
    frame: Frame,
    shell: Shell,
    person: Person,
    trouble: Option<Trouble>,
    /// The source that owns them.
    owner: Option<Owner>,
    facts: Vec<(Sentence, String)>,
    /// Whose each attribute is, where several sources speak of them.
    attributes: Vec<Attribute>,
    /// Where the role may know it.
    sign_in: Option<SignIn>,
    /// The applications that they may use; nothing where the role may not know.
    reached: Option<Vec<Reached>>,
    created: Option<Moment>,
    created_by: String,
    updated: Option<Moment>,
    updated_by: String,
    command: String,
}

/// The page.
pub(crate) async fn show(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Asked { admin, query }: Asked,
) -> Response {
    page(&desk, admin, &id, (&query, None)).await
}

/// Enables or disables them.
pub(crate) async fn set_status(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Sent { mut admin, fields }: Sent,
) -> Response {
    let input = json!({"IdentityStoreId": desk.identity_store_id(), "UserId": id});
    let done = match fields.text("act") {
        "enable" => admin.act(&desk, Op("portico", "EnableUser"), input).await,
        "disable" => admin.act(&desk, Op("portico", "DisableUser"), input).await,
        other => Err(Fault::validation(format!("act must be enable or disable; it is {other}"))),
    };
    match done {
        Ok(()) => go(&desk, &format!("{}?done=saved", super::person::place(&id, ""))),
        Err(why) => page(&desk, admin, &id, (&Fields::default(), Some(why))).await,
    }
}

type Beside = (Option<SignIn>, Option<Owner>, Vec<Attribute>, Option<Vec<Reached>>);

/// How somebody signs in, who owns them, whose each attribute is, and which applications they may use.
async fn beside(desk: &Desk, admin: &mut Administrator, id: &str) -> Result<Beside, Fault> {
    let asked = json!({"IdentityStoreId": desk.identity_store_id(), "UserId": id});
    let sign_in = admin.call_if_allowed(desk, Op("portico", "DescribeUserSignIn"), asked).await?;
    let owner = owner::of(desk, admin, ("UserId", id)).await?;
    let attributes = sources::of(desk, admin, id).await?;
    let reached = reached::of(desk, admin, &Thing::new(Kind::User, id)).await?;
    Ok((sign_in, owner, attributes, reached))
}

async fn page(
    desk: &Desk,
    mut admin: Administrator,
    id: &str,
    (query, why): (&Fields, Option<Fault>),
) -> Response {
    let person = match Person::of(desk, &mut admin, id, Tab::Overview).await {
        Ok(person) => person,
        Err(unknown) => return refused(desk, &admin, Room::People, &why.unwrap_or(unknown)),
    };
    let (sign_in, owner, attributes, reached) = match beside(desk, &mut admin, id).await {
        Ok(beside) => beside,
        Err(unknown) => return refused(desk, &admin, Room::People, &why.unwrap_or(unknown)),
    };
    let fields = profile::of_user(admin.visitor.language, &person.user);
    let facts = fields.into_iter().filter(|field| !field.value.is_empty());
    let moment =
        |member: &str| person.user.get(member).and_then(|at| serde_json::from_value(at.clone()).ok());
    let text = |member: &str| person.user.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
    let act = if person.is_enabled() { "DisableUser" } else { "EnableUser" };
    let page = OverviewPage {
        frame: frame(desk, &admin),
        shell: Shell::new(desk, &admin, Room::People).after(&admin, query),
        trouble: why.as_ref().map(|why| Trouble::of(&admin, why)),
        owner,
        attributes,
        reached,
        facts: facts.map(|field| (field.label, field.value)).collect(),
        sign_in,
        created: moment("CreatedAt"),
        created_by: text("CreatedBy"),
        updated: moment("UpdatedAt"),
        updated_by: text("UpdatedBy"),
        command: person.command(act),
        person,
    };
    answer(desk, &admin, why.as_ref().map_or(StatusCode::OK, Trouble::status), &page)
}
