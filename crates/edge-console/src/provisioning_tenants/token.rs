//! One token: taking it away, and its name as the proof that it is the one which is meant.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use model::fault::Fault;
use model::timestamp::Timestamp;
use serde_json::Value;

use crate::administrator::Administrator;
use crate::asked::Asked;
use crate::command;
use crate::desk::Desk;
use crate::field::Trouble;
use crate::page::{Room, Shell, answer, frame, go, refused};
use crate::provisioning_tenants::tenant::{Tenant, Token};
use crate::sent::Sent;

const DELETE: Op = Op("portico", "DeleteBearerToken");

#[derive(Template)]
#[template(path = "provisioning_tenants/token.html")]
struct TokenPage {
    frame: Frame,
    shell: Shell,
    trouble: Option<Trouble>,
    tenant: Tenant,
    token: Token,
    now: Timestamp,
    typed: String,
    wrong: bool,
    command: String,
}

/// The page.
pub(crate) async fn show(
    State(desk): State<Desk>,
    Path((id, token)): Path<(String, String)>,
    Asked { mut admin, .. }: Asked,
) -> Response {
    match found(&desk, &mut admin, (&id, &token)).await {
        Ok(found) => page(&desk, &admin, found, (None, None)),
        Err(why) => refused(&desk, &admin, Room::IdentityProviders, &why),
    }
}

/// Takes it away, if it is its name that was typed.
pub(crate) async fn delete(
    State(desk): State<Desk>,
    Path((id, token)): Path<(String, String)>,
    Sent { mut admin, fields }: Sent,
) -> Response {
    let (tenant, token) = match found(&desk, &mut admin, (&id, &token)).await {
        Ok(found) => found,
        Err(why) => return refused(&desk, &admin, Room::IdentityProviders, &why),
    };
    let typed = fields.text("confirmed");
    if typed != token.name().trim() {
        return page(&desk, &admin, (tenant, token), (Some(typed), None));
    }
    match admin.act(&desk, DELETE, input(&desk, &tenant, &token)).await {
        Ok(()) => go(&desk, &tenant.below("?done=deleted")),
        Err(why) => page(&desk, &admin, (tenant, token), (None, Some(why))),
    }
}

async fn found(
    desk: &Desk,
    admin: &mut Administrator,
    (id, token): (&str, &str),
) -> Result<(Tenant, Token), Fault> {
    let tenant = Tenant::of(desk, admin, id).await?;
    let tokens = tenant.tokens(desk, admin).await?;
    let found = tokens.into_iter().find(|one| one.token_id == token);
    let found = found.ok_or_else(|| Fault::not_found(format!("There is no bearer token {token}")))?;
    Ok((tenant, found))
}

fn input(desk: &Desk, tenant: &Tenant, token: &Token) -> Value {
    let mut input = tenant.input(desk);
    input["TokenId"] = Value::from(token.token_id.as_str());
    input
}

fn page(
    desk: &Desk,
    admin: &Administrator,
    (tenant, token): (Tenant, Token),
    (typed, why): (Option<&str>, Option<Fault>),
) -> Response {
    let wrong = typed.is_some();
    let page = TokenPage {
        frame: frame(desk, admin),
        shell: Shell::new(desk, admin, Room::IdentityProviders),
        trouble: why.as_ref().map(|why| Trouble::of(admin, why)),
        now: admin.visitor.cx.now,
        typed: typed.unwrap_or_default().to_owned(),
        wrong,
        command: command::text(DELETE, &input(desk, &tenant, &token)),
        tenant,
        token,
    };
    answer(desk, admin, Trouble::status_of_confirming(why.as_ref(), wrong), &page)
}
