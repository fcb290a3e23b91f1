//! Evaluation as the IAM user guide tells it: its own examples and rules, one row each.

use std::sync::Arc;

use model::access::{Authority, Context, Decision, Question, Resource};
use policy::document::{Document, Kind};
use policy::evaluate::PolicySet;
use serde_json::{Value, json};

fn context(pairs: &[(&str, &[&str])]) -> Context {
    let own = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
    pairs.iter().map(|(key, values)| ((*key).to_owned(), own(values))).collect()
}

fn applies(effect: &str, condition: &Value, given: &[(&str, &[&str])]) -> bool {
    let statement = json!({"Effect": effect, "Action": "*", "Resource": "*", "Condition": condition});
    let document = json!({"Version": "2012-10-17", "Statement": statement});
    let document = Arc::new(Document::from_value(&document, Kind::Identity).unwrap());
    let set = PolicySet { identity: vec![document], ..PolicySet::default() };
    let resource = Resource { arn: "*".to_owned(), ..Resource::default() };
    let question = Question { action: "sso:ListInstances", resource: &resource, context: &context(given) };
    set.decide(&question) != Decision::ImplicitDeny
}

type Given = &'static [(&'static str, &'static [&'static str])];

#[test]
fn missing_keys_and_several_values() {
    let none: Given = &[];
    let ab: Given = &[("aws:TagKeys", &["a", "b"])];
    let a: Given = &[("aws:TagKeys", &["a"])];
    let empty: Given = &[("aws:TagKeys", &[])];
    for (operator, wanted, given, want) in [
        ("StringEquals", json!("a"), none, false),
        ("StringNotEquals", json!("a"), none, true),
        ("StringEqualsIfExists", json!("a"), none, true),
        ("StringNotEqualsIfExists", json!("a"), none, true),
        ("StringEqualsIfExists", json!("b"), a, false),
        ("NumericLessThan", json!(5), none, false),
        ("NumericLessThanIfExists", json!(5), none, true),
        ("BoolIfExists", json!(true), none, true),
        ("Bool", json!(false), none, false),
        ("NotIpAddress", json!("192.0.2.0/24"), none, true),
        ("ArnNotLike", json!("arn:aws:iam::1:role/x"), none, true),
        ("Null", json!(true), none, true),
        ("Null", json!("false"), none, false),
        ("Null", json!("false"), a, true),
        ("Null", json!(true), empty, true),
        ("ForAllValues:StringEquals", json!(["a", "b", "c"]), ab, true),
        ("ForAllValues:StringEquals", json!(["a"]), ab, false),
        ("ForAllValues:StringEquals", json!(["a"]), none, true),
        ("ForAllValues:StringEquals", json!(["a"]), empty, true),
        ("ForAllValues:StringNotEquals", json!(["a"]), ab, false),
        ("ForAllValues:StringNotEquals", json!(["c"]), ab, true),
        ("ForAnyValue:StringEquals", json!(["a"]), ab, true),
        ("ForAnyValue:StringEquals", json!(["c"]), ab, false),
        ("ForAnyValue:StringEquals", json!(["a"]), none, false),
        ("ForAnyValue:StringNotEquals", json!(["a"]), ab, true),
        ("ForAnyValue:StringNotEquals", json!(["a", "b"]), ab, false),
        ("ForAnyValue:StringEqualsIfExists", json!(["a"]), none, true),
        // Several values of a negated operator: none of them (NOR).
        ("StringNotEquals", json!(["a", "c"]), a, false),
        ("StringNotEquals", json!(["c", "d"]), a, true),
        ("StringEquals", json!([]), a, false),
        ("StringNotEquals", json!([]), a, true),
    ] {
        for effect in ["Allow", "Deny"] {
            let condition = json!({operator: {"aws:TagKeys": wanted}});
            assert_eq!(applies(effect, &condition, given), want, "{effect} {condition} {given:?}");
        }
    }
}

#[test]
fn all_operators_and_all_keys_of_a_block_must_hold() {
    let given: Given = &[("aws:PrincipalTag/a", &["1"]), ("aws:PrincipalTag/b", &["2"])];
    for (condition, want) in [
        (json!({"StringEquals": {"aws:PrincipalTag/a": "1", "aws:PrincipalTag/b": "2"}}), true),
        (json!({"StringEquals": {"aws:PrincipalTag/a": "1", "aws:PrincipalTag/b": "3"}}), false),
        (
            json!({"StringEquals": {"aws:PrincipalTag/a": "1"}, "NumericEquals": {"aws:PrincipalTag/b": 2}}),
            true,
        ),
        (
            json!({"StringEquals": {"aws:PrincipalTag/a": "1"}, "NumericEquals": {"aws:PrincipalTag/b": 3}}),
            false,
        ),
        (json!({"StringEquals": {"AWS:principaltag/A": "1"}}), true),
    ] {
        assert_eq!(applies("Allow", &condition, given), want, "{condition}");
    }
}

#[test]
fn what_cannot_be_decided_neither_helps_an_allow_nor_weakens_a_deny() {
    let unknown = "${aws:PrincipalTag/none}";
    let given: Given = &[("aws:PrincipalTag/x", &["a"]), ("aws:SourceIp", &["nonsense"])];
    for (condition, allow, deny) in [
        (json!({"StringEquals": {"aws:PrincipalTag/x": unknown}}), false, false),
        (json!({"StringNotEquals": {"aws:PrincipalTag/x": unknown}}), false, true),
        (json!({"StringNotEquals": {"aws:PrincipalTag/y": unknown}}), false, true),
        (json!({"StringNotEqualsIfExists": {"aws:PrincipalTag/y": unknown}}), true, true),
        (json!({"StringNotEquals": {"aws:PrincipalTag/x": ["a", unknown]}}), false, false),
        (json!({"StringNotLike": {"aws:PrincipalTag/x": "${aws:PrincipalTag/none, 'a'}"}}), false, false),
        (json!({"NumericNotEquals": {"aws:PrincipalTag/x": 5}}), false, true),
        (json!({"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}), false, true),
        (json!({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}), false, false),
    ] {
        assert_eq!(applies("Allow", &condition, given), allow, "Allow {condition}");
        assert_eq!(applies("Deny", &condition, given), deny, "Deny {condition}");
    }
}

#[test]
fn a_value_out_of_the_request_is_never_wild() {
    let star: Given = &[("aws:PrincipalTag/x", &["*"]), ("aws:PrincipalArn", &["arn:aws:iam::1:role/r"])];
    for (operator, wanted) in [
        ("ArnLike", "arn:aws:iam::${aws:PrincipalTag/x}:role/r"),
        ("StringLike", "arn:aws:iam::${aws:PrincipalTag/x}:role/r"),
        ("ArnEquals", "${aws:PrincipalTag/x}"),
        ("StringLike", "${*}"),
    ] {
        assert!(
            !applies("Allow", &json!({operator: {"aws:PrincipalArn": wanted}}), star),
            "{operator} {wanted}"
        );
    }
    assert!(applies("Allow", &json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/r"}}), star));
}

fn allows(version: &str, selection: &Value, action: &str, arn: &str) -> bool {
    let mut statement = selection.clone();
    statement["Effect"] = json!("Allow");
    let document = json!({"Version": version, "Statement": [statement]});
    let document = Arc::new(Document::from_value(&document, Kind::Identity).unwrap());
    let set = PolicySet { identity: vec![document], ..PolicySet::default() };
    let resource = Resource { arn: arn.to_owned(), ..Resource::default() };
    let given = context(&[("aws:PrincipalTag/x", &["a"])]);
    set.decide(&Question { action, resource: &resource, context: &given }) == Decision::Allow
}

#[test]
fn resources_and_actions() {
    for (version, statement, action, arn, want) in [
        ("2012-10-17", json!({"Action": "SSO:list*", "Resource": "*"}), "sso:ListInstances", "arn:x", true),
        ("2012-10-17", json!({"Action": "sso:Get?ole", "Resource": "*"}), "sso:GetRole", "arn:x", true),
        (
            "2012-10-17",
            json!({"Action": "sso:*", "Resource": "arn:aws:sso:::Instance/*"}),
            "sso:X",
            "arn:aws:sso:::instance/1",
            false,
        ),
        // A star of a resource reaches across colons and slashes.
        (
            "2012-10-17",
            json!({"Action": "*", "Resource": "arn:aws:sso:::*/1"}),
            "sso:X",
            "arn:aws:sso:::instance/a/1",
            true,
        ),
        (
            "2012-10-17",
            json!({"Action": "*", "Resource": "arn:aws:s:::${aws:PrincipalTag/x}"}),
            "sso:X",
            "arn:aws:s:::a",
            true,
        ),
        (
            "2008-10-17",
            json!({"Action": "*", "Resource": "arn:aws:s:::${aws:PrincipalTag/x}"}),
            "sso:X",
            "arn:aws:s:::a",
            false,
        ),
        (
            "2012-10-17",
            json!({"Action": "*", "Resource": "arn:aws:s:::${aws:PrincipalTag/y}*"}),
            "sso:X",
            "arn:aws:s:::",
            false,
        ),
        (
            "2012-10-17",
            json!({"Action": "*", "Resource": ["arn:aws:s:::${aws:PrincipalTag/y}", "arn:aws:s:::b"]}),
            "sso:X",
            "arn:aws:s:::b",
            true,
        ),
        (
            "2012-10-17",
            json!({"Action": "*", "Resource": "arn:aws:s:::${*}"}),
            "sso:X",
            "arn:aws:s:::b",
            false,
        ),
    ] {
        assert_eq!(allows(version, &statement, action, arn), want, "{statement} {action} {arn}");
    }
}

#[test]
fn all_but_some() {
    for (version, statement, action, arn, want) in [
        ("2012-10-17", json!({"NotAction": "sso:*", "Resource": "*"}), "identitystore:X", "arn:x", true),
        ("2012-10-17", json!({"NotAction": ["iam:*", "SSO:*"], "Resource": "*"}), "sso:X", "arn:x", false),
        (
            "2012-10-17",
            json!({"Action": "*", "NotResource": "arn:aws:s:::b*"}),
            "sso:X",
            "arn:aws:s:::bc",
            false,
        ),
        (
            "2012-10-17",
            json!({"Action": "*", "NotResource": "arn:aws:s:::b*"}),
            "sso:X",
            "arn:aws:s:::c",
            true,
        ),
    ] {
        assert_eq!(allows(version, &statement, action, arn), want, "{statement} {action} {arn}");
    }
}
