//! Finding AWS managed policies by ARN, and what they mean here. Does not know where facts lie: that is [`facts`](super::facts)'s.

use std::sync::Arc;

use model::timestamp::Timestamp;
use serde_json::{Value, json};

use crate::document::{Document, Effect, Kind, Selection, Statement};
use crate::generated::ACTIONS;
use crate::managed::facts;
use crate::variable::Template;
use crate::wildcard::{matches_any_case, pattern};

/// What the ARN of every AWS managed policy starts with.
const PREFIX: &str = "arn:aws:iam::aws:policy/";
/// The folder of policies that IAM attaches to service-linked roles alone.
const SERVICE_ROLES: &str = "aws-service-role/";

/// What is known of an AWS managed policy.
#[derive(Debug, Clone)]
pub struct ManagedPolicy {
    /// Its ARN.
    pub arn: String,
    /// Its default version, `v1`.
    pub version: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its default version was made.
    pub updated_at: Timestamp,
    /// What it says about the services served here.
    pub document: Arc<Document>,
    /// The same as JSON, where that is all that the policy says.
    pub text: Option<Value>,
}

/// Why there is no such policy, or none for a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The text is no ARN of an AWS managed policy.
    Malformed,
    /// AWS has no such policy that is known here.
    Unknown,
    /// IAM attaches it to service-linked roles alone (IAM API reference, AttachRolePolicy, PolicyNotAttachable).
    ForServiceRoles,
}

impl Missing {
    /// What whoever names the policy is told. The first two sentences are AWS's, as public code that branches on them knows them.
    pub fn sentence(self, arn: &str) -> String {
        match self {
            Self::Malformed => format!("Given managed policy ARN: {arn}, is invalid"),
            Self::Unknown => format!("Policy does not exist with ARN: {arn}"),
            Self::ForServiceRoles => {
                format!("Given managed policy ARN: {arn}, is invalid: it is for service-linked roles alone")
            }
        }
    }
}

/// The policy of this ARN, if a permission set's role can have it.
pub fn attachable(arn: &str) -> Result<ManagedPolicy, Missing> {
    let for_service_roles = arn.strip_prefix(PREFIX).is_some_and(|path| path.starts_with(SERVICE_ROLES));
    lookup(arn).and_then(|policy| if for_service_roles { Err(Missing::ForServiceRoles) } else { Ok(policy) })
}

/// The policy of this ARN.
pub fn lookup(arn: &str) -> Result<ManagedPolicy, Missing> {
    let path = arn.strip_prefix(PREFIX).filter(|path| path.split('/').all(sane)).ok_or(Missing::Malformed)?;
    let facts = facts::at(path).ok_or(Missing::Unknown)?;
    let value = json!({"Version": "2012-10-17", "Statement": facts.statements});
    let document = if facts.statements.is_empty() {
        Document::default()
    } else {
        // What of AWS's own cannot be read must not be lost: tests hold that there is none.
        Document::from_value(&value, Kind::Identity).unwrap_or_else(|_| nothing_at_all())
    };
    let (created_at, updated_at) = (facts.created_at(), facts.updated_at());
    Ok(ManagedPolicy {
        arn: arn.to_owned(),
        version: facts.version,
        created_at,
        updated_at,
        document: Arc::new(document),
        text: facts.whole.then_some(value),
    })
}

fn sane(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte))
}

/// A document that forbids everything.
fn nothing_at_all() -> Document {
    let everything = || Selection::Only(Template::read("*", false).into_iter().collect());
    Document {
        statements: vec![Statement {
            sid: None,
            effect: Effect::Deny,
            actions: everything(),
            resources: everything(),
            principals: Vec::new(),
            conditions: Vec::new(),
        }],
    }
}

/// What the policy of this ARN says here. One that is not known forbids everything: whoever attached it may have meant a prohibition.
pub fn find(arn: &str) -> Arc<Document> {
    lookup(arn).map_or_else(|_| Arc::new(nothing_at_all()), |policy| policy.document)
}

/// Whether everything is known that the policy of this ARN says of an action.
pub fn tells_of(arn: &str, action: &str) -> bool {
    is_served(action) || lookup(arn).is_ok_and(|policy| policy.text.is_some())
}

/// Whether an action, `service:Operation` in any case, is one of those that are asked about here.
fn is_served(action: &str) -> bool {
    ACTIONS.iter().any(|served| served.eq_ignore_ascii_case(action))
}

/// The ARNs of all policies that are known.
pub fn arns() -> impl Iterator<Item = String> {
    facts::paths().map(|path| format!("{PREFIX}{path}"))
}

impl ManagedPolicy {
    /// Whether any action that is asked about here could match one of its statements.
    pub fn means_something(&self) -> bool {
        self.document.statements.iter().any(Statement::concerns_us)
    }
}

impl Statement {
    /// Whether any action that is asked about here could match. Resources and conditions are not looked at.
    pub(crate) fn concerns_us(&self) -> bool {
        let hit = |action: &str| {
            self.actions.named().iter().any(|wanted| matches_any_case(&pattern(wanted.source()), action))
        };
        ACTIONS.iter().any(|action| hit(action) == matches!(self.actions, Selection::Only(_)))
    }
}

/// A managed policy's name: what stands behind the last slash of its ARN.
pub fn name(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// A managed policy's path: what stands between `policy` and its name, slashes included.
pub fn path(arn: &str) -> &str {
    let below = arn.split_once(":policy").map_or("/", |(_, below)| below);
    below.rfind('/').and_then(|end| below.get(..=end)).unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_has_a_path_and_a_name() {
        let billing = "arn:aws:iam::aws:policy/job-function/Billing";
        assert_eq!((path(billing), name(billing)), ("/job-function/", "Billing"));
        assert_eq!(path("arn:aws:iam::aws:policy/ReadOnlyAccess"), "/");
    }

    #[test]
    fn every_fact_can_be_read() {
        for path in facts::paths() {
            let facts = facts::at(path).unwrap_or_else(|| panic!("{path}"));
            let value = json!({"Version": "2012-10-17", "Statement": facts.statements});
            let read = Document::from_value(&value, Kind::Identity);
            assert!(facts.statements.is_empty() || read.is_ok(), "{path}: {read:?}");
            assert!(path.split('/').all(sane), "{path}");
            let (created, updated) = (facts.created_at().seconds(), facts.updated_at().seconds());
            assert!(1_300_000_000 < created && created <= updated, "{path}");
        }
        assert!(facts::paths().is_sorted() && facts::paths().count() > 1_500);
    }

    #[test]
    fn what_does_not_exist() {
        for (arn, why) in [
            ("arn:aws:iam::aws:policy/Billing", Missing::Unknown),
            ("arn:aws:iam::aws:policy/job-function/billing", Missing::Unknown),
            ("arn:aws:iam::aws:policy/administratoraccess", Missing::Unknown),
            ("arn:aws:iam::aws:policy/AdministratorAcces", Missing::Unknown),
            ("arn:aws:iam::aws:policy/invalid policy", Missing::Malformed),
            ("arn:aws:iam::aws:policy//ReadOnlyAccess", Missing::Malformed),
            ("arn:aws:iam::aws:policy/", Missing::Malformed),
            ("arn:aws:iam::111122223333:policy/AdministratorAccess", Missing::Malformed),
            ("arn:aws-cn:iam::aws:policy/AdministratorAccess", Missing::Malformed),
            ("AdministratorAccess", Missing::Malformed),
        ] {
            assert_eq!(lookup(arn).unwrap_err(), why, "{arn}");
        }
    }

    #[test]
    fn some_policies_mean_nothing_here() {
        for (path, want) in [
            ("AdministratorAccess", true),
            ("PowerUserAccess", true),
            ("AWSDenyAll", true),
            ("root-task/IAMAuditRootUserCredentials", true),
            ("job-function/Billing", false),
            ("AmazonS3FullAccess", false),
            // It lets services act with roles, which nobody here ever asks.
            ("AmazonEC2FullAccess", false),
        ] {
            let policy = lookup(&format!("{PREFIX}{path}")).unwrap();
            assert_eq!(policy.means_something(), want, "{path}");
        }
    }
}
