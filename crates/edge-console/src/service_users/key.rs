//! One key: whether it opens anything, and taking it away.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use model::fault::Fault;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::asked::Asked;
use crate::command;
use crate::desk::Desk;
use crate::field::Trouble;
use crate::fields::Fields;
use crate::page::{Room, Shell, answer, frame, go, refused};
use crate::sent::Sent;
use crate::service_users::holder::{Holder, Key};

#[derive(Template)]
#[template(path = "service_users/key.html")]
struct KeyPage {
    frame: Frame,
    shell: Shell,
    trouble: Option<Trouble>,
    holder: Holder,
    key: Key,
    typed: String,
    wrong: bool,
    set: String,
    delete: String,
}

/// The page of a service user's key.
pub(crate) async fn of_user(
    State(desk): State<Desk>,
    Path((name, id)): Path<(String, String)>,
    Asked { admin, query: _ }: Asked,
) -> Response {
    page(&desk, admin, (Holder(Some(name)), &id), (None, None)).await
}

/// The page of a key of the root.
pub(crate) async fn of_root(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Asked { admin, query: _ }: Asked,
) -> Response {
    page(&desk, admin, (Holder(None), &id), (None, None)).await
}

/// Changes a service user's key.
pub(crate) async fn change_of_user(
    State(desk): State<Desk>,
    Path((name, id)): Path<(String, String)>,
    Sent { admin, fields }: Sent,
) -> Response {
    change(&desk, admin, (Holder(Some(name)), &id), &fields).await
}

/// Changes a key of the root.
pub(crate) async fn change_of_root(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Sent { admin, fields }: Sent,
) -> Response {
    change(&desk, admin, (Holder(None), &id), &fields).await
}

async fn change(
    desk: &Desk,
    mut admin: Administrator,
    (holder, id): (Holder, &str),
    form: &Fields,
) -> Response {
    let mut input = json!({"InstanceArn": desk.instance_arn(), "AccessKeyId": id});
    if form.is_ticked("force") {
        input["Force"] = Value::from(true);
    }
    let (done, to) = match form.text("act") {
        "delete" if form.text("confirmed") != id => {
            return page(desk, admin, (holder, id), (Some(form.text("confirmed")), None)).await;
        }
        "delete" => (admin.act(desk, Op("portico", "DeleteAccessKey"), input).await, "deleted"),
        act => {
            input["Status"] = Value::from(if act == "enable" { "ACTIVE" } else { "INACTIVE" });
            (admin.act(desk, Op("portico", "UpdateAccessKey"), input).await, "saved")
        }
    };
    match done {
        Ok(()) => go(desk, &format!("{}?done={to}", holder.below(""))),
        Err(why) => page(desk, admin, (holder, id), (None, Some(why))).await,
    }
}

async fn page(
    desk: &Desk,
    mut admin: Administrator,
    (holder, id): (Holder, &str),
    (typed, why): (Option<&str>, Option<Fault>),
) -> Response {
    let found = holder.keys(desk, &mut admin).await.and_then(|keys| {
        let found = keys.into_iter().find(|key| key.access_key_id == id);
        found.ok_or_else(|| Fault::not_found(format!("There is no access key {id}")))
    });
    let key = match found {
        Ok(key) => key,
        Err(unknown) => return refused(desk, &admin, Room::ServiceUsers, &why.unwrap_or(unknown)),
    };
    let input = json!({"InstanceArn": desk.instance_arn(), "AccessKeyId": id});
    let mut set = input.clone();
    set["Status"] = Value::from(if key.is_active() { "INACTIVE" } else { "ACTIVE" });
    let wrong = typed.is_some();
    let page = KeyPage {
        frame: frame(desk, &admin),
        shell: Shell::new(desk, &admin, Room::ServiceUsers),
        trouble: why.as_ref().map(|why| Trouble::of(&admin, why)),
        holder,
        key,
        typed: typed.unwrap_or_default().to_owned(),
        wrong,
        set: command::text(Op("portico", "UpdateAccessKey"), &set),
        delete: command::text(Op("portico", "DeleteAccessKey"), &input),
    };
    let status = Trouble::status_of_confirming(why.as_ref(), wrong);
    answer(desk, &admin, status, &page)
}
