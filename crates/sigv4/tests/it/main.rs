//! The verifier against botocore's signatures, and against everything that a signature must not let through.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up must stop")]

mod s3;

use serde_json::Value;
use sigv4::error::Error;
use sigv4::keys::SigningKeys;
use sigv4::presented::{Expected, Presented};
use sigv4::request::Request;

/// A request that a test may alter before it is verified.
#[derive(Clone)]
struct Case {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
    secret: String,
    now: i64,
    skew: i64,
    presigned: Option<i64>,
    regions: &'static [&'static str],
    service: &'static str,
}

impl Case {
    /// The access key id and the session token of a claim that holds.
    fn verify(&self) -> Result<(String, Option<String>), Error> {
        let headers: Vec<(&str, &[u8])> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
        let request =
            Request { method: &self.method, path: &self.path, query: &self.query, headers: &headers };
        let expected = Expected {
            now: self.now,
            skew: self.skew,
            presigned: self.presigned,
            regions: self.regions,
            service: self.service,
        };
        let presented = Presented::parse(request, expected)?;
        presented.verify(&self.body, &self.secret, &SigningKeys::default())?;
        Ok((presented.access_key_id().to_owned(), presented.session_token().map(str::to_owned)))
    }

    fn header(&mut self, name: &str) -> &mut Vec<u8> {
        &mut self.headers.iter_mut().find(|(key, _)| key == name).unwrap().1
    }
}

fn cases(form: &str) -> Vec<Case> {
    let vectors: Value = serde_json::from_str(include_str!("../vectors/botocore.json")).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let read = |case: &Value| Case {
        method: text(&case["method"]),
        path: text(&case["path"]),
        query: text(&case["query"]),
        headers: case["headers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|pair| (text(&pair[0]), text(&pair[1]).into_bytes()))
            .collect(),
        body: text(&case["body"]).into_bytes(),
        secret: text(&vectors["secret"]),
        now: vectors["now"].as_i64().unwrap(),
        skew: 300,
        presigned: None,
        regions: &["us-east-1"],
        service: "sso",
    };
    vectors[form].as_array().unwrap().iter().map(read).collect()
}

fn json_case() -> Case {
    cases("header").remove(0)
}

fn refusal(case: &Case) -> Error {
    case.verify().expect_err("must be refused")
}

#[test]
fn botocores_signatures_are_accepted() {
    for case in cases("header").into_iter().chain(cases("presigned")) {
        let (access_key_id, _) =
            case.verify().unwrap_or_else(|error| panic!("{} {}: {error}", case.method, case.path));
        assert_eq!(access_key_id, "AKIDEXAMPLE");
    }
    assert_eq!(cases("header")[1].verify().unwrap().1.as_deref(), Some("TOKEN/with+signs=="));
    assert_eq!(cases("presigned")[1].verify().unwrap().1.as_deref(), Some("TOKEN/with+signs=="));
}

#[test]
fn nothing_signed_may_be_altered() {
    for case in cases("header").into_iter().chain(cases("presigned")) {
        let alterations: [fn(&mut Case); 5] = [
            |case| case.method = "PUT".to_owned(),
            |case| case.path.push('x'),
            |case| case.query.push_str("&x=1"),
            |case| case.body.push(b' '),
            |case| case.header("host").push(b'x'),
        ];
        for (at, alter) in alterations.iter().enumerate() {
            let mut altered = case.clone();
            alter(&mut altered);
            assert_eq!(
                refusal(&altered).code(),
                "InvalidSignatureException",
                "alteration {at} of {}",
                case.path
            );
        }
        let wrong = Case { secret: "another".to_owned(), ..case.clone() };
        assert_eq!(refusal(&wrong).code(), "InvalidSignatureException");
    }
}

#[test]
fn header_smuggling_an_unsigned_amz_header_is_refused() {
    let mut case = json_case();
    case.headers.push(("x-amz-security-token".to_owned(), b"smuggled".to_vec()));
    assert!(refusal(&case).message().contains("'x-amz-security-token' must be a 'SignedHeader'"));
}

#[test]
fn duplicate_headers_are_refused() {
    for name in ["authorization", "x-amz-date"] {
        let mut case = json_case();
        let value = case.header(name).clone();
        case.headers.push((name.to_owned(), value));
        assert_eq!(refusal(&case).code(), "IncompleteSignatureException", "{name}");
    }
    let mut case = json_case();
    case.headers.push(("x-amz-target".to_owned(), b"SWBExternalService.DeleteInstance".to_vec()));
    assert_eq!(refusal(&case).code(), "IncompleteSignatureException");
    let mut case = json_case();
    case.headers.push(("host".to_owned(), b"evil.example".to_vec()));
    assert!(refusal(&case).message().contains("'host' is given more than once"));
}

#[test]
fn both_forms_at_once_are_refused() {
    let mut case = json_case();
    case.query = cases("presigned")[0].query.clone();
    assert!(refusal(&case).message().contains("both"));
}

#[test]
fn stale_and_future_signatures_are_refused_with_the_times() {
    let mut stale = json_case();
    stale.now += 301;
    assert!(
        refusal(&stale)
            .message()
            .starts_with("Signature expired: 20261124T084100Z is now earlier than 20261124T084101Z")
    );
    let mut future = json_case();
    future.now -= 301;
    assert!(refusal(&future).message().starts_with("Signature not yet current"));
    for edge in [-300, 300] {
        let mut case = json_case();
        case.now += edge;
        assert!(case.verify().is_ok(), "{edge}");
    }
}

#[test]
fn a_presigned_request_ends_when_it_says() {
    let mut case = cases("presigned").remove(0);
    case.now += 3_600;
    assert!(case.verify().is_ok());
    case.now += 1;
    assert!(refusal(&case).message().starts_with("Signature expired"));
    let mut longer = cases("presigned").remove(0);
    longer.query = longer.query.replace("X-Amz-Expires=3600", "X-Amz-Expires=604801");
    assert_eq!(refusal(&longer).code(), "IncompleteSignatureException");
}

#[test]
fn a_presigned_request_ends_when_the_service_says_whatever_it_says_itself() {
    let sts = Case { skew: 900, presigned: Some(900), ..cases("presigned").remove(0) };
    for (seconds, holds) in [(-901, false), (-900, true), (900, true), (901, false)] {
        let case = Case { now: sts.now + seconds, ..sts.clone() };
        assert_eq!(case.verify().is_ok(), holds, "{seconds}");
    }
    let late = Case { now: sts.now + 901, ..sts };
    assert_eq!(
        refusal(&late).message(),
        "Signature expired: 20261124T084100Z is now earlier than 20261124T084101Z (20261124T085601Z - 15 min.)"
    );
}

#[test]
fn a_scope_may_be_of_any_region_that_is_expected_and_is_signed_for_itself() {
    let either = Case { regions: &["eu-central-1", "us-east-1"], ..json_case() };
    assert!(either.verify().is_ok());
    let mut moved = either;
    let claim = String::from_utf8(moved.header("authorization").clone()).unwrap();
    *moved.header("authorization") = claim.replace("us-east-1", "eu-central-1").into_bytes();
    assert!(refusal(&moved).message().starts_with("The request signature we calculated does not match"));
}

#[test]
fn the_scope_must_be_ours() {
    let region = Case { regions: &["eu-west-1"], ..json_case() };
    assert!(refusal(&region).message().contains("valid region"));
    let service = Case { service: "identitystore", ..json_case() };
    assert!(refusal(&service).message().contains("correct service: 'identitystore'"));
}

#[test]
fn a_signed_header_that_is_not_utf8_is_refused() {
    let mut case = json_case();
    case.header("x-amz-target").push(0xFF);
    assert_eq!(refusal(&case).code(), "IncompleteSignatureException");
}

#[test]
fn unsigned_payloads_are_refused() {
    let mut case = json_case();
    case.headers.push(("x-amz-content-sha256".to_owned(), b"UNSIGNED-PAYLOAD".to_vec()));
    assert_eq!(refusal(&case).code(), "InvalidSignatureException");
}

#[test]
fn malformed_claims_are_refused_by_name() {
    let whole = String::from_utf8(json_case().header("authorization").clone()).unwrap();
    let altered = [
        whole.replace("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA512"),
        whole.replace("/aws4_request", ""),
        whole.replace("SignedHeaders=content-type;host", "SignedHeaders=host;content-type"),
        whole.replace("SignedHeaders=content-type;host", "SignedHeaders=Content-Type;host"),
        whole.replace("Signature=", "Signatur="),
        format!("{whole}, Signature=00"),
        String::new(),
        "x".repeat(10_000),
    ];
    for text in altered {
        let mut case = json_case();
        *case.header("authorization") = text.clone().into_bytes();
        assert_eq!(refusal(&case).code(), "IncompleteSignatureException", "{text}");
    }
    let mut case = json_case();
    *case.header("authorization") = vec![0xFF, 0xFE];
    assert_eq!(refusal(&case).code(), "IncompleteSignatureException");
    let mut none = json_case();
    none.headers.retain(|(name, _)| name != "authorization");
    assert_eq!(refusal(&none), Error::Missing);
}

#[test]
fn the_date_must_be_of_the_scopes_day() {
    let mut case = json_case();
    *case.header("x-amz-date") = b"20261125T084100Z".to_vec();
    assert!(refusal(&case).message().contains("Credential scope"));
}
