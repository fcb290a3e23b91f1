//! Random documents and requests, put to our evaluator and to `iam-rs`: both must decide alike, but for the differences that `differences` names. Owns
//! how documents and requests are made. `PROPTEST_CASES` asks for more cases (eight times its number), `PROPTEST_RNG_SEED` for others.

use std::cell::RefCell;
use std::collections::BTreeMap;

use model::access::Context;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, RngSeed, TestRunner};
use serde_json::{Map, Value, json};

use crate::differences::met;
use crate::oracle::{Answer, Layers, Request, ours, statements, theirs};

const ASKED: &[&str] =
    &["s3:GetObject", "s3:GetObject", "s3:PutObject", "S3:getobject", "sso:ListInstances", "iam:GetRole"];
const ACTIONS: &[&str] = &[
    "*",
    "*",
    "*",
    "*:*",
    "s3:*",
    "s3:*",
    "S3:*",
    "s3:Get*",
    "s3:getobject",
    "s3:?etObject",
    "s3:*Object",
    "s3:PutObject",
    "sso:List*",
    "sso:ListInstance?",
    "sso:*s",
    "iam:Get?ole",
    "organizations:*",
];
const ARNS: &[&str] = &[
    "arn:aws:s3:::a",
    "arn:aws:s3:::a",
    "arn:aws:s3:::a/b",
    "arn:aws:s3:::a:b",
    "arn:aws:s3:::red",
    "arn:aws:sso:::instance/ssoins-1",
    "arn:aws:iam::111122223333:role/red",
    "arn:aws-cn:s3:::a*",
];
const RESOURCES: &[&str] = &[
    "*",
    "*",
    "*",
    "arn:aws:s3:::*",
    "arn:aws:s3:::a*",
    "arn:aws:s3:::?",
    "arn:aws:s3:::a?b",
    "arn:aws:s3:::A",
    "arn:*:s3:::a*",
    "arn:aws:s3:*:*:a/b",
    "arn:aws:sso:::instance/*",
    "arn:aws:sso:?::instance/*",
    "arn:aws:iam::1111*:role/*",
    "arn:aws:iam::*:role/${t:text}",
    "arn:aws:s3:::${t:text}",
    "arn:aws:s3:::${T:Text}/b",
    "arn:aws:s3:::${t:none, 'a'}*",
];
/// Resources on which the two differ.
const ODD_RESOURCES: &[&str] =
    &["arn:aws:s3:*", "arn:aws:s3:::${t:star}", "arn:aws:s3:::${t:none}*", "arn:aws:s3:::a${*}"];

/// A kind of values: its operators, the quantifiers that `iam-rs` knows before them, keys, values of policies, and values on which the two differ.
type KindOfValue = (Words, Words, Words, Words, Words);
type Words = &'static [&'static str];

const SETS: Words = &["", "", "ForAllValues:", "ForAnyValue:"];
const PLAIN: Words = &[""];
const KINDS: &[KindOfValue] = &[
    (
        &[
            "StringEquals",
            "StringNotEquals",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
            "StringLike",
            "StringNotLike",
        ],
        SETS,
        &["t:text", "t:text", "t:texts", "t:number", "T:Text", "t:none"],
        &["a", "a", "b", "A", "red", "r?d", "*", "a*", "", "${t:text}", "${t:none, 'a'}"],
        &["É", "${t:none}", "${t:star}*", "${*}"],
    ),
    (
        &[
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
        ],
        PLAIN,
        &["t:number", "t:number", "t:number", "T:NUMBER", "t:none", "t:text"],
        &["5", "5.0", "-1", "10", "1e1", "0.5"],
        &["5"],
    ),
    (
        &[
            "DateEquals",
            "DateNotEquals",
            "DateLessThan",
            "DateLessThanEquals",
            "DateGreaterThan",
            "DateGreaterThanEquals",
        ],
        PLAIN,
        &["t:date", "t:date", "t:date", "t:Date", "t:none", "t:text"],
        &["2026-11-24T00:00:00Z", "2026-11-24T01:00:00+01:00", "2026-11-24T00:00:00.5Z", "1795478400", "0"],
        &["2026-11-24", "2026-11-24T00:00Z"],
    ),
    (&["Bool"], SETS, &["t:flag", "t:flag", "t:flags", "t:none"], &["true", "false"], &["True"]),
    (&["BinaryEquals"], PLAIN, &["t:binary", "t:binary", "t:none"], &["QQ==", "Qg==", ""], &["qq=="]),
    (
        &["IpAddress", "NotIpAddress"],
        PLAIN,
        &["t:ip", "t:ip", "t:ip", "t:none", "t:text"],
        &["192.0.2.0/24", "192.0.2.7", "0.0.0.0/0", "203.0.113.0/25", "2001:db8::/32", "2001:db8::1", "::/0"],
        &["0.0.0.0/0"],
    ),
    (
        &["ArnEquals", "ArnNotEquals"],
        SETS,
        &["t:arn", "t:arn", "t:arns", "t:none"],
        &["arn:aws:iam::111122223333:role/red", "arn:aws:iam::111122223333:role/blue", "arn:aws:s3:::ab"],
        &["*", "arn:aws:iam::*:role/*", "arn:aws:iam::111122223333:role/${t:text}"],
    ),
    (
        &["ArnLike", "ArnNotLike"],
        SETS,
        &["t:arn", "t:arn", "t:arns", "t:none"],
        &[
            "*",
            "arn:aws:iam::*:role/*",
            "arn:*:iam::1111?2223333:role/r?d",
            "arn:aws:s3:::a*",
            "arn:aws:s3:::*b",
            "arn:aws:iam::111122223333:role/${t:text}",
        ],
        &["arn:aws:*", "arn:aws:s3:*:*:a"],
    ),
    (&["Null"], PLAIN, &["t:text", "t:texts", "t:arn", "t:none"], &["true", "false"], &["TRUE"]),
];
/// What the keys of a request can hold, and what it can hold on which the two differ.
const GIVEN: &[(&str, Words, Words)] = &[
    ("t:text", &["a", "a", "b", "A", "red"], &["a*", "é", ""]),
    ("t:texts", &["a", "b", "red"], &["é"]),
    ("t:number", &["5", "5.00", "-1", "10", "4.9"], &["five", "inf"]),
    (
        "t:date",
        &["2026-11-24T00:00:00Z", "2026-11-23T19:00:00-05:00", "2026-11-24T00:00:01Z", "1795478400"],
        &["1.5", "soon", "2026-11-24"],
    ),
    ("t:flag", &["true", "false"], &["true"]),
    ("t:flags", &["true", "false"], &["true"]),
    ("t:binary", &["QQ==", "Qg=="], &["QQ"]),
    (
        "t:ip",
        &["192.0.2.7", "192.0.2.255", "203.0.113.128", "2001:db8::1"],
        &["::ffff:192.0.2.7", "192.0.2.0/25", "here"],
    ),
    (
        "t:arn",
        &["arn:aws:iam::111122223333:role/red", "arn:aws:iam::111122223333:role/blue", "arn:aws:s3:::ab"],
        &["arn:aws:s3:::a:b", "a"],
    ),
    ("t:arns", &["arn:aws:iam::111122223333:role/red", "arn:aws:s3:::ab"], &["a"]),
    ("t:star", &["x"], &["*"]),
];

/// Mostly words on which both agree; every difference must be met now and then, though.
fn word(common: Words, odd: Words) -> impl Strategy<Value = &'static str> + Clone {
    prop_oneof![20 => select(common), 1 => select(odd)]
}

fn one_or_more(word: impl Strategy<Value = &'static str> + Clone) -> impl Strategy<Value = Value> {
    let one = word.prop_map(Value::from);
    prop_oneof![3 => one.clone(), 1 => prop::collection::vec(one, 1..4).prop_map(Value::from)]
}

fn resource() -> impl Strategy<Value = Value> {
    let small = "[ab/:*?]{0,4}".prop_map(|tail| Value::from(format!("arn:aws:s3:::{tail}")));
    prop_oneof![4 => one_or_more(word(RESOURCES, ODD_RESOURCES)), 1 => small]
}

/// One operator on one key, as `(operator, key, values)`.
fn condition() -> impl Strategy<Value = (String, &'static str, Value)> {
    select(KINDS).prop_flat_map(|(operators, quantifiers, keys, values, odd)| {
        let value = (word(values, odd), any::<bool>()).prop_map(written);
        let several = if ["Bool", "Null"].contains(&operators[0]) { 0..2 } else { 0..4 };
        let values =
            prop_oneof![5 => value.clone(), 2 => prop::collection::vec(value, several).prop_map(Value::from)];
        let (quantifier, exists) = (word(quantifiers, &["ForAnyValue:"]), prop::bool::weighted(0.25));
        (quantifier, select(operators), exists, any::<bool>(), select(keys), values).prop_map(
            |(quantifier, base, if_exists, odd, key, values)| {
                // iam-rs knows no quantifier together with IfExists.
                let exists = if if_exists && base != "Null" && (quantifier.is_empty() || odd) {
                    "IfExists"
                } else {
                    ""
                };
                let quantifier = if base == "Null" { "" } else { quantifier };
                (format!("{quantifier}{base}{exists}"), key, values)
            },
        )
    })
}

/// Policies write numbers and truth values with quotes and without.
fn written((text, quoted): (&str, bool)) -> Value {
    let bare = serde_json::from_str(text)
        .ok()
        .filter(|value: &Value| !quoted && (value.is_number() || value.is_boolean()));
    bare.unwrap_or_else(|| Value::from(text))
}

fn statement() -> impl Strategy<Value = Value> {
    let effect = prop_oneof![5 => Just("Allow"), 2 => Just("Deny")];
    let conditions = prop_oneof![1 => Just(Vec::new()), 3 => prop::collection::vec(condition(), 1..3)];
    let turned = || prop::bool::weighted(0.2);
    (effect, turned(), one_or_more(select(ACTIONS)), turned(), resource(), conditions).prop_map(
        |(effect, not_action, actions, not_resource, resources, conditions)| {
            let mut statement = json!({"Effect": effect});
            statement[if not_action { "NotAction" } else { "Action" }] = actions;
            statement[if not_resource { "NotResource" } else { "Resource" }] = resources;
            for (operator, key, values) in conditions {
                let keys = &mut statement["Condition"][operator];
                // Two spellings of one key are refused by us: see `document.rs`.
                if keys
                    .as_object()
                    .is_none_or(|keys: &Map<_, _>| keys.keys().all(|other| !other.eq_ignore_ascii_case(key)))
                {
                    keys[key] = values;
                }
            }
            statement
        },
    )
}

fn document() -> impl Strategy<Value = Value> {
    let version = prop_oneof![9 => Just("2012-10-17"), 1 => Just("2008-10-17")];
    let all = prop::option::weighted(0.3, Just(json!({"Effect": "Allow", "Action": "*", "Resource": "*"})));
    (version, all, prop::collection::vec(statement(), 1..5)).prop_map(|(version, all, mut statements)| {
        statements.extend(all);
        match statements.as_slice() {
            [one] => json!({"Version": version, "Statement": one}),
            many => json!({"Version": version, "Statement": many}),
        }
    })
}

fn layers() -> impl Strategy<Value = Layers> {
    let few = || prop::collection::vec(document(), 1..3);
    let levels = prop_oneof![5 => Just(Vec::new()), 1 => prop::collection::vec(few(), 1..3)];
    (levels, few(), prop::option::weighted(0.2, document()), prop::option::weighted(0.2, few())).prop_map(
        |(service_control, identity, boundary, session)| Layers {
            service_control,
            identity,
            boundary,
            session,
        },
    )
}

fn context() -> impl Strategy<Value = Context> {
    let key = |(name, common, odd): (&'static str, Words, Words)| {
        let values = prop::collection::vec(
            word(common, odd).prop_map(str::to_owned),
            if name.ends_with('s') { 0..4 } else { 1..2 },
        );
        prop::option::weighted(0.9, values)
            .prop_map(move |values| values.map(|values| (name.to_owned(), values)))
    };
    GIVEN.iter().copied().map(key).collect::<Vec<_>>().prop_map(|keys| keys.into_iter().flatten().collect())
}

fn request() -> impl Strategy<Value = Request> {
    let small = "[ab/:]{1,4}".prop_map(|tail| format!("arn:aws:s3:::{tail}"));
    let arn = prop_oneof![3 => select(ARNS).prop_map(str::to_owned), 1 => small];
    (select(ASKED), arn, context()).prop_map(|(action, arn, context)| Request {
        action: action.to_owned(),
        arn,
        context,
    })
}

/// What a run has seen, so that it can be said to have seen enough.
#[derive(Debug, Default)]
struct Tally {
    answers: BTreeMap<Answer, usize>,
    statements: usize,
    left_out: BTreeMap<&'static str, usize>,
}

/// Takes out the statements that meet a known difference.
fn strip(document: &mut Value, request: &Request, tally: &mut Tally) {
    let version = document.get("Version").cloned();
    let mut keep = Vec::new();
    for statement in statements(document) {
        let met = met(version.as_ref(), statement, request);
        tally.statements += 1;
        for name in &met {
            *tally.left_out.entry(name).or_default() += 1;
        }
        if met.is_empty() {
            keep.push(statement.clone());
        }
    }
    document["Statement"] = Value::from(keep);
}

fn config(times: u32) -> Config {
    let mut config = Config { failure_persistence: None, ..Config::default() };
    config.cases *= times;
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(20_121_017);
    }
    config
}

#[test]
fn both_decide_alike() {
    let tally = RefCell::new(Tally::default());
    let config = config(8);
    let cases = config.cases as usize;
    let outcome = TestRunner::new(config).run(&(layers(), request()), |(mut layers, request)| {
        let tally = &mut *tally.borrow_mut();
        let levels = layers.service_control.iter_mut().flatten();
        let documents = levels
            .chain(&mut layers.identity)
            .chain(&mut layers.boundary)
            .chain(layers.session.iter_mut().flatten());
        documents.for_each(|document| strip(document, &request, tally));
        let (us, them) = (ours(&layers, &request), theirs(&layers, &request));
        prop_assert_eq!(us, them, "ours, theirs");
        prop_assert_ne!(us, Answer::Refused);
        *tally.answers.entry(us).or_default() += 1;
        Ok(())
    });
    let tally = tally.into_inner();
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    println!("{tally:#?}");
    for answer in [Answer::Allow, Answer::Deny, Answer::Silence] {
        assert!(tally.answers[&answer] > cases / 12, "too few of {answer:?}: {tally:#?}");
    }
    assert!(
        tally.left_out.values().sum::<usize>() * 3 < tally.statements,
        "too much is left out: {tally:#?}"
    );
}

/// One change to a document, anywhere in it.
#[derive(Debug, Clone)]
enum Change {
    Drop,
    Replace(Value),
    Rename(&'static str),
}

fn change() -> impl Strategy<Value = Change> {
    let values = [
        Value::Null,
        json!(true),
        json!(5),
        json!(""),
        json!("*"),
        json!([]),
        json!({}),
        json!(["*"]),
        json!([5]),
        json!("Deny"),
        json!("2008-10-17"),
        json!({"t:text": "a"}),
        json!({"StringLike": {"t:text": "a"}}),
    ];
    let names = [
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
        "Effect",
        "effect",
        "Sid",
        "Id",
        "Principal",
        "StringLike",
        "StringLikes",
        "ForAllValues:Null",
        "NumericEquals",
        "t:text",
        "text",
        "Statement",
        "Version",
    ];
    prop_oneof![
        Just(Change::Drop),
        select(values.to_vec()).prop_map(Change::Replace),
        select(names.to_vec()).prop_map(Change::Rename)
    ]
}

/// The places of a document, as JSON pointers.
fn places(node: &Value, here: &str) -> Vec<String> {
    let inner: Vec<(String, &Value)> = match node {
        Value::Object(object) => object.iter().map(|(key, value)| (format!("{here}/{key}"), value)).collect(),
        Value::Array(list) => {
            list.iter().enumerate().map(|(at, value)| (format!("{here}/{at}"), value)).collect()
        }
        _ => Vec::new(),
    };
    inner
        .into_iter()
        .flat_map(|(place, value)| [vec![place.clone()], places(value, &place)].concat())
        .collect()
}

fn apply(document: &mut Value, place: &str, change: Change) {
    let (parent, name) = place.rsplit_once('/').unwrap();
    match (document.pointer_mut(parent).unwrap(), change) {
        (Value::Object(object), Change::Drop) => drop(object.remove(name)),
        (Value::Object(object), Change::Rename(other)) => {
            let value = object.remove(name).unwrap();
            object.insert(other.to_owned(), value);
        }
        (Value::Array(list), Change::Drop) => drop(list.remove(name.parse().unwrap())),
        (parent, Change::Replace(value)) => *parent.pointer_mut(&format!("/{name}")).unwrap() = value,
        (_, Change::Rename(_) | Change::Drop) => {}
    }
}

/// Whatever is done to a document: if we still take it, they read the same in it.
#[test]
fn what_we_take_of_a_broken_document_they_read_alike() {
    let taken = RefCell::new([0_usize; 2]);
    let strategy = (document(), any::<Index>(), change(), request());
    let outcome = TestRunner::new(config(8)).run(&strategy, |(mut document, index, change, request)| {
        let places = places(&document, "");
        apply(&mut document, &places[index.index(places.len())], change);
        let broken = Layers::of(document.clone());
        let us = ours(&broken, &request);
        taken.borrow_mut()[usize::from(us != Answer::Refused)] += 1;
        // No Version means 2008 to us, as to IAM; iam-rs does not read such a document.
        if us == Answer::Refused || document.get("Version").is_none() {
            return Ok(());
        }
        strip(&mut document, &request, &mut Tally::default());
        let layers = Layers::of(document);
        prop_assert_eq!(ours(&layers, &request), theirs(&layers, &request), "ours, theirs");
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    let [refused, taken] = taken.into_inner();
    assert!(refused * 4 > taken && taken * 4 > refused, "{refused} refused, {taken} taken");
}
