//! The gate: the first thing that every domain function passes. Builds the condition keys of the request from its context and asks the
//! caller's authority about every resource touched.

use model::access::{Context, Decision, Question, Resource};
use model::accounts::account::AccountId;
use model::accounts::organizational_unit::UnitPath;
use model::caller::{Identity, RoleSession};
use model::cx::Cx;
use model::denial::Denial;
use model::fault::Fault;
use model::instances::tag::Tags;

use crate::{delegation, resource};

/// The account that made an application.
const APPLICATION_ACCOUNT: &str = "sso:ApplicationAccount";

/// What stands before the resource in AWS's sentence.
const ON_RESOURCE: &str = " on resource: ";

/// An IAM action, `service:Operation`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Action(pub &'static str);

/// The condition keys of tags in a request.
pub fn request_tags(tags: &Tags) -> Context {
    let mut context: Context =
        tags.iter().map(|(key, value)| (format!("aws:RequestTag/{key}"), vec![value.clone()])).collect();
    if !tags.is_empty() {
        context.insert("aws:TagKeys".to_owned(), tags.keys().cloned().collect());
    }
    context
}

/// Refuses unless the caller may do `action` on every one of `resources` (on `*` when there are none).
pub fn require(cx: &Cx, action: Action, resources: &[Resource]) -> Result<(), Fault> {
    require_with(cx, action, resources, &Context::new())
}

/// [`require`] with further condition keys: `aws:RequestTag/…`, `aws:TagKeys`.
pub fn require_with(cx: &Cx, action: Action, resources: &[Resource], further: &Context) -> Result<(), Fault> {
    let everything = [Resource { arn: "*".to_owned(), ..Resource::default() }];
    let resources = if resources.is_empty() { everything.as_slice() } else { resources };
    let mut context = None;
    for resource in resources {
        require_in_reach(cx, action, resource)?;
        if cx.caller.authority.allows_everything() {
            continue;
        }
        let context = context.get_or_insert_with(|| {
            if !cx.caller.authority.asks_context() {
                return None;
            }
            let mut context = context_of(cx);
            context.extend(further.clone());
            Some(context)
        });
        require_one(cx, action, resource, context.as_mut())?;
    }
    Ok(())
}

/// [`require_with`] about what the caller did not name: the refusal names `name`, so that it says nothing of which of `resources` there
/// are, or which of them it was.
pub fn require_unnamed(
    cx: &Cx,
    action: Action,
    resources: &[Resource],
    further: &Context,
    name: &str,
) -> Result<(), Fault> {
    require_with(cx, action, resources, further).map_err(|refused| {
        // Who is refused may be what was asked for, and is named all the same.
        let (who, what) = match refused.message().split_once(ON_RESOURCE) {
            Some((who, what)) => (who.to_owned() + ON_RESOURCE, what.to_owned()),
            None => (String::new(), refused.message().to_owned()),
        };
        let what = resources.iter().fold(what, |what, resource| what.replace(&resource.arn, name));
        refused.saying_instead(who + &what)
    })
}

/// Refuses what a statement forbids; what nothing allows passes: for what AWS wants allowed by name and people are given here anyway.
pub fn require_not_forbidden(cx: &Cx, action: Action, resource: &Resource) -> Result<(), Fault> {
    require_in_reach(cx, action, resource)?;
    let mut context = context_of(cx);
    resource_keys(cx, resource.owner.as_ref(), &resource.owner_path, &mut context);
    let question = Question { action: action.0, resource, context: &context };
    let decision = cx.caller.authority.decide(&question);
    // What the organization does not let the account do is forbidden by that.
    let is_forbidden = match decision {
        Decision::ExplicitDeny(_) => true,
        Decision::ImplicitDeny => !cx.caller.authority.organization_allows(&question),
        Decision::Allow => false,
    };
    match why(cx, &question, &decision) {
        Some(why) if is_forbidden => Err(denied(cx, action, &resource.arn, &why)),
        _ => Ok(()),
    }
}

/// Refuses who has no policies of IAM's, and what belongs to somebody else, whatever the caller's policies say.
fn require_in_reach(cx: &Cx, action: Action, resource: &Resource) -> Result<(), Fault> {
    let own = resource.owner.is_none()
        || resource.owner.as_ref() == cx.caller.account_id()
        || resource.shared_with_organization
        || delegation::reaches(cx, action.0, resource);
    if matches!(cx.caller.identity(), Identity::Anonymous | Identity::PortalUser(_)) {
        let why = format!("because no identity-based policy allows the {} action", action.0);
        return Err(denied(cx, action, &resource.arn, &why));
    }
    if own { Ok(()) } else { Err(unseen(cx, action, &resource.arn)) }
}

/// Leaves the context as it was; there is none where no policy asks for it.
fn require_one(
    cx: &Cx,
    action: Action,
    resource: &Resource,
    context: Option<&mut Context>,
) -> Result<(), Fault> {
    let mut none = Context::new();
    let asked = context.is_some();
    let context = context.unwrap_or(&mut none);
    if asked {
        resource_context(cx, resource, context);
    }
    let question = Question { action: action.0, resource, context };
    let decision = cx.caller.authority.decide(&question);
    let Some(why) = why(cx, &question, &decision) else {
        context.retain(|key, _| !key.starts_with("aws:Resource") && key != APPLICATION_ACCOUNT);
        return Ok(());
    };
    let fault = denied(cx, action, &resource.arn, &why);
    Err(if is_explained(action) { fault.with_denial(denial(cx, &question, &decision)) } else { fault })
}

/// Why the caller's policies do not allow what is asked; nothing where they do.
fn why(cx: &Cx, question: &Question<'_>, decision: &Decision) -> Option<String> {
    match decision {
        Decision::Allow => None,
        Decision::ImplicitDeny => {
            let silent = cx.caller.authority.silent(question);
            Some(format!("because no {silent} allows the {} action", question.action))
        }
        Decision::ExplicitDeny(layer) => Some(format!("with an explicit deny in {layer}")),
    }
}

/// What is answered to another service that carries out what the caller asks of it, or refuses it: with AWS's sentence of a refusal. An implicit deny is one that
/// the policy of a resource may make up for; what forbids, what bounds the caller, and what is not known, nothing makes up for.
pub fn judge(cx: &Cx, question: &Question<'_>) -> (Decision, Option<String>) {
    let (authority, action, arn) = (&cx.caller.authority, question.action, &question.resource.arn);
    let say = |why: &str| Some(sentence(cx, action, arn, why));
    let decision = authority.decide(question);
    let why = why(cx, question, &decision).unwrap_or_default();
    if let Decision::ExplicitDeny(_) = decision {
        return (decision, say(&why));
    }
    if let Some(policy) = authority.unknown_of(action) {
        let why = format!("because it is not known here what {policy} says of the {action} action");
        return (Decision::ExplicitDeny(policy.to_owned()), say(&why));
    }
    if decision == Decision::ImplicitDeny && !authority.bounds_allow(question) {
        return (Decision::ExplicitDeny(authority.silent(question).to_owned()), say(&why));
    }
    let is_of_another = question.resource.owner.as_ref() != cx.caller.account_id();
    match (decision, is_of_another) {
        (Decision::Allow, false) => (Decision::Allow, None),
        // Another account's must be allowed on both sides.
        (Decision::Allow, true) => (
            Decision::ImplicitDeny,
            say(&format!("because no resource-based policy allows the {action} action")),
        ),
        (_, true) => (Decision::ExplicitDeny(authority.silent(question).to_owned()), say(&why)),
        (decision, false) => (decision, say(&why)),
    }
}

/// Whether refusals say to those who may know it why: those of the account plane, where somebody else has to change a policy.
fn is_explained(action: Action) -> bool {
    action.0.starts_with("iam:") || action.0.starts_with("sts:")
}

/// Why the policies of the caller's refuse what it asks for.
pub fn denial(cx: &Cx, question: &Question<'_>, decision: &Decision) -> Denial {
    // Who is refused is asked about once more, by all that the request has.
    let mut context = context_on(cx, question.resource);
    context.extend(question.context.clone());
    let question = Question { context: &context, ..*question };
    Denial {
        action: question.action.to_owned(),
        resource: question.resource.arn.clone(),
        explicit: matches!(decision, Decision::ExplicitDeny(_)),
        reasons: cx.caller.authority.reasons(&question),
        context,
    }
}

/// The keys of what is acted on, besides its tags. An action without a resource acts in the caller's own account. `path` is where another
/// account lies.
pub(crate) fn resource_keys(cx: &Cx, owner: Option<&AccountId>, path: &UnitPath, context: &mut Context) {
    let own = cx.caller.account_id();
    let Some(owner) = owner.or(own) else { return };
    context.insert("aws:ResourceAccount".to_owned(), vec![owner.to_string()]);
    // Every account belongs to the one organization.
    if let Some(organization) = &cx.organization {
        let path = if own == Some(owner) { cx.caller.account_path() } else { path };
        context.insert("aws:ResourceOrgID".to_owned(), vec![organization.id.clone()]);
        context.insert("aws:ResourceOrgPaths".to_owned(), vec![organization.path_of(path)]);
    }
}

/// The refusal of what belongs to somebody else, and of what is not there where that must look the same.
pub fn unseen(cx: &Cx, action: Action, arn: &str) -> Fault {
    denied(cx, action, arn, &format!("because no resource-based policy allows the {} action", action.0))
}

fn denied(cx: &Cx, action: Action, arn: &str, why: &str) -> Fault {
    Fault::access_denied(sentence(cx, action.0, arn, why))
}

/// AWS's sentence, word for word: clients and people look for these words.
fn sentence(cx: &Cx, action: &str, arn: &str, why: &str) -> String {
    let caller = match cx.caller.arn() {
        arn if arn.is_empty() => "anonymous".to_owned(),
        arn => arn,
    };
    format!("User: {caller} is not authorized to perform: {action}{ON_RESOURCE}{arn} {why}")
}

/// The condition keys of a call of `cx` on `resource`: what somebody who asks what would be answered has to know.
pub fn context_on(cx: &Cx, resource: &Resource) -> Context {
    let mut context = context_of(cx);
    resource_context(cx, resource, &mut context);
    context
}

fn resource_context(cx: &Cx, resource: &Resource, context: &mut Context) {
    context.extend(
        resource.tags.iter().map(|(key, value)| (format!("aws:ResourceTag/{key}"), vec![value.clone()])),
    );
    if let Some(account) = resource::application_account(&resource.arn) {
        context.insert(APPLICATION_ACCOUNT.to_owned(), vec![account.to_owned()]);
    }
    resource_keys(cx, resource.owner.as_ref(), &resource.owner_path, context);
}

/// The condition keys that every request has (IAM user guide, "AWS global condition context keys"). What is put here stands in
/// [`condition_keys`](crate::condition_keys) too.
pub(crate) fn context_of(cx: &Cx) -> Context {
    let mut context = Context::new();
    let mut put = |key: &str, value: String| {
        context.insert(key.to_owned(), vec![value]);
    };
    put("aws:CurrentTime", cx.now.rfc3339());
    put("aws:EpochTime", cx.now.seconds().to_string());
    put("aws:RequestedRegion", cx.region.to_string());
    if !cx.source_ip.is_empty() {
        put("aws:SourceIp", cx.source_ip.to_string());
    }
    if !cx.user_agent.is_empty() {
        put("aws:UserAgent", cx.user_agent.to_string());
    }
    if !cx.referer.is_empty() {
        put("aws:referer", cx.referer.to_string());
    }
    if let Some(secure) = cx.secure_transport {
        put("aws:SecureTransport", secure.to_string());
    }
    if let Some(account) = cx.caller.account_id() {
        put("aws:PrincipalAccount", account.to_string());
        if let Some(organization) = &cx.organization {
            put("aws:PrincipalOrgID", organization.id.clone());
            put("aws:PrincipalOrgPaths", organization.path_of(cx.caller.account_path()));
            put("aws:PrincipalOrgMasterAccountId", organization.management_account_id.to_string());
        }
        // Every request is the caller's own; no AWS service stands between.
        put("aws:PrincipalIsAWSService", "false".to_owned());
        put("aws:ViaAWSService", "false".to_owned());
        put("aws:PrincipalArn", cx.caller.arn());
    }
    match cx.caller.identity() {
        Identity::Root { account_id, .. } => {
            put("aws:PrincipalType", "Account".to_owned());
            put("aws:userid", account_id.to_string());
        }
        Identity::User(user) => {
            put("aws:PrincipalType", "User".to_owned());
            put("aws:userid", user.id.clone());
            put("aws:username", user.name.to_string());
            for (key, value) in &user.tags {
                put(&format!("aws:PrincipalTag/{key}"), value.clone());
            }
        }
        Identity::Role(session) => of_session(cx, session, &mut put),
        Identity::PortalUser(_) | Identity::Provisioner(_) | Identity::Synchronizer(_) => {}
        Identity::Service { .. } | Identity::Anonymous => {}
    }
    // Who made a session with a key gave no second factor: there are no devices of users here.
    if let Some(session) = cx.caller.key_session() {
        put("aws:TokenIssueTime", session.issued_at.rfc3339());
        put("aws:MultiFactorAuthPresent", "false".to_owned());
    }
    context
}

/// The keys of a role session.
fn of_session(cx: &Cx, session: &RoleSession, put: &mut impl FnMut(&str, String)) {
    // For a role session the principal is the role, not the session (IAM user guide, aws:PrincipalArn).
    put("aws:PrincipalArn", session.role_arn());
    put("aws:PrincipalType", "AssumedRole".to_owned());
    put("aws:userid", format!("{}:{}", session.role_id, session.session_name));
    put("aws:TokenIssueTime", session.issued_at.rfc3339());
    // CloudTrail says mfaAuthenticated of the same sessions.
    put("aws:MultiFactorAuthPresent", session.mfa_at.is_some().to_string());
    if let Some(at) = session.mfa_at {
        put("aws:MultiFactorAuthAge", cx.now.since(at).as_secs().to_string());
    }
    if let Some(provider) = &session.federated_provider {
        put("aws:FederatedProvider", provider.clone());
    }
    if let Some(source_identity) = &session.handed_on.source_identity {
        put("aws:SourceIdentity", source_identity.clone());
    }
    for (key, value) in &session.tags {
        put(&format!("aws:PrincipalTag/{key}"), value.clone());
    }
    if let Some(person) = &session.on_behalf_of {
        put("identitystore:UserId", person.user_id.to_string());
        put("identitystore:IdentityStoreArn", person.identity_store_id.arn(&cx.owner));
    }
    if let Some(context) = &session.provided_context {
        put("identitycenter:ApplicationArn", context.application_arn.clone());
        put("identitycenter:CredentialId", context.credential_id.clone());
        put("identitycenter:InstanceArn", context.instance_arn.clone());
    }
}
