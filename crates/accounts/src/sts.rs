//! AssumeRole in the local account plane: the role's trust policy and the caller's own policies decide together.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use model::access::{Context, Question, Resource};
use model::accounts::account::{AccountId, AccountState};
use model::accounts::organizational_unit::UnitPath;
use model::accounts::policy::arn_prefix;
use model::accounts::role::Role;
use model::caller::{Identity, OnBehalfOf, ProvidedContext};
use model::cx::Cx;
use model::event::HIDDEN;
use model::fault::{Fault, FaultKind};
use model::secret::Secret;
use policy::document::Document;
use policy::require::denial;
use policy::trust;
use serde_json::{Value, json};
use store::db::Store;
use store::identity_context::IdentityContext;
use store::tx::{Rx, Tx};

use crate::chaining::{Chain, check_bytes};
use crate::role_sessions::{Credentials, NewSession, credentials, require_live};
use crate::roles::resource_tags;

/// A session made from a session may live an hour at most (STS, role chaining).
const CHAINED_SECONDS_MAX: i64 = 3_600;
/// The session when no duration is asked for.
pub(crate) const DEFAULT_SECONDS: i64 = 3_600;
/// Characters of a session's policy and policy ARNs together (STS, AssumeRole, `Policy`).
const POLICIES_MAX: usize = 2_048;
/// Managed policies of a session (STS, AssumeRole, `PolicyArns`).
const POLICY_ARNS_MAX: usize = 10;

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
    /// Keys of those of them that every session made from this one has too.
    pub transitive_tag_keys: Vec<String>,
    /// Who is behind it, as the caller says for good.
    pub source_identity: Option<String>,
    /// `sts:ExternalId`
    pub external_id: Option<String>,
    /// Who says for whom: the provider's ARN, and what it says.
    pub provided_contexts: Vec<(String, Secret)>,
}

/// What a session that comes with tags needs besides.
pub(crate) const TAG_SESSION: &str = "sts:TagSession";
/// What a session that says who is behind it needs besides.
pub(crate) const SET_SOURCE_IDENTITY: &str = "sts:SetSourceIdentity";

/// The one provider of contexts that there is (STS, AssumeRole, `ProvidedContexts`).
const IDENTITY_CENTER: &str = "arn:aws:iam::aws:contextProvider/IdentityCenter";

/// The new session.
#[derive(Debug, Clone)]
pub struct Assumed {
    /// Its credentials.
    pub credentials: Credentials,
    /// `arn:aws:sts::<account>:assumed-role/<role>/<session>`
    pub arn: String,
    /// `AROA…:<session>`
    pub assumed_role_id: String,
    /// Who is behind it, as somebody said for good.
    pub source_identity: Option<String>,
}

impl Assumed {
    /// Begins a session, within the transaction that records it.
    pub(crate) fn begin(tx: &mut Tx<'_>, cx: &Cx, new: &NewSession<'_>) -> Result<Self, Fault> {
        let (role, session_name) = (new.role, &new.session_name);
        Ok(Self {
            credentials: credentials(tx.keyring(), cx, new)?,
            arn: format!("arn:aws:sts::{}:assumed-role/{}/{session_name}", role.account_id, role.name),
            assumed_role_id: format!("{}:{session_name}", role.role_id),
            source_identity: new.handed_on.source_identity.clone(),
        })
    }

    /// What a record shows of it.
    pub(crate) fn recorded(&self) -> Value {
        let mut recorded = json!({
            "credentials": {
                "accessKeyId": self.credentials.access_key_id,
                "sessionToken": HIDDEN,
                "expiration": self.credentials.expires_at.rfc3339(),
            },
            "assumedRoleUser": {"assumedRoleId": self.assumed_role_id, "arn": self.arn},
        });
        if let Some(source_identity) = &self.source_identity {
            recorded["sourceIdentity"] = json!(source_identity);
        }
        recorded
    }
}

/// Assumes a role.
pub async fn assume_role(store: &Store, cx: &Cx, ask: AssumeRole) -> Result<Assumed, Fault> {
    let policies = session_policies(&ask.role_arn, ask.policy.as_deref(), &ask.policy_arns)?;
    let given = session_tags(&ask.tags)?;
    let chain = Chain::of(cx, &given, &ask.transitive_tag_keys, ask.source_identity.as_deref())?;
    store
        .write(cx, move |tx, cx| {
            require_live(tx, cx)?;
            let denied = || not_authorized(cx, "sts:AssumeRole", &ask.role_arn);
            if chain.says_another_source {
                return Err(not_authorized(cx, SET_SOURCE_IDENTITY, &ask.role_arn));
            }
            // A role that is not there and one that may not be assumed get the same answer: nothing is learned.
            let role = find(tx, &ask.role_arn)?.ok_or_else(denied)?;
            let path = account_path(tx, cx, &role)?;
            let of_role = resource_tags(tx, &role)?;
            // Who may not set a context learns nothing of what is wrong with it.
            if !may_assume(cx, (&role, &path), &ask, (&given, &chain, of_role))? {
                return Err(denied());
            }
            require_own_policies(tx, &role, &ask.policy_arns)?;
            let enhanced = provided(tx, cx, &ask.provided_contexts)?;
            let (on_behalf_of, provided_context) = match enhanced {
                Some((person, context)) => {
                    require_same_person(cx, &person)?;
                    (Some(person), Some(context))
                }
                None => on_behalf_of(cx),
            };
            let is_enhanced = provided_context.is_some();
            let new = NewSession {
                role: &role.reference(),
                session_name: ask.session_name.clone(),
                lifetime: lifetime(cx, &role, ask.duration_seconds)?,
                tags: chain.tags.clone(),
                on_behalf_of,
                provided_context,
                // A session that is made from another has no provider of its own (IAM user guide, aws:FederatedProvider).
                federated_provider: None,
                policies: bounded(policies.clone(), is_enhanced),
                mfa_at: None,
                handed_on: chain.handed_on.clone(),
            };
            let assumed = Assumed::begin(tx, cx, &new)?;
            cx.event().touch("AWS::IAM::Role", role.arn());
            cx.event().respond(assumed.recorded());
            Ok(assumed)
        })
        .await
}

/// The session's policies, which must be readable and known, in one list. Whether those of the role's own account are there is
/// [`require_own_policies`]'s.
pub(crate) fn session_policies(
    role_arn: &str,
    policy: Option<&str>,
    arns: &[String],
) -> Result<Vec<String>, Fault> {
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
    let own = parse_role_arn(role_arn).map(|(account, _)| arn_prefix(&account));
    let is_own = |arn: &String| own.as_ref().is_some_and(|own| arn.starts_with(own));
    match arns.iter().find(|arn| !is_own(arn) && policy::managed::lookup(arn).is_err()) {
        Some(unknown) => Err(no_policy(unknown)),
        None => Ok(all),
    }
}

/// The policies of the role's own account, among those of a session, must be there. Whoever may not assume the role does not come this far.
pub(crate) fn require_own_policies(rx: &mut Rx<'_>, role: &Role, arns: &[String]) -> Result<(), Fault> {
    let own = arn_prefix(&role.account_id);
    for arn in arns.iter().filter(|arn| arn.starts_with(&own)) {
        if store::accounts::policies::find_by_arn(rx, arn)?.is_none() {
            return Err(no_policy(arn));
        }
    }
    Ok(())
}

fn no_policy(arn: &str) -> Fault {
    Fault::validation(format!("PolicyArns names {arn}, which does not exist"))
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
    let tags = tags.iter().cloned().collect();
    check_bytes(&tags, "Tags has")?;
    Ok(tags)
}

/// The role of an ARN, whose path must be the role's own, in an account that is in use and whose roles are here.
pub(crate) fn find(rx: &mut Rx<'_>, arn: &str) -> Result<Option<Role>, Fault> {
    let Some((account, name)) = parse_role_arn(arn) else { return Ok(None) };
    let suspended = store::accounts::accounts::find(rx, &account)?
        .is_some_and(|account| account.state != AccountState::Active);
    if store::accounts::account_connections::exists(rx, &account)? {
        return Ok(None);
    }
    let role = store::accounts::roles::find(rx, &account, name)?;
    Ok(role.filter(|role| !suspended && role.arn() == arn))
}

/// The account and name of a role ARN.
pub(crate) fn parse_role_arn(arn: &str) -> Option<(AccountId, &str)> {
    let (account, rest) = arn.strip_prefix("arn:aws:iam::")?.split_once(":role/")?;
    Some((AccountId::parse(account).ok()?, rest.rsplit('/').next()?))
}

/// The person behind a session stays the person behind the sessions made from it, and so does the application that acts for them.
fn on_behalf_of(cx: &Cx) -> (Option<OnBehalfOf>, Option<ProvidedContext>) {
    match cx.caller.identity() {
        Identity::Role(session) => (session.on_behalf_of.clone(), session.provided_context.clone()),
        _ => (None, None),
    }
}

/// What STS binds every session with an identity context by, whatever its role may (AWS managed policy reference,
/// `AWSIAMIdentityCenterAllowListForIdentityContext`).
const ALLOW_LIST: &str = "arn:aws:iam::aws:policy/AWSIAMIdentityCenterAllowListForIdentityContext";

fn bounded(mut policies: Vec<String>, is_enhanced: bool) -> Vec<String> {
    if is_enhanced && !policies.iter().any(|policy| policy == ALLOW_LIST) {
        policies.push(ALLOW_LIST.to_owned());
    }
    policies
}

/// Who acts for a person already does not become another one: what ends the first would no longer end the session, and records would name the other alone.
fn require_same_person(cx: &Cx, person: &OnBehalfOf) -> Result<(), Fault> {
    match cx.caller.identity() {
        Identity::Role(session) if session.on_behalf_of.as_ref().is_some_and(|own| own != person) => {
            Err(Fault::new(
                FaultKind::Service("InvalidContextAssertion"),
                "The ContextAssertion means another person than the one whom the calling session acts for",
            ))
        }
        _ => Ok(()),
    }
}

/// Whom the provided context means, and by which application: what it names counts now.
fn provided(
    rx: &mut Rx<'_>,
    cx: &Cx,
    contexts: &[(String, Secret)],
) -> Result<Option<(OnBehalfOf, ProvidedContext)>, Fault> {
    let (provider, text) = match contexts {
        [] => return Ok(None),
        [one] => one,
        _ => {
            let count = contexts.len();
            return Err(Fault::validation(format!(
                "ProvidedContexts has {count} members; it may have one: there is one provider of contexts, {IDENTITY_CENTER}"
            )));
        }
    };
    if provider != IDENTITY_CENTER {
        return Err(Fault::validation(format!(
            "ProvidedContexts: the ProviderArn {provider} is not known; it must be {IDENTITY_CENTER}"
        )));
    }
    let refused = |why: &str| {
        Fault::new(FaultKind::Service("InvalidContextAssertion"), format!("The ContextAssertion {why}"))
    };
    let said = IdentityContext::open(rx.keyring(), text.expose())
        .ok_or_else(|| refused("is no identity context that this server gave"))?;
    if cx.now >= said.expires_at {
        return Err(refused("has expired: ask for a new one with CreateTokenWithIAM"));
    }
    let found = store::applications::permitted_tokens::find(rx, &said.family, cx.now)?;
    let live = found.ok_or_else(|| {
        refused(
            "means what has ended: the token, its application, its issuer or its person is gone or disabled, or the person may not use the application any more",
        )
    })?;
    // A session names its person's identity store as the organization's.
    if live.owner != cx.owner {
        return Err(refused(
            "is of an account instance: sessions of roles act for people of the organization's instance alone",
        ));
    }
    cx.event().add("identitystore:UserId", live.family.user_id.as_str());
    cx.event().add("identitystore:IdentityStoreArn", live.family.identity_store_id.arn(&cx.owner));
    cx.event().add("identitycenter:ApplicationArn", live.application.to_string());
    cx.event().add("identitycenter:CredentialId", live.family.id.as_str());
    let context = ProvidedContext {
        application_arn: live.application.to_string(),
        instance_arn: live.application.instance_id.arn(),
        credential_id: live.family.id.to_string(),
    };
    let person =
        OnBehalfOf { user_id: live.family.user_id, identity_store_id: live.family.identity_store_id };
    Ok(Some((person, context)))
}

/// Where the role's account lies, unless it is the caller's own, of which the caller says it.
fn account_path(rx: &mut Rx<'_>, cx: &Cx, role: &Role) -> Result<UnitPath, Fault> {
    if cx.caller.account_id() == Some(&role.account_id) {
        return Ok(UnitPath::ROOT);
    }
    Ok(store::accounts::accounts::path_of(rx, &role.account_id)?)
}

/// The refusal of who may not, which says nothing of the role: whether there is one, and whom it trusts. Why the caller's own policies refuse is told
/// to who administers the caller.
fn not_authorized(cx: &Cx, action: &str, role_arn: &str) -> Fault {
    let caller = cx.caller.arn();
    let owner = parse_role_arn(role_arn).map(|(account, _)| account);
    let resource = Resource { arn: role_arn.to_owned(), owner, ..Resource::default() };
    let context = Context::new();
    let question = Question { action, resource: &resource, context: &context };
    let mut denial = denial(cx, &question, &cx.caller.authority.decide(&question));
    denial
        .reasons
        .words
        .insert_str(0, "The role's trust policy and the caller's own policies decide together; of these: ");
    Fault::access_denied(format!(
        "User: {caller} is not authorized to perform: {action} on resource: {role_arn}"
    ))
    .with_denial(denial)
}

/// Session tags are a right of their own: who passes some needs `sts:TagSession` too; who passes a context, `sts:SetContext`; and whose session says
/// who is behind it, from now on or already, `sts:SetSourceIdentity`.
fn may_assume(
    cx: &Cx,
    role: (&Role, &UnitPath),
    ask: &AssumeRole,
    (tags, chain, mut context): (&BTreeMap<String, String>, &Chain, Context),
) -> Result<bool, Fault> {
    let hands_on = (ask.transitive_tag_keys.as_slice(), ask.source_identity.as_deref());
    context.extend(session_keys(&ask.session_name, tags, hands_on));
    context.extend(ask.external_id.iter().map(|id| ("sts:ExternalId".to_owned(), vec![id.clone()])));
    let mut actions = vec!["sts:AssumeRole"];
    // Tags that the caller's session hands on are tags that the new one gets: a role whose trust keeps tags out keeps these out too, as at AWS.
    if !tags.is_empty() || !chain.tags.is_empty() {
        actions.push(TAG_SESSION);
    }
    if chain.handed_on.source_identity.is_some() {
        actions.push(SET_SOURCE_IDENTITY);
    }
    if !ask.provided_contexts.is_empty() {
        let providers = ask.provided_contexts.iter().map(|(provider, _)| provider.clone()).collect();
        context.insert("sts:RequestContextProviders".to_owned(), providers);
        actions.push("sts:SetContext");
    }
    trust::may_assume(cx, role, &actions, &context)
}

/// The condition keys of a session that is asked for: its name, the tags that it is given, which of those it hands on, and who is said to be behind it.
pub(crate) fn session_keys(
    name: &str,
    tags: &BTreeMap<String, String>,
    (transitive, source_identity): (&[String], Option<&str>),
) -> Context {
    let mut context = Context::from([("sts:RoleSessionName".to_owned(), vec![name.to_owned()])]);
    context.extend(tags.iter().map(|(key, value)| (format!("aws:RequestTag/{key}"), vec![value.clone()])));
    if !tags.is_empty() {
        context.insert("aws:TagKeys".to_owned(), tags.keys().cloned().collect());
    }
    if !transitive.is_empty() {
        context.insert("sts:TransitiveTagKeys".to_owned(), transitive.to_vec());
    }
    context.extend(source_identity.map(|said| ("sts:SourceIdentity".to_owned(), vec![said.to_owned()])));
    context
}

pub(crate) fn lifetime(cx: &Cx, role: &Role, asked: Option<i64>) -> Result<Duration, Fault> {
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
