//! One factor of a person: its name, and taking it away.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use http::StatusCode;
use model::fault::Fault;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::asked::Asked;
use crate::desk::Desk;
use crate::field::Trouble;
use crate::fields::Fields;
use crate::page::{Room, Shell, answer, frame, go, refused};
use crate::people::person::{Person, Tab, place};
use crate::people::sign_in::{Factor, Factors};
use crate::sent::Sent;

#[derive(Template)]
#[template(path = "people/factor.html")]
struct FactorPage {
    frame: Frame,
    shell: Shell,
    person: Person,
    trouble: Option<Trouble>,
    factor: Factor,
    /// How many they have beside it.
    others: usize,
    name: String,
    typed: String,
    wrong: bool,
}

/// What was typed, and what was refused.
#[derive(Default)]
struct Typed<'a> {
    name: Option<&'a str>,
    confirmed: Option<&'a str>,
    why: Option<Fault>,
}

/// The page.
pub(crate) async fn show(
    State(desk): State<Desk>,
    Path(ids): Path<(String, String)>,
    Asked { admin, query: _ }: Asked,
) -> Response {
    page(&desk, admin, &ids, Typed::default()).await
}

/// Names it anew, or takes it away.
pub(crate) async fn change(
    State(desk): State<Desk>,
    Path(ids): Path<(String, String)>,
    Sent { mut admin, fields }: Sent,
) -> Response {
    if fields.text("act") == "delete" {
        return delete(&desk, admin, &ids, &fields).await;
    }
    let mut input = which(&desk, &ids);
    input["DeviceName"] = Value::from(fields.text("name"));
    match admin.act(&desk, Op("portico", "UpdateMfaDeviceForUser"), input).await {
        Ok(()) => go(&desk, &format!("{}?done=saved", place(&ids.0, "/sign-in"))),
        Err(why) => {
            page(
                &desk,
                admin,
                &ids,
                Typed { name: Some(fields.text("name")), why: Some(why), confirmed: None },
            )
            .await
        }
    }
}

async fn delete(desk: &Desk, mut admin: Administrator, ids: &(String, String), fields: &Fields) -> Response {
    let typed = fields.text("confirmed");
    let name = match found(desk, &mut admin, ids).await {
        Ok((factor, _)) => factor.device_name,
        Err(why) => return refused(desk, &admin, Room::People, &why),
    };
    if typed != name.trim() {
        return page(desk, admin, ids, Typed { confirmed: Some(typed), ..Typed::default() }).await;
    }
    match admin.act(desk, Op("portico", "DeleteMfaDeviceForUser"), which(desk, ids)).await {
        Ok(()) => go(desk, &format!("{}?done=deleted", place(&ids.0, "/sign-in"))),
        Err(why) => page(desk, admin, ids, Typed { why: Some(why), ..Typed::default() }).await,
    }
}

fn which(desk: &Desk, (user, device): &(String, String)) -> Value {
    json!({"IdentityStoreId": desk.identity_store_id(), "UserId": user, "DeviceId": device})
}

/// The factor, and how many others there are.
async fn found(
    desk: &Desk,
    admin: &mut Administrator,
    (user, device): &(String, String),
) -> Result<(Factor, usize), Fault> {
    let input = json!({"IdentityStoreId": desk.identity_store_id(), "UserId": user});
    let all: Factors = admin.call(desk, Op("portico", "ListMfaDevicesForUser"), input).await?;
    let others = all.mfa_devices.len().saturating_sub(1);
    let found = all.mfa_devices.into_iter().find(|factor| factor.device_id == *device);
    found
        .map(|factor| (factor, others))
        .ok_or_else(|| Fault::not_found(format!("There is no device {device}")))
}

async fn page(desk: &Desk, mut admin: Administrator, ids: &(String, String), typed: Typed<'_>) -> Response {
    let person = match Person::of(desk, &mut admin, &ids.0, Tab::SignIn).await {
        Ok(person) => person,
        Err(why) => return refused(desk, &admin, Room::People, &typed.why.unwrap_or(why)),
    };
    let (factor, others) = match found(desk, &mut admin, ids).await {
        Ok(found) => found,
        Err(why) => return refused(desk, &admin, Room::People, &typed.why.unwrap_or(why)),
    };
    let refused = typed.why.as_ref().map(Trouble::status);
    let wrong = typed.confirmed.is_some();
    let page = FactorPage {
        frame: frame(desk, &admin),
        shell: Shell::new(desk, &admin, Room::People),
        person,
        trouble: typed.why.as_ref().map(|why| Trouble::of(&admin, why)),
        name: typed.name.unwrap_or(&factor.device_name).to_owned(),
        factor,
        others,
        typed: typed.confirmed.unwrap_or_default().to_owned(),
        wrong,
    };
    let status = refused.unwrap_or(if wrong { StatusCode::BAD_REQUEST } else { StatusCode::OK });
    answer(desk, &admin, status, &page)
}
