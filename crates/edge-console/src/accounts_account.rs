//! One account: what it is, where it is, its tags, what is provisioned there.

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
use crate::asked::Asked;
use crate::desk::Desk;
use crate::fields::Fields;
use crate::names::{Named, Names};
use crate::page::{Room, Shell, answer, encoded, frame, go, refused};
use crate::sent::Sent;
use crate::thing::{Kind, Thing};
use crate::unit::{self, Account, Unit};
use crate::{command, seen};

const UNTAG: Op = Op("organizations", "UntagResource");
const TAG: Op = Op("organizations", "TagResource");

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    key: String,
    value: String,
}

/// What was typed for a tag, and what is wrong with it.
#[derive(Debug, Default)]
struct Typed {
    key: String,
    value: String,
    fault: Option<String>,
}

#[derive(Template)]
#[template(path = "accounts_account.html")]
struct AccountPage {
    frame: Frame,
    shell: Shell,
    account: Account,
    above: Vec<Unit>,
    tags: Vec<Tag>,
    seen: String,
    typed: Typed,
    command: String,
    sets: Vec<Named>,
    more_sets: bool,
    /// Why the permission sets are not shown.
    unseen_sets: Option<String>,
}

/// What an account has of tags, as it was answered and as it is shown.
async fn tags(desk: &Desk, admin: &mut Administrator, id: &str) -> Result<(Value, Vec<Tag>), Fault> {
    let op = Op("organizations", "ListTagsForResource");
    let answer: Value = admin.call(desk, op, json!({"ResourceId": id})).await?;
    let tags = answer.get("Tags").cloned().unwrap_or_else(|| json!([]));
    let read = serde_json::from_value(tags.clone()).map_err(Fault::internal)?;
    Ok((marked(&tags), read))
}

/// Tags by their keys: what a form of them saw.
fn marked(tags: &Value) -> Value {
    let rows = tags.as_array().into_iter().flatten();
    let pairs =
        rows.filter_map(|tag| Some((tag.get("Key")?.as_str()?.to_owned(), tag.get("Value")?.clone())));
    Value::Object(pairs.collect())
}

/// `GET /console/accounts/{id}`
pub(crate) async fn show(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Asked { admin, query }: Asked,
) -> Response {
    page(&desk, admin, &id, (StatusCode::OK, Typed::default(), &query)).await
}

async fn page(
    desk: &Desk,
    mut admin: Administrator,
    id: &str,
    (status, typed, query): (StatusCode, Typed, &Fields),
) -> Response {
    match made(desk, &mut admin, id, (typed, query)).await {
        Ok(page) => answer(desk, &admin, status, &page),
        Err(why) => refused(desk, &admin, Room::Accounts, &why),
    }
}

async fn made(
    desk: &Desk,
    admin: &mut Administrator,
    id: &str,
    (typed, query): (Typed, &Fields),
) -> Result<AccountPage, Fault> {
    let input = json!({"AccountId": id});
    let described: Value = admin.call(desk, Op("organizations", "DescribeAccount"), input).await?;
    let account = described.get("Account").cloned().unwrap_or_default();
    let account: Account = serde_json::from_value(account).map_err(Fault::internal)?;
    let above = unit::above(desk, admin, id).await?;
    let (shown, tags) = tags(desk, admin, id).await?;
    let op = Op("sso-admin", "ListPermissionSetsProvisionedToAccount");
    let input = json!({"InstanceArn": desk.instance_arn(), "AccountId": id, "MaxResults": 100});
    let provisioned: Result<Value, Fault> = admin.call(desk, op, input).await;
    let (sets, more_sets, unseen_sets) = match provisioned {
        Ok(answer) => {
            let arns = answer.get("PermissionSets").and_then(Value::as_array).into_iter().flatten();
            let sets: Vec<Thing> =
                arns.filter_map(Value::as_str).map(|arn| Thing::new(Kind::Set, arn)).collect();
            let names = Names::of(desk, admin, sets.iter().cloned()).await;
            let mut sets: Vec<Named> = sets.iter().map(|set| names.named(set)).collect();
            sets.sort();
            (sets, answer.get("NextToken").is_some_and(Value::is_string), None)
        }
        Err(why) => (Vec::new(), false, Some(admin.visitor.language.told(&why))),
    };
    let pair = |typed: &str, place: &str| if typed.is_empty() { place.to_owned() } else { typed.to_owned() };
    let example = json!([{"Key": pair(&typed.key, "KEY"), "Value": pair(&typed.value, "VALUE")}]);
    Ok(AccountPage {
        frame: frame(desk, admin),
        shell: Shell::new(desk, admin, Room::Accounts).after(admin, query),
        account,
        above,
        tags,
        seen: seen::mark(&shown),
        command: command::text(TAG, &json!({"ResourceId": id, "Tags": example})),
        typed,
        sets,
        more_sets,
        unseen_sets,
    })
}

/// Whether somebody else changed the tag of this key since the page was shown: what is said then.
async fn meanwhile(
    desk: &Desk,
    admin: &mut Administrator,
    (id, key): (&str, &str),
    fields: &Fields,
) -> Result<Option<String>, Fault> {
    let (now, _) = tags(desk, admin, id).await?;
    let is_changed = seen::changed(fields.text("seen"), &now).iter().any(|changed| changed == key);
    Ok(is_changed.then(|| {
        let value = now.get(key).and_then(Value::as_str);
        let said = match value {
            Some(value) => admin.visitor.language.say("accounts-tag-changed").with("value", value),
            None => admin.visitor.language.say("accounts-tag-gone"),
        };
        said.with("key", key).to_string()
    }))
}

/// Puts a tag, new or with another value.
pub(crate) async fn tag(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Sent { mut admin, fields }: Sent,
) -> Response {
    let (key, value) = (fields.text("key").to_owned(), fields.text("value").to_owned());
    let changed = meanwhile(&desk, &mut admin, (&id, &key), &fields).await;
    let fault = match changed {
        Ok(Some(changed)) => Some((StatusCode::CONFLICT, changed)),
        Err(why) => return refused(&desk, &admin, Room::Accounts, &why),
        Ok(None) => {
            let input = json!({"ResourceId": id, "Tags": [{"Key": key, "Value": value}]});
            let done = admin.act(&desk, TAG, input).await;
            done.err().map(|why| (StatusCode::BAD_REQUEST, admin.visitor.language.told(&why)))
        }
    };
    match fault {
        Some((status, fault)) => {
            let typed = Typed { key, value, fault: Some(fault) };
            page(&desk, admin, &id, (status, typed, &Fields::default())).await
        }
        None => go(&desk, &format!("/console/accounts/{}?done=saved", encoded(&id))),
    }
}

/// Takes a tag away.
pub(crate) async fn untag(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Sent { mut admin, fields }: Sent,
) -> Response {
    let key = fields.whole("key").to_owned();
    match meanwhile(&desk, &mut admin, (&id, &key), &fields).await {
        Ok(None) => {}
        Ok(Some(changed)) => {
            let typed = Typed { fault: Some(changed), ..Typed::default() };
            return page(&desk, admin, &id, (StatusCode::CONFLICT, typed, &Fields::default())).await;
        }
        Err(why) => return refused(&desk, &admin, Room::Accounts, &why),
    }
    match admin.act(&desk, UNTAG, json!({"ResourceId": id, "TagKeys": [key]})).await {
        Ok(()) => go(&desk, &format!("/console/accounts/{}?done=deleted", encoded(&id))),
        Err(why) => refused(&desk, &admin, Room::Accounts, &why),
    }
}
