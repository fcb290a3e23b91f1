//! AssumeRole in the local account plane: the role's trust policy and the caller's own policies decide together.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use model::access::Context;
use model::accounts::account::{AccountId, AccountState};
use model::accounts::organizational_unit::UnitPath;
use model::accounts::role::Role;
use model::caller::{Identity, OnBehalfOf};
use model::cx::Cx;
use model::event::HIDDEN;
use model::fault::{Fault, FaultKind};
use policy::document::Document;
use policy::trust;
use serde_json::{Value, json};
use store::db::Store;
use store::tx::{Rx, Tx};

use crate::role_sessions::{Credentials, NewSession, credentials, require_live};

/// A session made from a session may live an hour at most (STS, role chaining).
const CHAINED_SECONDS_MAX: i64 = 3_600;
/// The session when no duration is asked for.
pub(crate) const DEFAULT_SECONDS: i64 = 3_600;
/// Characters of a session's policy and policy ARNs together (STS, AssumeRole, `Policy`).
const POLICIES_MAX: usize = 2_048;
/// Managed policies of a session (STS, AssumeRole, `PolicyArns`).
const POLICY_ARNS_MAX: usize = 10;
/// Bytes of a session's tags together: AWS packs them and keeps its limit to itself; this keeps the token within a header.
const TAGS_BYTES_MAX: usize = 4_096;

/// What AssumeRole asks for.
#[derive(Debug, Clone)]
pub struct AssumeRole {
    /// The role's ARN.
    pub role_arn: String,
    /// The session's name.
    pub session_name: String,
    /// How long, seconds.
    pub duration_seconds: Option<i64>,
    /// A session policy: a JSON text.
    pub policy: Option<String>,
    /// Session policies: managed policy ARNs.
    pub policy_arns: Vec<String>,
    /// Session tags, as they came.
    pub tags: Vec<(String, String)>,
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

impl Assumed {
    /// Begins a session, within the transaction that records it.
    pub(crate) fn begin(tx: &mut Tx<'_>, cx: &Cx, new: &NewSession<'_>) -> Result<Self, Fault> {
        let (role, session_name) = (new.role, &new.session_name);
        Ok(Self {
            credentials: credentials(tx.keyring(), cx, new)?,
            arn: format!("arn:aws:sts::{}:assumed-role/{}/{session_name}", role.account_id, role.name),
            assumed_role_id: format!("{}:{session_name}", role.role_id),
        })
    }

    /// What a record shows of it.
    pub(crate) fn recorded(&self) -> Value {
        json!({
            "credentials": {
                "accessKeyId": self.credentials.access_key_id,
                "sessionToken": HIDDEN,
                "expiration": self.credentials.expires_at.rfc3339(),
            },
            "assumedRoleUser": {"assumedRoleId": self.assumed_role_id, "arn": self.arn},
        })
    }
}

/// Assumes a role.
pub async fn assume_role(store: &Store, cx: &Cx, ask: AssumeRole) -> Result<Assumed, Fault> {
    let policies = session_policies(ask.policy.as_deref(), &ask.policy_arns)?;
    let tags = session_tags(&ask.tags)?;
    store
        .write(cx, move |tx, cx| {
            require_live(tx, cx)?;
            let denied = || {
                Fault::access_denied(format!(
                    "User: {} is not authorized to perform: sts:AssumeRole on resource: {}",
                    cx.caller.arn(),
                    ask.role_arn
                ))
            };
            // A role that is not there and one that may not be assumed get the same answer: nothing is learned.
            let role = find(tx, &ask.role_arn)?.ok_or_else(denied)?;
            let path = account_path(tx, cx, &role)?;
            if !may_assume(cx, (&role, &path), &ask, &tags)? {
                return Err(denied());
            }
            let new = NewSession {
                role: &role.reference(),
                session_name: ask.session_name.clone(),
                lifetime: lifetime(cx, &role, ask.duration_seconds)?,
                tags: tags.clone(),
                on_behalf_of: on_behalf_of(cx),
                // A session that is made from another has no provider of its own (IAM user guide, aws:FederatedProvider).
                federated_provider: None,
                policies: policies.clone(),
                mfa_at: None,
            };
            let assumed = Assumed::begin(tx, cx, &new)?;
            cx.event().touch("AWS::IAM::Role", role.arn());
            cx.event().respond(assumed.recorded());
            Ok(assumed)
        })
        .await
}

/// The session's policies, which must be readable and known, in one list.
pub(crate) fn session_policies(policy: Option<&str>, arns: &[String]) -> Result<Vec<String>, Fault> {
    if arns.len() > POLICY_ARNS_MAX {
        let count = arns.len();
        return Err(Fault::validation(format!(
            "PolicyArns has {count} members; it must have {POLICY_ARNS_MAX} at most"
        )));
    }
    let all: Vec<String> = policy.map(str::to_owned).into_iter().chain(arns.iter().cloned()).collect();
    let length: usize = all.iter().map(|policy| policy.chars().count()).sum();
    if length > POLICIES_MAX {
        return Err(Fault::new(
            FaultKind::Service("PackedPolicyTooLarge"),
            format!("Policy and PolicyArns have {length} characters; together they may have {POLICIES_MAX}"),
        ));
    }
    if let Some(policy) = policy {
        Document::parse_new(policy)?;
    }
    match arns.iter().find(|arn| policy::managed::lookup(arn).is_err()) {
        Some(unknown) => Err(Fault::validation(format!("PolicyArns names {unknown}, which does not exist"))),
        None => Ok(all),
    }
}

/// The session's tags: keys differ in more than case, and none is AWS's own.
pub(crate) fn session_tags(tags: &[(String, String)]) -> Result<BTreeMap<String, String>, Fault> {
    let mut keys = BTreeSet::new();
    for (key, _) in tags {
        let lower = key.to_lowercase();
        if lower.starts_with("aws:") {
            return Err(Fault::validation(format!("Tags has the key {key}: aws: is reserved")));
        }
        if !keys.insert(lower) {
            return Err(Fault::validation(format!(
                "Tags has the key {key} twice: keys must differ in more than case"
            )));
        }
    }
    let bytes: usize = tags.iter().map(|(key, value)| key.len() + value.len()).sum();
    if bytes > TAGS_BYTES_MAX {
        return Err(Fault::new(
            FaultKind::Service("PackedPolicyTooLarge"),
            format!("Tags has {bytes} bytes of keys and values; it may have {TAGS_BYTES_MAX}"),
        ));
    }
    Ok(tags.iter().cloned().collect())
}

/// The role of an ARN, whose path must be the role's own, in an account that is in use.
pub(crate) fn find(rx: &mut Rx<'_>, arn: &str) -> Result<Option<Role>, Fault> {
    let Some((account, name)) = parse_role_arn(arn) else { return Ok(None) };
    let suspended = store::accounts::accounts::find(rx, &account)?
        .is_some_and(|account| account.state != AccountState::Active);
    let role = store::accounts::roles::find(rx, &account, name)?;
    Ok(role.filter(|role| !suspended && role.arn() == arn))
}

/// The account and name of a role ARN.
pub(crate) fn parse_role_arn(arn: &str) -> Option<(AccountId, &str)> {
    let (account, rest) = arn.strip_prefix("arn:aws:iam::")?.split_once(":role/")?;
    Some((AccountId::parse(account).ok()?, rest.rsplit('/').next()?))
}

/// The person behind a session stays the person behind the sessions made from it.
fn on_behalf_of(cx: &Cx) -> Option<OnBehalfOf> {
    match cx.caller.identity() {
        Identity::Role(session) => session.on_behalf_of.clone(),
        _ => None,
    }
}

/// Where the role's account lies, unless it is the caller's own, of which the caller says it.
fn account_path(rx: &mut Rx<'_>, cx: &Cx, role: &Role) -> Result<UnitPath, Fault> {
    if cx.caller.account_id() == Some(&role.account_id) {
        return Ok(UnitPath::ROOT);
    }
    Ok(store::accounts::accounts::path_of(rx, &role.account_id)?)
}

/// Session tags are a right of their own: who passes some needs `sts:TagSession` too.
fn may_assume(
    cx: &Cx,
    role: (&Role, &UnitPath),
    ask: &AssumeRole,
    tags: &BTreeMap<String, String>,
) -> Result<bool, Fault> {
    let mut context = Context::new();
    context.insert("sts:RoleSessionName".to_owned(), vec![ask.session_name.clone()]);
    context.extend(ask.external_id.iter().map(|id| ("sts:ExternalId".to_owned(), vec![id.clone()])));
    context.extend(tags.iter().map(|(key, value)| (format!("aws:RequestTag/{key}"), vec![value.clone()])));
    let actions = if tags.is_empty() {
        ["sts:AssumeRole"].as_slice()
    } else {
        context.insert("aws:TagKeys".to_owned(), tags.keys().cloned().collect());
        ["sts:AssumeRole", "sts:TagSession"].as_slice()
    };
    trust::may_assume(cx, role, actions, &context)
}

fn lifetime(cx: &Cx, role: &Role, asked: Option<i64>) -> Result<Duration, Fault> {
    let chained = matches!(cx.caller.identity(), Identity::Role(_));
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
