//! AssumeRole in the local account plane: the role's trust policy and the caller's own policies decide together.

use std::collections::BTreeMap;
use std::time::Duration;

use model::access::Context;
use model::account::AccountId;
use model::caller::{Identity, OnBehalfOf};
use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use model::role::Role;
use policy::document::{Document, Kind};
use policy::trust;
use store::db::Store;

use crate::role_sessions::{Credentials, NewSession, credentials};

/// A session made from a session may live an hour at most (STS, role chaining).
const CHAINED_SECONDS_MAX: i64 = 3_600;
/// The session when no duration is asked for.
const DEFAULT_SECONDS: i64 = 3_600;

/// What AssumeRole asks for.
#[derive(Debug, Clone)]
pub struct AssumeRole {
    /// The role's ARN.
    pub role_arn: String,
    /// The session's name.
    pub session_name: String,
    /// How long, seconds.
    pub duration_seconds: Option<i64>,
    /// Session policies: a JSON text and managed policy ARNs.
    pub policies: Vec<String>,
    /// Session tags.
    pub tags: BTreeMap<String, String>,
    /// `sts:ExternalId`
    pub external_id: Option<String>,
}

/// The new session.
#[derive(Debug, Clone)]
pub struct Assumed {
    /// Its credentials.
    pub credentials: Credentials,
    /// `arn:aws:sts::<account>:assumed-role/<role>/<session>`
    pub arn: String,
    /// `AROA…:<session>`
    pub assumed_role_id: String,
}

/// Assumes a role.
pub async fn assume_role(store: &Store, cx: &Cx, ask: AssumeRole) -> Result<Assumed, Fault> {
    for policy in ask.policies.iter().filter(|policy| !policy.starts_with("arn:")) {
        Document::parse(policy, Kind::Identity)?;
    }
    store
        .write(cx, move |tx, cx| {
            let denied = || {
                Fault::access_denied(format!(
                    "User: {} is not authorized to perform: sts:AssumeRole on resource: {}",
                    cx.caller.arn(),
                    ask.role_arn
                ))
            };
            let (account, name) = parse_role_arn(&ask.role_arn).ok_or_else(denied)?;
            let role = store::roles::find(tx, &account, name)?
                .filter(|role| role.arn() == ask.role_arn)
                .ok_or_else(denied)?;
            if !may_assume(cx, &role, &ask)? {
                return Err(denied());
            }
            let lifetime = lifetime(cx, &role, ask.duration_seconds)?;
            let new = NewSession {
                role: &role,
                session_name: ask.session_name.clone(),
                lifetime,
                tags: ask.tags.clone(),
                on_behalf_of: on_behalf_of(cx),
                policies: ask.policies.clone(),
            };
            cx.event().touch("AWS::IAM::Role", role.arn());
            Ok(Assumed {
                credentials: credentials(tx, cx, &new)?,
                arn: format!("arn:aws:sts::{account}:assumed-role/{}/{}", role.name, ask.session_name),
                assumed_role_id: format!("{}:{}", role.role_id, ask.session_name),
            })
        })
        .await
}

/// The account and name of a role ARN; the path is compared with the role's own.
fn parse_role_arn(arn: &str) -> Option<(AccountId, &str)> {
    let (account, rest) = arn.strip_prefix("arn:aws:iam::")?.split_once(":role/")?;
    Some((AccountId::parse(account).ok()?, rest.rsplit('/').next()?))
}

/// The person behind a session stays the person behind the sessions made from it.
fn on_behalf_of(cx: &Cx) -> Option<OnBehalfOf> {
    match &cx.caller.identity {
        Identity::Role(session) => session.on_behalf_of.clone(),
        _ => None,
    }
}

/// Session tags are a right of their own: who passes some needs `sts:TagSession` too.
fn may_assume(cx: &Cx, role: &Role, ask: &AssumeRole) -> Result<bool, Fault> {
    let mut context = Context::new();
    context.insert("sts:RoleSessionName".to_owned(), vec![ask.session_name.clone()]);
    context.extend(ask.external_id.iter().map(|id| ("sts:ExternalId".to_owned(), vec![id.clone()])));
    context
        .extend(ask.tags.iter().map(|(key, value)| (format!("aws:RequestTag/{key}"), vec![value.clone()])));
    let actions = if ask.tags.is_empty() {
        ["sts:AssumeRole"].as_slice()
    } else {
        context.insert("aws:TagKeys".to_owned(), ask.tags.keys().cloned().collect());
        ["sts:AssumeRole", "sts:TagSession"].as_slice()
    };
    trust::may_assume(cx, role, actions, &context)
}

fn lifetime(cx: &Cx, role: &Role, asked: Option<i64>) -> Result<Duration, Fault> {
    let chained = matches!(cx.caller.identity, Identity::Role(_));
    let most =
        if chained { CHAINED_SECONDS_MAX.min(role.max_session_seconds) } else { role.max_session_seconds };
    let seconds = asked.unwrap_or(DEFAULT_SECONDS.min(most));
    if seconds > most {
        let why =
            if chained { "the limit for role chaining" } else { "the MaxSessionDuration set for this role" };
        let message = format!("The requested DurationSeconds is {seconds}; it exceeds {why}, {most}.");
        return Err(Fault::new(FaultKind::Validation, message));
    }
    Ok(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}
