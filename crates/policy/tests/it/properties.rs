//! Properties that hold for whatever policies and requests there are.

use std::sync::Arc;
use std::time::{Duration, Instant};

use model::access::{Authority, Context, Decision, Question, Resource};
use policy::document::{Document, Effect, Kind};
use policy::evaluate::{Layer, PolicySet, Verdict};
use policy::wildcard::{matches, pattern};
use proptest::prelude::*;
use serde_json::{Value, json};

const ACTIONS: &[&str] =
    &["*", "sso:*", "sso:List*", "sso:ListInstances", "iam:Get?ole", "*:*", "organizations:*"];
const RESOURCES: &[&str] = &[
    "*",
    "arn:aws:sso:::instance/*",
    "arn:aws:sso:::account/111122223333",
    "arn:*:sso:*:*:${aws:PrincipalTag/a}*",
    "arn:aws:sso:::instance/${aws:PrincipalTag/b, 'none'}",
];
const ASKED: &[&str] = &["sso:ListInstances", "sso:CreateInstance", "iam:GetRole", "organizations:ListRoots"];
const ARNS: &[&str] = &["*", "arn:aws:sso:::instance/ssoins-1", "arn:aws:sso:::account/111122223333"];
const OPERATORS: &[&str] = &[
    "StringEquals",
    "StringNotLike",
    "ForAllValues:StringLike",
    "ForAnyValue:StringNotEquals",
    "StringEqualsIfExists",
    "ArnNotLike",
];
const VALUES: &[&str] = &["x", "x*", "${aws:PrincipalTag/a}", "arn:aws:iam::1:role/*", "*"];

fn statement(effect: &'static str) -> impl Strategy<Value = Value> {
    let condition = prop::option::of((
        prop::sample::select(OPERATORS),
        prop::sample::select(&["aws:PrincipalTag/a", "aws:PrincipalTag/b"][..]),
        prop::collection::vec(prop::sample::select(VALUES), 0..3),
    ));
    (any::<bool>(), prop::sample::select(ACTIONS), any::<bool>(), prop::sample::select(RESOURCES), condition)
        .prop_map(move |(not_action, action, not_resource, resource, condition)| {
            let mut statement = json!({"Effect": effect});
            statement[if not_action { "NotAction" } else { "Action" }] = json!(action);
            statement[if not_resource { "NotResource" } else { "Resource" }] = json!([resource]);
            if let Some((operator, key, values)) = condition {
                statement["Condition"] = json!({operator: {key: values}});
            }
            statement
        })
}

fn any_statement() -> impl Strategy<Value = Value> {
    prop_oneof![3 => statement("Allow"), 1 => statement("Deny")]
}

fn document(statements: &[Value]) -> Arc<Document> {
    if statements.is_empty() {
        return Arc::default();
    }
    let document = json!({"Version": "2012-10-17", "Statement": statements});
    Arc::new(Document::from_value(&document, Kind::Identity).unwrap())
}

fn documents() -> impl Strategy<Value = Vec<Arc<Document>>> {
    let one = prop::collection::vec(any_statement(), 0..4).prop_map(|statements| document(&statements));
    prop::collection::vec(one, 0..3)
}

fn sets() -> impl Strategy<Value = PolicySet> {
    let levels = prop::collection::vec(documents(), 0..3);
    (levels, documents(), prop::option::of(documents()), prop::option::of(documents())).prop_map(
        |(service_control, identity, boundary, session)| PolicySet {
            service_control,
            identity,
            boundary: boundary.and_then(|documents| documents.into_iter().next()),
            session,
            managed: Vec::new(),
        },
    )
}

fn contexts() -> impl Strategy<Value = Context> {
    let value = prop::sample::select(&["x", "xy", "*", "111122223333", "arn:aws:iam::1:role/r"][..]);
    let values = prop::option::of(prop::collection::vec(value.prop_map(str::to_owned), 0..3));
    (values.clone(), values).prop_map(|(a, b)| {
        let a = a.map(|values| ("aws:PrincipalTag/a".to_owned(), values));
        let b = b.map(|values| ("aws:PrincipalTag/b".to_owned(), values));
        a.into_iter().chain(b).collect()
    })
}

fn asked() -> impl Strategy<Value = (&'static str, &'static str, Context)> {
    (prop::sample::select(ASKED), prop::sample::select(ARNS), contexts())
}

fn decide(set: &PolicySet, (action, arn, context): &(&str, &str, Context)) -> Decision {
    let resource = Resource { arn: (*arn).to_owned(), ..Resource::default() };
    set.decide(&Question { action, resource: &resource, context })
}

/// The plain definition of matching, slow and obvious.
fn matches_slowly(wild: &[char], text: &[char]) -> bool {
    match (wild.split_first(), text.split_first()) {
        (None, None) => true,
        (Some(('*', rest)), None) => matches_slowly(rest, text),
        (Some(('*', rest)), Some((_, less))) => matches_slowly(rest, text) || matches_slowly(wild, less),
        (Some((wanted, rest)), Some((found, less))) => {
            (*wanted == '?' || wanted == found) && matches_slowly(rest, less)
        }
        _ => false,
    }
}

/// A set with one statement more in one of its layers.
fn with(set: &PolicySet, layer: Layer, statement: Value) -> PolicySet {
    let mut set = set.clone();
    let more = document(&[statement]);
    match layer {
        Layer::ServiceControl => match set.service_control.first_mut() {
            Some(level) => level.push(more),
            None => set.service_control.push(vec![more]),
        },
        Layer::Identity => set.identity.push(more),
        Layer::Session => set.session.get_or_insert_default().push(more),
        Layer::Boundary => {
            let mut boundary = set.boundary.take().map(|boundary| (*boundary).clone()).unwrap_or_default();
            boundary.statements.extend(more.statements.iter().cloned());
            set.boundary = Some(Arc::new(boundary));
        }
    }
    set
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC*", value in "[\\[\\]{}\",:a-zA-Z*$ ']{0,80}") {
        for kind in [Kind::Identity, Kind::Trust, Kind::Actor] {
            let _ = Document::parse(&text, kind);
            let _ = Document::parse(&format!(r#"{{"Version":"2012-10-17","Statement":[{value}]}}"#), kind);
        }
    }

    #[test]
    fn no_value_makes_a_condition_panic(operator in prop::sample::select(OPERATORS), value in "\\PC{0,20}", given in "\\PC{0,20}") {
        let operators = [operator, "NumericLessThan", "DateNotEquals", "Bool", "IpAddress", "NotIpAddress", "BinaryEquals", "Null"];
        for operator in operators {
            let statement = json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {operator: {"aws:x": value}}});
            let Ok(document) = Document::from_value(&json!({"Version": "2012-10-17", "Statement": statement}), Kind::Identity) else { continue };
            let set = PolicySet { identity: vec![Arc::new(document)], ..PolicySet::default() };
            decide(&set, &("sso:ListInstances", "*", Context::from([("aws:x".to_owned(), vec![given.clone()])])));
        }
    }

    #[test]
    fn matching_is_what_it_says(wild in "[ab*?]{0,8}", text in "[abé]{0,8}") {
        let slow = matches_slowly(&wild.chars().collect::<Vec<_>>(), &text.chars().collect::<Vec<_>>());
        prop_assert_eq!(matches(&pattern(&wild), &text), slow);
    }

    #[test]
    fn a_deny_more_never_grants(set in sets(), deny in statement("Deny"), asked in asked(),
        layer in prop::sample::select(&[Layer::ServiceControl, Layer::Identity, Layer::Boundary, Layer::Session][..])) {
        if decide(&set, &asked) != Decision::Allow {
            prop_assert_ne!(decide(&with(&set, layer, deny), &asked), Decision::Allow);
        }
    }

    #[test]
    fn an_allow_more_never_takes_away(set in sets(), allow in statement("Allow"), asked in asked()) {
        if decide(&set, &asked) == Decision::Allow {
            prop_assert_eq!(decide(&with(&set, Layer::Identity, allow), &asked), Decision::Allow);
        }
    }

    #[test]
    fn a_boundary_session_and_service_control_policies_never_grant(set in sets(), asked in asked()) {
        let bare = PolicySet { identity: set.identity.clone(), ..PolicySet::default() };
        if decide(&bare, &asked) != Decision::Allow {
            prop_assert_ne!(decide(&set, &asked), Decision::Allow);
        }
    }

    #[test]
    fn an_explanation_agrees_with_the_decision(set in sets(), asked in asked()) {
        let (action, arn, context) = &asked;
        let resource = Resource { arn: (*arn).to_owned(), ..Resource::default() };
        let explanation = set.explain(&Question { action, resource: &resource, context });
        prop_assert_eq!(&explanation.decision, &decide(&set, &asked));
        // Documents of service control policies are counted over all levels.
        let mut levels = 0;
        let layers: Vec<(Layer, usize, usize)> = set.layers().map(|(layer, documents)| {
            let before = if layer == Layer::ServiceControl { levels } else { 0 };
            levels += documents.len();
            (layer, before, before + documents.len())
        }).collect();
        let applies = |effect, (layer, before, last): (Layer, usize, usize)| explanation.considered.iter()
            .any(|one| one.verdict == Verdict::Applies && one.effect == effect && layer == one.layer
                && one.document > before && one.document <= last);
        let denied = layers.iter().find(|layer| applies(Effect::Deny, **layer)).map(|(layer, ..)| layer);
        let silent = layers.iter().find(|layer| !applies(Effect::Allow, **layer)).map(|(layer, ..)| layer);
        let want = match (denied, silent) {
            (Some(layer), _) => Decision::ExplicitDeny(layer.to_string()),
            (None, Some(_)) => Decision::ImplicitDeny,
            (None, None) => Decision::Allow,
        };
        prop_assert_eq!(&explanation.decision, &want);
        if want == Decision::ImplicitDeny {
            prop_assert_eq!(explanation.silent, silent.map(|layer| layer.name()));
        }
        let decides = explanation.considered.iter().any(|one| one.decides);
        prop_assert_eq!(decides, want != Decision::ImplicitDeny);
        prop_assert!(explanation.to_string().starts_with(*action));
    }
}

#[test]
fn the_largest_hostile_policy_is_answered_in_time() {
    let wild = format!("arn:aws:sso:::{}", "*a".repeat(1_000));
    let mut resources = vec![wild.as_str(); 15];
    resources.push("arn:aws:sso:::nothing");
    let document = document(&[json!({"Effect": "Allow", "Action": "*", "Resource": resources})]);
    let set = PolicySet { identity: vec![document], ..PolicySet::default() };
    let arn = format!("arn:aws:sso:::{}b", "a".repeat(2_000));
    let started = Instant::now();
    assert_eq!(decide(&set, &("sso:ListInstances", &arn, Context::new())), Decision::ImplicitDeny);
    assert!(
        started.elapsed() < Duration::from_secs(5),
        "an exponential matcher would never end: {:?}",
        started.elapsed()
    );
}
