//! Calls of the Query protocol as they come beside SDKs: in a URL, presigned, answered in JSON, from clocks that are off, and never by a page.

use http::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::fixture::Fixture;

use crate::requests::{Plain, Signing};
use crate::served::{Answer, PAGE, Served};
use crate::world::{OWNER, World, operation};

const IDENTITY: &str = "Action=GetCallerIdentity&Version=2011-06-15";

async fn world() -> World {
    World::empty(Served::new().await).await
}

/// A GET of this URL with the header that `aws eks get-token` signs, not signed yet.
fn get(query: &str) -> Plain {
    Plain {
        method: "GET",
        path: "/",
        query: query.to_owned(),
        headers: vec![
            ("host".to_owned(), "127.0.0.1:8765".to_owned()),
            ("x-k8s-aws-id".to_owned(), "cluster".to_owned()),
        ],
        body: String::new(),
    }
}

fn presigned(world: &World, seconds: i64) -> Plain {
    let mut plain = get(IDENTITY);
    plain.presign(&Signing { date: world.date(seconds), ..world.root(OWNER, "sts") }, 60);
    plain
}

async fn call(world: &World, plain: &Plain) -> Answer {
    world.served.call(plain.request()).await
}

/// The refusal of a call, which must be an API's.
async fn refused(world: &World, plain: &Plain, code: &str) -> Answer {
    let answer = call(world, plain).await;
    assert!(answer.status.is_client_error(), "{plain:?}: {answer:?}");
    assert_eq!(answer.error_type(), code, "{plain:?}: {answer:?}");
    assert!(!answer.text.contains("arn:aws"), "{answer:?}");
    answer
}

#[tokio::test]
async fn a_presigned_identity_is_answered_in_xml_and_in_json() {
    let world = world().await;
    let mut plain = presigned(&world, 0);
    let answer = call(&world, &plain).await;
    assert_eq!(
        (answer.status, &answer.headers["content-type"]),
        (StatusCode::OK, &"text/xml".parse().unwrap())
    );
    assert!(answer.text.contains(&format!("<Arn>arn:aws:iam::{OWNER}:root</Arn>")), "{}", answer.text);

    plain.put("accept", "application/json");
    let answer = call(&world, &plain).await;
    assert_eq!(answer.headers["content-type"], "application/json");
    let id = answer.headers["x-amzn-requestid"].to_str().unwrap();
    let result = json!({"Account": OWNER, "Arn": format!("arn:aws:iam::{OWNER}:root"), "UserId": OWNER});
    let metadata = json!({"RequestId": id});
    let wanted = json!({"GetCallerIdentityResponse": {"GetCallerIdentityResult": result, "ResponseMetadata": metadata}});
    assert_eq!(answer.body, wanted);

    plain.put("x-k8s-aws-id", "another-cluster");
    let answer = refused(&world, &plain, "SignatureDoesNotMatch").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let error = &answer.body["Error"];
    assert_eq!((&error["Code"], &error["Type"]), (&json!("SignatureDoesNotMatch"), &json!("Sender")));
    assert_eq!(answer.body["RequestId"], answer.headers["x-amzn-requestid"].to_str().unwrap());
}

#[tokio::test]
async fn a_url_that_was_signed_for_a_post_is_taken_from_a_post() {
    // What `generate_presigned_url` of boto3 makes unless it is told otherwise.
    let world = world().await;
    let mut plain = Plain { method: "POST", ..get(IDENTITY) };
    plain.presign(&world.root(OWNER, "sts"), 3_600);
    assert_eq!(call(&world, &plain).await.status, StatusCode::OK);
    refused(&world, &Plain { method: "GET", ..plain }, "SignatureDoesNotMatch").await;
}

#[tokio::test]
async fn a_presigned_identity_holds_for_a_quarter_of_an_hour_whatever_it_says() {
    let world = world().await;
    assert_eq!(call(&world, &presigned(&world, -900)).await.status, StatusCode::OK);
    let answer = refused(&world, &presigned(&world, -901), "SignatureDoesNotMatch").await;
    assert!(answer.text.contains("Signature expired: 20261124T074459Z is now earlier than 20261124T074500Z (20261124T080000Z - 15 min.)"), "{}", answer.text);
    refused(&world, &presigned(&world, 901), "SignatureDoesNotMatch").await;
    // A longer life is no longer life.
    let mut plain = get(IDENTITY);
    plain.presign(&Signing { date: world.date(-901), ..world.root(OWNER, "sts") }, 604_800);
    refused(&world, &plain, "SignatureDoesNotMatch").await;
}

#[tokio::test]
async fn nothing_of_a_presigned_url_may_be_altered() {
    let world = world().await;
    let whole = presigned(&world, 0);
    for (from, to, code) in [
        ("GetCallerIdentity", "AssumeRole", "SignatureDoesNotMatch"),
        ("X-Amz-Expires=60", "X-Amz-Expires=600", "SignatureDoesNotMatch"),
        ("X-Amz-Expires=60", "X-Amz-Expires=60&X-Amz-Expires=600", "MalformedQueryString"),
        ("Action=", "Action=GetCallerIdentity&Action=", "MalformedQueryString"),
        ("&Version=", "&Marker=x&Version=", "SignatureDoesNotMatch"),
        ("x-k8s-aws-id", "x-k8s-aws-ie", "SignatureDoesNotMatch"),
        ("X-Amz-Signature=", "x-amz-signature=", "IncompleteSignature"),
        ("&X-Amz-Algorithm=AWS4-HMAC-SHA256", "", "MissingAuthenticationToken"),
    ] {
        let altered = Plain { query: whole.query.replacen(from, to, 1), ..whole.clone() };
        assert_ne!(altered.query, whole.query, "{from}");
        refused(&world, &altered, code).await;
    }
    // A plus is a space, where the signature is made and where parameters are read: it takes the place of `%20` and of nothing else.
    let mut plain = get("Action=GetRole&RoleName=a%2Bb&Version=2010-05-08");
    plain.presign(&world.root(OWNER, "iam"), 60);
    assert!(call(&world, &plain).await.text.contains("a+b"));
    let plus = Plain { query: plain.query.replace("a%2Bb", "a+b"), ..plain.clone() };
    refused(&world, &plus, "SignatureDoesNotMatch").await;
    let mut spaced = get("Action=ListRoles&PathPrefix=%2Fa%20b%2F&Version=2010-05-08");
    spaced.presign(&world.root(OWNER, "iam"), 60);
    let plus = Plain { query: spaced.query.replace("%20", "+"), ..spaced.clone() };
    let (one, other) = (call(&world, &spaced).await, call(&world, &plus).await);
    assert_eq!(one.status, other.status, "{} {}", one.text, other.text);
    assert!(!other.text.contains("SignatureDoesNotMatch"), "{}", other.text);
}

#[tokio::test]
async fn a_signed_request_never_gets_a_page() {
    let world = world().await;
    let whole = presigned(&world, 0);
    for path in ["/", "/start", "/signin", "/healthz", "/metrics", "/assets/a/b", "/nowhere"] {
        let plain = Plain {
            path,
            query: whole.query.replace("GetCallerIdentity", "GetCallerIdentities"),
            ..whole.clone()
        };
        assert_ne!(call(&world, &plain).await.text, PAGE, "{path}");
        for method in [Method::GET, Method::POST, Method::HEAD, Method::OPTIONS, Method::PUT] {
            let mut header = get("").request();
            *header.method_mut() = method.clone();
            *header.uri_mut() = path.parse().unwrap();
            header.headers_mut().insert("authorization", "AWS4-HMAC-SHA256 Credential=x".parse().unwrap());
            let answer = world.served.call(header).await;
            assert!(answer.status.is_client_error() && answer.text != PAGE, "{method} {path}: {answer:?}");
        }
    }
    // Unsigned it is no less meant for the API; without either it is a person's.
    refused(&world, &get(IDENTITY), "MissingAuthenticationToken").await;
    refused(&world, &get("Action=GetFederationToken&Version=2011-06-15"), "InvalidAction").await;
    for query in ["", "q=Action", "Actions=1"] {
        assert_eq!(call(&world, &get(query)).await.text, PAGE, "{query}");
    }
}

#[tokio::test]
async fn what_proves_an_unsigned_caller_does_not_stand_in_a_url() {
    let world = world().await;
    let mut plain = get("Action=AssumeRoleWithSAML&Version=2011-06-15&SAMLAssertion=YWJjZA==");
    refused(&world, &plain, "InvalidAction").await;
    plain.presign(&world.root(OWNER, "sts"), 60);
    refused(&world, &plain, "InvalidAction").await;
}

#[tokio::test]
async fn sts_takes_clocks_a_quarter_of_an_hour_off_and_nobody_else_does() {
    let world = world().await;
    for (service, name, input, minutes) in [
        ("sts", "GetCallerIdentity", json!({}), 15),
        ("iam", "ListRoles", json!({}), 5),
        ("organizations", "ListAccounts", json!({}), 5),
    ] {
        let meta = operation(service, name);
        for (seconds, holds) in [
            (-minutes * 60 - 1, false),
            (-minutes * 60, true),
            (minutes * 60, true),
            (minutes * 60 + 1, false),
        ] {
            let mut plain = Plain::new(meta, &input);
            plain.sign(&Signing { date: world.date(seconds), ..world.root(OWNER, meta.signing_name) });
            let answer = call(&world, &plain).await;
            assert_eq!(answer.status.is_success(), holds, "{name} {seconds}: {answer:?}");
            let sign = if seconds < 0 { '-' } else { '+' };
            assert_eq!(answer.text.contains(&format!("(20261124T080000Z {sign} {minutes} min.)")), !holds);
        }
    }
}

#[tokio::test]
async fn services_without_a_region_take_signatures_of_us_east_1_and_of_ours() {
    let mut fixture = Fixture::sqlite().await;
    fixture.surroundings.region = "eu-central-1".into();
    let world = World::empty(Served::over(fixture)).await;
    for (service, name, input) in [
        ("iam", "ListRoles", json!({})),
        ("organizations", "ListAccounts", json!({})),
        ("sts", "GetCallerIdentity", json!({})),
        ("sso-admin", "ListInstances", json!({})),
        ("identitystore", "ListUsers", json!({"IdentityStoreId": "d-1234567890"})),
    ] {
        let meta = operation(service, name);
        let global = matches!(service, "iam" | "organizations" | "sts");
        for (region, holds) in
            [("eu-central-1", true), ("us-east-1", global), ("us-west-2", false), ("aws-global", false)]
        {
            let mut plain = Plain::new(meta, &input);
            plain.sign(&Signing { region: region.to_owned(), ..world.root(OWNER, meta.signing_name) });
            let answer = call(&world, &plain).await;
            assert_eq!(answer.status.is_success(), holds, "{service} {region}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn a_member_that_the_model_does_not_have_is_refused_and_nothing_is_done() {
    let world = world().await;
    let meta = operation("sts", "AssumeRole");
    let role = format!("arn:aws:iam::{OWNER}:role/team/visible");
    for (name, shown) in [
        ("PolicyArns.member.1.Arn", "policyArns.1.member.Arn"),
        ("policyArns.member.1.arn", "policyArns"),
        ("policy", "policy"),
        ("durationSeconds", "durationSeconds"),
    ] {
        let mut plain = Plain::new(
            meta,
            &json!({"RoleArn": role, "RoleSessionName": "jane", name: "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
        );
        plain.sign(&world.root(OWNER, "sts"));
        let answer = refused_with(&world, &plain).await;
        assert!(
            answer.contains(&format!("Value at &apos;{shown}&apos;"))
                || answer.contains(&format!("Value at '{shown}'")),
            "{name}: {answer}"
        );
    }
    let meta = operation("identitystore", "ListUsers");
    let mut plain = Plain::new(
        meta,
        &json!({"IdentityStoreId": "d-1234567890", "filters": [{"AttributePath": "UserName", "AttributeValue": "jane"}]}),
    );
    plain.sign(&world.root(OWNER, meta.signing_name));
    let answer = refused_with(&world, &plain).await;
    assert!(
        answer.contains("Value at 'filters' failed to satisfy constraint: Member must be one of ["),
        "{answer}"
    );
}

async fn refused_with(world: &World, plain: &Plain) -> String {
    let answer = call(world, plain).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{answer:?}");
    let code = answer.error_type();
    assert!(["ValidationError", "ValidationException"].contains(&code), "{answer:?}");
    match &answer.body {
        Value::Null => answer.text,
        body => body["message"].as_str().unwrap().to_owned(),
    }
}
