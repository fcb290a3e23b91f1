//! Evaluation: an explicit deny anywhere wins; otherwise identity policies must allow, and so must the boundary and the session
//! policies where there are any. IAM user guide, "Policy evaluation logic". Does not know where policies come from.

use std::fmt;
use std::sync::Arc;

use model::access::{Authority, Decision, Question};

use crate::document::{Document, Effect, Selection, Statement};
use crate::variable::Template;
use crate::wildcard::{matches, matches_any_case};

/// The policies that bind a role session.
#[derive(Debug, Clone, Default)]
pub struct PolicySet {
    /// Attached and inline policies of the role.
    pub identity: Vec<Arc<Document>>,
    /// The permissions boundary.
    pub boundary: Option<Arc<Document>>,
    /// Policies passed when the session was made; all together allow what any of them allows. `None`: none was passed.
    pub session: Option<Vec<Arc<Document>>>,
}

/// Which of the three layers a statement stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
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
    /// The layers that there are, in the order in which AWS names them.
    pub fn layers(&self) -> impl Iterator<Item = (Layer, &[Arc<Document>])> {
        let boundary =
            self.boundary.as_ref().map(|boundary| (Layer::Boundary, std::slice::from_ref(boundary)));
        let session = self.session.as_ref().map(|session| (Layer::Session, session.as_slice()));
        [(Layer::Identity, self.identity.as_slice())].into_iter().chain(boundary).chain(session)
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
