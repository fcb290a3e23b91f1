//! Evaluation: an explicit deny anywhere wins; otherwise identity policies must allow, and so must the boundary and the session
//! policies where there are any. IAM user guide, "Policy evaluation logic".

use std::fmt;
use std::sync::Arc;

use model::access::{Authority, Context, Decision, Question};

use crate::document::{Document, Effect, Selection, Statement};
use crate::variable::expand;
use crate::wildcard::{matches, pattern};

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

impl fmt::Display for Layer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Identity => "an identity-based policy",
            Self::Boundary => "a permissions boundary",
            Self::Session => "a session policy",
        })
    }
}

/// Why a statement does not apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It applies.
    Applies,
    /// Its actions are others.
    Action,
    /// Its resources are others.
    Resource,
    /// This condition does not hold.
    Condition(String),
}

/// A statement as it was held against the question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Considered {
    /// Where it stands.
    pub layer: Layer,
    /// Which document of the layer, from 1.
    pub document: usize,
    /// Its `Sid`, or its number from 1.
    pub statement: String,
    /// What it would do.
    pub effect: Effect,
    /// Whether it applies.
    pub verdict: Verdict,
}

/// The answer with its reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The answer.
    pub decision: Decision,
    /// Every statement, in order.
    pub considered: Vec<Considered>,
}

impl fmt::Display for Explanation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.decision {
            Decision::Allow => writeln!(out, "allowed")?,
            Decision::ImplicitDeny => writeln!(out, "denied: nothing allows it")?,
            Decision::ExplicitDeny(why) => writeln!(out, "denied by {why}")?,
        }
        for one in &self.considered {
            let what = match &one.verdict {
                Verdict::Applies => "applies".to_owned(),
                Verdict::Action => "is about other actions".to_owned(),
                Verdict::Resource => "is about other resources".to_owned(),
                Verdict::Condition(condition) => format!("does not apply: {condition} does not hold"),
            };
            writeln!(
                out,
                "  {:?} in {} {}, statement {}: {what}",
                one.effect, one.layer, one.document, one.statement
            )?;
        }
        Ok(())
    }
}

impl Statement {
    /// Whether the statement applies to the question.
    pub(crate) fn verdict(&self, question: &Question<'_>, context: &Context, variables: bool) -> Verdict {
        let action = |wanted: &String| {
            matches(&pattern(&wanted.to_ascii_lowercase()), &question.action.to_ascii_lowercase())
        };
        if !selects(&self.actions, action) {
            return Verdict::Action;
        }
        let resource = |wanted: &String| {
            expand(wanted, context, variables).is_some_and(|globs| matches(&globs, &question.resource.arn))
        };
        let unresolved =
            |list: &[String]| list.iter().any(|wanted| expand(wanted, context, variables).is_none());
        let selected = match &self.resources {
            // A NotResource with a variable that has no value must not turn into "everything".
            Selection::AllBut(list) if unresolved(list) => self.effect == Effect::Deny,
            resources => selects(resources, resource),
        };
        if !selected {
            return Verdict::Resource;
        }
        match self.conditions.iter().find(|condition| !condition.holds(context, variables)) {
            Some(condition) => Verdict::Condition(condition.to_string()),
            None => Verdict::Applies,
        }
    }
}

fn selects(selection: &Selection, hit: impl Fn(&String) -> bool) -> bool {
    match selection {
        Selection::Only(list) => list.iter().any(hit),
        Selection::AllBut(list) => !list.iter().any(hit),
    }
}

impl PolicySet {
    fn layers(&self) -> impl Iterator<Item = (Layer, &[Arc<Document>])> {
        let boundary =
            self.boundary.as_ref().map(|boundary| (Layer::Boundary, std::slice::from_ref(boundary)));
        let session = self.session.as_ref().map(|session| (Layer::Session, session.as_slice()));
        [(Layer::Identity, self.identity.as_slice())].into_iter().chain(boundary).chain(session)
    }

    /// The answer with its reasons: for people; [`Authority::decide`] gives the same answer without them.
    pub fn explain(&self, question: &Question<'_>) -> Explanation {
        let mut considered = Vec::new();
        for (layer, documents) in self.layers() {
            for (at, document) in documents.iter().enumerate() {
                for (number, statement) in document.statements.iter().enumerate() {
                    considered.push(Considered {
                        layer,
                        document: at + 1,
                        statement: statement.sid.clone().unwrap_or_else(|| (number + 1).to_string()),
                        effect: statement.effect,
                        verdict: statement.verdict(question, question.context, document.variables),
                    });
                }
            }
        }
        Explanation { decision: self.decide(question), considered }
    }
}

impl Authority for PolicySet {
    fn decide(&self, question: &Question<'_>) -> Decision {
        let mut allowed = true;
        for (layer, documents) in self.layers() {
            let mut layer_allows = false;
            for document in documents {
                for statement in &document.statements {
                    if statement.effect == Effect::Allow && layer_allows {
                        continue;
                    }
                    if statement.verdict(question, question.context, document.variables) == Verdict::Applies {
                        match statement.effect {
                            Effect::Deny => return Decision::ExplicitDeny(layer.to_string()),
                            Effect::Allow => layer_allows = true,
                        }
                    }
                }
            }
            allowed &= layer_allows;
        }
        if allowed { Decision::Allow } else { Decision::ImplicitDeny }
    }
}

#[cfg(test)]
mod tests {
    use model::access::Resource;
    use serde_json::{Value, json};

    use super::*;
    use crate::document::Kind;

    fn document(statements: Value) -> Arc<Document> {
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
    fn a_deny_wins_and_silence_denies() {
        let set = PolicySet {
            identity: vec![
                document(json!({"Effect": "Allow", "Action": "sso:*", "Resource": "*"})),
                document(json!({"Effect": "Deny", "Action": "SSO:delete*", "Resource": "*"})),
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
        let all = document(json!({"Effect": "Allow", "Action": "*", "Resource": "*"}));
        let lists = document(json!({"Effect": "Allow", "Action": "sso:List*", "Resource": "*"}));
        let instances = document(json!({"Effect": "Allow", "Action": "*:*Instances", "Resource": "*"}));
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
            identity: vec![document(json!([
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
        let allow =
            document(json!({"Effect": "Allow", "Action": "*", "NotResource": "arn:${aws:PrincipalTag/x}"}));
        assert_eq!(
            ask(&PolicySet { identity: vec![allow], ..PolicySet::default() }, "a:b", "y", &none),
            Decision::ImplicitDeny
        );
        let deny = document(json!([
            {"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": "*", "NotResource": "${aws:PrincipalTag/x}"}
        ]));
        let set = PolicySet { identity: vec![deny], ..PolicySet::default() };
        assert!(matches!(ask(&set, "a:b", "y", &none), Decision::ExplicitDeny(_)));
    }

    #[test]
    fn an_explanation_names_what_failed() {
        let set = PolicySet {
            identity: vec![document(
                json!({"Sid": "Office", "Effect": "Allow", "Action": "sso:*", "Resource": "*",
                "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}),
            )],
            ..PolicySet::default()
        };
        let context = Context::from([("aws:SourceIp".to_owned(), vec!["203.0.113.1".to_owned()])]);
        let resource = Resource { arn: "*".to_owned(), ..Resource::default() };
        let text = set
            .explain(&Question { action: "sso:ListInstances", resource: &resource, context: &context })
            .to_string();
        assert!(text.contains("statement Office") && text.contains("IpAddress aws:SourceIp"), "{text}");
    }
}
