//! Where `iam-rs` 0.8.0 and we are known to differ: one row for each difference, with the rule by which a statement meets it, the smallest case that
//! shows both answers, and who is right. Decision 0004 gives the sources. A row that no longer shows its difference fails, so that none outlives it.

use iam_rs::IAMOperator;
use model::access::Context;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::oracle::{Answer, Layers, Request, ours, theirs};

/// One condition of a statement, taken apart for the rules below.
struct Tested<'a> {
    operator: &'a str,
    values: Vec<String>,
    given: Option<&'a [String]>,
    effect: &'a str,
    request: &'a Request,
}

impl Tested<'_> {
    fn base(&self) -> &str {
        let base = self.operator.split_once(':').map_or(self.operator, |(_, base)| base);
        base.trim_end_matches("IfExists")
    }

    fn plain(&self) -> bool {
        !self.operator.contains(':')
    }

    fn negated(&self) -> bool {
        self.base().contains("Not")
    }

    fn texts(&self) -> impl Iterator<Item = &String> {
        self.values.iter().chain(self.given.into_iter().flatten())
    }
}

type Meets = fn(&Tested<'_>) -> bool;
type MeetsPattern = fn(&str, &Request) -> bool;

/// A difference that a condition meets: name, the rule, `(condition, context)` of its smallest case as an `Allow`, our answer, theirs.
type ConditionRow = (&'static str, Meets, fn() -> (Value, Context), Answer, Answer);

const CONDITIONS: &[ConditionRow] = &[
    (
        "a variable without one value leaves its statement without effect; iam-rs takes it as empty",
        |t| takes_variables(t.base()) && t.values.iter().any(|value| unset(value, t.request)),
        || (json!({"StringEquals": {"t:text": "a${t:none}"}}), context(&[("t:text", &["a"])])),
        Answer::Silence,
        Answer::Allow,
    ),
    (
        "what a variable yields is literal; iam-rs reads its star as wild",
        |t| takes_variables(t.base()) && t.values.iter().any(|value| wild(value, t.request)),
        || {
            (
                json!({"StringLike": {"t:text": "${t:star}"}}),
                context(&[("t:text", &["a"]), ("t:star", &["*"])]),
            )
        },
        Answer::Silence,
        Answer::Allow,
    ),
    (
        "${*}, ${?} and ${$} are letters; iam-rs looks for keys of that name",
        |t| takes_variables(t.base()) && t.values.iter().any(|value| escaped(value)),
        || (json!({"StringEquals": {"t:text": "a${*}"}}), context(&[("t:text", &["a*"])])),
        Answer::Allow,
        Answer::Silence,
    ),
    (
        "ArnEquals and ArnLike are one, part by part; iam-rs compares texts",
        |t| t.base().starts_with("Arn") && arn_parts_matter(t),
        || {
            (
                json!({"ArnEquals": {"t:arn": "arn:aws:iam::1:role/*"}}),
                context(&[("t:arn", &["arn:aws:iam::1:role/a"])]),
            )
        },
        Answer::Allow,
        Answer::Silence,
    ),
    (
        "BinaryEquals compares byte for byte; iam-rs forgives case and padding",
        |t| {
            let bare = |text: &str| text.to_lowercase().trim_end_matches('=').to_owned();
            let blurred =
                |given: &String| t.values.iter().any(|value| value != given && bare(value) == bare(given));
            t.base() == "BinaryEquals" && t.given.into_iter().flatten().any(blurred)
        },
        || (json!({"BinaryEquals": {"t:binary": "QQ=="}}), context(&[("t:binary", &["qq"])])),
        Answer::Silence,
        Answer::Allow,
    ),
    (
        "several values without a quantifier have no settled meaning: all must fit an Allow, any fits a Deny; in iam-rs any fits",
        |t| t.plain() && t.base() != "Null" && t.given.is_some_and(|given| given.len() > 1),
        || (json!({"StringEquals": {"t:texts": "a"}}), context(&[("t:texts", &["a", "b"])])),
        Answer::Silence,
        Answer::Allow,
    ),
    (
        "a key without values is absent; in iam-rs it is there",
        |t| t.plain() && t.given.is_some_and(<[String]>::is_empty),
        || (json!({"Null": {"t:texts": "true"}}), context(&[("t:texts", &[])])),
        Answer::Allow,
        Answer::Silence,
    ),
    (
        "a value of the wrong kind never helps an Allow; in iam-rs it differs from every value",
        |t| {
            t.effect == "Allow"
                && t.negated()
                && t.given.into_iter().flatten().any(|given| unreadable(t.base(), given))
        },
        || (json!({"NumericNotEquals": {"t:number": "5"}}), context(&[("t:number", &["five"])])),
        Answer::Silence,
        Answer::Allow,
    ),
    (
        "a number has digits; iam-rs takes inf",
        |t| {
            t.base().starts_with("Numeric")
                && t.texts().any(|text| text.parse().is_ok_and(|n: f64| !n.is_finite()))
        },
        || (json!({"NumericLessThan": {"t:number": "5"}}), context(&[("t:number", &["-inf"])])),
        Answer::Silence,
        Answer::Allow,
    ),
    (
        "a date may be a day or lack seconds (W3C); iam-rs does not read those",
        |t| t.base().starts_with("Date") && t.texts().any(|text| text.contains('-') && text.len() < 20),
        || {
            (
                json!({"DateGreaterThan": {"t:date": "2026-11-24"}}),
                context(&[("t:date", &["2026-11-25T00:00:00Z"])]),
            )
        },
        Answer::Allow,
        Answer::Refused,
    ),
    (
        "a date's year has four digits (W3C), also in epoch seconds; iam-rs takes larger ones",
        |t| {
            t.base().starts_with("Date")
                && t.texts().any(|text| {
                    text.parse().is_ok_and(|seconds: i64| seconds.unsigned_abs() > 253_402_300_799)
                })
        },
        || (json!({"DateGreaterThan": {"t:date": "0"}}), context(&[("t:date", &["253402300800"])])),
        Answer::Silence,
        Answer::Allow,
    ),
    (
        "a request has an address; iam-rs takes a block",
        |t| t.base().ends_with("IpAddress") && t.given.into_iter().flatten().any(|given| given.contains('/')),
        || (json!({"IpAddress": {"t:ip": "192.0.2.0/24"}}), context(&[("t:ip", &["192.0.2.0/25"])])),
        Answer::Silence,
        Answer::Allow,
    ),
    (
        "an IPv4 address in IPv6 clothes is that address; in iam-rs it is none",
        |t| {
            t.base().ends_with("IpAddress")
                && t.given.into_iter().flatten().any(|given| given.starts_with("::ffff:"))
        },
        || (json!({"IpAddress": {"t:ip": "192.0.2.0/24"}}), context(&[("t:ip", &["::ffff:192.0.2.9"])])),
        Answer::Allow,
        Answer::Silence,
    ),
    (
        "true and false have no case; iam-rs wants small letters",
        |t| {
            let shouted =
                |text: &String| text.parse::<bool>().is_err() && text.to_lowercase().parse::<bool>().is_ok();
            ["Bool", "Null"].contains(&t.base()) && t.texts().any(shouted)
        },
        || (json!({"Bool": {"t:flag": "True"}}), context(&[("t:flag", &["true"])])),
        Answer::Allow,
        Answer::Refused,
    ),
    (
        "a truth value may be a variable; iam-rs has none there",
        |t| t.base() == "Bool" && t.values.iter().any(|value| value.contains("${")),
        || {
            (
                json!({"Bool": {"t:flag": "${t:other}"}}),
                context(&[("t:flag", &["true"]), ("t:other", &["true"])]),
            )
        },
        Answer::Allow,
        Answer::Refused,
    ),
    (
        "of several values of Bool any may fit; iam-rs wants one where there is a quantifier",
        |t| t.operator.ends_with(":Bool") && t.values.len() != 1,
        || (json!({"ForAnyValue:Bool": {"t:flags": ["true", "false"]}}), context(&[("t:flags", &["true"])])),
        Answer::Allow,
        Answer::Refused,
    ),
    (
        "IfExists holds without the key, whatever the values; iam-rs looks at the values first, and with none says no",
        |t| t.operator.ends_with("IfExists") && t.values.is_empty() && t.given.is_none() && !t.negated(),
        || (json!({"StringEqualsIfExists": {"t:text": []}}), context(&[])),
        Answer::Allow,
        Answer::Silence,
    ),
    (
        "of several values of Null any may fit; iam-rs reads the first",
        |t| t.base() == "Null" && t.values.len() > 1,
        || (json!({"Null": {"t:text": ["false", "true"]}}), context(&[])),
        Answer::Allow,
        Answer::Silence,
    ),
    (
        "case has no meaning beyond English letters either; iam-rs folds those alone",
        |t| t.base().ends_with("IgnoreCase") && t.texts().any(|text| !text.is_ascii()),
        || (json!({"StringEqualsIgnoreCase": {"t:text": "É"}}), context(&[("t:text", &["é"])])),
        Answer::Allow,
        Answer::Silence,
    ),
];

/// A difference that a resource meets, as above: name, the rule, `(resource, asked ARN, context)` of the smallest case.
type ResourceRow =
    (&'static str, MeetsPattern, fn() -> (&'static str, &'static str, Context), Answer, Answer);

const RESOURCES: &[ResourceRow] = &[
    (
        "a variable without one value matches nothing; iam-rs takes it as empty",
        unset,
        || ("arn:aws:s3:::a${t:none}", "arn:aws:s3:::a", context(&[])),
        Answer::Silence,
        Answer::Allow,
    ),
    (
        "what a variable yields is literal in a resource too",
        wild,
        || ("arn:aws:s3:::${t:star}", "arn:aws:s3:::a", context(&[("t:star", &["*"])])),
        Answer::Silence,
        Answer::Allow,
    ),
    (
        "${*}, ${?} and ${$} are letters in a resource too",
        |pattern, _| escaped(pattern),
        || ("arn:aws:s3:::a${*}", "arn:aws:s3:::a*", context(&[])),
        Answer::Allow,
        Answer::Silence,
    ),
    (
        "a star at the end of a segment reaches beyond its colon; in iam-rs it does not",
        |pattern, request| pattern != "*" && parts_matter(pattern, &request.arn),
        || ("arn:aws:s3:*", "arn:aws:s3:::a", context(&[])),
        Answer::Allow,
        Answer::Refused,
    ),
];

fn takes_variables(base: &str) -> bool {
    base.starts_with("String") || base.starts_with("Arn") || base == "Bool"
}

/// The variables of a text: name and default.
fn variables(text: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    text.split("${").skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| {
        match name.split_once(',') {
            Some((name, default)) => (name.trim(), Some(default.trim().trim_matches('\''))),
            None => (name.trim(), None),
        }
    })
}

fn value<'r>(name: &str, request: &'r Request) -> Option<&'r [String]> {
    let found = request.context.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, values)| values.as_slice())
}

fn unset(text: &str, request: &Request) -> bool {
    variables(text).any(|(name, default)| match value(name, request) {
        Some([_]) => false,
        Some([_, ..]) => true,
        Some([]) => true,
        None => default.is_none() && !["*", "?", "$"].contains(&name),
    })
}

fn wild(text: &str, request: &Request) -> bool {
    variables(text).any(|(name, default)| match value(name, request) {
        Some(values) => values.iter().any(|value| value.contains(['*', '?'])),
        None => default.is_some_and(|default| default.contains(['*', '?'])),
    })
}

fn escaped(text: &str) -> bool {
    variables(text).any(|(name, _)| ["*", "?", "$"].contains(&name))
}

/// Whether matching part by part can differ from matching the whole: too few parts, or a wildcard that could stand for a colon because the ARN has some
/// to spare.
fn parts_matter(pattern: &str, arn: &str) -> bool {
    let parts: Vec<&str> = pattern.splitn(6, ':').collect();
    let colons = arn.matches(':').count();
    parts.len() < 6
        || colons < 5
        || (colons > 5 && parts.iter().take(5).any(|part| part.contains(['*', '?'])))
}

fn arn_parts_matter(tested: &Tested<'_>) -> bool {
    let wild = |value: &String| value.contains(['*', '?']);
    let exact = tested.base().ends_with("Equals");
    tested.values.iter().any(|value| {
        (exact && (wild(value) || value.contains("${")))
            || tested.given.into_iter().flatten().any(|given| value != "*" && parts_matter(value, given))
            || (value == "*" && exact)
    })
}

fn unreadable(base: &str, given: &str) -> bool {
    match base {
        _ if base.starts_with("Numeric") => given.parse::<f64>().is_err(),
        _ if base.starts_with("Date") => {
            given.parse::<f64>().is_err() && OffsetDateTime::parse(given, &Rfc3339).is_err()
        }
        _ if base.ends_with("IpAddress") => given.parse::<std::net::IpAddr>().is_err(),
        _ => false,
    }
}

/// The names of the differences that a statement meets when this request is put to it.
pub(crate) fn met(version: Option<&Value>, statement: &Value, request: &Request) -> Vec<&'static str> {
    let mut names = Vec::new();
    let patterns =
        ["Resource", "NotResource"].into_iter().filter_map(|element| statement.get(element)).flat_map(texts);
    let old = version != Some(&json!("2012-10-17"));
    for pattern in patterns {
        if old && pattern.contains("${") {
            names.push(OLD);
        }
        names.extend(RESOURCES.iter().filter(|row| row.1(&pattern, request)).map(|row| row.0));
    }
    let block = statement.get("Condition").and_then(Value::as_object);
    for (operator, keys) in block.into_iter().flatten() {
        if operator.parse::<IAMOperator>().is_err() {
            names.push(OPERATOR);
        }
        for (key, values) in keys.as_object().into_iter().flatten() {
            let given = value(key, request);
            let effect = statement["Effect"].as_str().unwrap_or_default();
            let tested = Tested { operator, values: texts(values), given, effect, request };
            names.extend(CONDITIONS.iter().filter(|row| row.1(&tested)).map(|row| row.0));
        }
    }
    names
}

const OPERATOR: &str = "every operator but Null has ForAllValues, ForAnyValue and IfExists, also together; iam-rs knows some of them";
const OLD: &str = "a document of 2008 has no variables; iam-rs replaces them";

fn texts(value: &Value) -> Vec<String> {
    let one = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match value {
        Value::Array(list) => list.iter().map(one).collect(),
        single => vec![one(single)],
    }
}

fn context(pairs: &[(&str, &[&str])]) -> Context {
    let own = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
    pairs.iter().map(|(key, values)| ((*key).to_owned(), own(values))).collect()
}

/// Shows one difference: both answers are what is written down, and the rule finds it.
fn show(name: &str, document: &Value, request: &Request, (us, them): (Answer, Answer)) {
    let layers = Layers::of(document.clone());
    assert_eq!(ours(&layers, request), us, "ours: {name}: {document}");
    assert_eq!(theirs(&layers, request), them, "theirs: {name}: {document}");
    assert_ne!(us, them, "{name} is no difference any more: take its row out");
    let statement = &document["Statement"];
    assert_eq!(met(document.get("Version"), statement, request), [name], "the rules that {document} meets");
}

fn request(arn: &str, context: Context) -> Request {
    Request { action: "s3:GetObject".to_owned(), arn: arn.to_owned(), context }
}

#[test]
fn every_known_difference_is_still_one() {
    for (name, _, case, us, them) in CONDITIONS {
        let (condition, context) = case();
        let statement = json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition});
        let document = json!({"Version": "2012-10-17", "Statement": statement});
        show(name, &document, &request("arn:aws:s3:::a", context), (*us, *them));
    }
    for (name, _, case, us, them) in RESOURCES {
        let (resource, arn, context) = case();
        let document = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": resource}});
        show(name, &document, &request(arn, context), (*us, *them));
    }
    for condition in [
        json!({"ForAnyValue:StringEqualsIfExists": {"t:texts": "a"}}),
        json!({"ForAllValues:NumericEquals": {"t:numbers": 5}}),
        json!({"ForAllValues:IpAddress": {"t:ips": "192.0.2.0/24"}}),
    ] {
        let statement = json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition});
        let document = json!({"Version": "2012-10-17", "Statement": statement});
        show(OPERATOR, &document, &request("arn:aws:s3:::a", context(&[])), (Answer::Allow, Answer::Refused));
    }
    let statement = json!({"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::${t:text}"});
    let document = json!({"Version": "2008-10-17", "Statement": statement});
    show(
        OLD,
        &document,
        &request("arn:aws:s3:::a", context(&[("t:text", &["a"])])),
        (Answer::Silence, Answer::Allow),
    );
}

/// What only one of the two reads at all. `iam-rs` may be the stricter one where IAM is not, never where IAM is.
#[test]
fn what_only_one_of_them_takes() {
    let allow = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    let with = |edit: Value| {
        let mut statement = allow.clone();
        for (key, value) in edit.as_object().unwrap() {
            statement[key] = value.clone();
        }
        json!({"Version": "2012-10-17", "Statement": statement})
    };
    for (document, us, them) in [
        // No Version is the version of 2008.
        (json!({"Statement": allow}), Answer::Allow, Answer::Refused),
        // IAM refuses each of these.
        (with(json!({"Conditions": {}})), Answer::Refused, Answer::Allow),
        (with(json!({"NotAction": "a:b"})), Answer::Refused, Answer::Allow),
        (with(json!({"NotResource": "arn:aws:s3:::b"})), Answer::Refused, Answer::Allow),
        (
            with(json!({"Principal": {"AWS": "arn:aws:iam::111122223333:role/r"}})),
            Answer::Refused,
            Answer::Allow,
        ),
        (with(json!({"Action": ["*", "GetObject"]})), Answer::Refused, Answer::Allow),
        (with(json!({"Action": ["*", "s3:Get Object"]})), Answer::Refused, Answer::Allow),
        (with(json!({"Action": ["*", "s?:Get*"]})), Answer::Refused, Answer::Allow),
        (with(json!({"Resource": ["*", "arn:awss:s3:::a"]})), Answer::Refused, Answer::Allow),
        (with(json!({"Resource": ["*", "arn:aws:iam::1:role/a"]})), Answer::Refused, Answer::Allow),
        (
            with(json!({"Resource": ["*", "arn:aws:iam::111122223333:roles/a"]})),
            Answer::Refused,
            Answer::Allow,
        ),
        (with(json!({"Resource": ["*", "bucket"]})), Answer::Refused, Answer::Allow),
        (with(json!({"Resource": ["*", "arn:aws:*:::a"]})), Answer::Refused, Answer::Allow),
        (with(json!({"Sid": "not one word"})), Answer::Refused, Answer::Allow),
        (
            with(json!({"Condition": {"NumericEqualsIfExists": {"t:none": []}}, "Action": []})),
            Answer::Refused,
            Answer::Silence,
        ),
        (
            json!({"Version": "2012-10-17", "Statement": [with(json!({"Sid": "A"}))["Statement"], with(json!({"Sid": "A"}))["Statement"]]}),
            Answer::Refused,
            Answer::Allow,
        ),
    ] {
        let layers = Layers::of(document.clone());
        let request = request("arn:aws:s3:::a", Context::new());
        assert_eq!((ours(&layers, &request), theirs(&layers, &request)), (us, them), "{document}");
    }
    // An action without a resource is asked on `*`, which is no ARN for iam-rs.
    let layers = Layers::of(json!({"Version": "2012-10-17", "Statement": allow}));
    let request = request("*", Context::new());
    assert_eq!((ours(&layers, &request), theirs(&layers, &request)), (Answer::Allow, Answer::Refused));
}
