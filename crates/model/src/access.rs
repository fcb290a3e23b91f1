//! The question that authorisation asks and the answer that it gives. How a policy is read is the `policy` crate's; this is
//! only the vocabulary that the call context carries.

use std::collections::BTreeMap;
use std::fmt;

use crate::accounts::account::AccountId;
use crate::accounts::organizational_unit::UnitPath;
use crate::denial::Reasons;

/// What is acted on: an ARN (or `*`), who owns it, and the tags on it.
#[derive(Debug, Clone, Default)]
pub struct Resource {
    /// The ARN, or `*` for an action that has no resource.
    pub arn: String,
    /// The owning account; `None` when the action has no resource.
    pub owner: Option<AccountId>,
    /// Where the owner lies in the organization, unless it is the caller's account, of which the caller says it.
    pub owner_path: UnitPath,
    /// True for what an organization's member accounts may read too, if their own policies allow.
    pub shared_with_organization: bool,
    /// The resource's tags, read as `aws:ResourceTag/<key>`.
    pub tags: BTreeMap<String, String>,
}

/// Condition keys and their values.
pub type Context = BTreeMap<String, Vec<String>>;

/// May this caller do `action` on `resource`?
#[derive(Debug)]
pub struct Question<'a> {
    /// `service:Operation`.
    pub action: &'a str,
    /// What is acted on.
    pub resource: &'a Resource,
    /// Condition keys of the request.
    pub context: &'a Context,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Allowed.
    Allow,
    /// Not allowed: nothing allows it.
    ImplicitDeny,
    /// Not allowed: a statement forbids it. Says which, for the log.
    ExplicitDeny(String),
}

/// Whatever decides for a caller: the policies of a role session, or the unrestricted root.
pub trait Authority: Send + Sync + fmt::Debug {
    /// Answers the question.
    fn decide(&self, question: &Question<'_>) -> Decision;

    /// Whether every answer is [`Decision::Allow`], so that nobody need gather what a question is made of.
    fn allows_everything(&self) -> bool {
        false
    }

    /// Whether any answer depends on [`Question::context`]: where none does, nobody need gather it.
    fn asks_context(&self) -> bool {
        true
    }

    /// Whether what only ever narrows, a boundary and session policies, allows by itself; so it is where there is none.
    fn bounds_allow(&self, question: &Question<'_>) -> bool {
        self.decide(question) == Decision::Allow
    }

    /// Whether the organization lets the caller's account do it: where it does not, no policy of anybody makes up for that.
    fn organization_allows(&self, _question: &Question<'_>) -> bool {
        true
    }

    /// A policy of which it is not known what it says of an action, so that every answer about that would be a guess. There is none for the actions of
    /// the services that are served here.
    fn unknown_of(&self, _action: &str) -> Option<&str> {
        None
    }

    /// Why the answer is what it is.
    fn reasons(&self, _question: &Question<'_>) -> Reasons {
        Reasons::default()
    }

    /// Which kind of policy does not speak up, when the answer is [`Decision::ImplicitDeny`]: AWS names it to the caller.
    fn silent(&self, _question: &Question<'_>) -> &'static str {
        "identity-based policy"
    }
}

/// The authority of an account's root key and of the server itself.
#[derive(Debug)]
pub struct Unrestricted;

impl Authority for Unrestricted {
    fn decide(&self, _question: &Question<'_>) -> Decision {
        Decision::Allow
    }

    fn allows_everything(&self) -> bool {
        true
    }
}

/// The authority of somebody unknown.
#[derive(Debug)]
pub struct Powerless;

impl Authority for Powerless {
    fn decide(&self, _question: &Question<'_>) -> Decision {
        Decision::ImplicitDeny
    }
}
