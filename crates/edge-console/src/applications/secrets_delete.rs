//! One secret of an application: taking it away, and its name as the proof that it is the one which is meant.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use model::fault::Fault;
use model::timestamp::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::applications::application::{Application, At, Tab};
use crate::applications::secrets::Secret;
use crate::asked::Asked;
use crate::command;
use crate::desk::Desk;
use crate::field::Trouble;
use crate::page::{Room, Shell, answer, frame, go, refused};
use crate::sent::Sent;

const DELETE: Op = Op("portico", "DeleteApplicationClientSecret");

/// The secret of an address; which application it is stands beside it.
#[derive(Debug, Deserialize)]
pub(crate) struct Which {
    #[serde(flatten)]
    at: At,
    secret: String,
}

#[derive(Template)]
#[template(path = "applications/secrets_delete.html")]
struct SecretPage {
    frame: Frame,
    shell: Shell,
    trouble: Option<Trouble>,
    app: Application,
    secret: Secret,
    now: Timestamp,
    typed: String,
    wrong: bool,
    command: String,
}

/// The page.
pub(crate) async fn show(
    State(desk): State<Desk>,
    Path(which): Path<Which>,
    Asked { mut admin, .. }: Asked,
) -> Response {
    match found(&desk, &mut admin, &which).await {
        Ok(found) => page(&desk, &admin, found, (None, None)),
        Err(why) => refused(&desk, &admin, Room::Applications, &why),
    }
}

/// Takes it away, if it is its name that was typed.
pub(crate) async fn delete(
    State(desk): State<Desk>,
    Path(which): Path<Which>,
    Sent { mut admin, fields }: Sent,
) -> Response {
    let (app, secret) = match found(&desk, &mut admin, &which).await {
        Ok(found) => found,
        Err(why) => return refused(&desk, &admin, Room::Applications, &why),
    };
    let typed = fields.text("confirmed");
    if typed != secret.name().trim() {
        return page(&desk, &admin, (app, secret), (Some(typed), None));
    }
    match admin.act(&desk, DELETE, input(&desk, &which.at, &secret)).await {
        Ok(()) => go(&desk, &which.at.below("/secrets?done=deleted")),
        Err(why) => page(&desk, &admin, (app, secret), (None, Some(why))),
    }
}

async fn found(
    desk: &Desk,
    admin: &mut Administrator,
    which: &Which,
) -> Result<(Application, Secret), Fault> {
    let app = Application::of(desk, admin, &which.at, Tab::Secrets).await?;
    let all = Secret::all(desk, admin, &which.at).await?;
    let found = all.into_iter().find(|one| one.secret_id == which.secret);
    let found = found
        .ok_or_else(|| Fault::not_found(format!("The application has no client secret {}", which.secret)))?;
    Ok((app, found))
}

fn input(desk: &Desk, at: &At, secret: &Secret) -> Value {
    at.with(desk, json!({ "SecretId": secret.secret_id }))
}

fn page(
    desk: &Desk,
    admin: &Administrator,
    (app, secret): (Application, Secret),
    (typed, why): (Option<&str>, Option<Fault>),
) -> Response {
    let wrong = typed.is_some();
    let page = SecretPage {
        frame: frame(desk, admin),
        shell: Shell::new(desk, admin, Room::Applications),
        trouble: why.as_ref().map(|why| Trouble::of(admin, why)),
        now: admin.visitor.cx.now,
        typed: typed.unwrap_or_default().to_owned(),
        wrong,
        command: command::text(DELETE, &input(desk, &app.at, &secret)),
        app,
        secret,
    };
    answer(desk, admin, Trouble::status_of_confirming(why.as_ref(), wrong), &page)
}
