//! Evaluation: an explicit deny anywhere wins; otherwise identity policies must allow, and so must every level of service control policies, the
//! boundary and the session policies where there are any. IAM user guide, "Policy evaluation logic". Does not know where policies come from.

use std::fmt;
use std::sync::Arc;

use model::access::{Authority, Decision, Question};
use model::denial::Reasons;

use crate::document::{Document, Effect, Selection, Statement};
use crate::managed;
use crate::variable::Template;
use crate::wildcard::{matches, matches_any_case};

/// The policies that bind a role session.
#[derive(Debug, Clone, Default)]
pub struct PolicySet {
    /// Service control policies of the root, of each unit around the account and of the account itself: what is allowed is allowed at every level.
    /// None: the account is not bounded.
    pub service_control: Vec<Vec<Arc<Document>>>,
    /// Attached and inline policies of the role.
    pub identity: Vec<Arc<Document>>,
    /// The permissions boundary.
    pub boundary: Option<Arc<Document>>,
    /// Policies passed when the session was made; all together allow what any of them allows. `None`: none was passed.
    pub session: Option<Vec<Arc<Document>>>,
    /// The ARNs of those among all these that AWS manages: of some it is not known what they say of services that are not served here.
    pub managed: Vec<String>,
}

/// Which layer a statement stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// What the organization lets the account do, at one of its levels.
    ServiceControl,
    /// The role's own policies.
    Identity,
    /// The permissions boundary.
    Boundary,
    /// The session's policies.
    Session,
}

impl Layer {
    /// Its name in AWS's sentences about denied requests.
    pub fn name(self) -> &'static str {
        match self {
            Self::ServiceControl => "service control policy",
            Self::Identity => "identity-based policy",
            Self::Boundary => "permissions boundary",
            Self::Session => "session policy",
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", if *self == Self::Identity { "an" } else { "a" }, self.name())
    }
}

/// Whether a statement applies, and if not, why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It applies.
    Applies,
    /// Its actions are others.
    Action,
    /// Its resources are others.
    Resource,
    /// The condition at this place does not hold.
    Condition(usize),
}

impl Statement {
    /// Whether it depends on the request's context that it applies: it has conditions, or variables.
    fn asks_context(&self) -> bool {
        let mut texts = self.actions.named().iter().chain(self.resources.named());
        !self.conditions.is_empty() || texts.any(Template::is_open)
    }

    /// Whether the statement applies to the question. Actions have no case; ARNs have.
    pub(crate) fn verdict(&self, question: &Question<'_>) -> Verdict {
        let context = question.context;
        let action = |wanted: &Template| {
            wanted.expand(context).is_some_and(|globs| matches_any_case(&globs, question.action))
        };
        let selected = match &self.actions {
            Selection::Only(list) => list.iter().any(action),
            Selection::AllBut(list) => !list.iter().any(action),
        };
        if !selected {
            return Verdict::Action;
        }
        let resource =
            |wanted: &Template| wanted.expand(context).map(|globs| matches(&globs, &question.resource.arn));
        let selected = match &self.resources {
            Selection::Only(list) => list.iter().any(|wanted| resource(wanted) == Some(true)),
            // A variable that has no value must not turn "all but these" into "everything" for an Allow.
            Selection::AllBut(list) => list.iter().all(|wanted| match resource(wanted) {
                Some(hit) => !hit,
                None => self.effect == Effect::Deny,
            }),
        };
        if !selected {
            return Verdict::Resource;
        }
        match self.conditions.iter().position(|condition| !condition.holds(context, self.effect)) {
            Some(at) => Verdict::Condition(at),
            None => Verdict::Applies,
        }
    }
}

/// What the documents of one layer say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Allow,
    Silence,
    Deny,
}

fn word(documents: &[Arc<Document>], question: &Question<'_>) -> Word {
    let mut word = Word::Silence;
    for statement in documents.iter().flat_map(|document| &document.statements) {
        if statement.effect == Effect::Allow && word == Word::Allow {
            continue;
        }
        if statement.verdict(question) == Verdict::Applies {
            match statement.effect {
                Effect::Deny => return Word::Deny,
                Effect::Allow => word = Word::Allow,
            }
        }
    }
    word
}

impl PolicySet {
    /// The layers that there are, in the order in which AWS asks them; service control policies are as many as they have levels.
    pub fn layers(&self) -> impl Iterator<Item = (Layer, &[Arc<Document>])> {
        let levels = self.service_control.iter().map(|level| (Layer::ServiceControl, level.as_slice()));
        let boundary =
            self.boundary.as_ref().map(|boundary| (Layer::Boundary, std::slice::from_ref(boundary)));
        let session = self.session.as_ref().map(|session| (Layer::Session, session.as_slice()));
        levels.chain([(Layer::Identity, self.identity.as_slice())]).chain(boundary).chain(session)
    }

    /// Whether every level of a layer allows what is asked; so it is where there is none.
    pub fn is_allowed_by(&self, layer: Layer, question: &Question<'_>) -> bool {
        let mut levels = self.layers().filter(|(own, _)| *own == layer);
        levels.all(|(_, documents)| word(documents, question) == Word::Allow)
    }
}

impl Authority for PolicySet {
    fn decide(&self, question: &Question<'_>) -> Decision {
        let mut decision = Decision::Allow;
        for (layer, documents) in self.layers() {
            match word(documents, question) {
                Word::Deny => return Decision::ExplicitDeny(layer.to_string()),
                Word::Silence => decision = Decision::ImplicitDeny,
                Word::Allow => {}
            }
        }
        decision
    }

    fn asks_context(&self) -> bool {
        let mut statements =
            self.layers().flat_map(|(_, documents)| documents).flat_map(|document| &document.statements);
        statements.any(Statement::asks_context)
    }

    fn bounds_allow(&self, question: &Question<'_>) -> bool {
        let mut bounds = self.layers().filter(|(layer, _)| *layer != Layer::Identity);
        bounds.all(|(_, documents)| word(documents, question) == Word::Allow)
    }

    fn organization_allows(&self, question: &Question<'_>) -> bool {
        self.is_allowed_by(Layer::ServiceControl, question)
    }

    fn unknown_of(&self, action: &str) -> Option<&str> {
        self.managed.iter().find(|arn| !managed::tells_of(arn, action)).map(String::as_str)
    }

    fn reasons(&self, question: &Question<'_>) -> Reasons {
        self.reasons_for(question)
    }

    fn silent(&self, question: &Question<'_>) -> &'static str {
        let silent = self.layers().find(|(_, documents)| word(documents, question) == Word::Silence);
        silent.map_or(Layer::Identity, |(layer, _)| layer).name()
    }
}

#[cfg(test)]
mod tests {
    use model::access::{Context, Resource};
    use serde_json::{Value, json};

    use super::*;
    use crate::document::Kind;

    fn document(statements: &Value) -> Arc<Document> {
        Arc::new(
            Document::from_value(&json!({"Version": "2012-10-17", "Statement": statements}), Kind::Identity)
                .unwrap(),
        )
    }

    fn ask(set: &PolicySet, action: &str, arn: &str, context: &Context) -> Decision {
        let resource = Resource { arn: arn.to_owned(), ..Resource::default() };
        let question = Question { action, resource: &resource, context };
        let decision = set.decide(&question);
        assert_eq!(set.explain(&question).decision, decision);
        decision
    }

    #[test]
    fn the_context_is_asked_for_by_conditions_and_variables_alone() {
        let asks = |statement: Value| {
            let set = PolicySet {
                identity: vec![document(&json!({"Effect": "Allow", "Action": "sso:*", "Resource": "*"}))],
                session: Some(vec![document(&json!([statement]))]),
                ..PolicySet::default()
            };
            set.asks_context()
        };
        assert!(!asks(
            json!({"Effect": "Deny", "NotAction": "sso:Get*", "NotResource": ["arn:aws:sso:::a", "arn:aws:sso:::b?*"]})
        ));
        assert!(asks(
            json!({"Effect": "Deny", "Action": "sso:*", "Resource": "arn:aws:sso:::x/${aws:userid}"})
        ));
        assert!(asks(
            json!({"Effect": "Deny", "Action": "sso:*", "NotResource": ["*", "arn:aws:sso:::${aws:userid}"]})
        ));
        let condition = json!({"Bool": {"aws:SecureTransport": "false"}});
        assert!(asks(json!({"Effect": "Deny", "Action": "sso:*", "Resource": "*", "Condition": condition})));
    }

    #[test]
    fn a_deny_wins_and_silence_denies() {
        let set = PolicySet {
            identity: vec![
                document(&json!({"Effect": "Allow", "Action": "sso:*", "Resource": "*"})),
                document(&json!({"Effect": "Deny", "Action": "SSO:delete*", "Resource": "*"})),
            ],
            ..PolicySet::default()
        };
        let none = Context::new();
        assert_eq!(ask(&set, "sso:ListInstances", "x", &none), Decision::Allow);
        assert!(matches!(ask(&set, "sso:DeletePermissionSet", "x", &none), Decision::ExplicitDeny(_)));
        assert_eq!(ask(&set, "identitystore:ListUsers", "x", &none), Decision::ImplicitDeny);
    }

    #[test]
    fn boundary_and_session_policies_only_narrow() {
        let all = document(&json!({"Effect": "Allow", "Action": "*", "Resource": "*"}));
        let lists = document(&json!({"Effect": "Allow", "Action": "sso:List*", "Resource": "*"}));
        let instances = document(
            &json!({"Effect": "Allow", "Action": ["sso:*Instances", "ec2:*Instances"], "Resource": "*"}),
        );
        let none = Context::new();
        let set = PolicySet {
            identity: vec![all.clone()],
            boundary: Some(lists.clone()),
            session: Some(vec![instances]),
            ..PolicySet::default()
        };
        assert_eq!(ask(&set, "sso:ListInstances", "x", &none), Decision::Allow);
        assert_eq!(ask(&set, "sso:ListPermissionSets", "x", &none), Decision::ImplicitDeny);
        assert_eq!(ask(&set, "ec2:RunInstances", "x", &none), Decision::ImplicitDeny);
        let only_boundary = PolicySet { boundary: Some(all), ..PolicySet::default() };
        assert_eq!(ask(&only_boundary, "sso:ListInstances", "x", &none), Decision::ImplicitDeny);
        let empty_session =
            PolicySet { identity: vec![lists], session: Some(vec![]), ..PolicySet::default() };
        assert_eq!(ask(&empty_session, "sso:ListInstances", "x", &none), Decision::ImplicitDeny);
    }

    #[test]
    fn every_level_of_service_control_policies_must_allow_and_none_gives() {
        let says = |effect: &str, action: &str| {
            document(&json!({"Effect": effect, "Action": action, "Resource": "*"}))
        };
        let (all, lists) = (says("Allow", "*"), says("Allow", "sso:List*"));
        let no_instances = says("Deny", "sso:*Instances");
        let with = |service_control: Vec<Vec<Arc<Document>>>, identity: &Arc<Document>| PolicySet {
            service_control,
            identity: vec![identity.clone()],
            ..PolicySet::default()
        };
        let none = Context::new();
        let full = with(vec![vec![all.clone()], vec![all.clone()]], &lists);
        assert_eq!(ask(&full, "sso:ListInstances", "x", &none), Decision::Allow);
        assert_eq!(
            ask(&full, "sso:CreateInstance", "x", &none),
            Decision::ImplicitDeny,
            "they allow nothing"
        );
        // What a level leaves out, one above it does not bring back.
        for levels in
            [vec![vec![lists.clone()], vec![all.clone()]], vec![vec![all.clone()], vec![lists.clone()]]]
        {
            let set = with(levels, &all);
            assert_eq!(ask(&set, "sso:ListInstances", "x", &none), Decision::Allow);
            assert_eq!(ask(&set, "sso:CreateInstance", "x", &none), Decision::ImplicitDeny);
            let resource = Resource { arn: "x".to_owned(), ..Resource::default() };
            let question = Question { action: "sso:CreateInstance", resource: &resource, context: &none };
            assert_eq!(set.silent(&question), "service control policy");
            assert!(!set.bounds_allow(&question) && set.is_allowed_by(Layer::Identity, &question));
            assert!(!set.organization_allows(&question) && full.organization_allows(&question));
        }
        // At one level, any of them allows.
        let either = with(vec![vec![lists.clone(), says("Allow", "sso:Create*")]], &all);
        assert_eq!(ask(&either, "sso:CreateInstance", "x", &none), Decision::Allow);
        let denied = with(vec![vec![all.clone()], vec![all.clone(), no_instances]], &all);
        let answer = ask(&denied, "sso:ListInstances", "x", &none);
        assert_eq!(answer, Decision::ExplicitDeny("a service control policy".to_owned()));
        let empty = with(vec![vec![all.clone()], vec![]], &all);
        assert_eq!(
            ask(&empty, "sso:ListInstances", "x", &none),
            Decision::ImplicitDeny,
            "a level without one"
        );
    }

    #[test]
    fn not_action_and_not_resource() {
        let set = PolicySet {
            identity: vec![document(&json!([
                {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "NotResource": "arn:aws:sso:::account/1*"}
            ]))],
            ..PolicySet::default()
        };
        let none = Context::new();
        assert_eq!(ask(&set, "sso:ListInstances", "arn:aws:sso:::instance/x", &none), Decision::Allow);
        assert_eq!(ask(&set, "iam:GetRole", "arn:aws:sso:::instance/x", &none), Decision::ImplicitDeny);
        assert_eq!(
            ask(&set, "sso:CreateAccountAssignment", "arn:aws:sso:::account/111122223333", &none),
            Decision::ImplicitDeny
        );
    }

    #[test]
    fn a_not_resource_with_an_unknown_variable_allows_nothing_and_denies_everything() {
        let none = Context::new();
        let allow = document(
            &json!({"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:sso:::${aws:PrincipalTag/x}"}),
        );
        assert_eq!(
            ask(&PolicySet { identity: vec![allow], ..PolicySet::default() }, "a:b", "y", &none),
            Decision::ImplicitDeny
        );
        let deny = document(&json!([
            {"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:sso:::${aws:PrincipalTag/x}"}
        ]));
        let set = PolicySet { identity: vec![deny], ..PolicySet::default() };
        assert!(matches!(ask(&set, "a:b", "y", &none), Decision::ExplicitDeny(_)));
    }
}
