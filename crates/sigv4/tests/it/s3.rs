//! Requests to S3, whose path and body are signed in ways of their own: the examples of the API reference, "Signature calculations for the Authorization
//! header" and "Authenticating requests: using query parameters".

use sigv4::error::Error;
use sigv4::keys::SigningKeys;
use sigv4::presented::{Expected, Presented};
use sigv4::request::{Request, sha256_hex};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const CREDENTIAL: &str = "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request";
const HOST: (&str, &[u8]) = ("host", b"examplebucket.s3.amazonaws.com");
/// 2013-05-24T00:00:00Z
const AT: i64 = 1_369_353_600;

fn expected() -> Expected<'static> {
    Expected { now: AT, skew: 900, presigned: None, regions: &["us-east-1"], service: "s3" }
}

fn judge((method, path, query): (&str, &str, &str), headers: &[(&str, &[u8])]) -> Result<String, Error> {
    let request = Request { method, path, query, headers };
    let presented = Presented::parse(request, expected())?;
    presented.verify_s3(SECRET, &SigningKeys::default()).map(str::to_owned)
}

fn signed(names: &str, signature: &str) -> String {
    format!("AWS4-HMAC-SHA256 Credential={CREDENTIAL},SignedHeaders={names},Signature={signature}")
}

fn get(path: &str, digest: &str) -> Result<String, Error> {
    let authorization = signed(
        "host;range;x-amz-content-sha256;x-amz-date",
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    );
    let headers: &[(&str, &[u8])] = &[
        HOST,
        ("authorization", authorization.as_bytes()),
        ("range", b"bytes=0-9"),
        ("x-amz-content-sha256", digest.as_bytes()),
        ("x-amz-date", b"20130524T000000Z"),
    ];
    judge(("GET", path, ""), headers)
}

#[test]
fn an_object_is_read_and_what_stands_for_the_body_is_told() {
    let empty = sha256_hex(b"");
    assert_eq!(get("/test.txt", &empty).unwrap(), empty);
    for path in ["/test.tx", "/./test.txt", "//test.txt", "/test.txt/"] {
        assert!(get(path, &empty).is_err(), "{path}");
    }
    assert!(get("/test.txt", &sha256_hex(b"x")).is_err());
    let chunks = get("/test.txt", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD").unwrap_err();
    assert!(chunks.message().contains("STREAMING-AWS4-HMAC-SHA256-PAYLOAD"), "{chunks}");
}

#[test]
fn a_name_is_encoded_once() {
    let digest = sha256_hex(b"Welcome to Amazon S3.");
    let authorization = signed(
        "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    );
    let headers: &[(&str, &[u8])] = &[
        HOST,
        ("authorization", authorization.as_bytes()),
        ("date", b"Fri, 24 May 2013 00:00:00 GMT"),
        ("x-amz-content-sha256", digest.as_bytes()),
        ("x-amz-date", b"20130524T000000Z"),
        ("x-amz-storage-class", b"REDUCED_REDUNDANCY"),
    ];
    for path in ["/test%24file.text", "/test$file.text"] {
        assert_eq!(judge(("PUT", path, ""), headers).unwrap(), digest, "{path}");
    }
    assert!(judge(("PUT", "/test%2524file.text", ""), headers).is_err());
    let undeclared: Vec<(&str, &[u8])> =
        headers.iter().copied().filter(|(name, _)| *name != "x-amz-content-sha256").collect();
    assert!(judge(("PUT", "/test%24file.text", ""), &undeclared).is_err());
}

#[test]
fn a_presigned_request_says_nothing_of_its_body() {
    let query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
        &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host\
        &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
    assert_eq!(judge(("GET", "/test.txt", query), &[HOST]).unwrap(), "UNSIGNED-PAYLOAD");
    let longer = query.replace("86400", "86401");
    assert!(judge(("GET", "/test.txt", &longer), &[HOST]).is_err());
    assert!(judge(("DELETE", "/test.txt", query), &[HOST]).is_err());
}
