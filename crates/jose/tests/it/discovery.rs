//! What providers say of themselves, right and wrong in one place.

use jose::algorithm::Algorithm;
use jose::openid::discovery::{DiscoveryError, Logout, Provider, address};
use jose::openid::method::Method;
use serde_json::{Value, json};

use crate::tokens::{ISSUER, with, without};

pub(crate) fn metadata() -> Value {
    json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://id.example/auth",
        "token_endpoint": "https://tokens.example/token",
        "jwks_uri": "https://keys.example/jwks",
        "response_types_supported": ["code", "code id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    })
}

pub(crate) fn read(metadata: &Value) -> Result<Provider, DiscoveryError> {
    Provider::read(ISSUER, metadata.to_string().as_bytes())
}

#[test]
fn a_provider_that_says_only_what_it_must_is_taken_at_the_standards_word() {
    let read = read(&metadata()).unwrap();
    assert_eq!(read.issuer, ISSUER);
    assert_eq!(read.methods, [Method::Basic]);
    assert_eq!((read.method(true), read.method(false)), (Ok(Method::Basic), Ok(Method::Nothing)));
    assert_eq!(read.algorithms, [Algorithm::Rs256]);
    assert!(!read.announces_pkce && !read.answers_with_issuer);
    assert_eq!(read.logout, Logout::Untold);
    assert_eq!((read.userinfo_endpoint, read.end_session_endpoint), (None, None));
}

#[test]
fn what_a_provider_offers_more_is_read() {
    let mut more = metadata();
    for (name, value) in [
        ("code_challenge_methods_supported", json!(["plain", "S256"])),
        ("authorization_response_iss_parameter_supported", json!(true)),
        ("backchannel_logout_supported", json!(true)),
        ("token_endpoint_auth_methods_supported", json!(["private_key_jwt", "client_secret_post"])),
        ("id_token_signing_alg_values_supported", json!(["none", "HS256", "EdDSA", "Ed25519", "PS256", "x"])),
        ("userinfo_endpoint", json!("https://id.example/userinfo")),
        ("end_session_endpoint", json!("https://id.example/logout?a=b")),
    ] {
        more = with(more, name, value);
    }
    let provider = read(&more).unwrap();
    assert!(provider.announces_pkce && provider.answers_with_issuer);
    assert_eq!(provider.logout, Logout::Told);
    assert_eq!((provider.methods.as_slice(), provider.method(true)), (&[Method::Post][..], Ok(Method::Post)));
    assert_eq!(provider.algorithms, [Algorithm::EdDsa, Algorithm::Ps256]);
    let sessions = with(more, "backchannel_logout_session_supported", json!(true));
    assert_eq!(read(&sessions).unwrap().logout, Logout::ToldWithSession);
}

#[test]
fn the_metadata_is_where_the_standard_says() {
    for (issuer, wanted) in [
        ("https://id.example", "https://id.example/.well-known/openid-configuration"),
        ("https://id.example/", "https://id.example/.well-known/openid-configuration"),
        ("https://id.example/a/b/", "https://id.example/a/b/.well-known/openid-configuration"),
        ("http://localhost:9000/a", "http://localhost:9000/a/.well-known/openid-configuration"),
        ("http://[::1]:9000", "http://[::1]:9000/.well-known/openid-configuration"),
    ] {
        assert_eq!(address(issuer).unwrap(), wanted);
    }
    for issuer in [
        "",
        "id.example",
        "http://id.example",
        "http://10.0.0.1",
        "https://id.example?x",
        "https://id.example/#x",
        "https://user@id.example",
        "file:///etc/passwd",
        "https://id.example\\@evil.example",
    ] {
        assert!(matches!(address(issuer), Err(DiscoveryError::Issuer { .. })), "{issuer}");
        assert!(Provider::read(issuer, metadata().to_string().as_bytes()).is_err(), "{issuer}");
    }
}

/// One provider that speaks for another (mix-up by metadata).
#[test]
fn a_provider_that_calls_itself_otherwise_is_refused() {
    for issuer in [
        "https://id.example/realms/globex/",
        "https://id.example/realms/Globex",
        "https://ID.example/realms/globex",
        "https://id.example:443/realms/globex",
        "",
    ] {
        let refused = read(&with(metadata(), "issuer", json!(issuer))).unwrap_err();
        assert!(matches!(refused, DiscoveryError::OtherIssuer { .. }), "{issuer}");
        assert!(refused.to_string().contains("to the letter"));
    }
    // Entra ID for everybody.
    let tenants = with(metadata(), "issuer", json!("https://login.example/{tenantid}/v2.0"));
    assert!(matches!(read(&tenants), Err(DiscoveryError::OtherIssuer { .. })));
}

#[test]
fn what_a_sign_in_needs_is_there() {
    for name in [
        "issuer",
        "authorization_endpoint",
        "token_endpoint",
        "jwks_uri",
        "response_types_supported",
        "id_token_signing_alg_values_supported",
    ] {
        for metadata in [without(metadata(), name), with(metadata(), name, Value::Null)] {
            let refused = read(&metadata).unwrap_err();
            assert_eq!(refused, DiscoveryError::Missing(name), "{name}");
        }
        for wrong in [json!(7), json!({}), json!([7])] {
            let refused = read(&with(metadata(), name, wrong)).unwrap_err();
            assert!(
                matches!(refused, DiscoveryError::Kind { member, .. } if member == name),
                "{name}: {refused}"
            );
        }
    }
    for (name, value, words) in [
        ("response_types_supported", json!(["id_token", "code id_token"]), "without code: let it offer"),
        ("response_modes_supported", json!(["form_post", "fragment"]), "without query: "),
        ("grant_types_supported", json!(["implicit"]), "without authorization_code: "),
        ("code_challenge_methods_supported", json!(["plain"]), "\"plain\", without S256: let it take PKCE"),
        ("code_challenge_methods_supported", json!([]), "\"\", without S256"),
        (
            "id_token_signing_alg_values_supported",
            json!(["none", "HS256"]),
            "\"none, HS256\", without any of RS256",
        ),
        ("require_pushed_authorization_requests", json!(true), "demands pushed authorization requests"),
        ("require_signed_request_object", json!(true), "demands signed requests"),
        ("authorization_response_iss_parameter_supported", json!("true"), "is a string, not a boolean"),
        ("backchannel_logout_supported", json!(1), "is a number, not a boolean"),
        ("token_endpoint_auth_methods_supported", json!("none"), "is a string, not an array of strings"),
    ] {
        let refused = read(&with(metadata(), name, value)).unwrap_err().to_string();
        assert!(refused.contains(words), "{words}: {refused}");
    }
    let others = with(metadata(), "token_endpoint_auth_methods_supported", json!(["private_key_jwt"]));
    let provider = read(&others).unwrap();
    assert!(provider.method(true).unwrap_err().to_string().contains("have it take one of these"));
    assert_eq!(provider.method(false), Ok(Method::Nothing));
}

#[test]
fn an_endpoint_is_https_unless_all_of_it_is_on_this_machine() {
    for name in
        ["authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint", "end_session_endpoint"]
    {
        for url in [
            "http://id.example/x",
            "http://127.0.0.1/x",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "//id.example/x",
            "/x",
            "",
            "https://id.example/x#y",
            "https://user:secret@id.example/x",
            "https://id.example/a b",
            "https://id.example/\r\nHost: x",
        ] {
            let refused = read(&with(metadata(), name, json!(url))).unwrap_err();
            assert!(
                matches!(refused, DiscoveryError::Address { member, .. } if member == name),
                "{name} {url}"
            );
        }
    }
    let here = "http://127.0.0.1:9000";
    let mut local = with(metadata(), "issuer", json!(here));
    for name in ["authorization_endpoint", "token_endpoint"] {
        local = with(local, name, json!("http://localhost:9000/x"));
    }
    let read = |metadata: &Value| Provider::read(here, metadata.to_string().as_bytes());
    assert!(read(&local).is_ok());
    let away = with(local, "token_endpoint", json!("http://10.0.0.1/x"));
    assert!(matches!(read(&away), Err(DiscoveryError::Address { .. })));
}

#[test]
fn documents_that_are_none_or_too_much_are_refused() {
    let doubled = metadata().to_string().replacen('{', r#"{"jwks_uri":"https://evil.example/","#, 1);
    let long = with(metadata(), "x", json!("x".repeat(65_536))).to_string();
    let deep =
        metadata().to_string().replacen('{', &format!(r#"{{"x":{}{},"#, "[".repeat(17), "]".repeat(17)), 1);
    for (text, why) in [
        ("", "EOF"),
        ("<html>", "expected value"),
        ("[]", "no object"),
        (doubled.as_str(), "given twice"),
        (long.as_str(), "65536 at most"),
        (deep.as_str(), "nested deeper"),
    ] {
        let refused = Provider::read(ISSUER, text.as_bytes()).unwrap_err();
        assert!(matches!(&refused, DiscoveryError::Json(said) if said.contains(why)), "{why}: {refused}");
    }
}
