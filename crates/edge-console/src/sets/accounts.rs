//! Where a permission set is provisioned, which accounts do not hold the latest yet, and provisioning it again.

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
use crate::page::{Room, Shell, answer, encoded, frame, go, refused};
use crate::sent::Sent;
use crate::sets::set::{Set, Tab};
use crate::sets::told::Told;

/// Rows of a page.
const ROWS: usize = 50;

/// Whether an account holds the latest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Latest {
    Yes,
    No,
}

/// An account.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Accounts {
    account_ids: Vec<String>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Provisioning {
    permission_set_provisioning_status: Status,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Status {
    status: String,
    request_id: String,
    #[serde(default)]
    failure_reason: String,
}

impl Status {
    fn is_under_way(&self) -> bool {
        self.status == "IN_PROGRESS"
    }

    fn has_failed(&self) -> bool {
        self.status == "FAILED"
    }
}

/// A page of accounts that hold the latest, or that do not.
pub(crate) async fn places(
    desk: &Desk,
    admin: &mut Administrator,
    set: &Set,
    (latest, token): (Latest, Option<&str>),
) -> Result<(Vec<Place>, Option<String>), Fault> {
    let status = match latest {
        Latest::Yes => "LATEST_PERMISSION_SET_PROVISIONED",
        Latest::No => "LATEST_PERMISSION_SET_NOT_PROVISIONED",
    };
    let input = set.with(json!({"ProvisioningStatus": status, "MaxResults": ROWS, "NextToken": token}));
    let op = Op("sso-admin", "ListAccountsForProvisionedPermissionSet");
    let found: Accounts = admin.call(desk, op, input).await?;
    Ok((found.account_ids.into_iter().map(|id| Place { id }).collect(), found.next_token))
}

#[derive(Template)]
#[template(path = "sets/accounts.html")]
struct AccountsPage {
    frame: Frame,
    shell: Shell,
    set: Set,
    told: Option<Told>,
    progress: Option<Status>,
    behind: Vec<Place>,
    behind_next: Option<String>,
    latest: Vec<Place>,
    latest_next: Option<String>,
    is_first: bool,
    command: String,
}

fn everywhere() -> Value {
    json!({"TargetType": "ALL_PROVISIONED_ACCOUNTS"})
}

async fn page(
    desk: &Desk,
    admin: &mut Administrator,
    set: Set,
    asked: &Shown<'_>,
) -> Result<Response, Fault> {
    let (behind, behind_next) = places(desk, admin, &set, (Latest::No, asked.behind)).await?;
    let (latest, latest_next) = places(desk, admin, &set, (Latest::Yes, asked.latest)).await?;
    let progress = match asked.request {
        None => None,
        Some(id) => {
            let input = json!({"InstanceArn": desk.instance_arn(), "ProvisionPermissionSetRequestId": id});
            let op = Op("sso-admin", "DescribePermissionSetProvisioningStatus");
            let found: Provisioning = admin.call(desk, op, input).await?;
            Some(found.permission_set_provisioning_status)
        }
    };
    let next = |name: &str, token: Option<String>| {
        token.map(|token| set.below(&format!("/accounts?{name}={}", encoded(&token))))
    };
    let page = AccountsPage {
        frame: frame(desk, admin),
        shell: Shell::new(desk, admin, Room::PermissionSets),
        told: None,
        progress,
        behind,
        behind_next: next("behind", behind_next),
        latest,
        latest_next: next("latest", latest_next),
        is_first: asked.behind.is_none() && asked.latest.is_none(),
        command: set.command("ProvisionPermissionSet", everywhere()),
        set,
    };
    Ok(answer(desk, admin, StatusCode::OK, &page))
}

/// What of the lists is shown, and the request whose progress is.
struct Shown<'q> {
    behind: Option<&'q str>,
    latest: Option<&'q str>,
    request: Option<&'q str>,
}

/// The page. `?request=` is one of provisioning, whose progress it shows.
pub(crate) async fn show(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Asked { mut admin, query }: Asked,
) -> Response {
    let asked =
        Shown { behind: query.some("behind"), latest: query.some("latest"), request: query.some("request") };
    let shown = match Set::of(&desk, &mut admin, &id, Tab::Accounts).await {
        Ok(set) => page(&desk, &mut admin, set, &asked).await,
        Err(why) => Err(why),
    };
    shown.unwrap_or_else(|why| refused(&desk, &admin, Room::PermissionSets, &why))
}

/// Provisions it: in one account, or wherever it stands.
pub(crate) async fn provision(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Sent { mut admin, fields: form }: Sent,
) -> Response {
    let set = match Set::of(&desk, &mut admin, &id, Tab::Accounts).await {
        Ok(set) => set,
        Err(why) => return refused(&desk, &admin, Room::PermissionSets, &why),
    };
    let target = match form.some("account") {
        Some(account) => json!({"TargetType": "AWS_ACCOUNT", "TargetId": account}),
        None => everywhere(),
    };
    let op = Op("sso-admin", "ProvisionPermissionSet");
    let begun: Result<Provisioning, Fault> = admin.call(&desk, op, set.with(target)).await;
    match begun {
        Ok(begun) => {
            let id = encoded(&begun.permission_set_provisioning_status.request_id);
            go(&desk, &set.below(&format!("/accounts?request={id}")))
        }
        Err(why) => refused(&desk, &admin, Room::PermissionSets, &why),
    }
}
