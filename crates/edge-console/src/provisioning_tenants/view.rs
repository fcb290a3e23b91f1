//! One provisioning tenant: what the provider is to be told, whom it owns, and its tokens, of which a new one is shown once.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use http::StatusCode;
use model::fault::Fault;
use model::timestamp::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::asked::Asked;
use crate::command;
use crate::desk::Desk;
use crate::field::{Field, Spec, Trouble};
use crate::fields::Fields;
use crate::owned::source::{Counts, Source};
use crate::page::{Room, Shell, answer, frame, refused};
use crate::part::Part;
use crate::provisioning_tenants::tenant::{Tenant, Token};
use crate::sent::Sent;

const MAKE: Op = Op("portico", "CreateBearerToken");

const FIELDS: [Spec; 2] = [
    Spec { name: "token_name", label: "tenant-token-name", named: "name", required: false, kind: "text" },
    Spec { name: "days", label: "tenant-token-days", named: "validitydays", required: false, kind: "number" },
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Made {
    bearer_token: NewToken,
}

/// A token that was made just now.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NewToken {
    token: String,
}

#[derive(Template)]
#[template(path = "provisioning_tenants/tenant.html")]
struct TenantPage {
    frame: Frame,
    shell: Shell,
    trouble: Option<Trouble>,
    tenant: Tenant,
    counts: Option<Counts>,
    tokens: Part<Vec<Token>>,
    made: Option<NewToken>,
    fields: Vec<Field>,
    now: Timestamp,
    command: String,
}

/// The page.
pub(crate) async fn show(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Asked { admin, query }: Asked,
) -> Response {
    page(&desk, admin, &id, (&query, Ok(None))).await
}

/// Makes a token.
pub(crate) async fn make_token(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Sent { mut admin, fields }: Sent,
) -> Response {
    let made = match input(&desk, &id, &fields) {
        Ok(input) => admin.call::<Made>(&desk, MAKE, input).await.map(|made| Some(made.bearer_token)),
        Err(why) => Err(why),
    };
    page(&desk, admin, &id, (&fields, made)).await
}

fn input(desk: &Desk, id: &str, form: &Fields) -> Result<Value, Fault> {
    let days = form.some("days").map(|days| {
        days.parse::<u32>()
            .map_err(|_| Fault::validation(format!("ValidityDays must be a number; it is {days}")))
    });
    Ok(json!({
        "IdentityStoreId": desk.identity_store_id(), "TenantId": id, "Name": form.some("token_name"),
        "ValidityDays": days.transpose()?,
    }))
}

async fn page(
    desk: &Desk,
    mut admin: Administrator,
    id: &str,
    (form, made): (&Fields, Result<Option<NewToken>, Fault>),
) -> Response {
    let (tenant, counts) = match look(desk, &mut admin, id).await {
        Ok(found) => found,
        Err(unknown) => {
            return refused(desk, &admin, Room::IdentityProviders, &made.err().unwrap_or(unknown));
        }
    };
    let tokens = tenant.tokens(desk, &mut admin).await;
    let why = made.as_ref().err();
    let typed = |spec: &Spec| if why.is_some() { form.text(spec.name) } else { "" };
    let language = admin.visitor.language;
    let mut fields = FIELDS.map(|spec| Field::new(language, &spec, typed(&spec)));
    let trouble = why.and_then(|why| Trouble::beside(&admin, why, &FIELDS, &mut fields));
    let status = why.map_or(StatusCode::OK, Trouble::status);
    let page = TenantPage {
        frame: frame(desk, &admin),
        shell: Shell::new(desk, &admin, Room::IdentityProviders).after(&admin, form),
        trouble,
        counts,
        tokens: Part::of(&admin, tokens),
        fields: fields.into(),
        now: admin.visitor.cx.now,
        command: command::text(MAKE, &tenant.input(desk)),
        tenant,
        made: made.unwrap_or_default(),
    };
    answer(desk, &admin, status, &page)
}

async fn look(desk: &Desk, admin: &mut Administrator, id: &str) -> Result<(Tenant, Option<Counts>), Fault> {
    let tenant = Tenant::of(desk, admin, id).await?;
    let counts = Source::Tenant(id.to_owned()).counts(desk, admin).await?;
    Ok((tenant, counts))
}
