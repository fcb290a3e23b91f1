//! Explanations: every statement that was held against a question, whether it applied, why not, and which decided. For people, in logs
//! and later APIs; the answer itself is [`PolicySet::decide`]'s.

use std::fmt;

use model::access::{Authority, Decision, Question};
use model::denial::{MatchedStatement, Reasons};

use crate::condition::Condition;
use crate::document::{Effect, Selection, Statement};
use crate::evaluate::{Layer, PolicySet, Verdict};
use crate::variable::{Template, lookup};

/// A statement as it was held against the question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Considered {
    /// Where it stands.
    pub layer: Layer,
    /// Which document of the layer, from 1; of service control policies over all their levels.
    pub document: usize,
    /// Its `Sid`, or its number from 1.
    pub statement: String,
    /// What it would do.
    pub effect: Effect,
    /// Whether it applies.
    pub verdict: Verdict,
    /// Why it does not apply, in words; empty when it does.
    pub why: String,
    /// Whether the answer rests on it.
    pub decides: bool,
}

/// The answer with its reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// What was asked.
    pub action: String,
    /// On what.
    pub resource: String,
    /// The answer.
    pub decision: Decision,
    /// The layer that allows nothing here, when nothing forbids it either.
    pub silent: Option<&'static str>,
    /// Every statement, in order.
    pub considered: Vec<Considered>,
    /// The condition keys without a value of which statements about this action ask, by name.
    pub missing: Vec<String>,
}

impl Statement {
    fn shown(&self, number: usize) -> MatchedStatement {
        let texts = |selection: &Selection| {
            let not = if matches!(selection, Selection::Only(_)) { "" } else { "!" };
            selection.named().iter().map(|text| format!("{not}{}", text.source())).collect()
        };
        let values = |condition: &Condition| {
            condition.values().iter().map(|value| value.source().to_owned()).collect()
        };
        MatchedStatement {
            statement: self.sid.clone().unwrap_or_else(|| (number + 1).to_string()),
            forbids: self.effect == Effect::Deny,
            actions: texts(&self.actions),
            resources: texts(&self.resources),
            conditions: self
                .conditions
                .iter()
                .map(|condition| (condition.key().to_owned(), values(condition)))
                .collect(),
        }
    }
}

impl PolicySet {
    /// The reasons for an answer, without the statements that do not apply.
    pub(crate) fn reasons_for(&self, question: &Question<'_>) -> Reasons {
        let documents = self.layers().flat_map(|(_, documents)| documents);
        let statements = documents.flat_map(|document| document.statements.iter().enumerate());
        let applying = statements.filter(|(_, statement)| statement.verdict(question) == Verdict::Applies);
        let matched = applying.map(|(number, statement)| statement.shown(number)).collect();
        Reasons { words: self.explain(question).to_string(), matched }
    }

    /// The answer with its reasons; [`Authority::decide`] gives the same answer without them.
    pub fn explain(&self, question: &Question<'_>) -> Explanation {
        let decision = self.decide(question);
        let mut considered = Vec::new();
        let (mut before, mut of_layer) = (None, 0);
        for (layer, documents) in self.layers() {
            if before.replace(layer) != Some(layer) {
                of_layer = 0;
            }
            for document in documents {
                of_layer += 1;
                for (number, statement) in document.statements.iter().enumerate() {
                    let verdict = statement.verdict(question);
                    let decides = match decision {
                        Decision::Allow => statement.effect == Effect::Allow,
                        Decision::ExplicitDeny(_) => statement.effect == Effect::Deny,
                        Decision::ImplicitDeny => false,
                    };
                    considered.push(Considered {
                        layer,
                        document: of_layer,
                        statement: statement.sid.clone().unwrap_or_else(|| (number + 1).to_string()),
                        effect: statement.effect,
                        verdict,
                        why: why(statement, verdict, question),
                        decides: decides && verdict == Verdict::Applies,
                    });
                }
            }
        }
        let missing = self.missing(question);
        let silent = (decision == Decision::ImplicitDeny).then(|| self.silent(question));
        Explanation {
            action: question.action.to_owned(),
            resource: question.resource.arn.clone(),
            decision,
            silent,
            considered,
            missing,
        }
    }

    /// The condition keys that conditions and variables of the role's own policies name, by name.
    pub fn condition_keys(&self) -> Vec<String> {
        let statements = self.identity.iter().flat_map(|document| &document.statements);
        by_name(statements.flat_map(Statement::keys).map(str::to_owned).collect())
    }

    /// The keys without a value that conditions and variables of statements about this action name.
    fn missing(&self, question: &Question<'_>) -> Vec<String> {
        let statements =
            self.layers().flat_map(|(_, documents)| documents).flat_map(|document| &document.statements);
        let concerned = statements.filter(|statement| statement.verdict(question) != Verdict::Action);
        let missing = concerned
            .flat_map(Statement::keys)
            .filter(|key| lookup(question.context, key).is_none_or(Vec::is_empty))
            .map(str::to_owned);
        by_name(missing.collect())
    }
}

/// Keys, each once: they have no case.
fn by_name(mut keys: Vec<String>) -> Vec<String> {
    keys.sort_unstable_by_key(|key| key.to_ascii_lowercase());
    keys.dedup_by(|one, other| one.eq_ignore_ascii_case(other));
    keys
}

impl Statement {
    /// The condition keys that its conditions and variables name.
    fn keys(&self) -> impl Iterator<Item = &str> {
        let values = self.conditions.iter().flat_map(Condition::values);
        let texts = self.resources.named().iter().chain(values);
        self.conditions.iter().map(Condition::key).chain(texts.flat_map(Template::variables))
    }
}

fn why(statement: &Statement, verdict: Verdict, question: &Question<'_>) -> String {
    match verdict {
        Verdict::Applies => String::new(),
        Verdict::Action => "its actions are others".to_owned(),
        Verdict::Resource => {
            let open = |wanted: &&Template| wanted.expand(question.context).is_none();
            match statement.resources.named().iter().find(open) {
                Some(wanted) => format!("this request has no value for a variable of {}", wanted.source()),
                None => "its resources are others".to_owned(),
            }
        }
        Verdict::Condition(at) => match statement.conditions.get(at) {
            Some(condition) => format!("{condition} does not hold"),
            None => "a condition does not hold".to_owned(),
        },
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} on {} is ", self.action, self.resource)?;
        match (&self.decision, self.silent) {
            (Decision::Allow, _) => write!(out, "allowed")?,
            (Decision::ExplicitDeny(layer), _) => write!(out, "denied by {layer}")?,
            (Decision::ImplicitDeny, Some(layer)) => write!(out, "denied: no {layer} allows it")?,
            (Decision::ImplicitDeny, None) => write!(out, "denied: nothing allows it")?,
        }
        for one in &self.considered {
            let what = match (one.verdict, one.decides) {
                (Verdict::Applies, true) => "applies and decides",
                (Verdict::Applies, false) => "applies",
                _ => "does not apply: ",
            };
            let Considered { layer, document, statement, effect, why, .. } = one;
            write!(out, "\n  {effect:?} in {layer} ({document}), statement {statement}: {what}{why}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use model::access::{Context, Resource};
    use serde_json::json;

    use super::*;
    use crate::document::{Document, Kind};

    #[test]
    fn an_explanation_names_what_failed_and_what_decided() {
        let document = json!({"Version": "2012-10-17", "Statement": [
            {"Sid": "Office", "Effect": "Allow", "Action": "sso:*", "Resource": "*",
                "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}},
            {"Sid": "Own", "Effect": "Allow", "Action": "sso:*", "Resource": "arn:aws:sso:::x/${aws:PrincipalTag/x}"},
            {"Effect": "Deny", "Action": "sso:Delete*", "Resource": "*"}
        ]});
        let document = Arc::new(Document::from_value(&document, Kind::Identity).unwrap());
        let set = PolicySet { identity: vec![document.clone()], ..PolicySet::default() };
        let ask = |action: &str, address: &str| {
            let context = Context::from([("aws:SourceIp".to_owned(), vec![address.to_owned()])]);
            let resource = Resource { arn: "*".to_owned(), ..Resource::default() };
            set.explain(&Question { action, resource: &resource, context: &context }).to_string()
        };
        assert_eq!(
            ask("sso:ListInstances", "203.0.113.1"),
            "sso:ListInstances on * is denied: no identity-based policy allows it\n  \
             Allow in an identity-based policy (1), statement Office: does not apply: IpAddress aws:SourceIp [\"192.0.2.0/24\"] \
             does not hold\n  \
             Allow in an identity-based policy (1), statement Own: does not apply: this request has no value for a variable of \
             arn:aws:sso:::x/${aws:PrincipalTag/x}\n  \
             Deny in an identity-based policy (1), statement 3: does not apply: its actions are others"
        );
        assert!(ask("sso:ListInstances", "192.0.2.1").contains("statement Office: applies and decides"));
        let denied = ask("sso:DeleteInstance", "192.0.2.1");
        assert!(
            denied.starts_with("sso:DeleteInstance on * is denied by an identity-based policy"),
            "{denied}"
        );
        assert!(
            denied.contains("Office: applies\n") && denied.ends_with("3: applies and decides"),
            "{denied}"
        );
    }
}
