//! The instance: what it is called, and its tags.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use edge_portal::words::language::Language;
use http::StatusCode;
use model::fault::Fault;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::asked::Asked;
use crate::desk::Desk;
use crate::fields::Fields;
use crate::moment::Moment;
use crate::page::{Room, Shell, answer, frame, go, refused};
use crate::sent::Sent;
use crate::settings_form::{Fact, Outcome, SAVED, Said, fact, overtaken};
use crate::{command, seen};

const GET: Op = Op("sso-admin", "DescribeInstance");
const PUT: Op = Op("sso-admin", "UpdateInstance");
const TAGS: Op = Op("sso-admin", "ListTagsForResource");
const TAG: Op = Op("sso-admin", "TagResource");
const UNTAG: Op = Op("sso-admin", "UntagResource");

/// Where tags are.
const PLACE: &str = "/console/settings/instance?done=saved";

/// A tag.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    key: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tags {
    #[serde(default)]
    tags: Vec<Tag>,
    next_token: Option<String>,
}

/// What can be changed of it, and since when it is there.
pub(crate) async fn read(desk: &Desk, admin: &mut Administrator) -> Result<Value, Fault> {
    let answer: Value = admin.call(desk, GET, json!({ "InstanceArn": desk.instance_arn() })).await?;
    Ok(json!({ "Name": answer.get("Name"), "CreatedDate": answer.get("CreatedDate") }))
}

/// The same as people read it.
pub(crate) fn facts(language: Language, now: &Value) -> Vec<(&'static str, Fact)> {
    let name = now.get("Name").and_then(Value::as_str).filter(|name| !name.is_empty());
    let unnamed = || language.say("settings-instance-unnamed").to_string();
    let since = now.get("CreatedDate").and_then(|at| serde_json::from_value::<Moment>(at.clone()).ok());
    vec![
        fact("Name", "settings-instance-name", name.map_or_else(unnamed, str::to_owned)),
        (
            "CreatedDate",
            Fact {
                name: "settings-instance-since",
                value: since.map(Moment::text).unwrap_or_default(),
                at: since,
            },
        ),
    ]
}

/// All tags: an instance has fifty at most.
async fn tags(desk: &Desk, admin: &mut Administrator) -> Result<Vec<Tag>, Fault> {
    let arn = desk.instance_arn();
    let mut found = Vec::new();
    let mut token = None;
    loop {
        let input = json!({ "InstanceArn": arn, "ResourceArn": arn, "NextToken": token });
        let page: Tags = admin.call(desk, TAGS, input).await?;
        found.extend(page.tags);
        token = page.next_token;
        if token.is_none() {
            return Ok(found);
        }
    }
}

/// Which of the forms of the page is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    None,
    Name,
    Tag,
}

#[derive(Template)]
#[template(path = "settings_instance.html")]
struct InstancePage {
    frame: Frame,
    shell: Shell,
    /// What is said at the name's form.
    said: Said,
    name: String,
    /// What is said at the form of a tag.
    tag_said: Said,
    tags: Vec<Tag>,
    key: String,
    value: String,
    command: String,
    tag_command: String,
}

/// A form that was refused: which one, what it says, what was typed.
struct Again<'f> {
    which: Which,
    said: Said,
    fields: &'f Fields,
}

async fn page(
    desk: &Desk,
    admin: &mut Administrator,
    (status, again): (StatusCode, Again<'_>),
    query: &Fields,
) -> Response {
    let (now, tags) = match (read(desk, admin).await, tags(desk, admin).await) {
        (Ok(now), Ok(tags)) => (now, tags),
        (Err(why), _) | (_, Err(why)) => return refused(desk, admin, Room::Settings, &why),
    };
    let Again { which, said, fields } = again;
    let typed = |own, name: &str| (which == own).then(|| fields.text(name).to_owned());
    let in_force = now.get("Name").and_then(Value::as_str).unwrap_or_default();
    let name = typed(Which::Name, "name").unwrap_or_else(|| in_force.to_owned());
    let (key, value) =
        (typed(Which::Tag, "key").unwrap_or_default(), typed(Which::Tag, "value").unwrap_or_default());
    let fresh = Said { seen: seen::mark(&now), ..Said::default() };
    let fresh_tag = Said { seen: seen::mark(&by_key(&tags)), ..Said::default() };
    let (said, tag_said) = match which {
        Which::None => (fresh, fresh_tag),
        Which::Name => (said, fresh_tag),
        Which::Tag => (fresh, said),
    };
    let shown = |text: &str, placeholder: &str| if text.is_empty() { placeholder } else { text }.to_owned();
    let page = InstancePage {
        frame: frame(desk, admin),
        shell: Shell::new(desk, admin, Room::Settings).after(admin, query),
        command: command::text(PUT, &name_input(desk, &shown(&name, "NAME"))),
        tag_command: command::text(TAG, &tag_input(desk, &shown(&key, "KEY"), &shown(&value, "VALUE"))),
        said,
        name,
        tag_said,
        tags,
        key,
        value,
    };
    answer(desk, admin, status, &page)
}

fn name_input(desk: &Desk, name: &str) -> Value {
    json!({ "InstanceArn": desk.instance_arn(), "Name": name })
}

fn tag_input(desk: &Desk, key: &str, value: &str) -> Value {
    let arn = desk.instance_arn();
    json!({ "InstanceArn": arn, "ResourceArn": arn, "Tags": [{ "Key": key, "Value": value }] })
}

/// Tags as one thing, a member a tag: keys are escaped, so that a mark is a word.
fn by_key(tags: &[Tag]) -> Value {
    let members = tags.iter().map(|tag| (crate::page::encoded(&tag.key), tag.value.clone().into()));
    Value::Object(members.collect())
}

/// The forms.
pub(crate) async fn show(State(desk): State<Desk>, Asked { mut admin, query }: Asked) -> Response {
    let again = Again { which: Which::None, said: Said::default(), fields: &query };
    page(&desk, &mut admin, (StatusCode::OK, again), &query).await
}

/// Another name.
pub(crate) async fn put(State(desk): State<Desk>, Sent { mut admin, fields }: Sent) -> Response {
    let language = admin.visitor.language;
    let now = match read(&desk, &mut admin).await {
        Ok(now) => now,
        Err(why) => return refused(&desk, &admin, Room::Settings, &why),
    };
    let outcome = match overtaken(&fields, &now, |now| facts(language, now)) {
        Some(said) => Outcome::Again(StatusCode::CONFLICT, said),
        None => match admin.act(&desk, PUT, name_input(&desk, fields.text("name"))).await {
            Ok(()) => return go(&desk, SAVED),
            Err(why) => Outcome::of(&admin, fields.text("seen"), why),
        },
    };
    end(&desk, &mut admin, (Which::Name, outcome), &fields).await
}

/// A tag, new or with another value.
pub(crate) async fn tag(State(desk): State<Desk>, Sent { mut admin, fields }: Sent) -> Response {
    let input = tag_input(&desk, fields.text("key"), fields.text("value"));
    change_tags(&desk, &mut admin, (TAG, input), &fields).await
}

/// A tag less.
pub(crate) async fn untag(State(desk): State<Desk>, Sent { mut admin, fields }: Sent) -> Response {
    let arn = desk.instance_arn();
    let input = json!({ "InstanceArn": arn, "ResourceArn": arn, "TagKeys": [fields.whole("key")] });
    change_tags(&desk, &mut admin, (UNTAG, input), &fields).await
}

async fn change_tags(
    desk: &Desk,
    admin: &mut Administrator,
    (op, input): (Op, Value),
    fields: &Fields,
) -> Response {
    let now = match tags(desk, admin).await {
        Ok(now) => now,
        Err(why) => return refused(desk, admin, Room::Settings, &why),
    };
    let key = crate::page::encoded(fields.text("key"));
    let outcome = match overtaken_tag(fields.text("seen"), &by_key(&now), &key) {
        Some(said) => Outcome::Again(StatusCode::CONFLICT, said),
        None => match admin.act(desk, op, input).await {
            Ok(()) => return go(desk, PLACE),
            Err(why) => Outcome::of(admin, fields.text("seen"), why),
        },
    };
    end(desk, admin, (Which::Tag, outcome), fields).await
}

/// Whether somebody else changed this tag since the page was opened: what they did to others is not overwritten.
fn overtaken_tag(before: &str, now: &Value, key: &str) -> Option<Said> {
    if !seen::changed(before, now).iter().any(|name| name == key) {
        return None;
    }
    let value = now.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let changed = vec![Fact { name: "settings-tag-value", value, at: None }];
    Some(Said { seen: seen::mark(now), trouble: None, overtaken: true, changed })
}

async fn end(
    desk: &Desk,
    admin: &mut Administrator,
    (which, outcome): (Which, Outcome),
    fields: &Fields,
) -> Response {
    match outcome {
        Outcome::Done => go(desk, PLACE),
        Outcome::Again(status, said) => {
            page(desk, admin, (status, Again { which, said, fields }), &Fields::default()).await
        }
        Outcome::Refused(why) => refused(desk, admin, Room::Settings, &why),
    }
}
