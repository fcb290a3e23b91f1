//! A question about a permission set: may this person do that there, and which statement decides.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use model::fault::Fault;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::asked::Asked;
use crate::command;
use crate::desk::Desk;
use crate::fields::Fields;
use crate::page::{Room, Shell, answer, frame, refused};
use crate::sets::accounts::{Latest, Place, places};
use crate::sets::set::{Set, Tab};
use crate::sets::told::Told;

/// The fields of the form, and how refusals name them.
const FIELDS: [(&str, &str); 6] = [
    ("action", "actionName"),
    ("resource", "resourceArn"),
    ("account", "account"),
    ("ip", "SourceIp"),
    ("person", "user"),
    ("action", "action"),
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Found {
    user_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answered {
    has_access: bool,
    evaluation_results: Vec<Verdict>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Verdict {
    eval_action_name: String,
    eval_resource_name: String,
    eval_decision: String,
    matched_statements: Vec<Matched>,
    missing_context_values: Vec<String>,
    reason: String,
}

impl Verdict {
    fn is_allowed(&self) -> bool {
        self.eval_decision == "allowed"
    }

    fn is_denied(&self) -> bool {
        self.eval_decision == "explicitDeny"
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Matched {
    source_policy_type: String,
    source_policy_id: String,
    statement_id: String,
}

impl Matched {
    /// The words for a statement of such a policy.
    fn words(&self) -> &'static str {
        match self.source_policy_type.as_str() {
            "BOUNDARY" => "sets-decided-boundary",
            "SERVICE_CONTROL" => "sets-decided-organization",
            _ => "sets-decided",
        }
    }
}

#[derive(Template)]
#[template(path = "sets/ask.html")]
struct AskPage {
    frame: Frame,
    shell: Shell,
    set: Set,
    told: Option<Told>,
    accounts: Vec<Place>,
    person: String,
    account: String,
    action: String,
    resource: String,
    ip: String,
    mfa: bool,
    answered: Option<Answered>,
    command: String,
}

fn input(set: &Set, query: &Fields, user: &str) -> Value {
    let mut context = Vec::new();
    if let Some(ip) = query.some("ip") {
        context.push(json!({"ContextKeyName": "aws:SourceIp", "ContextKeyValues": [ip]}));
    }
    let mfa = query.is_ticked("mfa").to_string();
    context.push(json!({"ContextKeyName": "aws:MultiFactorAuthPresent", "ContextKeyValues": [mfa]}));
    set.with(json!({
        "UserId": user, "AccountId": query.some("account").unwrap_or("ACCOUNT_ID"),
        "ActionNames": [query.some("action").unwrap_or("SERVICE:ACTION")],
        "ResourceArns": [query.some("resource").unwrap_or("*")], "ContextEntries": context,
    }))
}

/// Whom a user name means.
async fn user(desk: &Desk, admin: &mut Administrator, name: &str) -> Result<String, Fault> {
    let by = json!({"UniqueAttribute": {"AttributePath": "userName", "AttributeValue": name}});
    let input = json!({"IdentityStoreId": desk.identity_store_id(), "AlternateIdentifier": by});
    let found: Found = admin.call(desk, Op("identitystore", "GetUserId"), input).await?;
    Ok(found.user_id)
}

async fn answered(
    desk: &Desk,
    admin: &mut Administrator,
    set: &Set,
    query: &Fields,
) -> Result<Answered, Told> {
    let person = match user(desk, admin, query.text("person")).await {
        Ok(person) => person,
        Err(why) => return Err(Told::of(admin, &why, &[]).on("person")),
    };
    let asked = admin.call(desk, Op("portico", "SimulateAccess"), input(set, query, &person)).await;
    asked.map_err(|why: Fault| Told::of(admin, &why, &FIELDS))
}

/// The page: the form, and the answer where something was asked.
pub(crate) async fn show(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Asked { mut admin, query }: Asked,
) -> Response {
    let set = match Set::of(&desk, &mut admin, &id, Tab::Ask).await {
        Ok(set) => set,
        Err(why) => return refused(&desk, &admin, Room::PermissionSets, &why),
    };
    let mut accounts = match places(&desk, &mut admin, &set, (Latest::Yes, None)).await {
        Ok((accounts, _)) => accounts,
        Err(why) => return refused(&desk, &admin, Room::PermissionSets, &why),
    };
    if let Ok((behind, _)) = places(&desk, &mut admin, &set, (Latest::No, None)).await {
        accounts.extend(behind);
    }
    let is_asked = query.some("person").is_some();
    let (answered, told) = if is_asked {
        match answered(&desk, &mut admin, &set, &query).await {
            Ok(answered) => (Some(answered), None),
            Err(told) => (None, Some(told)),
        }
    } else {
        (None, None)
    };
    let status = told.as_ref().map_or(http::StatusCode::OK, |told| told.status);
    let page = AskPage {
        frame: frame(&desk, &admin),
        shell: Shell::new(&desk, &admin, Room::PermissionSets),
        told,
        command: command::text(Op("portico", "SimulateAccess"), &input(&set, &query, "USER_ID")),
        accounts,
        person: query.text("person").to_owned(),
        account: query.text("account").to_owned(),
        action: query.text("action").to_owned(),
        resource: query.some("resource").unwrap_or("*").to_owned(),
        ip: query.text("ip").to_owned(),
        mfa: !is_asked || query.is_ticked("mfa"),
        answered,
        set,
    };
    answer(&desk, &admin, status, &page)
}
