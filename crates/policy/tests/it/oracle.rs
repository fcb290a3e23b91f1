//! The same question put to two evaluators that know nothing of each other: ours, and the `iam-rs` crate. Owns the translation between them and
//! how their answers are named. Must not know which answers are expected.

use std::sync::Arc;

use iam_rs::{
    Arn, Context as TheirContext, ContextValue, IAMPolicy, IAMRequest, PolicyEvaluator, Principal,
    PrincipalId,
};
use model::access::{Authority, Context, Decision, Question, Resource};
use policy::document::{Document, Kind};
use policy::evaluate::PolicySet;
use serde_json::{Value, json};

/// What both can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Answer {
    /// A document was not understood, or the evaluation ended in an error.
    Refused,
    /// Nothing speaks for it.
    Silence,
    /// Allowed.
    Allow,
    /// Forbidden.
    Deny,
}

/// A request: who asks is not part of it, because an identity policy names nobody.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// `service:Operation`.
    pub action: String,
    /// The ARN acted on.
    pub arn: String,
    /// Condition keys. A key whose name ends in `s` has a list, all others one value; `t:flag` and `t:flags` have `true` and `false`.
    pub context: Context,
}

/// The documents of a role session, layer by layer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layers {
    /// Service control policies, level by level.
    pub service_control: Vec<Vec<Value>>,
    /// The role's policies.
    pub identity: Vec<Value>,
    /// The boundary.
    pub boundary: Option<Value>,
    /// The session's policies.
    pub session: Option<Vec<Value>>,
}

impl Layers {
    /// One document, nothing else.
    pub(crate) fn of(document: Value) -> Self {
        Self { identity: vec![document], ..Self::default() }
    }
}

/// What `crates/policy` says.
pub(crate) fn ours(layers: &Layers, request: &Request) -> Answer {
    // Of a document whose statements were all taken out nothing is left, which is none for us.
    let read = |document: &Value| match document.get("Statement").and_then(Value::as_array) {
        Some(none) if none.is_empty() => Ok(Arc::default()),
        _ => Document::parse(&document.to_string(), Kind::Identity).map(Arc::new),
    };
    let all = |documents: &[Value]| documents.iter().map(read).collect::<Result<Vec<_>, _>>();
    let set = || {
        Ok::<_, model::fault::Fault>(PolicySet {
            service_control: layers
                .service_control
                .iter()
                .map(|level| all(level))
                .collect::<Result<_, _>>()?,
            identity: all(&layers.identity)?,
            boundary: layers.boundary.as_ref().map(read).transpose()?,
            session: layers.session.as_deref().map(all).transpose()?,
            managed: Vec::new(),
        })
    };
    let Ok(set) = set() else { return Answer::Refused };
    let resource = Resource { arn: request.arn.clone(), ..Resource::default() };
    match set.decide(&Question { action: &request.action, resource: &resource, context: &request.context }) {
        Decision::Allow => Answer::Allow,
        Decision::ImplicitDeny => Answer::Silence,
        Decision::ExplicitDeny(_) => Answer::Deny,
    }
}

/// What `iam-rs` says. It knows one layer; the layers are joined as "Policy evaluation logic" says: a deny in any of them wins, and all must allow.
pub(crate) fn theirs(layers: &Layers, request: &Request) -> Answer {
    let boundary = layers.boundary.as_ref().map(std::slice::from_ref);
    let levels = layers.service_control.iter().map(|level| Some(level.as_slice()));
    let layers = levels.chain([Some(layers.identity.as_slice()), boundary, layers.session.as_deref()]);
    let answers: Vec<Answer> = layers.flatten().map(|documents| one_layer(documents, request)).collect();
    let any = |wanted| answers.contains(&wanted);
    match () {
        () if any(Answer::Refused) => Answer::Refused,
        () if any(Answer::Deny) => Answer::Deny,
        () if any(Answer::Silence) => Answer::Silence,
        () => Answer::Allow,
    }
}

fn one_layer(documents: &[Value], request: &Request) -> Answer {
    let read = |document: &Value| IAMPolicy::from_json(&bridge(document, &request.context).to_string());
    let Ok(policies) = documents.iter().map(read).collect::<Result<Vec<_>, _>>() else {
        return Answer::Refused;
    };
    let Ok(arn) = Arn::parse(&request.arn) else { return Answer::Refused };
    let who = Principal::Aws(PrincipalId::String("arn:aws:iam::111122223333:role/r".to_owned()));
    let request = IAMRequest::new_with_context(who, &request.action, arn, their_context(&request.context));
    match PolicyEvaluator::with_policies(policies).evaluate(&request).map(|result| result.decision) {
        Ok(iam_rs::Decision::Allow) => Answer::Allow,
        Ok(iam_rs::Decision::Deny) => Answer::Deny,
        Ok(iam_rs::Decision::NotApplicable) => Answer::Silence,
        Err(_) => Answer::Refused,
    }
}

/// `iam-rs` has types where IAM has texts, so a key of truth values must be given as such.
fn their_context(context: &Context) -> TheirContext {
    let mut all = TheirContext::new();
    for (key, values) in context {
        let flags = || values.iter().map(|value| value == "true").collect();
        let value = match (key.as_str(), values.as_slice()) {
            ("t:flags", _) => ContextValue::BooleanList(flags()),
            ("t:flag", [flag]) => {
                flag.parse().map_or_else(|_| ContextValue::String(flag.clone()), ContextValue::Boolean)
            }
            (name, [one]) if !name.ends_with('s') => ContextValue::String(one.clone()),
            _ => ContextValue::StringList(values.clone()),
        };
        all.insert(key.clone(), value);
    }
    all
}

/// The document as `iam-rs` wants it written, where that changes nothing of what it says:
/// - `iam-rs` replaces variables in resources only. Its own function does it for the conditions of string and ARN operators too.
/// - It wants the values of a set operator on truth values as JSON truth values, and all others as text.
fn bridge(document: &Value, context: &Context) -> Value {
    let mut document = document.clone();
    let variables = document.get("Version") == Some(&json!("2012-10-17"));
    let context = their_context(context);
    for statement in statements(&mut document) {
        let Some(block) = statement.get_mut("Condition").and_then(Value::as_object_mut) else { continue };
        for (operator, keys) in block {
            let expand = variables && (operator.contains("String") || operator.contains("Arn"));
            let real = operator.ends_with(":Bool");
            for values in keys.as_object_mut().into_iter().flat_map(|keys| keys.values_mut()) {
                let one = |value: &Value| match value {
                    Value::String(text) if real => text.parse().map_or_else(|_| value.clone(), Value::Bool),
                    Value::String(text) if expand => iam_rs::interpolate_variables(text, &context)
                        .map_or_else(|_| value.clone(), Value::String),
                    Value::Bool(_) if real => value.clone(),
                    Value::Bool(_) | Value::Number(_) => Value::String(value.to_string()),
                    other => other.clone(),
                };
                *values = match &*values {
                    Value::Array(list) if real && list.len() == 1 => {
                        list.iter().map(one).next().unwrap_or_default()
                    }
                    Value::Array(list) => list.iter().map(one).collect(),
                    single => one(single),
                };
            }
        }
    }
    document
}

/// The statements of a document, whether it has one or a list.
pub(crate) fn statements(document: &mut Value) -> Vec<&mut Value> {
    match document.get_mut("Statement") {
        Some(Value::Array(list)) => list.iter_mut().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    }
}
