//! Policies. Any text is parsed without a panic; what is parsed is the same when it is written again; every question is answered, explained alike, and a
//! deny more never grants. Documents made of choices are decided by `iam-rs` too: decision 0004. Input: a document; or `#` and choices.

use std::sync::Arc;

use arbitrary::{Result, Unstructured};
use model::access::{Authority as _, Decision, Question, Resource};
use policy::document::{Document, Kind};
use policy::evaluate::PolicySet;
use policy::principal::PrincipalPattern;
use policy::trust::{Assumer, Trust, trust};
use serde_json::{Map, Value, json};

use crate::differences::met;
use crate::oracle::{Answer, Layers, Request, ours, theirs};

const ACTIONS: &[&str] = &["*", "s3:*", "s3:GetObject", "S3:get?bject", "*:*", "sso:List*", "iam:GetRole"];
const ARNS: &[&str] = &[
    "*",
    "arn:aws:s3:::a",
    "arn:aws:s3:::*",
    "arn:*:s3:::a?c*",
    "arn:aws:s3:::${t:text}",
    "arn:aws:iam::1*:role/${t:none, 'a'}",
];
const KEYS: &[&str] = &["t:text", "T:Text", "t:texts", "t:none", "t:number", "t:date", "t:ip", "t:arn"];
const OPERATORS: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnLike",
    "ArnNotLike",
    "Null",
];
const VALUES: &[&str] = &[
    "a",
    "A",
    "b",
    "*",
    "a*",
    "?",
    "",
    "true",
    "false",
    "5",
    "5.0",
    "-1",
    "2026-11-24T00:00:00Z",
    "1795478400",
    "192.0.2.0/24",
    "192.0.2.7",
    "2001:db8::/32",
    "2001:db8::1",
    "arn:aws:iam::111122223333:role/a",
    "arn:aws:iam::*:role/*",
    "${t:text}",
    "${t:none, 'a'}",
    "QQ==",
];

pub(crate) fn run(bytes: &[u8]) {
    if let Some(choices) = bytes.strip_prefix(b"#") {
        let _ = made(&mut Unstructured::new(choices));
        return;
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for kind in [Kind::Identity, Kind::Trust, Kind::Actor] {
        let Ok(document) = Document::parse(text, kind) else { continue };
        let value: Value = serde_json::from_str(text).unwrap_or_default();
        for again in [value.to_string(), format!("{value:#}")] {
            // What is spread over lines may be longer than a document may be.
            if again.len() < 32_768 {
                assert_eq!(Document::parse(&again, kind).ok().as_ref(), Some(&document), "{again}");
            }
        }
        for request in questions() {
            judge(&document, kind, &request);
        }
    }
}

/// Questions for documents that come as text: one that the document may well speak of, and one that it does not.
fn questions() -> [Request; 2] {
    let context = [
        ("aws:PrincipalTag/x", "a"),
        ("aws:SourceIp", "192.0.2.7"),
        ("aws:CurrentTime", "2026-11-24T08:00:00Z"),
    ];
    let context = context.map(|(key, value)| (key.to_owned(), vec![value.to_owned()])).into();
    let (action, arn) =
        ("sso:ListInstances".to_owned(), "arn:aws:sso:::instance/ssoins-1234567890abcdef".to_owned());
    let nothing = Request { action: "a:B".to_owned(), arn: "*".to_owned(), context: [].into() };
    [Request { action, arn, context }, nothing]
}

fn judge(document: &Document, kind: Kind, request: &Request) {
    let resource = Resource { arn: request.arn.clone(), ..Resource::default() };
    let question = Question { action: &request.action, resource: &resource, context: &request.context };
    if kind != Kind::Identity {
        let action = if kind == Kind::Trust { "sts:AssumeRole" } else { "sso-oauth:CreateTokenWithIAM" };
        let arn = "arn:aws:iam::111122223333:role/a";
        let assumer = Assumer::Aws { account: "111122223333", principal: arn, session: arn };
        let answer = trust(document, action, assumer, &request.context);
        let named = |one: &PrincipalPattern| one.is_account("111122223333") || one.value == arn;
        let anybody = document.statements.iter().any(|statement| statement.principals.iter().any(named));
        assert!(answer == Trust::No || anybody, "trust in nobody that is named");
        return;
    }
    let mut set = PolicySet { identity: vec![Arc::new(document.clone())], ..PolicySet::default() };
    let decision = set.decide(&question);
    assert_eq!(set.explain(&question).decision, decision);
    for statement in &document.statements {
        let deny =
            policy::document::Statement { effect: policy::document::Effect::Deny, ..statement.clone() };
        set.identity.push(Arc::new(Document { statements: vec![deny] }));
    }
    assert!(decision == Decision::Allow || set.decide(&question) != Decision::Allow, "a deny grants");
    let bound = PolicySet { boundary: Some(Arc::new(document.clone())), ..PolicySet::default() };
    assert_ne!(bound.decide(&question), Decision::Allow, "a boundary alone grants");
}

/// A document and a request out of choices, asked of both evaluators.
fn made(from: &mut Unstructured<'_>) -> Result<()> {
    let version = if from.ratio(1, 10)? { "2008-10-17" } else { "2012-10-17" };
    let mut context = model::access::Context::new();
    for _ in 0..from.int_in_range(0..=5)? {
        let key = if from.ratio(1, 8)? { "t:flag".to_owned() } else { (*from.choose(KEYS)?).to_lowercase() };
        let count = if key.ends_with('s') { from.int_in_range(0..=2)? } else { 1 };
        let pool = if key == "t:flag" { &["true", "false"] } else { VALUES };
        let values = (0..count).map(|_| text(from, pool)).collect::<Result<Vec<_>>>()?;
        context.insert(key, values);
    }
    let arn = if from.ratio(1, 4)? { "arn:aws:iam::111122223333:role/a" } else { "arn:aws:s3:::a" };
    // Who asks is the product itself: an action is always one of its own.
    let action = (*from.choose(&["s3:GetObject", "iam:GetRole", "sso:ListUsers"])?).to_owned();
    let request = Request { action, arn: arn.to_owned(), context };
    let mut statements = Vec::new();
    for _ in 0..from.int_in_range(1..=4)? {
        statements.push(statement(from)?);
    }
    let document = json!({"Version": version, "Statement": statements});
    if let Ok(document) = Document::parse(&document.to_string(), Kind::Identity) {
        judge(&document, Kind::Identity, &request);
    }
    statements.retain(|statement| met(document.get("Version"), statement, &request).is_empty());
    let layers = Layers::of(json!({"Version": version, "Statement": statements}));
    let us = ours(&layers, &request);
    assert!(
        us == Answer::Refused || us == theirs(&layers, &request),
        "{us:?}, iam-rs otherwise: {layers:?} {request:?}"
    );
    Ok(())
}

fn statement(from: &mut Unstructured<'_>) -> Result<Value> {
    let mut statement = json!({"Effect": if from.ratio(2, 3)? { "Allow" } else { "Deny" }});
    let turned = |from: &mut Unstructured<'_>, only, but| Ok(if from.ratio(1, 6)? { but } else { only });
    let element: &str = turned(from, "Action", "NotAction")?;
    statement[element] = texts(from, ACTIONS)?;
    let element: &str = turned(from, "Resource", "NotResource")?;
    statement[element] = texts(from, ARNS)?;
    let mut block = Map::new();
    for _ in 0..from.int_in_range(0..=2)? {
        let quantifier = from.choose(&["", "", "", "ForAllValues:", "ForAnyValue:"])?;
        let exists = from.choose(&["", "", "IfExists"])?;
        let base = *from.choose(OPERATORS)?;
        // iam-rs has types: a truth value is compared with no text, and a list with no number, date or address.
        let listed = ["String", "Arn", "Null"].iter().any(|kind| base.starts_with(kind));
        let key = match base {
            "Bool" => "t:flag",
            _ if listed => *from.choose(KEYS)?,
            _ => *from.choose(&["t:text", "T:Text", "t:none", "t:number", "t:date", "t:ip"])?,
        };
        let operator = format!("{quantifier}{base}{exists}");
        block.insert(operator, json!({key: texts(from, VALUES)?}));
    }
    if !block.is_empty() {
        statement["Condition"] = Value::Object(block);
    }
    Ok(statement)
}

/// One of these, or any text.
fn text(from: &mut Unstructured<'_>, pool: &[&str]) -> Result<String> {
    if from.ratio(1, 16)? { from.arbitrary::<String>() } else { Ok((*from.choose(pool)?).to_owned()) }
}

fn texts(from: &mut Unstructured<'_>, pool: &[&str]) -> Result<Value> {
    if from.ratio(2, 3)? {
        return Ok(text(from, pool)?.into());
    }
    (0..from.int_in_range(0..=3)?).map(|_| text(from, pool).map(Value::from)).collect()
}
