//! What an administrator should look at: each thing with why and what to do. Only what the API says is shown, by a few calls whose cost does not grow
//! with the company; what the visitor's role may not ask for is said to be missing.

use edge_aws::inside::Op;
use edge_portal::words::language::Language;
use edge_portal::words::sentence::Sentence;
use model::fault::Fault;
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

use crate::administrator::{Administrator, allowed};
use crate::desk::Desk;
use crate::moment::Moment;
use crate::trail_things;

/// Rows of a list that are looked at: the most that a page has.
const ROWS: usize = 100;

/// What failed longer ago is no news.
const RECENT: Duration = Duration::from_secs(7 * 24 * 3_600);

/// Failed requests whose reasons are shown.
pub(crate) const REASONS: usize = 3;

/// Something to look at.
pub(crate) struct Item {
    /// Whether it harms now.
    pub(crate) bad: bool,
    pub(crate) heading: Sentence,
    pub(crate) todo: Sentence,
    pub(crate) link: &'static str,
    pub(crate) link_text: &'static str,
    pub(crate) examples: Vec<Example>,
}

/// One of the things that it is about.
pub(crate) struct Example {
    pub(crate) text: String,
    pub(crate) page: Option<String>,
    pub(crate) why: String,
    /// A moment that belongs to it.
    pub(crate) at: Option<Moment>,
}

/// All of it.
#[derive(Default)]
pub(crate) struct Attention {
    pub(crate) items: Vec<Item>,
    /// What the role may not ask for: operations.
    pub(crate) unseen: Vec<&'static str>,
}

impl Attention {
    /// [`allowed`], and what is not is kept in mind.
    pub(crate) fn allowed<T>(&mut self, op: Op, answer: Result<T, Fault>) -> Result<Option<T>, Fault> {
        let answer = allowed(answer)?;
        if answer.is_none() {
            self.unseen.push(op.1);
        }
        Ok(answer)
    }
}

/// Looks.
pub(crate) async fn look(desk: &Desk, admin: &mut Administrator) -> Result<Attention, Fault> {
    let mut found = Attention::default();
    for kind in &FAILURES {
        failures(desk, admin, &mut found, kind).await?;
    }
    invitations(desk, admin, &mut found).await?;
    policies(desk, admin, &mut found).await?;
    Ok(found)
}

/// A kind of work that fails: how it is listed and described.
struct Failure {
    list: Op,
    listed: &'static str,
    describe: Op,
    id: &'static str,
    described: &'static str,
    said: &'static str,
    todo: &'static str,
    link: &'static str,
    link_text: &'static str,
}

const FAILURES: [Failure; 3] = [
    Failure {
        list: Op("sso-admin", "ListAccountAssignmentCreationStatus"),
        listed: "AccountAssignmentsCreationStatus",
        describe: Op("sso-admin", "DescribeAccountAssignmentCreationStatus"),
        id: "AccountAssignmentCreationRequestId",
        described: "AccountAssignmentCreationStatus",
        said: "overview-failed-creation",
        todo: "overview-failed-creation-todo",
        link: "/console/assignments",
        link_text: "overview-to-assignments",
    },
    Failure {
        list: Op("sso-admin", "ListAccountAssignmentDeletionStatus"),
        listed: "AccountAssignmentsDeletionStatus",
        describe: Op("sso-admin", "DescribeAccountAssignmentDeletionStatus"),
        id: "AccountAssignmentDeletionRequestId",
        described: "AccountAssignmentDeletionStatus",
        said: "overview-failed-deletion",
        todo: "overview-failed-deletion-todo",
        link: "/console/assignments",
        link_text: "overview-to-assignments",
    },
    Failure {
        list: Op("sso-admin", "ListPermissionSetProvisioningStatus"),
        listed: "PermissionSetsProvisioningStatus",
        describe: Op("sso-admin", "DescribePermissionSetProvisioningStatus"),
        id: "ProvisionPermissionSetRequestId",
        described: "PermissionSetProvisioningStatus",
        said: "overview-failed-provisioning",
        todo: "overview-failed-provisioning-todo",
        link: "/console/permission-sets",
        link_text: "overview-to-sets",
    },
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    request_id: String,
    created_date: Option<Moment>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
struct Reason {
    failure_reason: Option<String>,
    permission_set_arn: Option<String>,
    target_id: Option<String>,
    account_id: Option<String>,
}

async fn failures(
    desk: &Desk,
    admin: &mut Administrator,
    found: &mut Attention,
    kind: &Failure,
) -> Result<(), Fault> {
    let input = json!({
        "InstanceArn": desk.instance_arn(), "Filter": { "Status": "FAILED" }, "MaxResults": ROWS,
    });
    let answer = admin.call::<Value>(desk, kind.list, input).await;
    let Some(mut answer) = found.allowed(kind.list, answer)? else { return Ok(()) };
    let more = answer.get("NextToken").is_some_and(Value::is_string);
    let listed = answer.get_mut(kind.listed).map(Value::take).unwrap_or_default();
    let mut recent: Vec<Request> = serde_json::from_value(listed).unwrap_or_default();
    let since = admin.visitor.cx.now.minus(RECENT);
    recent.retain(|request| request.created_date.is_none_or(|at| at.is_after(since)));
    if recent.is_empty() {
        return Ok(());
    }
    recent.sort_by_key(|request| std::cmp::Reverse(request.created_date.map(Moment::seconds)));
    let mut examples = Vec::new();
    for request in recent.iter().take(REASONS) {
        let input = json!({ "InstanceArn": desk.instance_arn(), kind.id: request.request_id });
        let answer = admin.call::<Value>(desk, kind.describe, input).await;
        let Some(mut answer) = found.allowed(kind.describe, answer)? else { break };
        let described = answer.get_mut(kind.described).map(Value::take).unwrap_or_default();
        examples.push(example(serde_json::from_value(described).unwrap_or_default()));
    }
    let language = admin.visitor.language;
    found.items.push(Item {
        bad: true,
        heading: counted(language, kind.said, (recent.len(), more)),
        todo: language.say(kind.todo),
        link: kind.link,
        link_text: kind.link_text,
        examples,
    });
    Ok(())
}

fn example(reason: Reason) -> Example {
    let set = reason.permission_set_arn.unwrap_or_default();
    let account = reason.target_id.or(reason.account_id).unwrap_or_default();
    Example {
        text: format!("{} · {account}", trail_things::short(&set)),
        page: trail_things::page(&set),
        why: reason.failure_reason.unwrap_or_default(),
        at: None,
    }
}

/// A heading with a count: `more` says that there may be others on further pages.
pub(crate) fn counted(language: Language, name: &'static str, (count, more): (usize, bool)) -> Sentence {
    let more = if more { format!(" {}", language.say("overview-or-more")) } else { String::new() };
    language.say(name).count("count", count).with("more", more)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Invitations {
    #[serde(default)]
    invitations: Vec<Invitation>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Invitation {
    user_id: String,
    user_name: String,
    purpose: String,
    expires_at: Moment,
    mail_status: Option<String>,
}

async fn invitations(desk: &Desk, admin: &mut Administrator, found: &mut Attention) -> Result<(), Fault> {
    const LIST: Op = Op("portico", "ListInvitations");
    let input = json!({ "IdentityStoreId": desk.identity_store_id(), "MaxResults": ROWS });
    let answer = admin.call::<Invitations>(desk, LIST, input).await;
    let Some(answer) = found.allowed(LIST, answer)? else { return Ok(()) };
    let (now, language) = (admin.visitor.cx.now, admin.visitor.language);
    let more = answer.next_token.is_some();
    let is_over = |one: &&Invitation| one.purpose == "INVITATION" && !one.expires_at.is_after(now);
    let over: Vec<&Invitation> = answer.invitations.iter().filter(is_over).collect();
    let is_lost = |one: &&Invitation| one.mail_status.as_deref() == Some("GIVEN_UP");
    let lost: Vec<&Invitation> = answer.invitations.iter().filter(is_lost).collect();
    for (these, said, todo) in [
        (over, "overview-invitations-over", "overview-invitations-over-todo"),
        (lost, "overview-letters-lost", "overview-letters-lost-todo"),
    ] {
        if these.is_empty() {
            continue;
        }
        let shown = |one: &&Invitation| Example {
            text: one.user_name.clone(),
            page: trail_things::page(&one.user_id),
            why: String::new(),
            at: Some(one.expires_at),
        };
        found.items.push(Item {
            bad: false,
            heading: counted(language, said, (these.len(), more)),
            todo: language.say(todo),
            link: "/console/people",
            link_text: "overview-to-people",
            examples: these.iter().take(REASONS).map(shown).collect(),
        });
    }
    Ok(())
}

/// Settings that leave a door ajar.
async fn policies(desk: &Desk, admin: &mut Administrator, found: &mut Attention) -> Result<(), Fault> {
    const FACTORS: Op = Op("portico", "GetMfaDeviceManagementForDirectory");
    const PASSWORDS: Op = Op("portico", "GetPasswordPolicy");
    let input = json!({ "IdentityStoreId": desk.identity_store_id() });
    let factors = admin.call::<Value>(desk, FACTORS, input.clone()).await;
    let factors = found.allowed(FACTORS, factors)?.unwrap_or_default();
    let passwords = admin.call::<Value>(desk, PASSWORDS, input).await;
    let passwords = found.allowed(PASSWORDS, passwords)?.unwrap_or_default();
    let text = |path: &str| factors.pointer(path).and_then(Value::as_str).unwrap_or_default();
    let nobody = text("/MfaDeviceManagement/PromptMode") == "DISABLED";
    let without = text("/MfaDeviceManagement/WithoutDevice") == "ALLOW";
    let known = passwords.pointer("/PasswordPolicy/RefuseBreached") == Some(&Value::Bool(false));
    let language = admin.visitor.language;
    let mut add = |is: bool, (heading, todo): (&'static str, &'static str), link: &'static str| {
        if is {
            found.items.push(Item {
                bad: false,
                heading: language.say(heading),
                todo: language.say(todo),
                link,
                link_text: "overview-to-setting",
                examples: Vec::new(),
            });
        }
    };
    add(nobody, ("overview-no-factor", "overview-no-factor-todo"), "/console/settings/factors");
    add(without && !nobody, ("overview-no-device", "overview-no-device-todo"), "/console/settings/factors");
    add(known, ("overview-known-passwords", "overview-known-passwords-todo"), "/console/settings/passwords");
    Ok(())
}
