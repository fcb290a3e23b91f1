//! What is no request, or no valid one, at every operation that speaks JSON 1.1: AWS's own error names, a request id, and a server that
//! goes on answering. All of it is correctly signed: strangers never get this far.

use http::StatusCode;
use serde_json::{Map, Value, json};
use wire::operation::{OperationMeta, Protocol};
use wire::shape::{Member, Shape};

use crate::requests::{Plain, Signing};
use crate::served::{Answer, Served};
use crate::world::{OWNER, World, operation, operations};

fn json_operations() -> Vec<&'static OperationMeta> {
    let mut all = operations();
    all.retain(|meta| meta.protocol == Protocol::AwsJson);
    assert!(all.len() > 60, "{}", all.len());
    all
}

fn members(meta: &OperationMeta) -> &'static [Member] {
    match meta.input {
        Shape::Structure { members, .. } => members,
        _ => &[],
    }
}

/// What each service calls an input that breaks its model.
fn invalid(meta: &OperationMeta) -> &'static str {
    match meta.service {
        "organizations" => "InvalidInputException",
        // LookupEvents has an error for each member; MaxResults is the one with a limit here.
        "cloudtrail" => "InvalidMaxResultsException",
        _ => "ValidationException",
    }
}

/// A signed call of root with this body, whatever it is.
async fn send(world: &World, meta: &OperationMeta, body: String) -> Answer {
    let mut plain = Plain::new(meta, &Value::Null);
    plain.body = body;
    plain.sign(&world.root(OWNER, meta.signing_name));
    world.served.call(plain.request()).await
}

/// The message of a refusal that must be this one.
fn refused(answer: &Answer, meta: &OperationMeta, code: &str) -> String {
    let at = format!("{} {}: {answer:?}", meta.service, meta.name);
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{at}");
    assert_eq!(answer.body["__type"], code, "{at}");
    assert_eq!(answer.error_type(), code, "{at}");
    assert_eq!(answer.headers["content-type"], "application/x-amz-json-1.1", "{at}");
    assert!(answer.headers["x-amzn-requestid"].len() >= 32, "{at}");
    // The SDKs read one or the other.
    assert_eq!(answer.body["message"], answer.body["Message"], "{at}");
    let message = answer.body["message"].as_str().unwrap();
    assert!(!message.is_empty(), "{at}");
    message.to_owned()
}

async fn still_answers(world: &World) {
    let answer = world.as_root("sso-admin", "ListInstances", &json!({})).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(answer.body["Instances"].as_array().unwrap().len(), 1);
}

async fn world() -> World {
    World::empty(Served::new().await).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_json_object_is_a_serialization_exception() {
    let world = world().await;
    let deep_list = "[".repeat(100_000);
    let deep_object = "{\"a\":".repeat(100_000);
    let deep_and_closed = format!("{{\"a\":{}1{}}}", "[".repeat(1_000), "]".repeat(1_000));
    for meta in json_operations() {
        for body in ["{", "[]", "\"x\"", "null", "{\"a\":1}x", "{\"a\":01}", "{'a':1}", "\u{feff}{}", "a=b"] {
            refused(&send(&world, meta, body.to_owned()).await, meta, "SerializationException");
        }
        for body in [&deep_list, &deep_object, &deep_and_closed] {
            refused(&send(&world, meta, body.clone()).await, meta, "SerializationException");
        }
    }
    still_answers(&world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_of_a_wrong_type_is_named() {
    let world = world().await;
    for meta in json_operations() {
        for member in members(meta) {
            let wrong = match member.shape {
                Shape::Document => continue,
                Shape::Text { .. } | Shape::Structure { .. } | Shape::List { .. } | Shape::Map { .. } => {
                    json!(5)
                }
                _ => json!([]),
            };
            // Other members are missing; that is only counted once every type is right.
            let body = json!({member.name: wrong}).to_string();
            let message = refused(&send(&world, meta, body).await, meta, "SerializationException");
            let name = wire::check::lower_first(member.name);
            assert!(message.contains(&format!("'{name}'")), "{} {name}: {message}", meta.name);
        }
    }
    still_answers(&world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_required_member_that_is_missing_is_counted_and_named() {
    let world = world().await;
    for meta in json_operations() {
        let required: Vec<_> = members(meta).iter().filter(|member| member.required).collect();
        if required.is_empty() {
            continue;
        }
        let nulls: Map<String, Value> =
            required.iter().map(|member| (member.name.to_owned(), Value::Null)).collect();
        for body in [json!({}), Value::Object(nulls)] {
            let message = refused(&send(&world, meta, body.to_string()).await, meta, invalid(meta));
            let (count, plural) = (required.len(), if required.len() == 1 { "" } else { "s" });
            assert!(
                message.starts_with(&format!("{count} validation error{plural} detected: ")),
                "{}: {message}",
                meta.name
            );
            for member in &required {
                let name = wire::check::lower_first(member.name);
                let part =
                    format!("Value null at '{name}' failed to satisfy constraint: Member must not be null");
                assert!(message.contains(&part), "{}: {message}", meta.name);
            }
        }
    }
    still_answers(&world).await;
}

/// A value over the limit of its shape, and the limit.
fn over(shape: &Shape) -> Option<(Value, i64)> {
    match shape {
        Shape::Text { max: Some(max), .. } if *max < 100_000 => {
            let length = usize::try_from(*max).unwrap() + 1;
            Some((json!("x".repeat(length)), *max))
        }
        Shape::Integer { max: Some(max), .. } => Some((json!(max + 1), *max)),
        Shape::List { max: Some(max), .. } => {
            let length = usize::try_from(*max).unwrap() + 1;
            Some((json!(vec![json!({}); length]), *max))
        }
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_over_its_limit_is_named_with_the_limit() {
    let world = world().await;
    let mut tried = 0;
    for meta in json_operations() {
        for member in members(meta) {
            let Some((value, max)) = over(member.shape) else { continue };
            let is_list = matches!(member.shape, Shape::List { item: Shape::Text { .. }, .. });
            let value = if is_list { json!(vec!["x"; value.as_array().unwrap().len()]) } else { value };
            let body = json!({member.name: value}).to_string();
            let message = refused(&send(&world, meta, body).await, meta, invalid(meta));
            let name = wire::check::lower_first(member.name);
            assert!(message.contains(&format!("at '{name}' failed to satisfy")), "{}: {message}", meta.name);
            assert!(
                message.contains(&format!("less than or equal to {max}")),
                "{} {name}: {message}",
                meta.name
            );
            assert!(
                message.len() < 16_384,
                "{} {name}: a refusal repeats little of what was sent",
                meta.name
            );
            tried += 1;
        }
    }
    assert!(tried > 100, "{tried}");
    still_answers(&world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unknown_operations_are_unknown_to_everybody() {
    let world = world().await;
    let meta = operation("sso-admin", "ListInstances");
    for target in [
        "SWBExternalService.DeleteEverything",
        "SWBExternalService.",
        "SWBExternalService.listinstances",
        "AWSIdentityStore.ListInstances",
        "DynamoDB_20120810.ListTables",
        "",
        "ListInstances",
        "SWBExternalService.ListInstances ",
    ] {
        for signed in [false, true] {
            let mut plain = Plain::new(meta, &json!({}));
            plain.put("x-amz-target", target);
            if signed {
                plain.sign(&world.root(OWNER, meta.signing_name));
            }
            // A header's value loses the spaces around it on the wire, not here.
            refused(&world.served.call(plain.request()).await, meta, "UnknownOperationException");
        }
    }
    let meta = operation("sts", "GetCallerIdentity");
    for body in
        ["Action=DropEverything&Version=2011-06-15", "Action=GetCallerIdentity&Version=1999-01-01", "", "%"]
    {
        let mut plain = Plain::new(meta, &json!({}));
        plain.body = body.to_owned();
        plain.sign(&world.root(OWNER, meta.signing_name));
        let answer = world.served.call(plain.request()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{answer:?}");
        assert!(answer.text.contains("<Code>InvalidAction</Code>"), "{answer:?}");
        assert!(answer.headers.contains_key("x-amzn-requestid"));
    }
    still_answers(&world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_over_a_mebibyte_is_refused_and_one_of_a_mebibyte_is_read() {
    let world = world().await;
    for (service, name, media_type, max) in [
        ("sso-admin", "ListInstances", "application/x-amz-json-1.1", 1_048_576),
        ("sts", "GetCallerIdentity", "text/xml", 327_680),
        ("sso-oidc", "RegisterClient", "application/json", 65_536),
        ("sso-oidc", "CreateToken", "application/json", 65_536),
    ] {
        let meta = operation(service, name);
        let answer = send(&world, meta, " ".repeat(max + 1)).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{answer:?}");
        assert!(answer.text.contains(&max.to_string()), "the limit is named: {answer:?}");
        assert!(answer.headers.contains_key("x-amzn-requestid"), "{name}");
        assert_eq!(answer.headers["cache-control"], "no-store", "{name}");
        assert_eq!(answer.headers["content-type"], media_type, "{name}");
        assert!(!answer.error_type().is_empty(), "{name}");
    }
    let meta = operation("sso-admin", "ListInstances");
    // Whoever names no key that there is, or signed long ago, is read no further than anybody.
    let root = || world.root(OWNER, meta.signing_name);
    for signing in [
        None,
        Some(Signing { key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(), ..root() }),
        Some(Signing { date: world.date(-3_600), ..root() }),
        Some(Signing { token: Some("x".to_owned()), ..root() }),
    ] {
        for (size, status) in [(65_537, StatusCode::PAYLOAD_TOO_LARGE), (65_536, StatusCode::BAD_REQUEST)] {
            let mut plain = Plain::new(meta, &Value::Null);
            plain.body = " ".repeat(size);
            if let Some(signing) = &signing {
                plain.sign(signing);
            }
            let answer = world.served.call(plain.request()).await;
            assert_eq!(answer.status, status, "{signing:?} {size}: {answer:?}");
        }
    }
    let padded = format!("{{}}{}", " ".repeat(1_048_574));
    assert_eq!(send(&world, meta, padded).await.status, StatusCode::OK);
    still_answers(&world).await;
}
