//! What is said of a statement is what it says: the words' plain meaning, written down here a second time, holds for a request exactly where the
//! statement applies.

use std::sync::Arc;

use model::access::{Authority, Context, Decision, Question, Resource};
use policy::document::{Document, Kind};
use policy::evaluate::PolicySet;
use policy::in_words::{
    Account, Acts, Clause, Comparison, Extent, IamKind, Name, Parts, Plain, Subject, Thing,
};
use policy::wildcard::{matches, pattern};
use proptest::prelude::*;
use serde_json::{Value, json};

fn fits(name: &Name, text: &str) -> bool {
    match name {
        Name::Every => true,
        Name::Is(whole) => text == whole,
        Name::Begins(start) => text.starts_with(start.as_str()),
        Name::Ends(end) => text.ends_with(end.as_str()),
        Name::Contains(part) => text.contains(part.as_str()),
        Name::Fits(wild) => matches(&pattern(wild), text),
    }
}

fn lower(name: &Name) -> Name {
    match name {
        Name::Every => Name::Every,
        Name::Is(text) => Name::Is(text.to_lowercase()),
        Name::Begins(text) => Name::Begins(text.to_lowercase()),
        Name::Ends(text) => Name::Ends(text.to_lowercase()),
        Name::Contains(text) => Name::Contains(text.to_lowercase()),
        Name::Fits(text) => Name::Fits(text.to_lowercase()),
    }
}

fn does(acts: &Acts, action: &str) -> bool {
    let action = action.to_lowercase();
    let (service, name) = action.split_once(':').unwrap();
    acts.service.eq_ignore_ascii_case(service) && acts.names.iter().any(|one| fits(&lower(one), name))
}

fn is(thing: &Thing, arn: &str) -> bool {
    let object = || arn.strip_prefix("arn:aws:s3:::").and_then(|path| path.split_once('/'));
    let bucket = || arn.strip_prefix("arn:aws:s3:::").filter(|path| !path.contains('/'));
    let after = |start: &str| arn.strip_prefix(start);
    match thing {
        Thing::Buckets(name) => bucket().is_some_and(|bucket| fits(name, bucket)),
        Thing::BucketsAndObjects(name) => {
            bucket().or_else(|| object().map(|(bucket, _)| bucket)).is_some_and(|bucket| fits(name, bucket))
        }
        Thing::Objects { bucket, key } => {
            object().is_some_and(|(of, found)| fits(bucket, of) && fits(key, found))
        }
        Thing::Iam { kind, name, account } => after("arn:aws:iam::").is_some_and(|rest| {
            let (of, path) = rest.split_once(':').unwrap();
            let here = match account {
                Account::Every => true,
                Account::Aws => of == "aws",
                Account::Is(number) => of == number,
            };
            let kind = match kind {
                IamKind::Role => "role/",
                IamKind::User => "user/",
                IamKind::Group => "group/",
                IamKind::Policy => "policy/",
            };
            here && path.strip_prefix(kind).is_some_and(|found| fits(name, found))
        }),
        Thing::Accounts(name) => after("arn:aws:sso:::account/").is_some_and(|id| fits(name, id)),
        Thing::PermissionSets(name) => after("arn:aws:sso:::permissionSet/").is_some_and(|id| fits(name, id)),
        Thing::Instances(name) => after("arn:aws:sso:::instance/").is_some_and(|id| fits(name, id)),
        Thing::Exactly(whole) => arn == whole,
        Thing::Fits(wild) => matches(&pattern(wild), arn),
    }
}

fn within<T>(extent: &Extent<T>, one: impl Fn(&T) -> bool) -> bool {
    match extent {
        Extent::Everything => true,
        Extent::Nothing => false,
        Extent::Only(list) => list.iter().any(one),
        Extent::AllBut(list) => !list.iter().any(one),
    }
}

fn compares(plain: &Plain, given: &str) -> bool {
    let number = |text: &str| text.parse::<f64>().unwrap();
    let one = |wanted: &String| match plain.comparison {
        Comparison::Equal => given == wanted,
        Comparison::EqualAnyCase | Comparison::Truth => given.eq_ignore_ascii_case(wanted),
        Comparison::Fits => matches(&pattern(wanted), given),
        Comparison::Number => number(given).total_cmp(&number(wanted)).is_eq(),
        Comparison::Less => number(given) < number(wanted),
        Comparison::AtMost => number(given) <= number(wanted),
        Comparison::More => number(given) > number(wanted),
        Comparison::AtLeast => number(given) >= number(wanted),
        other => panic!("{other:?} is not asked here"),
    };
    plain.values.iter().any(one) != plain.negated
}

fn holds(clause: &Clause, context: &Context) -> bool {
    let given = |key: &str| context.get(key).cloned().unwrap_or_default();
    match clause {
        Clause::Present { key, wanted } => given(key).is_empty() != *wanted,
        Clause::Literal(text) => panic!("{text} has words"),
        Clause::Plain(plain) => {
            let given = given(&plain.key);
            match plain.subject {
                _ if given.is_empty() => plain.or_absent,
                Subject::Value => compares(plain, &given[0]),
                Subject::EveryValue => given.iter().all(|value| compares(plain, value)),
                Subject::AnyValue => given.iter().any(|value| compares(plain, value)),
            }
        }
    }
}

fn parts(statement: &Value) -> (Parts, PolicySet) {
    let text = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
    let document = Document::parse(&text, Kind::Identity).unwrap_or_else(|fault| panic!("{text}: {fault:?}"));
    let parts = document.in_parts().remove(0);
    (parts, PolicySet { identity: vec![Arc::new(document)], ..PolicySet::default() })
}

fn applies(set: &PolicySet, action: &str, arn: &str, context: &Context) -> bool {
    let resource = Resource { arn: arn.to_owned(), ..Resource::default() };
    set.decide(&Question { action, resource: &resource, context }) == Decision::Allow
}

fn wild(letters: &'static str) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(letters.chars().collect::<Vec<_>>()), 1..6)
        .prop_map(|letters| letters.into_iter().collect())
}

fn resources() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => wild("ab*/*?").prop_map(|path| format!("arn:aws:s3:::{path}")),
        2 => (prop::sample::select(&["*", "aws", "111122223333", "1111*"][..]),
              prop::sample::select(&["role", "user", "group", "policy", "mfa"][..]), wild("ab*/"))
            .prop_map(|(account, kind, name)| format!("arn:aws:iam::{account}:{kind}/{name}")),
        2 => (prop::sample::select(&["account", "permissionSet", "instance", "*"][..]), wild("ab*/"))
            .prop_map(|(kind, name)| format!("arn:aws:sso:::{kind}/{name}")),
        1 => Just("arn:aws:s3:*".to_owned()),
        1 => Just("arn:*:s3:::a/*".to_owned()),
    ]
}

fn arns() -> impl Strategy<Value = String> {
    prop_oneof![
        wild("abab/").prop_map(|path| format!("arn:aws:s3:::{path}")),
        (
            prop::sample::select(&["aws", "111122223333", "444455556666"][..]),
            prop::sample::select(&["role", "user", "group", "policy", "mfa"][..]),
            wild("ab/")
        )
            .prop_map(|(account, kind, name)| format!("arn:aws:iam::{account}:{kind}/{name}")),
        (prop::sample::select(&["account", "permissionSet", "instance"][..]), wild("ab/"))
            .prop_map(|(kind, name)| format!("arn:aws:sso:::{kind}/{name}")),
    ]
}

fn conditions() -> impl Strategy<Value = Value> {
    let text = prop::sample::select(
        &[
            "StringEquals",
            "StringNotEquals",
            "StringLike",
            "StringNotLike",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
        ][..],
    );
    let number = prop::sample::select(
        &[
            "NumericEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
        ][..],
    );
    let quantifier = || prop::sample::select(&["", "ForAllValues:", "ForAnyValue:"][..]);
    let values = |of: &'static [&'static str]| prop::collection::vec(prop::sample::select(of), 1..3);
    let suffix = || prop::sample::select(&["", "IfExists"][..]);
    prop_oneof![
        (quantifier(), text, suffix(), values(&["1", "2*", "?", "A"]))
            .prop_map(|(q, o, s, v)| json!({format!("{q}{o}{s}"): {"t:k": v}})),
        (quantifier(), number, suffix(), values(&["1", "2.5"]))
            .prop_map(|(q, o, s, v)| json!({format!("{q}{o}{s}"): {"t:k": v}})),
        prop::sample::select(&["true", "false"][..]).prop_map(|v| json!({"Null": {"t:k": v}})),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn things_are_those_that_the_text_matches(named in prop::collection::vec(resources(), 1..3), not in any::<bool>(), arn in arns()) {
        let element = if not { "NotResource" } else { "Resource" };
        let (parts, set) = parts(&json!({"Effect": "Allow", "Action": "*", element: named}));
        prop_assert_eq!(within(&parts.things, |thing| is(thing, &arn)), applies(&set, "s3:x", &arn, &Context::new()), "{:?}", parts.things);
    }

    #[test]
    fn actions_are_those_that_the_text_matches(named in prop::collection::vec(wild("aB*?"), 1..4), services in prop::collection::vec(prop::sample::select(&["s3", "S3", "iam"][..]), 4), not in any::<bool>(), asked in wild("AbB")) {
        let named: Vec<String> = named.iter().zip(&services).map(|(name, service)| format!("{service}:{name}")).collect();
        let element = if not { "NotAction" } else { "Action" };
        let (parts, set) = parts(&json!({"Effect": "Allow", element: named, "Resource": "*"}));
        let action = format!("s3:{asked}");
        prop_assert_eq!(within(&parts.acts, |acts| does(acts, &action)), applies(&set, &action, "*", &Context::new()), "{:?}", parts.acts);
    }

    #[test]
    fn conditions_hold_as_their_words_say(condition in conditions(), given in prop::collection::vec(prop::sample::select(&["1", "2", "22", "2.5"][..]), 0..3)) {
        let (parts, set) = parts(&json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}));
        let clause = &parts.clauses[0];
        // Of a key that is known to have one value nobody asks about two.
        let is_single = matches!(clause, Clause::Plain(Plain { subject: Subject::Value, .. }));
        let given: Vec<String> = given.into_iter().take(if is_single { 1 } else { 3 }).map(str::to_owned).collect();
        let context = if given.is_empty() { Context::new() } else { Context::from([("t:k".to_owned(), given)]) };
        prop_assert_eq!(holds(clause, &context), applies(&set, "s3:x", "*", &context), "{:?} {:?}", clause, context);
    }
}

#[test]
fn what_has_no_plain_words_keeps_its_own() {
    for condition in [
        json!({"StringNotEquals": {"aws:userid": "${aws:PrincipalTag/x}"}}),
        json!({"NumericNotEquals": {"t:k": "5"}}),
        json!({"DateNotEquals": {"t:k": "2026-01-01"}}),
        json!({"StringEquals": {"aws:tagkeys": "a"}}),
        json!({"StringEquals": {"t:k": []}}),
        json!({"BinaryEquals": {"t:k": "QQ=="}}),
        json!({"Null": {"t:k": ["true", "false"]}}),
    ] {
        let (parts, _) =
            parts(&json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}));
        assert!(matches!(&parts.clauses[..], [Clause::Literal(_)]), "{condition}: {:?}", parts.clauses);
    }
}

#[test]
fn everyday_statements() {
    let (said, _) = parts(
        &json!({"Sid": "Read", "Effect": "Allow", "Action": ["s3:Get*", "s3:List*", "sts:AssumeRole"],
        "Resource": ["arn:aws:s3:::app-*", "arn:aws:s3:::logs/*"],
        "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}, "Bool": {"aws:MultiFactorAuthPresent": "true"}}}),
    );
    let begins = |text: &str| Name::Begins(text.to_owned());
    let acts = |service: &str, names| Acts { service: service.to_owned(), names };
    assert_eq!(
        said.acts,
        Extent::Only(vec![
            acts("s3", vec![begins("Get"), begins("List")]),
            acts("sts", vec![Name::Is("AssumeRole".to_owned())])
        ])
    );
    let objects = Thing::Objects { bucket: Name::Is("logs".to_owned()), key: Name::Every };
    assert_eq!(said.things, Extent::Only(vec![Thing::BucketsAndObjects(begins("app-")), objects]));
    assert_eq!(said.clauses.len(), 2);
    let (said, _) = parts(&json!({"Effect": "Deny", "NotAction": ["*"], "NotResource": "*"}));
    assert_eq!((said.acts, said.things), (Extent::Nothing, Extent::Nothing));
}
