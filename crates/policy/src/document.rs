//! The grammar of policy documents, read strictly: an element that is unknown, missing or of the wrong kind is an error that names the
//! statement. What is not understood is never ignored: an ignored condition would be a hole.

use model::fault::{Fault, FaultKind};
use serde_json::{Map, Value};

use crate::condition::Condition;

/// Characters of a document at most: the largest that AWS takes (an inline policy of a permission set).
const DOCUMENT_MAX: usize = 32_768;
/// Statements of a document at most.
const STATEMENTS_MAX: usize = 512;

/// What a document is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Attached to a role: says on which resources, never for whom.
    Identity,
    /// A role's trust policy: says who, never on what.
    Trust,
}

/// Allow or deny.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// `Allow`
    Allow,
    /// `Deny`
    Deny,
}

/// `X` or `NotX`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// Any of these.
    Only(Vec<String>),
    /// All but these.
    AllBut(Vec<String>),
}

/// A principal of a trust policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalPattern {
    /// `AWS`, `Federated`, `Service`, `CanonicalUser`, or `*` for anybody.
    pub kind: String,
    /// An ARN, an account id, a service name, or `*`.
    pub value: String,
}

/// A statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// `Sid`, for explanations.
    pub sid: Option<String>,
    /// Allow or deny.
    pub effect: Effect,
    /// `Action` or `NotAction`.
    pub actions: Selection,
    /// `Resource` or `NotResource`; everything, in a trust policy.
    pub resources: Selection,
    /// Whom it is for, in a trust policy.
    pub principals: Vec<PrincipalPattern>,
    /// `Condition`: all must hold.
    pub conditions: Vec<Condition>,
}

/// A document.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Whether policy variables mean something: version 2012-10-17.
    pub variables: bool,
    /// The statements.
    pub statements: Vec<Statement>,
}

fn malformed(message: impl std::fmt::Display) -> Fault {
    Fault::new(
        FaultKind::Service("MalformedPolicyDocument"),
        format!("The policy document is malformed: {message}"),
    )
}

impl Document {
    /// Parses JSON text.
    pub fn parse(text: &str, kind: Kind) -> Result<Self, Fault> {
        if text.len() > DOCUMENT_MAX {
            return Err(malformed(format_args!("{} bytes, {DOCUMENT_MAX} at most", text.len())));
        }
        let value: Value =
            serde_json::from_str(text).map_err(|error| malformed(format_args!("not JSON: {error}")))?;
        Self::from_value(&value, kind)
    }

    /// Reads a parsed document.
    pub fn from_value(value: &Value, kind: Kind) -> Result<Self, Fault> {
        let object = value.as_object().ok_or_else(|| malformed("not an object"))?;
        known(object, &["Version", "Id", "Statement"], "the document")?;
        let variables = match object.get("Version").map(Value::as_str) {
            Some(Some("2012-10-17")) => true,
            None | Some(Some("2008-10-17")) => false,
            _ => return Err(malformed("Version must be 2012-10-17 or 2008-10-17")),
        };
        let statements = match object.get("Statement") {
            Some(Value::Array(list)) => list.iter().collect(),
            Some(one @ Value::Object(_)) => vec![one],
            _ => return Err(malformed("Statement is missing")),
        };
        if statements.len() > STATEMENTS_MAX {
            return Err(malformed(format_args!("{} statements, {STATEMENTS_MAX} at most", statements.len())));
        }
        let read = |(at, value): (usize, &Value)| statement(value, kind, at + 1);
        Ok(Self {
            variables,
            statements: statements.into_iter().enumerate().map(read).collect::<Result<_, _>>()?,
        })
    }
}

fn statement(value: &Value, kind: Kind, number: usize) -> Result<Statement, Fault> {
    let place = format!("statement {number}");
    let object = value.as_object().ok_or_else(|| malformed(format_args!("{place} is not an object")))?;
    let allowed =
        ["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "Condition"];
    known(object, &allowed, &place)?;
    let effect = match object.get("Effect").and_then(Value::as_str) {
        Some("Allow") => Effect::Allow,
        Some("Deny") => Effect::Deny,
        _ => return Err(malformed(format_args!("{place}: Effect must be Allow or Deny"))),
    };
    let actions = selection(object, "Action", "NotAction", &place)?
        .ok_or_else(|| malformed(format_args!("{place}: Action or NotAction is missing")))?;
    check_actions(&actions, &place)?;
    let resources = selection(object, "Resource", "NotResource", &place)?;
    let (resources, principals) = match (kind, resources, object.get("Principal")) {
        (Kind::Identity, Some(resources), None) => (resources, Vec::new()),
        (Kind::Identity, None, _) => {
            return Err(malformed(format_args!("{place}: Resource or NotResource is missing")));
        }
        (Kind::Identity, _, Some(_)) => {
            return Err(malformed(format_args!("{place}: Principal is not allowed here")));
        }
        (Kind::Trust, None, Some(principal)) => {
            (Selection::Only(vec!["*".to_owned()]), principals(principal, &place)?)
        }
        (Kind::Trust, Some(_), _) => {
            return Err(malformed(format_args!("{place}: Resource is not allowed in a trust policy")));
        }
        (Kind::Trust, None, None) => return Err(malformed(format_args!("{place}: Principal is missing"))),
    };
    let sid = match object.get("Sid") {
        None => None,
        Some(Value::String(sid)) => Some(sid.clone()),
        Some(_) => return Err(malformed(format_args!("{place}: Sid must be text"))),
    };
    let conditions = match object.get("Condition") {
        None => Vec::new(),
        Some(block) => {
            Condition::read(block).map_err(|message| malformed(format_args!("{place}: {message}")))?
        }
    };
    Ok(Statement { sid, effect, actions, resources, principals, conditions })
}

fn known(object: &Map<String, Value>, allowed: &[&str], place: &str) -> Result<(), Fault> {
    match object.keys().find(|key| !allowed.contains(&key.as_str())) {
        Some(unknown) => Err(malformed(format_args!("{place} has the unknown element {unknown}"))),
        None => Ok(()),
    }
}

fn selection(
    object: &Map<String, Value>,
    only: &str,
    all_but: &str,
    place: &str,
) -> Result<Option<Selection>, Fault> {
    match (object.get(only), object.get(all_but)) {
        (Some(_), Some(_)) => Err(malformed(format_args!("{place} has both {only} and {all_but}"))),
        (Some(value), None) => Ok(Some(Selection::Only(texts(value, only, place)?))),
        (None, Some(value)) => Ok(Some(Selection::AllBut(texts(value, all_but, place)?))),
        (None, None) => Ok(None),
    }
}

fn texts(value: &Value, element: &str, place: &str) -> Result<Vec<String>, Fault> {
    let wrong = || malformed(format_args!("{place}: {element} must be text or a list of texts"));
    match value {
        Value::String(one) => Ok(vec![one.clone()]),
        Value::Array(many) => {
            many.iter().map(|one| one.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
        }
        _ => Err(wrong()),
    }
}

fn check_actions(actions: &Selection, place: &str) -> Result<(), Fault> {
    let (Selection::Only(list) | Selection::AllBut(list)) = actions;
    match list.iter().find(|action| {
        *action != "*"
            && action.split_once(':').is_none_or(|(service, name)| service.is_empty() || name.is_empty())
    }) {
        Some(bad) => Err(malformed(format_args!("{place}: action {bad:?} must be '*' or 'service:name'"))),
        None => Ok(()),
    }
}

fn principals(value: &Value, place: &str) -> Result<Vec<PrincipalPattern>, Fault> {
    match value {
        Value::String(all) if all == "*" => {
            Ok(vec![PrincipalPattern { kind: "*".to_owned(), value: "*".to_owned() }])
        }
        Value::Object(kinds) => {
            known(kinds, &["AWS", "Federated", "Service", "CanonicalUser"], &format!("{place}: Principal"))?;
            let mut all = Vec::new();
            for (kind, value) in kinds {
                let values = texts(value, kind, place)?;
                all.extend(values.into_iter().map(|value| PrincipalPattern { kind: kind.clone(), value }));
            }
            Ok(all)
        }
        _ => Err(malformed(format_args!("{place}: Principal must be '*' or an object"))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_understood_is_refused_by_name() {
        let base = |statement: Value| json!({"Version": "2012-10-17", "Statement": [statement]});
        for (bad, why) in [
            (json!({"Effect": "Allow", "Action": "sso:*"}), "statement 1: Resource"),
            (json!({"Effect": "allow", "Action": "sso:*", "Resource": "*"}), "Effect"),
            (json!({"Effect": "Allow", "Action": "sso", "Resource": "*"}), "action \"sso\""),
            (
                json!({"Effect": "Allow", "Action": "sso:*", "NotAction": "x:y", "Resource": "*"}),
                "both Action and NotAction",
            ),
            (json!({"Effect": "Allow", "Action": "sso:*", "Resource": "*", "Principal": "*"}), "Principal"),
            (
                json!({"Effect": "Allow", "Action": "sso:*", "Resource": "*", "Conditions": {}}),
                "unknown element Conditions",
            ),
            (
                json!({"Effect": "Allow", "Action": "sso:*", "Resource": "*", "Condition": {"StringLikes": {}}}),
                "StringLikes",
            ),
        ] {
            let fault = Document::from_value(&base(bad), Kind::Identity).unwrap_err();
            assert!(fault.message().contains(why), "{} lacks {why}", fault.message());
        }
        assert!(Document::parse("{", Kind::Identity).is_err());
        assert!(Document::parse("[]", Kind::Identity).is_err());
        assert!(Document::parse(r#"{"Version":"2013-01-01","Statement":[]}"#, Kind::Identity).is_err());
    }

    #[test]
    fn a_single_statement_needs_no_list() {
        let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
        assert_eq!(Document::parse(text, Kind::Identity).unwrap().statements.len(), 1);
    }
}
