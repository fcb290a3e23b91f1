//! The tags of an application.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use http::StatusCode;
use model::fault::Fault;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::applications::application::{Application, At, Tab};
use crate::asked::Asked;
use crate::command;
use crate::desk::Desk;
use crate::field::{Field, Spec, Trouble};
use crate::fields::Fields;
use crate::page::{Room, Shell, answer, encoded, frame, go, refused};
use crate::sent::Sent;

const TAG: Op = Op("sso-admin", "TagResource");

const FIELDS: [Spec; 2] = [
    Spec { name: "key", label: "sets-tag-key", named: "key", required: true, kind: "text" },
    Spec { name: "value", label: "sets-tag-value", named: "value", required: false, kind: "text" },
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    key: String,
    #[serde(default)]
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tags {
    #[serde(default)]
    tags: Vec<Tag>,
    next_token: Option<String>,
}

#[derive(Template)]
#[template(path = "applications/tags.html")]
struct TagsPage {
    frame: Frame,
    shell: Shell,
    app: Application,
    trouble: Option<Trouble>,
    tags: Vec<Tag>,
    next: Option<String>,
    fields: Vec<Field>,
    command: String,
}

/// The page.
pub(crate) async fn show(
    State(desk): State<Desk>,
    Path(at): Path<At>,
    Asked { admin, query }: Asked,
) -> Response {
    page(&desk, admin, &at, (&query, None)).await
}

/// Adds a tag or takes one away.
pub(crate) async fn change(
    State(desk): State<Desk>,
    Path(at): Path<At>,
    Sent { mut admin, fields }: Sent,
) -> Response {
    let (op, more, done) = if fields.text("act") == "remove" {
        let more = json!({ "TagKeys": [fields.whole("key")] });
        (Op("sso-admin", "UntagResource"), more, "deleted")
    } else {
        let more = json!({ "Tags": [{ "Key": fields.text("key"), "Value": fields.text("value") }] });
        (TAG, more, "saved")
    };
    match admin.act(&desk, op, of(&desk, &at, more)).await {
        Ok(()) => go(&desk, &at.below(&format!("/tags?done={done}"))),
        Err(why) => page(&desk, admin, &at, (&fields, Some(why))).await,
    }
}

fn of(desk: &Desk, at: &At, mut more: Value) -> Value {
    more["InstanceArn"] = desk.instance_arn().into();
    more["ResourceArn"] = at.arn(desk).into();
    more
}

async fn page(
    desk: &Desk,
    mut admin: Administrator,
    at: &At,
    (form, why): (&Fields, Option<Fault>),
) -> Response {
    let (app, found) = match look(desk, &mut admin, at, form).await {
        Ok(found) => found,
        Err(unknown) => return refused(desk, &admin, Room::Applications, &why.unwrap_or(unknown)),
    };
    let language = admin.visitor.language;
    let typed = |spec: &Spec| if why.is_some() { form.text(spec.name) } else { "" };
    let mut fields = FIELDS.map(|spec| Field::new(language, &spec, typed(&spec)));
    let trouble = why.as_ref().and_then(|why| Trouble::beside(&admin, why, &FIELDS, &mut fields));
    let example = json!({ "Tags": [{ "Key": "KEY", "Value": "VALUE" }] });
    let page = TagsPage {
        frame: frame(desk, &admin),
        shell: Shell::new(desk, &admin, Room::Applications).after(&admin, form),
        trouble,
        tags: found.tags,
        next: found.next_token.map(|token| at.below(&format!("/tags?token={}", encoded(&token)))),
        fields: fields.into(),
        command: command::text(TAG, &of(desk, at, example)),
        app,
    };
    answer(desk, &admin, why.as_ref().map_or(StatusCode::OK, Trouble::status), &page)
}

async fn look(
    desk: &Desk,
    admin: &mut Administrator,
    at: &At,
    form: &Fields,
) -> Result<(Application, Tags), Fault> {
    let app = Application::of(desk, admin, at, Tab::Tags).await?;
    let input = of(desk, at, json!({ "NextToken": form.some("token") }));
    let tags = admin.call(desk, Op("sso-admin", "ListTagsForResource"), input).await?;
    Ok((app, tags))
}
