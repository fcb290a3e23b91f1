//! What differs in connected accounts from what was made there: each finding with its difference, to be put right or accepted; and one account, to be looked at now.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use edge_portal::words::language::Language;
use edge_portal::words::sentence::Sentence;
use model::fault::Fault;
use serde::Deserialize;
use serde_json::json;

use crate::administrator::Administrator;
use crate::asked::Asked;
use crate::desk::Desk;
use crate::fields::Fields;
use crate::moment::Moment;
use crate::names::{Named, Names};
use crate::page::{ROWS, Room, Shell, encoded, frame, go, refused, show as shown};
use crate::part::Part;
use crate::sent::Sent;
use crate::thing::{Kind, Thing};

/// Where it is.
const PATH: &str = "/console/accounts/drift";
/// The API's words for what was decided, and what they are called in the catalogs.
const STATUSES: [(&str, &str); 3] =
    [("OPEN", "drift-open"), ("ACCEPTED", "drift-accepted"), ("REPAIRING", "drift-repairing")];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    findings: Vec<Finding>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Finding {
    finding_id: String,
    account_id: String,
    resource_arn: String,
    permission_set_arn: Option<String>,
    drift_status: String,
    property_differences: Vec<Difference>,
    status: String,
    found_by: String,
    found_at: Moment,
    decided_by: Option<String>,
    decided_at: Option<Moment>,
    failure_reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Difference {
    property_path: String,
    expected_value: Option<String>,
    actual_value: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Described {
    account_drift: Drift,
}

/// How looking at an account goes.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Drift {
    detection_status: Option<String>,
    detection_status_reason: Option<String>,
    last_checked_at: Option<Moment>,
    next_check_at: Option<Moment>,
}

impl Drift {
    fn is_under_way(&self) -> bool {
        self.detection_status.as_deref() == Some("DETECTION_IN_PROGRESS")
    }
}

/// A finding as it is shown.
struct Line {
    account: Named,
    set: Option<Named>,
    kind: Sentence,
    status: Sentence,
    of: Finding,
}

impl Line {
    fn is_open(&self) -> bool {
        self.of.status == "OPEN"
    }

    fn is_under_way(&self) -> bool {
        self.of.status == "REPAIRING"
    }

    /// Where a form about it is sent.
    fn action(&self, act: &str) -> String {
        format!("{PATH}/{}/{}/{act}", encoded(&self.of.account_id), encoded(&self.of.finding_id))
    }
}

#[derive(Template)]
#[template(path = "accounts_drift.html")]
struct DriftPage {
    frame: Frame,
    shell: Shell,
    /// The account that is asked about, as it was typed.
    account: String,
    drift: Option<Part<Drift>>,
    status: String,
    lines: Vec<Line>,
    is_later: bool,
    next: Option<String>,
}

impl DriftPage {
    const STATUSES: [(&str, &str); 3] = STATUSES;

    fn is_status(&self, word: &str) -> bool {
        self.status == word
    }

    fn first(&self) -> String {
        place(&self.account, &self.status)
    }

    fn detect(&self) -> String {
        format!("{PATH}/{}/detect", encoded(&self.account))
    }
}

fn place(account: &str, status: &str) -> String {
    format!("{PATH}?account={}&status={}", encoded(account), encoded(status))
}

/// `GET /console/accounts/drift?account=&status=`
pub(crate) async fn show(State(desk): State<Desk>, Asked { mut admin, query }: Asked) -> Response {
    match made(&desk, &mut admin, &query).await {
        Ok(page) => shown(&desk, &admin, &page),
        Err(why) => refused(&desk, &admin, Room::Accounts, &why),
    }
}

async fn made(desk: &Desk, admin: &mut Administrator, query: &Fields) -> Result<DriftPage, Fault> {
    let account = query.text("account").to_owned();
    let status = STATUSES.iter().find(|(word, _)| *word == query.text("status"));
    let status = status.map(|(word, _)| (*word).to_owned()).unwrap_or_default();
    let token = query.some("token");
    let of = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let input = json!({
        "InstanceArn": desk.instance_arn(), "AccountId": of(&account), "Status": of(&status), "MaxResults": ROWS, "NextToken": token,
    });
    let listed: Listed = admin.call(desk, Op("portico", "ListAccountDriftFindings"), input).await?;
    let drift = if account.is_empty() {
        None
    } else {
        let input = json!({"InstanceArn": desk.instance_arn(), "AccountId": account});
        let described = admin.call::<Described>(desk, Op("portico", "DescribeAccountDrift"), input).await;
        Some(Part::of(admin, described.map(|described| described.account_drift)))
    };
    let things = listed.findings.iter().flat_map(things);
    let names = Names::of(desk, admin, things).await;
    let language = admin.visitor.language;
    let here = place(&account, &status);
    Ok(DriftPage {
        frame: frame(desk, admin),
        shell: Shell::new(desk, admin, Room::Accounts).after(admin, query),
        lines: listed.findings.into_iter().map(|finding| line(language, &names, finding)).collect(),
        next: listed.next_token.map(|token| format!("{here}&token={}", encoded(&token))),
        is_later: token.is_some(),
        account,
        drift,
        status,
    })
}

fn account_of(finding: &Finding) -> Thing {
    Thing::new(Kind::Account, &finding.account_id)
}

fn set_of(finding: &Finding) -> Option<Thing> {
    finding.permission_set_arn.as_deref().map(|arn| Thing::new(Kind::Set, arn))
}

fn things(finding: &Finding) -> impl Iterator<Item = Thing> {
    std::iter::once(account_of(finding)).chain(set_of(finding))
}

fn line(language: Language, names: &Names, finding: Finding) -> Line {
    let kind = match finding.drift_status.as_str() {
        "DELETED" => language.say("drift-deleted"),
        "UNEXPECTED" => language.say("drift-unexpected"),
        _ => language.say("drift-modified"),
    };
    let status = match finding.status.as_str() {
        "ACCEPTED" => language.say("drift-accepted"),
        "REPAIRING" => language.say("drift-repairing"),
        _ => language.say("drift-open"),
    };
    Line {
        account: names.named(&account_of(&finding)),
        set: set_of(&finding).map(|set| names.named(&set)),
        kind,
        status,
        of: finding,
    }
}

/// `POST /console/accounts/drift/{account}/detect`
pub(crate) async fn detect(
    State(desk): State<Desk>,
    Path(account): Path<String>,
    Sent { mut admin, .. }: Sent,
) -> Response {
    let input = json!({"InstanceArn": desk.instance_arn(), "AccountId": account});
    match admin.act(&desk, Op("portico", "DetectAccountDrift"), input).await {
        Ok(()) => go(&desk, &format!("{}&done=begun", place(&account, ""))),
        Err(why) => refused(&desk, &admin, Room::Accounts, &why),
    }
}

/// `POST /console/accounts/drift/{account}/{finding}/repair`
pub(crate) async fn repair(
    State(desk): State<Desk>,
    Path(of): Path<(String, String)>,
    Sent { admin, .. }: Sent,
) -> Response {
    decide(&desk, admin, of, (Op("portico", "RepairAccountDriftFinding"), "begun")).await
}

/// `POST /console/accounts/drift/{account}/{finding}/accept`
pub(crate) async fn accept(
    State(desk): State<Desk>,
    Path(of): Path<(String, String)>,
    Sent { admin, .. }: Sent,
) -> Response {
    decide(&desk, admin, of, (Op("portico", "AcceptAccountDriftFinding"), "saved")).await
}

async fn decide(
    desk: &Desk,
    mut admin: Administrator,
    (account, finding): (String, String),
    (op, done): (Op, &str),
) -> Response {
    let input = json!({"InstanceArn": desk.instance_arn(), "AccountId": account, "FindingId": finding});
    match admin.act(desk, op, input).await {
        Ok(()) => go(desk, &format!("{}&done={done}", place(&account, ""))),
        Err(why) => refused(desk, &admin, Room::Accounts, &why),
    }
}
