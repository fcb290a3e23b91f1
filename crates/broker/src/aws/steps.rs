//! From what stands in an account to what is wanted there: the steps between them, in an order by which the role grants at no moment what neither the old
//! nor the new state grants. Values only: who takes the steps is `roles`.
//!
//! Why the order holds. What a role grants is what its policies allow, less what they deny, within its boundary. Without denials: first goes whatever the
//! new state does not hold, so that what is left is part of the old; then the boundary changes, when only what both states hold is attached, so that
//! what it grants is part of the new; then comes what the old did not hold. Denials turn that round: a policy that denies, once gone, lets the others
//! grant more. Where more than one of the role's rights changes and something among them may deny, the role is shut before by a policy that denies
//! everything, and opened at the end. An attachment may always deny: nothing but its text tells, AWS's own policies included. A single change needs no
//! shutting, whatever it denies: one call makes it, before which the role is the old and after which it is the new.
//! A new role is trusted by nobody until all of it is there.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::local::INLINE_POLICY_NAME;

/// The inline policy that shuts a role while it changes.
pub const SHUT: &str = "PorticoUpdating";
/// The inline policy by which sessions are void. Nobody else's: provisioning leaves it as it is.
pub const REVOKED: &str = "PorticoRevokedSessions";
/// The tag by which a role is known as ours; its value is the instance.
pub const MARK: &str = "portico:instance";

/// A role as it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its name.
    pub name: String,
    /// Its path.
    pub path: String,
    /// Its description; empty where there is none.
    pub description: String,
    /// The longest session.
    pub max_session_seconds: i64,
    /// Who may take it.
    pub trust: Value,
    /// Whom [`MARK`] names.
    pub mark: String,
    /// What is attached, by ARN.
    pub attached: BTreeSet<String>,
    /// The inline policy.
    pub inline: Option<Value>,
    /// The boundary's ARN.
    pub boundary: Option<String>,
}

/// A role as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Its path.
    pub path: String,
    /// Its description.
    pub description: String,
    /// The longest session.
    pub max_session_seconds: i64,
    /// Who may take it.
    pub trust: Value,
    /// Whom [`MARK`] names, if it is there.
    pub mark: Option<String>,
    /// What is attached, by ARN.
    pub attached: BTreeSet<String>,
    /// Inline policies by name.
    pub inline: Vec<(String, Value)>,
    /// The boundary's ARN.
    pub boundary: Option<String>,
}

/// A call that changes the role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// CreateRole, trusted by nobody.
    Create,
    /// UpdateAssumeRolePolicy, to what is wanted.
    Trust,
    /// UpdateRole: description and longest session.
    Describe,
    /// PutRolePolicy of [`SHUT`].
    Shut,
    /// DetachRolePolicy.
    Detach(String),
    /// DeleteRolePolicy.
    DeleteInline(String),
    /// PutRolePermissionsBoundary.
    PutBoundary(String),
    /// DeleteRolePermissionsBoundary.
    DeleteBoundary,
    /// PutRolePolicy, to what is wanted.
    PutInline,
    /// AttachRolePolicy.
    Attach(String),
}

/// The trust policy of a role that nobody may take yet.
pub fn shut_trust(trust: &Value) -> Value {
    let mut shut = trust.clone();
    for statement in shut["Statement"].as_array_mut().into_iter().flatten() {
        statement["Effect"] = json!("Deny");
    }
    shut
}

/// The policy that shuts a role.
pub fn shut_policy() -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]})
}

/// The steps from what stands, if anything does, to what is wanted; none where it stands as it should.
pub fn steps(standing: Option<&Standing>, wanted: &Wanted) -> Vec<Step> {
    let made;
    let mut steps = Vec::new();
    let standing = if let Some(standing) = standing {
        standing
    } else {
        steps.push(Step::Create);
        made = created(wanted);
        &made
    };
    // A role that nobody may take yet stays so until the end; what somebody else opened is shut first.
    let is_fresh = standing.trust == shut_trust(&wanted.trust);
    if standing.trust != wanted.trust && !is_fresh {
        steps.push(Step::Trust);
    }
    if standing.description != wanted.description
        || standing.max_session_seconds != wanted.max_session_seconds
    {
        steps.push(Step::Describe);
    }
    rights(standing, wanted, is_fresh, &mut steps);
    if is_fresh {
        steps.push(Step::Trust);
    }
    steps
}

/// A role as CreateRole leaves it.
pub fn created(wanted: &Wanted) -> Standing {
    Standing {
        path: wanted.path.clone(),
        description: wanted.description.clone(),
        max_session_seconds: wanted.max_session_seconds,
        trust: shut_trust(&wanted.trust),
        mark: Some(wanted.mark.clone()),
        attached: BTreeSet::new(),
        inline: Vec::new(),
        boundary: wanted.boundary.clone(),
    }
}

/// Whether a policy takes away and gives nothing.
pub(crate) fn only_denies(text: &Value) -> bool {
    let denies = |one: &Value| one.get("Effect").is_some_and(|effect| effect == "Deny");
    match text.get("Statement") {
        Some(Value::Array(all)) => all.iter().all(denies),
        Some(one) => denies(one),
        None => false,
    }
}

fn rights(standing: &Standing, wanted: &Wanted, is_fresh: bool, steps: &mut Vec<Step>) {
    let own = standing.inline.iter().find(|(name, _)| name == INLINE_POLICY_NAME).map(|(_, text)| text);
    // What voids sessions stays: it takes away alone, and `revocation` keeps it. Under that name nothing else does.
    let is_ours = |name: &str, text: &Value| match name {
        INLINE_POLICY_NAME | SHUT => true,
        REVOKED => only_denies(text),
        _ => false,
    };
    let foreign: Vec<_> = standing.inline.iter().filter(|(name, text)| !is_ours(name, text)).collect();
    let was_shut = standing.inline.iter().any(|(name, _)| name == SHUT);
    let goes: Vec<_> = standing.attached.difference(&wanted.attached).collect();
    let comes: Vec<_> = wanted.attached.difference(&standing.attached).collect();
    let inline_changes = own != wanted.inline.as_ref();
    let boundary_changes = standing.boundary != wanted.boundary;
    let attachments = goes.len() + comes.len();
    let changes = attachments + foreign.len() + usize::from(inline_changes) + usize::from(boundary_changes);
    let denies = attachments > 0
        || foreign.iter().any(|(_, text)| may_deny(text))
        || (inline_changes && [own, wanted.inline.as_ref()].into_iter().flatten().any(may_deny));
    let shuts = !is_fresh && !was_shut && changes > 1 && denies;
    if shuts {
        steps.push(Step::Shut);
    }
    steps.extend(goes.into_iter().cloned().map(Step::Detach));
    steps.extend(foreign.into_iter().map(|(name, _)| Step::DeleteInline(name.clone())));
    // One that changes can change in its place: of the old and the new, what both hold is all that stands beside it. Not while the boundary changes too.
    if own.is_some() && inline_changes && (wanted.inline.is_none() || boundary_changes) {
        steps.push(Step::DeleteInline(INLINE_POLICY_NAME.to_owned()));
    }
    if boundary_changes {
        steps.push(wanted.boundary.clone().map_or(Step::DeleteBoundary, Step::PutBoundary));
    }
    if inline_changes && wanted.inline.is_some() {
        steps.push(Step::PutInline);
    }
    steps.extend(comes.into_iter().cloned().map(Step::Attach));
    if shuts || was_shut {
        steps.push(Step::DeleteInline(SHUT.to_owned()));
    }
}

/// The steps that take a role away but for DeleteRole itself: it must be empty then. Shut first, so that what denies can go.
pub fn dismantling(standing: &Standing) -> Vec<Step> {
    let has_policies = !standing.attached.is_empty() || standing.inline.iter().any(|(name, _)| name != SHUT);
    let was_shut = standing.inline.iter().any(|(name, _)| name == SHUT);
    let mut steps = Vec::new();
    if has_policies && !was_shut {
        steps.push(Step::Shut);
    }
    steps.extend(standing.attached.iter().cloned().map(Step::Detach));
    let inline = standing.inline.iter().filter(|(name, _)| name != SHUT);
    steps.extend(inline.map(|(name, _)| Step::DeleteInline(name.clone())));
    if has_policies || was_shut {
        steps.push(Step::DeleteInline(SHUT.to_owned()));
    }
    steps
}

/// Whether a document denies anything; what cannot be read may.
fn may_deny(document: &Value) -> bool {
    let allows = |statement: &Value| statement["Effect"] == "Allow";
    match &document["Statement"] {
        Value::Array(all) => !all.iter().all(allows),
        one => !allows(one),
    }
}
