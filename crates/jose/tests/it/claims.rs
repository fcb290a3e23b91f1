//! Claims as the type that is wanted, by their name or by a pointer.

use jose::openid::claims::{ClaimError, ClaimName, Claims};
use jose::openid::userinfo::{self, UserinfoError};
use serde_json::{Value, json};

fn name(text: &str) -> ClaimName {
    ClaimName::read(text).unwrap()
}

fn claims(mut members: Value) -> Claims {
    members["sub"] = json!("alice");
    userinfo::read(200, members.to_string().as_bytes(), "alice").unwrap()
}

#[test]
fn a_name_is_literal_and_a_pointer_goes_within() {
    let claims = claims(json!({
        "https://id.example/team": "a", "custom.team": "b", "custom": {"team": "c"}, "a/b": {"m~n": {"": "d"}},
        "realm_access": {"roles": ["x", "y"]}, "list": [{"n": "e"}, "f"], "10": "g", "x~1y": "h",
    }));
    for (text, value) in [
        ("https://id.example/team", Some("a")),
        ("custom.team", Some("b")),
        ("/custom/team", Some("c")),
        ("/custom.team", Some("b")),
        ("/a~1b/m~0n/", Some("d")),
        ("/list/0/n", Some("e")),
        ("/list/1", Some("f")),
        ("/10", Some("g")),
        ("/x~01y", Some("h")),
        ("/list/2", None),
        ("/list/01", None),
        ("/list/+1", None),
        ("/list/-", None),
        ("/custom/team/more", None),
        ("/nothing/here", None),
        ("/", None),
        ("nothing", None),
    ] {
        assert_eq!(claims.text(&name(text)).unwrap(), value, "{text}");
    }
    assert_eq!(claims.texts(&name("/realm_access/roles")).unwrap().unwrap(), ["x", "y"]);
    assert_eq!(name("/a~1b").as_str(), "/a~1b");
}

#[test]
fn what_is_no_name_is_refused() {
    assert_eq!(ClaimName::read(""), Err(ClaimError::NameLength(0)));
    assert_eq!(ClaimName::read(&"x".repeat(257)), Err(ClaimError::NameLength(257)));
    assert!(ClaimName::read(&"ü".repeat(256)).is_ok());
    for text in ["/~", "/a~2", "/a/b~", "/~~0", "/1/2/3/4/5/6/7/8/9"] {
        assert!(matches!(ClaimName::read(text), Err(ClaimError::Pointer(_))), "{text}");
    }
    assert!(ClaimName::read("/1/2/3/4/5/6/7/8").is_ok());
}

#[test]
fn a_claim_of_another_type_is_refused_by_name_and_null_is_none() {
    let claims = claims(json!({"n": 7, "t": "x", "a": ["x", 1], "o": {}, "null": null, "b": true, "e": []}));
    assert_eq!(
        claims.text(&name("n")).unwrap_err().to_string(),
        "the claim \"n\" is a number, not a string: change what the provider puts into it, or map another claim"
    );
    for text in ["o", "b", "a", "e"] {
        assert!(matches!(claims.text(&name(text)), Err(ClaimError::Kind { .. })), "{text}");
    }
    for text in ["n", "o", "b", "a"] {
        assert!(matches!(claims.texts(&name(text)), Err(ClaimError::Kind { .. })), "{text}");
    }
    for text in ["n", "o", "t", "a"] {
        assert!(matches!(claims.truth(&name(text)), Err(ClaimError::Kind { .. })), "{text}");
    }
    assert_eq!(claims.text(&name("null")), Ok(None));
    assert_eq!(claims.texts(&name("null")), Ok(None));
    assert_eq!(claims.truth(&name("null")), Ok(None));
    assert_eq!(claims.texts(&name("t")).unwrap().unwrap(), ["x"]);
    assert_eq!(claims.texts(&name("e")).unwrap().unwrap().len(), 0);
}

#[test]
fn a_truth_may_be_written_as_a_text() {
    let claims = claims(json!({"a": true, "b": false, "c": "true", "d": "false"}));
    let read: Vec<_> =
        ["a", "b", "c", "d", "e"].iter().map(|text| claims.truth(&name(text)).unwrap()).collect();
    assert_eq!(read, [Some(true), Some(false), Some(true), Some(false), None]);
}

/// Entra ID leaves the groups of a person out who has more than 200, and says where they are: that is not "no groups".
#[test]
fn claims_that_are_kept_elsewhere_are_not_taken_for_none() {
    let claims = claims(json!({
        "_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "https://graph.example/x"}}, "roles": ["a"],
    }));
    let refused = claims.texts(&name("groups")).unwrap_err();
    assert_eq!(refused, ClaimError::Elsewhere("\"groups\"".to_owned()));
    assert!(refused.to_string().contains("have it send fewer"));
    assert!(matches!(claims.texts(&name("/groups/0")), Err(ClaimError::Elsewhere(_))));
    assert_eq!(claims.texts(&name("roles")).unwrap().unwrap(), ["a"]);
    assert_eq!(claims.texts(&name("others")), Ok(None));
}

#[test]
fn userinfo_tells_of_whoever_signed_in_or_is_refused() {
    let read = |status: u16, body: &str| userinfo::read(status, body.as_bytes(), "alice");
    assert!(read(200, r#"{"sub":"alice"}"#).is_ok());
    for body in
        [r#"{"sub":"mallory"}"#, "{}", r#"{"sub":null}"#, r#"{"sub":["alice"]}"#, r#"{"sub":"Alice"}"#]
    {
        assert!(matches!(read(200, body), Err(UserinfoError::Subject { .. })), "{body}");
    }
    for body in ["", "eyJhbGciOiJSUzI1NiJ9.e30.AA", r#"{"sub":"mallory","sub":"alice"}"#, "[]"] {
        assert!(matches!(read(200, body), Err(UserinfoError::Json(_))), "{body}");
    }
    assert_eq!(read(401, r#"{"sub":"alice"}"#), Err(UserinfoError::Status(401)));
}
